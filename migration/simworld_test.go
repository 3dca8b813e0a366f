package migration_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"omt/migration"
	"omt/migration/journal"
	"omt/upload/uploadtest"
)

// simFaults is what goes wrong in the life of one process. Shares are of calls;
// a number of a call or commit is 0 if that does not happen.
type simFaults struct {
	fail, lose, throttle, stall, open, rows float64
	latency                                 time.Duration
	killBefore, killAfter, denyAt, fullAt   int // call of the target
	commitDies, commitFull                  int // commit of the journal
	commitAfter                             bool
	leaseLost, cancelled, paused, jumped    time.Duration // after the start; 0: never
	jump                                    time.Duration // of the clock, then
	shareGone, shareBack                    time.Time
}

// sim is a world in one process: time passes by itself, and everything that goes
// wrong follows from the seed.
type sim struct {
	t     *testing.T
	seed  uint64
	w     *world
	store *uploadtest.Memory

	mu        sync.Mutex
	round     int // which process of this world
	faults    simFaults
	calls     int // of the target in this process
	commits   int
	tries     map[string]int
	rowFaults map[string]int
	jump      time.Duration // of the clock on the wall
	dead      bool
	end       context.CancelFunc
	lostAt    time.Time // when the lease was lost; zero: it is held

	acked    map[string]string // path or block by what the journal had when the process began: its SHA-256
	uploaded bool
	faultsOf []string // what the history shows that must never be
}

func newSim(t *testing.T, seed uint64) *sim {
	src := newFakeSource(2, 40, 14)
	src.addDocument(1000, "lost.docx", nil)
	src.addDocument(1001, "BRIEF 3.docx", []byte("another one of that name"))
	src.addDocument(1002, "brief 4.DOCX", src.files["mem/4"])
	s := &sim{t: t, seed: seed, store: uploadtest.NewMemory(uploadtest.Faults{}), acked: map[string]string{}}
	s.w = newWorld(t, src)
	s.w.memory = s.store
	s.w.wrap = func(migration.Target) migration.Target { return &simTarget{s.store.Reopen(uploadtest.Faults{}), s} }
	s.w.fail = s.commit
	s.w.now = func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		return time.Now().Add(s.jump)
	}
	return s
}

// draw chooses what goes wrong in the next process: not everything each time,
// so that no fault hides another.
func draw(rng *rand.Rand) simFaults {
	var f simFaults
	maybe := func(share float64) bool { return rng.Float64() < share }
	some := func(n int) int { return 1 + rng.IntN(n) }
	after := func(d time.Duration) time.Duration { return time.Duration(1 + rng.Int64N(int64(d))) }
	if maybe(0.6) {
		f.latency = after(2 * time.Second)
	}
	if maybe(0.4) {
		f.fail, f.lose = rng.Float64()*0.3, rng.Float64()*0.3
	}
	if maybe(0.2) {
		f.throttle = rng.Float64() * 0.2
	}
	if maybe(0.1) {
		f.stall = rng.Float64() * 0.1
	}
	if maybe(0.4) {
		f.open = rng.Float64()
	}
	if maybe(0.3) {
		f.rows = rng.Float64() * 0.2
	}
	switch rng.IntN(12) {
	case 0, 1:
		f.killBefore = some(50)
	case 2, 3:
		f.killAfter = some(50)
	case 4:
		f.denyAt = some(50)
	case 5:
		f.fullAt = some(50)
	case 6, 7:
		f.commitDies, f.commitAfter = some(25), maybe(0.5)
	case 8:
		f.commitFull = some(25)
	case 9:
		f.leaseLost = after(10 * time.Second)
	case 10:
		f.cancelled = after(10 * time.Second)
	}
	if maybe(0.1) {
		f.paused = after(5 * time.Second)
	}
	if maybe(0.1) {
		f.jumped, f.jump = after(5*time.Second), days(rng)
	}
	if maybe(0.1) {
		f.shareGone = time.Now().Add(after(3 * time.Second))
		f.shareBack = f.shareGone.Add(after(10 * time.Minute))
	}
	return f
}

func (s *sim) wrong(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faultsOf = append(s.faultsOf, fmt.Sprintf("process %d: ", s.round)+fmt.Sprintf(format, args...))
}

func (s *sim) alive(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return errDead
	}
	return ctx.Err()
}

// kill ends the process: from here on it changes nothing any more.
func (s *sim) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead = true
	s.end()
}

// commit is the disk of the journal.
func (s *sim) commit(point string) error {
	s.mu.Lock()
	if s.dead {
		s.mu.Unlock()
		return errDead
	}
	f := s.faults
	if point == journal.PointGroupBefore {
		s.commits++
	}
	n := s.commits
	s.mu.Unlock()
	switch {
	case n == 0: // being created, or opened
	case point == journal.PointGroupBefore && n == f.commitFull:
		return syscall.ENOSPC
	case n == f.commitDies && (point == journal.PointGroupAfter) == f.commitAfter:
		s.kill()
		return errDead
	}
	return nil
}

