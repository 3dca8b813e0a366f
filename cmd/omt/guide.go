package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"omt/app"
	"omt/cmd/internal/network"
	"omt/cmd/internal/wiring"
	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample"
)

// guide leads the window through one migration. What it does stands in wiring;
// here it is put into the words of the pages.
type guide struct {
	session *wiring.Session
	demo    *demo // nil for a customer's installation

	progress atomic.Pointer[migration.Progress]
	paths    atomic.Pointer[app.Paths]
	language string // of lists and certificate, as chosen on Confirm
	hand     handover
}

var _ app.Guide = (*guide)(nil)

// demo is the sample installation in a folder of its own, served from the first
// Open on.
type demo struct {
	dir    string
	build  sample.Options
	served *wiring.Sample
}

func newGuide(o wiring.Options) *guide {
	return &guide{session: wiring.NewSession(o), hand: handover{config: o.Config, state: o.State, ca: o.CA}}
}

// newDemo keeps sample, state and target side by side in dir.
func newDemo(dir string, build sample.Options) (*guide, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find demo folder: %w", err)
	}
	g := newGuide(wiring.Options{})
	g.demo = &demo{dir: dir, build: build}
	return g, nil
}

// Open reads the ticket; a demo is built and served before.
func (g *guide) Open(ctx context.Context, ticket string) (app.Start, error) {
	if err := g.serve(ctx); err != nil {
		return app.Start{}, err
	}
	g.paths.Store(nil)
	st, err := g.session.Begin(ctx, ticket)
	out := app.Start{
		Ticket: g.session.Ticket, Path: st.Path, Location: st.Location, Located: st.Located,
		Folder: st.Folder, Target: st.Target, Earlier: st.Earlier, Notes: st.Notes, Frozen: st.Frozen,
		Several: st.Several,
	}
	g.hand.ticket = st.Path
	if st.Location.Server != "" {
		out.Kept = g.Kept(ctx, st.Location)
	}
	if g.demo != nil {
		in := g.demo.served.Installation
		out.Demo = &app.DemoHint{User: in.AdminName, Password: in.AdminPassword}
	}
	return out, err
}

func (g *guide) serve(ctx context.Context) error {
	if g.demo == nil || g.demo.served != nil {
		return nil
	}
	s, err := wiring.ServeSample(ctx, filepath.Join(g.demo.dir, "sample"), g.demo.build, sample.ServeOptions{})
	if err != nil {
		return err
	}
	g.demo.served = s
	g.session.Options, _ = s.Options(filepath.Join(g.demo.dir, "target"), filepath.Join(g.demo.dir, "state"))
	return nil
}

func (g *guide) Detect(ctx context.Context, folder string) (migration.Location, error) {
	l, err := g.session.Detect(ctx, folder)
	var several *wiring.SeveralError
	if errors.As(err, &several) {
		err = &app.SeveralInstallations{Locations: several.Locations, Err: err}
	}
	return l, err
}

// Kept and Forget leave the keyring alone in a demo: its passwords are published.
func (g *guide) Kept(ctx context.Context, l migration.Location) app.Kept {
	if g.demo != nil {
		return app.Kept{Closed: migration.Msg("keyring.demo")}
	}
	return app.Kept(g.session.Kept(ctx, l))
}

func (g *guide) Forget(ctx context.Context, l migration.Location) error {
	if g.demo != nil {
		return nil
	}
	return g.session.Forget(ctx, l)
}

func (g *guide) Import(_ context.Context, file string) (migration.Location, error) {
	return g.session.ImportLocation(file)
}

func (g *guide) Export(_ context.Context, file string, l migration.Location) error {
	return wiring.ExportLocation(file, l)
}

func (g *guide) Connect(ctx context.Context, l migration.Location, a app.Access) (migration.Identity, error) {
	id, err := g.session.ConnectAt(ctx, l, wiring.Access{Password: a.Password, Fingerprint: a.Trust, OldTLS: a.OldTLS, Remember: a.Remember})
	if err == nil {
		g.hand.location, g.hand.access = l, a
	}
	var cert *onsite.CertificateError
	if errors.As(err, &cert) {
		err = &app.CertificateQuestion{Server: l.Server, Subject: cert.Subject, Fingerprint: cert.Fingerprint, Err: err}
	}
	if errors.Is(err, onsite.ErrOldTLS) {
		err = &app.OldTLSQuestion{Server: l.Server, Err: err}
	}
	return id, err
}

func (g *guide) Login(ctx context.Context, s app.SignIn) (app.Person, error) {
	p, u, err := g.session.SignIn(ctx, wiring.SignIn{User: s.User, Password: s.Password, AllowPlain: s.AllowPlain, Assert: s.Assert, Remember: s.Remember})
	if err == nil {
		g.hand.signIn = s
	}
	var plain *onsite.PlainError
	if errors.As(err, &plain) {
		err = &app.PlainQuestion{Address: plain.Address, Err: err}
	}
	return app.Person{Principal: p, Emails: u.Emails, Phones: u.Phones}, err
}

