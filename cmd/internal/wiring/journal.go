package wiring

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"omt/migration"
	"omt/migration/journal"
)

// openJournal opens the journal of the ticket. A damaged one is set aside if the
// target tells what was sent: the start then rebuilds it from there. Without
// that nobody would know, and the damage is an error.
func (s *Session) openJournal(ctx context.Context, dir string) (*journal.Journal, error) {
	key := keyOf(s.Ticket)
	j, err := journal.Open(ctx, dir, key, journal.Options{Host: s.Host})
	if !errors.Is(err, journal.ErrDamaged) {
		return j, err
	}
	if !s.targetKnows(ctx) {
		return nil, err
	}
	aside, aerr := journal.SetAside(dir, key, journal.Options{Host: s.Host})
	if aerr != nil {
		return nil, errors.Join(err, aerr)
	}
	s.Notes = append(s.Notes, migration.Msg("journal.aside", "Path", aside))
	if j, err = journal.Open(ctx, dir, key, journal.Options{Host: s.Host}); err != nil {
		return nil, fmt.Errorf("begin new journal: %w", err)
	}
	return j, nil
}

// reopenJournal opens the journal again after a fault. Until then it answers
// every call with that fault: only opening it tells what was written.
func (s *Session) reopenJournal(ctx context.Context) error {
	// The fault is known; closing it only says it once more.
	_ = s.Journal.Close()
	dir := filepath.Dir(s.Journal.Path())
	j, err := s.openJournal(ctx, dir)
	if err != nil {
		return journalError(dir, err)
	}
	s.Journal = j
	return nil
}

// targetKnows tells whether session.json can be read and is this customer's. A
// target that cannot be asked does not know.
func (s *Session) targetKnows(ctx context.Context) bool {
	target, err := s.target(s.Options.Target)
	if err != nil {
		return false
	}
	e, err := migration.DetectAt(ctx, nil, target, s.Ticket)
	// Only read from: closing it cannot lose anything.
	_ = target.Close()
	return err == nil && e.Elsewhere
}
