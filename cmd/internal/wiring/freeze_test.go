package wiring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample"
)

// freezeChild makes the test binary a process that dies in a freeze or thaw.
const freezeChild = "OMT_FREEZE_CHILD"

// death tells the child what to do and where to end.
type death struct {
	Ticket, Config, Fingerprint, State string
	Thaw                               bool
	Point                              string
}

func freezeAndDie(ctx context.Context, spec string) error {
	var d death
	if err := json.Unmarshal([]byte(spec), &d); err != nil {
		return err
	}
	s, err := OpenThaw(ctx, Options{Ticket: d.Ticket, Config: d.Config, Fingerprint: d.Fingerprint, State: d.State}, Secrets{})
	if err != nil {
		return err
	}
	f := onsite.NewFreezer(s.Source)
	f.FailPoint = func(step string) error {
		if step != d.Point {
			return nil
		}
		p, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		if err := p.Kill(); err != nil {
			return err
		}
		select {}
	}
	fr := &migration.Freezing{Journal: s.Journal, Freezer: f, FailPoint: f.FailPoint}
	if d.Thaw {
		_, err = fr.Thaw(ctx)
	} else {
		_, err = fr.Freeze(ctx, "run-1", request(s))
	}
	return err
}

func request(s *Session) migration.FreezeRequest {
	return migration.FreezeRequest{EventKey: s.Ticket.Freeze.EventKey, EventText: "moving", Associate: 1, At: time.Unix(1_800_000_000, 0), Snapshot: snapshot}
}

