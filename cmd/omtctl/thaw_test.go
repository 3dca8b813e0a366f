package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A live run that is killed leaves the installation frozen: the next start says
// so, goes on without thawing, and the report may call the data frozen. Then
// thaw gives the configuration back to the byte, and may be repeated.
func TestKilledLiveRunStaysFrozen(t *testing.T) {
	slow(t)
	killedLiveRun(t, "frozen")
}

// With consent the tables are read from a database snapshot, which outlives the
// kill and is gone when the resumed run has ended.
func TestKilledLiveRunKeepsSnapshot(t *testing.T) {
	slow(t)
	killedLiveRun(t, "snapshot", "--snapshot")
}

func killedLiveRun(t *testing.T, class string, more ...string) {
	in := serve(t, filepath.Join(t.TempDir(), "sample"), small...)
	config := filepath.Join(in.dir, "system", "SuperOffice", "Customer Service", "config")
	was := readText(t, config)
	plan := filepath.Join(t.TempDir(), "plan.json")
	in.invoke(t, "plan", "--ticket", in.Ticket, "--config", in.Config, "--user", in.User, "--trust-certificate", in.Certificate,
		"--secrets-stdin", "--out", plan, "--accept-terms", "--mode", "live").mustSucceed(t)
	p := newPlace(t)
	in.killAt(t, p, plan, 0.1, more...)
	if got := readText(t, config); got != was+"frozen\r\n" {
		t.Fatalf("after the kill the configuration is %q", got)
	}
	// A slow machine may be through with the database before it is killed.
	held := more != nil && !readJournal(t, in, p).committed
	if n := snapshots(t, in); held && n != 1 {
		t.Errorf("%d snapshots after the kill", n)
	}
	res := in.invoke(t, in.args("resume", p)...).mustSucceed(t)
	if !strings.Contains(res.stdout, `"freeze.found"`) || held && !strings.Contains(res.stdout, `"freeze.found.snapshot"`) {
		t.Error("the next start did not say what is frozen")
	}
	report := readText(t, filepath.Join(p.target, "report.json"))
	if !strings.Contains(report, `"class": "`+class+`"`) || !strings.Contains(report, `"mode": "live"`) {
		t.Errorf("report: %.900s", report)
	}
	if n := snapshots(t, in); n != 0 {
		t.Errorf("%d snapshots at the end", n)
	}
	args := []string{"thaw", "--ticket", in.Ticket, "--config", in.Config, "--trust-certificate", in.Certificate, "--state", p.state, "--json"}
	for _, want := range []string{`"thawed":true`, `"thawed":false`} {
		if out := in.invoke(t, args...).mustSucceed(t).stdout; !strings.Contains(out, want) {
			t.Errorf("thaw said %s, want %s", out, want)
		}
		if got := readText(t, config); got != was {
			t.Errorf("after thaw the configuration is %q", got)
		}
	}
}

// snapshots counts those of the sample's server.
func snapshots(t *testing.T, in *installation) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(in.dir, "database", "*.snapshot[0-9]"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func readText(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
