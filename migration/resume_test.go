package migration_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"testing"

	"omt/migration"
)

var errCut = errors.New("line was cut")

// cutTarget ends the process's context, as a crash would, when the target was
// called often enough: before the call, or after it so that the reply is lost.
type cutTarget struct {
	migration.Target
	calls  *atomic.Int64
	at     int64
	lose   bool // the call is carried out, its reply lost
	cancel context.CancelFunc
}

func (c *cutTarget) cut(f func() error) error {
	n := c.calls.Add(1)
	if n > c.at || n == c.at && !c.lose {
		c.cancel()
		return errCut
	}
	err := f()
	if n == c.at {
		c.cancel()
		return errCut
	}
	return err
}

func (c *cutTarget) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	return c.cut(func() error { return c.Target.Put(ctx, path, body, sum) })
}

func (c *cutTarget) Stage(ctx context.Context, path string, b migration.Block) (off int64, err error) {
	err = c.cut(func() (err error) {
		off, err = c.Target.Stage(ctx, path, b)
		return err
	})
	return off, err
}

func (c *cutTarget) Commit(ctx context.Context, path string, blocks []migration.BlockRef) error {
	return c.cut(func() error { return c.Target.Commit(ctx, path, blocks) })
}

// Wherever a run is cut, before a call to the target or between the call and
// its reply, the resumed run ends like an uninterrupted one.
func TestResumeAfterEveryCut(t *testing.T) {
	source := func() *fakeSource {
		s := newFakeSource(3, 60, 12)
		s.keyed = "CRM7.table02"
		s.modules = []migration.Module{{Schema: "dbo", Name: "v", Type: "VIEW", Definition: "CREATE VIEW v AS SELECT 1 AS n"}, {Schema: "dbo", Name: "p", Type: "SQL_STORED_PROCEDURE"}}
		return s
	}
	whole := newWorld(t, source())
	total := &atomic.Int64{}
	whole.wrap = func(tg migration.Target) migration.Target {
		return &cutTarget{Target: tg, calls: total, at: 1 << 40}
	}
	whole.mustRun(whole.plan)
	want := whole.fingerprint()
	if total.Load() < 25 {
		t.Fatalf("only %d calls to the target", total.Load())
	}
	for at := int64(1); at <= total.Load(); at += cutStep {
		for _, lose := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d lose=%v", at, lose), func(t *testing.T) {
				w := newWorld(t, source())
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				w.wrap = func(tg migration.Target) migration.Target {
					return &cutTarget{Target: tg, calls: &atomic.Int64{}, at: at, lose: lose, cancel: cancel}
				}
				if _, err := w.process(ctx, w.plan); err == nil {
					t.Fatal("the run was not cut")
				}
				if s := w.session(); s == migration.StateUploaded && at < total.Load() {
					t.Fatalf("state is %s after %d of %d calls", s, at, total.Load())
				}
				w.wrap = nil
				res, err := w.process(context.Background(), nil)
				switch {
				case at == total.Load() && lose:
					// The last word had arrived; only its reply was lost.
					if !errors.Is(err, migration.ErrUploaded) {
						t.Errorf("%v, want ErrUploaded", err)
					}
				case err != nil:
					t.Fatal(err)
				case res.Begin != migration.BeginResume:
					t.Errorf("begin = %s", res.Begin)
				}
				w.sameAs(want)
			})
		}
	}
}

// What the journal has is never sent again: a run that is cut again and again
// sends at most what was in flight each time.
func TestResumeSendsNothingTwice(t *testing.T) {
	w := newWorld(t, newFakeSource(3, 60, 40))
	var all migration.Counts
	var calls atomic.Int64
	cuts := 0
	plan := w.plan
	for {
		ctx, cancel := context.WithCancel(context.Background())
		w.wrap = func(tg migration.Target) migration.Target {
			return &cutTarget{Target: &countingTarget{tg, &calls}, calls: &atomic.Int64{}, at: 9, cancel: cancel}
		}
		res, err := w.process(ctx, plan)
		cancel()
		if err == nil {
			all = res.Counts
			break
		}
		plan = nil
		if cuts++; cuts > 60 {
			t.Fatal("no progress")
		}
	}
	// 40 documents, 3 tables of 4 parts, 4 fixed members at most, and per start
	// a session, 3 senders and 2 readers in flight.
	if limit := int64(40 + 13 + 4 + 10 + cuts*6); calls.Load() > limit {
		t.Errorf("%d calls with %d cuts, want at most %d", calls.Load(), cuts, limit)
	}
	// The last process may have had the last few documents left.
	if all.Skipped+all.Sent != 40 || all.Sent >= 9 {
		t.Errorf("last process = %+v", all)
	}
}

