package migration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"omt/migration/journal"
)

// The record belongs to the installation, not to a run: a run may be discarded
// while the installation is still frozen.
const (
	noteInstallation = "installation"
	noteFreeze       = "freeze"
)

// Steps of freeze and thaw at which a test may end the process.
const (
	StepPrepared = "prepared" // read, nothing recorded
	StepRecorded = "recorded" // recorded, nothing changed
	StepFrozen   = "frozen"   // changed, not yet recorded as complete
	StepThawing  = "thawing"  // announced, nothing undone
	StepUndone   = "undone"   // undone, not yet recorded
	StepDropped  = "dropped"  // the snapshot alone, not yet recorded
)

// freezeAttempts is how often an id of the sequence may be taken by others.
const freezeAttempts = 5

// Freezing freezes and thaws with the journal first: whatever is changed is
// recorded durably before, so that every later start can undo it.
type Freezing struct {
	Journal *journal.Journal
	Freezer Freezer
	// FailPoint is called at each step; nil outside of tests.
	FailPoint func(step string) error
}

// FrozenState is what a start finds.
type FrozenState struct {
	Found  bool // a record says that something is, or may be, frozen
	Record FreezeRecord
	Held   FreezeHeld
}

// Messages tell people what is frozen and how to end it on the command line;
// nothing if nothing is.
func (s FrozenState) Messages() []Message {
	if !s.Found {
		return nil
	}
	return append(s.What(), Msg("freeze.found.thaw"))
}

// What tells people what is frozen, without a word of how to end it.
func (s FrozenState) What() []Message {
	if !s.Found {
		return nil
	}
	at := s.Record.At.UTC().Format("2006-01-02 15:04 UTC")
	if !s.Held.any() {
		return []Message{Msg("freeze.found.begun", "Since", at, "Run", s.Record.Run)}
	}
	out := []Message{Msg("freeze.found", "Since", at, "Run", s.Record.Run)}
	if s.Held.Config {
		out = append(out, Msg("freeze.found.service", "Path", s.Record.Config.Path))
	}
	if s.Held.Event {
		out = append(out, Msg("freeze.found.event", "ID", s.Record.Event.ID))
	}
	if s.Held.Snapshot {
		out = append(out, Msg("freeze.found.snapshot", "Name", s.Record.Snapshot.Name))
	}
	return out
}

// State tells whether this program has frozen the installation. A guide calls
// it at start, before anything else is shown.
func (f *Freezing) State(ctx context.Context) (FrozenState, error) {
	rec, found, err := f.load(ctx)
	if err != nil || !found || rec.Stage == FreezeThawed {
		return FrozenState{Record: rec}, err
	}
	held, err := f.Freezer.Held(ctx, rec)
	return FrozenState{Found: true, Record: rec, Held: held}, err
}

// Recorded tells what the journal alone says, before the installation can be
// asked: a start shows it before anybody has connected. Held is what was in
// force when the freeze was complete, nothing if it never was.
func (f *Freezing) Recorded(ctx context.Context) (FrozenState, error) {
	rec, found, err := f.load(ctx)
	if err != nil || !found || rec.Stage == FreezeThawed {
		return FrozenState{Record: rec}, err
	}
	return FrozenState{Found: true, Record: rec, Held: rec.Held}, nil
}

// Freeze freezes for a run, or takes over what is frozen already. It may be
// repeated after an error or a kill.
func (f *Freezing) Freeze(ctx context.Context, run string, r FreezeRequest) (FreezeRecord, error) {
	rec, found, err := f.load(ctx)
	if err != nil {
		return rec, err
	}
	if found && rec.Stage == FreezeFrozen {
		return f.takeOver(ctx, rec, run, r)
	}
	// After a freeze that was never complete no row had been read under it.
	interrupted := found && rec.Run == run && (rec.Stage != FreezeBegun || rec.Interrupted)
	if found && rec.Stage != FreezeThawed {
		if _, err := f.Thaw(ctx); err != nil {
			return rec, err
		}
	}
	for attempt := 1; ; attempt++ {
		rec, err = f.freezeOnce(ctx, run, r, interrupted)
		if !errors.Is(err, ErrChanged) || attempt == freezeAttempts {
			return rec, err
		}
		if _, err := f.Thaw(ctx); err != nil {
			return rec, err
		}
	}
}

