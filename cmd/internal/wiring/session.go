package wiring

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

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
	// LeaveOut are the columns that the plan leaves out; the checks do not ask
	// for them again.
	LeaveOut []migration.PlanColumn

	closers []func() error
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
	if err := s.connect(ctx, sec); err != nil {
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
	return s, s.owned(ctx)
}

// connect reads the configuration and opens the database.
func (s *Session) connect(ctx context.Context, sec Secrets) (err error) {
	if s.Host, err = os.Hostname(); err != nil {
		return fmt.Errorf("find name of this computer: %w", err)
	}
	if err := s.settings(ctx, sec); err != nil {
		return err
	}
	s.Source, err = onsite.Connect(ctx, s.Settings, onsite.ConnectOptions{Fingerprint: s.Options.Fingerprint, MaxConns: max(s.Options.Readers, 2) + 2})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, s.Source.Close)
	return nil
}

func (s *Session) settings(ctx context.Context, sec Secrets) (err error) {
	o := s.Options
	if s.Settings, err = onsite.Discover(ctx, o.Config); err != nil {
		return err
	}
	if o.Server != "" {
		if err := s.Settings.SetServer(o.Server); err != nil {
			return err
		}
	}
	if o.Database != "" {
		s.Settings.Database = o.Database
	}
	if o.DBUser != "" {
		s.Settings.User = o.DBUser
	}
	if o.NetServer != "" {
		s.Settings.NetServer = netServer(o.NetServer)
	}
	if sec.DatabasePassword != "" {
		s.Settings.Password = sec.DatabasePassword
	}
	if s.Settings.Password == "" && sec.AskDatabase != nil {
		if s.Settings.Password, err = sec.AskDatabase(s.Settings.User); err != nil {
			return err
		}
	}
	return nil
}

// netServer tells the address of the services (.../Services88, SOAP) from that
// of the web client (REST). One that was given replaces both of the
// configuration, so that no password goes where nobody asked it to go.
func netServer(address string) onsite.NetServerSettings {
	if strings.Contains(path.Base(strings.TrimRight(address, "/")), "Services") {
		return onsite.NetServerSettings{SOAP: strings.TrimRight(address, "/")}
	}
	return onsite.NetServerSettings{REST: strings.TrimRight(address, "/")}
}

func (s *Session) login(ctx context.Context, sec Secrets) (err error) {
	auth := onsite.NewNetServer(s.Settings.NetServer, onsite.LoginOptions{AllowPlainHTTP: s.Options.PlainHTTP})
	s.Principal, err = auth.Login(ctx, s.Options.User, sec.UserPassword)
	return err
}

// owned holds the person who signed in against this database. The checks do it
// on their own, so that a list can be made of an installation that fails here.
func (s *Session) owned(ctx context.Context) error {
	users, err := s.Source.Users(ctx)
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	return belongs(s.Principal, users, s.Settings.Database)
}

// belongs fails if the person who signed in is no administrator of this
// database: then NetServer is that of another installation, and its
// administrators may not move this one.
func belongs(p migration.Principal, users []migration.User, database string) error {
	if slices.ContainsFunc(users, func(u migration.User) bool { return u.AssociateID == p.AssociateID && u.Admin }) {
		return nil
	}
	return migration.Fail("log in", p.UserName, migration.ErrNotAdministrator,
		migration.Msg("hint.login.elsewhere", "User", p.UserName, "Database", database))
}

// OpenTarget opens journal, log and target, in that order: without a journal
// nothing may be sent.
func (s *Session) OpenTarget(ctx context.Context) error {
	dir, err := s.stateDir()
	if err != nil {
		return err
	}
	t := s.Ticket
	key := journal.Key{Environment: t.Environment, Tenant: t.Tenant, Company: t.Company, Serial: t.Serial}
	j, err := journal.Open(ctx, dir, key, journal.Options{Host: s.Host})
	if err != nil {
		return journalError(dir, err)
	}
	s.Journal = j
	s.closers = append(s.closers, j.Close)
	if err := s.openLog(dir); err != nil {
		return err
	}
	return s.openTarget(t.Target)
}

func (s *Session) openTarget(spec migration.TargetSpec) error {
	target, err := openTarget(spec, s.Options.Target, s.Host)
	if err != nil {
		return err
	}
	s.Target = target
	s.closers = append(s.closers, target.Close)
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
	return migration.Fail("open journal in", dir, err, migration.Msg("hint.journal.open", "Path", dir))
}

// openLog writes the log beside the journal. It holds no secrets: nothing that
// is logged has one.
func (s *Session) openLog(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, "omt.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return migration.Fail("open log in", dir, err, migration.Msg("hint.journal.open", "Path", dir))
	}
	s.closers = append(s.closers, f.Close)
	s.Log = newLog(f)
	s.Log.Info("start", zap.String("tool", Tool()), zap.String("tenant", s.Ticket.Tenant), zap.String("database", s.Identity.Database))
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
		Ticket: s.Ticket, Source: s.Source, Target: s.Target, Packager: bacpac.New(), Journal: s.Journal,
		Mode: mode, Plan: plan, Principal: s.Principal, Checks: s.Checks, Tool: Tool(), Host: s.Host,
		Now: time.Now, Random: rand.Reader, Wait: wait, Progress: p, Log: s.Log.Sugar(), Limits: limits,
	}
}

// Suggest proposes a plan with the person who signed in as contact.
func (s *Session) Suggest(ctx context.Context, mode migration.Mode) (*migration.Plan, []migration.Message, error) {
	users, err := s.Source.Users(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read users: %w", err)
	}
	p, notes := migration.Suggest(s.Ticket, users, mode)
	p.Contact = migration.ContactOf(s.Principal, users)
	p.Notifications.SummaryTo = p.Contact.Email
	return p, notes, nil
}

// Close ends the session in the reverse order of its opening.
func (s *Session) Close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
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
