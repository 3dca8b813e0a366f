package migration_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"omt/migration"
)

// seed sends files ahead in a process of its own.
func (w *world) seed(ctx context.Context) (res *migration.Result, err error) {
	w.t.Helper()
	err = w.open(nil, w.src, func(m *migration.Migration) (err error) {
		m.Seed, m.Mode, m.Checks = true, "", nil
		res, err = m.Run(ctx)
		return err
	})
	return res, err
}

func (w *world) mustSeed() *migration.Result {
	w.t.Helper()
	res, err := w.seed(w.t.Context())
	if err != nil {
		w.t.Fatalf("send ahead: %v", err)
	}
	return res
}

// documents are the paths of documents among those that were put.
func (p *puts) documents() []string {
	out := []string{}
	for _, path := range p.paths() {
		if rest, ok := strings.CutPrefix(path, folder20); ok {
			out = append(out, rest)
		}
	}
	slices.Sort(out)
	return out
}

// Documents that were sent days ahead are not sent again by the migration; what
// has changed, come or been found since is, and it ends like one at which nothing
// was sent ahead.
func TestSeededMigrationSendsTheDifference(t *testing.T) {
	for _, c := range []struct {
		name string
		wrap func(migration.Target) migration.Target
	}{{"", nil}, {"write only", func(tg migration.Target) migration.Target { return &writeOnly{tg} }}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, newFakeSource(2, 40, 12))
			w.src.addDocument(100, "lost.docx", nil)
			w.wrap = c.wrap
			res := w.mustSeed()
			if w.session() != migration.StateSeeded || res.Seed["document"][migration.Uploaded].Count != 12 || res.Report != nil {
				t.Errorf("state %s, %+v", w.session(), res)
			}
			if f := w.content(); f["plan.json"] != "" || f["report.json"] != "" || f["database/SuperOffice.bacpac"] != "" {
				t.Error("more than files was sent ahead")
			}
			w.src.write(2, "edited since", 40)
			w.src.write(100, "found since", 50)
			w.src.times["mem/3"] = time.Unix(60, 0) // touched only
			w.src.addDocument(200, "new.docx", []byte("came since"))
			w.src.remove(5)
			opened := map[int64]bool{}
			w.src.onOpen = func(it migration.Item) error {
				w.src.mu.Lock()
				defer w.src.mu.Unlock()
				opened[it.Row] = true
				return nil
			}
			var sent puts
			w.wrap = func(tg migration.Target) migration.Target {
				if c.wrap != nil {
					tg = c.wrap(tg)
				}
				return sent.over(tg)
			}
			got := w.mustRun(w.plan)
			if want := []string{"brief 2.docx", "lost.docx", "new.docx"}; !slices.Equal(sent.documents(), want) {
				t.Errorf("sent %q, want %q", sent.documents(), want)
			}
			w.src.onOpen = nil
			// By size and time it is known what need not even be read.
			if rows := slices.Sorted(maps.Keys(opened)); !slices.Equal(rows, []int64{2, 3, 100, 200}) {
				t.Errorf("opened %v", rows)
			}
			if k := got.Report.Kinds["document"]; got.Begin != migration.BeginInitial || k[migration.Uploaded].Count != 3 || k[migration.Unchanged].Count != 10 {
				t.Errorf("begin %s, documents %+v", got.Begin, k)
			}
			whole := newWorld(t, w.src)
			whole.mustRun(whole.plan)
			have, want := w.content(), whole.content()
			for path, b := range want {
				if strings.HasPrefix(path, "documents/") && have[path] != b {
					t.Errorf("%s has other bytes", path)
				}
			}
			if w.session() != migration.StateUploaded {
				t.Errorf("state is %s", w.session())
			}
		})
	}
}

