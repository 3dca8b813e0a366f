package migration_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"omt/migration"
	"omt/migration/journal"
	"omt/upload/uploadtest"
)

// otherComputer is the same customer's installation and target, with another
// state folder.
func (w *world) otherComputer() *world {
	o := *w
	o.state, o.host, o.wrap = w.t.TempDir(), "elsewhere", nil
	return &o
}

func TestMissingFilesFromAnotherComputer(t *testing.T) {
	w := newWorld(t, newFakeSource(3, 40, 8))
	w.src.addDocument(101, "lost 101.docx", nil)
	w.src.addDocument(102, "BRIEF 4.docx", w.src.files["mem/4"]) // shares an object
	w.src.addDocument(103, "BRIEF 1.docx", []byte("other bytes"))
	w.mustRun(w.plan)
	lostAndChanged(w.src)
	here := w.content()

	o := w.otherComputer()
	e := o.detect()
	if e.Begin != migration.BeginRecovery || !e.Elsewhere || e.Host != "here" || e.Note.ID != "earlier.elsewhere" || len(e.Choices) != 2 || e.Mode != migration.ModeTest {
		t.Errorf("detected %+v", e)
	}
	if p, q := o.preview(), w.preview(); p.Missing != q.Missing || p.ChangedTotal != q.ChangedTotal || p.Newer != q.Newer || len(p.Found) != len(q.Found) || p.Run != q.Run {
		t.Errorf("preview there %+v, here %+v", p, q)
	}
	o.recover(migration.RecoverMissing)
	there := o.fingerprint()
	if got := differing(here, o.content()); !slices.Contains(got, folder20+"lost 101.docx") || slices.Contains(got, "database/SuperOffice.bacpac") {
		t.Errorf("written: %q", got)
	}
	// The same recovery on the first computer gives the same, but for the host.
	same := newWorld(t, newFakeSource(3, 40, 8))
	same.src.addDocument(101, "lost 101.docx", nil)
	same.src.addDocument(102, "BRIEF 4.docx", same.src.files["mem/4"])
	same.src.addDocument(103, "BRIEF 1.docx", []byte("other bytes"))
	same.mustRun(same.plan)
	lostAndChanged(same.src)
	same.recover(migration.RecoverMissing)
	same.sameAs(there)

	// The first computer sees that its journal is old and takes over again.
	w.src.write(2, "edited once more", 90)
	if e := w.detect(); !e.Elsewhere || e.Host != "elsewhere" || e.Begin != migration.BeginRecovery {
		t.Errorf("detected %+v", e)
	}
	before := w.content()
	res := w.recover(migration.RecoverMissing, "document/2")
	if got := differing(before, w.content()); res.Counts.Sent != 1 || got[0] != folder20+"brief 2.docx" {
		t.Errorf("written: %q", got)
	}
}

func TestOverwriteFromAnotherComputer(t *testing.T) {
	w := uploadedWorld(t)
	lostAndChanged(w.src)
	o := w.otherComputer()
	before := o.content()
	res := o.recover(migration.RecoverOverwrite)
	want := []string{
		"database/SuperOffice.bacpac", folder20 + "brief 2.docx", folder20 + "brief 3.docx", folder20 + "lost 101.docx",
		folder20 + "lost 103.docx", folder20 + "new.docx", "report.html", "report.json", "session.json",
	}
	if got := differing(before, o.content()); !slices.Equal(got, want) {
		t.Errorf("the overwrite wrote %q, want %q", got, want)
	}
	if res.Counts.Unchanged != 5 {
		t.Errorf("%+v", res.Counts)
	}
}

// A journal that is being rebuilt is never taken for a whole one.
func TestRebuildingIsCutOff(t *testing.T) {
	w := uploadedWorld(t)
	lostAndChanged(w.src)
	o := w.otherComputer()
	broken := errors.New("broken")
	for n := 1; ; n++ {
		calls := 0
		o.fail = func(point string) error {
			if point != journal.PointGroupBefore {
				return nil
			}
			if calls++; calls == n {
				return broken
			}
			return nil
		}
		o.state = filepath.Join(t.TempDir(), "state")
		err := o.open(nil, o.src, func(m *migration.Migration) error {
			_, err := m.Preview(context.Background())
			return err
		})
		o.fail = nil
		if err == nil {
			if n < 6 {
				t.Errorf("only %d commits were cut", n-1)
			}
			break
		}
		if n > 100 {
			t.Fatal(err)
		}
		o.wrap = func(tg migration.Target) migration.Target { return &writeOnly{tg} }
		o.recovery = migration.RecoverMissing
		if _, err := o.process(context.Background(), nil); !errors.Is(err, migration.ErrOtherTarget) && !errors.Is(err, migration.ErrRecoveryNotAllowed) {
			t.Errorf("after %d commits without the target: %v", n, err)
		}
		o.wrap = nil
		if p := o.preview(); p.FoundTotal != 2 || p.ChangedTotal != 3 || p.Newer != 1 {
			t.Errorf("after %d commits: %+v", n, p)
		}
	}
}

