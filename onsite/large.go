package onsite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"omt/migration"
)

// sliceBytes is how much of a large cell is read at once.
const sliceBytes int64 = 4 << 20

// errCellChanged: a large cell was changed between two slices. The range is
// read again.
var errCellChanged = errors.New("a large value changed while it was read")

// largeColumns are the places in t.Data() of columns that hold a cell above the
// limit, which the driver would keep in memory whole, several times over. They
// are asked for once a table, because the answer costs reading it; none where a
// row cannot be named by a unique key. xml and the old long types are not
// sliced: SUBSTRING does not take the one and gives 8,000 bytes of the others.
func (in *Installation) largeColumns(ctx context.Context, t *migration.Table) ([]int, error) {
	if t.DataBytes > 0 && t.DataBytes < in.largeCell || addressOf(t) == nil {
		return nil, nil
	}
	var candidates []int
	var list []string
	for i, c := range t.Data() {
		if c.MaxLength == -1 && (c.Type == "varchar" || c.Type == "nvarchar" || c.Type == "varbinary") {
			candidates = append(candidates, i)
			list = append(list, "MAX(DATALENGTH("+quote(c.Name)+"))")
		}
	}
	if candidates == nil {
		return nil, nil
	}
	in.mu.Lock()
	known, ok := in.large[t.FullName()]
	in.mu.Unlock()
	if ok {
		return known, nil
	}
	longest, to := make([]sql.NullInt64, len(list)), make([]any, len(list))
	for i := range longest {
		to[i] = &longest[i]
	}
	if err := in.lender.row(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+quoteTable(t), nil, to...); err != nil {
		return nil, in.sqlError("measure cells", t.FullName(), err)
	}
	var out []int
	for i, at := range candidates {
		if longest[i].Int64 > in.largeCell {
			out = append(out, at)
		}
	}
	in.mu.Lock()
	in.large[t.FullName()] = out
	in.mu.Unlock()
	return out, nil
}

// addressOf is a unique key whose values can be sent back; nil if there is none.
func addressOf(t *migration.Table) []keyColumn {
	for _, ix := range t.Indexes {
		if !ix.Unique && ix.Kind == migration.PlainIndex || ix.Filter != "" {
			continue
		}
		var key []keyColumn
		for _, ic := range ix.Columns {
			at := slices.IndexFunc(t.Columns, func(c migration.Column) bool { return c.Name == ic.Name })
			if ic.Included {
				continue
			}
			if at < 0 || t.Columns[at].Computed || t.Columns[at].Nullable || !keyTypes[t.Columns[at].Type] {
				key = nil
				break
			}
			key = append(key, keyColumn{&t.Columns[at], ic.Descending})
		}
		if key != nil {
			return key
		}
	}
	return nil
}

// selected is what is selected of a column: text as bytes of those in raw, and
// of one with large cells these are NULL, and their length stands behind all
// columns.
func (in *Installation) selected(columns []migration.Column, large, raw []int) string {
	var list, lengths []string
	for i, c := range columns {
		name := quote(c.Name)
		value := name
		if slices.Contains(raw, i) {
			value = utf16Bytes(c)
		}
		if slices.Contains(large, i) {
			lengths = append(lengths, "DATALENGTH("+name+")")
			value = fmt.Sprintf("CASE WHEN DATALENGTH(%s) > %d THEN NULL ELSE %s END", name, in.largeCell, value)
		}
		list = append(list, value)
	}
	return strings.Join(append(list, lengths...), ", ")
}

// cell makes the value of a large cell, which reads itself in slices on a
// connection of its own.
func (in *Installation) cell(ctx context.Context, t *migration.Table, c migration.Column, columns []migration.Column, row []any, bytes int64) (*migration.Large, error) {
	key := addressOf(t)
	at, ok := rowKey(t, columns, row)
	if !ok {
		return nil, migration.Fail("read large value", t.FullName()+"."+c.Name, errKey, migration.Msg("hint.sql.changed", "Item", t.FullName()))
	}
	size, step, characters := bytes, min(sliceBytes, in.largeCell), false
	switch c.Type {
	case "varchar":
		w := newWhere(key)
		statement := "SELECT DATALENGTH(CAST(" + quote(c.Name) + " AS nvarchar(max))) FROM " + quoteTable(t) + w.only(at)
		err := in.lender.row(ctx, statement, w.args, &size)
		if err != nil {
			return nil, in.sqlError("measure large value", t.FullName(), err)
		}
		characters = true
	case "nchar", "nvarchar", "sysname":
		characters = true
	}
	if characters {
		step = (step + 1) / 2
	}
	return &migration.Large{Size: size, Read: func(yield func([]byte) error) error {
		read := int64(0)
		for from := int64(1); read < size; from += step {
			w := newWhere(key)
			statement := "SELECT " + sliceOf(c, w.arg(from), w.arg(step)) + " FROM " + quoteTable(t) + w.only(at)
			var piece []byte
			err := in.lender.row(ctx, statement, w.args, &piece)
			n := int64(len(piece))
			switch {
			case errors.Is(err, sql.ErrNoRows) || err == nil && (n == 0 || n > size-read || !characters && n != min(step, size-read)):
				return fmt.Errorf("read large value of %s.%s: %w", t.FullName(), c.Name, errCellChanged)
			case err != nil:
				return in.sqlError("read large value", t.FullName(), err)
			}
			read += n
			if err := yield(piece); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

// sliceOf selects a slice of a value by its first place, counted from 1, and its
// length. Text comes as the bytes of UTF-16, so that half of a pair at the end of
// a slice stays what it is. Both count bytes of binary values and of ntext, else
// what the collation takes for a character: that is a unit of UTF-16, a whole
// pair, or some bytes of a code page, and no slice ends within it. What is taken
// out first and converted then costs as much at the end of a value as at its
// beginning; converted first, each slice would cost the whole value. Of ntext
// SUBSTRING gives 4,000 characters at most, so it goes the other way.
func sliceOf(c migration.Column, from, length string) string {
	of := func(value string) string { return "SUBSTRING(" + value + ", " + from + ", " + length + ")" }
	switch c.Type {
	case "varchar":
		return "CAST(CAST(" + of(quote(c.Name)) + " AS nvarchar(max)) AS varbinary(max))"
	case "nchar", "nvarchar", "sysname":
		return "CAST(" + of(quote(c.Name)) + " AS varbinary(max))"
	case "ntext":
		return of(utf16Bytes(c))
	}
	return of(quote(c.Name))
}

// rowKey is the unique key of a row; false if there is none that can be sent back.
func rowKey(t *migration.Table, columns []migration.Column, row []any) (migration.Key, bool) {
	key := addressOf(t)
	if key == nil {
		return nil, false
	}
	values := make([]any, len(key))
	for i, k := range key {
		values[i] = row[slices.IndexFunc(columns, func(x migration.Column) bool { return x.Name == k.Name })]
	}
	return keyOf(key, values)
}

// only is the condition for the row of a key.
func (w *where) only(k migration.Key) string { return " WHERE " + w.alike(w.marks(k), "") }
