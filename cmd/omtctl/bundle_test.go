package main

import (
	"archive/zip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omt/cmd/internal/wiring"
	"omt/migration"
	"omt/migration/journal"
	"omt/onsite/sample"
)

// unzipped is every file of a bundle by its name.
func unzipped(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(b)
	}
	return out
}

// call runs a command in this process and returns its exit code and output.
func call(ctx context.Context, args ...string) (code int, out string) {
	var stdout, stderr strings.Builder
	code = run(ctx, args, console{in: strings.NewReader(""), out: &stdout, err: &stderr})
	return code, stdout.String() + stderr.String()
}

// names are what of the sample must not be in a bundle: people with addresses,
// user names and telephones, companies, documents and folders.
func sampleNames(t *testing.T, s *wiring.Session) []string {
	t.Helper()
	ctx := context.Background()
	users, err := s.Source.Users(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, u := range users {
		out = append(append(append(out, u.FullName, u.Company), u.Emails...), u.Phones...)
		for _, part := range strings.Fields(u.FullName) {
			if len(part) > 3 {
				out = append(out, part)
			}
		}
	}
	for _, k := range migration.ItemKinds() {
		err := s.Source.Items(ctx, k, func(it migration.Item) error {
			// An attachment is called by its id, which names nobody.
			if n := len(it.Elements); n > 0 && k != migration.KindAttachment {
				out = append(out, it.Elements[n-1])
			}
			out = append(out, it.Source)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return append(out, s.Ticket.Company, s.Ticket.Tenant, s.Ticket.Serial, s.Ticket.MailDomain)
}

func TestBundleOfARunNamesNobody(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	d, err := wiring.OpenDemo(ctx, dir, sample.Options{Users: 30, Documents: 120, Missing: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Run(ctx, migration.NewProgress(time.Now)); err != nil {
		t.Fatal(err)
	}
	s := d.Session
	names := sampleNames(t, s)
	// What may go wrong with each of them stands in the log too.
	for _, n := range names {
		s.Log.Sugar().Warnw("try again", "what", "read "+n, "error", "open "+n+": permission denied")
	}
	b, err := s.Bundle(ctx, true)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "bundle.zip")
	if err := wiring.WriteBundle(out, b, "en"); err != nil {
		t.Fatal(err)
	}
	files := unzipped(t, out)
	for _, want := range []string{"README.txt", "versions.json", "journal.json", "checks.json", "configuration.json", "log/omt.log"} {
		if files[want] == "" {
			t.Errorf("%s is not in the bundle", want)
		}
	}
	names = append(names, s.Settings.Password, dir, s.Host)
	if s.Checks == nil || s.Checks.Volume == nil {
		t.Fatal("the checks say nothing of the disk")
	}
	if v := s.Checks.Volume.Name; v != "" {
		names = append(names, v) // of a share it is a server's
	}
	for name, body := range files {
		for _, n := range names {
			if len(n) > 2 && strings.Contains(strings.ToLower(body), strings.ToLower(n)) {
				t.Errorf("%s has %q", name, n)
			}
		}
	}
	for _, want := range []string{`"state": "uploaded"`, `"missing"`, "[CRM7].[contact]"} {
		if !strings.Contains(strings.ToLower(files["journal.json"]), strings.ToLower(want)) {
			t.Errorf("journal.json lacks %s:\n%s", want, files["journal.json"])
		}
	}
	if !strings.Contains(files["log/omt.log"], "permission denied") || !strings.Contains(files["log/omt.log"], "run is uploaded") {
		t.Errorf("log says nothing any more:\n%.2000s", files["log/omt.log"])
	}
	if open, err := s.Bundle(ctx, false); err != nil || open.Masked || strings.Contains(open.Files[len(open.Files)-1].Head, s.Settings.Password) {
		t.Errorf("unmasked bundle: %v", err)
	}

	// Another process finds the journal held, and says so inside.
	o := s.Options
	args := []string{"bundle", "--ticket", o.Ticket, "--config", o.Config, "--state", o.State}
	held := filepath.Join(dir, "held.zip")
	if code, said := call(ctx, append(args, "--out", held)...); code != exitOK {
		t.Fatalf("bundle with a held journal ends with %d: %s", code, said)
	}
	if j := unzipped(t, held)["journal.json"]; !strings.Contains(j, "journal is in use") {
		t.Errorf("journal.json says %s", j)
	}
	unmasked := filepath.Join(dir, "unmasked.zip")
	if code, _ := call(ctx, append(args, "--out", unmasked, "--unmasked")...); code != exitUsage {
		t.Errorf("unmasked without a yes ends with %d", code)
	}
	if _, err := os.Stat(unmasked); err == nil {
		t.Error("names were written without a yes")
	}

	damage(t, s, o.State)
	code, said := call(ctx, append(args, "--preview", "--json")...)
	var line struct{ Data migration.Bundle }
	if err := json.Unmarshal([]byte(said), &line); code != exitOK || err != nil {
		t.Fatalf("preview ends with %d, %v: %s", code, err, said)
	}
	for _, f := range line.Data.Files {
		if f.Name == "journal.json" && !strings.Contains(f.Head, "journal is damaged") {
			t.Errorf("journal.json says %s", f.Head)
		}
	}
}

// damage closes the session and overwrites the middle of its journal.
func damage(t *testing.T, s *wiring.Session, state string) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(state, "omt-*.db"))
	if err != nil || len(found) != 1 {
		t.Fatalf("journals are %v, %v", found, err)
	}
	b, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := len(b) / 2; i < len(b)/2+8192 && i < len(b); i++ {
		b[i] ^= 0x5a
	}
	if err := os.WriteFile(found[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	key := journal.Key{Environment: s.Ticket.Environment, Tenant: s.Ticket.Tenant, Company: s.Ticket.Company, Serial: s.Ticket.Serial}
	if j, err := journal.Open(context.Background(), state, key, journal.Options{}); err == nil {
		_ = j.Close()
		t.Fatal("journal is not damaged")
	}
}
