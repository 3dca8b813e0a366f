package mssql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"

	"omt/onsite/sample/tds"
)

// errDropped ends a connection in the middle, as a fault.
var errDropped = errors.New("connection dropped on purpose")

// session is one signed-in client.
type session struct {
	srv    *Server
	store  *Store // the database, or a snapshot of it
	rights *rights
	level  tds.Isolation // of the session, by SET
	inTran bool
	snap   bool    // the transaction asked for SNAPSHOT
	tx     *sql.Tx // one state of the data for the whole transaction, or nil
	wrote  bool    // in the transaction
}

// Database implements tds.Session.
func (s *session) Database() string { return s.store.catalog.Database }

// Execute implements tds.Session.
func (s *session) Execute(ctx context.Context, st tds.Statement) (tds.Result, error) {
	toks, err := lex(st.SQL)
	if err != nil {
		return tds.Result{}, err
	}
	if c := matchCommand(toks); c != nil {
		return c.run(ctx, s, toks)
	}
	if w := matchWrite(toks); w != nil {
		return s.write(ctx, w, toks, st)
	}
	q, err := parse(toks)
	if err != nil {
		return tds.Result{}, err
	}
	if match(q) == nil {
		return tds.Result{}, errSyntax(toks[0].text)
	}
	params, err := declared(st)
	if err != nil {
		return tds.Result{}, err
	}
	b := &binder{s: s.store, rights: s.rights, params: params, inTran: s.inTran}
	text, cols, err := b.query(q)
	if err != nil {
		return tds.Result{}, err
	}
	if err := s.rights.check(b.used); err != nil {
		return tds.Result{}, err
	}
	if s.snap && !s.srv.opts.AllowSnapshot && len(b.used) > 0 {
		return tds.Result{}, errSnapshot(s.Database())
	}
	rows, err := s.query(ctx, text, b.args)
	if err != nil {
		return tds.Result{}, fmt.Errorf("run statement: %w", err)
	}
	return tds.Result{Columns: cols, Rows: newReader(s.srv, rows, cols, b.used)}, nil
}

func (s *session) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	if s.tx != nil {
		return s.tx.QueryContext(ctx, text, args...)
	}
	return s.store.db.QueryContext(ctx, text, args...)
}

// declared brings the parameters under the names that the declaration gives
// them, e.g. "@p1 int,@p2 decimal(18, 2)".
func declared(st tds.Statement) (map[string]tds.Param, error) {
	params := map[string]tds.Param{}
	var order []string
	for _, def := range splitTop(st.Declarations) {
		name, typ, ok := strings.Cut(strings.TrimSpace(def), " ")
		if !ok || !strings.HasPrefix(name, "@") || strings.TrimSpace(typ) == "" {
			return nil, errSyntax(strings.TrimSpace(def))
		}
		order = append(order, name)
	}
	for i, p := range st.Params {
		switch {
		case p.Name == "" && i < len(order):
			p.Name = order[i]
		case p.Name == "" || !has(order, p.Name):
			return nil, errNotExpected(p.Name)
		}
		params[strings.ToLower(p.Name)] = p
	}
	for _, name := range order {
		if _, ok := params[strings.ToLower(name)]; !ok {
			return nil, errNotSupplied(st.Declarations, name)
		}
	}
	return params, nil
}

func has(list []string, name string) bool {
	for _, x := range list {
		if strings.EqualFold(x, name) {
			return true
		}
	}
	return false
}

// splitTop cuts at the commas outside of parentheses.
func splitTop(s string) []string {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	var out []string
	depth, from := 0, 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, s[from:i])
				from = i + 1
			}
		}
	}
	return append(out, s[from:])
}

// Begin implements tds.Session. From REPEATABLE READ on a transaction sees one
// state of the data, from its first read.
func (s *session) Begin(ctx context.Context, level tds.Isolation) error {
	if level == tds.Current {
		level = s.level
	}
	s.inTran, s.snap = true, level == tds.Snapshot
	if level < tds.RepeatableRead {
		return nil
	}
	var err error
	// The transaction outlives the request that begins it.
	if s.tx, err = s.store.db.BeginTx(context.WithoutCancel(ctx), nil); err != nil {
		s.inTran = false
		return fmt.Errorf("begin transaction: %w", err)
	}
	return nil
}

// Commit implements tds.Session.
func (s *session) Commit(context.Context) error {
	if !s.inTran {
		return errNoCommit
	}
	if s.wrote {
		tx := s.tx
		s.tx, s.inTran, s.snap, s.wrote = nil, false, false, false
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("commit transaction: %w", err)
		}
		return nil
	}
	return s.end()
}

// Rollback implements tds.Session.
func (s *session) Rollback(context.Context) error {
	if !s.inTran {
		return errNoRollback
	}
	return s.end()
}

// end ends the transaction and takes back what was written in it.
func (s *session) end() error {
	tx := s.tx
	s.tx, s.inTran, s.snap, s.wrote = nil, false, false, false
	if tx == nil {
		return nil
	}
	if err := tx.Rollback(); err != nil {
		return fmt.Errorf("end transaction: %w", err)
	}
	return nil
}

// Reset implements tds.Session.
func (s *session) Reset(context.Context) error {
	// SQL Server keeps the isolation level over a reset.
	return s.end()
}

// Close implements tds.Session.
func (s *session) Close() error { return s.end() }

// reader yields the rows of a statement as the protocol wants them.
type reader struct {
	srv   *Server
	rows  *sql.Rows
	cols  []tds.Column
	raw   []any
	scan  []any
	sent  int64
	table *relation // first user table, for faults; nil if none
}

func newReader(srv *Server, rows *sql.Rows, cols []tds.Column, used []*relation) *reader {
	r := &reader{srv: srv, rows: rows, cols: cols, raw: make([]any, len(cols)), scan: make([]any, len(cols))}
	for i := range r.raw {
		r.scan[i] = &r.raw[i]
	}
	for _, u := range used {
		if u.table != nil {
			r.table = u
			break
		}
	}
	return r
}

// Next implements tds.Rows.
func (r *reader) Next(ctx context.Context, row []any) error {
	if r.table != nil {
		if err := r.srv.fault(ctx, r.table, r.sent); err != nil {
			return err
		}
	}
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return fmt.Errorf("read rows: %w", err)
		}
		return io.EOF
	}
	if err := r.rows.Scan(r.scan...); err != nil {
		return fmt.Errorf("read row: %w", err)
	}
	for i, v := range r.raw {
		var err error
		if row[i], err = fromLite(r.cols[i].Type, v); err != nil {
			return &tds.Error{Number: 50000, Class: 16, State: 1, Message: fmt.Sprintf("column %s: %v", r.cols[i].Name, err)}
		}
	}
	r.sent++
	return nil
}

// Close implements tds.Rows.
func (r *reader) Close() error { return r.rows.Close() }
