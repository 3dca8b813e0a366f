package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite/sample"
	"omt/upload/ticket"
)

// badInput is one thing that is wrong, the words that must be said about it,
// and how it is put right.
type badInput struct {
	name    string
	hint    string // id of the message that people get
	args    func(t *testing.T, in *installation, p place) []string
	corrupt func(t *testing.T, in *installation, p place) (mend func())
}

func swap(args []string, flag, value string) []string {
	out := slices.Clone(args)
	out[slices.Index(out, flag)+1] = value
	return out
}

// rewrite replaces a file and gives back what puts it right again.
func rewrite(t *testing.T, path string, change func([]byte) []byte) func() {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(old), 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.WriteFile(path, old, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func find(t *testing.T, dir, name string) string {
	t.Helper()
	found := ""
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.EqualFold(d.Name(), name) && found == "" {
			found = p
		}
		return err
	})
	if err != nil || found == "" {
		t.Fatalf("no %s below %s: %v", name, dir, err)
	}
	return found
}

// Every kind of bad input gives a clear message and a non-zero exit, and once
// it is mended the same command succeeds with the same state and target.
func TestBadInput(t *testing.T) {
	slow(t)
	dir := filepath.Join(t.TempDir(), "sample")
	in := serve(t, dir, "--users", "20", "--documents", "60", "--rows", "6000", "--missing", "12")
	cases := []badInput{
		{name: "missing ticket", hint: "hint.ticket.none", args: func(t *testing.T, in *installation, p place) []string {
			return swap(in.args("run", p), "--ticket", filepath.Join(p.state, "no.omt-ticket"))
		}},
		{name: "expired ticket", hint: "hint.ticket.expired", args: func(t *testing.T, in *installation, p place) []string {
			return swap(in.args("run", p), "--ticket", resign(t, in, func(tk *migration.Ticket) {
				tk.NotBefore, tk.Expires = tk.NotBefore.AddDate(-1, 0, 0), tk.NotBefore.AddDate(-1, 0, 1)
			}, nil))
		}},
		{name: "ticket of tomorrow", hint: "hint.ticket.not-yet", args: func(t *testing.T, in *installation, p place) []string {
			return swap(in.args("run", p), "--ticket", resign(t, in, func(tk *migration.Ticket) { tk.NotBefore = time.Now().Add(24 * time.Hour) }, nil))
		}},
		{name: "ticket signed with a foreign key", hint: "hint.ticket.key", args: func(t *testing.T, in *installation, p place) []string {
			_, foreign, err := ticket.GenerateKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			return swap(in.args("run", p), "--ticket", resign(t, in, func(*migration.Ticket) {}, foreign))
		}},
		{name: "wrong password", hint: "hint.login.credentials"},
		{name: "not an administrator", hint: "hint.login.administrator"},
		{name: "no NetServer", hint: "hint.login.netserver", args: func(t *testing.T, in *installation, p place) []string {
			return append(in.args("run", p), "--netserver", "http://127.0.0.1:1/SuperOffice")
		}},
		{name: "unreachable database", hint: "hint.sql.unreachable", args: func(t *testing.T, in *installation, p place) []string {
			return append(in.args("run", p), "--server", "127.0.0.1,1")
		}},
		{name: "unknown certificate", hint: "hint.sql.certificate.changed", args: func(t *testing.T, in *installation, p place) []string {
			return swap(in.args("run", p), "--trust-certificate", strings.Repeat("00", 32))
		}},
		{name: "archive path that does not exist", hint: "hint.archive.path", corrupt: func(t *testing.T, in *installation, p place) func() {
			archive := filepath.Join(in.dir, "so_arc")
			if err := os.Rename(archive, archive+".away"); err != nil {
				t.Fatal(err)
			}
			return func() {
				if err := os.Rename(archive+".away", archive); err != nil {
					t.Fatal(err)
				}
			}
		}},
		{name: "configuration that is not XML", hint: "hint.config.broken", corrupt: func(t *testing.T, in *installation, p place) func() {
			return rewrite(t, find(t, in.Config, "SuperOffice.config"), func([]byte) []byte { return []byte("<configuration><oops") })
		}},
		{name: "target is a file", hint: "hint.folder.is-file", corrupt: func(t *testing.T, in *installation, p place) func() {
			if err := os.WriteFile(p.target, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			return func() { _ = os.Remove(p.target) }
		}},
		{name: "no target", hint: "hint.target.choose", args: func(t *testing.T, in *installation, p place) []string {
			return swap(in.args("run", p), "--to", "")
		}},
		{name: "nothing to resume", hint: "hint.resume.nothing", args: func(t *testing.T, in *installation, p place) []string { return in.args("resume", p) }},
		{name: "agreement not accepted", hint: "plan.terms", args: func(t *testing.T, in *installation, p place) []string { return in.args("run", p)[:0:0] }},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) { tc.check(t, in) })
	}
}

