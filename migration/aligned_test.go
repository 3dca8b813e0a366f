package migration_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"omt/migration"
)

// alignSource is a source whose database allows readers of one moment.
type alignSource struct {
	*fakeSource
	off  bool
	busy bool // the readers never see one moment
	n    int  // moments begun
	open int
	// lose is asked before each result: the readers are lost with true.
	lose func(moment int) bool
}

func (s *alignSource) Alignable(context.Context) (bool, error) { return !s.off, nil }

func (s *alignSource) Align(ctx context.Context, readers int) (migration.AlignedRows, error) {
	if readers != 2 {
		return nil, errors.New("readers are not those of the limits")
	}
	if s.busy {
		return nil, migration.Fail("align", "", migration.ErrNotAligned, migration.Msg("hint.aligned.busy"))
	}
	p, err := s.Proof(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	s.open++
	one := &fakeSource{identity: s.identity, tables: s.tables, rows: map[string][]int64{}, onRow: s.onRow}
	for t, rows := range s.rows {
		one.rows[t] = slices.Clone(rows)
	}
	return &alignRows{one, s, s.n, p}, nil
}

type alignRows struct {
	*fakeSource
	s      *alignSource
	moment int
	proof  migration.Proof
}

func (r *alignRows) Proof(context.Context) (migration.Proof, error) { return r.proof, nil }

func (r *alignRows) Rows(ctx context.Context, t *migration.Table, x migration.Range) (migration.RowReader, error) {
	if r.s.lose != nil && r.s.lose(r.moment) {
		return nil, migration.Fail("read", t.FullName(), migration.ErrStateLost, migration.Msg("hint.aligned.lost"))
	}
	return r.fakeSource.Rows(ctx, t, x)
}

func (r *alignRows) Close() error {
	r.s.open--
	return nil
}

func alignWorld(t *testing.T) (*world, *alignSource) {
	w := newWorld(t, newFakeSource(3, 60, 12))
	return w, &alignSource{fakeSource: w.src}
}

func (w *world) aligned(t *testing.T, s *alignSource, plan *migration.Plan) *migration.Result {
	t.Helper()
	res, err := w.processWith(context.Background(), plan, s)
	if err != nil {
		t.Fatal(err)
	}
	if s.open != 0 {
		t.Errorf("%d moments are still open", s.open)
	}
	return res
}

// people write into every table.
func (s *fakeSource) people() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tables {
		name := t.FullName()
		s.rows[name] = append(s.rows[name], int64(1000+len(s.rows[name])))
		s.usage[name]++
	}
}

func (w *world) wantClass(t *testing.T, res *migration.Result, class string, proved bool, rows int64) {
	t.Helper()
	if c := res.Report.Consistency; c != (migration.Consistency{Class: class, Proved: proved}) || res.Report.Database.Rows != rows {
		t.Errorf("class %+v with %d rows, want %s, %v, %d", c, res.Report.Database.Rows, class, proved, rows)
	}
}

// TestAligned: what people write while the tables are read is in none of them.
func TestAligned(t *testing.T) {
	for _, usage := range []bool{true, false} {
		w, s := alignWorld(t)
		s.noUsage = !usage
		s.onRow = func() func(string, int64) error {
			write := sync.OnceFunc(s.people)
			return func(string, int64) error { write(); return nil }
		}()
		w.wantClass(t, w.aligned(t, s, w.plan), "aligned", usage, 180)
		// The same without it: the rows that came are in the tables read after that.
		w, s = alignWorld(t)
		w.align, s.noUsage = migration.AlignNever, !usage
		s.onRow = func() func(string, int64) error {
			write := sync.OnceFunc(s.people)
			return func(string, int64) error { write(); return nil }
		}()
		if res := w.aligned(t, s, w.plan); res.Report.Consistency.Class != "live" || s.n != 0 || res.Report.Database.Rows == 180 {
			t.Errorf("%+v, %d moments, %d rows", res.Report.Consistency, s.n, res.Report.Database.Rows)
		}
	}
}

