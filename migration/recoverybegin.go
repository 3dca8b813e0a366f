package migration

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"omt/migration/journal"
)

// find brings journal and target together: what the journal knows if it is of
// the run at the target, else what the target tells of another computer's.
func (m *Migration) find(ctx context.Context) error {
	var err error
	if m.begin, m.last, err = Detect(ctx, m.Journal); err != nil {
		return err
	}
	if m.there, err = m.readSession(ctx); err != nil {
		return err
	}
	s := m.there
	if s == nil {
		if State(m.last.State) == stateAdopting {
			return Fail("take over run", m.last.ID, ErrOtherTarget, Msg("hint.recovery.half", "Target", m.Target.Describe()))
		}
		return nil
	}
	if err := checkSession(s, m.Ticket); err != nil {
		return err
	}
	known, err := sameRun(m.last, s, m.Target)
	switch {
	case err != nil:
		return err
	case known && m.begin == BeginResume && s.Run == m.last.ID && s.arrived():
		return m.closeLast(ctx, s)
	case known:
		return nil
	case s.arrived() || s.Recovery == RecoverMissing:
		return m.adopt(ctx, s)
	}
	m.begin, m.last, m.left = BeginInitial, journal.Run{}, s
	return nil
}

// closeLast records that the last run was uploaded: it was stopped between its
// last word to the target and that to the journal.
func (m *Migration) closeLast(ctx context.Context, s *Session) error {
	m.begin, m.last.State, m.last.Ended = BeginRecovery, string(s.State), s.Updated
	if err := m.Journal.PutRun(ctx, m.last); err != nil {
		return fmt.Errorf("record run: %w", err)
	}
	return nil
}

// unmoved compares the session that was read under the lease with the one that
// decided how to begin: in between another computer may have worked here.
func (m *Migration) unmoved(s *Session) error {
	was := m.there
	if s == nil && was == nil || s != nil && was != nil && s.Run == was.Run && s.State == was.State {
		return nil
	}
	return Fail("start run at", m.Target.Describe(), ErrChanged, Msg("hint.target.moved"))
}

// lookLeft decides what a start without a run of its own may do.
func (m *Migration) lookLeft() error {
	s := m.left
	switch {
	case s == nil && m.Recovery == RecoverNone:
		return nil
	case s == nil && m.unseen:
		return Fail("recover", "", ErrRecoveryNotAllowed, Msg("hint.recovery.unseen", "Target", m.Target.Describe()))
	case s == nil:
		return Fail("recover", "", ErrRecoveryNotAllowed, Msg("hint.recovery.nothing"))
	case m.Recovery == RecoverMissing:
		return Fail("recover", s.Run, ErrRecoveryNotAllowed, Msg("hint.recovery.unfinished", "Host", s.Host))
	case s.Mode == ModeLive && m.Mode != ModeLive && m.Plan != nil && !s.ahead():
		return Fail("start run in mode", string(m.Mode), ErrModeNotAllowed, Msg("hint.recovery.live"))
	case m.Plan == nil && s.Host == m.Host:
		return Fail("resume run", s.Run, ErrNothingToResume, Msg("hint.resume.lost"))
	case m.Plan == nil:
		return Fail("resume run", s.Run, ErrNothingToResume, Msg("hint.resume.elsewhere", "Host", s.Host))
	}
	m.set.Left = s.Run
	return nil
}

// lookRecovery begins a recovery of the uploaded run, if one was chosen.
func (m *Migration) lookRecovery(ctx context.Context) error {
	last := m.last
	if m.Recovery == RecoverNone {
		return Fail("start run", last.ID, ErrUploaded, Msg("hint.uploaded", "When", last.Ended.UTC().Format("2006-01-02 15:04")))
	}
	if m.there == nil && (!m.unseen || last.Target != m.Target.Describe()) {
		return Fail("recover run", last.ID, ErrOtherTarget, Msg("hint.target.lost", "Target", last.Target))
	}
	if !slices.Contains(Choices(Mode(last.Mode), State(last.State), m.Ticket.Modes), m.Recovery) {
		return Fail("recover run", last.ID, ErrRecoveryNotAllowed, Msg("hint.recovery.closed", "Mode", last.Mode))
	}
	before, err := settingsOf(last)
	if err != nil {
		return err
	}
	m.set = runSettings{Recovery: m.Recovery, Base: last.ID, Changed: m.Changed}
	if m.Recovery == RecoverOverwrite {
		if len(m.Changed) > 0 || len(m.Confirmed) > 0 {
			return Fail("recover run", last.ID, ErrRecoveryNotAllowed, Msg("hint.recovery.changed"))
		}
		return m.lookNew(ctx)
	}
	if m.set.Package = before.Package; m.set.Package == "" {
		m.set.Package = last.ID
	}
	m.Mode = Mode(last.Mode)
	if err := m.takeConfirmed(ctx); err != nil {
		return err
	}
	return m.lookBase(ctx)
}

