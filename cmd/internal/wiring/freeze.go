package wiring

import (
	"context"
	"errors"

	"go.uber.org/zap"

	"omt/migration"
	"omt/onsite"
)

// OpenThaw opens what ends a freeze: ticket, database and journal. An expired
// ticket will do, and nobody has to sign in to SuperOffice: whoever reaches the
// database and the journal may let the users in again.
func OpenThaw(ctx context.Context, o Options, sec Secrets) (_ *Session, err error) {
	s := &Session{Options: o, Log: zap.NewNop()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.Ticket, err = LoadTicket(o.Ticket); err != nil && (s.Ticket == nil || !errors.Is(err, migration.ErrExpired)) {
		return nil, err
	}
	sec.AskUser = nil // nobody signs in
	if err := s.connect(ctx, &sec); err != nil {
		return nil, err
	}
	if s.Identity, err = migration.Guard(ctx, s.Source, s.Ticket); err != nil {
		return nil, err
	}
	return s, s.openRecords(ctx)
}

// Freezing freezes and thaws the installation of this session. The journal must
// be open.
func (s *Session) Freezing() *migration.Freezing {
	return &migration.Freezing{Journal: s.Journal, Freezer: onsite.NewFreezer(s.Source)}
}

// SetMode chooses the mode of a demo that has not begun.
func (d *Demo) SetMode(m migration.Mode) {
	if d.plan != nil {
		d.plan.Mode = m
	}
}