type countingTarget struct {
	migration.Target
	n *atomic.Int64
}

func (c *countingTarget) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	c.n.Add(1)
	return c.Target.Put(ctx, path, body, sum)
}

func (c *countingTarget) Stage(ctx context.Context, path string, b migration.Block) (int64, error) {
	c.n.Add(1)
	return c.Target.Stage(ctx, path, b)
}

// interrupted runs until the first document of the given row is opened.
func interrupted(t *testing.T, w *world, table string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.src.onRow = func(tb string, key int64) error {
		if tb == table && key > 100 {
			cancel()
			return context.Canceled
		}
		return nil
	}
	if _, err := w.process(ctx, w.plan); err == nil {
		t.Fatal("the run was not interrupted")
	}
	w.src.onRow = nil
}

func TestResumeReadsChangedTablesAgain(t *testing.T) {
	w := newWorld(t, newFakeSource(3, 60, 2))
	interrupted(t, w, "CRM7.table02")
	w.src.rows["CRM7.table01"][5] = 17 // a row was replaced
	w.src.usage["CRM7.table01"]++
	res := w.mustRun(nil)
	fresh := newWorld(t, newFakeSource(3, 60, 2))
	fresh.src.rows["CRM7.table01"][5] = 17
	fresh.mustRun(fresh.plan)
	want, got := fresh.fingerprint(), w.fingerprint()
	for k := range want {
		if k != "report.json" && got[k] != want[k] {
			t.Errorf("%s:\n got %s\nwant %s", k, got[k], want[k])
		}
	}
	if w := res.Report.Warnings; len(w) != 1 || w[0].ID != "warn.tables.reread" || w[0].Args["Count"] != 1 {
		t.Errorf("warnings = %v", w)
	}
}

func TestResumeWithoutUsageReadsEverything(t *testing.T) {
	w := newWorld(t, newFakeSource(3, 60, 2))
	w.src.noUsage = true
	interrupted(t, w, "CRM7.table02")
	res := w.mustRun(nil)
	if res.Counts.Reused != 0 || res.Report.Consistency.Proved {
		t.Errorf("counts %+v, proved %v: nothing proves that the tables are the same", res.Counts, res.Report.Consistency.Proved)
	}
}

// With consent what was read stays although nothing proves that it is still
// true, and the report says so; a further resume without it does not forget.
func TestResumeKeepsPartsByConsent(t *testing.T) {
	for name, again := range map[string]bool{"to its end": false, "interrupted again": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, newFakeSource(3, 60, 2))
			interrupted(t, w, "CRM7.table02")
			w.src.touch("CRM7.table01")
			w.keep = true
			if again {
				ctx, cancel := context.WithCancel(context.Background())
				w.src.onRow = func(string, int64) error { cancel(); return nil }
				if _, err := w.process(ctx, nil); !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				w.src.onRow, w.keep = nil, false
			}
			res := w.mustRun(nil)
			if res.Report.Consistency != (migration.Consistency{Class: "mixed"}) || res.Counts.Reused == 0 || res.Report.Database.Rows != 180 {
				t.Errorf("%+v with %+v and %d rows", res.Report.Consistency, res.Counts, res.Report.Database.Rows)
			}
			if wr := res.Report.Warnings; len(wr) != 1 || wr[0].ID != "warn.tables.mixed" || wr[0].Args["Count"] != 1 {
				t.Errorf("warnings = %v", wr)
			}
		})
	}
}

// A table of which parts were kept and whose rows do not add up is read again
// as a whole, and is not mixed any more.
func TestKeptPartsThatDoNotAddUp(t *testing.T) {
	w := newWorld(t, newFakeSource(3, 60, 2))
	interrupted(t, w, "CRM7.table02")
	w.src.rows["CRM7.table02"] = append(w.src.rows["CRM7.table02"], 1000) // in the range that is open
	w.src.touch("CRM7.table01")
	w.src.touch("CRM7.table02")
	w.keep = true
	res := w.mustRun(nil)
	if res.Report.Consistency.Class != "mixed" || res.Report.Database.Rows != 181 {
		t.Errorf("class %s with %d rows", res.Report.Consistency.Class, res.Report.Database.Rows)
	}
	if wr := res.Report.Warnings; len(wr) != 1 || wr[0].ID != "warn.tables.mixed" || wr[0].Args["Count"] != 1 {
		t.Errorf("warnings = %v", wr)
	}
}

