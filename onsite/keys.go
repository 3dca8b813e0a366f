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

// keyColumn is a column of the clustered index by which a table is cut.
type keyColumn struct {
	*migration.Column
	desc bool
}

// keyColumns are the leading columns of the clustered index by which a table
// can be cut; none for a heap, or where already the first has another type.
func keyColumns(t *migration.Table) []keyColumn {
	ix := t.Clustered()
	if ix == nil {
		return nil
	}
	var out []keyColumn
	for _, ic := range ix.Columns {
		at := slices.IndexFunc(t.Columns, func(c migration.Column) bool { return c.Name == ic.Name })
		if ic.Included || at < 0 || t.Columns[at].Computed || !keyTypes[t.Columns[at].Type] {
			break
		}
		out = append(out, keyColumn{&t.Columns[at], ic.Descending})
	}
	return out
}

// byInteger tells whether the bounds are plain numbers: a key of one ascending
// integer column that is never NULL.
func byInteger(key []keyColumn) bool {
	if len(key) != 1 || key[0].desc || key[0].Nullable {
		return false
	}
	return strings.HasSuffix(key[0].Type, "int")
}

// unusable is how many rows are tried for a bound when the value of one cannot
// be sent back as it is.
const unusable = 100

// cut finds the key that ends each next rows rows. Rows behind the last bound
// are in the last range, which is open and takes rows that arrive meanwhile.
func (in *Installation) cut(ctx context.Context, t *migration.Table, key []keyColumn, rows int64) ([]migration.Range, error) {
	out := []migration.Range{{}}
	for {
		last := &out[len(out)-1]
		bound, err := in.place(ctx, t, key, last.From, rows)
		if err != nil {
			return nil, in.sqlError("cut table", t.FullName(), err)
		}
		if bound == nil || sameKey(bound, last.From) {
			return out, nil
		}
		last.To = bound
		out = append(out, migration.Range{From: bound})
	}
}

// place is the key of the row that stands rows rows behind after, or of one of
// the next if its value cannot be sent back. nil if there are fewer rows.
func (in *Installation) place(ctx context.Context, t *migration.Table, key []keyColumn, after migration.Key, rows int64) (migration.Key, error) {
	for try := range int64(unusable) {
		w := newWhere(key)
		statement := "SELECT " + names(key) + " FROM " + quoteTable(t) + w.text(after, nil) + " ORDER BY " + order(key) +
			" OFFSET " + w.arg(rows-1+try) + " ROWS FETCH NEXT 1 ROWS ONLY"
		if w.err != nil {
			return nil, w.err
		}
		values, to := make([]any, len(key)), make([]any, len(key))
		for i := range values {
			to[i] = &values[i]
		}
		err := in.lender.row(ctx, statement, w.args, to...)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if k, ok := keyOf(key, values); ok {
			return k, nil
		}
	}
	return nil, nil
}

func names(key []keyColumn) string {
	list := make([]string, len(key))
	for i, c := range key {
		list[i] = quote(c.Name)
	}
	return strings.Join(list, ", ")
}

func order(key []keyColumn) string {
	list := make([]string, len(key))
	for i, c := range key {
		list[i] = quote(c.Name)
		if c.desc {
			list[i] += " DESC"
		}
	}
	return strings.Join(list, ", ")
}

func sameKey(a, b migration.Key) bool {
	return slices.EqualFunc(a, b, func(x, y *string) bool {
		return x == y || x != nil && y != nil && *x == *y
	})
}

var errKey = fmt.Errorf("bound is not of the table's key: %w", migration.ErrCatalogChanged)
