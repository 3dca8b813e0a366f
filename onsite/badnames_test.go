//go:build unix

package onsite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"omt/migration"
	"omt/migration/journal"
	"omt/onsite"
	"omt/upload/bacpac"
	"omt/upload/folder"
	"omt/upload/uploadtest"
)

type quiet struct{}

func (quiet) Infow(string, ...any) {}
func (quiet) Warnw(string, ...any) {}

// badRow is a document that nobody can send, and how it must end.
type badRow struct {
	name   string
	owner  int64 // associate of the appointment; 0: HH
	make   func(path string) error
	state  migration.Outcome
	reason string
}

func badRows(outside string) []badRow {
	fifo := func(path string) error { return unix.Mkfifo(path, 0o600) }
	folder := func(path string) error { return os.MkdirAll(filepath.Join(path, "deeper"), 0o700) }
	link := func(to string) func(string) error { return func(path string) error { return os.Symlink(to, path) } }
	rows := []badRow{
		{name: "good.docx", make: func(path string) error { return os.WriteFile(path, []byte("good"), 0o600) }, state: migration.Uploaded},
		{name: strings.Repeat("x", 300), state: migration.Unreadable, reason: "reason.name.unsafe"},
		{name: strings.Repeat("ø", 200) + ".docx", state: migration.Missing, reason: "reason.document.missing"}, // more bytes than the disk allows
		{name: "cut \xed\xa0\xbd.docx", state: migration.Missing, reason: "reason.document.missing"},
		{name: "folder.docx", make: folder, state: migration.Unreadable, reason: "reason.file.kind"},
		{name: "pipe.docx", make: fifo, state: migration.Unreadable, reason: "reason.file.kind"},
		{name: "link.docx", make: link(filepath.Join(outside, "secret.txt")), state: migration.Unreadable, reason: "reason.file.link"},
		{name: "fine.docx", owner: 6, state: migration.Unreadable, reason: "reason.name.unsafe"}, // its owner is called ..
		{name: " \t ", state: migration.WithoutPath, reason: "reason.document.name"},
	}
	for _, name := range []string{
		`..\..\secret.txt`, "../../secret.txt", "..", filepath.Join(outside, "secret.txt"), `\\server\share\secret.txt`, `C:\secret.txt`, "C:secret.txt",
		"NUL", "con.txt", "LPT1.docx", "good.docx:stream", "good.docx::$DATA", "a\x00b.docx", "a\nb.docx", "a?.docx",
	} {
		rows = append(rows, badRow{name: name, state: migration.Unreadable, reason: "reason.name.unsafe"})
	}
	return rows
}

