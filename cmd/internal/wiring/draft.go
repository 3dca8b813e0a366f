package wiring

import (
	"context"
	"errors"

	"omt/migration"
)

// Draft is what was chosen so far: the kept draft held against the users of
// today, else the plan of an unfinished run, else a new one. Notes say what had
// to change, who of a new one stays without a plan, or that what was kept cannot
// be read.
func (s *Session) Draft(ctx context.Context, mode migration.Mode) (*migration.Draft, []migration.Message, error) {
	if s.Journal == nil || s.Source == nil {
		return nil, nil, ErrNotConnected
	}
	users, mail, err := s.people(ctx)
	if err != nil {
		return nil, nil, err
	}
	var lost []migration.Message
	d, err := migration.KeptDraft(ctx, s.Journal, s.Ticket)
	switch {
	case errors.Is(err, migration.ErrDraft):
		lost = []migration.Message{migration.HintOf(err)}
	case err != nil:
		return nil, nil, err
	case d != nil:
		notes := d.Reread(users, mail)
		d.SetMode(mode)
		return d, notes, nil
	}
	p, err := s.unfinished(ctx)
	if err != nil {
		return nil, nil, err
	}
	if p != nil {
		d, notes := migration.DraftOf(s.Ticket, p, users, mail)
		d.SetMode(mode)
		return d, append(lost, notes...), nil
	}
	d, notes := migration.NewDraft(s.Ticket, users, mail, s.Principal, mode)
	return d, append(lost, notes...), nil
}

// unfinished is the plan of an unfinished run, nil if there is none.
func (s *Session) unfinished(ctx context.Context) (*migration.Plan, error) {
	begin, last, err := migration.Detect(ctx, s.Journal)
	if err != nil || begin != migration.BeginResume {
		return nil, err
	}
	return migration.PlanOf(ctx, s.Journal, last.ID)
}

// Keep stores the draft in the journal.
func (s *Session) Keep(ctx context.Context, d *migration.Draft) error {
	if s.Journal == nil {
		return ErrNotConnected
	}
	return migration.KeepDraft(ctx, s.Journal, d)
}

// Reread holds the draft against users and addresses of today.
func (s *Session) Reread(ctx context.Context, d *migration.Draft) ([]migration.Message, error) {
	if s.Source == nil {
		return nil, ErrNotConnected
	}
	users, mail, err := s.people(ctx)
	if err != nil {
		return nil, err
	}
	return d.Reread(users, mail), nil
}
