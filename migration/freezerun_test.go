package migration_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"omt/migration"
	"omt/migration/journal"
)

// fakeFreezer is an installation with one switch; it writes down what is asked.
type fakeFreezer struct {
	calls  []string
	on     bool
	mark   string // of the configuration: changes when somebody writes it
	denied error
	taken  int // times that the id is taken by others
	stuck  error
}

func (f *fakeFreezer) say(what string) { f.calls = append(f.calls, what) }

func (f *fakeFreezer) CanFreeze(context.Context, migration.FreezeRequest) error {
	f.say("can")
	return f.denied
}

func (f *fakeFreezer) Prepare(_ context.Context, r migration.FreezeRequest) (migration.FreezeRecord, error) {
	f.say("prepare")
	return migration.FreezeRecord{Config: &migration.FrozenConfig{Path: "config"}}, nil
}

func (f *fakeFreezer) Freeze(context.Context, migration.FreezeRecord, migration.FreezeRequest) error {
	f.say("freeze")
	if f.taken > 0 {
		f.taken--
		return migration.ErrChanged
	}
	f.on = true
	return nil
}

func (f *fakeFreezer) Thaw(context.Context, migration.FreezeRecord) ([]migration.Message, error) {
	f.say("thaw")
	if f.stuck != nil {
		return nil, f.stuck
	}
	f.on = false
	return nil, nil
}

func (f *fakeFreezer) Held(context.Context, migration.FreezeRecord) (migration.FreezeHeld, error) {
	return migration.FreezeHeld{Config: f.on, Mark: f.mark}, nil
}

// did are the calls that change something.
func (f *fakeFreezer) did() []string {
	return slices.DeleteFunc(slices.Clone(f.calls), func(c string) bool { return c == "can" || c == "prepare" })
}

func liveWorld(t *testing.T, f *fakeFreezer) *world {
	w := newWorld(t, newFakeSource(3, 60, 12))
	w.mode, w.plan.Mode, w.freezer = migration.ModeLive, migration.ModeLive, f
	return w
}

func TestLiveRunIsFrozenAndStaysSo(t *testing.T) {
	f := &fakeFreezer{taken: 2}
	w := liveWorld(t, f)
	w.src.onRow = func(string, int64) error {
		if !f.on {
			t.Error("a row was read before the freeze")
		}
		return nil
	}
	res := w.mustRun(w.plan)
	if res.Report.Consistency.Class != "frozen" || !f.on || f.calls[0] != "can" {
		t.Errorf("class %s, frozen %v, %v", res.Report.Consistency.Class, f.on, f.calls)
	}
	// A further start finds an uploaded migration, and thaws nothing.
	if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrUploaded) || !f.on {
		t.Errorf("%v, frozen %v", err, f.on)
	}
}

func TestTestRunTouchesNoFreezer(t *testing.T) {
	f := &fakeFreezer{}
	w := newWorld(t, newFakeSource(2, 5, 3))
	w.freezer = f
	if res := w.mustRun(w.plan); len(f.calls) > 0 || res.Report.Consistency.Class != "live" {
		t.Errorf("%v, class %s", f.calls, res.Report.Consistency.Class)
	}
}

func TestLiveRunWithoutRightsDoesNotBegin(t *testing.T) {
	f := &fakeFreezer{denied: migration.Fail("write to", "config", migration.ErrForbidden, migration.Msg("hint.freeze.config"))}
	w := liveWorld(t, f)
	if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrForbidden) || migration.HintOf(err).ID != "hint.freeze.config" {
		t.Errorf("%v", err)
	}
	if w.session() != "" || len(f.did()) > 0 {
		t.Errorf("session %s, %v", w.session(), f.calls)
	}
}

// A run that is cancelled thaws; its resume freezes again, and the report does
// not call frozen what was open in between.
func TestCancelledLiveRunThaws(t *testing.T) {
	f := &fakeFreezer{}
	w := liveWorld(t, f)
	ctx, cancel := context.WithCancel(context.Background())
	w.src.onRow = func(string, int64) error {
		cancel()
		return nil
	}
	if _, err := w.process(ctx, w.plan); !errors.Is(err, context.Canceled) || f.on {
		t.Fatalf("%v, frozen %v", err, f.on)
	}
	w.src.onRow = nil
	res := w.mustRun(nil)
	if want := []string{"freeze", "thaw", "freeze"}; !slices.Equal(f.did(), want) || !f.on {
		t.Errorf("%v, want %v", f.did(), want)
	}
	if res.Mode != migration.ModeLive || res.Report.Consistency.Class != "live" {
		t.Errorf("mode %s, class %s", res.Mode, res.Report.Consistency.Class)
	}
}