// writing checks that nothing is written after the lease was lost.
func (s *sim) writing(what, op, path string) {
	s.mu.Lock()
	lost := s.lostAt
	s.mu.Unlock()
	if !lost.IsZero() && time.Now().After(lost) {
		s.wrong("%s %s %s %v after the lease was lost", op, path, what, time.Since(lost))
	}
}

// arrives checks that nothing is sent again that the journal knew.
func (s *sim) arrives(what, sum string) {
	s.mu.Lock()
	was, known := s.acked[what]
	s.mu.Unlock()
	if known && was == sum {
		s.wrong("%s is sent again although the journal had it", what)
	}
}

// process is one start of the program; it ends by itself or is ended.
func (s *sim) process(f simFaults) error {
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	s.mu.Lock()
	s.round++
	s.faults, s.calls, s.commits, s.dead, s.lostAt, s.end = f, 0, 0, false, time.Time{}, cancel
	s.tries, s.rowFaults = map[string]int{}, map[string]int{}
	s.mu.Unlock()
	var timers []*time.Timer
	later := func(d time.Duration, do func()) {
		if d > 0 {
			s.mu.Lock()
			timers = append(timers, time.AfterFunc(d, do))
			s.mu.Unlock()
		}
	}
	later(f.cancelled, cancel)
	later(f.jumped, func() {
		s.mu.Lock()
		s.jump += f.jump
		s.mu.Unlock()
	})
	later(f.leaseLost, func() {
		s.mu.Lock()
		s.lostAt = time.Now()
		s.mu.Unlock()
		s.store.BreakLease()
	})
	err := s.run(ctx, func(c *migration.Control) {
		later(f.paused, func() {
			c.Pause()
			later(time.Hour, c.Continue)
		})
	})
	s.mu.Lock()
	for _, t := range timers {
		t.Stop()
	}
	s.mu.Unlock()
	// A lease that nobody gave back ends by itself.
	time.Sleep(time.Minute)
	s.store.BreakLease()
	s.mu.Lock()
	s.dead, s.faults = false, simFaults{}
	s.mu.Unlock()
	return err
}

func (s *sim) run(ctx context.Context, steer func(*migration.Control)) error {
	return s.w.open(s.w.plan, &simSource{s.w.src, s}, func(m *migration.Migration) error {
		if begin, _, err := migration.Detect(ctx, m.Journal); err == nil && begin != migration.BeginInitial {
			m.Plan = nil
		}
		m.Wait, m.Random = realWait, rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, s.seed, s.round)))
		steer(m.Progress.Control())
		_, err := m.Run(ctx)
		return err
	})
}

// ended checks the world after a process: what the journal acknowledges is at the
// target, and nothing that it acknowledged before is missing from it.
func (s *sim) ended() {
	before := s.acked
	s.acked = map[string]string{}
	objects := s.objects()
	err := s.w.open(nil, s.w.src, func(m *migration.Migration) error {
		last, found, err := m.Journal.LastRun(s.t.Context())
		if err != nil || !found {
			return err
		}
		blocks, err := finishedBlocks(s.t.Context(), m.Journal, last.ID)
		if err != nil {
			return err
		}
		for _, id := range blocks {
			s.acked[id] = ""
		}
		return m.Journal.Objects(s.t.Context(), "", func(o journal.Object) error {
			if out := migration.Outcome(o.Outcome); out != migration.Uploaded && out != migration.Unchanged {
				return nil
			}
			sum := hex.EncodeToString(o.SHA256[:])
			s.acked[o.Target] = sum
			if objects[o.Target] != sum {
				s.wrong("%s is acknowledged with %s, at the target is %q", o.Target, sum, objects[o.Target])
			}
			return nil
		})
	})
	if err != nil {
		s.t.Fatalf("seed %d: look into the journal: %v", s.seed, err)
	}
	for what := range before {
		if _, ok := s.acked[what]; !ok && strings.Contains(what, "/") {
			s.wrong("%s was acknowledged and is forgotten", what)
		}
	}
}

// told tells whether an error of a process says to people what to do, or is the
// end of a process that was ended.
func (s *sim) told(err error) bool {
	return err == nil || errors.Is(err, context.Canceled) || errors.Is(err, errDead) || !migration.HintOf(err).IsZero()
}

// days is a jump of the clock by up to two of them in either direction.
func days(rng *rand.Rand) time.Duration {
	return time.Duration(rng.Int64N(int64(96*time.Hour))) - 48*time.Hour
}
