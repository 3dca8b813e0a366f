package migration

import (
	"context"
	"errors"
	"fmt"
)

// Where the database allows transactions of level SNAPSHOT, a live reading can
// be of one moment without a database snapshot: all readers begin together and
// keep their transactions until the last row. The moment ends with its readers,
// so a later process begins another one, and keeps of the parts only those of
// tables that are provably the same.

// AlignedSource is a Source that may be able to have several readers see one
// moment of the database.
type AlignedSource interface {
	// Alignable tells whether the database allows it. It changes nothing.
	Alignable(ctx context.Context) (bool, error)
	// Align begins readers of one moment, for so many results at once. An error
	// that wraps ErrNotAligned means that they would not see one moment.
	Align(ctx context.Context, readers int) (AlignedRows, error)
}

// AlignedRows reads the tables of one moment. Its Proof is that of the moment,
// however long ago it was. A reader that breaks is not replaced: the others read
// again what it was reading. When too few are left every method fails with
// ErrStateLost.
type AlignedRows interface {
	RowSource
	Close() error
}

// AlignChoice says whether a run reads one moment by readers that began
// together.
type AlignChoice string

// The choices.
const (
	// AlignAuto aligns where the database allows it, and where neither a database
	// snapshot nor a freeze keeps the state.
	AlignAuto AlignChoice = ""
	// AlignAlways aligns or stops.
	AlignAlways AlignChoice = "aligned"
	// AlignNever reads table by table what is there at that moment: no old
	// versions of rows are kept at the server for hours.
	AlignNever AlignChoice = "live"
)

var (
	// ErrNotAligned: the readers cannot see one moment.
	ErrNotAligned = errors.New("readers do not see one state of the database")
	// ErrStateLost: the readers of one moment have ended.
	ErrStateLost = errors.New("readers of one state of the database were lost")
)

// alignedStates is how many moments a run reads at most: one whose readers were
// lost is begun again from its first row.
const alignedStates = 3

// ReadAlignChoice reads a choice as people write it.
func ReadAlignChoice(s string) (AlignChoice, error) {
	switch c := AlignChoice(s); c {
	case AlignAlways, AlignNever:
		return c, nil
	case AlignAuto, "auto":
		return AlignAuto, nil
	}
	return "", Fail("read choice of consistency", s, ErrNotAligned, Msg("hint.aligned.choice", "Choice", s))
}

// align begins the readers of one moment where that is wanted. Without them the
// tables are read as they are.
func (d *database) align(ctx context.Context) error {
	d.info.Aligned = false
	m := d.m
	if m.snapshot != nil || m.Align == AlignNever || m.Align == AlignAuto && m.Mode == ModeLive {
		return nil
	}
	source, ok := m.Source.(AlignedSource)
	if ok {
		var err error
		if ok, err = source.Alignable(ctx); err != nil {
			return fmt.Errorf("look for snapshot isolation: %w", err)
		}
	}
	if !ok && m.Align == AlignAlways {
		return Fail("align readers of", d.cat.Database, ErrNotAligned, Msg("hint.aligned.off", "Database", d.cat.Database))
	}
	if !ok || d.unaligned {
		return nil
	}
	rows, err := source.Align(ctx, d.readers())
	if err != nil {
		return fmt.Errorf("align readers: %w", err)
	}
	m.aligned, d.info.Aligned = rows, true
	m.Log.Infow("readers are aligned", "readers", d.readers())
	return nil
}

// sendAligned sends the parts, all of one moment where the readers are aligned.
// A moment that was lost is begun again; what cannot be of one moment is read
// live, unless a person wants it otherwise.
func (d *database) sendAligned(ctx context.Context) error {
	for state := 1; ; {
		err := d.align(ctx)
		if err == nil {
			err = d.sendParts(ctx)
		}
		d.m.closeAligned()
		switch {
		case ctx.Err() != nil:
			return err
		case errors.Is(err, ErrNotAligned) && d.m.Align == AlignAuto:
			d.unaligned = true
			d.m.Log.Warnw("read live", "error", err)
		case errors.Is(err, ErrStateLost) && state < alignedStates:
			state++
			d.m.Log.Warnw("begin another state", "state", state, "error", err)
		default:
			return err
		}
	}
}

// closeAligned ends the readers of one moment.
func (m *Migration) closeAligned() {
	if m.aligned == nil {
		return
	}
	if err := m.aligned.Close(); err != nil {
		m.Log.Warnw("close aligned readers", "error", err)
	}
	m.aligned = nil
}
