package onsite_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample/mssql"
)

// momentRows is how many rows the table has whose moment is read.
const momentRows = 400

// momentServer has one table with rows, and a large cell in the third of them.
func momentServer(t *testing.T, change ...func(*mssql.Options)) server {
	t.Helper()
	change = append([]func(*mssql.Options){func(o *mssql.Options) { o.AllowSnapshot = true }}, change...)
	s := old(t, func(c *migration.Catalog) {
		c.Modules, c.Sequences, c.Types = nil, nil, nil
		c.Tables = slices.DeleteFunc(c.Tables, func(t *migration.Table) bool {
			return t.Schema != "CRM7" || t.Name != "company" && t.Name != "text" && !strings.EqualFold(t.Name, "traveltransactionlog")
		})
		for _, table := range c.Tables {
			for i := range table.Columns {
				table.Columns[i].Nullable = i > 0
			}
		}
	}, change...)
	s.exec(t, "INSERT INTO CRM7.traveltransactionlog (traveltransactionlog_id) VALUES (77)")
	for i := range momentRows {
		text := "before"
		if i == 2 {
			text = strings.Repeat("large before ", 40)
		}
		s.exec(t, "INSERT INTO CRM7.text (text_id, text) VALUES (?, ?)", i, text)
	}
	s.options.LargeCell = 64
	return s
}

func align(t *testing.T, in *onsite.Installation, readers int) migration.AlignedRows {
	t.Helper()
	a, err := in.Align(t.Context(), readers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// texts reads a table to its end: rows, and those whose text holds what was
// written later.
func texts(ctx context.Context, rs migration.RowSource, table *migration.Table) (rows, later int, err error) {
	r, err := rs.Rows(ctx, table, migration.Range{})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		row, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, later, nil
		}
		if err != nil {
			return rows, later, err
		}
		rows++
		for _, v := range row {
			text, _ := v.(string)
			if l, ok := v.(*migration.Large); ok {
				var b []byte
				if err := l.Read(func(p []byte) error { b = append(b, p...); return nil }); err != nil {
					return rows, later, err
				}
				text = migration.UTF16Text(b)
			}
			if strings.Contains(text, "after") {
				later++
			}
		}
	}
}

// TestAlign: rows, counts, bounds and slices of large cells are of one moment,
// whatever is written behind it, and in every reader.
func TestAlign(t *testing.T) {
	s := momentServer(t)
	in := s.connect(t)
	if ok, err := in.Alignable(t.Context()); err != nil || !ok {
		t.Fatalf("alignable %v, %v", ok, err)
	}
	a := align(t, in, 2)
	c, err := a.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := c.Find("CRM7", "text")
	s.exec(t, "UPDATE CRM7.text SET text = 'after ' || text")
	s.exec(t, "INSERT INTO CRM7.text (text_id, text) VALUES (9000, 'after')")
	if n, err := a.Count(t.Context(), table); err != nil || n != momentRows {
		t.Errorf("%d rows, %v", n, err)
	}
	if b, err := a.Bounds(t.Context(), table, 100); err != nil || len(b) != 4 {
		t.Errorf("bounds %v, %v", b, err)
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 3 {
				if n, later, err := texts(t.Context(), a, table); err != nil || n != momentRows || later != 0 {
					t.Errorf("%d rows, %d of them written later, %v", n, later, err)
				}
			}
		})
	}
	wg.Wait()
	if n, later, err := texts(t.Context(), in, table); err != nil || n != momentRows+1 || later != momentRows+1 {
		t.Errorf("live: %d rows, %d of them written later, %v", n, later, err)
	}
	if p, err := a.Proof(t.Context()); err != nil || p.MaxLogID != 77 || p.Usage == nil || p.Counts["CRM7.text"] != momentRows {
		t.Errorf("proof %+v, %v", p, err)
	}
}

// TestAlignOff: a database that does not allow it is told, and never changed.
func TestAlignOff(t *testing.T) {
	in := momentServer(t, func(o *mssql.Options) { o.AllowSnapshot = false }).connect(t)
	if ok, err := in.Alignable(t.Context()); err != nil || ok {
		t.Errorf("alignable %v, %v", ok, err)
	}
	_, err := in.Align(t.Context(), 2)
	if !errors.Is(err, migration.ErrNotAligned) || migration.HintOf(err).ID != "hint.aligned.off" {
		t.Errorf("%v", err)
	}
}

