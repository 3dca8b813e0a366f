package main

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"omt/app"
	"omt/cmd/internal/wiring"
	"omt/migration"
	"omt/onsite/sample"
)

func TestMain(m *testing.M) {
	keyring.MockInit() // the real one belongs to whoever runs the tests
	// The window speaks the language of the computer, the tests read English.
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if err := os.Setenv(name, "en_US.UTF-8"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

// slow leaves a whole migration to the run without race detector.
func slow(t *testing.T) {
	t.Helper()
	if underRace {
		t.Skip("whole migrations that are resumed and recovered are seen by the race detector, this one without it")
	}
}

// small is a sample that is migrated within a second.
var small = sample.Options{Users: 40, Documents: 60, Rows: 6000, Missing: 5}

// served is a sample installation that answers, with the folders of a migration.
type served struct {
	*wiring.Sample
	dir string
}

func serveSample(t *testing.T, build sample.Options, serve sample.ServeOptions) served {
	t.Helper()
	dir := t.TempDir()
	s, err := wiring.ServeSample(t.Context(), filepath.Join(dir, "sample"), build, serve)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return served{s, dir}
}

func (s served) target() string { return filepath.Join(s.dir, "target") }

// start is a start of the program on a computer with this installation.
func (s served) start(t *testing.T) *guide {
	t.Helper()
	g := newGuide(wiring.Options{Ticket: s.Ticket, Config: s.Running.ConfigDir, State: filepath.Join(s.dir, "state")})
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

func do[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%v, hint %v", err, migration.HintOf(err))
		}
		return v
	}
}

// arrive goes from Welcome to where choices can be kept.
func (s served) arrive(t *testing.T) (*guide, app.Start, app.Target) {
	t.Helper()
	g := s.start(t)
	st := do(g.Open(t.Context(), ""))(t)
	do(g.Connect(t.Context(), st.Location, app.Access{Trust: s.Running.Fingerprint}))(t)
	do(g.Login(t.Context(), app.SignIn{User: s.Installation.AdminName, Password: s.Installation.AdminPassword}))(t)
	return g, st, do(g.OpenTarget(t.Context(), s.target()))(t)
}

// prepared goes as far as the upload: signed in, everything confirmed and checked.
func (s served) prepared(t *testing.T) (*guide, *migration.Draft, *migration.CheckReport) {
	t.Helper()
	g, _, _ := s.arrive(t)
	d, _, err := g.Draft(t.Context(), migration.ModeTest)
	if err != nil {
		t.Fatal(err)
	}
	confirm(t, d)
	return g, d, do(g.Check(t.Context(), nil))(t)
}

// confirm does what the migrator does on Confirm and Checklist.
func confirm(t *testing.T, d *migration.Draft) {
	t.Helper()
	d.Plan.Contact.Phone = "+47 22 00 00 00"
	d.Plan.Accept(d.Ticket.TermsURL, time.Now())
	for _, topic := range d.Topics() {
		if err := d.Confirm(topic); err != nil {
			t.Fatalf("%s: %v", topic, err)
		}
	}
}

// From Welcome to Complete as the pages do it, then a second start.
func TestGuideToTheEnd(t *testing.T) {
	slow(t)
	s := serveSample(t, small, sample.ServeOptions{})
	g := s.start(t)
	st := do(g.Open(t.Context(), ""))(t)
	if st.Ticket.Company != s.Installation.Company || st.Path != s.Ticket || !st.Located || !st.Location.HasPassword || st.Earlier.Begin != migration.BeginInitial ||
		st.Folder != "" || len(st.Notes) > 0 || st.Demo != nil || g.Paths() != (app.Paths{}) || g.Progress() != nil {
		t.Errorf("start %+v", st)
	}
	var q *app.CertificateQuestion
	_, err := g.Connect(t.Context(), st.Location, app.Access{})
	if !errors.As(err, &q) || q.Fingerprint != s.Running.Fingerprint || q.Subject == "" || q.Server != st.Location.Server || migration.HintOf(err).IsZero() {
		t.Fatalf("unknown certificate: %v", err)
	}
	id := do(g.Connect(t.Context(), st.Location, app.Access{Trust: q.Fingerprint}))(t)
	if id.Serial != s.Installation.Serial {
		t.Errorf("%+v", id)
	}
	p := do(g.Login(t.Context(), app.SignIn{User: s.Installation.AdminName, Password: s.Installation.AdminPassword}))(t)
	if !p.Proved || p.Via != "rest" || len(p.Emails) == 0 || len(p.Phones) == 0 {
		t.Errorf("person %+v", p)
	}
	target := do(g.OpenTarget(t.Context(), s.target()))(t)
	if target.Name != s.target() || !target.Rights.Write || target.Earlier.Begin != migration.BeginInitial {
		t.Errorf("target %+v", target)
	}
	d, _, err := g.Draft(t.Context(), migration.ModeTest)
	if err != nil || len(d.Mailboxes) != len(s.Installation.Expect().Mailboxes) {
		t.Fatalf("%v %v", d, err)
	}
	checks, found := (*migration.CheckReport)(nil), 0
	checks = do(g.Check(t.Context(), func(migration.CheckResult) { found++ }))(t)
	if found != len(migration.CheckIDs()) || checks.Count(migration.CheckFailed) > 0 {
		t.Errorf("%d checks were told, %d failed", found, checks.Count(migration.CheckFailed))
	}
	confirm(t, d)
	if _, err := g.Run(t.Context(), app.Upload{Draft: d, Checks: checks}); !errors.Is(err, migration.ErrNotAcknowledged) {
		t.Errorf("without acknowledgement: %v", err)
	}
	res := do(g.Run(t.Context(), app.Upload{Draft: d, Checks: checks, Accepted: true}))(t)
	if res.Begin != migration.BeginInitial || res.Report.Checks.AcknowledgedBy != p.UserName {
		t.Errorf("%+v", res)
	}
	for _, path := range []string{g.Paths().Log, g.Paths().Journal, g.Paths().Report, filepath.Join(s.target(), "plan.json")} {
		if b, err := os.ReadFile(path); err != nil || len(b) == 0 {
			t.Errorf("%s: %d bytes, %v", path, len(b), err)
		}
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	again, st, target := s.arrive(t)
	if st.Earlier.Begin != migration.BeginRecovery || len(st.Earlier.Choices) != 2 || st.Earlier.Ended.IsZero() || st.Folder != s.target() || target.Earlier.Begin != migration.BeginRecovery {
		t.Errorf("second start %+v, %+v", st.Earlier, target.Earlier)
	}
	if again.Paths().Report == "" {
		t.Error("the second start does not know the certificate of the first")
	}
	if _, err := again.Run(t.Context(), app.Upload{}); !errors.Is(err, migration.ErrUploaded) {
		t.Errorf("a second upload without a choice: %v", err)
	}
}

// A server without updates speaks TLS 1.0: nothing is read over it before a
// person allowed that, and journal and certificate record it.
func TestOldEncryptionIsAllowedAndRecorded(t *testing.T) {
	slow(t)
	s := serveSample(t, small, sample.ServeOptions{NewestTLS: tls.VersionTLS10})
	g := s.start(t)
	st := do(g.Open(t.Context(), ""))(t)
	trust := app.Access{Trust: s.Running.Fingerprint}
	var q *app.OldTLSQuestion
	if id, err := g.Connect(t.Context(), st.Location, trust); !errors.As(err, &q) || q.Server != st.Location.Server || id != (migration.Identity{}) {
		t.Fatalf("TLS 1.0: %+v, %v", id, err)
	}
	trust.OldTLS = true
	do(g.Connect(t.Context(), st.Location, trust))(t)
	do(g.Login(t.Context(), app.SignIn{User: s.Installation.AdminName, Password: s.Installation.AdminPassword}))(t)
	do(g.OpenTarget(t.Context(), s.target()))(t)
	d, _, err := g.Draft(t.Context(), migration.ModeTest)
	if err != nil {
		t.Fatal(err)
	}
	checks := do(g.Check(t.Context(), nil))(t)
	confirm(t, d)
	res := do(g.Run(t.Context(), app.Upload{Draft: d, Checks: checks, Accepted: true}))(t)
	is := func(m migration.Message) bool { return m.ID == "warn.oldtls" && m.Args["Version"] == "TLS 1.0" }
	if !slices.ContainsFunc(res.Report.Warnings, is) {
		t.Errorf("the certificate does not say so: %v", res.Report.Warnings)
	}
	note, found, err := g.session.Journal.Note(t.Context(), "installation", "versions")
	if err != nil || !found || !strings.Contains(string(note), `"oldTLS":"TLS 1.0"`) {
		t.Errorf("journal has %s, %v", note, err)
	}
}

// upload goes to the end and closes the guide.
func (s served) upload(t *testing.T) {
	t.Helper()
	g, d, checks := s.prepared(t)
	do(g.Run(t.Context(), app.Upload{Draft: d, Checks: checks, Accepted: true}))(t)
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
}

// anyDocument is a file of the archive.
func (s served) anyDocument(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.Installation.ArchivePath, s.Installation.AdminName, "20*", "*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no document of %s: %v", s.Installation.AdminName, err)
	}
	return found[0]
}

