package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omt/app"
	"omt/cmd/internal/wiring"
	"omt/migration"
	"omt/onsite/sample"
	"omt/upload/ticket"
)

// ticketWith writes a ticket of the sample that differs in something.
func (s served) ticketWith(t *testing.T, change func(*migration.Ticket)) string {
	t.Helper()
	tk, err := wiring.LoadTicket(s.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	tk.ID = "changed"
	change(tk)
	b, err := ticket.Sign(tk, ticket.DemoKeyID, ticket.DemoKey())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "changed"+ticket.Extension)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// An expired ticket opens everything and sends nothing.
func TestGuideWithExpiredTicket(t *testing.T) {
	s := serveSample(t, small, sample.ServeOptions{})
	expired := s.ticketWith(t, func(tk *migration.Ticket) { tk.Expires = time.Now().Add(-time.Minute).UTC().Truncate(time.Second) })
	g := s.start(t)
	st, err := g.Open(t.Context(), expired)
	if !errors.Is(err, migration.ErrExpired) || st.Ticket == nil || !st.Located || st.Path != expired {
		t.Fatalf("%+v %v", st, err)
	}
	do(g.Connect(t.Context(), st.Location, app.Access{Trust: s.Running.Fingerprint}))(t)
	do(g.Login(t.Context(), app.SignIn{User: s.Installation.AdminName, Password: s.Installation.AdminPassword}))(t)
	do(g.OpenTarget(t.Context(), s.target()))(t)
	d, _, err := g.Draft(t.Context(), migration.ModeTest)
	if err != nil {
		t.Fatal(err)
	}
	confirm(t, d)
	checks := do(g.Check(t.Context(), nil))(t)
	if _, err := g.Run(t.Context(), app.Upload{Draft: d, Checks: checks, Accepted: true}); !errors.Is(err, migration.ErrExpired) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(s.target(), "session.json")); !os.IsNotExist(err) {
		t.Errorf("something was sent: %v", err)
	}
}

