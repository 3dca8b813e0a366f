package wiring

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"go.uber.org/zap"

	"omt/migration"
	"omt/migration/journal"
	"omt/upload/ticket"
)

// Start is what a start finds before anybody has signed in.
type Start struct {
	Path     string // of the ticket
	Location migration.Location
	Located  bool
	Several  []migration.Location // installations to choose from, if there is more than one
	Folder   string               // target folder of the last start
	Target   string               // of a container, without its signature
	Earlier  migration.Earlier
	Notes    []migration.Message   // what could not be found out
	Frozen   migration.FrozenState // as the journal of this computer says
}

// NewSession begins a session in which a person goes from step to step.
func NewSession(o Options) *Session { return &Session{Options: o, Log: zap.NewNop()} }

// Begin reads the ticket that was named, or the one beside the program, and
// looks for the installation and for an earlier run. What was found is returned
// with the error of a ticket that has expired. What was open is closed: it may
// belong to another customer.
func (s *Session) Begin(ctx context.Context, path string) (Start, error) {
	if err := s.Close(); err != nil {
		return Start{}, err
	}
	s.Ticket, s.Source, s.Target, s.Journal, s.Principal = nil, nil, nil, nil, migration.Principal{}
	st := Start{Path: path, Earlier: migration.Earlier{Begin: migration.BeginInitial}}
	if st.Path == "" {
		st.Path = s.Options.Ticket
	}
	if st.Path == "" {
		found, err := beside()
		if err != nil {
			return st, err
		}
		st.Path = found
	}
	t, err := LoadTicket(st.Path)
	if t == nil {
		return st, err
	}
	s.Ticket = t
	if lerr := s.look(ctx, &st); lerr != nil {
		return st, errors.Join(err, lerr)
	}
	return st, err
}

// look fills what is known besides the ticket. What cannot be read is a note:
// the pages after the first one meet it again, where it can be mended.
func (s *Session) look(ctx context.Context, st *Start) error {
	note := func(err error) {
		if err != nil && !errors.Is(err, migration.ErrNotFound) {
			m := migration.HintOf(err)
			if m.IsZero() {
				m = migration.Msg("start.note", "Error", err.Error())
			}
			st.Notes = append(st.Notes, m)
		}
	}
	l, notes, err := s.detect(ctx, "")
	note(err)
	st.Notes = append(st.Notes, notes...)
	var several *SeveralError
	if errors.As(err, &several) {
		st.Several = several.Locations
	} else {
		st.Location, st.Located = l, err == nil
	}
	if s.Ticket.Target.Kind == ticket.TargetBlob {
		t, err := s.target("")
		if note(err); err == nil {
			st.Target = t.Describe()
			note(t.Close())
		}
	}
	dir, err := s.stateDir()
	if err != nil {
		return err
	}
	last, err := remembered(dir, keyOf(s.Ticket))
	note(err)
	if st.Folder = last.Folder; st.Folder == "" {
		st.Folder = s.Options.Target
	}
	// A folder that was named counts more than what was used last.
	if last.Location.Server != "" && (s.Options.Config == "" || !st.Located) {
		st.Location, st.Located = s.withPassword(last.Location), true
	}
	st.Earlier, st.Frozen, err = s.journalled(ctx, dir)
	note(err)
	return ctx.Err()
}

// journalled tells what the journal of this computer knows of an earlier run and
// of users who were stopped, and closes it again:
// the person may go away and start on another computer.
func (s *Session) journalled(ctx context.Context, dir string) (e migration.Earlier, frozen migration.FrozenState, err error) {
	e.Begin = migration.BeginInitial
	there, err := journal.Exists(dir, keyOf(s.Ticket))
	if err != nil || !there {
		return e, frozen, err
	}
	defer func() {
		if errors.Is(err, journal.ErrDamaged) {
			// It may be restored from the target, which is not known yet.
			err = migration.Fail("open journal in", dir, err, migration.Msg("start.journal"))
		}
	}()
	j, err := journal.Open(ctx, dir, keyOf(s.Ticket), journal.Options{})
	if err != nil {
		return e, frozen, journalError(dir, err)
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if frozen, err = (&migration.Freezing{Journal: j}).Recorded(ctx); err != nil {
		return e, frozen, err
	}
	e, err = migration.DetectAt(ctx, j, nil, s.Ticket)
	return e, frozen, err
}

// Arrived is what is known of the target once it is open.
type Arrived struct {
	Rights  migration.Rights
	Earlier migration.Earlier
	Notes   []migration.Message // what had to be done that people must know
}

// Arrive opens journal, log and target in place of earlier ones, and tells what
// may be done there and what an earlier start has left. Location and folder are
// remembered for the next start.
func (s *Session) Arrive(ctx context.Context, folder string) (_ Arrived, err error) {
	if s.Source == nil || s.Principal.UserName == "" {
		return Arrived{}, ErrNotConnected
	}
	if err := s.closePart(partTarget); err != nil {
		return Arrived{}, err
	}
	s.Journal, s.Target, s.Log, s.Options.Target, s.order, s.Notes = nil, nil, zap.NewNop(), folder, Upload{}, nil
	defer func() {
		if err != nil {
			err = errors.Join(err, s.closePart(partTarget))
			s.Journal, s.Target, s.Log = nil, nil, zap.NewNop()
		}
	}()
	if folder == "" && s.Ticket.Target.Kind == ticket.TargetFolder {
		return Arrived{}, migration.Fail("open target", "", ErrNoTarget, migration.Msg("hint.target.folder"))
	}
	if err := s.OpenTarget(ctx); err != nil {
		return Arrived{}, err
	}
	a := Arrived{Notes: s.Notes}
	if a.Rights, err = s.Target.Probe(ctx); err != nil {
		return Arrived{}, fmt.Errorf("probe target: %w", err)
	}
	if a.Earlier, err = migration.DetectAt(ctx, s.Journal, s.Target, s.Ticket); err != nil {
		return Arrived{}, err
	}
	dir, err := s.stateDir()
	if err != nil {
		return Arrived{}, err
	}
	return a, s.remember(dir)
}

// Files tells where log and journal lie; empty before the target is open.
func (s *Session) Files() (log, journal string) {
	if s.Journal == nil {
		return "", ""
	}
	return filepath.Join(filepath.Dir(s.Journal.Path()), logFile), s.Journal.Path()
}