func smallSample(t *testing.T) *Sample {
	t.Helper()
	s, err := ServeSample(t.Context(), filepath.Join(t.TempDir(), "sample"),
		sample.Options{Users: 40, Documents: 60, Rows: 6000, Missing: 5}, sample.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openThaw(t *testing.T, s *Sample, state string) *Session {
	t.Helper()
	opts, sec := s.Options("", state)
	out, err := OpenThaw(t.Context(), opts, sec)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func closed(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// A process that is killed at any step of a freeze or thaw leaves the
// installation untouched, or the next start knows; thaw then brings back every
// byte and row but the counter, and a resume can freeze.
func TestFreezeKilledAtEveryStep(t *testing.T) {
	slow(t)
	smp := smallSample(t)
	first := openThaw(t, smp, t.TempDir())
	was := dumpOf(t, first, smp.Installation)
	closed(t, first)
	freeze := []string{
		migration.StepPrepared, migration.StepRecorded, onsite.StepEventWritten, onsite.StepEventCommitted,
		onsite.StepConfigHalf, onsite.StepConfigWritten, onsite.StepSnapshotMade, migration.StepFrozen,
	}
	thaw := []string{migration.StepThawing, onsite.StepConfigRemoved, onsite.StepEventRemoved, migration.StepUndone}
	for _, point := range append(slices.Clone(freeze), thaw...) {
		for _, resume := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s resume %v", point, resume), func(t *testing.T) {
				state := t.TempDir()
				inThaw := slices.Contains(thaw, point)
				if inThaw {
					s := openThaw(t, smp, state)
					if _, err := s.Freezing().Freeze(t.Context(), "run-1", request(s)); err != nil {
						t.Fatal(err)
					}
					closed(t, s)
				}
				kill(t, smp, death{State: state, Thaw: inThaw, Point: point})
				s := openThaw(t, smp, state)
				defer closed(t, s)
				afterKill(t, s, smp, was, point, resume)
			})
		}
	}
	last := openThaw(t, smp, t.TempDir())
	defer closed(t, last)
	if d := dumpOf(t, last, smp.Installation).differ(was); !slices.Equal(d, []string{"sequence"}) {
		t.Errorf("in the end differ: %v", d)
	}
}

// The window's way: a start knows from the journal alone, and lets the users in
// after connecting, without a login or a target.
func TestStartFindsUsersStoppedAndThaws(t *testing.T) {
	slow(t)
	smp, state := smallSample(t), t.TempDir()
	opts, _ := smp.Options("", state)
	first := openThaw(t, smp, state)
	was := dumpOf(t, first, smp.Installation)
	if _, err := first.Freezing().Freeze(t.Context(), "run-1", request(first)); err != nil {
		t.Fatal(err)
	}
	closed(t, first)
	s := NewSession(opts)
	defer closed(t, s)
	st, err := s.Begin(t.Context(), "")
	if err != nil || !st.Frozen.Found || len(st.Frozen.What()) != 4 {
		t.Fatalf("%+v %v", st.Frozen, err)
	}
	if _, err := s.Thaw(t.Context()); !errors.Is(err, ErrNotConnected) {
		t.Errorf("without a connection: %v", err)
	}
	if _, err := s.ConnectAt(t.Context(), st.Location, Access{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Thaw(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := dumpOf(t, s, smp.Installation).differ(was); !slices.Equal(d, []string{"sequence"}) {
		t.Errorf("afterwards differ: %v", d)
	}
	if _, err := s.Thaw(t.Context()); !errors.Is(err, migration.ErrNotFrozen) {
		t.Errorf("again: %v", err)
	}
	if st, err = s.Begin(t.Context(), ""); err != nil || st.Frozen.Found {
		t.Errorf("the next start: %+v %v", st.Frozen, err)
	}
}

func afterKill(t *testing.T, s *Session, smp *Sample, was dump, point string, resume bool) {
	fr := s.Freezing()
	st, err := fr.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const touched = "systemevent sequence "
	now := quickDump(t, s, smp.Installation, touched)
	untouched := now.config == was.config && slices.Equal(now.rows["systemevent"], was.rows["systemevent"]) && !hasSnapshot(t, s)
	if !untouched && (!st.Found || len(st.Messages()) == 0) {
		t.Errorf("changed, and the next start does not know")
	}
	if (point == migration.StepPrepared) == st.Found {
		t.Errorf("found %v", st.Found)
	}
	if resume {
		rec, err := fr.Freeze(t.Context(), "run-1", request(s))
		if err != nil {
			t.Fatal(err)
		}
		if !rec.Held.Config || !rec.Held.Event || !rec.Held.Snapshot || rec.Stage != migration.FreezeFrozen {
			t.Errorf("not frozen by the resume: %+v", rec)
		}
		if n := len(changed(quickDump(t, s, smp.Installation, touched).rows["systemevent"], was.rows["systemevent"])); n != 1 {
			t.Errorf("%d events after the resume", n)
		}
	}
	if st.Found || resume {
		if notes, err := fr.Thaw(t.Context()); err != nil || len(notes) != 0 {
			t.Fatalf("thaw: %v, %v", notes, err)
		}
	}
	if _, err := fr.Thaw(t.Context()); !errors.Is(err, migration.ErrNotFrozen) {
		t.Errorf("second thaw: %v", err)
	}
	end := quickDump(t, s, smp.Installation, touched)
	if hasSnapshot(t, s) {
		t.Error("the snapshot is still there")
	}
	if end.config != was.config {
		t.Errorf("configuration is\n%q\nwas\n%q", end.config, was.config)
	}
	if d := end.differ(was); len(d) > 0 && !slices.Equal(d, []string{"sequence"}) {
		t.Errorf("tables differ: %v", d)
	}
}

func kill(t *testing.T, smp *Sample, d death) {
	t.Helper()
	opts, _ := smp.Options("", d.State)
	d.Ticket, d.Config, d.Fingerprint = opts.Ticket, opts.Config, opts.Fingerprint
	spec, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), freezeChild+"="+string(spec))
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() >= 0 {
		t.Fatalf("the child was not killed: %v, %s", err, out)
	}
}

// migrateSample migrates a sample and returns it with what it was before.
func migrateSample(t *testing.T, mode migration.Mode, change func(d *Demo)) (*Demo, dump, *migration.Result, error) {
	t.Helper()
	d, err := OpenDemo(t.Context(), t.TempDir(), sample.Options{Users: 40, Documents: 60, Rows: 6000, Missing: 5})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, d) })
	was := dumpOf(t, d.Session, d.Sample.Installation)
	d.SetMode(mode)
	if change != nil {
		change(d)
	}
	res, err := d.Run(t.Context(), migration.NewProgress(time.Now))
	return d, was, res, err
}

