package azure_test

import (
	"sync"
	"time"

	"omt/upload/azure"
)

// clock is time that passes when a test says so.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	ticks chan time.Time
}

func newClock() *clock { return &clock{now: time.Now(), ticks: make(chan time.Time)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// pass moves the clock and ticks twice: when the second tick is taken, the work
// of the first is done. A lease that was lost takes no more ticks.
func (c *clock) pass(d time.Duration, lost <-chan struct{}) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.mu.Unlock()
	for range 2 {
		select {
		case c.ticks <- time.Time{}:
		case <-lost:
		}
	}
}

func (c *clock) options() azure.Options {
	return azure.Options{
		Now:        c.Now,
		Tick:       func(time.Duration) (<-chan time.Time, func()) { return c.ticks, func() {} },
		RetryDelay: time.Millisecond,
	}
}

// feed lets time pass until stop.
func (c *clock) feed(step time.Duration, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case c.ticks <- time.Time{}:
			c.mu.Lock()
			c.now = c.now.Add(step)
			c.mu.Unlock()
		}
	}
}
