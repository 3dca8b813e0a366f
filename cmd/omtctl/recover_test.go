package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite/sample"
	"omt/upload/azure/azuretest"
)

// stored is every object of a target folder by its bytes, without manifests.
func stored(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if rel == "session.lock" || strings.HasPrefix(rel, ".omt-tmp/") || strings.HasPrefix(rel, "manifest/") {
			return nil
		}
		b, err := os.ReadFile(p)
		out[rel] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// written are the paths that are new or have other bytes.
func written(before, after map[string]string) []string {
	var out []string
	for p, b := range after {
		if was, ok := before[p]; !ok || was != b {
			out = append(out, p)
		}
	}
	for p := range before {
		if _, ok := after[p]; !ok {
			out = append(out, p+" is gone")
		}
	}
	slices.Sort(out)
	return out
}

func readReport(t *testing.T, p place) *migration.Report {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(p.target, "report.json"))
	var r migration.Report
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &r
}

// putBack writes the files of n missing documents to where the formula says and
// returns their target paths.
func (in *installation) putBack(t *testing.T, r *migration.Report, n int) []string {
	t.Helper()
	var out []string
	for _, l := range r.LeftOut {
		if len(out) == n {
			break
		}
		if l.Reason == nil || l.Reason.ID != "reason.document.missing" {
			continue
		}
		var e []string
		for _, arg := range []string{"Owner", "Period", "Path"} {
			e = append(e, l.Reason.Args[arg].(string))
		}
		path := filepath.Join(append([]string{in.dir, "so_arc"}, e...)...)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, fmt.Appendf(nil, "found again: %s", l.Key), 0o600); err != nil {
			t.Fatal(err)
		}
		out = append(out, migration.TargetPath(append([]string{"documents"}, e...)...))
	}
	if len(out) < n {
		t.Fatalf("only %d documents are missing", len(out))
	}
	slices.Sort(out)
	return out
}

// beside are the objects that every recovery writes.
var beside = []string{"report.html", "report.json", "session.json"}

// Weeks after a migration lost documents are found: recover sends exactly
// those, also from another computer with only ticket, database and archive. An
// overwrite sends the database and only what is new or changed.
func TestRecover(t *testing.T) {
	slow(t)
	dir := filepath.Join(t.TempDir(), "sample")
	in := serve(t, dir, small...)
	made, err := sample.Build(context.Background(), dir, sample.Options{Users: 30, Documents: 600, Rows: 15000, Missing: 25})
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t)
	in.invoke(t, in.args("recover", p, "--mode", "missing")...).mustFailWith(t, "hint.recovery.nothing")
	in.invoke(t, in.args("run", p, "--accept-terms")...).mustSucceed(t)
	first := readReport(t, p)
	if got, want := first.Kinds["document"][migration.Missing].Count, made.Expect().Documents[migration.Missing]; got != want {
		t.Fatalf("%d documents are missing, %d were left out of the sample", got, want)
	}
	in.invoke(t, in.args("run", p)...).mustFailWith(t, "hint.uploaded")

	if c := in.compareToday(t, p); !c.Same() || c.UsersUnknown {
		t.Errorf("right after the run it differs from the installation: %+v", c)
	}
	before := stored(t, p.target)
	found := in.putBack(t, first, 3)
	if c := in.compareToday(t, p); c.Files != (migration.FileComparison{Found: 3}) || c.UserTotal+c.TableTotal > 0 {
		t.Errorf("three files are back: %+v", c)
	}
	t.Run("preview", func(t *testing.T) {
		e := in.invoke(t, in.args("recover", p, "--mode", "missing", "--preview")...).mustSucceed(t)
		var r struct{ Data migration.RecoveryPreview }
		if err := json.Unmarshal([]byte(strings.TrimSpace(e.stdout)), &r); err != nil {
			t.Fatalf("%v: %s", err, e.stdout)
		}
		var lost int64
		for _, outcomes := range first.Kinds {
			lost += outcomes[migration.Missing].Count + outcomes[migration.Unreadable].Count
		}
		if r.Data.FoundTotal != 3 || r.Data.ChangedTotal != 0 || r.Data.Newer != 0 || r.Data.Missing != lost {
			t.Errorf("preview = %+v", r.Data)
		}
	})
	in.invoke(t, in.args("recover", p, "--mode", "missing")...).mustSucceed(t)
	after := stored(t, p.target)
	if got, want := written(before, after), append(slices.Clone(found), beside...); !slices.Equal(got, want) {
		t.Errorf("recover wrote %q, want %q", got, want)
	}
	validate(t, in, p.target)

	// Another computer: no journal, the same target.
	there := place{filepath.Join(t.TempDir(), "state"), p.target}
	found = in.putBack(t, readReport(t, p), 2)
	before = after
	in.invoke(t, in.args("recover", there, "--mode", "missing")...).mustSucceed(t)
	after = stored(t, p.target)
	if got, want := written(before, after), append(slices.Clone(found), beside...); !slices.Equal(got, want) {
		t.Errorf("the other computer wrote %q, want %q", got, want)
	}
	validate(t, in, p.target)

	third := place{filepath.Join(t.TempDir(), "state"), p.target}
	t.Run("overwrite", func(t *testing.T) { in.overwritten(t, third, found[0]) })
	t.Run("damaged journal", func(t *testing.T) { in.damagedJournal(t, third) })
}

