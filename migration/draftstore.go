package migration

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"omt/migration/journal"
)

// A draft is kept before there is a run, so its note belongs to no run: this
// word stands where the journal wants a run's id, and no run can have it, since
// those begin with a date.
const (
	draftOwner = "draft"
	noteDraft  = "draft"
)

// KeepDraft stores the draft in the journal, in place of an earlier one. It is
// durable at return.
func KeepDraft(ctx context.Context, j *journal.Journal, d *Draft) error {
	b, err := d.Encode()
	if err != nil {
		return err
	}
	if err := j.PutNote(ctx, draftOwner, noteDraft, b); err != nil {
		return fmt.Errorf("keep draft: %w", err)
	}
	return nil
}

// KeptDraft is what KeepDraft stored last; nil if there is none. Users and
// addresses in it are those of that time: hold it against today's with Reread.
func KeptDraft(ctx context.Context, j *journal.Journal, t *Ticket) (*Draft, error) {
	b, found, err := j.Note(ctx, draftOwner, noteDraft)
	if err != nil {
		return nil, fmt.Errorf("read draft of journal: %w", err)
	}
	if !found {
		return nil, nil
	}
	return ReadDraft(b, t)
}

// PlanOf is the plan with which a run was started; nil if it has none.
func PlanOf(ctx context.Context, j *journal.Journal, run string) (*Plan, error) {
	b, found, err := j.Note(ctx, run, notePlan)
	if err != nil {
		return nil, fmt.Errorf("read plan of journal: %w", err)
	}
	if !found {
		return nil, nil
	}
	return ReadPlan(bytes.NewReader(b))
}

// Reopened is ErrReopened with what has changed, for those who show all of it.
type Reopened struct{ Changes []Message }

func (e *Reopened) Error() string { return fmt.Sprintf("%v: %d changes", ErrReopened, len(e.Changes)) }
func (e *Reopened) Unwrap() error { return ErrReopened }

// ReopenedError says that a draft must be looked at again. Its hint is general;
// Reopened in its chain has every change.
func ReopenedError(changes []Message) error {
	return Fail("start run", "", &Reopened{Changes: changes}, Msg("hint.draft.reopened", "Count", len(changes)))
}

// Ready is nil if the upload may begin with this draft. Else it wraps
// ErrUnconfirmed, and its hint is the first of Blockers.
func (d *Draft) Ready() error {
	if b := d.Blockers(); len(b) > 0 {
		return Fail("start run", "", errors.Join(ErrUnconfirmed, &PlanFaults{Faults: b}), b[0])
	}
	return nil
}
