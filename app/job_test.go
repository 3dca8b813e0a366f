package app

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// running opens a window inside a bubble of synthetic time and starts its job.
func running(t *testing.T, o Options) (*Window, *fakeJob, *queue) {
	t.Helper()
	w := open(t, o)
	q := &queue{}
	w.do = q.add
	test.Tap(w.button(t, "Start migration"))
	q.settle()
	if w.State() != StateRunning {
		t.Fatalf("after the click on Start the state is %q", w.State())
	}
	return w, o.Job.(*fakeJob), q
}

// after lets so much synthetic time pass.
func (q *queue) after(d time.Duration) {
	<-time.After(d)
	q.settle()
}

func TestProgressIsShownAndItsLastValueArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var states []State
		o := sampleOptions()
		o.OnState = func(s State) { states = append(states, s) }
		w, job, q := running(t, o)
		m := job.progress.Of(migration.PhaseDocuments)
		m.Begin(false)
		m.Expect(3000, 84<<30/10)
		m.Done(412, 12<<30/10)
		q.after(tickEvery)
		if !w.seen("412 of 3,000 documents, 1.2 of 8.4 GB") {
			t.Errorf("the row does not say where the documents stand: %q", texts(w.win.Content()))
		}
		// The last numbers come with the end, between two readings.
		m.Done(2588, 84<<30/10-12<<30/10)
		m.End(migration.PhaseDone)
		job.end <- nil
		q.settle()
		if !w.seen("3,000 documents, 8.4 GB") {
			t.Errorf("the last value did not arrive: %q", texts(w.win.Content()))
		}
		if want := []State{StateReady, StateRunning, StateFinished}; !slices.Equal(states, want) {
			t.Errorf("states were %q, want %q", states, want)
		}
	})
}

func TestFailureIsToldInWordsAndCanBeResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, job, q := running(t, sampleOptions())
		job.end <- migration.Fail("read table", "CRM7.contact", migration.ErrNoSpace, migration.Message{})
		q.settle()
		if w.State() != StateFailed || !w.seen("A disk is full. What has arrived is kept. Make room, then resume.") {
			t.Fatalf("state %q shows %q", w.State(), texts(w.win.Content()))
		}
		const detail = "read table CRM7.contact: no space left"
		if w.seen(detail) {
			t.Error("details are shown before More was asked for")
		}
		test.Tap(w.button(t, "More"))
		if !w.seen(detail) {
			t.Error("More does not show the details")
		}
		test.Tap(w.button(t, "Resume"))
		q.settle()
		if w.State() != StateRunning || job.started() != 2 {
			t.Errorf("Resume leads to %q after %d starts", w.State(), job.started())
		}
		job.end <- nil
		q.settle()
	})
}

func TestStopAsksAndCanBeResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, job, q := running(t, sampleOptions())
		test.Tap(w.button(t, "Stop..."))
		test.Tap(w.button(t, "Keep running"))
		q.settle()
		if w.State() != StateRunning {
			t.Fatalf("Keep running leads to %q", w.State())
		}
		test.Tap(w.button(t, "Stop..."))
		test.Tap(w.button(t, "Stop"))
		q.settle()
		if w.State() != StateStopped || !w.seen("The migration was stopped") {
			t.Fatalf("Stop leads to %q", w.State())
		}
		test.Tap(w.button(t, "Resume"))
		job.end <- nil
		q.settle()
		if w.State() != StateFinished {
			t.Errorf("after Resume the state is %q", w.State())
		}
	})
}

func TestClosingWaitsForASafePoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, q := running(t, sampleOptions())
		closed := false
		w.win.SetOnClosed(func() { closed = true })
		w.close()
		if closed || w.State() != StateRunning {
			t.Fatal("closing did not ask")
		}
		test.Tap(w.button(t, "Stop and close"))
		q.settle()
		if !closed || w.State() != StateStopped {
			t.Errorf("closed %v in state %q", closed, w.State())
		}
	})
}

func TestClosingDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := sampleOptions()
		o.Job.(*fakeJob).deaf = true
		w, job, q := running(t, o)
		closed := false
		w.win.SetOnClosed(func() { closed = true })
		w.stop(true)
		q.after(stopLimit - time.Millisecond)
		if closed {
			t.Error("closed before the limit although the job still ran")
		}
		q.after(2 * time.Millisecond)
		if !closed {
			t.Error("not closed after the limit")
		}
		job.end <- nil
		q.settle()
	})
}

func TestTicketThatExpiresInTheOpenWindowSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := sampleOptions()
		clock := today
		o.Now = func() time.Time { return clock }
		w := open(t, o)
		q := &queue{}
		w.do = q.add
		clock = o.Ticket.Expires.Add(time.Second)
		test.Tap(w.button(t, "Start migration"))
		q.settle()
		if w.State() != StateBlocked || o.Job.(*fakeJob).started() != 0 {
			t.Errorf("state %q, %d starts", w.State(), o.Job.(*fakeJob).started())
		}
		if !w.button(t, "Start migration").Disabled() {
			t.Error("the button is still open")
		}
	})
}

func TestJobEndsWithItsParent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := test.NewTempApp(t)
		ctx, cancel := context.WithCancel(t.Context())
		w, err := New(ctx, a, sampleOptions())
		if err != nil {
			t.Fatal(err)
		}
		q := &queue{}
		w.do = q.add
		w.Start()
		q.settle()
		cancel()
		q.settle()
		if w.State() != StateFailed || !errors.Is(w.settle(), context.Canceled) {
			t.Errorf("state %q, error %v", w.State(), w.settle())
		}
	})
}

// The window goes away while the job ends by itself: its own result is the
// answer, not that it was unfinished.
func TestResultThatCameWithTheEndOfTheWindow(t *testing.T) {
	for name, result := range map[string]error{"finished": nil, "failed": migration.ErrNoSpace} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, job, q := running(t, sampleOptions())
				job.end <- result
				synctest.Wait()
				if w.State() != StateRunning {
					t.Fatalf("the window knows already: %q", w.State())
				}
				if err := w.settle(); !errors.Is(err, result) || errors.Is(err, errUnfinished) {
					t.Errorf("settled with %v, want %v", err, result)
				}
				q.settle()
			})
		})
	}
}

// A job that was stopped by the closing is unfinished.
func TestJobThatTheClosingStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, q := running(t, sampleOptions())
		if err := w.settle(); !errors.Is(err, errUnfinished) {
			t.Errorf("settled with %v, want unfinished", err)
		}
		q.settle()
	})
}