// TestAlignedWhere: a frozen run keeps its own way unless it is asked for, and a
// database that does not allow it is read live or not at all.
func TestAlignedWhere(t *testing.T) {
	for _, x := range []struct {
		mode      migration.Mode
		align     migration.AlignChoice
		off, busy bool
		class     string
		hint      string
	}{
		{migration.ModeTest, migration.AlignAuto, false, false, "aligned", ""},
		{migration.ModeLive, migration.AlignAuto, false, false, "frozen", ""},
		{migration.ModeLive, migration.AlignAlways, false, false, "aligned", ""},
		{migration.ModeTest, migration.AlignAuto, true, false, "live", ""},
		{migration.ModeTest, migration.AlignAlways, true, false, "", "hint.aligned.off"},
		{migration.ModeTest, migration.AlignAuto, false, true, "live", ""},
		{migration.ModeTest, migration.AlignAlways, false, true, "", "hint.aligned.busy"},
	} {
		w, s := alignWorld(t)
		w.mode, w.plan.Mode, w.align, w.freezer = x.mode, x.mode, x.align, &fakeFreezer{}
		s.off, s.busy = x.off, x.busy
		res, err := w.processWith(context.Background(), w.plan, s)
		if hint := migration.HintOf(err).ID; hint != x.hint {
			t.Errorf("%+v: %v", x, err)
		}
		if err == nil && res.Report.Consistency.Class != x.class {
			t.Errorf("%+v: class %s", x, res.Report.Consistency.Class)
		}
	}
}

// TestAlignedLost: readers that are lost begin another moment, and everything
// that may have changed is read again of that one.
func TestAlignedLost(t *testing.T) {
	for _, usage := range []bool{true, false} {
		w, s := alignWorld(t)
		s.noUsage = !usage
		results := 0
		s.lose = func(moment int) bool {
			s.mu.Lock()
			results++
			lost := moment == 1 && results == 8
			s.mu.Unlock()
			if lost {
				s.people()
			}
			return lost
		}
		res := w.aligned(t, s, w.plan)
		w.wantClass(t, res, "aligned", usage, 183)
		if s.n != 2 {
			t.Errorf("%d moments", s.n)
		}
	}
	w, s := alignWorld(t)
	s.lose = func(int) bool { return true }
	_, err := w.processWith(context.Background(), w.plan, s)
	if !errors.Is(err, migration.ErrStateLost) || migration.HintOf(err).ID != "hint.aligned.lost" || s.n != 3 || s.open != 0 {
		t.Errorf("%v after %d moments", err, s.n)
	}
}

// TestAlignedResume: another process begins another moment. It keeps the parts
// of tables that provably have not changed, and those that a person wants kept.
func TestAlignedResume(t *testing.T) {
	for _, x := range []struct {
		name           string
		usage, change  bool
		keep, reused   bool
		class          string
		proved, reread bool
		rows           int64
	}{
		{"unchanged", true, false, false, true, "aligned", true, false, 180},
		{"changed", true, true, false, false, "aligned", true, true, 183},
		{"not provable", false, false, false, false, "aligned", false, true, 180},
		{"kept", false, false, true, true, "mixed", false, false, 180},
	} {
		t.Run(x.name, func(t *testing.T) {
			w, s := alignWorld(t)
			s.noUsage = !x.usage
			ctx, cancel := context.WithCancel(context.Background())
			n := 0
			s.onRow = func(string, int64) error {
				s.mu.Lock()
				defer s.mu.Unlock()
				if n++; n == 120 {
					cancel()
				}
				return nil
			}
			if _, err := w.processWith(ctx, w.plan, s); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			s.onRow = nil
			if x.change {
				s.people()
			}
			w.keep = x.keep
			res := w.aligned(t, s, nil)
			w.wantClass(t, res, x.class, x.proved, x.rows)
			if (res.Counts.Reused > 0) != x.reused {
				t.Errorf("%d parts reused", res.Counts.Reused)
			}
			warned := slices.ContainsFunc(res.Report.Warnings, func(m migration.Message) bool { return m.ID == "warn.tables.reread" })
			if warned != x.reread {
				t.Errorf("warnings %+v", res.Report.Warnings)
			}
		})
	}
}
