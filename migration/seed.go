package migration

import (
	"context"
	"errors"

	"omt/migration/journal"
)

// Sending ahead: the files of an installation can be sent days before the
// database. Such a run needs no plan and ends in the state seeded, on which no receiver
// acts. It needs no checks; those that it is given are recorded with it. The migration that follows takes its place: it
// sends the database and of the files only the difference.

// ErrSeedNotAllowed: the migration has begun, or is done.
var ErrSeedNotAllowed = errors.New("files can be sent ahead only before the migration")

// isSeed tells whether a run of the journal sends files ahead.
func isSeed(r journal.Run) (bool, error) {
	s, err := settingsOf(r)
	return s.Seed, err
}

// lookSeed decides whether files may be sent ahead now.
func (m *Migration) lookSeed() error {
	ahead, err := isSeed(m.last)
	if err != nil {
		return err
	}
	late := func(run string) error {
		return Fail("send files ahead", run, ErrSeedNotAllowed, Msg("hint.seed.late"))
	}
	switch {
	case m.Recovery != RecoverNone:
		return Fail("send files ahead", "", ErrRecoveryNotAllowed, Msg("hint.recovery.nothing"))
	case m.begin != BeginInitial:
		return late(m.last.ID)
	case m.left != nil && !m.left.ahead():
		return late(m.left.Run)
	case m.Mode == "":
		m.Mode = ModeTest
		if !m.Ticket.Allows(ModeTest) {
			m.Mode = ModeLive
		}
	}
	if !m.Ticket.Allows(m.Mode) {
		return Fail("send files ahead in mode", string(m.Mode), ErrModeNotAllowed, Msg("hint.mode.ticket", "Mode", string(m.Mode)))
	}
	if m.Checks != nil {
		if err := m.Checks.open(); err != nil {
			return err
		}
	}
	if err := m.lookAhead(ahead); err != nil {
		return err
	}
	// One that was interrupted goes on; one that ended is brought up to date.
	if ahead && State(m.last.State) != StateSeeded {
		m.begin, m.set = BeginResume, runSettings{Seed: true}
		last, err := settingsOf(m.last)
		m.set.Seeded, m.set.Left = last.Seeded, last.Left
		return err
	}
	m.set.Seed = true
	return nil
}

// lookAhead takes up what was sent ahead, by this computer or another one.
func (m *Migration) lookAhead(ahead bool) error {
	if m.left != nil {
		m.set.Left = m.left.Run
	}
	if !ahead {
		return nil
	}
	// What lies at another target, or was removed, is not there.
	if now := m.Target.Describe(); m.last.Target != now {
		return Fail("go on after run", m.last.ID, ErrOtherTarget, Msg("hint.target.other", "Earlier", m.last.Target, "Now", now))
	}
	if m.there == nil && !m.unseen && State(m.last.State) != StatePreparing {
		return Fail("go on after run", m.last.ID, ErrOtherTarget, Msg("hint.target.lost", "Target", m.last.Target))
	}
	m.set.Seeded = m.last.ID
	return nil
}

// ahead tells whether a session is that of files sent ahead.
func (s *Session) ahead() bool { return s.Seed }

// seedFiles sends the files and says so at the target.
func (m *Migration) seedFiles(ctx context.Context) (*Result, error) {
	m.Progress.Of(PhaseDatabase).End(PhaseDone)
	fs := newFiles(m)
	if err := fs.run(ctx); err != nil {
		return nil, err
	}
	fin := m.Progress.Of(PhaseFinishing)
	fin.Begin(false)
	if err := m.announce(ctx, StateSeeded); err != nil {
		fin.End(PhaseStopped)
		return nil, err
	}
	fin.End(PhaseDone)
	kinds, err := m.tally(ctx)
	if err != nil {
		return nil, err
	}
	m.Log.Infow("files are sent ahead", "run", m.run.ID, "kinds", kinds)
	return &Result{Run: m.run.ID, Mode: m.Mode, Begin: m.begin, Seed: kinds, Counts: m.counts.read()}, nil
}

// tally counts the objects of the journal by kind and outcome.
func (m *Migration) tally(ctx context.Context) (Tallies, error) {
	totals, err := m.Journal.Totals(ctx)
	if err != nil {
		return nil, err
	}
	out := Tallies{}
	for kind, byOutcome := range totals {
		out[kind] = map[Outcome]Tally{}
		for o, t := range byOutcome {
			out[kind][Outcome(o)] = Tally{Count: t.Count, Bytes: t.Bytes}
		}
	}
	return out, nil
}
