package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// store is the one write connection with its prepared statements and the
// ledger. It is used by one goroutine at a time: by Open, then by the writer.
//
// The ledger counts the records of each table and sums their checksums in the
// same commit. A file whose pages come from different moments (a log cut off
// after a checkpoint, one page of an older copy) is well-formed and every
// record in it is right by itself; only the ledger shows that some are of
// another commit than the rest.
type store struct {
	conn   *sql.Conn
	stmts  map[string]*sql.Stmt
	ledger map[string]entry
	dirty  map[string]bool
	audit  *audit // is told what is written until it has ended; nil if there is none
	moves  []move // of the transaction, for the audit
}

type entry struct{ records, total int64 }

func newStore(c *sql.Conn) *store {
	return &store{conn: c, stmts: map[string]*sql.Stmt{}, ledger: map[string]entry{}, dirty: map[string]bool{}}
}

// prepare keeps statements: the closed set of this package is a few dozen.
func (s *store) prepare(query string) (*sql.Stmt, error) {
	if st := s.stmts[query]; st != nil {
		return st, nil
	}
	st, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	s.stmts[query] = st
	return st, nil
}

func (s *store) exec(query string, args ...any) error {
	st, err := s.prepare(query)
	if err != nil {
		return err
	}
	_, err = st.Exec(args...)
	return err
}

func (s *store) close() error {
	var err error
	for _, st := range s.stmts {
		err = firstError(err, st.Close())
	}
	return firstError(err, s.conn.Close())
}

// transact runs f between BEGIN and COMMIT. before and after name the fail
// points; an error at after leaves the transaction committed.
func (s *store) transact(fail func(string) error, before, after string, f func() error) error {
	work := func() error {
		if err := f(); err != nil {
			return err
		}
		if err := s.saveLedger(); err != nil {
			return err
		}
		return fail(before)
	}
	var err error
	if s.watched() {
		err = s.audit.commit(func() ([]move, error) {
			s.moves = s.moves[:0]
			err := s.transaction(work)
			return s.moves, err
		})
	} else {
		err = s.transaction(work)
	}
	if err != nil {
		return err
	}
	return fail(after)
}

func (s *store) transaction(work func() error) error {
	if err := s.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := work()
	if err == nil {
		err = s.exec("COMMIT")
	}
	if err != nil {
		// SQLite itself rolls back after some errors, then this one says that
		// there is nothing to roll back; the first error is the one that counts.
		_ = s.exec("ROLLBACK")
	}
	return err
}

// watched tells whether there is an audit that has not ended.
func (s *store) watched() bool {
	if s.audit == nil {
		return false
	}
	select {
	case <-s.audit.done:
		s.audit, s.moves = nil, nil
	default:
	}
	return s.audit != nil
}

func (s *store) saveLedger() error {
	for name := range s.dirty {
		e := s.ledger[name]
		r := record{name, e.records, e.total}
		if err := s.exec(ledgerTable.replaceSQL(), append(r, ledgerTable.sum(r))...); err != nil {
			return fmt.Errorf("write ledger of %s: %w", name, err)
		}
	}
	clear(s.dirty)
	return nil
}

// count takes a record that came (1) or went (-1) into the ledger.
func (s *store) count(t *table, r record, records, total int64) {
	s.add(t, records, total)
	if s.audit != nil && t.order != nil {
		s.moves = append(s.moves, move{t, t.place(r), records, total})
	}
}

func (s *store) add(t *table, records, total int64) {
	e := s.ledger[t.name]
	s.ledger[t.name] = entry{e.records + records, e.total + total}
	s.dirty[t.name] = true
}

// put inserts or replaces a record and keeps the ledger.
func (s *store) put(t *table, r record) error {
	if err := s.leave(t, r); err != nil {
		return err
	}
	sum := t.sum(r)
	s.count(t, r, 1, sum)
	args := append(append(make([]any, 0, len(r)+1), r...), sum)
	if err := s.exec(t.replaceSQL(), args...); err != nil {
		return fmt.Errorf("write %s: %w", t.describe(r), err)
	}
	return nil
}

// leave counts the record that r will replace, if there is one, as gone: from the
// place where it stands, which is another one if its row number was another.
func (s *store) leave(t *table, r record) error {
	st, err := s.prepare("SELECT crc, " + t.rankColumn() + " FROM " + t.name + " " + t.byKey())
	if err != nil {
		return err
	}
	var sum, rank int64
	switch err := st.QueryRow(r[:t.keys]...).Scan(&sum, &rank); {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", t.describe(r), err)
	}
	was := r
	if t.rank > 0 {
		was = slices.Clone(r)
		was[t.rank] = rank
	}
	s.count(t, was, -1, -sum)
	return nil
}

// get reads one record by its key; nil if there is none.
func (s *store) get(t *table, key ...any) (record, error) {
	st, err := s.prepare(t.selectSQL(t.byKey()))
	if err != nil {
		return nil, err
	}
	row := make([]any, len(t.columns)+1)
	switch err := st.QueryRow(key...).Scan(pointers(row)...); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	r, _, err := t.check(row)
	return r, err
}

// drop deletes all records of a run.
func (s *store) drop(t *table, run string) error {
	err := scan(context.Background(), s.conn, t, "WHERE run=?", []any{run}, func(r record, sum int64) error {
		s.count(t, r, -1, -sum)
		return nil
	})
	if err != nil {
		return err
	}
	return s.exec("DELETE FROM "+t.name+" WHERE run=?", run)
}

// clear deletes all records of a table. The audit is not told: who empties a table
// has waited for its end (Whole).
func (s *store) clear(t *table) error {
	e := s.ledger[t.name]
	s.add(t, -e.records, -e.total)
	return s.exec("DELETE FROM " + t.name)
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// scan reads checked records; rest is what follows FROM.
func scan(ctx context.Context, q querier, t *table, rest string, args []any, yield func(r record, sum int64) error) (err error) {
	rows, err := q.QueryContext(ctx, t.selectSQL(rest), args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.name, err)
	}
	defer func() { err = firstError(err, rows.Close()) }()
	row := make([]any, len(t.columns)+1)
	into := pointers(row)
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return err // database/sql notices only some rows later
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read %s: %w", t.name, err)
		}
		r, sum, err := t.check(row)
		if err != nil {
			return err
		}
		if err := yield(r, sum); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", t.name, err)
	}
	return nil
}

func pointers(row []any) []any {
	p := make([]any, len(row))
	for i := range row {
		p[i] = &row[i]
	}
	return p
}
