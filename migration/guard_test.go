package migration_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"omt/migration"
	"omt/migration/journal"
)

// A computer whose start was refused because another one held the target must
// not write over what that one has finished since.
func TestLateStartDoesNotOverwrite(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 20, 3))
	var held atomic.Bool
	held.Store(true)
	w.wrap = func(tg migration.Target) migration.Target { return &heldTarget{tg, &held} }
	if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrLeaseHeld) {
		t.Fatalf("%v, want ErrLeaseHeld", err)
	}
	other := newWorld(t, newFakeSource(2, 20, 3))
	other.target = w.target
	other.mustRun(other.plan)
	want := w.fingerprint()
	held.Store(false)
	if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrUploaded) {
		t.Errorf("%v, want ErrUploaded", err)
	}
	w.sameAs(want)
}

type heldTarget struct {
	migration.Target
	held *atomic.Bool
}

func (h *heldTarget) Lease(ctx context.Context, holder string) (migration.Lease, error) {
	if h.held.Load() {
		return nil, migration.ErrLeaseHeld
	}
	return h.Target.Lease(ctx, holder)
}

// What was planned and vanished before the resume has an outcome; it does not
// keep the run from ending.
func TestVanishedRowsAreConcluded(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 120, 6))
	ctx, cancel := context.WithCancel(context.Background())
	// By the time that one of them is sent the journal knows all six.
	w.wrap = func(tg migration.Target) migration.Target {
		return &stopBefore{Target: tg, name: "brief 6.docx", cancel: cancel}
	}
	if _, err := w.process(ctx, w.plan); err == nil {
		t.Fatal("the run was not interrupted")
	}
	cancel()
	w.wrap = nil
	w.src.items = w.src.items[:5]
	res := w.mustRun(nil)
	k := res.Report.Kinds["document"]
	if k[migration.Uploaded].Count != 5 || k[migration.Missing].Count != 1 {
		t.Errorf("documents = %+v", k)
	}
	for _, l := range res.Report.LeftOut {
		if l.Reason == nil || l.Reason.ID != "reason.vanished" {
			t.Errorf("left out: %+v", l)
		}
	}
}

// stopBefore stops the run before it has sent an object.
type stopBefore struct {
	migration.Target
	name   string
	cancel context.CancelFunc
}

func (s *stopBefore) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if strings.HasSuffix(path, "/"+s.name) {
		s.cancel()
		return errCut
	}
	return s.Target.Put(ctx, path, body, sum)
}

// A row that was renamed between two processes gets its own path and never
// writes over the one that has the name already.
func TestRenamedRowKeepsOthersWhole(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 120, 2))
	interrupted(t, w, "CRM7.table01")
	w.src.items[1].Elements = w.src.items[0].Elements
	w.mustRun(nil)
	dir := filepath.Join(w.target, "documents", "ADM", "2020.1")
	for name, source := range map[string]string{"brief 1.docx": "mem/1", "brief 1~2.docx": "mem/2"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(b, w.src.files[source]) {
			t.Errorf("%s: %v, %q", name, err, b)
		}
	}
}

// The receiving side's word is never taken back.
func TestCompleteIsNotTakenBack(t *testing.T) {
	for _, state := range []migration.State{migration.StateUploaded, migration.StateComplete} {
		w := newWorld(t, newFakeSource(2, 20, 3))
		total := &atomic.Int64{}
		ctx, cancel := context.WithCancel(context.Background())
		// The very last call of a run this size: the state uploaded.
		w.wrap = func(tg migration.Target) migration.Target { return &lastWord{Target: tg, cancel: cancel, calls: total} }
		if _, err := w.process(ctx, w.plan); err == nil {
			t.Fatal("the reply was not lost")
		}
		cancel()
		path := filepath.Join(w.target, "session.json")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Replace(string(b), `"state": "uploaded"`, `"state": "`+string(state)+`"`, 1)
		if err := os.WriteFile(path, []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
		w.wrap = nil
		if _, err := w.process(context.Background(), nil); !errors.Is(err, migration.ErrUploaded) {
			t.Errorf("%s: %v, want ErrUploaded", state, err)
		}
		if w.session() != state {
			t.Errorf("state is %s, was %s", w.session(), state)
		}
	}
}

// lastWord carries out the Put of the state uploaded and loses its reply.
type lastWord struct {
	migration.Target
	cancel context.CancelFunc
	calls  *atomic.Int64
}

func (l *lastWord) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	err := l.Target.Put(ctx, path, body, sum)
	if path == "session.json" && l.calls.Add(1) == 2 {
		l.cancel()
		return errCut
	}
	return err
}

func TestTicketExpiresDuringTheRun(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 40, 5))
	var clock atomic.Int64
	w.now = func() time.Time { return time.Unix(1_800_000_000+clock.Add(1), 0) }
	w.ticket = worldTicket()
	w.ticket.Expires = time.Unix(1_800_000_000+20, 0)
	if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrExpired) {
		t.Fatalf("%v, want ErrExpired", err)
	}
	if s := w.session(); s == migration.StateUploaded || s == migration.StateFailed {
		t.Errorf("state = %s", s)
	}
	w.ticket.Expires = time.Unix(2_000_000_000, 0)
	if res := w.mustRun(nil); res.Begin != migration.BeginResume {
		t.Errorf("begin = %s", res.Begin)
	}
}

