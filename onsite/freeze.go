package onsite

import (
	"context"
	"errors"

	"omt/migration"
)

// Freezer freezes an installation and thaws it. It implements
// migration.Freezer; which of its parts there are decides the installation
// (Customer Service) and the ticket (key of the event).
//
// What is documented of the event: its columns, scope and owner, and that an
// event of type No Login keeps the users of the Windows client out. How the
// type follows from eventkey is not public, so that the key comes from the
// ticket and the rest of the row is what the table's documentation says of a
// system-wide event. It has not been seen at work in a real client.
type Freezer struct {
	in *Installation
	// FailPoint is called between the steps; nil outside of tests.
	FailPoint func(step string) error
}

var _ migration.Freezer = (*Freezer)(nil)

// Steps inside of Freeze and Thaw at which a test may end the process.
const (
	StepEventWritten   = "event written"   // not committed
	StepEventCommitted = "event committed" // the configuration is untouched
	StepConfigHalf     = "config half"     // a part of the line is written
	StepConfigWritten  = "config written"
	StepConfigRemoved  = "config removed" // the event is still there
	StepEventRemoved   = "event removed"
	StepSnapshotMade   = "snapshot made"
)

// NewFreezer freezes the installation that in reads.
func NewFreezer(in *Installation) *Freezer { return &Freezer{in: in} }

func (f *Freezer) step(name string) error {
	if f.FailPoint == nil {
		return nil
	}
	return f.FailPoint(name)
}

// CanFreeze implements migration.Freezer. The event is written in a
// transaction that is rolled back: it proves rights, columns and triggers, which
// no question for permissions does.
func (f *Freezer) CanFreeze(ctx context.Context, r migration.FreezeRequest) error {
	rec, err := f.Prepare(ctx, r)
	if err != nil {
		return err
	}
	if rec.Config != nil && !rec.Config.Already {
		if err := canWrite(rec.Config.Path); err != nil {
			return err
		}
	}
	if err := f.maySnapshot(ctx, r); err != nil {
		return err
	}
	if rec.Event == nil || rec.Event.Already {
		return nil
	}
	err = f.writeEvent(ctx, rec.Event, r, false)
	if errors.Is(err, migration.ErrChanged) {
		return nil // somebody took the id meanwhile: the update was permitted
	}
	return err
}

// Prepare implements migration.Freezer.
func (f *Freezer) Prepare(ctx context.Context, r migration.FreezeRequest) (migration.FreezeRecord, error) {
	var rec migration.FreezeRecord
	var err error
	if path := f.configPath(); path != "" {
		if rec.Config, err = prepareConfig(path); err != nil {
			return rec, err
		}
	}
	if r.EventKey != "" {
		if rec.Event, err = f.prepareEvent(ctx, r.EventKey); err != nil {
			return rec, err
		}
	}
	if r.Snapshot != "" {
		rec.Snapshot, err = f.prepareSnapshot(ctx, r.Snapshot)
	}
	return rec, err
}

// Freeze implements migration.Freezer. The event comes first: it alone can find
// that the record is no longer true, and nothing is changed then.
func (f *Freezer) Freeze(ctx context.Context, rec migration.FreezeRecord, r migration.FreezeRequest) error {
	if e := rec.Event; e != nil && !e.Already {
		if err := f.freezeEvent(ctx, e, r); err != nil {
			return err
		}
	}
	if err := f.step(StepEventCommitted); err != nil {
		return err
	}
	if c := rec.Config; c != nil && !c.Already {
		if err := f.freezeConfig(c); err != nil {
			return err
		}
	}
	if err := f.step(StepConfigWritten); err != nil {
		return err
	}
	if s := rec.Snapshot; s != nil {
		if err := f.createSnapshot(ctx, s); err != nil {
			return err
		}
	}
	return f.step(StepSnapshotMade)
}

// Thaw implements migration.Freezer. All parts are tried even if one fails:
// every user who can be let in is let in.
func (f *Freezer) Thaw(ctx context.Context, rec migration.FreezeRecord) ([]migration.Message, error) {
	var notes []migration.Message
	var errs []error
	if c := rec.Config; c != nil {
		n, err := thawConfig(c)
		notes, errs = append(notes, n...), append(errs, err)
	}
	if err := f.step(StepConfigRemoved); err != nil {
		return notes, err
	}
	if e := rec.Event; e != nil {
		n, err := f.thawEvent(ctx, e)
		notes, errs = append(notes, n...), append(errs, err)
	}
	errs = append(errs, f.step(StepEventRemoved))
	if rec.Snapshot != nil { // last: no user waits for it
		errs = append(errs, f.DropSnapshot(ctx, rec))
	}
	return notes, errors.Join(errs...)
}

// Held implements migration.Freezer.
func (f *Freezer) Held(ctx context.Context, rec migration.FreezeRecord) (migration.FreezeHeld, error) {
	var held migration.FreezeHeld
	var err error
	if rec.Config != nil {
		if held.Config, held.Mark, err = heldConfig(rec.Config.Path); err != nil {
			return held, err
		}
	}
	if rec.Event != nil {
		if _, held.Event, err = f.findEvent(ctx, rec.Event); err != nil {
			return held, err
		}
	}
	if rec.Snapshot != nil {
		held.Snapshot, err = f.hasSnapshot(ctx, rec.Snapshot.Name)
	}
	return held, err
}