// Sending ahead may be interrupted, repeated, and interrupted again before the
// migration; what was acknowledged is not sent a second time.
func TestSeedIsInterruptedAndRepeated(t *testing.T) {
	w := newWorld(t, newFakeSource(1, 20, 30))
	var sent puts
	cut := func(at int64) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w.wrap = func(tg migration.Target) migration.Target {
			return sent.over(&cancelTarget{tg, new(atomic.Int64), at, cancel})
		}
		if _, err := w.seed(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("not interrupted: %v", err)
		}
		w.wrap = sent.over
	}
	cut(12)
	w.mustSeed()
	w.src.write(7, "edited since", 40)
	w.src.write(9, "edited as well", 41)
	cut(3)
	w.mustRun(w.plan)
	times := map[string]int{}
	for _, d := range sent.documents() {
		times[d]++
	}
	again := 0
	for _, n := range times {
		again += n - 1
	}
	// The two that were edited, and at each of the two cuts what was under way.
	if len(times) != 30 || again > 2+2*3 {
		t.Errorf("%d documents, %d sent again: %v", len(times), again, times)
	}
	whole := newWorld(t, w.src)
	whole.mustRun(whole.plan)
	have, want := w.content(), whole.content()
	for path, b := range want {
		if strings.HasPrefix(path, "documents/") && have[path] != b {
			t.Errorf("%s has other bytes", path)
		}
	}
}

// A migration that was interrupted after files were sent ahead goes on, and
// nothing can be sent ahead any more.
func TestSeedIsOnlyForTheTimeBefore(t *testing.T) {
	w := newWorld(t, newFakeSource(3, 60, 12))
	w.mustSeed()
	interrupted(t, w, "CRM7.table02")
	late := func() {
		t.Helper()
		if _, err := w.seed(t.Context()); !errors.Is(err, migration.ErrSeedNotAllowed) || migration.HintOf(err).ID != "hint.seed.late" {
			t.Errorf("%v, want ErrSeedNotAllowed", err)
		}
	}
	late()
	if res := w.mustRun(nil); res.Begin != migration.BeginResume || res.Report.Kinds["document"][migration.Unchanged].Count != 12 {
		t.Errorf("%s, documents %+v", res.Begin, res.Report.Kinds["document"])
	}
	late()
	if w.session() != migration.StateUploaded {
		t.Errorf("state is %s", w.session())
	}
}

// Files that were sent ahead to another target, or that are gone from it, are
// not taken for sent.
func TestSeedElsewhereIsNotTaken(t *testing.T) {
	w := newWorld(t, newFakeSource(1, 20, 4))
	w.mustSeed()
	there := w.target
	w.target = t.TempDir()
	if _, err := w.process(t.Context(), w.plan); !errors.Is(err, migration.ErrOtherTarget) || migration.HintOf(err).IsZero() {
		t.Errorf("another target: %v, want ErrOtherTarget", err)
	}
	w.target = there
	// Another computer has no journal of it: what lies there is compared by its
	// sums where the target tells them.
	w.state, w.host = t.TempDir(), "there"
	w.mustRun(w.plan)
	whole := newWorld(t, w.src)
	whole.mustRun(whole.plan)
	have := w.content()
	for path, b := range whole.content() {
		if strings.HasPrefix(path, "documents/") && have[path] != b {
			t.Errorf("%s has other bytes", path)
		}
	}
}

// What was sent ahead is told before the start.
func TestSeedIsTold(t *testing.T) {
	w := newWorld(t, newFakeSource(1, 20, 4))
	w.mustSeed()
	for _, elsewhere := range []bool{false, true} {
		if elsewhere {
			w.state = t.TempDir()
		}
		err := w.open(nil, w.src, func(m *migration.Migration) error {
			e, err := migration.DetectAt(t.Context(), m.Journal, m.Target, worldTicket())
			if e.Begin != migration.BeginInitial || e.Note.ID != "earlier.seeded" || e.Elsewhere != elsewhere {
				t.Errorf("elsewhere %v: %+v", elsewhere, e)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
