package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"omt/upload/folder"
)

// TestTwoToolsAtOnce: a second program on the same computer is kept out by the
// journal, one of another computer by the lease of the target. Each is told who is
// there, writes nothing, and works as soon as the first has ended.
func TestTwoToolsAtOnce(t *testing.T) {
	slow(t)
	in := serve(t, filepath.Join(t.TempDir(), "sample"), few...)
	p := newPlace(t)
	args := append(in.args("run", p), "--accept-terms")
	j := in.openJournal(t, p)
	e := in.invoke(t, args...)
	e.mustFailWith(t, "hint.journal.locked")
	if pid := fmt.Sprint(e.last.Hint.Args["PID"]); pid != fmt.Sprint(os.Getpid()) {
		t.Errorf("the journal is said to be held by process %s", pid)
	}
	if _, err := os.Stat(p.target); err == nil {
		t.Error("something was written although the journal was held")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	x, err := folder.Open(p.target)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	l, err := x.Lease(context.Background(), "omt on PC-8")
	if err != nil {
		t.Fatal(err)
	}
	e = in.invoke(t, args...)
	e.mustFailWith(t, "hint.folder.lease-held")
	if holder := fmt.Sprint(e.last.Hint.Args["Holder"]); holder != "omt on PC-8" {
		t.Errorf("the target is said to be held by %s", holder)
	}
	if left := stored(t, p.target); len(left) > 0 {
		t.Errorf("written although the target was held: %v", left)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	in.invoke(t, args...).mustSucceed(t)
}