func TestDamagedManifestIsRefused(t *testing.T) {
	w := uploadedWorld(t)
	run := w.detect().Run
	for _, name := range []string{"manifest/" + run + "/index.json", "manifest/" + run + "/00000.jsonl.gz", "plan.json", "report.json"} {
		o := w.otherComputer()
		path := filepath.Join(w.target, filepath.FromSlash(name))
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range [][]byte{nil, b[:len(b)/2], bytes.Replace(b, b[len(b)/2:len(b)/2+1], []byte("~"), 1)} {
			if name == "report.json" && len(bad) == len(b) {
				continue // a letter of a name: the report has no sum of its own
			}
			if bad == nil {
				err = os.Remove(path)
			} else {
				err = os.WriteFile(path, bad, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			o.recovery = migration.RecoverMissing
			if _, err := o.process(context.Background(), nil); !errors.Is(err, migration.ErrManifest) || migration.HintOf(err).IsZero() {
				t.Errorf("%s with %d bytes: %v, want ErrManifest", name, len(bad), err)
			}
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		// With the target whole again it works.
		if p := o.preview(); p.Missing != 3 {
			t.Errorf("%+v", p)
		}
	}
}

// A recovery of missing files that another computer left unfinished: what it
// has replaced stands in the next manifest as it lies there.
func TestUnfinishedRecoveryOfAnotherComputer(t *testing.T) {
	for at := int64(2); at <= 6; at++ {
		w := uploadedWorld(t)
		lostAndChanged(w.src)
		ctx, cancel := context.WithCancel(context.Background())
		w.wrap = func(tg migration.Target) migration.Target {
			return &cutTarget{Target: tg, calls: &atomic.Int64{}, at: at, lose: true, cancel: cancel}
		}
		w.recovery, w.changed = migration.RecoverMissing, []string{"document/2", "document/3"}
		if _, err := w.process(ctx, nil); err == nil {
			t.Fatal("the recovery was not cut")
		}
		cancel()
		o := w.otherComputer()
		e := o.detect()
		if e.Begin != migration.BeginRecovery || !e.Elsewhere || !slices.Contains(e.Choices, migration.RecoverMissing) {
			t.Fatalf("detected %+v", e)
		}
		o.recover(migration.RecoverMissing)
		verifyManifest(t, o)
	}
}

// verifyManifest holds every document of the manifest against the target.
func verifyManifest(t *testing.T, w *world) {
	t.Helper()
	f := w.fingerprint()
	checked := 0
	for path, sum := range f {
		if !strings.HasPrefix(path, "documents/") {
			continue
		}
		for key, line := range f {
			if strings.HasPrefix(key, "manifest document ") && strings.Contains(line, `"target":"`+path+`"`) {
				checked++
				if !strings.Contains(line, `"sha256":"`+sum+`"`) {
					t.Errorf("%s has SHA-256 %s, the manifest says %s", path, sum, line)
				}
			}
		}
	}
	if checked < 8 {
		t.Errorf("only %d documents were compared", checked)
	}
}

// An unfinished migration of another computer is begun anew with a plan; what a
// target with checksums proves to be the same is not sent again.
func TestUnfinishedRunOfAnotherComputer(t *testing.T) {
	for _, sums := range []bool{true, false} {
		w := newWorld(t, newFakeSource(3, 120, 12))
		if sums {
			w.memory = uploadtest.NewMemory(uploadtest.Faults{})
		}
		interruptedAfterFiles(t, w, 12)
		w.src.write(1, strings.Repeat("x", 100), 30) // same size, other bytes
		o := w.otherComputer()
		if m, ok := w.memory.(*uploadtest.Memory); ok {
			o.memory = m.Reopen(uploadtest.Faults{})
		}
		e := o.detect()
		if e.Begin != migration.BeginInitial || !e.Elsewhere || e.Note.ID != "earlier.unfinished" || e.Run == "" {
			t.Fatalf("detected %+v", e)
		}
		if _, err := o.process(context.Background(), nil); !errors.Is(err, migration.ErrNothingToResume) || migration.HintOf(err).ID != "hint.resume.elsewhere" {
			t.Errorf("without a plan: %v", err)
		}
		res := o.mustRun(o.plan)
		if c := res.Counts; c.Sent+c.Unchanged != 12 || !sums && c.Unchanged > 0 || sums && c.Unchanged != 11 {
			t.Errorf("checksums %v: %+v", sums, c)
		}
		if !sums {
			fresh := newWorld(t, w.src)
			fresh.mustRun(fresh.plan)
			o.sameAs(fresh.fingerprint())
		}
		// The computer that began it sees that it is finished.
		w.memory = o.memory
		if e := w.detect(); e.Begin != migration.BeginRecovery || !e.Elsewhere {
			t.Errorf("detected %+v", e)
		}
	}
}

// Without the right to read, a computer without a journal cannot know, and says
// so; with its journal a recovery works.
func TestRecoverWithoutReading(t *testing.T) {
	w := uploadedWorld(t)
	lostAndChanged(w.src)
	blind := func(tg migration.Target) migration.Target { return &writeOnly{tg} }
	o := w.otherComputer()
	o.wrap, w.wrap = blind, blind
	if e := o.detect(); e.Begin != migration.BeginInitial || !e.Unseen || e.Note.ID != "earlier.unseen" {
		t.Errorf("detected %+v", e)
	}
	for _, c := range []migration.RecoveryChoice{migration.RecoverMissing, migration.RecoverOverwrite} {
		o.recovery = c
		if _, err := o.process(context.Background(), o.plan); !errors.Is(err, migration.ErrRecoveryNotAllowed) || migration.HintOf(err).ID != "hint.recovery.unseen" {
			t.Errorf("%s: %v", c, err)
		}
	}
	if e := w.detect(); e.Begin != migration.BeginRecovery || e.Unseen || len(e.Choices) != 2 {
		t.Errorf("detected %+v", e)
	}
	if res := w.recover(migration.RecoverMissing); res.Counts.Sent != 2 {
		t.Errorf("%+v", res.Counts)
	}
	if res := w.recover(migration.RecoverOverwrite); res.Counts.Sent != 3 || res.Counts.Unchanged != 7 {
		t.Errorf("%+v", res.Counts)
	}
}

// A document that is renamed between two processes leaves its first copy at the
// target; the report names it.
func TestOrphansOfAResumeAreNamed(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 120, 3))
	interruptedAfterFiles(t, w, 3)
	w.src.items[1].Elements = []string{"documents", "ADM", "2020.1", "renamed.docx"}
	res := w.mustRun(nil)
	if o := res.Report.Orphans; o == nil || o.Total != 1 || o.Paths[0] != folder20+"brief 2.docx" {
		t.Errorf("orphans = %+v", o)
	}
}

// A target with another run of the same customer does not make this computer
// forget what it has sent to the one before.
func TestUnfinishedRunIsNotGivenUp(t *testing.T) {
	other := uploadedWorld(t)
	w := newWorld(t, newFakeSource(2, 120, 3))
	interruptedAfterFiles(t, w, 3)
	there := w.target
	w.target = other.target
	err := w.open(nil, w.src, func(m *migration.Migration) error {
		_, err := migration.DetectAt(context.Background(), m.Journal, m.Target, m.Ticket)
		return err
	})
	if !errors.Is(err, migration.ErrOtherTarget) {
		t.Errorf("detected: %v", err)
	}
	if _, err := w.process(context.Background(), nil); !errors.Is(err, migration.ErrOtherTarget) {
		t.Errorf("%v, want ErrOtherTarget", err)
	}
	w.target = there
	if res := w.mustRun(nil); res.Counts.Skipped != 3 {
		t.Errorf("%+v", res.Counts)
	}
}

// What another computer finishes between the first look and the lease is not
// written over.
func TestTargetMovesBeforeTheLease(t *testing.T) {
	w := uploadedWorld(t)
	lostAndChanged(w.src)
	o := w.otherComputer()
	o.recover(migration.RecoverMissing) // has its journal now
	o.wrap = func(tg migration.Target) migration.Target {
		return &lateLease{tg, func() { w.recover(migration.RecoverMissing, "document/2") }}
	}
	o.recovery = migration.RecoverOverwrite
	_, err := o.process(context.Background(), o.plan)
	if !errors.Is(err, migration.ErrChanged) || migration.HintOf(err).ID != "hint.target.moved" {
		t.Errorf("%v, want ErrChanged", err)
	}
	if s := w.session(); s != migration.StateUploaded {
		t.Errorf("state is %s", s)
	}
	verifyManifest(t, w)
	o.wrap = nil
	o.mustRun(o.plan)
	verifyManifest(t, o)
}

type lateLease struct {
	migration.Target
	before func()
}

func (l *lateLease) Lease(ctx context.Context, holder string) (migration.Lease, error) {
	l.before()
	return l.Target.Lease(ctx, holder)
}
