package migration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"omt/migration/journal"
)

// CheckRecord is what is kept of the checks: in the journal with the run and in
// report.json. It has no rows, which may be personal data of many people.
type CheckRecord struct {
	Taken          time.Time      `json:"taken"`
	Outcomes       []CheckOutcome `json:"outcomes"`
	AcknowledgedBy string         `json:"acknowledgedBy,omitempty"` // user name; empty if nothing was to acknowledge
	Acknowledged   *time.Time     `json:"acknowledged,omitempty"`
	// Volume is the disk of the target that the acknowledgement covers; nil if the
	// target is none.
	Volume *Volume `json:"volume,omitempty"`
}

// CheckOutcome is how one check ended, and how many rows it concerned.
type CheckOutcome struct {
	ID    CheckID    `json:"id"`
	State CheckState `json:"state"`
	Total int64      `json:"total"`
}

// Count is how many checks ended in a state.
func (r *CheckReport) Count(s CheckState) int {
	n := 0
	for _, c := range r.Checks {
		if c.State == s {
			n++
		}
	}
	return n
}

// Replace puts in the results of checks that were carried out again.
func (r *CheckReport) Replace(again *CheckReport) {
	for _, a := range again.Checks {
		for i := range r.Checks {
			if r.Checks[i].ID == a.ID {
				r.Checks[i] = a
			}
		}
	}
}

// Err is nil if no check failed. If one could not be carried out it is that
// check's own error, because its hint says what to do; else it wraps
// ErrChecksFailed and names the failed checks.
func (r *CheckReport) Err() error {
	var failed []string
	for _, c := range r.Checks {
		if c.State != CheckFailed {
			continue
		}
		if c.err != nil {
			return fmt.Errorf("check %s: %w", c.ID, c.err)
		}
		failed = append(failed, string(c.ID))
	}
	if len(failed) == 0 {
		return nil
	}
	return Fail("check installation", listed(failed), ErrChecksFailed, Msg("hint.check.failed", "Checks", strings.Join(failed, ", ")))
}

// Acknowledge records the results. by is who takes the warnings upon himself,
// empty for nobody; without warnings nobody is recorded.
func (r *CheckReport) Acknowledge(by string, at time.Time) *CheckRecord {
	rec := &CheckRecord{Taken: r.Taken, Outcomes: []CheckOutcome{}}
	for _, c := range r.Checks {
		rec.Outcomes = append(rec.Outcomes, CheckOutcome{ID: c.ID, State: c.State, Total: c.Total})
		if c.Volume != nil {
			rec.Volume = c.Volume
		}
	}
	if by != "" && r.Count(CheckWarning) > 0 {
		at = at.UTC()
		rec.AcknowledgedBy, rec.Acknowledged = by, &at
	}
	return rec
}

// Count is how many checks ended in a state.
func (r *CheckRecord) Count(s CheckState) int {
	n := 0
	for _, o := range r.Outcomes {
		if o.State == s {
			n++
		}
	}
	return n
}

// open is nil if a new run may start with these checks.
func (r *CheckRecord) open() error {
	if r == nil || len(r.Outcomes) == 0 {
		return Fail("start run", "", ErrUnchecked, Msg("hint.check.none"))
	}
	if n := r.Count(CheckFailed); n > 0 {
		return Fail("start run", "", ErrChecksFailed, Msg("hint.check.closed", "Count", n))
	}
	if n := r.Count(CheckWarning); n > 0 && r.Acknowledged == nil {
		return Fail("start run", "", ErrNotAcknowledged, Msg("hint.check.warnings", "Count", n))
	}
	return nil
}

// keepChecks records the checks with the run; loadChecks reads them at a
// resume, which does not ask again.
func (m *Migration) keepChecks(ctx context.Context) error {
	b, err := json.Marshal(m.Checks)
	if err != nil {
		return fmt.Errorf("encode checks: %w", err)
	}
	if err := m.Journal.PutNote(ctx, m.run.ID, noteChecks, b); err != nil {
		return fmt.Errorf("keep checks: %w", err)
	}
	return nil
}

func (m *Migration) loadChecks(ctx context.Context, run string) error {
	b, found, err := m.Journal.Note(ctx, run, noteChecks)
	if err != nil {
		return fmt.Errorf("read checks of journal: %w", err)
	}
	if m.Checks = nil; !found {
		return nil
	}
	var rec CheckRecord
	if err := json.Unmarshal(b, &rec); err != nil {
		return Fail("read journal note", noteChecks, errors.Join(journal.ErrDamaged, err), Msg("hint.journal.damaged", "Record", noteChecks))
	}
	m.Checks = &rec
	return nil
}
