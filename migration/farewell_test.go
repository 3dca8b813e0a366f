package migration_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
	"omt/upload/uploadtest"
)

// silence is the moment from which on a target answers nothing any more.
type silence struct {
	mu sync.Mutex
	at time.Time
}

func (s *silence) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at.IsZero() {
		s.at = time.Now()
	}
}

func (s *silence) since() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.at), !s.at.IsZero()
}

// silentTarget lets every put wait for its context once the silence has begun.
type silentTarget struct {
	migration.Target
	s *silence
}

func (t silentTarget) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if _, silent := t.s.since(); silent {
		<-ctx.Done()
		return ctx.Err()
	}
	return t.Target.Put(ctx, path, body, sum)
}

// failingSource has the database fail for good in the middle, and the target fall
// silent with it: the cause is told, but nobody listens.
func failingSource(s *silence) *fakeSource {
	src := newFakeSource(2, 40, 30)
	src.onRow = func(table string, key int64) error {
		if table == "CRM7.table01" && key >= 25 {
			s.begin()
			return migration.Fail("read", table, migration.ErrBadCredentials, migration.Msg("hint.login.credentials"))
		}
		return nil
	}
	return src
}

// TestFarewellOfARunThatFails: nobody told it to stop; it does not hang at its last
// words all the same. A second and a half for the state at the target, as much for
// the lease, and the cause that people see is the first one.
func TestFarewellOfARunThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		open func(w *world, s *silence)
		most time.Duration
	}{
		"silent target": {func(w *world, s *silence) {
			w.memory = silentTarget{uploadtest.NewMemory(uploadtest.Faults{}), s}
		}, 1500 * time.Millisecond},
		"silent service": {func(w *world, s *silence) {
			w.onServer(uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(uploadtest.BlobRequest) uploadtest.BlobFault {
				_, silent := s.since()
				return uploadtest.BlobFault{Stall: silent}
			}}))
		}, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &silence{}
				w := newWorld(t, failingSource(s))
				c.open(w, s)
				_, err := w.process(t.Context(), w.plan)
				if !errors.Is(err, migration.ErrBadCredentials) || migration.HintOf(err).ID != "hint.login.credentials" {
					t.Errorf("the run ended with %v", err)
				}
				if d, silent := s.since(); !silent || d > c.most {
					t.Errorf("the run ended %v after it had failed", d)
				} else if d < time.Second {
					t.Errorf("it said no last words: %v", d)
				}
			})
		})
	}
}

// TestFarewellOfAPausedRun: a run that is paused at a service which falls silent
// learns by its lease alone that it may not go on. It ends before somebody else can
// have the lease, and says nothing at a target that may be somebody else's by then.
func TestFarewellOfAPausedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &silence{}
		server := uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(uploadtest.BlobRequest) uploadtest.BlobFault {
			_, silent := s.since()
			return uploadtest.BlobFault{Stall: silent}
		}})
		w := newWorld(t, newFakeSource(2, 40, 30))
		w.onServer(server)
		var asked int
		_, err := w.steered(t.Context(), func(p *migration.Progress) {
			p.Control().SetLimit(100)
			time.AfterFunc(5*time.Second, func() {
				p.Control().Pause()
				time.AfterFunc(10*time.Minute, func() {
					asked = len(server.RequestsOf(uploadtest.BlobPut))
					s.begin()
				})
			})
		})
		if !errors.Is(err, migration.ErrLeaseLost) || migration.HintOf(err).IsZero() {
			t.Errorf("the run ended with %v", err)
		}
		if d, silent := s.since(); !silent || d > time.Minute {
			t.Errorf("the run ended %v after the service fell silent", d)
		}
		for _, r := range server.RequestsOf(uploadtest.BlobPut)[asked:] {
			if strings.HasPrefix(r.Path, "session") {
				t.Errorf("it wrote %s although the lease was lost", r.Path)
			}
		}
	})
}
