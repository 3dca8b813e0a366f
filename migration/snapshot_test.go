package migration_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"testing"

	"omt/migration"
	"omt/migration/journal"
)

// snapFreezer is a freezer on whose server snapshots of a source are made.
type snapFreezer struct {
	*fakeFreezer
	src   *fakeSource
	snaps map[string]*fakeSource // by name
	made  []string               // all that ever were
	open  int
	stuck error // what a drop says
}

func newSnapFreezer(src *fakeSource) *snapFreezer {
	return &snapFreezer{fakeFreezer: &fakeFreezer{}, src: src, snaps: map[string]*fakeSource{}}
}

func (f *snapFreezer) Prepare(ctx context.Context, r migration.FreezeRequest) (migration.FreezeRecord, error) {
	rec, err := f.fakeFreezer.Prepare(ctx, r)
	if r.Snapshot != "" {
		rec.Snapshot = &migration.FrozenSnapshot{Name: r.Snapshot}
	}
	return rec, err
}

func (f *snapFreezer) Freeze(ctx context.Context, rec migration.FreezeRecord, r migration.FreezeRequest) error {
	if err := f.fakeFreezer.Freeze(ctx, rec, r); err != nil {
		return err
	}
	if s := rec.Snapshot; s != nil && f.snaps[s.Name] == nil {
		f.src.mu.Lock()
		copied := &fakeSource{identity: f.src.identity, tables: f.src.tables, rows: map[string][]int64{}, noUsage: true, onRow: f.src.onRow}
		for t, rows := range f.src.rows {
			copied.rows[t] = slices.Clone(rows)
		}
		f.src.mu.Unlock()
		f.snaps[s.Name] = copied
		f.made = append(f.made, s.Name)
	}
	return nil
}

func (f *snapFreezer) Thaw(ctx context.Context, rec migration.FreezeRecord) ([]migration.Message, error) {
	notes, err := f.fakeFreezer.Thaw(ctx, rec)
	return notes, errors.Join(err, f.DropSnapshot(ctx, rec))
}

func (f *snapFreezer) Held(ctx context.Context, rec migration.FreezeRecord) (migration.FreezeHeld, error) {
	held, err := f.fakeFreezer.Held(ctx, rec)
	held.Snapshot = rec.Snapshot != nil && f.snaps[rec.Snapshot.Name] != nil
	return held, err
}

func (f *snapFreezer) DropSnapshot(_ context.Context, rec migration.FreezeRecord) error {
	if f.stuck != nil {
		return f.stuck
	}
	if rec.Snapshot != nil {
		delete(f.snaps, rec.Snapshot.Name)
	}
	return nil
}

func (f *snapFreezer) OpenSnapshot(_ context.Context, rec migration.FreezeRecord) (migration.SnapshotRows, error) {
	s := f.snaps[rec.Snapshot.Name]
	if s == nil {
		return nil, fs.ErrNotExist
	}
	f.open++
	return &snapRows{s, f, rec.Snapshot.Name}, nil
}

type snapRows struct {
	*fakeSource
	f    *snapFreezer
	name string
}

func (s *snapRows) Proof(ctx context.Context) (migration.Proof, error) {
	p, err := s.fakeSource.Proof(ctx)
	p.Snapshot = s.name
	return p, err
}

func (s *snapRows) Close() error {
	s.f.open--
	return nil
}

func snapWorld(t *testing.T, rows int) (*world, *snapFreezer) {
	w := newWorld(t, newFakeSource(3, rows, 12))
	f := newSnapFreezer(w.src)
	w.mode, w.plan.Mode, w.freezer, w.snapshot = migration.ModeLive, migration.ModeLive, f, true
	return w, f
}

// TestSnapshot: what people write while the tables are read is in none of them,
// and the snapshot is gone at the end while the users stay out.
func TestSnapshot(t *testing.T) {
	w, f := snapWorld(t, 60)
	write := sync.OnceFunc(func() {
		w.src.mu.Lock()
		defer w.src.mu.Unlock()
		for table := range w.src.rows {
			w.src.rows[table] = append(w.src.rows[table], 1000)
		}
	})
	w.src.onRow = func(string, int64) error {
		write()
		return nil
	}
	res := w.mustRun(w.plan)
	if res.Report.Consistency != (migration.Consistency{Class: "snapshot", Proved: true}) || res.Report.Database.Rows != 180 {
		t.Errorf("%+v with %d rows", res.Report.Consistency, res.Report.Database.Rows)
	}
	if len(f.made) != 1 || len(f.snaps) != 0 || f.open != 0 || !f.on {
		t.Errorf("made %v, left %v, %d open, frozen %v", f.made, maps.Keys(f.snaps), f.open, f.on)
	}
}

