package migration_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/migration/journal"
)

var errNotOpen = errors.New("not open")

// live makes the uploaded migration a live one, as another version of the
// program would have left it.
func (w *world) live() {
	w.t.Helper()
	err := w.open(nil, w.src, func(m *migration.Migration) error {
		last, found, err := m.Journal.LastRun(context.Background())
		if err != nil || !found {
			return errors.Join(err, errNotOpen)
		}
		last.Mode = string(migration.ModeLive)
		return m.Journal.PutRun(context.Background(), last)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	path := filepath.Join(w.target, "session.json")
	b, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), `"mode": "test"`, `"mode": "live"`, 1)), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func TestAfterALiveRunOnlyMissingFiles(t *testing.T) {
	w := uploadedWorld(t)
	w.live()
	lostAndChanged(w.src)
	if e := w.detect(); e.Mode != migration.ModeLive || !slices.Equal(e.Choices, []migration.RecoveryChoice{migration.RecoverMissing}) {
		t.Errorf("detected %+v", e)
	}
	before := w.content()
	for _, mode := range []migration.Mode{migration.ModeTest, migration.ModeLive} {
		w.recovery, w.mode = migration.RecoverOverwrite, mode
		_, err := w.process(context.Background(), w.plan)
		if !errors.Is(err, migration.ErrRecoveryNotAllowed) || migration.HintOf(err).IsZero() {
			t.Errorf("%s: %v, want ErrRecoveryNotAllowed", mode, err)
		}
	}
	if got := differing(before, w.content()); len(got) > 0 {
		t.Errorf("the refused overwrite wrote %q", got)
	}
	if res := w.recover(migration.RecoverMissing); res.Mode != migration.ModeLive || res.Counts.Sent != 2 {
		t.Errorf("%+v", res)
	}
	var choices []migration.RecoveryChoice
	if choices = migration.Choices(migration.ModeTest, migration.StateUploaded, []migration.Mode{migration.ModeLive}); !slices.Equal(choices, []migration.RecoveryChoice{migration.RecoverOverwrite}) {
		t.Errorf("test run, ticket for live: %q", choices)
	}
	if choices = migration.Choices(migration.ModeTest, migration.StateUploading, []migration.Mode{migration.ModeTest}); choices != nil {
		t.Errorf("unfinished run: %q", choices)
	}
}

func TestRecoveriesThatAreRefused(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 10, 2))
	for _, c := range []migration.RecoveryChoice{migration.RecoverMissing, migration.RecoverOverwrite} {
		w.recovery = c
		if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrRecoveryNotAllowed) {
			t.Errorf("%s without a run: %v", c, err)
		}
	}
	if len(w.content()) > 0 {
		t.Error("something was written")
	}
	w.recovery = ""
	interrupted(t, newWorldAt(w), "CRM7.table01")
	w.recovery = migration.RecoverOverwrite
	if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrRecoveryNotAllowed) {
		t.Errorf("unfinished run: %v", err)
	}
	w.recovery = ""
	w.mustRun(nil)
	w.recovery, w.changed = migration.RecoverOverwrite, []string{"document/1"}
	if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrRecoveryNotAllowed) {
		t.Errorf("changed files of an overwrite: %v", err)
	}
	w.changed = nil
	w.recovery = migration.RecoverMissing
	w.ticket = worldTicket()
	w.ticket.Modes = []migration.Mode{migration.ModeLive}
	if _, err := w.process(context.Background(), nil); !errors.Is(err, migration.ErrRecoveryNotAllowed) {
		t.Errorf("ticket without the mode: %v", err)
	}
}

// newWorldAt gives the world rows enough to be interrupted in.
func newWorldAt(w *world) *world {
	w.src = newFakeSource(2, 60, 2)
	return w
}

// A run that is refused for its plan leaves the uploaded one as it is.
func TestOverwriteWithoutPlanChangesNothing(t *testing.T) {
	w := uploadedWorld(t)
	before, known := w.content(), w.known()
	w.recovery = migration.RecoverOverwrite
	for _, change := range []func(){func() { w.checks = nil }, func() { w.plan.Users[0].UserName = "" }, func() { w.plan = nil }} {
		change()
		if _, err := w.process(context.Background(), w.plan); err == nil {
			t.Error("the overwrite was not refused")
		}
		w.checks = passed()
	}
	if got := differing(before, w.content()); len(got) > 0 || !maps.Equal(known, w.known()) {
		t.Errorf("written: %q", got)
	}
}

// An overwrite that is stopped while the journal is being turned over, by a
// fault or by the person, is either not begun or goes on.
func TestOverwriteIsCutInTheJournal(t *testing.T) {
	start := func() *world {
		w := uploadedWorld(t)
		lostAndChanged(w.src)
		w.recovery = migration.RecoverOverwrite
		return w
	}
	whole := start()
	whole.mustRun(whole.plan)
	want := whole.fingerprint()
	for _, n := range []int{1, 2, 3, 4, 5, 6, 12} {
		for _, fault := range []error{nil, errors.New("disk is gone")} {
			w := start()
			ctx, cancel := context.WithCancel(context.Background())
			calls := 0
			w.fail = func(point string) error {
				if point != journal.PointGroupBefore {
					return nil
				}
				if calls++; calls != n {
					return nil
				}
				cancel()
				return fault
			}
			if _, err := w.process(ctx, w.plan); err == nil {
				t.Fatalf("commit %d: the run was not stopped", n)
			}
			w.fail = nil
			plan := w.plan
			if e := w.detect(); e.Begin == migration.BeginResume {
				if plan, w.recovery = nil, ""; e.Recovery != migration.RecoverOverwrite {
					t.Errorf("commit %d: %+v", n, e)
				}
			} else if n == 12 {
				t.Errorf("commit %d: the overwrite was not begun: %+v", n, e)
			}
			w.mustRun(plan)
			w.sameAs(want)
		}
	}
}
