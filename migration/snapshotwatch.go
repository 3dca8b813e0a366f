package migration

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// SnapshotGauge is a SnapshotRows that can tell how far its snapshot has grown.
type SnapshotGauge interface {
	// Growth is asked again and again while the tables are read.
	Growth(ctx context.Context) (SnapshotGrowth, error)
}

// SnapshotGrowth is what a database snapshot takes of the server's disks. A
// server that does not tell leaves all of it zero.
type SnapshotGrowth struct {
	Bytes  int64  // on disk, all files
	Volume string // the one with the least room; empty if not told
	Free   int64  // on it, in bytes
}

const (
	// growthEvery is how often it is looked at.
	growthEvery = 30 * time.Second
	// snapshotLow is from when on people are warned. The files of the snapshot lie
	// beside those of the database, which needs room to grow as well.
	snapshotLow = 5 << 30
	// snapshotLeast is when the run gives the snapshot up before the disk is full:
	// the database could not grow any more, and the server would drop the snapshot
	// out of use itself.
	snapshotLeast = 1 << 30
)

// watched works while the growth of the snapshot is watched.
func (m *Migration) watched(ctx context.Context, work func(context.Context) error) error {
	gauge, ok := m.snapshot.(SnapshotGauge)
	if !ok {
		return work(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			if err := m.lookAtGrowth(ctx, gauge); err != nil {
				cancel(err)
			}
			if m.Wait(ctx, growthEvery) != nil {
				return
			}
		}
	})
	err := work(ctx)
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, ErrNoSpace) {
		err = cause
	}
	cancel(nil)
	wg.Wait()
	return err
}

// lookAtGrowth says what is short. What cannot be read is no reason to stop: the
// tables themselves tell when the snapshot is gone.
func (m *Migration) lookAtGrowth(ctx context.Context, gauge SnapshotGauge) error {
	g, err := gauge.Growth(ctx)
	if err != nil {
		if ctx.Err() == nil {
			m.Log.Warnw("look at growth of snapshot", "error", err)
		}
		return nil
	}
	m.grown.Store(max(m.grown.Load(), g.Bytes))
	switch {
	case g.Volume == "":
	case g.Free < snapshotLeast:
		return Fail("keep snapshot on", g.Volume, fmt.Errorf("%w: %d bytes are free", ErrNoSpace, g.Free),
			Msg("hint.snapshot.full", "Volume", g.Volume, "Free", g.Free>>20, "Grown", g.Bytes>>20))
	case g.Free < snapshotLow && !m.short.Swap(true):
		m.Log.Warnw("little room for the snapshot", "volume", g.Volume, "free", g.Free, "grown", g.Bytes)
		m.Progress.Control().warn(Msg("warn.snapshot.low", "Volume", g.Volume, "Free", g.Free>>20, "Grown", g.Bytes>>20))
	}
	return nil
}

// snapshotWarning is what the report says of it.
func (m *Migration) snapshotWarning() []Message {
	if w := m.Progress.Control().warning.Load(); w != nil {
		return []Message{*w}
	}
	return nil
}
