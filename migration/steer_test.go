package migration_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
	"omt/upload/uploadtest"
)

// realWait waits as the program does; in a bubble that takes no time.
func realWait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// steered runs with the clock of the bubble and with as many senders as the run
// finds to be right; early is called before it begins.
func (w *world) steered(ctx context.Context, early func(*migration.Progress)) (res *migration.Result, err error) {
	w.t.Helper()
	err = w.open(w.plan, w.src, func(m *migration.Migration) error {
		m.Wait, m.Limits.Senders = realWait, migration.DefaultLimits().Senders
		if early != nil {
			early(m.Progress)
		}
		var err error
		res, err = m.Run(ctx)
		return err
	})
	return res, err
}

// everySecond runs as steered does and looks at the run once a second.
func (w *world) everySecond(look func(*migration.Progress)) error {
	w.t.Helper()
	ended := make(chan struct{})
	var watch sync.WaitGroup
	_, err := w.steered(w.t.Context(), func(p *migration.Progress) {
		watch.Go(func() {
			for {
				select {
				case <-ended:
					return
				case <-time.After(time.Second):
					look(p)
				}
			}
		})
	})
	close(ended)
	watch.Wait()
	return err
}

// bodies counts at the server what has arrived of documents by the second.
type bodies struct {
	mu       sync.Mutex
	begin    time.Time
	bySecond map[int]int64
}

func (b *bodies) fault(r uploadtest.BlobRequest) uploadtest.BlobFault {
	if r.Op != uploadtest.BlobPut || !strings.HasPrefix(r.Path, "documents/") {
		return uploadtest.BlobFault{}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.begin.IsZero() {
		b.begin = time.Now()
	}
	b.bySecond[int(time.Since(b.begin).Seconds())] += r.Size
	return uploadtest.BlobFault{}
}

func (b *bodies) sum(from, to int) (n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := from; s < to; s++ {
		n += b.bySecond[s]
	}
	return n
}

// TestRunFillsALine: documents of 49 KB on a line of 50 ms and 100 Mbit/s, by
// bytes that the server counts. The mean of the seconds after the first ten is
// at least nine tenths of the line, with at most 64 requests at once.
func TestRunFillsALine(t *testing.T) {
	if cutStep > 1 {
		t.Skip("the race detector makes hashing a hundred times slower")
	}
	synctest.Test(t, func(t *testing.T) {
		const rate = 12_500_000
		seen := &bodies{bySecond: map[int]int64{}}
		s := uploadtest.NewBlobServer(uploadtest.BlobOptions{
			Line: uploadtest.Line{RTT: 50 * time.Millisecond, Rate: rate}, Fault: seen.fault,
			Forget: func(path string) bool { return strings.HasPrefix(path, "documents/") },
		})
		src := newFakeSource(1, 1, 0)
		content := bytes.Repeat([]byte("forty-nine"), 4900)
		for i := range 6000 {
			src.addDocument(int64(i+1), fmt.Sprintf("brief %d.docx", i+1), content)
		}
		w := newWorld(t, src)
		w.onServer(s)
		most := 0
		err := w.everySecond(func(p *migration.Progress) {
			most = max(most, p.Control().Status().Senders)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := seen.sum(10, 22); got < 12*rate*9/10 {
			t.Errorf("%.1f%% of the line in seconds 10 to 22 (%v)", 100*float64(got)/(12*rate), seen.bySecond)
		}
		if most > 64 || most < 16 {
			t.Errorf("up to %d senders", most)
		}
		t.Logf("%.1f%% of the line, up to %d senders", 100*float64(seen.sum(10, 22))/(12*rate), most)
	})
}

// TestRunObeysLimitAndPause: what the server counts in each second follows what
// was set, and nothing at all begins during a pause.
func TestRunObeysLimitAndPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := &bodies{bySecond: map[int]int64{}}
		s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Line: uploadtest.Line{RTT: 20 * time.Millisecond, Rate: 12_500_000}, Fault: seen.fault})
		src := newFakeSource(1, 1, 0)
		for i := range 400 {
			src.addDocument(int64(i+1), fmt.Sprintf("brief %d.docx", i+1), bytes.Repeat([]byte{byte(i)}, 10_000))
		}
		w := newWorld(t, src)
		w.onServer(s)
		ended := make(chan error, 1)
		var control *migration.Control
		started := make(chan struct{})
		go func() {
			_, err := w.steered(t.Context(), func(p *migration.Progress) {
				control = p.Control()
				control.SetLimit(100_000)
				close(started)
			})
			ended <- err
		}()
		<-started
		time.Sleep(10 * time.Second)
		if n := seen.sum(0, 11); n < 900_000 || n > 1_100_000 {
			t.Errorf("%d bytes of documents in 10 s at 100 kB/s", n)
		}
		control.Pause()
		time.Sleep(2 * time.Second)
		paused := seen.sum(0, 1000)
		time.Sleep(30 * time.Minute) // the address of the container ends after an hour
		if n := seen.sum(0, 10_000); n != paused {
			t.Errorf("%d bytes arrived during a pause", n-paused)
		}
		control.Continue()
		time.Sleep(5 * time.Second)
		control.SetLimit(0)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if n := seen.sum(0, 10_000); n != 4_000_000 {
			t.Errorf("%d bytes in all", n)
		}
		w.arrived(s)
		whole := newWorld(t, src)
		whole.mustRun(whole.plan)
		w.sameAs(whole.fingerprint())
	})
}