// compareToday holds the last test migration against the installation.
func (in *installation) compareToday(t *testing.T, p place) migration.Comparison {
	t.Helper()
	e := in.invoke(t, "compare", "--ticket", in.Ticket, "--config", in.Config, "--user", in.User, "--trust-certificate", in.Certificate,
		"--state", p.state, "--secrets-stdin", "--json").mustSucceed(t)
	var r struct{ Data migration.Comparison }
	if err := json.Unmarshal([]byte(strings.TrimSpace(e.stdout)), &r); err != nil {
		t.Fatalf("%v: %s", err, e.stdout)
	}
	return r.Data
}

// overwritten edits one document, finds another and overwrites the migration
// from a computer that has no journal of it.
func (in *installation) overwritten(t *testing.T, p place, edited string) {
	elements := strings.Split(edited, "/")
	if err := os.WriteFile(filepath.Join(append([]string{in.dir, "so_arc"}, elements[1:]...)...), []byte("edited since"), 0o600); err != nil {
		t.Fatal(err)
	}
	found := append(in.putBack(t, readReport(t, p), 1), edited)
	before := stored(t, p.target)
	e := in.invoke(t, in.args("recover", p, "--mode", "overwrite", "--acknowledge-warnings", "--accept-terms")...).mustSucceed(t)
	after := stored(t, p.target)
	got := slices.DeleteFunc(written(before, after), func(p string) bool { return strings.HasSuffix(p, ".bacpac") || p == "plan.json" })
	want := append(found, beside...)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the overwrite wrote %q, want %q", got, want)
	}
	if c := e.last.Result.Counts; c.Sent != 2 || c.Staged == 0 || c.Reused != 0 {
		t.Errorf("the overwrite: %+v", c)
	}
	validate(t, in, p.target)
}

// damagedJournal spoils the journal: with the target it is rebuilt, without it
// the start is refused.
func (in *installation) damagedJournal(t *testing.T, p place) {
	names, err := filepath.Glob(filepath.Join(p.state, "*.db"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%q, %v", names, err)
	}
	rewrite(t, names[0], func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("documents/"), []byte("dokuments/")) })
	empty := place{p.state, t.TempDir()}
	in.invoke(t, in.args("recover", empty, "--mode", "missing")...).mustFailWith(t, "hint.journal.damaged")
	before := stored(t, p.target)
	e := in.invoke(t, in.args("recover", p, "--mode", "missing")...).mustSucceed(t)
	if !strings.Contains(e.stdout, "journal.aside") || e.last.Result.Counts.Sent != 0 {
		t.Errorf("%+v: %s", e.last.Result, e.stdout)
	}
	if got := written(before, stored(t, p.target)); !slices.Equal(got, beside) {
		t.Errorf("written: %q", got)
	}
	validate(t, in, p.target)
}

