package migration

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"omt/migration/journal"
)

// RecoveryChoice is the way on after an uploaded run.
type RecoveryChoice string

// The choices of the Recovery page.
const (
	// RecoverNone: no recovery; a run begins or goes on.
	RecoverNone RecoveryChoice = ""
	// RecoverMissing sends files that were missing, and changed ones that were
	// ticked. The database at the target stays as it is.
	RecoverMissing RecoveryChoice = "missing"
	// RecoverOverwrite replaces a test migration: database and new or changed
	// documents are sent, unchanged documents stay.
	RecoverOverwrite RecoveryChoice = "overwrite"
)

// RecoveryPreview is what a recovery of missing files would do, found by
// looking into the archive of today.
type RecoveryPreview struct {
	Run     string    `json:"run"`     // id of the uploaded run
	Ended   time.Time `json:"ended"`   // when it was uploaded
	Missing int64     `json:"missing"` // rows of that run whose file was missing or unreadable
	// Found are those whose file is there now; they are sent.
	Found      []RecoveryItem `json:"found"`
	FoundBytes int64          `json:"foundBytes"`
	FoundTotal int64          `json:"foundTotal"` // Found lists at most 1000 of them
	// Changed are files that were sent and differ today in size or time. They
	// are sent only if their id is named: online they may have been edited.
	Changed      []RecoveryItem `json:"changed"`
	ChangedTotal int64          `json:"changedTotal"` // Changed lists at most 1000 of them
	// Newer are rows that came after the migration; they are never sent.
	Newer int64 `json:"newer"`
	// Candidates are rows that are still missing with files that may be theirs,
	// by kind and row; only FindMissing looks for them. A file is sent only if it
	// is named in Migration.Confirmed. Looked counts the files that were looked
	// at, Unsearched the missing rows that were too many to be searched for.
	Candidates []MissingRow `json:"candidates,omitempty"`
	Looked     int64        `json:"looked,omitempty"`
	Unsearched int64        `json:"unsearched,omitempty"`
}

// RecoveryItem is one file of a preview.
type RecoveryItem struct {
	ID       string    `json:"id"` // kind and key, as Migration.Changed takes it; without commas and spaces
	Kind     ItemKind  `json:"kind"`
	Target   string    `json:"target"`
	Source   string    `json:"source"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`      // of the file today
	Sent     time.Time `json:"sent,omitzero"` // modification time of the file that was sent; zero if none was, or unknown
	SentSize int64     `json:"sentSize"`
}

// ErrRecoveryNotAllowed: the way of recovery is not open after the earlier run,
// or not in this mode.
var ErrRecoveryNotAllowed = errors.New("this recovery is not possible here")

// Choices are the ways on after an earlier run in the order of the page; none
// unless it was uploaded. After a live run the database online is in use, so
// that only missing files may be added; a test migration may also be replaced,
// by another test or by the live run. ticket are the modes that it offers.
func Choices(last Mode, state State, ticket []Mode) []RecoveryChoice {
	var out []RecoveryChoice
	if state != StateUploaded && state != StateComplete {
		return nil
	}
	if slices.Contains(ticket, last) {
		out = append(out, RecoverMissing)
	}
	if last == ModeTest && len(ticket) > 0 {
		out = append(out, RecoverOverwrite)
	}
	return out
}

// runSettings are how a run was begun, in the settings of the journal's run. A
// resume goes on in the same way.
type runSettings struct {
	Recovery RecoveryChoice `json:"recovery,omitempty"`
	Base     string         `json:"base,omitempty"`    // the uploaded run that this one goes on from
	Package  string         `json:"package,omitempty"` // the run whose database lies at the target
	Changed  []string       `json:"changed,omitempty"` // ids of changed files that are sent as well
	// Confirmed are files that a person has chosen for missing rows, by id.
	Confirmed map[string]string `json:"confirmed,omitempty"`
	// Seed: the run sends files ahead of the database. Seeded is the run that has.
	Seed   bool   `json:"seed,omitempty"`
	Seeded string `json:"seeded,omitempty"`
	// Snapshot: a person has allowed to read from a database snapshot.
	Snapshot bool   `json:"snapshot,omitempty"`
	Left     string `json:"left,omitempty"` // unfinished run of another computer that this one takes the place of
}

// settingsOf reads the settings of a run; a run without any is a plain one.
func settingsOf(r journal.Run) (runSettings, error) {
	var s runSettings
	if len(r.Settings) == 0 {
		return s, nil
	}
	if err := json.Unmarshal(r.Settings, &s); err != nil {
		return s, Fail("read settings of run", r.ID, errors.Join(journal.ErrDamaged, err), Msg("hint.journal.damaged", "Record", "run "+r.ID))
	}
	return s, nil
}

// encode gives nothing for a plain run.
func (s runSettings) encode() ([]byte, error) {
	if s.Recovery == RecoverNone && s.Left == "" && !s.Seed && s.Seeded == "" && !s.Snapshot {
		return nil, nil
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode settings of run: %w", err)
	}
	return b, nil
}

// RecoveryOf tells which recovery a run of the journal is, RecoverNone for a
// migration of its own.
func RecoveryOf(r journal.Run) (RecoveryChoice, error) {
	s, err := settingsOf(r)
	return s.Recovery, err
}
