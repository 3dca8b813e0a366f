package migration

import (
	"context"
	"io"
)

// steady is a target whose objects are put with everything that the run knows of
// patience: pause and bandwidth limit, the end of the ticket, repetition. Small
// objects that the run writes itself (session, plan, manifest, report) go this
// way, so that one lost answer at the very end does not stop a night's work.
type steady struct {
	Target
	m *Migration
}

func (m *Migration) steady() Target { return &steady{m.Target, m} }

// Put implements Target.
func (s *steady) Put(ctx context.Context, path string, body io.ReadSeeker, sum Sum) error {
	return s.m.retry(ctx, "put "+path, func() error {
		return s.m.putOnce(ctx, path, body, sum)
	})
}

// putOnce waits for its turn and puts.
func (m *Migration) putOnce(ctx context.Context, path string, body io.ReadSeeker, sum Sum) error {
	if err := m.clear(ctx, sum.Size); err != nil {
		return err
	}
	c := m.Progress.Control()
	c.shift(idle, sending)
	defer c.shift(sending, idle)
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return &readError{err}
	}
	return m.Target.Put(ctx, path, body, sum)
}

// stageBlock waits for its turn and stages.
func (m *Migration) stageBlock(ctx context.Context, path string, b Block) (off int64, err error) {
	if err := m.clear(ctx, int64(len(b.Data))); err != nil {
		return 0, err
	}
	c := m.Progress.Control()
	c.shift(idle, sending)
	defer c.shift(sending, idle)
	return m.Target.Stage(ctx, path, b)
}

// clear waits until so many bytes may be sent. The ticket is asked afterwards: it
// may have ended during a pause.
func (m *Migration) clear(ctx context.Context, n int64) error {
	c := m.Progress.Control()
	c.shift(idle, waitingTurn)
	err := c.pass(ctx, n)
	c.shift(waitingTurn, idle)
	if err != nil {
		return err
	}
	return m.fresh()
}