// TestRunStopsDuringPause: a run that is paused, limited to next to nothing, or
// waits for a share or a service, ends within two seconds when it is told to.
func TestRunStopsDuringPause(t *testing.T) {
	for name, prepare := range map[string]func(*fakeSource, *migration.Control){
		"pause": func(_ *fakeSource, c *migration.Control) { c.Pause() },
		"limit": func(_ *fakeSource, c *migration.Control) { c.SetLimit(1) },
		"nothing": func(_ *fakeSource, c *migration.Control) {
			c.SetTimetable(migration.Timetable{{Limit: migration.LimitNothing}})
		},
		"share": func(s *fakeSource, _ *migration.Control) {
			s.onOpen = func(migration.Item) error { return migration.ErrSourceLost }
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, newFakeSource(2, 40, 12))
				ctx, cancel := context.WithCancel(t.Context())
				var told time.Time
				time.AfterFunc(20*time.Second, func() {
					told = time.Now()
					cancel()
				})
				_, err := w.steered(ctx, func(p *migration.Progress) { prepare(w.src, p.Control()) })
				if !errors.Is(err, context.Canceled) || told.IsZero() {
					t.Fatalf("run ended with %v", err)
				}
				if d := time.Since(told); d > 2*time.Second {
					t.Errorf("the run ended %v after it was told to", d)
				}
				w.src.onOpen = nil
				if _, err := w.steered(t.Context(), nil); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// deafSQL is a database that says nothing any more after some rows, whoever gives up,
// until it is abandoned.
type deafSQL struct {
	*fakeSource
	once sync.Once
	gone chan struct{}
}

func (d *deafSQL) Abandon() { d.once.Do(func() { close(d.gone) }) }

// TestRunStopsWhileTheDatabaseIsSilent: a run that is told to stop ends within two
// seconds although its readers hear nothing, and says that it was stopped.
func TestRunStopsWhileTheDatabaseIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newFakeSource(2, 40, 12))
		src := &deafSQL{fakeSource: w.src, gone: make(chan struct{})}
		w.src.onRow = func(_ string, key int64) error {
			if key > 50 {
				<-src.gone
				return migration.Fail("read table", "x", errors.New("use of closed connection"), migration.Msg("hint.sql.lost"))
			}
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		var told time.Time
		time.AfterFunc(20*time.Second, func() {
			told = time.Now()
			cancel()
		})
		_, err := w.processWith(ctx, w.plan, src)
		if !errors.Is(err, context.Canceled) || migration.HintOf(err).ID != "" || told.IsZero() {
			t.Fatalf("run ended with %v", err)
		}
		if d := time.Since(told); d > 2*time.Second {
			t.Errorf("the run ended %v after it was told to", d)
		}
		w.src.onRow = nil
		w.mustRun(nil)
	})
}