func TestGuideWithoutTicket(t *testing.T) {
	g := newGuide(wiring.Options{State: t.TempDir()})
	if st, err := g.Open(t.Context(), ""); !errors.Is(err, wiring.ErrNoTicket) || st.Ticket != nil || migration.HintOf(err).ID != "hint.ticket.beside" {
		t.Errorf("none beside the program: %+v %v", st, err)
	}
	if _, err := g.Open(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, migration.ErrNotFound) {
		t.Errorf("none at the path: %v", err)
	}
	// Several beside the program: the person must say which.
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		path := filepath.Join(filepath.Dir(exe), name+ticket.Extension)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err) // the folder that go test made for the test
		}
		defer os.Remove(path)
	}
	if _, err := g.Open(t.Context(), ""); migration.HintOf(err).ID != "hint.ticket.several" {
		t.Errorf("several: %v", err)
	}
	if _, err := g.Connect(t.Context(), migration.Location{}, app.Access{}); !errors.Is(err, wiring.ErrNoTicket) {
		t.Errorf("connect without a ticket: %v", err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// What is asked out of order is refused, not a crash.
func TestGuideOutOfOrder(t *testing.T) {
	s := serveSample(t, small, sample.ServeOptions{})
	g := s.start(t)
	st := do(g.Open(t.Context(), ""))(t)
	_, loginErr := g.Login(t.Context(), app.SignIn{User: "x"})
	_, targetErr := g.OpenTarget(t.Context(), s.target())
	_, _, draftErr := g.Draft(t.Context(), migration.ModeTest)
	_, rereadErr := g.Reread(t.Context(), nil)
	_, checkErr := g.Check(t.Context(), nil)
	_, runErr := g.Run(t.Context(), app.Upload{})
	for what, err := range map[string]error{"login": loginErr, "target": targetErr, "draft": draftErr, "reread": rereadErr, "check": checkErr, "run": runErr, "keep": g.Keep(t.Context(), nil)} {
		if !errors.Is(err, wiring.ErrNotConnected) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// A target needs somebody who signed in, and a new connection forgets who did.
	do(g.Connect(t.Context(), st.Location, app.Access{Trust: s.Running.Fingerprint}))(t)
	do(g.Login(t.Context(), app.SignIn{User: s.Installation.AdminName, Password: s.Installation.AdminPassword}))(t)
	do(g.Connect(t.Context(), st.Location, app.Access{Trust: s.Running.Fingerprint}))(t)
	if _, err := g.OpenTarget(t.Context(), s.target()); !errors.Is(err, wiring.ErrNotConnected) {
		t.Errorf("target after a new connection: %v", err)
	}
}

func TestGuideRefusesOthers(t *testing.T) {
	s := serveSample(t, small, sample.ServeOptions{})
	g := s.start(t)
	st := do(g.Open(t.Context(), ""))(t)
	trust := app.Access{Trust: s.Running.Fingerprint}

	s.change(t, "UPDATE CRM7.company SET serialNo = '4711'")
	if _, err := g.Connect(t.Context(), st.Location, trust); !errors.Is(err, migration.ErrCompanyChanged) || migration.HintOf(err).ID != "hint.company.changed" {
		t.Errorf("another company: %v", err)
	}
	if _, err := g.Login(t.Context(), app.SignIn{User: s.Installation.AdminName}); !errors.Is(err, wiring.ErrNotConnected) {
		t.Errorf("login to another company: %v", err)
	}
	s.change(t, "UPDATE CRM7.company SET serialNo = ?", s.Installation.Serial)

	for name, c := range map[string]struct {
		change func(*migration.Location)
		access app.Access
		hint   string
	}{
		"other server":   {func(l *migration.Location) { l.Server = "127.0.0.1,1" }, trust, "hint.connect.missing"}, // its password is not given away
		"bad server":     {func(l *migration.Location) { l.Server = "a,b" }, trust, "hint.config.server"},
		"other database": {func(l *migration.Location) { l.Database = "Nothing" }, app.Access{Trust: trust.Trust, Password: s.Installation.DBPassword}, "hint.sql.database"},
		"wrong password": {func(*migration.Location) {}, app.Access{Trust: trust.Trust, Password: "wrong"}, "hint.sql.login"},
		"other cert":     {func(*migration.Location) {}, app.Access{Trust: strings.Repeat("ab", 32)}, "hint.sql.certificate.changed"},
		"oracle":         {func(l *migration.Location) { l.DatabaseType = "Oracle" }, trust, "hint.location.type"},
	} {
		l := st.Location
		c.change(&l)
		if _, err := g.Connect(t.Context(), l, c.access); migration.HintOf(err).ID != c.hint || strings.Contains(err.Error(), s.Installation.DBPassword) {
			t.Errorf("%s: %v, hint %v", name, err, migration.HintOf(err).ID)
		}
	}

	do(g.Connect(t.Context(), st.Location, trust))(t)
	users := s.Installation.Logins
	for name, c := range map[string]struct {
		in app.SignIn
		is error
	}{
		"wrong password":               {app.SignIn{User: users[0].User, Password: "wrong"}, migration.ErrBadCredentials},
		"wrong password, asserted":     {app.SignIn{User: users[0].User, Password: "wrong", Assert: true}, migration.ErrBadCredentials},
		"no administrator":             {app.SignIn{User: users[2].User, Password: users[2].Password}, migration.ErrNotAdministrator},
		"no administrator, but stated": {app.SignIn{User: users[2].User, Password: users[2].Password, Assert: true}, migration.ErrNotAdministrator},
	} {
		if p, err := g.Login(t.Context(), c.in); !errors.Is(err, c.is) || p.UserName != "" || migration.HintOf(err).IsZero() {
			t.Errorf("%s: %+v %v", name, p, err)
		}
	}
}

// A password over http to another computer is a question of its own.
func TestGuideAsksBeforePlainHTTP(t *testing.T) {
	s := serveSample(t, small, sample.ServeOptions{})
	g := s.start(t)
	l := do(g.Open(t.Context(), ""))(t).Location
	l.NetServer = "http://user:secret@192.0.2.1/SuperOffice?x=secret"
	do(g.Connect(t.Context(), l, app.Access{Trust: s.Running.Fingerprint}))(t)
	var q *app.PlainQuestion
	for _, assert := range []bool{false, true} {
		_, err := g.Login(t.Context(), app.SignIn{User: "x", Password: "y", Assert: assert})
		if !errors.As(err, &q) || q.Address != "http://192.0.2.1/SuperOffice" || migration.HintOf(err).ID != "hint.login.plain" {
			t.Errorf("%v", err)
		}
	}
}

// Without Customer Service the configuration tells neither a password nor
// NetServer: the password is asked for, and who signs in is only asserted.
func TestGuideWithoutService(t *testing.T) {
	slow(t)
	build := small
	build.Defects = sample.DefectNoService
	s := serveSample(t, build, sample.ServeOptions{})
	g := s.start(t)
	st := do(g.Open(t.Context(), ""))(t)
	if st.Location.HasPassword || st.Location.NetServer != "" || st.Location.ServiceBase != "" {
		t.Errorf("%+v", st.Location)
	}
	st.Location.User = s.Installation.DBLogin
	if _, err := g.Connect(t.Context(), st.Location, app.Access{Trust: s.Running.Fingerprint}); migration.HintOf(err).ID != "hint.connect.missing" {
		t.Errorf("without a password: %v", err)
	}
	do(g.Connect(t.Context(), st.Location, app.Access{Trust: s.Running.Fingerprint, Password: s.Installation.DBPassword}))(t)
	admin := s.Installation.AdminName
	if _, err := g.Login(t.Context(), app.SignIn{User: admin}); !errors.Is(err, migration.ErrNoNetServer) {
		t.Errorf("no NetServer: %v", err)
	}
	for _, name := range []string{"", "nobody", s.Installation.Logins[2].User} {
		if _, err := g.Login(t.Context(), app.SignIn{User: name, Assert: true}); !errors.Is(err, migration.ErrNotAdministrator) || migration.HintOf(err).ID != "hint.login.asserted" {
			t.Errorf("%q: %v", name, err)
		}
	}
	p := do(g.Login(t.Context(), app.SignIn{User: " " + strings.ToLower(admin), Assert: true}))(t)
	if p.Proved || p.Via != "asserted" || p.UserName != admin {
		t.Errorf("%+v", p)
	}
	do(g.OpenTarget(t.Context(), s.target()))(t)
	d, _, err := g.Draft(t.Context(), migration.ModeTest)
	if err != nil || len(d.Topics()) != 3 {
		t.Fatalf("topics %v, %v", d.Topics(), err)
	}
	confirm(t, d)
	checks := do(g.Check(t.Context(), nil))(t)
	for _, c := range checks.Checks {
		if c.ID == migration.CheckAdministrator && (c.State != migration.CheckWarning || c.Found.ID != "check.administrator.asserted") {
			t.Errorf("%s: %v", c.State, c.Found)
		}
	}
	res := do(g.Run(t.Context(), app.Upload{Draft: d, Checks: checks, Accepted: true}))(t)
	if id := res.Report.Identity; id.Proved || id.Via != "asserted" || id.User != admin {
		t.Errorf("the certificate says %+v", id)
	}
	page, err := os.ReadFile(g.Paths().Report)
	if err != nil || !strings.Contains(string(page), "not proved") && !strings.Contains(string(page), "assert") {
		t.Errorf("the certificate does not say that nobody was proved: %v", err)
	}
}

// Location and folder of the last start are proposed again; a folder that is
// named counts more.
func TestGuideRemembers(t *testing.T) {
	slow(t)
	s := serveSample(t, small, sample.ServeOptions{})
	g := s.start(t)
	l := do(g.Open(t.Context(), ""))(t).Location
	l.ArchivePaths[1] = ""
	do(g.Connect(t.Context(), l, app.Access{Trust: s.Running.Fingerprint}))(t)
	do(g.Login(t.Context(), app.SignIn{User: s.Installation.AdminName, Password: s.Installation.AdminPassword}))(t)
	if _, err := g.OpenTarget(t.Context(), ""); migration.HintOf(err).ID != "hint.target.folder" {
		t.Errorf("no folder: %v", err)
	}
	if _, err := g.OpenTarget(t.Context(), filepath.Join(s.dir, "no", "such")); migration.HintOf(err).ID != "hint.folder.missing" {
		t.Errorf("no such folder: %v", err)
	}
	do(g.OpenTarget(t.Context(), s.target()))(t)

	// A second start meanwhile says who has the journal, and goes no further.
	other := s.start(t)
	st := do(other.Open(t.Context(), ""))(t)
	if len(st.Notes) != 1 || st.Notes[0].ID != "hint.journal.locked" || st.Folder != s.target() || st.Location.ArchivePaths[1] == "" {
		t.Errorf("second start %+v", st)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	other.session.Options.Config = ""
	st = do(other.Open(t.Context(), ""))(t)
	if len(st.Notes) != 0 || !st.Located || st.Location.ArchivePaths[1] != "" || st.Location.Server != l.Server || st.Location.HasPassword {
		t.Errorf("remembered %+v", st)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "state", "omt-last-*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if st = do(other.Open(t.Context(), ""))(t); len(st.Notes) != 1 || st.Notes[0].ID != "hint.remembered" || st.Located {
		t.Errorf("a broken file %+v", st)
	}
}

func TestGuideLocationsAndLists(t *testing.T) {
	slow(t)
	s := serveSample(t, small, sample.ServeOptions{})
	g, st, _ := s.arrive(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "location.json")
	if err := g.Export(t.Context(), file, st.Location); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(b), s.Installation.DBPassword) {
		t.Errorf("exported %s %v", b, err)
	}
	l := do(g.Import(t.Context(), file))(t)
	if !l.HasPassword || l.Server != st.Location.Server || l.ArchivePaths != st.Location.ArchivePaths || l.NetServer != st.Location.NetServer {
		t.Errorf("imported %+v", l)
	}
	if _, err := g.Import(t.Context(), filepath.Join(dir, "none")); migration.HintOf(err).ID != "hint.config.unreadable" {
		t.Errorf("%v", err)
	}
	if err := g.Export(t.Context(), filepath.Join(dir, "no", "such"), l); migration.HintOf(err).ID != "hint.location.export" {
		t.Errorf("%v", err)
	}
	if _, err := g.Detect(t.Context(), dir); migration.HintOf(err).ID != "hint.config.none" {
		t.Errorf("%v", err)
	}
	r := do(g.Check(t.Context(), nil, migration.CheckCentral))(t)
	for name, begin := range map[string]string{"list.CSV": "\ufeff", "list.html": "<!DOCTYPE html>"} {
		if err := g.ExportChecks(t.Context(), filepath.Join(dir, name), r); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.HasPrefix(strings.ToLower(string(b)), strings.ToLower(begin)) {
			t.Errorf("%s begins %.20q, %v", name, b, err)
		}
	}
	if err := g.ExportChecks(t.Context(), filepath.Join(dir, "list.docx"), r); migration.HintOf(err).ID != "hint.check.extension" {
		t.Errorf("%v", err)
	}
	if err := g.ExportChecks(t.Context(), filepath.Join(dir, "no", "list.csv"), r); migration.HintOf(err).ID != "hint.check.export" {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".omt-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// The demo says how to sign in and proposes where everything goes.
func TestGuideOfDemo(t *testing.T) {
	slow(t)
	dir := t.TempDir()
	g := do(newDemo(dir, small))(t)
	st := do(g.Open(t.Context(), ""))(t)
	if st.Demo == nil || !st.Ticket.Demo || st.Folder != filepath.Join(dir, "target") {
		t.Fatalf("%+v", st)
	}
	// Its certificate was made here, so nobody is asked.
	do(g.Connect(t.Context(), st.Location, app.Access{}))(t)
	do(g.Login(t.Context(), app.SignIn{User: st.Demo.User, Password: st.Demo.Password}))(t)
	do(g.OpenTarget(t.Context(), st.Folder))(t)
	if log := g.Paths().Log; !strings.HasPrefix(log, filepath.Join(dir, "state")) {
		t.Errorf("log at %s", log)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

func TestFlags(t *testing.T) {
	o, err := parse([]string{"--ticket", "t", "--config", "c", "--state", "s", "--appearance", "dark", "--trace"})
	if err != nil || o.Ticket != "t" || o.Config != "c" || o.State != "s" || o.appearance != "dark" || !o.trace || o.demo {
		t.Errorf("%+v %v", o, err)
	}
	for hint, args := range map[string][]string{
		"cli.extra":       {"a.omt-ticket"},
		"hint.flags.demo": {"--demo", "--ticket", "t"},
		"hint.flags.dir":  {"--dir", "d"},
	} {
		if _, err := parse(args); !errors.Is(err, errFlags) || migration.HintOf(err).ID != hint {
			t.Errorf("%v: %v", args, err)
		}
	}
}
