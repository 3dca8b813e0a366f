package mssql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	lite "modernc.org/sqlite/lib"

	"omt/onsite/sample/tds"
)

// execer is a transaction or connection.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// count adds to the counters of a table: rows and bytes for the partition
// views, statements that changed it for the usage view.
func (s *Store) count(ctx context.Context, ex execer, object, rows, bytes, updates int64) error {
	_, err := ex.ExecContext(ctx, "UPDATE "+liteName(s.catalog.Schema, "sys", counters)+
		" SET rows = rows + ?, bytes = bytes + ?, updates = updates + ? WHERE object_id = ?", rows, bytes, updates, object)
	if err != nil {
		return fmt.Errorf("count rows: %w", err)
	}
	return nil
}

// hooker is what the SQLite connection offers to see changes of rows.
type hooker interface {
	RegisterPreUpdateHook(sqlite.PreUpdateHookFn)
}

// Exec runs one SQLite statement on the tables, e.g.
// UPDATE CRM7.company SET serialNo = ?. It is for tests that change data
// underneath a running server. A time.Time is taken as a datetime. The
// counters of the partition and usage views follow.
func (s *Store) Exec(ctx context.Context, sqliteSQL string, args ...any) (err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("execute: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for i, v := range args {
		if t, ok := v.(time.Time); ok {
			args[i] = tds.DateTimeTicks(t)
		}
	}
	rows := map[string]int64{}
	if err := hook(conn, func(d sqlite.SQLitePreUpdateData) {
		switch d.Op {
		case lite.SQLITE_INSERT:
			rows[d.TableName]++
		case lite.SQLITE_DELETE:
			rows[d.TableName]--
		default:
			rows[d.TableName] += 0
		}
	}); err != nil {
		return err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return errors.Join(fmt.Errorf("execute: %w", err), hook(conn, nil))
	}
	if _, err := tx.ExecContext(ctx, sqliteSQL, args...); err != nil {
		return errors.Join(fmt.Errorf("execute: %w", err), tx.Rollback(), hook(conn, nil))
	}
	if err := hook(conn, nil); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	for _, r := range s.tables.user {
		if n, touched := rows[liteTable(s.catalog.Schema, r)]; touched {
			if err := s.count(ctx, tx, r.objectID, n, n*r.rowSize(), 1); err != nil {
				return errors.Join(err, tx.Rollback())
			}
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("execute: %w", err)
	}
	return nil
}

func hook(conn *sql.Conn, fn sqlite.PreUpdateHookFn) error {
	return conn.Raw(func(dc any) error {
		h, ok := dc.(hooker)
		if !ok {
			return errors.New("execute: driver shows no changes")
		}
		h.RegisterPreUpdateHook(fn)
		return nil
	})
}

// liteTable is the bare name of a table in SQLite.
func liteTable(main string, r *relation) string {
	name := liteName(main, r.schema, r.name)
	return name[len(quoteLite(main))+2 : len(name)-1]
}

// rowSize is a guess at the size of a row for rows that no loader measured.
func (r *relation) rowSize() int64 { return int64(16 * len(r.columns)) }