// A file that was lost and is there again is sent by the next start, and a test
// migration is replaced when that is chosen.
func TestGuideRecovers(t *testing.T) {
	s := serveSample(t, small, sample.ServeOptions{})
	lost := s.anyDocument(t)
	if err := os.Rename(lost, filepath.Join(s.dir, "lost")); err != nil {
		t.Fatal(err)
	}
	s.upload(t)
	if err := os.Rename(filepath.Join(s.dir, "lost"), lost); err != nil {
		t.Fatal(err)
	}
	g, st, _ := s.arrive(t)
	if st.Earlier.Begin != migration.BeginRecovery {
		t.Fatalf("%+v", st.Earlier)
	}
	p := do(g.Preview(t.Context()))(t)
	if p.FoundTotal != 1 || p.Found[0].Source != lost {
		t.Fatalf("preview %+v, want %s", p, lost)
	}
	res := do(g.Run(t.Context(), app.Upload{Recovery: migration.RecoverMissing}))(t)
	if res.Recovery != migration.RecoverMissing || g.Paths().Report == "" {
		t.Errorf("%+v", res)
	}
	d, _, err := g.Draft(t.Context(), migration.ModeTest)
	if err != nil || d.Ready() != nil {
		t.Fatalf("the draft of the first run is not there: %v", err)
	}
	checks := do(g.Check(t.Context(), nil))(t)
	res = do(g.Run(t.Context(), app.Upload{Draft: d, Checks: checks, Accepted: true, Recovery: migration.RecoverOverwrite}))(t)
	if res.Recovery != migration.RecoverOverwrite || res.Counts.Unchanged == 0 {
		t.Errorf("%+v", res)
	}
}