// TestShareVanishesForAMinute: the run waits for it, and no file is judged by it.
// A share that stays away stops the run with words for people, and the next one
// goes on.
func TestShareVanishesForAMinute(t *testing.T) {
	source := func() *fakeSource { return newFakeSource(2, 40, 30) }
	whole := newWorld(t, source())
	whole.mustRun(whole.plan)
	want := whole.fingerprint()
	for _, away := range []time.Duration{time.Minute, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, source())
			var mu sync.Mutex
			var back time.Time
			opened := 0
			w.src.onOpen = func(it migration.Item) error {
				mu.Lock()
				defer mu.Unlock()
				if opened++; opened == 9 {
					back = time.Now().Add(away)
				}
				if time.Now().Before(back) {
					return migration.Fail("read", it.Source, migration.ErrSourceLost, migration.Msg("hint.archive.lost"))
				}
				return nil
			}
			_, err := w.steered(t.Context(), nil)
			if away == time.Hour {
				if !errors.Is(err, migration.ErrSourceLost) || migration.HintOf(err).ID != "hint.archive.lost" {
					t.Fatalf("%v with hint %q", err, migration.HintOf(err).ID)
				}
				time.Sleep(away)
				_, err = w.steered(t.Context(), nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			w.sameAs(want)
		})
	}
}

// TestStatusOfARun: window and command line are told what a run waits for.
func TestStatusOfARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		documents := 0
		s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
			mu.Lock()
			defer mu.Unlock()
			if r.Op == uploadtest.BlobPut && strings.HasPrefix(r.Path, "documents/") {
				documents++
			}
			return uploadtest.BlobFault{Stall: documents == 10}
		}})
		w := newWorld(t, newFakeSource(1, 1, 30))
		w.onServer(s)
		said := map[string]int{}
		err := w.everySecond(func(p *migration.Progress) {
			said[p.Snapshot().Status.Stall.ID]++
		})
		if err != nil {
			t.Fatal(err)
		}
		if said["stall.line"] < 5 {
			t.Errorf("said %v while the target stood still", slices.Collect(maps.Keys(said)))
		}
	})
}

// TestNothingIsSaidAfterTheLease: a fault that comes together with the loss of
// the lease stops the run first; its last word at the target would overwrite
// what the new holder says.
func TestNothingIsSaidAfterTheLease(t *testing.T) {
	store := uploadtest.NewMemory(uploadtest.Faults{})
	lost := false
	after := 0
	faults := uploadtest.Faults{Before: func(c uploadtest.Call) error {
		if c.Op != uploadtest.OpPut {
			return nil
		}
		if lost {
			after++
		}
		if c.Path == "plan.json" {
			lost = true
			store.BreakLease()
			return migration.Fail("put", c.Path, migration.ErrNoSpace, migration.Msg("hint.azure.failed"))
		}
		return nil
	}}
	w := newWorld(t, newFakeSource(0, 0, 1))
	w.memory = store.Reopen(faults)
	if _, err := w.process(t.Context(), w.plan); !errors.Is(err, migration.ErrNoSpace) {
		t.Fatalf("the run ended with %v", err)
	}
	if after > 0 {
		t.Errorf("%d objects were put after the lease was lost", after)
	}
}

// TestUploadBeginsBeforeTheScanHasEnded: documents arrive while the listing still
// goes on, and until its end the totals are said to be still counted.
func TestUploadBeginsBeforeTheScanHasEnded(t *testing.T) {
	w := newWorld(t, newFakeSource(0, 0, 450))
	arrived := make(chan struct{})
	w.wrap = func(tg migration.Target) migration.Target { return &arrivals{Target: tg, left: 150, all: arrived} }
	var during migration.PhaseProgress
	err := w.open(w.plan, w.src, func(m *migration.Migration) error {
		m.Source = &slowListing{fakeSource: w.src, after: 300, wait: func() {
			<-arrived
			during = documentsOf(m.Progress.Snapshot())
		}}
		_, err := m.Run(t.Context())
		if after := documentsOf(m.Progress.Snapshot()); after.Counting || after.TotalItems != 450 || after.Items != 450 {
			t.Errorf("at the end: %+v", after)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !during.Counting || during.TotalItems >= 450 || during.State != migration.PhaseRunning {
		t.Errorf("while the listing stood still: %+v", during)
	}
}

func documentsOf(s migration.Snapshot) migration.PhaseProgress {
	return s.Phases[slices.IndexFunc(s.Phases, func(p migration.PhaseProgress) bool { return p.Phase == migration.PhaseDocuments })]
}

// slowListing waits after so many documents.
type slowListing struct {
	*fakeSource
	after int
	wait  func()
}

func (s *slowListing) Items(ctx context.Context, k migration.ItemKind, yield func(migration.Item) error) error {
	n := 0
	return s.fakeSource.Items(ctx, k, func(it migration.Item) error {
		if n++; n == s.after && k == migration.KindDocument {
			s.wait()
		}
		return yield(it)
	})
}