// TestBadNamesEndInTheManifest: a whole run over an archive of bad names. Every row
// ends in the manifest as documented, one good one is sent, and nothing from outside
// the archive arrives.
func TestBadNamesEndInTheManifest(t *testing.T) {
	s := only(t, "company associate person contact usergroup perspos role userrolelink functionrightrolelink functionright licenseassoclink modulelicense email phone document appointment doctmpl config attachment traveltransactionlog")
	outside, archive, target := t.TempDir(), t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret.txt"), []byte("top secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.settings.ArchivePaths, s.settings.TemplatePath, s.settings.Service = []string{archive}, "", onsite.ServiceSettings{}
	s.exec(t, "INSERT INTO CRM7.person (person_id, firstname, lastname) VALUES (1, 'Hanna', 'Berg')")
	s.exec(t, "INSERT INTO CRM7.associate (associate_id, name, type, person_id) VALUES (5, 'HH', 0, 1), (6, '..', 0, 0)")
	s.exec(t, "INSERT INTO CRM7.Role (Role_id, name) VALUES (1, 'Administrator')")
	s.exec(t, "INSERT INTO CRM7.UserRoleLink (UserRoleLink_id, associate_id, role_id) VALUES (1, 5, 1)")
	s.exec(t, "INSERT INTO CRM7.FunctionRight (FunctionRight_id, name) VALUES (1, 'admin-all')")
	s.exec(t, "INSERT INTO CRM7.FunctionRightRoleLink (FunctionRightRoleLink_id, roleId, functionRightId) VALUES (1, 1, 1)")
	s.exec(t, "INSERT INTO CRM7.Email (email_id, person_id, email_address, rank) VALUES (1, 1, 'hanna@old.example', 1)")
	s.exec(t, "INSERT INTO CRM7.ModuleLicense (ModuleLicense_id, moduleName, extraFlags) VALUES (1, 'user', 0)")
	s.exec(t, "INSERT INTO CRM7.LicenseAssocLink (LicenseAssocLink_id, assocId, moduleLicenseId) VALUES (1, 5, 1)")
	s.exec(t, "INSERT INTO CRM7.appointment (appointment_id, associate_id) VALUES (5, 5), (6, 6)")
	rows := badRows(outside)
	dir := filepath.Join(archive, "HH", "2020.1")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		at := time.Date(2020, 3, 4, 10, 0, 0, 0, time.UTC)
		s.exec(t, "INSERT INTO CRM7.document (document_id, name, registered, archiveProvider, appointment_id) VALUES (?, ?, ?, 0, ?)", i+1, r.name, at, max(r.owner, 5))
		if r.make == nil {
			continue
		}
		if err := r.make(filepath.Join(dir, r.name)); err != nil {
			t.Fatal(err)
		}
	}
	report := s.migrate(t, target)
	found, err := uploadtest.Fingerprint(target)
	if err != nil {
		t.Fatal(err)
	}
	want := map[migration.Outcome]int64{}
	for i, r := range rows {
		want[r.state]++
		line := found[fmt.Sprint("manifest document ", i+1)]
		if !strings.Contains(line, `"state":"`+string(r.state)+`"`) || !strings.Contains(line, r.reason) {
			t.Errorf("%q: %s", r.name, line)
		}
	}
	for state, n := range want {
		if got := report.Kinds["document"][state].Count; got != n {
			t.Errorf("%d documents are %s, want %d", got, state, n)
		}
	}
	err = filepath.WalkDir(target, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if rel, _ := filepath.Rel(target, path); bytes.Contains(b, []byte("top secret")) || strings.HasPrefix(rel, "documents") && rel != filepath.Join("documents", "HH", "2020.1", "good.docx") {
			t.Errorf("%s was sent", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// migrate runs a whole test migration into a folder.
func (s server) migrate(t *testing.T, target string) *migration.Report {
	t.Helper()
	ctx := t.Context()
	in := s.connect(t)
	tk := &migration.Ticket{
		ID: "t1", Tenant: "Cust12345", Environment: "test", Company: "Old", Serial: "12", Languages: []string{"en"}, TermsURL: "https://terms.example/1",
		Plans: []migration.TicketPlan{{ID: "sales", Name: "Sales", Seats: 5}}, Modes: []migration.Mode{migration.ModeTest},
	}
	users, err := in.Users(ctx)
	if err != nil {
		t.Fatal(err)
	}
	plan, _ := migration.Suggest(tk, users, migration.ModeTest)
	plan.Contact = migration.Contact{Name: "Hanna Berg", Email: "hanna@old.example", Phone: "+47 22 00 00 00"}
	plan.Accept("https://terms.example/1", time.Unix(1, 0))
	j, err := journal.Open(ctx, t.TempDir(), journal.Key{Tenant: "Cust12345"}, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tg, err := folder.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	checks := &migration.CheckRecord{Taken: time.Unix(2, 0), Outcomes: []migration.CheckOutcome{{ID: migration.CheckVersion, State: migration.CheckPassed}}}
	m := &migration.Migration{
		Ticket: tk, Source: in, Target: tg, Packager: bacpac.New(), Journal: j, Mode: migration.ModeTest, Plan: plan,
		Principal: migration.Principal{AssociateID: 5, UserName: "HH"}, Checks: checks, Tool: "omt test", Host: "here",
		Now: time.Now, Progress: migration.NewProgress(time.Now), Log: quiet{}, Limits: migration.DefaultLimits(),
		Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	res, err := m.Run(ctx)
	if err = errors.Join(err, j.Close(), tg.Close()); err != nil {
		t.Fatal(err)
	}
	return res.Report
}