func (g *guide) Thaw(ctx context.Context) ([]migration.Message, error) { return g.session.Thaw(ctx) }

func (g *guide) OpenTarget(ctx context.Context, folder string) (app.Target, error) {
	g.paths.Store(nil)
	a, err := g.session.Arrive(ctx, folder)
	if err != nil {
		return app.Target{}, err
	}
	g.hand.folder = folder
	log, journal := g.session.Files()
	g.paths.Store(&app.Paths{Log: log, Journal: journal, Report: g.session.Report(a.Earlier.Run)})
	return app.Target{Name: g.session.Target.Describe(), Rights: a.Rights, Earlier: a.Earlier, Notes: a.Notes}, nil
}

func (g *guide) Draft(ctx context.Context, mode migration.Mode) (*migration.Draft, []migration.Message, error) {
	d, notes, err := g.session.Draft(ctx, mode)
	g.speak(d)
	return d, notes, err
}

func (g *guide) Keep(ctx context.Context, d *migration.Draft) error {
	g.speak(d)
	return g.session.Keep(ctx, d)
}

// speak remembers the language that was chosen.
func (g *guide) speak(d *migration.Draft) {
	if d != nil {
		g.language = d.Plan.Language
	}
}

func (g *guide) Reread(ctx context.Context, d *migration.Draft) ([]migration.Message, error) {
	return g.session.Reread(ctx, d)
}

func (g *guide) Check(ctx context.Context, found func(migration.CheckResult), only ...migration.CheckID) (*migration.CheckReport, error) {
	return g.session.Check(ctx, found, only...)
}

func (g *guide) ExportChecks(_ context.Context, file string, r *migration.CheckReport) error {
	return wiring.ExportChecks(file, r, g.language)
}

func (g *guide) DropTicket(_ context.Context, path string) error { return wiring.DropTicket(path) }

func (g *guide) TestNetwork(ctx context.Context, l migration.Location) (*migration.CheckReport, error) {
	return g.session.TestNetwork(ctx, l, nil)
}

func (g *guide) ProxyLogin(ctx context.Context, l migration.Location, a app.ProxyAccount) (*migration.CheckReport, error) {
	r, err := g.session.ProxyLogin(ctx, l, network.Login{User: a.User, Password: a.Password}, a.Remember && g.demo == nil)
	g.hand.proxy = g.session.Proxy()
	return r, err
}

func (g *guide) Portraits(ctx context.Context) (map[int64]int64, error) {
	if g.session.Source == nil {
		return nil, nil // the page of the plans is there without a connection as well
	}
	return g.session.Source.Portraits(ctx)
}

func (g *guide) Portrait(ctx context.Context, picture int64) ([]byte, error) {
	if g.session.Source == nil {
		return nil, nil
	}
	return g.session.Source.Portrait(ctx, picture)
}

func (g *guide) Preview(ctx context.Context) (*migration.RecoveryPreview, error) {
	return g.session.Preview(ctx)
}

func (g *guide) BundlePreview(ctx context.Context, masked bool) (*migration.Bundle, error) {
	return g.session.Bundle(ctx, masked)
}

func (g *guide) Bundle(ctx context.Context, file string, masked bool) error {
	b, err := g.session.Bundle(ctx, masked)
	if err != nil {
		return err
	}
	return wiring.WriteBundle(file, b, g.language)
}

func (g *guide) Run(ctx context.Context, u app.Upload) (*migration.Result, error) {
	g.speak(u.Draft)
	p := migration.NewProgress(time.Now)
	g.progress.Store(p)
	res, err := g.session.Run(ctx, wiring.Upload{
		Draft: u.Draft, Checks: u.Checks, Accepted: u.Accepted, Recovery: u.Recovery, Changed: u.Changed, Confirmed: u.Confirmed,
		Snapshot: u.Snapshot, KeepParts: u.KeepParts,
	}, p)
	if err != nil {
		return nil, err
	}
	if paths := g.Paths(); res.Report != nil {
		paths.Report = g.session.KeepReport(res.Report, g.language)
		g.paths.Store(&paths)
	}
	return res, nil
}

func (g *guide) Progress() *migration.Progress { return g.progress.Load() }

func (g *guide) Paths() app.Paths {
	if p := g.paths.Load(); p != nil {
		return *p
	}
	return app.Paths{}
}

// Close ends session and sample.
func (g *guide) Close() error {
	err := g.session.Close()
	if g.demo != nil && g.demo.served != nil {
		err = errors.Join(err, g.demo.served.Close())
	}
	return err
}
