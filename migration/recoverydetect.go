package migration

import (
	"context"
	"errors"
	"time"

	"omt/migration/journal"
)

// Earlier is what a start finds of earlier ones, in the journal of this computer
// and at the target.
type Earlier struct {
	// Begin is how a start goes on. A run that another computer has left
	// unfinished gives BeginInitial: its plan stands in that computer's journal
	// only, so that a new one is needed.
	Begin   Begin
	Run     string // id of the earlier run; empty if there is none
	Mode    Mode
	State   State
	Started time.Time
	Ended   time.Time // when it was uploaded; zero if it was not
	Host    string    // computer that ran it
	// Recovery is the kind of an unfinished recovery (Begin is BeginResume).
	Recovery RecoveryChoice
	// Choices are the ways on if Begin is BeginRecovery, in the order of the
	// page. They may be empty: then the ticket offers no mode that goes on.
	Choices []RecoveryChoice
	// Elsewhere: this computer has no journal of the run, or an older one. The
	// start rebuilds it from the manifest at the target.
	Elsewhere bool
	// Unseen: the target may not be read and the journal knows nothing, so that
	// an earlier run of another computer cannot be seen.
	Unseen bool
	// Note says Elsewhere or Unseen to people and names the ways out; zero if
	// there is nothing to say.
	Note Message
}

// DetectAt tells how a start would go on from what the journal and session.json
// of the target know. Either may be nil: before a target folder is chosen there
// is only the journal, and a damaged journal leaves only the target. It writes
// nothing. A target of another customer is ErrCompanyChanged; one that holds
// another run while this computer has an unfinished one elsewhere is
// ErrOtherTarget.
func DetectAt(ctx context.Context, j *journal.Journal, t Target, tk *Ticket) (Earlier, error) {
	var last journal.Run
	begin := BeginInitial
	if j != nil {
		var err error
		if begin, last, err = Detect(ctx, j); err != nil {
			return Earlier{}, err
		}
	}
	var s *Session
	unseen := false
	if t != nil {
		var err error
		s, err = sessionAt(ctx, t)
		if unseen = errors.Is(err, ErrForbidden); err != nil && !unseen {
			return Earlier{}, err
		}
	}
	if s != nil {
		if err := checkSession(s, tk); err != nil {
			return Earlier{}, err
		}
		known, err := sameRun(last, s, t)
		if err != nil {
			return Earlier{}, err
		}
		if !known {
			return earlierThere(s, tk), nil
		}
	}
	return earlierHere(begin, last, s, unseen, t, tk)
}

// earlierHere is what the journal of this computer knows; s is the session of
// the same run, or nil.
func earlierHere(begin Begin, last journal.Run, s *Session, unseen bool, t Target, tk *Ticket) (Earlier, error) {
	e := Earlier{
		Begin: begin, Run: last.ID, Mode: Mode(last.Mode), State: State(last.State),
		Started: last.Started, Ended: last.Ended, Host: last.Host,
	}
	if begin == BeginInitial {
		switch e.Unseen = unseen; {
		case last.ID != "":
			e.Note = Msg("earlier.seeded", "Host", last.Host, "When", last.Started.UTC().Format("2006-01-02 15:04 UTC"))
		case unseen:
			e.Note = Msg("earlier.unseen", "Target", t.Describe())
		}
		return e, nil
	}
	if begin == BeginResume && s != nil && s.Run == last.ID && s.arrived() {
		// Stopped between the last word to the target and that to the journal.
		e.Begin, e.State, e.Ended = BeginRecovery, s.State, s.Updated
	}
	if e.Begin == BeginRecovery {
		e.Choices = Choices(e.Mode, e.State, tk.Modes)
		return e, nil
	}
	var err error
	e.Recovery, err = RecoveryOf(last)
	return e, err
}

// earlierThere is what only the target knows.
func earlierThere(s *Session, tk *Ticket) Earlier {
	e := Earlier{
		Begin: BeginInitial, Run: s.Run, Mode: s.Mode, State: s.State, Started: s.Started, Host: s.Host,
		Elsewhere: true, Note: Msg("earlier.unfinished", "Host", s.Host, "When", s.Updated.UTC().Format("2006-01-02 15:04 UTC")),
	}
	switch {
	case s.ahead():
		e.Note = Msg("earlier.seeded", "Host", s.Host, "When", s.Started.UTC().Format("2006-01-02 15:04 UTC"))
	case s.arrived():
		e.Begin, e.Ended = BeginRecovery, s.Updated
		e.Note = Msg("earlier.elsewhere", "Host", s.Host, "When", s.Updated.UTC().Format("2006-01-02 15:04 UTC"))
		e.Choices = Choices(s.Mode, s.State, tk.Modes)
	case s.Recovery == RecoverMissing:
		// The database and the manifest of the uploaded run are still there.
		e.Begin = BeginRecovery
		e.Choices = Choices(s.Mode, StateUploaded, tk.Modes)
	}
	return e
}

// arrived tells whether everything that the manifest of the run names is there.
func (s *Session) arrived() bool { return s.State == StateUploaded || s.State == StateComplete }

// checkSession refuses a target of another customer.
func checkSession(s *Session, tk *Ticket) error {
	if s.Tenant != "" && (s.Tenant != tk.Tenant || s.Environment != tk.Environment) {
		return Fail("check owner of target", s.Tenant, ErrCompanyChanged, Msg("hint.target.tenant", "There", s.Tenant, "Tenant", tk.Tenant))
	}
	return checkOwner(ownerOfTarget, s.Company, s.Serial, tk.Company, tk.Serial)
}

// sameRun tells whether the last run of the journal is the one that stands at
// the target: by its id, or because it was begun on top of that one and was
// stopped before the target heard of it. What an unfinished run has sent to
// another target is not given up for what lies at this one: ErrOtherTarget.
func sameRun(last journal.Run, s *Session, t Target) (bool, error) {
	if last.ID == "" || State(last.State) == stateAdopting {
		return false, nil
	}
	if s.Run == last.ID {
		return true, nil
	}
	set, err := settingsOf(last)
	if err != nil {
		return false, err
	}
	if State(last.State) == StatePreparing && (set.Base == s.Run && s.arrived() || set.Seeded == s.Run) {
		return true, nil
	}
	finished := State(last.State) == StateUploaded || State(last.State) == StateComplete
	if !finished && last.Target != t.Describe() {
		return false, Fail("continue run", last.ID, ErrOtherTarget, Msg("hint.target.other", "Earlier", last.Target, "Now", t.Describe()))
	}
	return false, nil
}

// stateAdopting is the state in the journal, and there only, of a run of another
// computer while its manifest is being read: what the journal has of it is not
// all of it.
const stateAdopting State = "adopting"
