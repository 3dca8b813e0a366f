package app

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"omt/migration"
)

// stopLimit is how long closing waits for a safe point. What was not finished
// by then is sent again by the next start.
const stopLimit = 2 * time.Second

// task is something that the window does for a page, away from fyne's goroutine.
type task struct {
	doing  migration.Message
	job    func(context.Context) (func(), error)
	failed func(error) bool
	keeps  bool // stores choices; nobody waits for it, so the footer is silent
	// quiet work leaves the buttons open: the person goes on meanwhile.
	quiet bool
}

// tasks are done one at a time, in the order in which they were asked for.
type tasks struct {
	current  *task
	waiting  []*task
	cancel   context.CancelFunc
	stopping bool          // the person or the end of the window cancelled
	ended    chan struct{} // closed when the goroutine of current is done
}

// dropKeeps forgets the storing of choices that has not begun: a newer one follows.
func (t *tasks) dropKeeps() {
	rest := t.waiting[:0]
	for _, k := range t.waiting {
		if !k.keeps {
			rest = append(rest, k)
		}
	}
	t.waiting = rest
}

// busy is the work that the person is waiting for, or nil. Behind quiet work it
// may not have begun yet.
func (t *tasks) busy() *task {
	if t.current == nil {
		return nil
	}
	for _, k := range append([]*task{t.current}, t.waiting...) {
		if !k.keeps && !k.quiet {
			return k
		}
	}
	return nil
}

// behind is the quiet work that is under way, or nil.
func (t *tasks) behind() *task {
	if t.current == nil || !t.current.quiet {
		return nil
	}
	return t.current
}

// work is described at host.
func (w *Window) work(doing migration.Message, job func(context.Context) (func(), error), failed func(error) bool) {
	w.dropErrors()
	w.add(&task{doing: doing, job: job, failed: failed})
}

// quietly is described at host.
func (w *Window) quietly(doing migration.Message, job func(context.Context) (func(), error), failed func(error) bool) {
	w.dropErrors()
	w.add(&task{doing: doing, job: job, failed: failed, quiet: true})
}

func (w *Window) add(t *task) {
	if w.gone || w.closing {
		return
	}
	w.tasks.waiting = append(w.tasks.waiting, t)
	if w.tasks.behind() != nil {
		w.changed() // the footer says what waits behind the quiet work
	}
	w.begin()
}

// begin starts the next task if none is under way.
func (w *Window) begin() {
	q := &w.tasks
	if q.current != nil || len(q.waiting) == 0 || w.gone {
		return
	}
	t := q.waiting[0]
	q.waiting = q.waiting[1:]
	ctx, cancel := context.WithCancel(w.parent)
	ended := make(chan struct{})
	q.current, q.cancel, q.stopping, q.ended = t, cancel, false, ended
	w.changed()
	go func() {
		defer close(ended)
		apply, err := t.job(ctx)
		paths := w.runs.Paths()
		w.do(func() { w.finish(t, apply, err, paths) })
	}()
}

// finish takes over what a task found, shows its error and goes on with the next.
func (w *Window) finish(t *task, apply func(), err error, paths Paths) {
	q := &w.tasks
	stopped := q.stopping
	q.cancel()
	q.current, q.cancel, q.stopping = nil, nil, false
	w.paths = paths
	w.hideQuestion()
	if w.gone {
		return
	}
	if apply != nil {
		apply()
	}
	if err != nil && (t.failed == nil || !t.failed(err)) && (!stopped || !errors.Is(err, context.Canceled)) {
		w.showError(t.doing, err)
	}
	if w.closing {
		w.shut()
		return
	}
	w.changed()
	w.begin()
}

// stop cancels what is under way; what waits behind it is not begun.
func (w *Window) stop() {
	q := &w.tasks
	q.waiting = nil
	if q.current == nil || q.stopping {
		return
	}
	q.stopping = true
	q.cancel()
	w.changed()
}

// runWatch is the guide as the pages get it: it remembers whether an upload
// runs and how the last one ended, which decides what closing the window means
// and what the program returns.
type runWatch struct {
	Guide
	guard   func() (release func()) // called around each run
	running atomic.Bool
	last    atomic.Pointer[error]
}

// Run is described at Guide.
func (r *runWatch) Run(ctx context.Context, u Upload) (*migration.Result, error) {
	r.running.Store(true)
	defer r.running.Store(false)
	if r.guard != nil {
		defer r.guard()()
	}
	res, err := r.Guide.Run(ctx, u)
	r.last.Store(&err)
	return res, err
}

// outcome is the error of the last upload, nil if there was none.
func (r *runWatch) outcome() error {
	if e := r.last.Load(); e != nil {
		return *e
	}
	return nil
}
