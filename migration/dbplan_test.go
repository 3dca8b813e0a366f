package migration

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"omt/migration/journal"
)

// planSource tells counts and cuts tables without having a row.
type planSource struct {
	Source
	rows map[string]int64
}

func (s *planSource) Count(_ context.Context, t *Table) (int64, error) {
	return s.rows[t.FullName()], nil
}

func (s *planSource) Bounds(_ context.Context, t *Table, rows int64) ([]Range, error) {
	if t.Clustered() == nil {
		return []Range{{}}, nil
	}
	n := s.rows[t.FullName()]
	out := []Range{{}}
	for at := rows; at < n; at += rows {
		hi := at
		out[len(out)-1].Hi = &hi
		out = append(out, Range{Lo: &hi})
	}
	return out, nil
}

// add adds a table; a key of false makes it a heap.
func (s *planSource) add(c *Catalog, rows, bytes int64, key bool) *Table {
	t := &Table{Schema: "s", Name: fmt.Sprintf("t%05d", len(c.Tables)), DataBytes: bytes, Columns: []Column{{Name: "id", Type: "int", MaxLength: 4}}}
	if key {
		t.Indexes = []Index{{Name: "PK", Kind: PrimaryKey, Clustered: true, Columns: []IndexColumn{{Name: "id"}}}}
	}
	c.Tables = append(c.Tables, t)
	s.rows[t.FullName()] = rows
	return t
}

// planned plans a database and returns its ranges by table.
func planned(t *testing.T, s *planSource, c *Catalog) (map[string][]journal.Range, error) {
	t.Helper()
	j, err := journal.Open(t.Context(), t.TempDir(), journal.Key{Environment: "test", Tenant: "Cust1", Company: "c", Serial: "1"}, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}()
	m := &Migration{Source: s, Journal: j, Progress: NewProgress(time.Now), catalog: c, run: journal.Run{ID: "r"}}
	d := newDatabase(m)
	if err := d.planMissing(t.Context()); err != nil {
		return nil, err
	}
	out := map[string][]journal.Range{}
	err = j.Ranges(t.Context(), "r", func(r journal.Range) error {
		out[r.Table] = append(out[r.Table], r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, nil
}

const tera = 1 << 40

func TestPlanTwoTerabytes(t *testing.T) {
	c, s := &Catalog{Database: "d"}, &planSource{rows: map[string]int64{}}
	huge := s.add(c, 4_000_000_000, 3*tera/2, true)
	s.add(c, 500_000_000, tera/2-tera/100, true)
	for range 600 {
		s.add(c, 1000, 1<<20, true)
	}
	heap := s.add(c, 1_000_000, tera/100, false)
	ranges, err := planned(t, s, c)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, rs := range ranges {
		total += len(rs)
	}
	if total > maxBlocks || total < 2*tera/maxPart/2 {
		t.Errorf("%d parts", total)
	}
	perRow := huge.DataBytes / s.rows[huge.FullName()]
	rs := ranges[tableID(huge)]
	for i, r := range rs {
		if i > 0 && *r.Lo != *rs[i-1].Hi {
			t.Fatalf("part %d does not begin where the one before it ends", i)
		}
		if r.Lo != nil && r.Hi != nil && (*r.Hi-*r.Lo)*perRow > maxPart {
			t.Fatalf("part %d has %d bytes", i, (*r.Hi-*r.Lo)*perRow)
		}
	}
	if rs[0].Lo != nil || rs[len(rs)-1].Hi != nil {
		t.Error("first or last part is not open")
	}
	if n := len(ranges[tableID(heap)]); n != 1 {
		t.Errorf("heap in %d parts", n)
	}
}

func TestPlanTenThousandTables(t *testing.T) {
	c, s := &Catalog{Database: "d"}, &planSource{rows: map[string]int64{}}
	for i := range 10_000 {
		s.add(c, int64(i%3)*100, int64(i%3)<<20, i%7 > 0)
	}
	ranges, err := planned(t, s, c)
	if err != nil {
		t.Fatal(err)
	}
	if len(ranges) != 10_000 {
		t.Errorf("%d tables are planned", len(ranges))
	}
	for name, rs := range ranges {
		if len(rs) != 1 {
			t.Errorf("small table %s in %d parts", name, len(rs))
		}
	}
}

// TestPlanRefuses: what would need more blocks than a blob has is refused
// before anything is sent, and empty tables do not count.
func TestPlanRefuses(t *testing.T) {
	c, s := &Catalog{Database: "d"}, &planSource{rows: map[string]int64{}}
	for range 3000 {
		s.add(c, 0, 0, true)
	}
	big := s.add(c, 1_000_000_000, 39_990*maxPart, true)
	if _, err := planned(t, s, c); err != nil {
		t.Errorf("39,990 parts and empty tables: %v", err)
	}
	big.DataBytes = 41_000 * maxPart
	var named *Error
	if _, err := planned(t, s, c); !errors.As(err, &named) || named.Hint.ID != "hint.parts.many" {
		t.Errorf("41,000 parts: %v", err)
	}
}

// TestBlockIDs: an id is the same for the same bytes of the same member of the
// same run and another for anything else, and all have one length.
func TestBlockIDs(t *testing.T) {
	one, two := [16]byte{1}, [16]byte{2}
	seen := map[string]string{}
	for _, run := range []string{"r", "r2"} {
		for _, member := range []string{"Data/s.t/TableData-000-00000.BCP", "Data/s.t/TableData-000-00001.BCP", dataBlock("[s].[t].0", 0), dataBlock("[s].[t].0", 1), "(directory)"} {
			for _, sum := range [][16]byte{one, two} {
				id, what := blockID(run, member, sum), fmt.Sprint(run, member, sum)
				if other, twice := seen[id]; twice || len(id) != 36 || id != blockID(run, member, sum) {
					t.Errorf("%s of %s is also that of %q", id, what, other)
				}
				seen[id] = what
			}
		}
	}
}

// orderSource notes in which order tables are read.
type orderSource struct {
	Source
	mu    sync.Mutex
	order []string
}

func (s *orderSource) Rows(_ context.Context, t *Table, _ Range) (RowReader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order = append(s.order, t.Name)
	return nil, ErrForbidden // one is enough to see who came first
}

// TestLongestFirst: the largest table is begun first, or its reader would be
// alone at the end.
func TestLongestFirst(t *testing.T) {
	for _, sizes := range [][]int64{{1, 2, 3}, {3, 2, 1}, {2, 3, 1}} {
		s := &orderSource{}
		m := &Migration{Source: s, Progress: NewProgress(time.Now), Limits: Limits{Readers: 1}, catalog: &Catalog{}}
		var tasks []*task
		for _, n := range sizes {
			tasks = append(tasks, &task{table: &Table{Name: fmt.Sprint(n), DataBytes: n}})
		}
		if err := newDatabase(m).readAll(t.Context(), tasks); !errors.Is(err, ErrForbidden) || len(s.order) == 0 || s.order[0] != "3" {
			t.Errorf("sizes %v: read are %v, %v", sizes, s.order, err)
		}
	}
}

// TestRowsPerPart: never less than a row, never more than the part has room for
// by what is known of the table.
func TestRowsPerPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := &Table{DataBytes: rapid.Int64Range(0, 4*tera).Draw(t, "bytes")}
		for range rapid.IntRange(1, 5).Draw(t, "columns") {
			table.Columns = append(table.Columns, Column{Type: "nvarchar", MaxLength: rapid.IntRange(-1, 8000).Draw(t, "length")})
		}
		n := rapid.Int64Range(1, 1<<40).Draw(t, "rows")
		size := rapid.Int64Range(minPart, maxPart).Draw(t, "size")
		rows := rowsPerPart(table, n, size)
		if rows < 1 || rows > 1 && table.DataBytes >= n && rows*(table.DataBytes/n) > size {
			t.Fatalf("%d rows of %d bytes in a part of %d", rows, table.DataBytes/n, size)
		}
	})
}

