package migration

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// passing lets so many pieces pass one after the other by several goroutines and
// tells when each did.
func passing(t *testing.T, c *Control, senders, pieces int, size int64) (at func() []time.Duration) {
	t.Helper()
	var mu sync.Mutex
	var out []time.Duration
	begin := time.Now()
	for range senders {
		go func() {
			for range pieces {
				if err := c.pass(t.Context(), size); err != nil {
					return
				}
				mu.Lock()
				out = append(out, time.Since(begin))
				mu.Unlock()
			}
		}()
	}
	return func() []time.Duration {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return append([]time.Duration(nil), out...)
	}
}

func TestLimitHoldsAndChangesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newControl(time.Now)
		c.SetLimit(100_000)
		passed := passing(t, c, 8, 100, 50_000)
		time.Sleep(60*time.Second + time.Millisecond)
		// One piece at once, then one each half second.
		if n := len(passed()); n < 119 || n > 122 {
			t.Errorf("%d pieces of 50 kB in a minute at 100 kB/s, want 121", n)
		}
		c.SetLimit(1) // the next piece would wait for half a day
		time.Sleep(time.Minute)
		before := len(passed())
		c.SetLimit(1_000_000)
		time.Sleep(10 * time.Second)
		if n := len(passed()) - before; n < 199 || n > 203 {
			t.Errorf("%d pieces in 10 s after the limit was raised to 1 MB/s, want 200", n)
		}
		c.SetLimit(0)
		if n := len(passed()); n != 800 {
			t.Errorf("%d of 800 pieces have passed without a limit", n)
		}
	})
}

func TestPauseHoldsUntilContinue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newControl(time.Now)
		c.Pause()
		passed := passing(t, c, 4, 10, 1000)
		time.Sleep(24 * time.Hour)
		if n := len(passed()); n != 0 || !c.Status().Paused {
			t.Errorf("%d pieces have passed during a pause", n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		for _, n := range []int64{0, 5} {
			if err := c.pass(ctx, n); !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled wait ends with %v", err)
			}
		}
		c.Continue()
		if n := len(passed()); n != 40 {
			t.Errorf("%d of 40 pieces have passed after the pause", n)
		}
	})
}

func TestTimetableSetsTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The clock of a bubble begins at midnight UTC on a Saturday.
		table, err := ParseTimetable("Sat 00:00 nothing, Sat 01:00 100k, Sat 02:00 off")
		if err != nil {
			t.Fatal(err)
		}
		c := newControl(func() time.Time { return time.Now().UTC() })
		c.SetTimetable(table)
		passed := passing(t, c, 4, 20_000, 50_000)
		time.Sleep(59 * time.Minute)
		if n := len(passed()); n != 0 {
			t.Errorf("%d pieces have passed while nothing may", n)
		}
		if s := c.Status(); !s.Waiting || s.Until.Hour() != 1 {
			t.Errorf("status = %+v", s)
		}
		time.Sleep(60 * time.Minute)
		if n := len(passed()); n < 59*120-1 || n > 60*120+1 {
			t.Errorf("%d pieces in the hour of 100 kB/s, want about %d", n, 59*120)
		}
		time.Sleep(2 * time.Minute)
		if n := len(passed()); n != 80_000 {
			t.Errorf("%d pieces have passed when the limit was off", n)
		}
	})
}

// A clock that jumps neither opens the limit for good nor closes it.
func TestLimitSurvivesClockJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var jump time.Duration
		c := newControl(func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Add(jump).Round(0) // without the monotonic reading
		})
		c.SetLimit(100_000)
		passed := passing(t, c, 3, 1000, 50_000)
		for _, by := range []time.Duration{-48 * time.Hour, 72 * time.Hour, -time.Second} {
			before := len(passed())
			mu.Lock()
			jump += by
			mu.Unlock()
			time.Sleep(2 * time.Minute)
			if n := len(passed()) - before; n < 180 || n > 242 {
				t.Errorf("%d pieces in two minutes after a jump by %v, want about 240", n, by)
			}
		}
		c.SetLimit(0)
		passed()
	})
}

func TestStatusNamesWhatIsSlow(t *testing.T) {
	for name, d := range map[string]doing{
		"bottleneck.disk": readingFile, "bottleneck.database": readingRows, "bottleneck.line": sending, "bottleneck.service": waitingService, "bottleneck.limit": waitingTurn,
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newControl(time.Now)
			if c.Status().Bottleneck.ID != "" {
				t.Error("a bottleneck is named before anything was done")
			}
			c.shift(idle, d)
			other := readingFile
			if d == readingFile {
				other = sending
			}
			for range 30 {
				c.move()
				time.Sleep(900 * time.Millisecond)
				c.shift(d, other)
				time.Sleep(100 * time.Millisecond)
				c.shift(other, d)
			}
			if s := c.Status(); s.Bottleneck.ID != name || !s.StalledSince.IsZero() {
				t.Errorf("status = %+v, want %s", s, name)
			}
			// What was so long ago does not count.
			c.shift(d, other)
			for range 30 {
				c.move()
				time.Sleep(time.Second)
				c.shift(other, other)
			}
			if s := c.Status(); s.Bottleneck.ID == name {
				t.Errorf("%s is still named half a minute later", name)
			}
		})
	}
}

func TestStatusTellsAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newControl(time.Now)
		c.shift(idle, sending)
		c.move()
		moved := time.Now()
		time.Sleep(stallAfter)
		if s := c.Status(); !s.StalledSince.IsZero() {
			t.Errorf("stalled after %v", stallAfter)
		}
		time.Sleep(2 * time.Second)
		if s := c.Status(); !s.StalledSince.Equal(moved) || s.Stall.ID != "stall.line" || s.Stall.Args["Seconds"] != 17 {
			t.Errorf("status = %+v", s)
		}
		c.Pause()
		if s := c.Status(); !s.StalledSince.IsZero() {
			t.Error("a pause is told as a stall")
		}
		c.Continue()
		c.move()
		if s := c.Status(); !s.StalledSince.IsZero() {
			t.Error("still stalled after something has moved")
		}
		c.shift(sending, idle)
		time.Sleep(time.Hour)
		if s := c.Status(); !s.StalledSince.IsZero() {
			t.Error("a run that is over is told as stalled")
		}
	})
}

func TestBuffersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBuffers()
		var held []*[]byte
		for range memoryForFiles / inMemory {
			p, err := b.get(t.Context(), inMemory)
			if err != nil || len(*p) != inMemory {
				t.Fatalf("%d bytes, %v", len(*p), err)
			}
			held = append(held, p)
		}
		got := make(chan struct{})
		go func() {
			p, err := b.get(t.Context(), 1)
			if err != nil {
				t.Error(err)
			}
			b.put(p)
			close(got)
		}()
		synctest.Wait()
		select {
		case <-got:
			t.Error("more memory was lent than there is")
		default:
		}
		b.put(held[0])
		<-got
		for _, n := range []int64{0, 1, smallestBuffer, smallestBuffer + 1, 200 << 10, 1<<20 + 1, inMemory} {
			p, err := b.get(t.Context(), n)
			if err != nil || int64(len(*p)) < n || int64(len(*p)) >= 2*max(n, smallestBuffer) {
				t.Errorf("%d bytes for %d, %v", len(*p), n, err)
			}
			b.put(p)
		}
	})
}