// TestSnapshotOnlyWithConsent: without it nothing is made, and a test run makes
// none with it either.
func TestSnapshotOnlyWithConsent(t *testing.T) {
	w, f := snapWorld(t, 60)
	w.snapshot = false
	if res := w.mustRun(w.plan); res.Report.Consistency.Class != "frozen" || len(f.made) != 0 {
		t.Errorf("class %s, made %v", res.Report.Consistency.Class, f.made)
	}
	w, f = snapWorld(t, 60)
	w.mode, w.plan.Mode = migration.ModeTest, migration.ModeTest
	if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrModeNotAllowed) || migration.HintOf(err).ID != "hint.snapshot.mode" {
		t.Errorf("test run: %v", err)
	}
	if w.session() != "" || len(f.made) != 0 {
		t.Errorf("session %s, made %v", w.session(), f.made)
	}
}

// errDied ends a process where a kill would.
var errDied = errors.New("killed")

// TestSnapshotSurvivesKill: a resume goes on with the snapshot of the killed
// process and reads again only what was in flight; people who wrote in between
// change nothing.
func TestSnapshotSurvivesKill(t *testing.T) {
	whole, _ := snapWorld(t, 300)
	whole.mustRun(whole.plan)
	want := whole.fingerprint()
	w, f := snapWorld(t, 300)
	rows := 0
	var mu sync.Mutex
	read := func(limit int) func(string, int64) error {
		rows = 0
		return func(string, int64) error {
			mu.Lock()
			defer mu.Unlock()
			if rows++; rows > limit {
				return errDied
			}
			return nil
		}
	}
	w.src.onRow = read(700)
	// From then on the journal takes nothing, so that nothing is thawed.
	w.fail = func(string) error {
		mu.Lock()
		defer mu.Unlock()
		if rows > 700 {
			return errDied
		}
		return nil
	}
	if _, err := w.process(context.Background(), w.plan); err == nil {
		t.Fatal("the run was not killed")
	}
	if w.fail = nil; !f.on || len(f.snaps) != 1 {
		t.Fatalf("frozen %v, %d snapshots", f.on, len(f.snaps))
	}
	w.src.mu.Lock()
	for table := range w.src.rows {
		w.src.rows[table] = append(w.src.rows[table], 1000)
	}
	w.src.mu.Unlock()
	f.snaps[f.made[0]].onRow = read(1 << 30)
	res := w.mustRun(nil)
	if len(f.made) != 1 || len(f.snaps) != 0 || res.Report.Consistency.Class != "snapshot" || res.Report.Database.Rows != 900 {
		t.Errorf("made %v, left %d, class %s, %d rows", f.made, len(f.snaps), res.Report.Consistency.Class, res.Report.Database.Rows)
	}
	if rows >= 900 || res.Counts.Reused == 0 {
		t.Errorf("%d rows were read again, %d parts reused", rows, res.Counts.Reused)
	}
	w.sameAs(want)
}

// TestSnapshotOfStoppedRun: a run that stops lets people in and drops its
// snapshot; the resume makes another and reads everything from it.
func TestSnapshotOfStoppedRun(t *testing.T) {
	w, f := snapWorld(t, 60)
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	var mu sync.Mutex
	w.src.onRow = func(string, int64) error {
		mu.Lock()
		defer mu.Unlock()
		if n++; n == 100 {
			cancel()
		}
		return nil
	}
	if _, err := w.process(ctx, w.plan); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if f.on || len(f.snaps) != 0 || f.open != 0 {
		t.Errorf("frozen %v, %d snapshots, %d open", f.on, len(f.snaps), f.open)
	}
	w.src.onRow = nil
	res := w.mustRun(nil)
	if len(f.made) != 2 || f.made[0] == f.made[1] || len(f.snaps) != 0 || res.Report.Consistency.Class != "snapshot" {
		t.Errorf("made %v, left %d, class %s", f.made, len(f.snaps), res.Report.Consistency.Class)
	}
}

// TestSnapshotThatStays: one that cannot be dropped stops the run with words
// for people, and the next start drops it without reading a row.
func TestSnapshotThatStays(t *testing.T) {
	w, f := snapWorld(t, 60)
	f.stuck = migration.Fail("drop snapshot", "omt", errors.New("in use"), migration.Msg("hint.snapshot.drop", "Name", "omt", "Number", 3702))
	if _, err := w.process(context.Background(), w.plan); migration.HintOf(err).ID != "hint.snapshot.drop" {
		t.Fatalf("%v", err)
	}
	f.stuck = nil
	w.src.onRow = func(string, int64) error {
		t.Error("a row was read again")
		return nil
	}
	res := w.mustRun(nil)
	if len(f.made) != 1 || len(f.snaps) != 0 || res.Report.Consistency.Class != "snapshot" {
		t.Errorf("made %v, left %d, class %s", f.made, len(f.snaps), res.Report.Consistency.Class)
	}
}

