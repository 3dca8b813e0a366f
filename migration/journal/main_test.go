package journal

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// childEnv makes the test binary a process that works on a journal and is
// killed in the middle of it.
const childEnv = "OMT_JOURNAL_CHILD"

func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := child(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// Every action of the model flushes to the disk; the command line can ask
	// for more.
	if err := flag.Set("rapid.checks", "30"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

var testKey = Key{Environment: "online3", Tenant: "Cust26759", Company: "Fjordlys Handel AS", Serial: "9900000042"}

func openTest(t testing.TB, dir string, o Options) *Journal {
	t.Helper()
	j, err := Open(t.Context(), dir, testKey, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil && o.FailPoint == nil {
			t.Errorf("close: %v", err)
		}
	})
	return j
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func object(i int) Object {
	o := Object{
		Kind: "document", Key: fmt.Sprintf("doc-%06d", i), Row: int64(i),
		Target: fmt.Sprintf("documents/ANNE/2025.1/Brief %d.docx", i),
		Source: fmt.Sprintf(`D:\SO_ARC\ANNE\2025.1\Brief %d.docx`, i),
		Owner:  []string{"ANNE", "ØYVIND"}[i%2], Size: int64(1000 + i),
		ModTime: time.Date(2025, 3, 1, 12, 0, 0, i+1, time.UTC),
		At:      time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	o.Folded = strings.ToLower(o.Target)
	return o
}

func sent(i int) Object {
	o := object(i)
	o.Outcome, o.Run, o.Attempts = "uploaded", "run-1", 1
	o.SHA256[0], o.MD5[15] = byte(i)|1, 7
	return o
}

func objects(t testing.TB, j *Journal, kind string) []Object {
	t.Helper()
	var out []Object
	must(t, j.Objects(context.Background(), kind, func(o Object) error {
		out = append(out, o)
		return nil
	}))
	return out
}

func members(t testing.TB, j *Journal, run string) []Member {
	t.Helper()
	var out []Member
	must(t, j.Members(context.Background(), run, func(m Member) error {
		out = append(out, m)
		return nil
	}))
	return out
}

func ranges(t testing.TB, j *Journal, run string) []Range {
	t.Helper()
	var out []Range
	must(t, j.Ranges(context.Background(), run, func(r Range) error {
		out = append(out, r)
		return nil
	}))
	return out
}

// copyDir copies what a crash would leave: all files but the lock.
func copyDir(t testing.TB, from string) string {
	t.Helper()
	to := t.TempDir()
	entries, err := os.ReadDir(from)
	must(t, err)
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".lock" || strings.HasSuffix(e.Name(), "-shm") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(from, e.Name()))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(to, e.Name()), b, 0o600))
	}
	return to
}
