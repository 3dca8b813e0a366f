package onsite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	mssql "github.com/microsoft/go-mssqldb"

	"omt/migration"
)

const (
	// fetchRows and fetchBytes bound how much is fetched at once. The driver reads
	// on a goroutine of its own: row by row the two would wait for each other at
	// every row, which costs more than the rows.
	fetchRows  = 256
	fetchBytes = 1 << 20
	// staleTries is how many connections may turn out to be dead when they are
	// taken: a firewall drops all idle ones at once.
	staleTries = 16
)

// result is the answer to one statement, taken from the driver without the part
// of database/sql that converts each value once more and copies each binary.
type result struct {
	loan  *loan
	stmt  driver.Stmt
	rows  driver.Rows
	width int
	limit int            // rows of a batch
	heavy []int          // columns without a bound, whose values are weighed
	batch []driver.Value // rows one behind the other
	at, n int
	err   error // what stands behind the rows of the batch
}

// query runs a statement on a lent connection, on another one if that turns out
// to have died while nobody used it.
func query(ctx context.Context, from lender, statement string, args []any) (*result, error) {
	for try := 1; ; try++ {
		l, err := from.lend(ctx)
		if err != nil {
			return nil, err
		}
		r := &result{loan: l}
		if err = r.raw(func(c *mssql.Conn) error { return r.open(ctx, c, statement, args) }); err == nil {
			return r, nil
		}
		cerr := l.back()
		if !errors.Is(err, driver.ErrBadConn) || l.once || try == staleTries {
			return nil, errors.Join(err, cerr)
		}
	}
}

// raw uses the driver's connection, which nobody else has meanwhile.
func (r *result) raw(use func(c *mssql.Conn) error) error {
	return r.loan.conn.Raw(func(c any) error {
		conn, ok := c.(*mssql.Conn)
		if !ok {
			return fmt.Errorf("read rows: driver has connections of type %T", c)
		}
		return use(conn)
	})
}

func (r *result) open(ctx context.Context, c *mssql.Conn, statement string, args []any) error {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
		if err := c.CheckNamedValue(&named[i]); err != nil {
			return fmt.Errorf("parameter %d: %w", i+1, err)
		}
	}
	stmt, err := c.PrepareContext(ctx, statement)
	if err != nil {
		return err
	}
	queryer, ok := stmt.(driver.StmtQueryContext)
	if !ok {
		return errors.Join(fmt.Errorf("read rows: driver has statements of type %T", stmt), stmt.Close())
	}
	rows, err := queryer.QueryContext(ctx, named)
	if err != nil {
		return errors.Join(err, stmt.Close())
	}
	r.stmt, r.rows = stmt, rows
	return nil
}

// expect says what the columns are, which are as many as the result has.
func (r *result) expect(columns []migration.Column, more int) {
	size := int64(0)
	for i, c := range columns {
		switch {
		case c.MaxLength == -1 || c.Type == "text" || c.Type == "ntext" || c.Type == "image" || c.Type == "xml":
			r.heavy = append(r.heavy, i)
		default:
			size += int64(c.MaxLength)
		}
	}
	r.width = len(columns) + more
	r.limit = int(min(fetchRows, max(1, fetchBytes/max(size, 1))))
	r.batch = make([]driver.Value, r.limit*r.width)
}

// next copies the next row, or returns io.EOF.
func (r *result) next(to []any) error {
	if r.at == r.n && r.err == nil {
		r.fetch()
	}
	if r.at == r.n {
		return r.err
	}
	for i, v := range r.batch[r.at*r.width : (r.at+1)*r.width] {
		to[i] = v
	}
	r.at++
	return nil
}

// fetch takes the next rows from the driver. An error is kept for when they are
// used up.
func (r *result) fetch() {
	r.at, r.n = 0, 0
	err := r.raw(func(*mssql.Conn) error {
		for size := 0; r.n < r.limit && size < fetchBytes; r.n++ {
			row := r.batch[r.n*r.width : (r.n+1)*r.width]
			if r.err = r.rows.Next(row); r.err != nil {
				break
			}
			for _, i := range r.heavy {
				switch v := row[i].(type) {
				case string:
					size += len(v)
				case []byte:
					size += len(v)
				}
			}
		}
		return nil
	})
	if r.err == nil {
		r.err = err
	}
}

// close ends the statement, which is cancelled if rows are left, and gives the
// connection back. The pool drops one that is broken.
func (r *result) close() error {
	err := r.raw(func(*mssql.Conn) error {
		return errors.Join(r.rows.Close(), r.stmt.Close())
	})
	return errors.Join(err, r.loan.back())
}
