package journal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The tests here run on the virtual clock of a synctest bubble.

func TestGroupIsCommittedAtItsSize(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		j, err := Open(context.Background(), dir, testKey, Options{GroupSize: 5, GroupDelay: time.Hour})
		must(t, err)
		var order []string
		for i := range 12 {
			o := sent(i)
			j.Ack(o, func(err error) {
				if err != nil {
					t.Errorf("%s: %v", o.Key, err)
				}
				order = append(order, o.Key)
			})
		}
		synctest.Wait()
		if s := j.Stats(); s != (Stats{Commits: 2, Acked: 10, Largest: 5}) || len(order) != 10 {
			t.Errorf("after 12 acknowledgements: %+v, %d done", s, len(order))
		}
		if n := len(objects(t, j, "")); n != 10 {
			t.Errorf("%d objects can be read, 10 are committed", n)
		}
		must(t, j.Close())
		if s := j.Stats(); s != (Stats{Commits: 3, Acked: 12, Largest: 5}) || !slices.IsSorted(order) || len(order) != 12 {
			t.Errorf("after Close: %+v, %v", s, order)
		}
	})
}

func TestGroupIsCommittedAtItsDelay(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		j, err := Open(context.Background(), dir, testKey, Options{})
		must(t, err)
		begin := time.Now()
		var first, second time.Duration
		j.Ack(sent(1), func(error) { first = time.Since(begin) })
		<-time.After(199 * time.Millisecond)
		j.Ack(sent(2), func(error) { second = time.Since(begin) })
		synctest.Wait()
		if j.Stats().Acked != 0 {
			t.Error("committed before the delay was over")
		}
		<-time.After(2 * time.Millisecond)
		synctest.Wait()
		if first != 200*time.Millisecond || second != first {
			t.Errorf("done after %v and %v, want 200 ms for the whole group", first, second)
		}
		// The next group has a delay of its own.
		j.Ack(sent(3), func(error) { first = time.Since(begin) })
		<-time.After(time.Second)
		synctest.Wait()
		if first != 401*time.Millisecond {
			t.Errorf("next group done after %v, want 401 ms", first)
		}
		must(t, j.Close())
	})
}

func TestDurableCallsTakeTheGroupAlong(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		j, err := Open(context.Background(), dir, testKey, Options{GroupDelay: time.Hour})
		must(t, err)
		done := false
		j.Ack(sent(1), func(err error) { done = err == nil })
		must(t, j.PutNote(context.Background(), "r", "n", nil))
		if !done {
			t.Error("an earlier acknowledgement was overtaken")
		}
		if s := j.Stats(); s != (Stats{Commits: 1, Acked: 1, Largest: 1}) {
			t.Errorf("%+v", s)
		}
		must(t, j.Flush(context.Background()))
		if s := j.Stats(); s.Commits != 1 {
			t.Errorf("a flush of nothing made a commit: %+v", s)
		}
		must(t, j.Close())
	})
}

func TestAckBlocksWhenTheQueueIsFull(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		const size = 4
		slow := make(chan struct{})
		j, err := Open(context.Background(), dir, testKey, Options{GroupSize: size, FailPoint: func(name string) error {
			if name == PointGroupBefore {
				<-slow
			}
			return nil
		}})
		must(t, err)
		entered, committed := 0, 0
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := range 5 * size {
				j.Ack(sent(i), func(err error) {
					if err == nil {
						committed++
					}
				})
				entered++
			}
		})
		synctest.Wait()
		if entered != 2*size || committed != 0 {
			t.Errorf("%d entered, %d committed: want one group in the commit and one in the queue", entered, committed)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		if err := j.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a flush behind a full queue: %v", err)
		}
		cancel()
		close(slow)
		wg.Wait()
		must(t, j.Close())
		if entered != 5*size || committed != 5*size {
			t.Errorf("%d entered, %d committed of %d", entered, committed, 5*size)
		}
	})
}

func TestManySenders(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{GroupSize: 7, GroupDelay: time.Millisecond})
	const senders, each = 8, 60
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := map[int]int{}
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				j.Ack(sent(s*1000+i), func(err error) {
					mu.Lock()
					defer mu.Unlock()
					if err != nil || next[s] != i {
						t.Errorf("sender %d: %d done after %d (%v)", s, i, next[s], err)
					}
					next[s]++
				})
			}
		})
	}
	wg.Wait()
	must(t, j.Close())
	if s := j.Stats(); s.Acked != senders*each || s.Largest > 7 || s.Largest < 2 {
		t.Errorf("%+v", s)
	}
	j.Ack(sent(1), func(err error) {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		next[0] = -1
	})
	if next[0] != -1 {
		t.Error("done was not called after Close")
	}
	if err := j.Flush(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Flush after Close: %v", err)
	}
	if _, err := j.Runs(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Runs after Close: %v", err)
	}
}
