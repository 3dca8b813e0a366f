package migration

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"
)

type silent struct{}

func (silent) Infow(string, ...any) {}
func (silent) Warnw(string, ...any) {}

type patient struct{ d time.Duration }

func (p patient) Error() string        { return "please wait" }
func (p patient) Pause() time.Duration { return p.d }

// waiting is a run that only adds up how long it would wait.
func waiting() (*Migration, *[]time.Duration) {
	var pauses []time.Duration
	return &Migration{
		Progress: NewProgress(time.Now), Now: time.Now, Log: silent{},
		Wait: func(_ context.Context, d time.Duration) error {
			pauses = append(pauses, d)
			return nil
		},
	}, &pauses
}

// The kind of an error decides how often and how long it is tried again.
func TestRetryByKind(t *testing.T) {
	line := errors.New("connection reset")
	for _, c := range []struct {
		name        string
		err         error
		times       int // that it comes; 0: always
		least, most time.Duration
		passes      bool
	}{
		{"comes once", line, 1, 500 * time.Millisecond, 625 * time.Millisecond, true},
		{"line is gone for good", line, 0, 2 * time.Minute, patience, false},
		{"line is gone for two minutes", line, 9, time.Minute, patience, true},
		{"asks once for a minute", patient{time.Minute}, 1, time.Minute, time.Minute, true},
		{"asks always for two minutes", fmt.Errorf("put: %w", patient{2 * time.Minute}), 0, 13 * time.Minute, asked, false},
		{"asks once for six minutes", patient{6 * time.Minute}, 1, 0, 0, false},
		{"asks for an hour", patient{time.Hour}, 0, 0, 0, false},
		{"asks for a moment", patient{time.Millisecond}, 3, 3 * time.Second, 5 * time.Second, true},
		{"no rights", Fail("put", "a", ErrForbidden, Message{}), 0, 0, 0, false},
		{"ticket has ended", ErrExpired, 0, 0, 0, false},
		{"disk is full", ErrNoSpace, 0, 0, 0, false},
		{"lease is lost", ErrLeaseLost, 0, 0, 0, false},
		{"told to stop", context.Canceled, 0, 0, 0, false},
		{"body is another one by now", fmt.Errorf("put: %w", ErrChanged), 0, 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, pauses := waiting()
			n := 0
			err := m.retry(t.Context(), "put a", func() error {
				if n++; c.times > 0 && n > c.times {
					return nil
				}
				return c.err
			})
			var waited time.Duration
			for i, d := range *pauses {
				waited += d
				if i > 0 && d < (*pauses)[i-1] && c.err == line {
					t.Errorf("pauses get shorter: %v", *pauses)
				}
			}
			if waited < c.least || waited > c.most {
				t.Errorf("waited %v in %d pauses, want %v to %v", waited, len(*pauses), c.least, c.most)
			}
			if (err == nil) != c.passes || err != nil && !errors.Is(err, c.err) {
				t.Errorf("ended with %v", err)
			}
			if trouble := m.Progress.Control().Status().Trouble; (trouble == nil) != (err == nil || len(*pauses) == 0) {
				t.Errorf("trouble = %+v", trouble)
			}
		})
	}
}

// The budget of a run is for all its calls: a target at which most of them fail
// is not worn down for a night, one at which some fail is lived with.
func TestRetryBudget(t *testing.T) {
	failing := errors.New("connection reset")
	calls := func(share int) (tried int, stopped bool) {
		m, _ := waiting()
		for range 20_000 {
			n := 0
			err := m.retry(t.Context(), "put", func() error {
				if n++; n <= share {
					return failing
				}
				return nil
			})
			if tried += n; err != nil {
				return tried, true
			}
		}
		return tried, false
	}
	if tried, stopped := calls(3); !stopped || tried > 3000 {
		t.Errorf("three of four calls fail: %d tries, stopped %v", tried, stopped)
	}
	m, _ := waiting()
	for i := range 20_000 {
		n := 0
		if err := m.retry(t.Context(), "put", func() error {
			if n++; n == 1 && i%10 == 0 {
				return failing
			}
			return nil
		}); err != nil {
			t.Fatalf("one of ten calls fails: stopped at %d", i)
		}
	}
}

// A night without a fault saves up no patience: a target that then fails for good is
// not tried more often than at the beginning.
func TestRetryBudgetIsNotSavedUp(t *testing.T) {
	m, _ := waiting()
	failed := false
	for range 20_000 {
		if err := m.retry(t.Context(), "put", func() error {
			if !failed { // the budget is opened by the first new try
				failed = true
				return errors.New("connection reset")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	again := 0
	for range 400 {
		_ = m.retry(t.Context(), "put", func() error {
			again++
			return errors.New("connection reset")
		})
	}
	if again -= 400; again > budgetTries {
		t.Errorf("%d new tries, %d are the budget", again, budgetTries)
	}
}

// Those that failed together do not come back together.
func TestBackoffIsScattered(t *testing.T) {
	seen := map[time.Duration]bool{}
	for i := range 64 {
		d := scattered(4, fmt.Sprint("put documents/", i))
		if d < backoff(4) || d > backoff(4)*5/4 {
			t.Errorf("%v for a backoff of %v", d, backoff(4))
		}
		seen[d] = true
	}
	if len(seen) < 40 {
		t.Errorf("64 calls come back at %d moments", len(seen))
	}
	if d := scattered(100, "x"); d > longestBackoff*5/4 {
		t.Errorf("the longest backoff is %v", d)
	}
}

// TestCauseEndsOnce: Windows ends its reasons with a stop, and so does the text
// around them.
func TestCauseEndsOnce(t *testing.T) {
	for _, err := range []error{errors.New("It is in use."), &fs.PathError{Op: "open", Path: "x", Err: errors.New("It is in use.")}} {
		if got := (&readError{err}).cause(); got != "It is in use" {
			t.Errorf("the cause of %v is %q", err, got)
		}
	}
}