// resumeSettings takes up how the unfinished run was begun.
func (m *Migration) resumeSettings() error {
	set, err := settingsOf(m.last)
	if err != nil {
		return err
	}
	takesOver := set.Left != "" && m.Recovery == RecoverOverwrite
	if m.Recovery != RecoverNone && m.Recovery != set.Recovery && !takesOver {
		return Fail("recover run", m.last.ID, ErrRecoveryNotAllowed, Msg("hint.recovery.resume", "When", m.last.Started.UTC().Format("2006-01-02 15:04")))
	}
	if set.Recovery == RecoverMissing {
		for _, id := range m.Changed {
			if !slices.Contains(set.Changed, id) {
				set.Changed = append(set.Changed, id)
			}
		}
	}
	m.set = set
	return nil
}

// recoveryBase is what a recovery of missing files repeats of the uploaded run.
type recoveryBase struct {
	report Report
	info   PackageInfo
	plan   []byte // as it lies at the target
}

// lookBase reads what the journal knows of the uploaded run.
func (m *Migration) lookBase(ctx context.Context) error {
	if !m.Ticket.Allows(m.Mode) {
		return Fail("recover in mode", string(m.Mode), ErrModeNotAllowed, Msg("hint.mode.ticket", "Mode", string(m.Mode)))
	}
	b := &recoveryBase{}
	for _, n := range []struct {
		run, name string
		into      any
	}{{m.set.Base, noteReport, &b.report}, {m.set.Package, notePackage, &b.info}} {
		if err := m.baseNote(ctx, n.run, n.name, n.into); err != nil {
			return err
		}
	}
	var found bool
	var err error
	if b.plan, found, err = m.Journal.Note(ctx, m.set.Package, notePlan); err != nil || !found {
		return m.noNote(m.set.Package, notePlan, err)
	}
	if m.Plan, err = ReadPlan(bytes.NewReader(b.plan)); err != nil {
		return err
	}
	m.base, m.Checks = b, b.report.Checks
	return nil
}

func (m *Migration) baseNote(ctx context.Context, run, name string, into any) error {
	b, found, err := m.Journal.Note(ctx, run, name)
	if err != nil || !found {
		return m.noNote(run, name, err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return Fail("read journal note", name, errors.Join(journal.ErrDamaged, err), Msg("hint.journal.damaged", "Record", name))
	}
	return nil
}

// noNote is the error for a note that could not be read or is not there.
func (m *Migration) noNote(run, name string, err error) error {
	if err != nil {
		return fmt.Errorf("read journal note %s: %w", name, err)
	}
	return Fail("recover run", run, fmt.Errorf("%w: the journal has no %s of it", ErrNothingToResume, name), Msg("hint.recovery.nonote"))
}

// record puts the new run into the journal, in the way that it treats what is
// known of earlier ones.
func (m *Migration) record(ctx context.Context) error {
	var err error
	switch {
	case m.set.Recovery == RecoverOverwrite:
		err = m.Journal.Supersede(ctx, m.run)
	case m.set.Seeded != "" && State(m.last.State) == StateSeeded:
		err = m.Journal.Supersede(ctx, m.run)
	case m.set.Seeded != "":
		err = m.Journal.Succeed(ctx, m.run, sent)
	case m.left != nil:
		if err = m.Journal.Renew(ctx, m.run); err == nil {
			err = m.takeListing(ctx)
		}
	default:
		err = m.Journal.PutRun(ctx, m.run)
	}
	if err != nil {
		return fmt.Errorf("record run: %w", err)
	}
	m.recorded = true
	return nil
}

// sessionBase is the uploaded run that session.json names.
func (m *Migration) sessionBase() string {
	if m.set.Recovery == RecoverNone {
		return ""
	}
	return m.set.Base
}

// packageRun is the run whose database lies at the target.
func (m *Migration) packageRun() string {
	if m.set.Recovery == RecoverMissing {
		return m.set.Package
	}
	return m.run.ID
}

// databaseState is the state of package, parts and plan in the manifest.
func (m *Migration) databaseState() Outcome {
	if m.set.Recovery == RecoverMissing {
		return Unchanged
	}
	return Uploaded
}