func TestResumeRefusesAnotherDisk(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 60, 2))
	interrupted(t, w, "CRM7.table01")
	there := w.target
	w.target = t.TempDir()
	if _, err := w.process(context.Background(), nil); !errors.Is(err, migration.ErrOtherTarget) {
		t.Errorf("other folder: %v, want ErrOtherTarget", err)
	}
	w.target = there
	w.src.identity.Serial = "18"
	if _, err := w.process(context.Background(), nil); !errors.Is(err, migration.ErrCompanyChanged) {
		t.Errorf("other serial: %v, want ErrCompanyChanged", err)
	}
	w.src.identity.Serial = "17"
	w.mustRun(nil)
}

// writeOnly is a target of a ticket that may not read or list.
type writeOnly struct{ migration.Target }

func (w *writeOnly) Probe(context.Context) (migration.Rights, error) {
	return migration.Rights{Write: true, Free: -1}, nil
}

func (w *writeOnly) Open(context.Context, string, int64, int64) (io.ReadCloser, error) {
	return nil, migration.ErrForbidden
}

func (w *writeOnly) List(context.Context, string, func(migration.Object) error) error {
	return migration.ErrForbidden
}

// Without the right to read the journal alone says what was sent, and the
// report says what nobody could see.
func TestResumeWithoutReading(t *testing.T) {
	w := newWorld(t, newFakeSource(3, 60, 12))
	w.wrap = func(tg migration.Target) migration.Target { return &writeOnly{tg} }
	interrupted(t, w, "CRM7.table01")
	res := w.mustRun(nil)
	if res.Begin != migration.BeginResume || res.Counts.Skipped == 0 && res.Counts.Reused == 0 {
		t.Errorf("begin %s with %+v: nothing was taken up", res.Begin, res.Counts)
	}
	var ids []string
	for _, m := range res.Report.Warnings {
		ids = append(ids, m.ID)
	}
	for _, want := range []string{"warn.notreadback", "warn.unseen"} {
		if !slices.Contains(ids, want) {
			t.Errorf("warnings %q, want %s among them", ids, want)
		}
	}
}

func TestReadIsRepeatedAfterTransientFault(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 60, 2))
	var faults atomic.Int64
	w.src.onRow = func(table string, key int64) error {
		if key == 31 && faults.Add(1) <= 3 {
			return errors.New("mssql: Transaction was deadlocked (1205)")
		}
		return nil
	}
	w.mustRun(w.plan)
	clean := newWorld(t, newFakeSource(2, 60, 2))
	clean.mustRun(clean.plan)
	w.sameAs(clean.fingerprint())
	if faults.Load() < 3 {
		t.Errorf("%d faults were met", faults.Load())
	}
}

func TestLostRowsStopTheRun(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 60, 2))
	lost := &losingSource{fakeSource: w.src}
	_, err := w.processWith(context.Background(), w.plan, lost)
	if !errors.Is(err, migration.ErrRowsLost) {
		t.Errorf("%v, want ErrRowsLost", err)
	}
	if s := w.session(); s != migration.StateFailed {
		t.Errorf("state = %s", s)
	}
}

// losingSource forgets the last row of every range.
type losingSource struct{ *fakeSource }

func (s *losingSource) Rows(ctx context.Context, t *migration.Table, r migration.Range) (migration.RowReader, error) {
	rows, err := s.fakeSource.Rows(ctx, t, r)
	if f, ok := rows.(*fakeRows); ok && len(f.keys) > 0 {
		f.keys = f.keys[:len(f.keys)-1]
	}
	return rows, err
}

func TestSpecialTableNamesAreWarnedAbout(t *testing.T) {
	w := newWorld(t, newFakeSource(3, 5, 1))
	w.src.tables[2].Name = "y.odd [name]"
	w.src.rows[w.src.tables[2].FullName()] = []int64{1, 2}
	for _, m := range w.mustRun(w.plan).Report.Warnings {
		if m.ID == "warn.tables.special" && m.Args["Count"] == 1 {
			return
		}
	}
	t.Error("no warning of the table's name")
}
