package migration

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// A live run may read its tables from a database snapshot: all rows are of one
// moment whoever works meanwhile, and what was read before a kill is still true
// after it. The snapshot is part of the freeze: recorded with it before it is
// made, taken over by a resume, dropped by a thaw, and as soon as the package
// is there.

// rowSource is where tables are read.
func (m *Migration) rowSource() RowSource {
	switch {
	case m.snapshot != nil:
		return m.snapshot
	case m.aligned != nil:
		return m.aligned
	}
	return m.Source
}

// snapshotName is that of a new snapshot. The time keeps one that was made
// after an interruption from being taken for the one before.
func snapshotName(run string, at time.Time) string {
	return fmt.Sprintf("omt_%s_%s", run, strconv.FormatInt(at.UnixMilli(), 36))
}

// lookSnapshot takes up the consent. A test run writes nothing on the server.
func (m *Migration) lookSnapshot() error {
	if m.set.Recovery == RecoverMissing || m.set.Seed {
		return nil
	}
	m.set.Snapshot = m.set.Snapshot || m.Snapshot
	if !m.set.Snapshot {
		return nil
	}
	if _, ok := m.Freezer.(Snapshotter); !ok || m.Mode != ModeLive {
		return Fail("read from snapshot in mode", string(m.Mode), ErrModeNotAllowed, Msg("hint.snapshot.mode"))
	}
	return nil
}

// wantsSnapshot tells whether tables are still to be read from one.
func (m *Migration) wantsSnapshot(ctx context.Context) (bool, error) {
	if !m.set.Snapshot {
		return false, nil
	}
	_, done, err := m.Journal.Note(ctx, m.run.ID, notePackage)
	if err != nil {
		return false, fmt.Errorf("look for package: %w", err)
	}
	return !done, nil
}

// openSnapshot has the tables read from the snapshot of the freeze. One that is
// not wanted any more was left by a process that was killed before it dropped it.
func (m *Migration) openSnapshot(ctx context.Context, rec FreezeRecord, wanted bool) error {
	if rec.Snapshot == nil {
		return nil
	}
	if !wanted {
		return m.dropSnapshot(ctx)
	}
	s, ok := m.Freezer.(Snapshotter)
	if !ok {
		return Fail("read from snapshot", rec.Snapshot.Name, ErrModeNotAllowed, Msg("hint.snapshot.mode"))
	}
	rows, err := s.OpenSnapshot(ctx, rec)
	if err != nil {
		return fmt.Errorf("open snapshot: %w", err)
	}
	m.snapshot = rows
	m.Log.Infow("reading from snapshot", "name", rec.Snapshot.Name)
	// What the tables are is read where their rows are.
	return m.readCatalog(ctx)
}

// endSnapshot gives the snapshot up once the package is there: each change of
// the database costs its server a copy as long as there is one.
func (m *Migration) endSnapshot(ctx context.Context) error {
	if m.snapshot == nil {
		return nil
	}
	m.closeSnapshot()
	m.Log.Infow("dropping snapshot", "grown", m.grown.Load())
	return m.dropSnapshot(ctx)
}

func (m *Migration) dropSnapshot(ctx context.Context) error {
	err := m.reread(ctx, "drop snapshot", func() error { return m.freezing().DropSnapshot(ctx) })
	if err != nil {
		return fmt.Errorf("drop snapshot: %w", err)
	}
	return nil
}

// closeSnapshot ends the connections to it. The snapshot itself stays.
func (m *Migration) closeSnapshot() {
	if m.snapshot == nil {
		return
	}
	if err := m.snapshot.Close(); err != nil {
		m.Log.Warnw("close snapshot", "error", err)
	}
	m.snapshot = nil
}
