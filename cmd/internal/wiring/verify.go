package wiring

import (
	"context"
	"errors"

	"omt/migration"
	"omt/upload/bacpac/decode"
)

// Verify compares what lies at the ticket's target with its manifest. A ticket
// that has expired sends nothing any more and may still verify.
func Verify(ctx context.Context, o Options, full bool, progress func(migration.VerifyResult)) (_ *migration.VerifyResult, err error) {
	s := &Session{Options: o}
	defer func() { err = errors.Join(err, s.Close()) }()
	t, err := LoadTicket(o.Ticket)
	if t == nil || err != nil && !errors.Is(err, migration.ErrExpired) {
		return nil, err
	}
	s.Ticket = t
	if err := errors.Join(s.host(), s.openTarget()); err != nil {
		return nil, err
	}
	v := migration.Verifier{Ticket: t, Target: s.Target, Package: decode.Opener{}, Full: full, Progress: progress}
	return v.Run(ctx)
}
