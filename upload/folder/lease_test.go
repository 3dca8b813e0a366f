package folder_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/folder"
)

func TestLeaseNamesHolder(t *testing.T) {
	dir := t.TempDir()
	since := time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC)
	x := open(t, dir, folder.WithClock(func() time.Time { return since }))
	l, err := x.Lease(context(), "run-7")
	must(t, err)
	b, err := os.ReadFile(filepath.Join(dir, "session.lock"))
	must(t, err)
	var h folder.Holder
	must(t, json.Unmarshal(b, &h))
	if h.Holder != "run-7" || h.PID != os.Getpid() || !h.Since.Equal(since) || h.Host == "" {
		t.Errorf("lock file holds %s", b)
	}
	_, err = open(t, dir).Lease(context(), "run-8")
	if !errors.Is(err, migration.ErrLeaseHeld) || !strings.Contains(err.Error(), "run-7") || migration.HintOf(err).Args["Holder"] != "run-7" {
		t.Errorf("second lease: %v, %v", err, migration.HintOf(err))
	}
	// A holder's text is untrusted: whatever stands there, the answer is the same.
	must(t, os.WriteFile(filepath.Join(dir, "session.lock"), []byte("no JSON"), 0o600))
	if _, err = open(t, dir).Lease(context(), "run-9"); !errors.Is(err, migration.ErrLeaseHeld) {
		t.Errorf("unreadable lock file: %v", err)
	}
	must(t, l.Release())
	if b, err := os.ReadFile(filepath.Join(dir, "session.lock")); err != nil || len(b) != 0 {
		t.Errorf("after release the lock file holds %q, %v", b, err)
	}
}

// The system frees the lock of a process that was killed.
func TestLeaseOfAKilledProcess(t *testing.T) {
	if dir := os.Getenv("OMT_TEST_HOLD_LEASE"); dir != "" {
		x, err := folder.Open(dir)
		if err == nil {
			_, err = x.Lease(context(), "child")
		}
		fmt.Println("lease:", err)
		_, _ = bufio.NewReader(os.Stdin).ReadByte() // until it is killed
		return
	}
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, ".omt-tmp"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, ".omt-tmp", "dead-1.put"), []byte("left by a killed write"), 0o600))
	child := exec.Command(os.Args[0], "-test.run=^TestLeaseOfAKilledProcess$")
	child.Env = append(os.Environ(), "OMT_TEST_HOLD_LEASE="+dir)
	in, err := child.StdinPipe()
	must(t, err)
	defer in.Close()
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "lease: <nil>\n" {
		t.Fatalf("child says %q, %v", line, err)
	}
	if left := tree(t, filepath.Join(dir, ".omt-tmp")); len(left) != 0 {
		t.Errorf("whoever takes the lease sweeps: %v", left)
	}
	x := open(t, dir)
	if _, err := x.Lease(context(), "parent"); !errors.Is(err, migration.ErrLeaseHeld) || !strings.Contains(err.Error(), "child") {
		t.Errorf("while the child lives: %v", err)
	}
	must(t, child.Process.Kill())
	if err := child.Wait(); err == nil {
		t.Error("child was not killed")
	}
	l, err := x.Lease(context(), "parent")
	must(t, err)
	must(t, l.Release())
}

// Somebody removes the lock file: a second program could take a new one, so all
// writing stops.
func TestLeaseLost(t *testing.T) {
	dir := t.TempDir()
	ticks := make(chan time.Time)
	x := open(t, dir, folder.WithTicks(ticks))
	l, err := x.Lease(context(), "run-7")
	must(t, err)
	ticks <- time.Time{}
	ticks <- time.Time{} // taken, so the first look has ended
	select {
	case <-l.Lost():
		t.Fatal("lost although nothing happened")
	default:
	}
	must(t, os.Remove(filepath.Join(dir, "session.lock")))
	select {
	case ticks <- time.Time{}:
	case <-l.Lost(): // the second look came late enough to see it
	}
	<-l.Lost()
	if why := l.(migration.Explainer).Cause(); !errors.Is(why, migration.ErrLeaseLost) || migration.HintOf(why).ID != "hint.folder.lease-lost" {
		t.Errorf("lost because of %v", why)
	}
	_, stageErr := stage(x, "o", "1", nil)
	_, restoreErr := x.Restore(context(), "o", nil)
	for op, err := range map[string]error{"put": put(x, "a", nil), "stage": stageErr, "restore": restoreErr, "commit": x.Commit(context(), "o", nil)} {
		if !errors.Is(err, migration.ErrLeaseLost) {
			t.Errorf("%s: %v", op, err)
		}
	}
	must(t, l.Release())
	l, err = x.Lease(context(), "run-7")
	must(t, err)
	must(t, put(x, "a", nil))
	must(t, l.Release())
}

