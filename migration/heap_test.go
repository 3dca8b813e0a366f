package migration_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"omt/migration"
	"omt/upload/bacpac/decode"
	"omt/upload/uploadtest"
)

// TestLostBlockOfHeap: a heap of which one block is lost is read again as a
// whole, and what another order of its rows has put into fewer members leaves no
// rows of the earlier reading in the package.
func TestLostBlockOfHeap(t *testing.T) {
	onMemoryDisk(t)
	s := newCellSource()
	s.cells = map[string]map[int64]int{"CRM7.table00": {}, "CRM7.table01": {}}
	for k := range int64(60) { // 90 MiB: six members
		s.cells["CRM7.table00"][k*3+1] = 3 << 19
	}
	w := newWorld(t, s.fakeSource)
	memory := uploadtest.NewMemory(uploadtest.Faults{})
	w.memory = memory
	// The commit finds that a block is gone.
	lost := &loseOnce{Target: memory}
	w.wrap = func(migration.Target) migration.Target { return lost }
	lost.then = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		// The rows in another order, in which the large ones come together.
		for i := range 60 {
			s.cells["CRM7.table00"][int64(i)*3+1] = 1 << 10
		}
		s.cells["CRM7.table00"][1] = 9 << 20
	}
	if _, err := w.processWith(t.Context(), w.plan, s); err != nil {
		t.Fatal(err)
	}
	if !lost.done {
		t.Fatal("no block was lost")
	}
	file := filepath.Join(t.TempDir(), "p")
	saveObject(t, memory, "database/SuperOffice.bacpac", file)
	f, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := decode.Open(bytes.NewReader(f), int64(len(f)))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int64{}
	for _, part := range p.Parts {
		n, err := p.Decode(t.Context(), part, 1<<31, func([]any) error { return nil })
		if err != nil {
			t.Error(err)
		}
		rows[part.Table.FullName()] += n
	}
	if want := map[string]int64{"CRM7.table00": 60, "CRM7.table01": 60, "CRM7.table02": 60}; !maps.Equal(rows, want) {
		t.Errorf("rows %v, want %v", rows, want)
	}
}

// loseOnce is a container that has lost the first block of the heap when it is to
// be put together.
type loseOnce struct {
	migration.Target
	mu    sync.Mutex
	first string // id of the first large block
	done  bool
	then  func()
}

func (l *loseOnce) Stage(ctx context.Context, path string, b migration.Block) (int64, error) {
	l.mu.Lock()
	if l.first == "" && len(b.Data) > 1<<20 {
		l.first = b.ID
	}
	l.mu.Unlock()
	return l.Target.Stage(ctx, path, b)
}

func (l *loseOnce) Commit(ctx context.Context, path string, blocks []migration.BlockRef) error {
	if !l.done && strings.HasSuffix(path, ".bacpac") {
		l.done = true
		l.then()
		return fmt.Errorf("commit: %w", migration.ErrNotFound)
	}
	return l.Target.Commit(ctx, path, blocks)
}

func (l *loseOnce) Restore(ctx context.Context, path string, kept []migration.BlockRef) ([]migration.BlockRef, error) {
	if l.done {
		kept = slices.DeleteFunc(slices.Clone(kept), func(b migration.BlockRef) bool { return b.ID == l.first })
	}
	return l.Target.Restore(ctx, path, kept)
}

// TestHeapReadAgainIsReported: a heap that was read in part is read again from
// its first row by the next process, and the report says so; a table with a key
// goes on behind its last part, and the report says nothing of it.
func TestHeapReadAgainIsReported(t *testing.T) {
	onMemoryDisk(t)
	for _, x := range []struct {
		table string
		key   int64 // of the row at which the process ends
		piece int   // of its cell; the eighth comes behind a block of its member
		again int
	}{{"CRM7.table00", 91, 1, 1}, {"CRM7.table00", 1, 1, 0}, {"CRM7.table01", 178, 8, 0}} {
		s := newCellSource()
		// Nothing else may be read in part beside it: a range with a large row has
		// several members, too, and is read again when it was interrupted.
		if x.table == "CRM7.table00" {
			s.cells["CRM7.table01"] = map[int64]int{}
		} else {
			s.cells["CRM7.table00"] = map[int64]int{}
			delete(s.cells["CRM7.table01"], 4)
		}
		w := newWorld(t, s.fakeSource)
		ctx, kill := context.WithCancel(t.Context())
		plan := w.plan
		for range 2 { // the second process ends there as well
			s.onPiece = func(table string, key int64, n int) error {
				if table == x.table && key == x.key && n == x.piece {
					kill()
				}
				return ctx.Err()
			}
			if _, err := w.processWith(ctx, plan, s); !errors.Is(err, context.Canceled) {
				t.Fatalf("%s: %v", x.table, err)
			}
			ctx, kill = context.WithCancel(t.Context())
			plan = nil
		}
		kill()
		s.onPiece = nil
		res, err := w.processWith(t.Context(), nil, s)
		if err != nil {
			t.Fatal(err)
		}
		again := 0
		for _, m := range res.Report.Warnings {
			if m.ID == "warn.tables.again" {
				again = m.Args["Count"].(int)
			}
		}
		if again != x.again {
			t.Errorf("%s at row %d: the report tells of %d tables, want %d", x.table, x.key, again, x.again)
		}
	}
}

// TestTenThousandTables: every table of a very wide database has its rows in the
// package, its place in the model and its line in the manifest.
func TestTenThousandTables(t *testing.T) {
	onMemoryDisk(t)
	src := newFakeSource(10_000, 2, 0)
	w := newWorld(t, src)
	res := w.mustRun(w.plan)
	if d := res.Report.Database; d.Tables != 10_000 || d.Rows != 20_000 || d.Parts != 10_000 || !res.Report.Consistency.Proved {
		t.Errorf("%+v, %+v", d, res.Report.Consistency)
	}
	data, err := os.ReadFile(filepath.Join(w.target, "database", "SuperOffice.bacpac"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := decode.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	counts, err := p.Check(t.Context(), 1<<20)
	if err != nil || len(counts) != 10_000 || len(p.Tables) != 10_000 {
		t.Errorf("%d tables in the model, rows of %d, %v", len(p.Tables), len(counts), err)
	}
}
