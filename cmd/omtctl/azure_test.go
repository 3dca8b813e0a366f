package main

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/cmd/internal/wiring"
	"omt/migration"
	"omt/upload/azure/azuretest"
	"omt/upload/ticket"
)

// few keeps the number of objects within what Azurite can take.
var few = []string{"--users", "20", "--documents", "150", "--rows", "6000", "--missing", "10"}

// toContainer makes a copy of the installation whose ticket is for a container.
func (in installation) toContainer(t *testing.T, address string) *installation {
	t.Helper()
	tk, err := wiring.LoadTicket(in.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	tk.Target = migration.TargetSpec{Kind: ticket.TargetBlob, Container: address}
	b, err := ticket.Sign(tk, ticket.DemoKeyID, ticket.DemoKey())
	if err != nil {
		t.Fatal(err)
	}
	in.Ticket = filepath.Join(t.TempDir(), "container"+ticket.Extension)
	if err := os.WriteFile(in.Ticket, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return &in
}

// A migration into a container is equal to one into a folder: in one go, killed
// and resumed, and with a ticket that may only write.
func TestContainer(t *testing.T) {
	slow(t)
	server := azuretest.Start(t)
	in := serve(t, filepath.Join(t.TempDir(), "sample"), few...)
	whole := newPlace(t)
	plan := filepath.Join(t.TempDir(), "plan.json")
	in.invoke(t, "plan", "--ticket", in.Ticket, "--config", in.Config, "--user", in.User, "--trust-certificate", in.Certificate,
		"--secrets-stdin", "--out", plan, "--accept-terms").mustSucceed(t)
	in.invoke(t, in.args("run", whole, "--plan", plan)...).mustSucceed(t)
	want := fingerprint(t, whole.target)
	for _, c := range []struct {
		name, rights string
		killed       float64 // share of the work; 0: not killed
		readBack     bool
	}{{"whole", "rcwl", 0, true}, {"killed", "rcwl", 0.4, true}, {"killed, write only", "cw", 0.4, false}} {
		t.Run(c.name, func(t *testing.T) {
			at := server.Container(t)
			here := in.toContainer(t, server.Signed(t, at, c.rights, time.Now().Add(time.Hour)))
			p := place{state: filepath.Join(t.TempDir(), "state")}
			word, more := "run", []string{"--plan", plan}
			if c.killed > 0 {
				here.killAt(t, p, plan, c.killed)
				// The lease of the killed process would end by itself within a minute.
				server.BreakLease(t, at, "session.lock")
				word, more = "resume", nil
			}
			e := here.invoke(t, here.args(word, p, more...)...).mustSucceed(t)
			if c.killed > 0 && e.last.Result.Counts.Skipped == 0 {
				t.Error("nothing of the killed run was taken up")
			}
			got := filepath.Join(t.TempDir(), "fetched")
			server.Fetch(t, at, got)
			compare(t, withoutReadBack(t, fingerprint(t, got)), withoutReadBack(t, want))
			if read := !says(t, got, "warn.notreadback"); read != c.readBack {
				t.Errorf("read back: %v, want %v", read, c.readBack)
			}
			if said := says(t, got, packageVerified); said != c.readBack {
				t.Errorf("said to be verified by reading: %v, want %v", said, c.readBack)
			}
			noSignature(t, here, e, p.state, got)
			validate(t, here, got)
		})
	}
}

// validate lets the validator of the format judge what arrived, where Debian's
// python3-jsonschema is installed.
func validate(t *testing.T, in *installation, dir string) {
	t.Helper()
	const python = "/usr/bin/python3"
	if exec.Command(python, "-c", "import jsonschema").Run() != nil {
		t.Log("not validated: there is no python3-jsonschema")
		return
	}
	if out, err := exec.Command(python, filepath.Join("..", "..", ".ci", "validate_json.py"), dir, in.Ticket).CombinedOutput(); err != nil {
		t.Errorf("validator: %v\n%s", err, out)
	}
}

// packageVerified is the report's word on a package that was read back.
const packageVerified = "report.verified.package"

// withoutReadBack leaves out what says whether the package could be read back
// and what the checks of the target found.
func withoutReadBack(t *testing.T, f map[string]string) map[string]string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(f["report.json"]), &v); err != nil {
		t.Fatal(err)
	}
	delete(v, "warnings")
	if checks, ok := v["checks"].(map[string]any); ok {
		outcomes, _ := checks["outcomes"].([]any)
		checks["outcomes"] = slices.DeleteFunc(outcomes, func(o any) bool {
			id := o.(map[string]any)["id"]
			return id == "rights" || id == "space" || id == "volume"
		})
		delete(checks, "volume") // a folder lies on a disk, a container does not
	}
	if db, ok := v["database"].(map[string]any); ok {
		delete(db, "sha256")
	}
	if verified, ok := v["verified"].([]any); ok {
		v["verified"] = slices.DeleteFunc(verified, func(m any) bool { return m.(map[string]any)["id"] == packageVerified })
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for k, s := range f {
		out[k] = s
	}
	out["report.json"] = string(b)
	return out
}

// says tells whether the report has a message.
func says(t *testing.T, dir, id string) bool {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(b), id)
}

// noSignature looks for the ticket's secret in everything that the run said or
// wrote: in this computer's state folder, in a bundle made of it, and in dirs.
func noSignature(t *testing.T, in *installation, e ended, state string, dirs ...string) {
	t.Helper()
	tk, err := wiring.LoadTicket(in.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(tk.Target.Container, "?")
	_, sig, _ := strings.Cut(query, "sig=")
	sig, _, _ = strings.Cut(sig, "&")
	plain, err := url.QueryUnescape(sig)
	if err != nil || len(plain) < 20 {
		t.Fatalf("no signature to look for: %q %v", plain, err)
	}
	texts := map[string]string{"standard output": e.stdout, "standard error": e.stderr}
	for _, dir := range append(dirs, state) {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			texts[path] = string(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	bundle := filepath.Join(t.TempDir(), "bundle.zip")
	in.invoke(t, "bundle", "--ticket", in.Ticket, "--state", state, "--out", bundle, "--unmasked", "--yes").mustSucceed(t)
	for name, text := range unzipped(t, bundle) {
		texts["bundle/"+name] = text
	}
	for where, text := range texts {
		leaks(t, where, []byte(text), map[string]string{"signature": plain, "signature as it is sent": sig, "query": "&sig="})
	}
}

// A signature that has ended stops the run with its own words, and a folder
// beside a container is refused: people would look for the data there.
func TestContainerRefuses(t *testing.T) {
	server := azuretest.Start(t)
	in := serve(t, filepath.Join(t.TempDir(), "sample"), few...)
	at := server.Container(t)
	here := in.toContainer(t, server.Signed(t, at, "cr", time.Now().Add(time.Hour)))
	p := place{state: filepath.Join(t.TempDir(), "state")}
	for _, c := range []struct {
		hint string
		p    place
	}{{"check.rights.readonly", p}, {"hint.target.notfolder", newPlace(t)}} {
		e := here.invoke(t, here.args("run", c.p, "--accept-terms")...)
		if e.code != exitFailed || !strings.Contains(e.stdout+e.stderr, c.hint) {
			t.Errorf("code %d, want hint %s:\n%s%s", e.code, c.hint, e.stdout, e.stderr)
		}
	}
}