// keyedSource tells its bounds as keys of text instead of numbers.
type keyedSource struct{ *planSource }

func (s keyedSource) Bounds(ctx context.Context, t *Table, rows int64) ([]Range, error) {
	out, err := s.planSource.Bounds(ctx, t, rows)
	key := func(n *int64) Key {
		if n == nil {
			return nil
		}
		text := fmt.Sprint(*n)
		return Key{nil, &text}
	}
	for i, r := range out {
		out[i] = Range{From: key(r.Lo), To: key(r.Hi)}
	}
	return out, err
}

// FuzzPlanRow: whatever counts and sizes a server tells, a part has a row at
// least, the ranges of a table follow each other without a gap, the first and
// the last are open, and the journal gives them back as the source cut them.
func FuzzPlanRow(f *testing.F) {
	f.Add(int64(1), int64(1), int64(1), false, false)
	f.Add(int64(1<<40), int64(0), int64(maxPart), true, false)
	f.Add(int64(1), int64(1<<62), int64(minPart), false, true)
	f.Add(int64(1000), int64(1<<33), int64(maxPart), true, true)
	f.Add(int64(1000), int64(1<<33), int64(maxPart), true, false)
	f.Add(int64(0), int64(0), int64(minPart), true, true)
	f.Fuzz(func(t *testing.T, n, bytes, size int64, key, text bool) {
		if n < 0 || bytes < 0 || size < 1 {
			return
		}
		plan := &planSource{rows: map[string]int64{}}
		var from Source = plan
		if text {
			from = keyedSource{plan}
		}
		c := &Catalog{Database: "d"}
		table := plan.add(c, n, bytes, key)
		rows := rowsPerPart(table, max(n, 1), size)
		if rows < 1 {
			t.Fatalf("%d rows a part", rows)
		}
		if n/rows > 5000 {
			return // as right as with fewer, and slow
		}
		d := newDatabase(&Migration{Source: from, Progress: NewProgress(time.Now), catalog: c, run: journal.Run{ID: "r"}})
		d.counts, d.bounds = map[string]int64{}, map[string][]Key{}
		got, err := d.planTable(t.Context(), table, size)
		if err != nil || d.counts[tableID(table)] != n {
			t.Fatalf("%d rows are noted, %v", d.counts[tableID(table)], err)
		}
		want, err := from.Bounds(t.Context(), table, rows)
		if n == 0 {
			want = []Range{{}}
		}
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d ranges of %d, %v", len(got), len(want), err)
		}
		for i, r := range got {
			back, err := d.rangeOf(r)
			if err != nil || r.Seq != i || !reflect.DeepEqual(back, want[i]) {
				t.Fatalf("range %d is %+v, cut was %+v, %v", i, back, want[i], err)
			}
		}
		if first, last := got[0], got[len(got)-1]; first.Lo != nil || last.Hi != nil {
			t.Fatal("first or last range is not open")
		}
	})
}
