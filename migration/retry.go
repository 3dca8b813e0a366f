package migration

import (
	"context"
	"errors"
	"hash/fnv"
	"sync"
	"time"

	"omt/migration/journal"
)

// permanent tells whether trying again cannot help.
func permanent(err error) bool {
	for _, s := range []error{
		ErrForbidden, ErrExpired, ErrNoSpace, ErrLeaseLost, ErrNotFound, ErrInTheWay, ErrCatalogChanged, ErrUncarriable, ErrCompanyChanged,
		ErrBadCredentials, ErrSourceLost, ErrNotAligned, ErrStateLost, journal.ErrNoSpace, journal.ErrDamaged, journal.ErrClosed,
		context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, s) {
			return true
		}
	}
	return false
}

const (
	// longestPause is how long a run waits for a service that asks for patience;
	// beyond it the run stops and says so.
	longestPause = 5 * time.Minute
	// longestBackoff is the longest pause that nobody has asked for.
	longestBackoff = 32 * time.Second
	// patience is how long one call is tried again in all, counted in pauses: a
	// router that starts anew or a share that comes back is there by then.
	patience = 3 * time.Minute
	// asked is how long one call waits in all for a service that asks to wait.
	asked = 15 * time.Minute
)

// backoff doubles from half a second.
func backoff(attempt int) time.Duration {
	return min(250*time.Millisecond<<min(attempt, 8), longestBackoff)
}

// scattered is a backoff made up to a quarter longer, differently for each
// thing, so that all that failed together does not come back together.
func scattered(attempt int, what string) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(what)) // never fails
	d := backoff(attempt)
	return d + d/4*time.Duration(h.Sum32()%1000)/1000
}

// budget bounds how often a whole run tries again: each new try takes one, each
// call that works gives a part of one back. A target at which a tenth of all
// calls fails is lived with; one at which most fail is not worn down for a night.
type budget struct {
	mu   sync.Mutex
	left float64
	open bool
}

const (
	budgetTries = 1000
	budgetBack  = 0.2
)

func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		b.open, b.left = true, budgetTries
	}
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

func (b *budget) give() {
	b.mu.Lock()
	b.left = min(b.left+budgetBack, budgetTries)
	b.mu.Unlock()
}

// retry repeats a call of the target while that may help. The kind of error
// decides: what is permanent, or is a matter of the body, is returned at once; a service that asks for
// patience gets what it asks for, up to longestPause at a time and asked in all;
// everything else is tried for patience. The run's budget bounds all of it.
func (m *Migration) retry(ctx context.Context, what string, f func() error) error {
	c := m.Progress.Control()
	var waited, waitedAsked time.Duration
	for attempt := 1; ; attempt++ {
		err := f()
		if err == nil {
			m.tries.give()
			c.worked()
			return nil
		}
		// A body that is another one by now has to be read anew, not sent again.
		if permanent(err) || errors.Is(err, ErrChanged) || ctx.Err() != nil {
			return err
		}
		pause, why := scattered(attempt, what), waitingRetry
		if p := pauseOf(err); p > 0 {
			pause, why = max(pause, p), waitingService
			if waitedAsked += pause; pause > longestPause || waitedAsked > asked {
				return err
			}
		} else if waited += pause; waited > patience {
			return err
		}
		m.failures.Add(1)
		if !m.tries.take() {
			return err
		}
		m.Log.Warnw("try again", "what", what, "attempt", attempt, "pause", pause, "error", err)
		c.failedTry(Trouble{What: what, Hint: HintOf(err), Attempt: attempt, Next: m.Now().Add(pause).UTC()})
		if err := m.waitAs(ctx, why, pause); err != nil {
			return err
		}
	}
}

// sourceAttempts is how often a listing of the installation is begun before the
// run stops: a deadlock or a broken connection is over by then.
const sourceAttempts = 4

// reread repeats a listing of the installation, or the reading of a file, while
// that may help. A share that is gone is waited for.
func (m *Migration) reread(ctx context.Context, what string, read func() error) error {
	var lost time.Duration
	tries := 0
	for attempt := 1; ; attempt++ {
		err := read()
		gone := errors.Is(err, ErrSourceLost)
		if err == nil || ctx.Err() != nil || permanent(err) && !gone {
			return err
		}
		pause := backoff(attempt)
		if gone {
			lost, tries = lost+pause, 0
		} else {
			tries++
		}
		if lost > shareReturns || tries == sourceAttempts {
			return err
		}
		m.Log.Warnw("read again", "what", what, "attempt", attempt, "pause", pause, "error", err)
		m.Progress.Control().failedTry(Trouble{What: what, Hint: HintOf(err), Attempt: attempt, Next: m.Now().Add(pause).UTC()})
		if err := m.waitAs(ctx, readingFile, pause); err != nil {
			return err
		}
	}
}

// waitAs waits and tells for what.
func (m *Migration) waitAs(ctx context.Context, why doing, d time.Duration) error {
	c := m.Progress.Control()
	c.shift(idle, why)
	defer c.shift(why, idle)
	return m.Wait(ctx, d)
}

// pauseOf is what a target asked for, 0 if it did not.
func pauseOf(err error) time.Duration {
	var p Pauser
	if errors.As(err, &p) {
		return p.Pause()
	}
	return 0
}
