package mssql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"omt/migration"
)

// batchRows is how many rows one transaction takes: enough that committing
// costs little, few enough that the write-ahead log stays small.
const batchRows = 50_000

// Loader inserts rows into all tables in transactions of bounded size. It is
// used by one goroutine; servers may read meanwhile.
type Loader struct {
	ctx   context.Context
	s     *Store
	conn  *sql.Conn
	tx    *sql.Tx
	rows  int
	table map[*migration.Table]*target
	err   error
}

// target is one table being loaded.
type target struct {
	rel   *relation
	cols  []field
	stmt  *sql.Stmt // prepared in the open transaction, else nil
	query string
	args  []any
	rows  int64 // since the last commit
	bytes int64
}

// Loader starts loading. Close ends it; what was inserted up to an error and
// not committed is lost.
func (s *Store) Loader(ctx context.Context) (*Loader, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("start loader: %w", err)
	}
	return &Loader{ctx: ctx, s: s, conn: conn, table: map[*migration.Table]*target{}}, nil
}

// Insert adds a row: one value per t.Data() column, as go-mssqldb delivers it;
// int is taken for int64. After an error the loader can only be closed.
func (l *Loader) Insert(t *migration.Table, values []any) error {
	if l.err != nil {
		return l.err
	}
	if err := l.insert(t, values); err != nil {
		l.err = fmt.Errorf("insert into %s: %w", t.FullName(), err)
	}
	return l.err
}

func (l *Loader) insert(t *migration.Table, values []any) error {
	w, err := l.target(t)
	if err != nil {
		return err
	}
	if len(values) != len(w.cols) {
		return fmt.Errorf("%d values for %d columns", len(values), len(w.cols))
	}
	for i, v := range values {
		// SQLite would number a row whose integer key is NULL by itself.
		if v == nil && !w.cols[i].nullable {
			return fmt.Errorf("column %s holds no NULL", w.cols[i].name)
		}
		if w.args[i], err = toLite(w.cols[i].typ, v); err != nil {
			return fmt.Errorf("column %s: %w", w.cols[i].name, err)
		}
		w.bytes += sizeOf(w.args[i])
	}
	if _, err := w.stmt.ExecContext(l.ctx, w.args...); err != nil {
		return err
	}
	w.rows++
	if l.rows++; l.rows >= batchRows {
		return l.commit()
	}
	return nil
}

// sizeOf estimates what a value takes in a data page of SQL Server.
func sizeOf(v any) int64 {
	switch x := v.(type) {
	case string:
		return int64(2*len(x) + 2)
	case []byte:
		return int64(len(x) + 2)
	case nil:
		return 1
	}
	return 8
}

// target finds the table and prepares its statement in the open transaction.
func (l *Loader) target(t *migration.Table) (*target, error) {
	w := l.table[t]
	if w == nil {
		rel := l.s.tables.find(t.Schema, t.Name)
		if rel == nil || rel.table == nil {
			return nil, errors.New("table is not in the store")
		}
		w = &target{rel: rel}
		var names []string
		for _, f := range rel.columns {
			if !f.computed {
				w.cols = append(w.cols, f)
				names = append(names, quoteLite(f.name))
			}
		}
		w.args = make([]any, len(w.cols))
		w.query = "INSERT INTO " + rel.lite + " (" + strings.Join(names, ", ") + ") VALUES (" +
			strings.TrimSuffix(strings.Repeat("?,", len(names)), ",") + ")"
		l.table[t] = w
	}
	if l.tx == nil {
		var err error
		if l.tx, err = l.conn.BeginTx(l.ctx, nil); err != nil {
			return nil, fmt.Errorf("begin: %w", err)
		}
	}
	if w.stmt == nil {
		var err error
		if w.stmt, err = l.tx.PrepareContext(l.ctx, w.query); err != nil {
			return nil, fmt.Errorf("prepare: %w", err)
		}
	}
	return w, nil
}

// commit ends the transaction with the counters that the partition and usage
// views show.
func (l *Loader) commit() error {
	if l.tx == nil {
		return nil
	}
	tx := l.tx
	l.tx, l.rows = nil, 0
	for _, w := range l.table {
		if w.stmt != nil {
			if err := w.stmt.Close(); err != nil {
				return errors.Join(err, tx.Rollback())
			}
			w.stmt = nil
		}
		if w.rows == 0 {
			continue
		}
		if err := l.s.count(l.ctx, tx, w.rel.objectID, w.rows, w.bytes, w.rows); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		w.rows, w.bytes = 0, 0
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Close commits what is open, unless Insert failed, and ends the loader.
// Calling it again does nothing.
func (l *Loader) Close() error {
	if l.conn == nil {
		return nil
	}
	var err error
	if l.err == nil {
		err = l.commit()
	} else if l.tx != nil {
		// The error has been told by Insert.
		_ = l.tx.Rollback()
	}
	err = errors.Join(err, l.conn.Close())
	l.conn, l.tx = nil, nil
	if l.err == nil {
		l.err = errors.New("loader is closed")
	}
	if err != nil {
		return fmt.Errorf("close loader: %w", err)
	}
	return nil
}
