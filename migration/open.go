package migration

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"omt/migration/journal"
)

// Detect tells how a start would continue what the journal knows.
func Detect(ctx context.Context, j *journal.Journal) (Begin, journal.Run, error) {
	last, found, err := j.LastRun(ctx)
	switch {
	case err != nil:
		return "", journal.Run{}, fmt.Errorf("read last run: %w", err)
	case !found:
		return BeginInitial, journal.Run{}, nil
	case State(last.State) == StateUploaded || State(last.State) == StateComplete:
		return BeginRecovery, last, nil
	}
	return BeginResume, last, nil
}

// Guard reads the identity of the database and refuses another customer's.
func Guard(ctx context.Context, src Identifier, t *Ticket) (Identity, error) {
	id, err := src.Identity(ctx)
	if err != nil {
		return Identity{}, fmt.Errorf("read company and serial: %w", err)
	}
	return id, checkOwner("database", id.Company, id.Serial, t.Company, t.Serial)
}

// open decides whether the run may start and how, before anything is written.
func (m *Migration) open(ctx context.Context) error {
	var err error
	if m.identity, err = Guard(ctx, m.Source, m.Ticket); err != nil {
		return err
	}
	if err := m.readCatalog(ctx); err != nil {
		return err
	}
	rights, err := m.Target.Probe(ctx)
	if err != nil {
		return fmt.Errorf("probe target: %w", err)
	}
	if !rights.Write {
		return Fail("write to", m.Target.Describe(), ErrForbidden, Msg("hint.target.readonly"))
	}
	m.rights = rights
	begin, last, err := Detect(ctx, m.Journal)
	if err != nil {
		return err
	}
	m.begin = begin
	switch begin {
	case BeginRecovery:
		return Fail("start run", last.ID, ErrUploaded, Msg("hint.uploaded", "When", last.Ended.UTC().Format("2006-01-02 15:04")))
	case BeginResume:
		return m.openResume(ctx, last)
	}
	return m.openInitial(ctx)
}

// checkPlan holds the plan against ticket and database of today: people and
// addresses may have changed since it was made.
func (m *Migration) checkPlan(ctx context.Context) error {
	users, err := m.Source.Users(ctx)
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	m.users = 0
	for _, u := range users {
		if u.Candidate() {
			m.users++
		}
	}
	return PlanError(m.Plan.Validate(m.Ticket, users))
}

func (m *Migration) openInitial(ctx context.Context) error {
	if m.Plan == nil {
		return Fail("start run", "", ErrNothingToResume, Msg("hint.resume.nothing"))
	}
	if err := m.checkMode(); err != nil {
		return err
	}
	s, err := readSession(ctx, m.Target)
	if err != nil {
		return err
	}
	if s != nil {
		if err := checkOwner("target", s.Company, s.Serial, m.Ticket.Company, m.Ticket.Serial); err != nil {
			return err
		}
		return Fail("start run at", m.Target.Describe(), ErrUploaded,
			Msg("hint.target.used", "Run", s.Run, "Host", s.Host, "State", string(s.State)))
	}
	id, err := newRunID(m)
	if err != nil {
		return err
	}
	m.run = journal.Run{
		ID: id, Mode: string(m.Mode), State: string(StatePreparing), TicketID: m.Ticket.ID,
		Host: m.Host, Tool: m.Tool, Target: m.Target.Describe(), Started: m.Now().UTC(),
	}
	// A plan that cannot be used must not leave a run behind that a later
	// start would want to resume.
	if err := m.checkPlan(ctx); err != nil {
		return err
	}
	if err := m.Journal.PutRun(ctx, m.run); err != nil {
		return fmt.Errorf("record run: %w", err)
	}
	return m.keepPlan(ctx)
}

// checkMode refuses what the ticket does not offer, and a live run as long as
// this version cannot freeze the installation: data that people change while
// it is copied would be lost without a word.
func (m *Migration) checkMode() error {
	switch {
	case !m.Ticket.Allows(m.Mode):
		return Fail("start run in mode", string(m.Mode), ErrModeNotAllowed, Msg("hint.mode.ticket", "Mode", string(m.Mode)))
	case m.Mode == ModeLive:
		return Fail("start run in mode", string(m.Mode), ErrModeNotAllowed, Msg("hint.mode.live"))
	}
	return nil
}

func (m *Migration) openResume(ctx context.Context, last journal.Run) error {
	if last.Target != m.Target.Describe() {
		return Fail("resume run", last.ID, ErrOtherTarget, Msg("hint.target.other", "Earlier", last.Target, "Now", m.Target.Describe()))
	}
	m.run = last
	m.Mode = Mode(last.Mode)
	m.run.TicketID, m.run.Host, m.run.Tool = m.Ticket.ID, m.Host, m.Tool
	// A ticket that may not read leaves the journal alone to say what is there.
	if State(last.State) != StatePreparing && m.rights.Read {
		s, err := readSession(ctx, m.Target)
		if err != nil {
			return err
		}
		if s == nil || s.Run != last.ID {
			return Fail("resume run", last.ID, ErrOtherTarget, Msg("hint.target.lost", "Target", last.Target))
		}
	}
	if m.Plan != nil {
		if err := m.checkPlan(ctx); err != nil {
			return err
		}
		return m.keepPlan(ctx)
	}
	b, found, err := m.Journal.Note(ctx, last.ID, notePlan)
	if err != nil {
		return fmt.Errorf("read plan of journal: %w", err)
	}
	if !found {
		return Fail("resume run", last.ID, ErrNothingToResume, Msg("hint.resume.noplan"))
	}
	if m.Plan, err = ReadPlan(strings.NewReader(string(b))); err != nil {
		return err
	}
	return m.checkPlan(ctx)
}

// Names of the notes that a run keeps in the journal.
const (
	notePlan    = "plan"
	noteProof   = "proof"
	noteCatalog = "catalog"
	noteCounts  = "counts"
	noteCommit  = "commit"
	notePackage = "package"
)

func (m *Migration) keepPlan(ctx context.Context) error {
	b, err := m.Plan.Encode()
	if err != nil {
		return err
	}
	if err := m.Journal.PutNote(ctx, m.run.ID, notePlan, b); err != nil {
		return fmt.Errorf("keep plan: %w", err)
	}
	return nil
}

// newRunID gives an id that sorts by time and is unique between computers.
func newRunID(m *Migration) (string, error) {
	r := m.Random
	if r == nil {
		r = rand.Reader
	}
	var b [4]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return "", fmt.Errorf("make run id: %w", err)
	}
	return m.Now().UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:]), nil
}
