package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
)

// common are the flags of plan, run and resume.
type common struct {
	wiring.Options
	stdin    bool
	remember bool
	json     bool
	every    time.Duration // between two lines of progress
	// How to go on after an uploaded run, see migration.Migration.
	recovery migration.RecoveryChoice
	changed  []string
	// Bandwidth: one of a limit and a timetable.
	limit, timetable string
	// confirmed are files for missing rows, by the row's id.
	confirmed map[string]string
	snapshot  bool // consents, see migration.Migration
	keepParts bool
	align     migration.AlignChoice
}

func (o *common) register(f *flag.FlagSet) {
	f.StringVar(&o.Ticket, "ticket", "", assets.Text("flag.ticket", nil))
	f.StringVar(&o.Config, "config", "", assets.Text("flag.config", nil))
	f.StringVar(&o.User, "user", "", assets.Text("flag.user", nil))
	f.StringVar(&o.Server, "server", "", assets.Text("flag.server", nil))
	f.StringVar(&o.Database, "database", "", assets.Text("flag.database", nil))
	f.StringVar(&o.DBUser, "db-user", "", assets.Text("flag.dbuser", nil))
	f.StringVar(&o.Fingerprint, "trust-certificate", "", assets.Text("flag.trust", nil))
	f.BoolVar(&o.OldTLS, "allow-old-tls", false, assets.Text("flag.oldtls", nil))
	f.StringVar(&o.NetServer, "netserver", "", assets.Text("flag.netserver", nil))
	f.StringVar(&o.CA, "ca", "", assets.Text("flag.ca", nil))
	f.BoolVar(&o.PlainHTTP, "allow-plain-http", false, assets.Text("flag.plainhttp", nil))
	f.BoolVar(&o.stdin, "secrets-stdin", false, assets.Text("flag.secrets", nil))
	f.BoolVar(&o.remember, "remember", false, assets.Text("flag.remember", nil))
	f.BoolVar(&o.json, "json", false, assets.Text("flag.json", nil))
}

func (o *common) registerRun(f *flag.FlagSet) {
	f.StringVar(&o.Target, "to", "", assets.Text("flag.to", nil))
	f.StringVar(&o.State, "state", "", assets.Text("flag.state", nil))
	f.DurationVar(&o.every, "progress", time.Second, assets.Text("flag.progress", nil))
	f.IntVar(&o.Readers, "readers", 0, assets.Text("flag.readers", nil))
	f.IntVar(&o.Senders, "senders", 0, assets.Text("flag.senders", nil))
	f.StringVar(&o.limit, "limit", "", assets.Text("flag.limit", nil))
	f.Func("consistency", assets.Text("flag.consistency", nil), func(s string) (err error) {
		o.align, err = migration.ReadAlignChoice(s)
		return err
	})
	f.StringVar(&o.timetable, "timetable", "", assets.Text("flag.timetable", nil))
}

// secrets are what was given; wiring asks for the rest.
func (o *common) secrets(c console) (wiring.Secrets, error) {
	sec, err := readSecrets(c, o.stdin)
	sec.Remember = o.remember
	return sec, err
}

func (o *common) open(ctx context.Context, c console) (*wiring.Session, error) {
	sec, err := o.secrets(c)
	if err != nil {
		return nil, err
	}
	return wiring.OpenSource(ctx, o.Options, sec)
}

