package wiring

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLogIsBoundedAndKeepsItsNewestLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "omt.log")
	if err := os.WriteFile(path, []byte("of an earlier start\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := openKept(path, 100)
	if err != nil {
		t.Fatal(err)
	}
	const lines = 60
	for i := range lines {
		if _, err := fmt.Fprintf(k, "line %03d of the log\n", i); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != logKept+1 {
		t.Fatalf("files are %v, %v", files, err)
	}
	all := ""
	for i := logKept; i >= 0; i-- {
		b, err := os.ReadFile(logName(path, i))
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 100 {
			t.Errorf("%s has %d bytes", logName(path, i), len(b))
		}
		all += string(b)
	}
	// 20 bytes a line, five to a file, one in the newest: 16 are there, whole and in order.
	want := ""
	for i := lines - 16; i < lines; i++ {
		want += fmt.Sprintf("line %03d of the log\n", i)
	}
	if all != want {
		t.Errorf("log is\n%s", all)
	}
}

func TestLogThatCannotBeTurnedLosesNoLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "omt.log")
	// A folder with something in it stands where the oldest file would go.
	if err := os.MkdirAll(filepath.Join(logName(path, 3), "held"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(logName(path, 2), "held"), 0o700); err != nil {
		t.Fatal(err)
	}
	k, err := openKept(path, 50)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if _, err := fmt.Fprintf(k, "line %03d\n", i); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || strings.Count(string(b), "\n") != 10 {
		t.Errorf("log has %q, %v", b, err)
	}
}
