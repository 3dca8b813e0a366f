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
	f.preview, f.ticked, f.chosen = nil, nil, nil
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

// order is what Run is asked to do: everything that was chosen here, also when it
// goes on, because the start before may have ended before anything was recorded;
// else to go on with what an earlier start of the program left.
func (v *uploadView) order() Upload {
	f := v.h.flow()
	switch {
	case f.recovery == migration.RecoverMissing:
		return Upload{Recovery: f.recovery, Changed: f.ticked, Confirmed: f.chosen}
	case f.draft == nil:
		return Upload{KeepParts: f.keepParts}
	}
	return Upload{
		Draft: f.draft.Clone(), Checks: f.checks, Accepted: f.accepted, Recovery: f.recovery,
		Snapshot: f.snapshot && f.draft.Plan.Mode == migration.ModeLive, KeepParts: f.keepParts,
	}
}

// start runs the upload, from its beginning or from where it stopped.
func (v *uploadView) start() {
	switch v.state {
	case uploadWaiting, uploadStopped, uploadFailed:
	default:
		return
	}
	order, g := v.order(), v.h.guide()
	mode := v.h.flow().mode
	v.state, v.resumes, v.seen, v.resting = uploadRunning, true, false, false
	v.progress.reset()
	v.steer.reset()
	v.draw()
	v.h.work(migration.Msg("doing.upload"), func(ctx context.Context) (func(), error) {
		var res *migration.Result
		err := v.watch(g, func() (err error) {
			if res, err = g.Run(ctx, order); err == nil {
				announce(migration.Msg("upload.ended"), migration.Msg("upload.ended.text"))
			} else if !errors.Is(err, context.Canceled) {
				announce(migration.Msg("upload.failed"), migration.Msg("upload.failed.text"))
			}
			return err
		})
		if errors.Is(err, migration.ErrReopened) || errors.Is(err, migration.ErrUnconfirmed) {
			d, notes, derr := g.Draft(ctx, mode)
			if derr != nil {
				return nil, derr
			}
			told := changesOf(err, notes)
			return func() { v.reopened(d, told) }, nil
		}
		if err != nil {
			return nil, err
		}
		return func() { v.finished(res) }, nil
	}, v.failed)
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
		s := v.pending.Swap(nil)
		if s == nil {
			return
		}
		v.steer.follow(p)
		v.read(*s)
	})
}

// read shows a reading.
func (v *uploadView) read(s migration.Snapshot) {
	v.progress.show(s)
	resting := s.Status.Paused || s.Status.Waiting
	if !v.seen || resting != v.resting {
		v.seen, v.resting = true, resting
		v.h.changed() // it runs: the window now offers to stop it, and says whether anything is sent
	}
}

// changesOf says why the checklist is open again: what changed in the database,
// or which rule is broken. The error has all of it; the notes of the draft are
// what is left to look at if it has nothing.
func changesOf(err error, notes []migration.Message) []migration.Message {
	var r *migration.Reopened
	var broken *migration.PlanFaults
	switch {
	case errors.As(err, &r) && len(r.Changes) > 0:
		notes = r.Changes
	case errors.As(err, &broken):
		notes = broken.Faults
	}
	why := migration.Msg("upload.reopened")
	if !errors.Is(err, migration.ErrReopened) {
		why = migration.Msg("upload.closed.checklist")
	}
	return append([]migration.Message{why}, someOf(notes)...)
}

func (v *uploadView) finished(r *migration.Result) {
	v.end(uploadFinished)
	f := v.h.flow()
	f.result = r
	v.h.visit(placeComplete)
}

// reopened leads back to the checklist: what was confirmed does not fit the
// database any more.
func (v *uploadView) reopened(d *migration.Draft, told []migration.Message) {
	v.h.flow().draft, v.resumes = d, false
	v.end(uploadWaiting)
	v.h.visit(placeChecklist)
	v.h.notify(noticeWarning, told...)
}

// failed shows how a run ended that did not reach its end.
func (v *uploadView) failed(err error) bool {
	if errors.Is(err, context.Canceled) {
		v.end(uploadStopped)
		v.h.notify(noticeEnded, migration.Msg("notice.stopped"), migration.Msg("notice.stopped.resume"))
		return true
	}
	v.end(uploadFailed)
	return false
}

// end leaves the running state.
func (v *uploadView) end(s uploadState) {
	v.state = s
	v.progress.rest()
	v.draw()
}