// planCommand writes a plan that a person can edit.
func planCommand(ctx context.Context, args []string, c console) (err error) {
	f := flags("plan", c)
	var o common
	o.register(f)
	out := f.String("out", "plan.json", assets.Text("flag.out", nil))
	mode := f.String("mode", string(migration.ModeTest), assets.Text("flag.mode", nil))
	accept := f.Bool("accept-terms", false, assets.Text("flag.accept", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	s, err := o.open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	plan, notes, err := s.Suggest(ctx, migration.Mode(*mode))
	if err != nil {
		return err
	}
	if *accept {
		plan.Accept(s.Ticket.TermsURL, time.Now())
	}
	b, err := plan.Encode()
	if err != nil {
		return err
	}
	if err := os.WriteFile(*out, b, 0o600); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	p := printer{c, o.json}
	p.few(notes)
	p.data(map[string]any{"plan": *out, "users": len(plan.Users)},
		assets.Text("cli.planned", map[string]any{"Path": *out, "Users": len(plan.Users)}))
	return nil
}

// runCommand starts a migration, or continues the unfinished one that the
// journal knows.
func runCommand(ctx context.Context, args []string, c console) error {
	f := flags("run", c)
	var o common
	o.register(f)
	o.registerRun(f)
	planPath := f.String("plan", "", assets.Text("flag.plan", nil))
	mode := f.String("mode", "", assets.Text("flag.mode", nil))
	accept := f.Bool("accept-terms", false, assets.Text("flag.accept", nil))
	f.BoolVar(&o.snapshot, "snapshot", false, assets.Text("flag.snapshot", nil))
	acknowledge := f.Bool("acknowledge-warnings", false, assets.Text("flag.acknowledge", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	return o.migrate(ctx, c, func(ctx context.Context, s *wiring.Session, e migration.Earlier) (*migration.Plan, error) {
		begin := e.Begin
		if *planPath == "" && begin != migration.BeginInitial {
			// The same command given again goes on; another mode would not be
			// what was asked for.
			if *mode != "" && *mode != string(e.Mode) {
				return nil, migration.Fail("continue run", "", migration.ErrModeNotAllowed, migration.Msg("hint.mode.resume", "Earlier", string(e.Mode), "Now", *mode))
			}
			return nil, nil
		}
		plan, err := readOrSuggest(ctx, s, *planPath, migration.Mode(*mode), printer{c, o.json})
		if err == nil && *accept {
			plan.Accept(s.Ticket.TermsURL, time.Now())
		}
		if err == nil && begin == migration.BeginInitial {
			s.LeaveOut = plan.LeaveOut
			err = o.check(ctx, s, printer{c, o.json}, *acknowledge)
		}
		return plan, err
	})
}

func readOrSuggest(ctx context.Context, s *wiring.Session, path string, mode migration.Mode, p printer) (*migration.Plan, error) {
	if path == "" {
		if mode == "" {
			mode = migration.ModeTest
		}
		plan, notes, err := s.Suggest(ctx, mode)
		p.few(notes)
		return plan, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, migration.Fail("open plan", path, err, migration.Msg("hint.plan.open", "Path", path))
	}
	defer file.Close()
	plan, err := migration.ReadPlan(file)
	if err == nil && mode != "" {
		plan.Mode = mode
	}
	return plan, err
}

// resumeCommand continues an unfinished run with the plan of the journal.
func resumeCommand(ctx context.Context, args []string, c console) error {
	f := flags("resume", c)
	var o common
	o.register(f)
	o.registerRun(f)
	f.BoolVar(&o.keepParts, "keep-parts", false, assets.Text("flag.keepparts", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	return o.migrate(ctx, c, func(_ context.Context, _ *wiring.Session, e migration.Earlier) (*migration.Plan, error) {
		// The engine says itself what is needed to go on with another computer's.
		if e.Begin == migration.BeginInitial && !e.Elsewhere {
			return nil, migration.Fail("resume", "", migration.ErrNothingToResume, migration.Msg("hint.resume.nothing"))
		}
		return nil, nil
	})
}

// planner gives the plan of a start, nil to keep that of the earlier run.
type planner func(ctx context.Context, s *wiring.Session, e migration.Earlier) (*migration.Plan, error)

func (o *common) migrate(ctx context.Context, c console, plan planner) (err error) {
	pr, err := o.steered()
	if err != nil {
		return err
	}
	s, err := o.open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.OpenTarget(ctx); err != nil {
		return err
	}
	p := printer{c, o.json}
	p.few(s.Notes)
	earlier, err := migration.DetectAt(ctx, s.Journal, s.Target, s.Ticket)
	if err != nil {
		return err
	}
	// What is frozen already is said before anything else.
	frozen, err := s.Freezing().State(ctx)
	if err != nil {
		return err
	}
	p.few(frozen.Messages())
	if !earlier.Note.IsZero() {
		p.message(earlier.Note)
	}
	thePlan, err := plan(ctx, s, earlier)
	if err != nil {
		return err
	}
	if thePlan != nil && thePlan.Mode == migration.ModeLive {
		p.few(migration.Stops(s.Ticket))
	}
	mode := migration.ModeTest
	if thePlan != nil {
		mode = thePlan.Mode
	}
	stop := p.watch(pr, max(o.every, 10*time.Millisecond))
	m := s.Migration(mode, thePlan, pr)
	m.Recovery, m.Changed, m.Confirmed, m.Snapshot, m.KeepParts = o.recovery, o.changed, o.confirmed, o.snapshot, o.keepParts
	m.Align = o.align
	res, err := m.Run(ctx)
	stop()
	if err != nil {
		return err
	}
	p.result(res, s.Target.Describe())
	return nil
}