// Whoever lifts the freeze while the tables are read takes the class away.
func TestFreezeLiftedMeanwhile(t *testing.T) {
	f := &fakeFreezer{}
	w := liveWorld(t, f)
	write := sync.OnceFunc(func() { f.mark = "written" })
	w.src.onRow = func(string, int64) error {
		write()
		return nil
	}
	if res := w.mustRun(w.plan); res.Report.Consistency.Class != "live" {
		t.Errorf("class %s", res.Report.Consistency.Class)
	}
}

// A thaw that fails is said beside the reason of the stop, and the next start
// knows of it.
func TestThawFailsAfterStop(t *testing.T) {
	f := &fakeFreezer{stuck: errors.New("share is gone")}
	w := liveWorld(t, f)
	ctx, cancel := context.WithCancel(context.Background())
	w.src.onRow = func(string, int64) error {
		cancel()
		return nil
	}
	if _, err := w.process(ctx, w.plan); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "share is gone") {
		t.Errorf("%v", err)
	}
	j, err := journal.Open(t.Context(), w.state, testKey, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	fr := &migration.Freezing{Journal: j, Freezer: f}
	st, err := fr.State(t.Context())
	if err != nil || !st.Found || !st.Held.Config || st.Record.Stage != migration.FreezeThaws || len(st.Messages()) != 3 {
		t.Errorf("%+v, %v", st, err)
	}
	f.stuck = nil
	if _, err := fr.Thaw(t.Context()); err != nil || f.on {
		t.Errorf("%v", err)
	}
	if st, err := fr.State(t.Context()); err != nil || st.Found || len(st.Messages()) > 0 {
		t.Errorf("%+v, %v", st, err)
	}
}

// The same run finds its freeze again after a kill; one that somebody lifted by
// hand is made again and counts as interrupted.
func TestFreezeIsTakenOver(t *testing.T) {
	f := &fakeFreezer{}
	j, err := journal.Open(t.Context(), t.TempDir(), testKey, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	fr := &migration.Freezing{Journal: j, Freezer: f}
	r := migration.FreezeRequest{At: time.Unix(5, 0)}
	for i, want := range []struct {
		change      func()
		interrupted bool
		freezes     int
	}{{func() {}, false, 1}, {func() {}, false, 1}, {func() { f.on = false }, true, 2}, {func() {}, true, 2}} {
		want.change()
		rec, err := fr.Freeze(t.Context(), "r", r)
		n := len(slices.DeleteFunc(slices.Clone(f.calls), func(c string) bool { return c != "freeze" }))
		if err != nil || rec.Interrupted != want.interrupted || n != want.freezes || !f.on {
			t.Errorf("%d: %+v, %v, %v", i, rec, f.calls, err)
		}
	}
}

func TestStopsNamesWhoIsNotStopped(t *testing.T) {
	tk := worldTicket()
	for key, want := range map[string]string{"": "freeze.windows.byhand", "k": "freeze.windows.stopped"} {
		tk.Freeze.EventKey = key
		got := migration.Stops(tk)
		if len(got) != 3 || got[1].ID != want || got[2].ID != "freeze.web" {
			t.Errorf("%q: %v", key, got)
		}
	}
}

// A ticket for test migrations allows no live one, though users could be stopped.
func TestTicketWithoutLiveMode(t *testing.T) {
	f := &fakeFreezer{}
	w := liveWorld(t, f)
	w.ticket = worldTicket()
	w.ticket.Modes = []migration.Mode{migration.ModeTest}
	_, err := w.process(context.Background(), w.plan)
	if !errors.Is(err, migration.ErrModeNotAllowed) || migration.HintOf(err).ID != "hint.mode.ticket" || len(f.calls) > 0 {
		t.Errorf("%v, %v", err, f.calls)
	}
}