// takeOver goes on with a frozen installation: of this run after a kill, of an
// earlier one after its success. What somebody thawed meanwhile is frozen again.
func (f *Freezing) takeOver(ctx context.Context, rec FreezeRecord, run string, r FreezeRequest) (FreezeRecord, error) {
	held, err := f.Freezer.Held(ctx, rec)
	if err != nil {
		return rec, err
	}
	// A snapshot is of the run that has made it: a later one wants the rows of
	// its own time.
	other := rec.Snapshot != nil && rec.Run != run || rec.Snapshot == nil && r.Snapshot != ""
	if held != rec.Held || other {
		if _, err := f.Thaw(ctx); err != nil {
			return rec, err
		}
		return f.freezeOnce(ctx, run, r, rec.Run == run)
	}
	if rec.Run != run {
		rec.Run, rec.Interrupted = run, false
		err = f.save(ctx, rec)
	}
	return rec, err
}

func (f *Freezing) freezeOnce(ctx context.Context, run string, r FreezeRequest, interrupted bool) (FreezeRecord, error) {
	rec, err := f.Freezer.Prepare(ctx, r)
	if err != nil {
		return rec, err
	}
	rec.Run, rec.Stage, rec.At, rec.Interrupted = run, FreezeBegun, r.At, interrupted
	if err := f.step(StepPrepared); err != nil {
		return rec, err
	}
	if err := f.save(ctx, rec); err != nil {
		return rec, err
	}
	if err := f.step(StepRecorded); err != nil {
		return rec, err
	}
	if err := f.Freezer.Freeze(ctx, rec, r); err != nil {
		return rec, err
	}
	if err := f.step(StepFrozen); err != nil {
		return rec, err
	}
	if rec.Held, err = f.Freezer.Held(ctx, rec); err != nil {
		return rec, err
	}
	rec.Stage = FreezeFrozen
	return rec, f.save(ctx, rec)
}

// DropSnapshot drops the snapshot of a freeze that stays, if it has one.
func (f *Freezing) DropSnapshot(ctx context.Context) error {
	rec, found, err := f.load(ctx)
	if err != nil || !found || rec.Snapshot == nil || rec.Stage == FreezeThawed {
		return err
	}
	s, ok := f.Freezer.(Snapshotter)
	if !ok {
		return Fail("drop snapshot", rec.Snapshot.Name, ErrModeNotAllowed, Msg("hint.report"))
	}
	if err := s.DropSnapshot(ctx, rec); err != nil {
		return err
	}
	if err := f.step(StepDropped); err != nil {
		return err
	}
	rec.Snapshot, rec.Held.Snapshot = nil, false
	return f.save(ctx, rec)
}

// Thaw undoes a freeze, complete or not. ErrNotFrozen if there is none.
func (f *Freezing) Thaw(ctx context.Context) ([]Message, error) {
	rec, found, err := f.load(ctx)
	if err != nil {
		return nil, err
	}
	if !found || rec.Stage == FreezeThawed {
		return nil, Fail("thaw installation", "", ErrNotFrozen, Msg("hint.thaw.nothing"))
	}
	rec.Stage = FreezeThaws
	if err := f.save(ctx, rec); err != nil {
		return nil, err
	}
	if err := f.step(StepThawing); err != nil {
		return nil, err
	}
	notes, err := f.Freezer.Thaw(ctx, rec)
	if err != nil {
		return notes, err
	}
	if err := f.step(StepUndone); err != nil {
		return notes, err
	}
	rec.Stage = FreezeThawed
	return notes, f.save(ctx, rec)
}

// held tells whether the freeze of a run was in force without interruption.
func (f *Freezing) held(ctx context.Context, run string) (bool, error) {
	rec, found, err := f.load(ctx)
	if err != nil || !found || rec.Run != run || rec.Stage != FreezeFrozen || rec.Interrupted {
		return false, err
	}
	now, err := f.Freezer.Held(ctx, rec)
	return now.any() && now == rec.Held, err
}

func (f *Freezing) step(name string) error {
	if f.FailPoint == nil {
		return nil
	}
	return f.FailPoint(name)
}

func (f *Freezing) load(ctx context.Context) (rec FreezeRecord, found bool, err error) {
	b, found, err := f.Journal.Note(ctx, noteInstallation, noteFreeze)
	if err != nil {
		return rec, false, fmt.Errorf("read record of freeze: %w", err)
	}
	if !found {
		return rec, false, nil
	}
	if err := json.Unmarshal(b, &rec); err != nil {
		return rec, false, Fail("read journal note", noteFreeze, errors.Join(journal.ErrDamaged, err), Msg("hint.journal.damaged", "Record", noteFreeze))
	}
	return rec, true, nil
}

func (f *Freezing) save(ctx context.Context, rec FreezeRecord) error {
	b, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("encode record of freeze: %w", err)
	}
	if err := f.Journal.PutNote(ctx, noteInstallation, noteFreeze, b); err != nil {
		return fmt.Errorf("record freeze: %w", err)
	}
	return nil
}