func (e ended) mustFailWith(t *testing.T, hint string) {
	t.Helper()
	if e.code != exitFailed || e.last.Hint.ID != hint {
		t.Errorf("exit code %d, hint %q, want %q: %s", e.code, e.last.Hint.ID, hint, e.stderr)
	}
}

func TestRecoverFlags(t *testing.T) {
	for _, args := range [][]string{
		{"recover"}, {"recover", "--mode", "all"}, {"recover", "--mode", "overwrite", "--preview"}, {"recover", "--mode", "missing", "--plan", "x"},
		{"recover", "--mode", "missing", "--as", "live"},
	} {
		if code, out, errs := inProcess(args...); code != exitUsage || out != "" || errs == "" {
			t.Errorf("omtctl %v: code %d, stdout %q, stderr %q", args, code, out, errs)
		}
	}
}

// The same into a container, whose service keeps checksums: what another
// computer left unfinished is used again, and a ticket that may only write is
// enough where the journal is.
func TestRecoverContainer(t *testing.T) {
	slow(t)
	server := azuretest.Start(t)
	base := serve(t, filepath.Join(t.TempDir(), "sample"), few...)
	at := server.Container(t)
	in := base.toContainer(t, server.Signed(t, at, "rcwl", time.Now().Add(time.Hour)))
	blind := base.toContainer(t, server.Signed(t, at, "cw", time.Now().Add(time.Hour)))
	fetch := func() place {
		p := place{target: filepath.Join(t.TempDir(), "fetched")}
		server.Fetch(t, at, p.target)
		validate(t, in, p.target)
		return p
	}
	computer := func() place { return place{state: filepath.Join(t.TempDir(), "state")} }
	plan := filepath.Join(t.TempDir(), "plan.json")
	in.invoke(t, "plan", "--ticket", in.Ticket, "--config", in.Config, "--user", in.User, "--trust-certificate", in.Certificate,
		"--secrets-stdin", "--out", plan, "--accept-terms").mustSucceed(t)

	first := computer()
	in.killAt(t, first, plan, 0.5)
	server.BreakLease(t, at, "session.lock")
	second := computer()
	in.invoke(t, in.args("resume", second)...).mustFailWith(t, "hint.resume.lost") // the same computer with an empty folder
	e := in.invoke(t, in.args("run", second, "--plan", plan)...).mustSucceed(t)
	if c := e.last.Result.Counts; c.Unchanged == 0 || c.Skipped != 0 {
		t.Errorf("nothing of the other computer's run was used again: %+v", c)
	}

	was := fetch()
	found := in.putBack(t, readReport(t, was), 2)
	in.invoke(t, blind.args("recover", computer(), "--mode", "missing")...).mustFailWith(t, "hint.recovery.unseen")
	in.invoke(t, blind.args("recover", second, "--mode", "missing")...).mustSucceed(t)
	now := fetch()
	if got, want := written(stored(t, was.target), stored(t, now.target)), append(found, beside...); !slices.Equal(got, want) {
		t.Errorf("recover wrote %q, want %q", got, want)
	}
	was, found = now, in.putBack(t, readReport(t, now), 1)
	third := computer()
	e = in.invoke(t, in.args("recover", third, "--mode", "overwrite", "--plan", plan, "--acknowledge-warnings")...).mustSucceed(t)
	now = fetch()
	got := slices.DeleteFunc(written(stored(t, was.target), stored(t, now.target)), func(p string) bool { return strings.HasSuffix(p, ".bacpac") })
	if want := append(found, beside...); !slices.Equal(got, want) {
		t.Errorf("the overwrite wrote %q, want %q", got, want)
	}
	noSignature(t, in, e, third.state, now.target)
}
