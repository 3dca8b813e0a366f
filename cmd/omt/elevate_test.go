package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"omt/assets"
	"omt/cmd/internal/wiring"
)

// The start with more rights gets everything that this one was told, and the
// flags are those of this program.
func TestStartAgain(t *testing.T) {
	german(t)
	o := options{Options: wiring.Options{Ticket: "first", Config: "conf", State: "st", CA: "ca.pem"}, appearance: "dark"}
	args, err := o.again("chosen.omt-ticket", 4711)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parse(args)
	if err != nil {
		t.Fatal(err)
	}
	abs := func(p string) string {
		full, err := filepath.Abs(p)
		if err != nil {
			t.Fatal(err)
		}
		return full
	}
	if got.Ticket != abs("chosen.omt-ticket") || got.Config != abs("conf") || got.State != abs("st") || got.CA != abs("ca.pem") ||
		got.appearance != "dark" || got.language != "de" || got.after != 4711 || got.demo {
		t.Errorf("%+v", got)
	}
	if args, err = (options{}).again("", 1); err != nil || !slices.Equal(args, []string{"--after", "1", "--language", "de"}) {
		t.Errorf("nothing chosen: %v %v", args, err)
	}
}

// german lets the window speak German, as if it had been chosen there.
func german(t *testing.T) {
	t.Helper()
	t.Cleanup(func() { assets.Speak(nil) })
	assets.Speak(assets.For("de"))
}

// A process that has ended, or never was, keeps nobody waiting.
func TestAwaitEnd(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), exe, "-test.run", "^$")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	awaitEnd(child.Process.Pid)
	_ = child.Wait() // awaitEnd may have done so
	awaitEnd(child.Process.Pid)
}
