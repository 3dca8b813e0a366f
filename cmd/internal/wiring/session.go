package wiring

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"omt/cmd/internal/network"
	"omt/migration"
	"omt/migration/journal"
	"omt/onsite"
	"omt/upload/bacpac"
)

// Session is everything open that a migration needs. Close ends it.
type Session struct {
	Options   Options
	Ticket    *migration.Ticket
	Settings  onsite.Settings
	Source    *onsite.Installation
	Principal migration.Principal
	Identity  migration.Identity
	Target    migration.Target
	Journal   *journal.Journal
	Log       *zap.Logger
	Host      string
	// Checks are those of RunChecks with the acknowledgement of Acknowledge;
	// nil until then.
	Checks *migration.CheckRecord
	// Notes say what OpenTarget had to do that people must know.
	Notes []migration.Message
	// LeaveOut are the columns that the plan leaves out; the checks do not ask
	// for them again.
	LeaveOut []migration.PlanColumn

	found   []onsite.Settings // of the configuration files, with their passwords
	located migration.Location
	network *network.Network
	proxy   network.Login     // at the proxy, as it was given
	trouble migration.Message // why the last password or account was not remembered
	order   Upload            // of the last Run that did not end well
	closers [parts][]func() error
}

// part is what of a session is opened and closed together. A person may connect
// or choose the target again.
type part int

const (
	partSource part = iota
	partTarget      // with journal and log
	parts
)

func (s *Session) opened(p part, end func() error) { s.closers[p] = append(s.closers[p], end) }

// closePart closes in the reverse order of opening.
func (s *Session) closePart(p part) error {
	var errs []error
	for i := len(s.closers[p]) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[p][i]())
	}
	s.closers[p] = nil
	return errors.Join(errs...)
}