func (tc badInput) check(t *testing.T, in *installation) {
	p := newPlace(t)
	good := append(in.args("run", p), "--accept-terms")
	args := good
	if tc.args != nil {
		if args = tc.args(t, in, p); len(args) == 0 {
			args = in.args("run", p)
		} else if args[0] == "run" {
			args = append(args, "--accept-terms")
		}
	}
	secrets := in.secrets()
	switch tc.name {
	case "wrong password":
		secrets = strings.NewReader(`{"userPassword":"not it"}`)
	case "not an administrator":
		i := slices.IndexFunc(in.Logins, func(l sample.Login) bool { return !l.Administrator })
		args = swap(args, "--user", in.Logins[i].User)
		b, err := json.Marshal(map[string]string{"userPassword": in.Logins[i].Password})
		if err != nil {
			t.Fatal(err)
		}
		secrets = bytes.NewReader(b)
	}
	mend := func() {}
	if tc.corrupt != nil {
		mend = tc.corrupt(t, in, p)
	}
	e := invoke(t, secrets, args...)
	mend()
	tc.said(t, in, e)
	in.invoke(t, good...).mustSucceed(t)
}

// resign writes the sample's ticket with a change, signed with the demo key or
// another one.
func resign(t *testing.T, in *installation, change func(*migration.Ticket), key ed25519.PrivateKey) string {
	t.Helper()
	b, err := os.ReadFile(in.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	tk := &migration.Ticket{}
	if err := json.Unmarshal(b, tk); err != nil {
		t.Fatal(err)
	}
	change(tk)
	id := "foreign"
	if key == nil {
		id, key = ticket.DemoKeyID, ticket.DemoKey()
	}
	if b, err = ticket.Sign(tk, id, key); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "other"+ticket.Extension)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// said checks exit code and words: the hint by its id, one sentence at least,
// and no secret anywhere.
func (tc badInput) said(t *testing.T, in *installation, e ended) {
	t.Helper()
	if e.code != exitFailed {
		t.Errorf("exit code %d: %s", e.code, e.stderr)
	}
	if e.last.Event != "error" || e.last.Hint.ID != tc.hint {
		t.Errorf("hint is %q, want %q: %s", e.last.Hint.ID, tc.hint, e.stderr)
	}
	if e.last.Words == "" || strings.HasPrefix(e.last.Words, "hint.") || strings.Contains(e.last.Words, "{{") {
		t.Errorf("words are %q", e.last.Words)
	}
	for _, secret := range []string{in.Password, in.DBPassword, "not it"} {
		if strings.Contains(e.stdout+e.stderr, secret) {
			t.Errorf("the password %q is in the output", secret)
		}
	}
}

// Each field of the ticket altered once: the signature no longer holds.
func TestTamperedTicketIsRefused(t *testing.T) {
	in := serve(t, filepath.Join(t.TempDir(), "sample"), "--users", "20", "--documents", "20", "--rows", "6000")
	original, err := os.ReadFile(in.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(original, &fields); err != nil {
		t.Fatal(err)
	}
	for name, value := range fields {
		changed := map[string]any{}
		for k, v := range fields {
			changed[k] = v
		}
		changed[name] = alter(value)
		b, err := json.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "t"+ticket.Extension)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		p := newPlace(t)
		e := in.invoke(t, append(swap(in.args("run", p), "--ticket", path), "--accept-terms")...)
		if e.code != exitFailed || !strings.HasPrefix(e.last.Hint.ID, "hint.ticket.") {
			t.Errorf("%s altered: exit code %d, %s", name, e.code, e.stderr)
		}
		if _, err := os.Stat(p.target); err == nil {
			t.Errorf("%s altered: something was written", name)
		}
	}
}

func alter(v any) any {
	switch x := v.(type) {
	case string:
		return x + "1"
	case float64:
		return x + 1
	case []any:
		return append(slices.Clone(x), x[0])
	case map[string]any:
		out := map[string]any{}
		for k, e := range x {
			out[k] = alter(e)
		}
		return out
	}
	return "altered"
}

// The database login may not read one table: it is named before anything is
// sent.
func TestDeniedTableIsNamed(t *testing.T) {
	slow(t)
	dir := filepath.Join(t.TempDir(), "sample")
	in := serve(t, dir, "--users", "20", "--documents", "20", "--rows", "6000", "--deny", "CRM7.appointment")
	p := newPlace(t)
	e := in.invoke(t, append(in.args("run", p), "--accept-terms")...)
	if e.code != exitFailed || !strings.Contains(strings.ToLower(e.stderr), "crm7.appointment") {
		t.Errorf("exit code %d: %s", e.code, e.stderr)
	}
	if e.last.Hint.IsZero() {
		t.Errorf("no hint: %s", e.stderr)
	}
	if _, err := os.Stat(filepath.Join(p.target, "session.json")); err == nil {
		t.Error("something was sent")
	}
	in.stop()
	granted := serve(t, dir, "--users", "20", "--documents", "20", "--rows", "6000")
	granted.invoke(t, append(granted.args("run", p), "--accept-terms")...).mustSucceed(t)
}

// A full disk stops the run with words about it; with room again it goes on.
func TestFullDisk(t *testing.T) {
	slow(t)
	in := serve(t, filepath.Join(t.TempDir(), "sample"), "--users", "20", "--documents", "80", "--rows", "6000")
	mnt := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(mnt, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mnt).CombinedOutput(); err != nil {
		t.Skipf("no tmpfs can be mounted here (%v: %s): the folder target's own tests have a full disk by an injecting file system", err, bytes.TrimSpace(out))
	}
	defer func() { _ = exec.Command("umount", mnt).Run() }()
	t.Log("full disk by a tmpfs of 1 MB")
	p := newPlace(t)
	p.target = filepath.Join(mnt, "target")
	args := append(in.args("run", p), "--accept-terms")
	e := in.invoke(t, args...)
	if e.code != exitFailed || e.last.Hint.ID != "hint.folder.full" {
		t.Errorf("exit code %d, hint %q: %s", e.code, e.last.Hint.ID, e.stderr)
	}
	if out, err := exec.Command("mount", "-o", "remount,size=1g", mnt).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	again := in.invoke(t, args...).mustSucceed(t)
	if again.last.Result.Begin != migration.BeginResume {
		t.Errorf("begin = %s", again.last.Result.Begin)
	}
}

// A target that may not be written is refused before the run begins.
func TestReadOnlyTarget(t *testing.T) {
	slow(t)
	if runtime.GOOS == "windows" {
		t.Skip("permissions of folders work otherwise on Windows")
	}
	in := serve(t, filepath.Join(t.TempDir(), "sample"), "--users", "20", "--documents", "20", "--rows", "6000")
	p := newPlace(t)
	if err := os.Mkdir(p.target, 0o500); err != nil {
		t.Fatal(err)
	}
	mend := func() { _ = os.Chmod(p.target, 0o700) }
	if os.Geteuid() == 0 {
		// Permissions do not stop root; a read-only mount does.
		mount := exec.Command("mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", p.target)
		if out, err := mount.CombinedOutput(); err != nil {
			t.Skipf("no read-only file system can be mounted here (%v: %s): the folder target's own tests have one by an injecting file system", err, bytes.TrimSpace(out))
		}
		mend = func() { _ = exec.Command("umount", p.target).Run() }
	}
	args := append(in.args("run", p), "--accept-terms")
	e := in.invoke(t, args...)
	mend()
	if e.code != exitFailed || e.last.Hint.IsZero() {
		t.Errorf("exit code %d: %s", e.code, e.stderr)
	}
	if err := os.Chmod(p.target, 0o700); err != nil {
		t.Fatal(err)
	}
	in.invoke(t, args...).mustSucceed(t)
}
