package app

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

const (
	// tickEvery is how often progress is read: five times a second is smooth
	// and leaves a server without a graphics card time for its work.
	tickEvery = 200 * time.Millisecond
	// stopLimit is how long closing waits for a safe point. What was not
	// finished by then is sent again by the next start.
	stopLimit = 2 * time.Second
)

// Start runs the job, from its beginning or from where it stopped. It does
// nothing where the state does not allow it.
func (w *Window) Start() {
	switch w.state {
	case StateReady, StateStopped, StateFailed:
	default:
		return
	}
	if t := w.opt.Ticket; !t.Expires.IsZero() && w.opt.Now().After(t.Expires) {
		w.err = migration.Fail("start migration", t.ID, migration.ErrExpired, migration.Msg("error.expired"))
		w.opt.Problem = w.err
		w.enter(StateBlocked)
		return
	}
	ctx, cancel := context.WithCancel(w.parent)
	w.cancel, w.err = cancel, nil
	w.watched = make(chan struct{})
	w.enter(StateRunning)
	go w.watch(ctx, w.opt.Job, w.watched)
}

// watch owns the job's goroutine and reads its progress until it has ended.
func (w *Window) watch(ctx context.Context, job Job, watched chan<- struct{}) {
	defer close(watched)
	result := make(chan error, 1)
	go func() { result <- job.Start(ctx) }()
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.publish(job)
		case err := <-result:
			w.result = err
			w.publish(job)
			var summary []migration.Message
			if err == nil {
				summary = job.Summary()
			}
			w.do(func() { w.ended(err, summary) })
			return
		}
	}
}

// publish hands the newest reading to the window. At most one is under way, so
// that a slow screen skips readings instead of falling behind.
func (w *Window) publish(job Job) {
	p := job.Progress()
	if p == nil {
		return
	}
	s := p.Snapshot()
	if w.pending.Swap(&s) != nil {
		return
	}
	w.do(func() {
		if s := w.pending.Swap(nil); s != nil {
			w.progress.show(*s)
		}
	})
}

// ended shows what became of the job.
func (w *Window) ended(err error, summary []migration.Message) {
	stopped := w.state == StateStopping && errors.Is(err, context.Canceled)
	w.cancel()
	w.cancel = nil
	if w.asking != nil {
		w.asking.Hide()
		w.asking = nil
	}
	w.err, w.summary = err, summary
	switch {
	case err == nil:
		w.enter(StateFinished)
	case stopped:
		w.enter(StateStopped)
	default:
		w.enter(StateFailed)
	}
	if w.closing {
		w.shut()
	}
}

// close is what the window system asks for when the migrator closes the window.
func (w *Window) close() {
	switch w.state {
	case StateRunning:
		w.ask(true)
	case StateStopping:
		w.stop(true)
	default:
		w.shut()
	}
}

// ask makes sure that a running job is meant to stop. Going on is preselected.
func (w *Window) ask(closing bool) {
	if w.asking != nil {
		return
	}
	text, act := migration.Msg("ask.stop.text"), migration.Msg("button.stop.now")
	if closing {
		text, act = migration.Msg("ask.close.text"), migration.Msg("button.stop.close")
	}
	body := wrapped(say(text))
	d := dialog.NewCustomWithoutButtons(say(migration.Msg("ask.stop.title")), body, w.win)
	w.asking = d
	done := func() { d.Hide(); w.asking = nil }
	stay := widget.NewButton(say(migration.Msg("button.keep")), done)
	stay.Importance = widget.HighImportance
	leave := widget.NewButton(say(act), func() { done(); w.stop(closing) })
	d.SetButtons([]fyne.CanvasObject{container.NewHBox(leave, stay)})
	d.Resize(fyne.NewSize(520, 200))
	d.Show()
	w.win.Canvas().Focus(stay)
}

// stop cancels the job and, when closing, closes the window as soon as it has
// reached a safe point, at the latest after stopLimit.
func (w *Window) stop(closing bool) {
	if !w.state.active() {
		if closing {
			w.shut()
		}
		return
	}
	if closing && !w.closing {
		w.closing = true
		w.limit = time.AfterFunc(stopLimit, func() { w.do(w.shut) })
	}
	if w.state == StateRunning {
		w.cancel()
		w.enter(StateStopping)
	}
}

// shut closes the window. A job that did not stop in time ends with the
// process: what it had not committed is sent again by the next start. Closing
// again does nothing: the job may still end after its window.
func (w *Window) shut() {
	if w.gone {
		return
	}
	w.gone = true
	if w.limit != nil {
		w.limit.Stop()
	}
	w.win.SetCloseIntercept(nil)
	w.win.Close()
}
