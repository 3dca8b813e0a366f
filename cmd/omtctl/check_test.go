package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/onsite/sample"
)

// checkArgs are those of check: no ticket, no target.
func (in *installation) checkArgs(more ...string) []string {
	return append([]string{
		"check", "--config", in.Config, "--user", in.User, "--trust-certificate", in.Certificate, "--secrets-stdin", "--json",
	}, more...)
}

// results reads the data line of check --json.
func results(t *testing.T, e ended) map[migration.CheckID]migration.CheckState {
	t.Helper()
	out := map[migration.CheckID]migration.CheckState{}
	for _, l := range strings.Split(e.stdout, "\n") {
		var x struct {
			Event string
			Data  migration.CheckReport
		}
		if json.Unmarshal([]byte(l), &x) != nil || x.Event != "data" {
			continue
		}
		for _, c := range x.Data.Checks {
			out[c.ID] = c.State
		}
	}
	return out
}

func without(args []string, flag string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == flag })
}

// The ordinary sample warns: check ends well, run wants the warnings to be
// acknowledged, and the certificate says who did.
func TestWarningsAreAcknowledged(t *testing.T) {
	slow(t)
	in := serve(t, filepath.Join(t.TempDir(), "sample"), "--users", "20", "--documents", "40", "--rows", "6000")
	e := in.invoke(t, in.checkArgs()...).mustSucceed(t)
	got := results(t, e)
	if len(got) != len(migration.CheckIDs())-4 || got[migration.CheckPathless] != migration.CheckWarning || got[migration.CheckVersion] != migration.CheckPassed {
		t.Errorf("results %v", got)
	}
	p := newPlace(t)
	args := append(in.args("run", p), "--accept-terms")
	e = in.invoke(t, without(args, "--acknowledge-warnings")...)
	if e.code != exitFailed || e.last.Hint.ID != "hint.check.warnings" {
		t.Errorf("exit code %d, hint %q: %s", e.code, e.last.Hint.ID, e.stderr)
	}
	if _, err := os.Stat(filepath.Join(p.target, "session.json")); err == nil {
		t.Error("something was sent")
	}
	in.invoke(t, args...).mustSucceed(t)
	b, err := os.ReadFile(filepath.Join(p.target, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rep migration.Report
	if err := json.Unmarshal(b, &rep); err != nil {
		t.Fatal(err)
	}
	c := rep.Checks
	if c == nil || c.AcknowledgedBy != rep.Identity.User || c.Acknowledged == nil || len(c.Outcomes) != len(migration.CheckIDs()) || c.Count(migration.CheckFailed) != 0 {
		t.Errorf("report.json has %+v", c)
	}
}

// A failed check ends check with 1 and closes run, acknowledged or not; the
// lists name what is wrong.
func TestFailedCheckClosesRun(t *testing.T) {
	slow(t)
	in := serve(t, filepath.Join(t.TempDir(), "sample"), "--users", "20", "--documents", "40", "--rows", "6000", "--defect", "travellers")
	dir := t.TempDir()
	list, page := filepath.Join(dir, "checks.csv"), filepath.Join(dir, "checks.html")
	e := in.invoke(t, in.checkArgs("--csv", list, "--html", page)...)
	if e.code != exitFailed || e.last.Hint.ID != "hint.check.failed" || results(t, e)[migration.CheckTravel] != migration.CheckFailed {
		t.Errorf("exit code %d, hint %q: %s", e.code, e.last.Hint.ID, e.stderr)
	}
	b, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil || !slices.ContainsFunc(lines, func(l []string) bool { return l[0] == "travel" && l[3] == "row" && l[4] == "16777216" }) {
		t.Errorf("the list does not name the traveller (%v):\n%s", err, b)
	}
	if b, err := os.ReadFile(page); err != nil || !bytes.Contains(b, []byte("16777216")) {
		t.Errorf("the page does not name the traveller: %v", err)
	}
	p := newPlace(t)
	e = in.invoke(t, append(in.args("run", p), "--accept-terms")...)
	if e.code != exitFailed || e.last.Hint.ID != "hint.check.failed" {
		t.Errorf("run: exit code %d, hint %q: %s", e.code, e.last.Hint.ID, e.stderr)
	}
	if _, err := os.Stat(filepath.Join(p.target, "session.json")); err == nil {
		t.Error("something was sent")
	}
	// One check alone: others do not matter.
	e = in.invoke(t, in.checkArgs("--ticket", in.Ticket, "--to", p.target, "--only", "central", "--only", "rights")...).mustSucceed(t)
	if got := results(t, e); len(got) != 2 || got[migration.CheckRights] != migration.CheckPassed {
		t.Errorf("results %v", got)
	}
	// How long it will take comes with its figures for programs.
	e = in.invoke(t, in.checkArgs("--ticket", in.Ticket, "--to", p.target, "--only", "estimate", "--counting", "30s")...).mustSucceed(t)
	if !strings.Contains(e.stdout, `"forecast":{"extent":"all"`) || !strings.Contains(e.stdout, `"leastNanoseconds"`) || !strings.Contains(e.stdout, `"check.estimate.passed"`) {
		t.Errorf("estimate: %s", e.stdout)
	}
	for hint, args := range map[string][]string{
		"hint.check.unknown": in.checkArgs("--only", "nonsense"),
		"hint.check.export":  in.checkArgs("--only", "central", "--csv", filepath.Join(dir, "no", "such", "folder")),
	} {
		if e := in.invoke(t, args...); e.code != exitFailed || e.last.Hint.ID != hint {
			t.Errorf("exit code %d, hint %q, want %q: %s", e.code, e.last.Hint.ID, hint, e.stderr)
		}
	}
}

func TestUnknownDefect(t *testing.T) {
	code, _, stderr := inProcess("sample", "--dir", t.TempDir(), "--defect", "nonsense")
	if code != exitUsage || !strings.Contains(stderr, sample.DefectNames()[0]) {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
