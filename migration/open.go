package migration

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

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
	// Files that were sent ahead are no beginning of a migration.
	if ahead, err := isSeed(last); err != nil || ahead {
		return BeginInitial, last, err
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

// look gathers what decides whether a run may start, before anything is
// written and before the lease is taken.
func (m *Migration) look(ctx context.Context) error {
	var err error
	if m.identity, err = Guard(ctx, m.Source, m.Ticket); err != nil {
		return err
	}
	if err := m.fresh(); err != nil {
		return err
	}
	if err := m.find(ctx); err != nil {
		return err
	}
	switch {
	case m.Seed:
		err = m.lookSeed()
	case m.begin == BeginRecovery:
		err = m.lookRecovery(ctx)
	case m.begin == BeginResume:
		err = m.lookResume(ctx)
	default:
		err = m.lookInitial(ctx)
	}
	if err != nil {
		return err
	}
	if err := m.lookSnapshot(); err != nil {
		return err
	}
	if m.set.Recovery != RecoverMissing && !m.set.Seed {
		if err := m.readCatalog(ctx); err != nil {
			return err
		}
	}
	rights, err := m.Target.Probe(ctx)
	if err != nil {
		return fmt.Errorf("probe target: %w", err)
	}
	if !rights.Write {
		return Fail("write to", m.Target.Describe(), ErrForbidden, Msg("hint.target.readonly"))
	}
	m.unseen = !rights.Read
	if m.set.Seed {
		return nil
	}
	return m.canFreeze(ctx)
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

func (m *Migration) lookInitial(ctx context.Context) error {
	if err := m.lookLeft(); err != nil {
		return err
	}
	ahead, err := isSeed(m.last)
	if err != nil {
		return err
	}
	if err := m.lookAhead(ahead); err != nil {
		return err
	}
	return m.lookNew(ctx)
}

// lookNew is what every run needs that reads the database anew.
func (m *Migration) lookNew(ctx context.Context) error {
	if m.Plan == nil {
		return Fail("start run", "", ErrNothingToResume, Msg("hint.resume.nothing"))
	}
	if err := m.checkMode(); err != nil {
		return err
	}
	if m.Plan.Mode != m.Mode {
		return Fail("start run in mode", string(m.Mode), ErrModeNotAllowed, Msg("hint.mode.plan", "Mode", string(m.Mode), "Plan", string(m.Plan.Mode)))
	}
	if err := m.checkPlan(ctx); err != nil {
		return err
	}
	return m.Checks.open()
}

// enter begins or continues the run at the target. The lease is held, so that
// what is read of the target is still true when it is written.
func (m *Migration) enter(ctx context.Context) error {
	s, err := m.readSession(ctx)
	if err != nil {
		return err
	}
	if err := m.unmoved(s); err != nil {
		return err
	}
	if m.begin == BeginResume {
		return m.enterResume(ctx, s)
	}
	id, err := newRunID(m)
	if err != nil {
		return err
	}
	m.run = journal.Run{
		ID: id, Mode: string(m.Mode), State: string(StatePreparing), TicketID: m.Ticket.ID,
		Host: m.Host, Tool: m.Tool, Target: m.Target.Describe(), Started: m.Now().UTC(),
	}
	if m.run.Settings, err = m.set.encode(); err != nil {
		return err
	}
	if m.set.Recovery != RecoverMissing && !m.set.Seed {
		// Plan and checks first: a run without a plan could not be resumed, and
		// one that is resumed always has its checks.
		if err := errors.Join(m.keepChecks(ctx), m.keepPlan(ctx), m.keepUsers(ctx)); err != nil {
			return err
		}
	}
	if m.set.Seed && m.Checks != nil {
		if err := m.keepChecks(ctx); err != nil {
			return err
		}
	}
	return m.record(ctx)
}

func (m *Migration) enterResume(ctx context.Context, s *Session) error {
	last := m.last
	if s == nil && !m.unseen && (State(last.State) != StatePreparing || m.set.Base != "") {
		return Fail("resume run", last.ID, ErrOtherTarget, Msg("hint.target.lost", "Target", last.Target))
	}
	m.run, m.recorded = last, true
	m.run.TicketID, m.run.Host, m.run.Tool = m.Ticket.ID, m.Host, m.Tool
	var err error
	if m.run.Settings, err = m.set.encode(); err != nil || m.set.Recovery == RecoverMissing || m.set.Seed {
		return err
	}
	return m.keepPlan(ctx)
}

// checkMode refuses what the ticket does not offer, and a live run without
// somebody who can freeze the installation: data that people change while it is
// copied would be lost without a word.
func (m *Migration) checkMode() error {
	switch {
	case !m.Ticket.Allows(m.Mode):
		return Fail("start run in mode", string(m.Mode), ErrModeNotAllowed, Msg("hint.mode.ticket", "Mode", string(m.Mode)))
	case m.Mode == ModeLive && m.Freezer == nil:
		return Fail("start run in mode", string(m.Mode), ErrModeNotAllowed, Msg("hint.mode.live"))
	}
	return nil
}

// lookResume takes up mode and plan of the unfinished run.
func (m *Migration) lookResume(ctx context.Context) error {
	last := m.last
	if last.Target != m.Target.Describe() {
		return Fail("resume run", last.ID, ErrOtherTarget, Msg("hint.target.other", "Earlier", last.Target, "Now", m.Target.Describe()))
	}
	m.Mode = Mode(last.Mode)
	if err := m.resumeSettings(); err != nil {
		return err
	}
	if m.set.Recovery == RecoverMissing {
		if err := m.takeConfirmed(ctx); err != nil {
			return err
		}
		return m.lookBase(ctx)
	}
	if err := m.loadChecks(ctx, last.ID); err != nil {
		return err
	}
	if err := m.checkMode(); err != nil {
		return err
	}
	if m.Plan == nil {
		b, found, err := m.Journal.Note(ctx, last.ID, notePlan)
		if err != nil {
			return fmt.Errorf("read plan of journal: %w", err)
		}
		if !found {
			return Fail("resume run", last.ID, ErrNothingToResume, Msg("hint.resume.noplan"))
		}
		if m.Plan, err = ReadPlan(bytes.NewReader(b)); err != nil {
			return err
		}
	}
	if m.Plan.Mode != m.Mode {
		return Fail("resume run", last.ID, ErrModeNotAllowed, Msg("hint.mode.resume", "Earlier", last.Mode, "Now", string(m.Plan.Mode)))
	}
	return m.checkPlan(ctx)
}

// Names of the notes that a run keeps in the journal.
const (
	notePlan    = "plan"
	noteProof   = "proof"
	noteCatalog = "catalog"
	noteCounts  = "counts"
	noteBounds  = "bounds"
	noteReread  = "reread"
	noteAgain   = "again"
	noteMixed   = "mixed"
	noteCommit  = "commit"
	notePackage = "package"
	noteChecks  = "checks"
	noteReport  = "report"
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
	var b [4]byte
	if err := m.random(b[:]); err != nil {
		return "", fmt.Errorf("make run id: %w", err)
	}
	return m.Now().UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:]), nil
}

// random fills b from the source of the migration.
func (m *Migration) random(b []byte) error {
	r := m.Random
	if r == nil {
		r = rand.Reader
	}
	_, err := io.ReadFull(r, b)
	return err
}