// OpenSource loads the ticket, reads the configuration, connects, signs in and
// holds company and serial against the ticket. Nothing is written yet.
func OpenSource(ctx context.Context, o Options, sec Secrets) (_ *Session, err error) {
	s := &Session{Options: o, Log: zap.NewNop()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.Ticket, err = LoadTicket(o.Ticket); err != nil {
		return nil, err
	}
	if err := s.connect(ctx, &sec); err != nil {
		return nil, err
	}
	if s.Identity, err = migration.Guard(ctx, s.Source, s.Ticket); err != nil {
		return nil, err
	}
	if err := s.Source.CheckPaths(ctx); err != nil {
		return nil, err
	}
	if err := s.login(ctx, sec); err != nil {
		return nil, err
	}
	if err := s.owned(ctx); err != nil {
		return nil, err
	}
	return s, s.rememberSecrets(ctx, sec)
}

// connect reads the configuration and opens the database.
func (s *Session) connect(ctx context.Context, sec *Secrets) (err error) {
	if err := s.settings(ctx, sec); err != nil {
		return err
	}
	return s.reach(ctx, s.Options.Fingerprint, s.Options.OldTLS)
}

// reach opens the database of s.Settings.
func (s *Session) reach(ctx context.Context, fingerprint string, oldTLS bool) (err error) {
	if err := s.host(); err != nil {
		return err
	}
	s.Source, err = onsite.Connect(ctx, s.Settings, onsite.ConnectOptions{Fingerprint: fingerprint, OldTLS: oldTLS, MaxConns: max(s.Options.Readers, 2) + 2})
	if err != nil {
		return err
	}
	s.opened(partSource, s.Source.Close)
	return nil
}

func (s *Session) host() (err error) {
	if s.Host == "" {
		if s.Host, err = os.Hostname(); err != nil {
			return fmt.Errorf("find name of this computer: %w", err)
		}
	}
	return nil
}

// OpenTarget opens journal, log and target, in that order: without a journal
// nothing may be sent.
func (s *Session) OpenTarget(ctx context.Context) error {
	if err := s.openRecords(ctx); err != nil {
		return err
	}
	return s.openTarget()
}

// openRecords opens the journal of the ticket's tenant, and the log beside it.
func (s *Session) openRecords(ctx context.Context) error {
	dir, err := s.stateDir()
	if err != nil {
		return err
	}
	// A folder that somebody chose has the rights that they gave it.
	if s.Options.State == "" {
		if err := makeState(dir); err != nil {
			return journalError(dir, err)
		}
	}
	j, err := s.openJournal(ctx, dir)
	if err != nil {
		return journalError(dir, err)
	}
	s.Journal = j
	s.opened(partTarget, func() error { return s.Journal.Close() }) // of the one that is open then
	if err := migration.KeepVersions(ctx, j, s.Identity); err != nil {
		return err
	}
	return s.openLog(dir)
}

func keyOf(t *migration.Ticket) journal.Key {
	return journal.Key{Environment: t.Environment, Tenant: t.Tenant, Company: t.Company, Serial: t.Serial}
}

func (s *Session) openTarget() error {
	target, err := s.target(s.Options.Target)
	if err != nil {
		return err
	}
	s.Target = target
	s.opened(partTarget, target.Close)
	return nil
}

func (s *Session) stateDir() (string, error) {
	if s.Options.State != "" {
		return filepath.Abs(s.Options.State)
	}
	return DefaultState()
}

// journalError turns the journal's decisions into words for people.
func journalError(dir string, err error) error {
	var held *journal.LockedError
	var damaged *journal.DamagedError
	switch {
	case errors.As(err, &held):
		return migration.Fail("open journal in", dir, err,
			migration.Msg("hint.journal.locked", "Host", held.Host, "PID", held.PID, "Since", held.Since.UTC().Format("2006-01-02 15:04 UTC")))
	case errors.Is(err, journal.ErrRemote):
		return migration.Fail("open journal in", dir, err, migration.Msg("hint.journal.remote", "Path", dir))
	case errors.As(err, &damaged):
		return migration.Fail("open journal in", dir, err, migration.Msg("hint.journal.damaged", "Record", damaged.Record))
	case errors.Is(err, journal.ErrNewer):
		return migration.Fail("open journal in", dir, err, migration.Msg("hint.journal.newer"))
	case errors.Is(err, journal.ErrNoSpace):
		return migration.Fail("open journal in", dir, errors.Join(migration.ErrNoSpace, err), migration.Msg("hint.journal.full", "Path", dir))
	}
	if errors.Is(err, fs.ErrPermission) {
		err = errors.Join(migration.ErrNeedsAdministrator, err)
	}
	return migration.Fail("open journal in", dir, err, migration.Msg("hint.journal.open", "Path", dir))
}

// logFile is the log's name beside the journal.
const logFile = "omt.log"

// openLog writes the log beside the journal. It holds no secrets: nothing that
// is logged has one.
func (s *Session) openLog(dir string) error {
	f, err := openKept(filepath.Join(dir, logFile), logSize)
	if err != nil {
		return migration.Fail("open log in", dir, err, migration.Msg("hint.journal.open", "Path", dir))
	}
	s.opened(partTarget, f.Close)
	s.Log = newLog(f)
	s.Log.Info("start", zap.String("tool", Tool()), zap.String("tenant", s.Ticket.Tenant), zap.String("database", s.Identity.Database),
		zap.String("server", s.Source.Way()), zap.String("old tls", s.Identity.OldTLS))
	return nil
}

// Migration builds the run of this session. plan is nil for a resume.
func (s *Session) Migration(mode migration.Mode, plan *migration.Plan, p *migration.Progress) *migration.Migration {
	limits := migration.DefaultLimits()
	if s.Options.Readers > 0 {
		limits.Readers = s.Options.Readers
	}
	if s.Options.Senders > 0 {
		limits.Senders = s.Options.Senders
	}
	return &migration.Migration{
		Ticket: s.Ticket, Source: s.Source, Target: s.Target, Packager: bacpac.New(), Journal: s.Journal, Freezer: onsite.NewFreezer(s.Source),
		Mode: mode, Plan: plan, Principal: s.Principal, Checks: s.Checks, Tool: Tool(), Host: s.Host,
		Now: time.Now, Random: rand.Reader, Wait: wait, Progress: p, Log: s.Log.Sugar(), Limits: limits,
	}
}

// Suggest proposes a plan with the person who signed in as contact.
func (s *Session) Suggest(ctx context.Context, mode migration.Mode) (*migration.Plan, []migration.Message, error) {
	users, mail, err := s.people(ctx)
	if err != nil {
		return nil, nil, err
	}
	d, notes := migration.NewDraft(s.Ticket, users, mail, s.Principal, mode)
	return d.Plan, notes, nil
}

// people reads what a draft is made of.
func (s *Session) people(ctx context.Context) ([]migration.User, []migration.MailAddress, error) {
	users, err := s.Source.Users(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read users: %w", err)
	}
	mail, err := s.Source.Mailboxes(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read mailboxes: %w", err)
	}
	return users, mail, nil
}

// Close ends the session in the reverse order of its opening.
func (s *Session) Close() error {
	return errors.Join(s.closePart(partTarget), s.closePart(partSource))
}

// wait sleeps, or returns early when the run is cancelled.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