// An upload that failed before anything was sent goes on as it was ordered.
func TestGuideRepeatsFirstAttempt(t *testing.T) {
	slow(t)
	s := serveSample(t, small, sample.ServeOptions{})
	g, d, checks := s.prepared(t)
	if _, err := g.Run(t.Context(), app.Upload{}); !errors.Is(err, migration.ErrNothingToResume) {
		t.Errorf("nothing was ordered: %v", err)
	}
	away := s.Installation.ArchivePath2 + ".away"
	if err := os.Rename(s.Installation.ArchivePath2, away); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Run(t.Context(), app.Upload{Draft: d, Checks: checks, Accepted: true}); err == nil || !strings.Contains(err.Error(), s.Installation.ArchivePath2) {
		t.Errorf("without the second archive: %v", err)
	}
	if err := os.Rename(away, s.Installation.ArchivePath2); err != nil {
		t.Fatal(err)
	}
	if res := do(g.Run(t.Context(), app.Upload{}))(t); res.Begin != migration.BeginInitial {
		t.Errorf("%+v", res)
	}
	if _, err := g.Run(t.Context(), app.Upload{}); !errors.Is(err, migration.ErrUploaded) {
		t.Errorf("after the end: %v", err)
	}
}

// secrets are in none of the files that stay.
func TestGuideKeepsNoSecrets(t *testing.T) {
	slow(t)
	s := serveSample(t, small, sample.ServeOptions{})
	g, _, _ := s.arrive(t)
	d, _, err := g.Draft(t.Context(), migration.ModeTest)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Keep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "state", "*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{s.Installation.DBPassword, s.Installation.AdminPassword} {
			if strings.Contains(string(b), secret) {
				t.Errorf("%s holds a password", f)
			}
		}
		if info, err := os.Stat(f); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, %v", f, info.Mode(), err)
		}
	}
}