func TestTestMigrationLeavesNothing(t *testing.T) {
	slow(t)
	d, was, res, err := migrateSample(t, migration.ModeTest, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := dumpOf(t, d.Session, d.Sample.Installation)
	if diff, files := now.differ(was), now.touched(was); len(diff)+len(files) > 0 {
		t.Errorf("a test migration changed tables %v, files %v", diff, files)
	}
	if res.Report.Consistency.Class != "live" || !res.Report.Consistency.Proved {
		t.Errorf("consistency %+v", res.Report.Consistency)
	}
}

func TestLiveMigrationFreezes(t *testing.T) {
	d, was, res, err := migrateSample(t, migration.ModeLive, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Mode != migration.ModeLive || res.Report.Consistency.Class != "frozen" || !res.Report.Consistency.Proved {
		t.Errorf("mode %s, consistency %+v", res.Mode, res.Report.Consistency)
	}
	now := dumpOf(t, d.Session, d.Sample.Installation)
	if diff := now.differ(was); !slices.Equal(diff, []string{"sequence", "systemevent"}) {
		t.Errorf("tables differ: %v", diff)
	}
	if files := now.touched(was); now.config != was.config+"frozen\r\n" || !slices.Equal(files, []string{"config"}) {
		t.Errorf("configuration is %q, files that differ: %v", now.config, files)
	}
	if c := changed(now.rows["systemevent"], was.rows["systemevent"]); len(c) != 1 || !strings.Contains(c[0], `"SampleNoLogin"`) {
		t.Errorf("events: %v", c)
	}
	fr := d.Session.Freezing()
	if st, err := fr.State(t.Context()); err != nil || !st.Found || !st.Held.Config || !st.Held.Event || len(st.Messages()) != 4 {
		t.Errorf("state %+v, %v", st, err)
	}
	if notes, err := fr.Thaw(t.Context()); err != nil || len(notes) > 0 {
		t.Errorf("thaw: %v, %v", notes, err)
	}
	end := dumpOf(t, d.Session, d.Sample.Installation)
	// The date of config alone tells that it was written.
	if files := end.touched(was); end.config != was.config || !slices.Equal(files, []string{"config"}) {
		t.Errorf("after thaw: configuration %q, files that differ: %v", end.config, files)
	}
	if !slices.Equal(end.differ(was), []string{"sequence"}) || len(changed(end.rows["sequence"], was.rows["sequence"])) != 1 {
		t.Errorf("after thaw: tables %v, sequence rows %v", end.differ(was), changed(end.rows["sequence"], was.rows["sequence"]))
	}
}

// A live run that fails lets the users in again.
func TestFailedLiveRunThaws(t *testing.T) {
	slow(t)
	d, was, _, err := migrateSample(t, migration.ModeLive, func(d *Demo) {
		d.Session.Target = &refusing{Target: d.Session.Target, freezing: d.Session.Freezing()}
	})
	r := d.Session.Target.(*refusing)
	if !errors.Is(err, errRefused) || !r.frozen {
		t.Fatalf("run: %v, frozen when it failed: %v", err, r.frozen)
	}
	end := dumpOf(t, d.Session, d.Sample.Installation)
	if end.config != was.config || !slices.Equal(end.differ(was), []string{"sequence"}) {
		t.Errorf("after the failure: tables %v, configuration %q", end.differ(was), end.config)
	}
	if st, err := d.Session.Freezing().State(t.Context()); err != nil || st.Found {
		t.Errorf("state %+v, %v", st, err)
	}
}

var errRefused = fmt.Errorf("refused: %w", migration.ErrForbidden)

// refusing takes no part of the package and looks whether the freeze is on.
type refusing struct {
	migration.Target
	freezing *migration.Freezing
	frozen   bool
}

func (r *refusing) Restore(ctx context.Context, _ string, _ []migration.BlockRef) ([]migration.BlockRef, error) {
	st, err := r.freezing.State(ctx)
	r.frozen = st.Held.Config && st.Held.Event
	return nil, errors.Join(errRefused, err)
}

// Without the right to write a live run does not begin, and says what to do.
func TestLiveRunNeedsWriteAccess(t *testing.T) {
	slow(t)
	smp, err := ServeSample(t.Context(), filepath.Join(t.TempDir(), "sample"),
		sample.Options{Users: 40, Documents: 60, Rows: 6000, Missing: 5}, sample.ServeOptions{NoWrite: true})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, smp)
	s := openThaw(t, smp, t.TempDir())
	defer closed(t, s)
	err = onsite.NewFreezer(s.Source).CanFreeze(t.Context(), request(s))
	if !errors.Is(err, migration.ErrForbidden) || migration.HintOf(err).ID != "hint.freeze.table" {
		t.Errorf("%v, hint %v", err, migration.HintOf(err))
	}
}

func TestCanFreezeLeavesNoTrace(t *testing.T) {
	slow(t)
	smp := smallSample(t)
	s := openThaw(t, smp, t.TempDir())
	defer closed(t, s)
	was := dumpOf(t, s, smp.Installation)
	for range 2 {
		if err := onsite.NewFreezer(s.Source).CanFreeze(t.Context(), request(s)); err != nil {
			t.Fatal(err)
		}
	}
	now := dumpOf(t, s, smp.Installation)
	if d, files := now.differ(was), now.touched(was); len(d)+len(files) > 0 {
		t.Errorf("the test changed tables %v, files %v", d, files)
	}
}
