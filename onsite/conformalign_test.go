package onsite_test

import (
	"errors"
	"io"
	"slices"
	"sync"
	"testing"

	"omt/migration"
)

// conformAligned: readers that began together see one state, in their rows,
// counts, bounds and slices, whatever is written and committed beside them; a
// database that does not allow it is told and read live. It writes, so that no
// other comparison may come after it.
func conformAligned(t *testing.T, s conformServer) {
	s.AllowSnapshot(t, false)
	live := s.Connect(t)
	if ok, err := live.Alignable(t.Context()); err != nil || ok {
		t.Errorf("without the option: alignable %v, %v", ok, err)
	}
	_, err := live.Align(t.Context(), 2)
	if !errors.Is(err, migration.ErrNotAligned) || migration.HintOf(err).ID != "hint.aligned.off" {
		t.Errorf("without the option: %v", err)
	}

	s.AllowSnapshot(t, true)
	live = s.Connect(t)
	if ok, err := live.Alignable(t.Context()); err != nil || !ok {
		t.Fatalf("with the option: alignable %v, %v", ok, err)
	}
	c, err := live.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tables := []*migration.Table{c.Find("CRM7", "company"), c.Find("CRM7", "traveltransactionlog"), c.Find("shop", "Heap"), c.Find("types", "Large")}
	before := make([][][]string, len(tables))
	for i, table := range tables {
		before[i] = held(t, live, table)
	}
	one := align(t, live, 2)
	begun, err := one.Rows(t.Context(), tables[3], migration.Range{})
	if err != nil {
		t.Fatal(err)
	}
	s.Write(t, "UPDATE {CRM7.company} SET ownerContactName = 'after'", "INSERT INTO {CRM7.company} (company_id, ownerContactName) VALUES (2, 'after')",
		"INSERT INTO {CRM7.traveltransactionlog} (traveltransactionlog_id) VALUES (78)",
		"DELETE FROM {shop.Heap}", "UPDATE {types.Large} SET wide = 'after', code = 'after', bytes = NULL")

	// One that was under way, and two more side by side, again and again.
	if got := rest(t, begun, tables[3]); !slices.EqualFunc(got, before[3], slices.Equal) {
		t.Errorf("%s: what was under way sees other rows than before", tables[3].FullName())
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for i, table := range tables {
				if got := held(t, one, table); !slices.EqualFunc(got, before[i], slices.Equal) {
					t.Errorf("%s: %d rows, other than the %d before", table.FullName(), len(got), len(before[i]))
				}
				if n, err := one.Count(t.Context(), table); err != nil || n != int64(len(before[i])) {
					t.Errorf("%s: %d rows are counted, %v; want %d", table.FullName(), n, err, len(before[i]))
				}
			}
		})
	}
	wg.Wait()
	bounds, err := one.Bounds(t.Context(), tables[1], 1)
	if err != nil || len(bounds) != 2 {
		t.Errorf("bounds %v, %v; want two ranges", bounds, err)
	}
	if p, err := one.Proof(t.Context()); err != nil || p.MaxLogID != 77 {
		t.Errorf("proof %+v, %v", p, err)
	}
	for i, table := range tables {
		if got := held(t, live, table); slices.EqualFunc(got, before[i], slices.Equal) {
			t.Errorf("%s: what was written is not there", table.FullName())
		}
	}
	// Readers that begin now see what is there now.
	next := align(t, live, 1)
	if p, err := next.Proof(t.Context()); err != nil || p.MaxLogID != 78 {
		t.Errorf("next proof %+v, %v", p, err)
	}
	if got := held(t, next, tables[2]); len(got) != 0 {
		t.Errorf("%d rows that were deleted", len(got))
	}
}

// held reads a table with its large cells, sorted.
func held(t *testing.T, from migration.RowSource, table *migration.Table) [][]string {
	t.Helper()
	rows, err := from.Rows(t.Context(), table, migration.Range{})
	if err != nil {
		t.Error(err)
		return nil
	}
	return rest(t, rows, table)
}

func rest(t *testing.T, rows migration.RowReader, table *migration.Table) (out [][]string) {
	t.Helper()
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	columns := table.Data()
	for {
		row, err := rows.Next(t.Context())
		if errors.Is(err, io.EOF) {
			slices.SortFunc(out, slices.Compare[[]string])
			return out
		}
		if err != nil {
			t.Error(err)
			return nil
		}
		list := make([]string, len(row))
		for i, v := range row {
			if l, ok := v.(*migration.Large); ok {
				var b []byte
				if err := l.Read(func(p []byte) error { b = append(b, p...); return nil }); err != nil {
					t.Error(err)
				}
				v = b
				if columns[i].Collation != "" {
					v = migration.UTF16Text(b)
				}
			}
			list[i] = written(columns[i].Type, v)
		}
		out = append(out, list)
	}
}
