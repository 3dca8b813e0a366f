package onsite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"

	"omt/migration"
)

// Count is COUNT_BIG(*) of the table at the moment of reading.
func (in *Installation) Count(ctx context.Context, t *migration.Table) (int64, error) {
	var n int64
	err := in.lender.row(ctx, "SELECT COUNT_BIG(*) FROM "+quoteTable(t), nil, &n)
	return n, in.sqlError("count rows", t.FullName(), err)
}

// Bounds cuts the table by asking the server for the key that ends each next
// rows rows. The last bound is left out, so that the last range is open and
// takes rows that arrive meanwhile.
func (in *Installation) Bounds(ctx context.Context, t *migration.Table, rows int64) ([]migration.Range, error) {
	columns := keyColumns(t)
	if len(columns) == 0 || rows <= 0 {
		return []migration.Range{{}}, nil
	}
	if !byInteger(columns) {
		return in.cut(ctx, t, columns, rows)
	}
	key := columns[0].Column
	k, name := quote(key.Name), quoteTable(t)
	first := fmt.Sprintf("SELECT MAX(x.%s) FROM (SELECT TOP (@p1) y.%s FROM %s AS y ORDER BY y.%s) AS x", k, k, name, k)
	next := fmt.Sprintf("SELECT MAX(x.%s) FROM (SELECT TOP (@p1) y.%s FROM %s AS y WHERE y.%s > @p2 ORDER BY y.%s) AS x", k, k, name, k, k)
	var bounds []int64
	for {
		var v sql.NullInt64
		var err error
		if len(bounds) == 0 {
			err = in.lender.row(ctx, first, []any{rows}, &v)
		} else {
			err = in.lender.row(ctx, next, []any{rows, keyValue(key, bounds[len(bounds)-1])}, &v)
		}
		if err != nil {
			return nil, in.sqlError("cut table", t.FullName(), err)
		}
		if !v.Valid {
			break
		}
		bounds = append(bounds, v.Int64)
	}
	out := make([]migration.Range, max(1, len(bounds)))
	for i := range len(out) - 1 {
		out[i].Hi, out[i+1].Lo = &bounds[i], &bounds[i]
	}
	return out, nil
}

// Rows streams one range. The connection is busy until the reader is closed.
func (in *Installation) Rows(ctx context.Context, t *migration.Table, r migration.Range) (migration.RowReader, error) {
	columns := t.Data()
	if len(columns) == 0 {
		return nil, migration.Fail("read table", t.FullName(), migration.ErrCatalogChanged, migration.Msg("hint.sql.changed", "Item", t.FullName()))
	}
	large, err := in.largeColumns(ctx, t)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	wide, raw := wideColumns(columns), []int(nil)
	if !findable(t) {
		wide, raw = nil, wide
	}
	b.WriteString("SELECT " + in.selected(columns, large, raw))
	b.WriteString(" FROM " + quoteTable(t))
	var args []any
	key := keyColumns(t)
	if byInteger(key) && (r.From != nil || r.To != nil) || !byInteger(key) && (r.Lo != nil || r.Hi != nil) {
		// Passed over, a bound would make every range the whole table.
		return nil, migration.Fail("read table", t.FullName(), errKey, migration.Msg("hint.sql.changed", "Item", t.FullName()))
	}
	if byInteger(key) {
		where, bounds := rangeOf(key[0].Column, r)
		b.WriteString(where + " ORDER BY " + order(key))
		args = bounds
	} else if len(key) > 0 {
		w := newWhere(key)
		b.WriteString(w.text(r.From, r.To) + " ORDER BY " + order(key))
		if w.err != nil {
			return nil, migration.Fail("read table", t.FullName(), w.err, migration.Msg("hint.sql.changed", "Item", t.FullName()))
		}
		args = w.args
	}
	rows, err := query(ctx, in.lender, b.String(), args)
	if err != nil {
		return nil, in.sqlError("read table", t.FullName(), err)
	}
	rows.expect(columns, len(large))
	return &rowReader{
		in: in, t: t, table: t.FullName(), columns: columns, wide: wide, raw: raw, large: large,
		rows: rows, values: make([]any, len(columns)+len(large)),
	}, nil
}

func rangeOf(key *migration.Column, r migration.Range) (string, []any) {
	k := quote(key.Name)
	switch {
	case r.Lo != nil && r.Hi != nil:
		return fmt.Sprintf(" WHERE %s > @p1 AND %s <= @p2", k, k), []any{keyValue(key, *r.Lo), keyValue(key, *r.Hi)}
	case r.Lo != nil:
		return fmt.Sprintf(" WHERE %s > @p1", k), []any{keyValue(key, *r.Lo)}
	case r.Hi != nil:
		return fmt.Sprintf(" WHERE %s <= @p1", k), []any{keyValue(key, *r.Hi)}
	}
	return "", nil
}

// rowReader streams a result; values is used again for every row.
type rowReader struct {
	in      *Installation
	t       *migration.Table
	table   string
	columns []migration.Column
	wide    []int // places of columns whose text is UTF-16 and is looked at
	raw     []int // places of columns whose text is read as bytes
	large   []int // places of columns whose lengths stand behind all columns
	rows    *result
	values  []any
}

// Next returns the next row. A connection that dies in the middle is an error,
// never an early end.
func (r *rowReader) Next(ctx context.Context) ([]any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := r.rows.next(r.values); errors.Is(err, io.EOF) {
		return nil, io.EOF
	} else if err != nil {
		return nil, r.in.sqlError("read table", r.table, err)
	}
	row := r.values[:len(r.columns)]
	r.texts(row)
	if err := r.halves(ctx, row); err != nil {
		return nil, err
	}
	for i, at := range r.large {
		n, ok := r.values[len(r.columns)+i].(int64)
		if !ok || row[at] != nil {
			continue // NULL, or not large
		}
		cell, err := r.in.cell(ctx, r.t, r.columns[at], r.columns, row, n)
		if err != nil {
			return nil, err
		}
		row[at] = cell
	}
	return row, nil
}

// Close gives the connection back; an unfinished result is cancelled.
func (r *rowReader) Close() error {
	if err := r.rows.close(); err != nil {
		return fmt.Errorf("close result of %s: %w", r.table, err)
	}
	return nil
}
