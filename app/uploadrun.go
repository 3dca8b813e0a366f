package app

import (
	"context"
	"errors"
	"time"

	"omt/migration"
)

// look reads what a recovery of missing files would send.
func (v *uploadView) look() {
	v.looking = true
	f, g := v.h.flow(), v.h.guide()
	f.preview, f.ticked = nil, nil
	v.draw()
	v.h.work(migration.Msg("doing.preview"), func(ctx context.Context) (func(), error) {
		p, err := g.Preview(ctx)
		if err != nil {
			return nil, err
		}
		return func() {
			v.looking, f.preview = false, p
			v.draw()
		}, nil
	}, func(err error) bool {
		v.looking = false
		v.draw()
		return errors.Is(err, context.Canceled)
	})
}

// order is what Run is asked to do: everything that was chosen, or to go on
// with what was begun.
func (v *uploadView) order() Upload {
	f := v.h.flow()
	switch {
	case f.recovery == migration.RecoverMissing:
		return Upload{Recovery: f.recovery, Changed: f.ticked}
	case f.draft == nil || v.resumes:
		return Upload{}
	}
	return Upload{Draft: f.draft, Checks: f.checks, Accepted: f.accepted, Recovery: f.recovery}
}

// start runs the upload, from its beginning or from where it stopped.
func (v *uploadView) start() {
	switch v.state {
	case uploadWaiting, uploadStopped, uploadFailed:
	default:
		return
	}
	order, g := v.order(), v.h.guide()
	draft := v.h.flow().draft
	v.state = uploadRunning
	v.progress.reset(v.now)
	v.draw()
	v.h.work(migration.Msg("doing.upload"), func(ctx context.Context) (func(), error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		v.do(func() { v.begun(cancel) })
		var res *migration.Result
		err := v.watch(g, func() (err error) {
			res, err = g.Run(ctx, order)
			return err
		})
		if errors.Is(err, migration.ErrReopened) {
			changes := changesOf(ctx, g, draft, err)
			return func() { v.reopened(changes) }, nil
		}
		if err != nil {
			return nil, err
		}
		return func() { v.finished(res) }, nil
	}, v.failed)
}

// begun gives the view what it needs to stop the run.
func (v *uploadView) begun(cancel context.CancelFunc) {
	v.cancel, v.resumes = cancel, true
	if v.state == uploadStopping {
		cancel()
	}
}

// watch runs work and meanwhile reads the progress at a steady pace. It returns
// when work has ended and the last reading was handed over.
func (v *uploadView) watch(g Guide, work func() error) error {
	result := make(chan error, 1)
	go func() { result <- work() }()
	tick := time.NewTicker(v.every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			v.publish(g)
		case err := <-result:
			v.publish(g)
			return err
		}
	}
}

// publish hands the newest reading to the page. At most one is under way, so
// that a slow screen skips readings instead of falling behind.
func (v *uploadView) publish(g Guide) {
	p := g.Progress()
	if p == nil {
		return
	}
	s := p.Snapshot()
	if v.pending.Swap(&s) != nil {
		return
	}
	v.do(func() {
		if s := v.pending.Swap(nil); s != nil {
			v.progress.show(*s)
		}
	})
}

// changesOf says what changed in the database: the draft is held against it
// once more, and the error has the words if that tells nothing.
func changesOf(ctx context.Context, g Guide, d *migration.Draft, err error) []migration.Message {
	if d != nil {
		if notes, rerr := g.Reread(ctx, d); rerr == nil && len(notes) > 0 {
			return notes
		}
	}
	var faults *migration.PlanFaults
	if errors.As(err, &faults) {
		return faults.Faults
	}
	return []migration.Message{hint(err)}
}

func (v *uploadView) finished(r *migration.Result) {
	v.end(uploadFinished)
	f := v.h.flow()
	f.result = r
	v.h.visit(placeComplete)
}

// reopened leads back to the checklist: what was confirmed does not fit the
// database any more.
func (v *uploadView) reopened(changes []migration.Message) {
	v.resumes = false
	v.end(uploadWaiting)
	v.h.visit(placeChecklist)
	v.h.notify(noticeWarning, append([]migration.Message{migration.Msg("upload.reopened")}, someOf(changes)...)...)
}

// failed shows how a run ended that did not reach its end.
func (v *uploadView) failed(err error) bool {
	if errors.Is(err, context.Canceled) {
		v.end(uploadStopped)
		v.h.notify(noticeWarning, migration.Msg("notice.stopped"), migration.Msg("notice.stopped.resume"))
		return true
	}
	v.end(uploadFailed)
	return false
}

// end leaves the running state.
func (v *uploadView) end(s uploadState) {
	v.state, v.cancel = s, nil
	if v.asking != nil {
		v.asking.Hide()
		v.asking = nil
	}
	v.progress.rest()
	v.draw()
}
