package wiring

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite/sample"
	"omt/upload/azure/azuretest"
	"omt/upload/ticket"
)

// mounted is a folder on a file system of its own, of 64 KiB.
func mounted(t *testing.T, options string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no tmpfs can be mounted here (%v: %s)", err, strings.TrimSpace(string(out)))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	return dir
}

// checker opens a session on the sample, for checks of several targets.
func checker(t *testing.T) *Session {
	t.Helper()
	_, s := openChecks(t, sample.Options{Users: 20, Documents: 20, Rows: 3000, Missing: 2}, "")
	return s
}

// at carries out the two checks of a target.
func (s *Session) at(t *testing.T, spec migration.TargetSpec, chosen string) (rights, space migration.CheckResult) {
	t.Helper()
	net, err := s.out()
	if err != nil {
		t.Fatal(err)
	}
	if s.Target, err = openTarget(spec, chosen, s.Host, net); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Target.Close(); err != nil {
			t.Error(err)
		}
		s.Target = nil
	}()
	r, err := s.RunChecks(t.Context(), migration.CheckRights, migration.CheckSpace)
	if err != nil || len(r.Checks) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, c := range r.Checks {
		complete(t, c)
	}
	return r.Checks[0], r.Checks[1]
}

// missing are the rights that the rows name.
func missing(c migration.CheckResult) []string {
	var out []string
	for _, row := range c.Rows {
		out = append(out, strings.TrimPrefix(row[0].Message.ID, "check.right."))
	}
	return out
}

// A disk that is too small for the database, and one that may not be written.
func TestChecksOfFolder(t *testing.T) {
	s := checker(t)
	spec := migration.TargetSpec{Kind: ticket.TargetFolder}
	small := mounted(t, "size=64k")
	rights, space := s.at(t, spec, filepath.Join(small, "target"))
	state(t, rights, migration.CheckPassed, "can be read and written")
	state(t, space, migration.CheckWarning, "Only 64")
	state(t, space, migration.CheckWarning, "free at "+filepath.Join(small, "target")+"; the database has ")
	if len(rights.Rows)+len(space.Rows) > 0 {
		t.Errorf("rows %v %v", rights.Rows, space.Rows)
	}
	rights, space = s.at(t, spec, filepath.Join(t.TempDir(), "target"))
	state(t, rights, migration.CheckPassed, "can be read and written")
	state(t, space, migration.CheckPassed, "are free at")
	fixed := mounted(t, "ro,size=64k")
	rights, _ = s.at(t, spec, fixed)
	state(t, rights, migration.CheckFailed, fixed+" cannot be written to.")
	if got := missing(rights); !slices.Equal(got, []string{"write"}) {
		t.Errorf("missing %v", got)
	}
}

// Signatures that permit less than a ticket's, at Microsoft's emulator.
func TestChecksOfContainer(t *testing.T) {
	server := azuretest.Start(t)
	at, s := server.Container(t), checker(t)
	for _, c := range []struct {
		rights  string
		state   migration.CheckState
		words   string
		missing []string
	}{
		{"rcwl", migration.CheckPassed, "can be read and written to.", nil},
		{"cw", migration.CheckWarning, "can be written to, but not read and listed.", []string{"read", "list"}},
		{"rl", migration.CheckFailed, "cannot be written to.", []string{"write"}},
		{"c", migration.CheckFailed, "cannot be written to.", []string{"write", "read", "list"}},
	} {
		address := server.Signed(t, at, c.rights, time.Now().Add(time.Hour))
		rights, space := s.at(t, migration.TargetSpec{Kind: ticket.TargetBlob, Container: address}, "")
		state(t, rights, c.state, c.words)
		state(t, space, migration.CheckPassed, "is not known")
		if got := missing(rights); !slices.Equal(got, c.missing) {
			t.Errorf("%s: missing %v", c.rights, got)
		}
		if _, signature, _ := strings.Cut(address, "sig="); strings.Contains(rights.Found.Args["Target"].(string), signature) {
			t.Error("the signature is shown")
		}
	}
}