// A share that is away for a moment is not a lost document.
func TestPassingReadFaultsAreTriedAgain(t *testing.T) {
	w := newWorld(t, newFakeSource(1, 1, 4))
	var tries atomic.Int64
	w.src.onOpen = func(it migration.Item) error {
		if it.Row == 2 && tries.Add(1) < 3 {
			return &fs.PathError{Op: "open", Path: it.Source, Err: syscall.EIO}
		}
		return nil
	}
	if k := w.mustRun(w.plan).Report.Kinds["document"]; k[migration.Uploaded].Count != 4 {
		t.Errorf("documents = %+v", k)
	}
	gone := newWorld(t, newFakeSource(1, 1, 4))
	gone.src.onOpen = func(it migration.Item) error { return migration.ErrSourceLost }
	if _, err := gone.process(context.Background(), gone.plan); !errors.Is(err, migration.ErrSourceLost) {
		t.Errorf("%v, want ErrSourceLost", err)
	}
	gone.src.onOpen = nil
	gone.mustRun(nil)
}

// A target that changes bytes after it accepted them is found out.
func TestDamagedPackageIsNotCertified(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 60, 2))
	w.wrap = func(tg migration.Target) migration.Target { return &rottenTarget{tg, w.target} }
	if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrDamagedPackage) {
		t.Fatalf("%v, want ErrDamagedPackage", err)
	}
	w.wrap = nil
	w.mustRun(nil)
	clean := newWorld(t, newFakeSource(2, 60, 2))
	clean.mustRun(clean.plan)
	w.sameAs(clean.fingerprint())
}

// rottenTarget flips a bit in the middle of the package when it is finished.
type rottenTarget struct {
	migration.Target
	dir string
}

func (r *rottenTarget) Commit(ctx context.Context, path string, blocks []migration.BlockRef) error {
	if err := r.Target.Commit(ctx, path, blocks); err != nil {
		return err
	}
	file := filepath.Join(r.dir, filepath.FromSlash(path))
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	b[len(b)/2] ^= 4
	return os.WriteFile(file, b, 0o600)
}

// A program that writes the model otherwise, or another collation, must not
// leave an old model beside a new origin.
func TestResumeWritesTheModelAnew(t *testing.T) {
	w := newWorld(t, newFakeSource(3, 60, 2))
	interrupted(t, w, "CRM7.table02")
	w.src.collation = "Danish_Norwegian_CI_AS"
	w.mustRun(nil)
	fresh := newWorld(t, newFakeSource(3, 60, 2))
	fresh.src.collation = "Danish_Norwegian_CI_AS"
	fresh.mustRun(fresh.plan)
	want, got := fresh.fingerprint(), w.fingerprint()
	for _, m := range []string{"model.xml", "DacMetadata.xml"} {
		key := "database/SuperOffice.bacpac " + m
		if want[key] == "" || got[key] != want[key] {
			t.Errorf("%s: %q, want %q", m, got[key], want[key])
		}
	}
}

func TestResumeInAnotherModeIsRefused(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 120, 2))
	interrupted(t, w, "CRM7.table01")
	live := *w.plan
	live.Mode = migration.ModeLive
	if _, err := w.process(context.Background(), &live); !errors.Is(err, migration.ErrModeNotAllowed) {
		t.Errorf("%v, want ErrModeNotAllowed", err)
	}
	w.mustRun(nil)
}

// Rows that come while the tables are read stand in the manifest like those of
// the package.
func TestRowsThatComeMeanwhileAreListed(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 60, 4))
	var once atomic.Bool
	late := &lateSource{fakeSource: w.src, come: func() {
		if once.CompareAndSwap(false, true) {
			w.src.addDocument(77, "late.docx", []byte("late"))
			w.src.touch("CRM7.table01")
		}
	}}
	res, err := w.processWith(context.Background(), w.plan, late)
	if err != nil {
		t.Fatal(err)
	}
	if k := res.Report.Kinds["document"]; k[migration.Uploaded].Count != 5 {
		t.Errorf("documents = %+v", k)
	}
}

// lateSource changes when the strays are counted: after the first scan.
type lateSource struct {
	*fakeSource
	come func()
}

func (s *lateSource) Proof(ctx context.Context) (migration.Proof, error) {
	s.mu.Lock()
	n := s.proofs
	s.proofs++
	s.mu.Unlock()
	if n > 0 {
		s.come()
	}
	return s.fakeSource.Proof(ctx)
}

// A full disk under the journal stops the run at once, not after the night.
func TestJournalThatFailsStopsTheRun(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 400, 40))
	var commits atomic.Int64
	w.fail = func(point string) error {
		if point == journal.PointGroupBefore && commits.Add(1) > 12 {
			return syscall.ENOSPC
		}
		return nil
	}
	_, err := w.process(context.Background(), w.plan)
	if !errors.Is(err, journal.ErrNoSpace) {
		t.Fatalf("%v, want journal.ErrNoSpace", err)
	}
	w.fail = nil
	w.mustRun(nil)
}
