package migration

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Control steers a run while it goes on: pause, bandwidth limit, timetable. The
// Progress that a run is given has one, so that window and command line hold it
// before the run begins and a setting made early counts from the first byte.
// All methods may be called by several goroutines, at any time.
//
// The limit is kept as a mean: a file of up to 8 MiB, or a part of the database,
// goes at the speed of the line once its turn has come, and the next one waits
// for it. Slowing a request down while it is sent would let it look dead to the
// service and to our own watchdog.
type Control struct {
	now  func() time.Time
	turn chan struct{} // held by the one that waits for the limit: first come, first served

	mu      sync.Mutex
	changed chan struct{} // closed and replaced by each setting
	paused  bool
	limit   int64 // of SetLimit; unused while there is a timetable
	table   Timetable
	debt    float64   // bytes sent ahead of the limit
	paid    time.Time // until when the debt was worked off

	activity activity
	warning  atomic.Pointer[Message] // about the servers of the customer
}

func newControl(now func() time.Time) *Control {
	return &Control{now: now, turn: make(chan struct{}, 1), changed: make(chan struct{}), activity: newActivity(now())}
}

// Pause lets nothing new begin: requests that are under way end, what they sent
// is acknowledged, and the lease is kept. Pausing again does nothing.
func (c *Control) Pause() { c.set(func() { c.paused = true }) }

// Continue ends a pause.
func (c *Control) Continue() { c.set(func() { c.paused = false }) }

// SetLimit bounds what is sent to so many bytes a second; 0 or less ends the
// bound. It takes the place of a timetable.
func (c *Control) SetLimit(bytesPerSecond int64) {
	c.set(func() { c.limit, c.table = max(bytesPerSecond, 0), nil })
}

// SetTimetable changes the limit by time of the week; nil ends it, and nothing
// is limited then. It takes the place of SetLimit.
func (c *Control) SetTimetable(t Timetable) {
	c.set(func() { c.limit, c.table = 0, append(Timetable(nil), t...) })
}

func (c *Control) set(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}

// recheck bounds every wait, so that a clock that jumps is noticed.
const recheck = 30 * time.Second

// pass waits until n bytes may be sent; 0 only waits for the end of a pause.
func (c *Control) pass(ctx context.Context, n int64) error {
	if n > 0 {
		select {
		case c.turn <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		defer func() { <-c.turn }()
	}
	for {
		wait, changed := c.take(n)
		if wait == 0 {
			return ctx.Err()
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-changed:
		case <-ctx.Done():
		}
		t.Stop()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// take takes n bytes, or tells how long to wait before asking again.
func (c *Control) take(n int64) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	f := c.inForce(now)
	switch {
	case f.Paused:
		return recheck, c.changed
	case f.Waiting:
		return min(max(f.Until.Sub(now), time.Second), recheck), c.changed
	case f.Limit == 0:
		c.debt, c.paid = 0, now
		return 0, nil
	}
	// A clock that was set back works nothing off, one that was set forward at
	// most all of it.
	c.debt = max(0, c.debt-max(0, now.Sub(c.paid).Seconds())*float64(f.Limit))
	c.paid = now
	if c.debt > 0 && n > 0 {
		wait := time.Duration(c.debt / float64(f.Limit) * float64(time.Second))
		return min(max(wait, time.Millisecond), recheck), c.changed
	}
	c.debt += float64(n)
	return 0, nil
}

// Force is what Control allows at a moment.
type Force struct {
	Paused  bool      `json:"paused"`         // by Pause
	Waiting bool      `json:"waiting"`        // the timetable lets nothing pass now
	Limit   int64     `json:"limit"`          // bytes a second, 0 for none
	Until   time.Time `json:"until,omitzero"` // when the timetable changes next; zero without one
}

// InForce tells what holds now.
func (c *Control) InForce() Force {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inForce(c.now())
}

func (c *Control) inForce(now time.Time) Force {
	f := Force{Paused: c.paused, Limit: c.limit}
	if len(c.table) > 0 {
		var limit int64
		limit, f.Until = c.table.At(now)
		f.Waiting, f.Limit = limit == LimitNothing, max(limit, 0)
	}
	return f
}

// Timetable returns the one that is set, nil for none.
func (c *Control) Timetable() Timetable {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append(Timetable(nil), c.table...)
}
