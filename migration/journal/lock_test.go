package journal

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSecondOpenNamesTheHolder(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 5, 1, 8, 30, 0, 0, time.UTC)
	j := openTest(t, dir, Options{Host: "CRM01", PID: 4711, Now: func() time.Time { return now }})
	_, err := Open(t.Context(), dir, testKey, Options{})
	var held *LockedError
	if !errors.Is(err, ErrLocked) || !errors.As(err, &held) {
		t.Fatalf("second Open: %v", err)
	}
	if *held != (LockedError{"CRM01", 4711, now}) || !strings.Contains(err.Error(), "process 4711 on CRM01") {
		t.Errorf("holder %+v in %q", held, err)
	}
	if _, err := SetAside(dir, testKey, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("a journal in use was set aside: %v", err)
	}
	must(t, j.PutRun(t.Context(), Run{ID: "r"})) // the refused ones did no harm
	other := testKey
	other.Tenant = "Cust1"
	k, err := Open(t.Context(), dir, other, Options{})
	must(t, err)
	must(t, k.Close())
	must(t, j.Close())
	openTest(t, dir, Options{})
}

func TestHolderOfUnknownOriginIsCut(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	lockPath := j.Path() + ".lock"
	for content, want := range map[string]string{
		"":                              "unknown process",
		"no JSON":                       "unknown process",
		`{"host":"a\n\u001bb","pid":1}`: "process 1 on ab ",
		`{"host":"` + strings.Repeat("x", 300) + `"}`:  "on " + strings.Repeat("x", 100) + " ",
		`{"host":"` + strings.Repeat("x", 3000) + `"}`: "unknown process",
	} {
		must(t, os.WriteFile(lockPath, []byte(content), 0o600))
		if _, err := Open(t.Context(), dir, testKey, Options{}); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v", content, err)
		}
	}
}

// TestOtherProcessHoldsTheLock has a child open the journal and then asks for
// it here: refused while the child lives, free when it is killed.
func TestOtherProcessHoldsTheLock(t *testing.T) {
	dir := t.TempDir()
	spec, err := json.Marshal(crash{Dir: dir})
	must(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+string(spec))
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), dir, testKey, Options{})
	var held *LockedError
	if !errors.As(err, &held) || held.PID != cmd.Process.Pid {
		t.Errorf("while process %d has it: %v", cmd.Process.Pid, err)
	}
	must(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		t.Error("the child ended by itself")
	}
	j, err := open(t.Context(), dir, testKey, Options{}.withDefaults(), crashSteps)
	must(t, err)
	must(t, j.Close())
}

func TestSetAside(t *testing.T) {
	dir := t.TempDir()
	if moved, err := SetAside(dir, testKey, Options{}); err != nil || moved != "" {
		t.Fatalf("nothing to move: %q, %v", moved, err)
	}
	j := openTest(t, dir, Options{})
	must(t, j.PutRun(t.Context(), Run{ID: "old"}))
	path := j.Path()
	must(t, j.Close())
	must(t, os.WriteFile(path, []byte("not a journal at all"), 0o600))
	if _, err := Open(t.Context(), dir, testKey, Options{}); !errors.Is(err, ErrDamaged) {
		t.Fatalf("garbage: %v", err)
	}
	moved, err := SetAside(dir, testKey, Options{})
	must(t, err)
	if b, err := os.ReadFile(moved); err != nil || string(b) != "not a journal at all" || filepath.Dir(moved) != dir {
		t.Errorf("moved to %q: %q, %v", moved, b, err)
	}
	j = openTest(t, dir, Options{})
	if rs, err := j.Runs(t.Context()); err != nil || len(rs) != 0 {
		t.Errorf("new journal has %v, %v", rs, err)
	}
}

// The lock file is removed between its opening and its locking.
func TestLockOfAFileRemovedMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.lock")
	times := 0
	f, err := lockNamed(path, func(f *os.File) error {
		if times++; times <= 3 {
			must(t, os.Remove(path))
		}
		return lockFile(f)
	})
	must(t, err)
	var held *LockedError
	if g, err := lockNamed(path, lockFile); !errors.As(err, &held) {
		t.Errorf("second lock: %v, %v", g, err)
	}
	must(t, f.Close())
	_, err = lockNamed(path, func(f *os.File) error { return errors.Join(os.Remove(path), lockFile(f)) })
	if !errors.Is(err, errExchanged) {
		t.Errorf("exchanged at each attempt: %v", err)
	}
}