// TestAlignBusy: a change between the first and the last reader is seen, by the
// log or by the counters, and the readers begin again.
func TestAlignBusy(t *testing.T) {
	for _, busy := range []string{"INSERT INTO CRM7.traveltransactionlog (traveltransactionlog_id) VALUES (?)", "UPDATE CRM7.company SET version = ?"} {
		var mu sync.Mutex
		looked, from, until := 0, 3, 3 // the readers look at the log, after the proof
		s := server{}
		s = momentServer(t, func(o *mssql.Options) {
			o.Faults.Hook = func(ctx context.Context, table string, row int64) error {
				mu.Lock()
				defer mu.Unlock()
				if row != 0 || !strings.EqualFold(table, "CRM7.traveltransactionlog") {
					return nil
				}
				if looked++; looked >= from && looked <= until {
					return s.store.Exec(ctx, busy, 1000+looked)
				}
				return nil
			}
		})
		in := s.connect(t)
		in.SetAlignPause(0)
		align(t, in, 2)
		if looked != 10 { // two tries of a proof, three readers and a proof
			t.Errorf("%s: the log was read %d times", busy, looked)
		}
		until = 1 << 30
		_, err := in.Align(t.Context(), 2)
		if !errors.Is(err, migration.ErrNotAligned) || migration.HintOf(err).ID != "hint.aligned.busy" {
			t.Errorf("%s: %v", busy, err)
		}
	}
}

// cutter is a dialer whose connections a test cuts.
type cutter struct {
	*pipes
	mu    sync.Mutex
	conns []net.Conn
}

func (c *cutter) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := c.pipes.DialContext(ctx, network, addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = append(c.conns, conn)
	return conn, err
}

// TestAlignLost: what a broken reader was reading is read by another one, of the
// same moment; with one reader left the moment is lost.
func TestAlignLost(t *testing.T) {
	s := momentServer(t)
	cut := &cutter{pipes: s.options.Dialer.(*pipes)}
	s.options.Dialer = cut
	in := s.connect(t)
	a := align(t, in, 2) // three connections
	c, err := a.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := c.Find("CRM7", "text")
	s.exec(t, "UPDATE CRM7.text SET text = 'after'")
	cut.mu.Lock()
	readers := slices.Clone(cut.conns[len(cut.conns)-3:])
	cut.mu.Unlock()
	for i, conn := range readers[:2] {
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		n, later, err := texts(t.Context(), a, table)
		if i == 0 && (err != nil || n != momentRows || later != 0) {
			t.Errorf("%d rows, %d of them written later, %v", n, later, err)
		}
		if i == 1 && (!errors.Is(err, migration.ErrStateLost) || migration.HintOf(err).ID != "hint.aligned.lost") {
			t.Errorf("with one reader: %v", err)
		}
	}
}

// TestAlignRolledBack: a transaction that the server has ended is never read in
// again, although its connection is well.
func TestAlignRolledBack(t *testing.T) {
	s := momentServer(t, func(o *mssql.Options) {
		o.Faults.Rules = []mssql.Fault{{Table: "CRM7.text", After: 50, Err: mssql.Deadlock()}}
	})
	a := align(t, s.connect(t), 2)
	c, err := a.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := c.Find("CRM7", "text")
	s.exec(t, "UPDATE CRM7.text SET text = 'after'")
	if n, _, err := texts(t.Context(), a, table); err == nil || n >= momentRows {
		t.Fatalf("%d rows, %v", n, err)
	}
	for range 4 {
		if n, later, err := texts(t.Context(), a, table); err != nil || n != momentRows || later != 0 {
			t.Errorf("%d rows, %d of them written later, %v", n, later, err)
		}
	}
}

// TestAlignCancelled: a caller that gives up while all readers are busy gets its
// own reason, and leaves them as they are.
func TestAlignCancelled(t *testing.T) {
	s := momentServer(t)
	a := align(t, s.connect(t), 1)
	c, err := a.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := c.Find("CRM7", "text")
	r, err := a.Rows(t.Context(), table, migration.Range{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waits := make(chan error, 1)
	go func() {
		_, _, err := texts(ctx, a, table)
		waits <- err
	}()
	cancel()
	if err := <-waits; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if n, _, err := texts(t.Context(), a, table); err != nil || n != momentRows {
		t.Error(fmt.Errorf("%d rows: %w", n, err))
	}
}