// TestKilledFreezeWithSnapshot: wherever freeze, drop or thaw is cut, the next
// one leaves no snapshot behind.
func TestKilledFreezeWithSnapshot(t *testing.T) {
	for _, point := range []string{migration.StepPrepared, migration.StepRecorded, migration.StepFrozen, migration.StepDropped, migration.StepThawing, migration.StepUndone} {
		t.Run(point, func(t *testing.T) {
			_, f := snapWorld(t, 60)
			j, err := journal.Open(t.Context(), t.TempDir(), testKey, journal.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			cut := &migration.Freezing{Journal: j, Freezer: f, FailPoint: func(step string) error {
				if step == point {
					return errDied
				}
				return nil
			}}
			r := migration.FreezeRequest{Snapshot: "omt_1"}
			_, err = cut.Freeze(t.Context(), "run", r)
			if err == nil {
				err = cut.DropSnapshot(t.Context())
			}
			if err == nil {
				_, err = cut.Thaw(t.Context())
			}
			if !errors.Is(err, errDied) {
				t.Fatalf("%v", err)
			}
			whole := &migration.Freezing{Journal: j, Freezer: f}
			r.Snapshot = "omt_2"
			rec, err := whole.Freeze(t.Context(), "run", r)
			if err != nil || rec.Snapshot == nil || len(f.snaps) != 1 || f.snaps[rec.Snapshot.Name] == nil {
				t.Fatalf("frozen again: %+v with %d snapshots, %v", rec.Snapshot, len(f.snaps), err)
			}
			if _, err := whole.Thaw(t.Context()); err != nil || len(f.snaps) != 0 || f.on {
				t.Errorf("thawed: %d snapshots, frozen %v, %v", len(f.snaps), f.on, err)
			}
		})
	}
}

// gaugeFreezer is one whose snapshots tell how they grow.
type gaugeFreezer struct {
	*snapFreezer
	growth func() (migration.SnapshotGrowth, error)
	looked chan struct{} // closed when the growth was told
}

type gaugeRows struct {
	migration.SnapshotRows
	f    *gaugeFreezer
	once sync.Once
}

func (f *gaugeFreezer) OpenSnapshot(ctx context.Context, rec migration.FreezeRecord) (migration.SnapshotRows, error) {
	rows, err := f.snapFreezer.OpenSnapshot(ctx, rec)
	return &gaugeRows{SnapshotRows: rows, f: f}, err
}

func (r *gaugeRows) Growth(ctx context.Context) (migration.SnapshotGrowth, error) {
	r.once.Do(func() { close(r.f.looked) })
	g, err := r.f.growth()
	return g, errors.Join(err, ctx.Err())
}

// TestSnapshotGrowth: a volume that becomes short is said while the run goes on
// and in the report; one that is nearly full stops it, and the snapshot is gone.
func TestSnapshotGrowth(t *testing.T) {
	for _, x := range []struct {
		name   string
		growth migration.SnapshotGrowth
		err    error
		warns  bool
		hint   string
	}{
		{"room", migration.SnapshotGrowth{Bytes: 9 << 30, Volume: `D:\`, Free: 50 << 30}, nil, false, ""},
		{"not told", migration.SnapshotGrowth{}, nil, false, ""},
		{"cannot be read", migration.SnapshotGrowth{}, errors.New("connection lost"), false, ""},
		{"short", migration.SnapshotGrowth{Bytes: 9 << 30, Volume: `D:\`, Free: 3 << 30}, nil, true, ""},
		{"full", migration.SnapshotGrowth{Bytes: 9 << 30, Volume: `D:\`, Free: 500 << 20}, nil, false, "hint.snapshot.full"},
	} {
		t.Run(x.name, func(t *testing.T) {
			w, snap := snapWorld(t, 60)
			f := &gaugeFreezer{snapFreezer: snap, growth: func() (migration.SnapshotGrowth, error) { return x.growth, x.err }, looked: make(chan struct{})}
			w.freezer = f
			w.src.onRow = func(string, int64) error {
				<-f.looked
				return nil
			}
			res, err := w.process(t.Context(), w.plan)
			if migration.HintOf(err).ID != x.hint || (err != nil) != (x.hint != "") {
				t.Fatal(err)
			}
			if len(f.snaps) != 0 || f.open != 0 {
				t.Errorf("%d snapshots left, %d open", len(f.snaps), f.open)
			}
			if err != nil {
				if !errors.Is(err, migration.ErrNoSpace) || f.on {
					t.Errorf("%v; frozen %v", err, f.on)
				}
				return
			}
			warned := slices.ContainsFunc(res.Report.Warnings, func(m migration.Message) bool {
				return m.ID == "warn.snapshot.low" && m.Args["Free"] == int64(3<<10) && m.Args["Grown"] == int64(9<<10)
			})
			if warned != x.warns {
				t.Errorf("warnings %+v", res.Report.Warnings)
			}
		})
	}
}