// The lock file is removed between its opening and its locking: the lock must
// be one that the next program meets.
func TestLeaseOfAFileRemovedMeanwhile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "session.lock")
	for how, exchange := range map[string]func() error{
		"removed":  func() error { return os.Remove(name) },
		"replaced": func() error { return errors.Join(os.Remove(name), os.WriteFile(name, nil, 0o600)) },
	} {
		disk := &faultFS{}
		x := open(t, dir, folder.WithFS(disk.wrap))
		times := 0
		disk.set(func(op, _ string) error {
			if op != "lock" || times == 3 {
				return nil
			}
			times++
			return exchange()
		})
		l, err := x.Lease(context(), "first")
		must(t, err)
		if other, err := open(t, dir).Lease(context(), "second"); !errors.Is(err, migration.ErrLeaseHeld) {
			t.Errorf("%s: second lease %v, %v; want ErrLeaseHeld", how, other, err)
		}
		must(t, l.Release())
		times = -1 << 30 // for ever
		if _, err := x.Lease(context(), "first"); !errors.Is(err, migration.ErrLeaseLost) {
			t.Errorf("%s at each attempt: %v", how, err)
		}
	}
}

// The lock file is removed and nobody looked since: still nothing becomes
// visible, and no object changes.
func TestNothingIsShownAfterTheLockFileWent(t *testing.T) {
	for name, act := range map[string]func(x *folder.Target, refs []migration.BlockRef) error{
		"put":          func(x *folder.Target, _ []migration.BlockRef) error { return put(x, "new", []byte("x")) },
		"put over old": func(x *folder.Target, _ []migration.BlockRef) error { return put(x, "old", []byte("x")) },
		"commit":       func(x *folder.Target, r []migration.BlockRef) error { return x.Commit(context(), "o", r) },
		"take back": func(x *folder.Target, r []migration.BlockRef) error {
			_, err := stage(x, "done", "2", []byte("more"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			x := open(t, dir, folder.WithTicks(make(chan time.Time)))
			must(t, put(x, "old", []byte("before")))
			done, err := stage(x, "done", "1", []byte("bytes"))
			must(t, err)
			must(t, x.Commit(context(), "done", []migration.BlockRef{done}))
			_, err = x.Restore(context(), "done", []migration.BlockRef{done})
			must(t, err)
			l, err := x.Lease(context(), "run-7")
			must(t, err)
			ref, err := stage(x, "o", "1", []byte("bytes"))
			must(t, err)
			must(t, os.Remove(filepath.Join(dir, "session.lock")))
			before := objects(t, x)
			if err := act(x, []migration.BlockRef{ref}); !errors.Is(err, migration.ErrLeaseLost) || migration.HintOf(err).ID != "hint.folder.lease-lost" {
				t.Errorf("%v, want ErrLeaseLost", err)
			}
			if after := objects(t, x); after != before {
				t.Errorf("objects are %s, before %s", after, before)
			}
			select {
			case <-l.Lost():
			default:
				t.Error("the holder is not told")
			}
			must(t, l.Release())
		})
	}
}

// objects is what a receiver sees.
func objects(t *testing.T, x *folder.Target) string {
	t.Helper()
	var out strings.Builder
	must(t, x.List(context(), "", func(o migration.Object) error {
		fmt.Fprintf(&out, "%s=%s ", o.Path, read(t, x, o.Path))
		return nil
	}))
	return out.String()
}
