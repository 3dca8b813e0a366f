package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/app"
	"omt/cmd/internal/network"
	"omt/cmd/internal/wiring"
	"omt/migration"
)

// child runs one test of this program as a process of its own.
func child(t *testing.T, name string, env ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+name+"$")
	c.Env = append(os.Environ(), env...)
	return c
}

// TestCrashChild dies as a fault of the program would let it die.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv("OMT_CRASH_CHILD")
	if dir == "" {
		t.Skip("only TestCrashIsKept starts it")
	}
	if _, err := crashes(dir); err != nil {
		t.Fatal(err)
	}
	go func() { panic("a fault of the program") }()
	select {}
}

func TestCrashIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if out, err := child(t, "TestCrashChild", "OMT_CRASH_CHILD="+dir).CombinedOutput(); err == nil {
		t.Fatalf("the child lives on: %s", out)
	}
	kept, err := crashes(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(kept)
	if err != nil || !strings.Contains(string(text), "a fault of the program") {
		t.Errorf("%s holds %q, %v", kept, text, err)
	}
	if err := calm(dir); err != nil {
		t.Fatal(err)
	}
	// A start that ended well leaves nothing to be shown.
	if again, err := crashes(dir); again != "" || err != nil {
		t.Errorf("the next start finds %q, %v", again, err)
	}
	if err := calm(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, crashFile)); !os.IsNotExist(err) {
		t.Errorf("an empty crash log stays: %v", err)
	}
}

func TestSecondStartFindsTheFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "omt", "a.sock")
	first, err := takePlace(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := takePlace(path); !errors.Is(err, errShown) {
		t.Fatalf("the second start: %v", err)
	}
	select {
	case <-first.front:
	case <-time.After(10 * time.Second):
		t.Error("the first start was not asked to come to the front")
	}
	if err := first.leave(); err != nil {
		t.Error(err)
	}
	third, err := takePlace(path)
	if err != nil {
		t.Fatalf("after the first has gone: %v", err)
	}
	if err := third.leave(); err != nil {
		t.Error(err)
	}
	a, _ := socketPath("a.omt-ticket", "")
	if b, _ := socketPath("b.omt-ticket", ""); a == b {
		t.Error("another ticket has the same place")
	}
}

// A start that was killed leaves its name behind.
func TestPlaceOfAKilledStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sock")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := takePlace(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.leave(); err != nil {
		t.Error(err)
	}
}

// TestHandOverChild stands for omtctl.
func TestHandOverChild(t *testing.T) {
	file := os.Getenv("OMT_HAND_CHILD")
	if file == "" {
		t.Skip("only TestHandOver starts it")
	}
	in, err := io.ReadAll(os.Stdin)
	if err != nil {
		t.Fatal(err)
	}
	heard, err := json.Marshal(map[string]any{"args": os.Args[1:], "in": string(in)})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".new", heard, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

func TestHandOver(t *testing.T) {
	h := handover{
		ticket: `C:\omt\a b.omt-ticket`, folder: `D:\courier`, state: "st", ca: "ca.pem", proxy: network.Login{User: "leaver", Password: "proxy-secret"},
		location: sampleLocation(), access: app.Access{Password: "db-secret", Trust: "AB", OldTLS: true},
		signIn: app.SignIn{User: "KK", Password: "kk-secret", AllowPlain: true},
	}
	want := []string{"resume", "--secrets-stdin", "--ticket", h.ticket, "--to", h.folder, "--state", "st", "--ca", "ca.pem", "--user", "KK",
		"--server", "crmserver", "--database", "SuperOffice", "--db-user", "crm7", "--trust-certificate", "AB", "--language", "en", "--allow-plain-http", "--allow-old-tls"}
	if got := h.args(); !slices.Equal(got, want) {
		t.Errorf("omtctl gets %q\nwant %q", got, want)
	}
	if c := h.command(); strings.Contains(c, "secret") || !strings.Contains(c, `--ticket "C:\omt\a b.omt-ticket"`) {
		t.Errorf("the command is %s", c)
	}

	dir := t.TempDir()
	heard := filepath.Join(dir, "heard")
	t.Setenv("OMT_HAND_CHILD", heard)
	// A program of the test that takes its own flags: a script would do, but not on
	// every system.
	wrapper := filepath.Join(dir, "omtctl")
	script := "#!/bin/sh\nexec \"" + os.Args[0] + "\" -test.run='^TestHandOverChild$' -- \"$@\"\n"
	if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := h.begin(wrapper, dir); err != nil {
		if _, serr := os.Stat("/bin/sh"); serr != nil {
			t.Skip("there is no shell")
		}
		t.Fatal(err)
	}
	var said struct {
		Args []string
		In   string
	}
	waitFor(t, func() bool {
		data, err := os.ReadFile(heard)
		return err == nil && json.Unmarshal(data, &said) == nil
	})
	if slices.ContainsFunc(said.Args, func(a string) bool { return strings.HasSuffix(a, "-secret") }) || !strings.Contains(said.In, `"databasePassword":"db-secret"`) || !strings.Contains(said.In, `"userPassword":"kk-secret"`) ||
		!strings.Contains(said.In, `"proxyUser":"leaver","proxyPassword":"proxy-secret"`) {
		t.Errorf("omtctl heard %q and %q", said.Args, said.In)
	}

	if _, err := h.begin(filepath.Join(dir, "none"), dir); migration.HintOf(err).ID != "hint.handover" {
		t.Errorf("without omtctl: %v", err)
	}
}

// TestHandOverInTheLanguageOfTheWindow: omtctl gets the language that the window
// speaks, whatever the account asks for, and can read the words that it gets.
func TestHandOverInTheLanguageOfTheWindow(t *testing.T) {
	german(t)
	t.Setenv(wiring.LanguageVariable, "sv")
	h := handover{ticket: "t", location: sampleLocation()}
	language, rest, err := wiring.TakeLanguage(h.args())
	if err != nil || language != "de" || slices.Contains(rest, "--language") {
		t.Errorf("omtctl would speak %q with %q, %v", language, rest, err)
	}
	if c := h.command(); !strings.HasSuffix(c, "--language de") {
		t.Errorf("the command is %s", c)
	}
}

func sampleLocation() migration.Location {
	return migration.Location{Server: "crmserver", Database: "SuperOffice", User: "crm7"}
}

func TestAppearanceIsChecked(t *testing.T) {
	for _, a := range app.Appearances() {
		if _, err := parse([]string{"--appearance", string(a)}); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	if _, err := parse([]string{"--appearance", "pink"}); migration.HintOf(err).ID != "hint.flags.appearance" {
		t.Errorf("pink: %v", err)
	}
}

// waitFor looks again and again until something has happened.
func waitFor(t *testing.T, happened func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for !happened() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("it did not happen")
		}
	}
}
