package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"omt/migration"
	"omt/onsite/sample"
	"omt/upload/uploadtest"
)

// The test binary is the program itself when it is started with this variable:
// what is killed in these tests is a real process.
const asProgram = "OMTCTL_AS_PROGRAM"

func TestMain(m *testing.M) {
	keyring.MockInit() // the real one belongs to whoever runs the tests
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// slow leaves a test of whole processes to the run without race detector: the
// run that is killed and resumed goes through the same goroutines under it.
func slow(t *testing.T) {
	t.Helper()
	if underRace {
		t.Skip("whole processes are gone through without the race detector; under it only those that are killed")
	}
}

// installation is a sample installation that another process serves.
type installation struct {
	Server, Config, Ticket, User, Password, Certificate, NetServer string
	DBUser, DBPassword                                             string
	Logins                                                         []sample.Login
	dir                                                            string
	stop                                                           func()
}

// serve starts omtctl sample and waits until it says where it is.
func serve(t *testing.T, dir string, args ...string) *installation {
	t.Helper()
	cmd := program(t, append([]string{"sample", "--dir", dir, "--json"}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	t.Cleanup(stop)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			Event string
			Data  installation
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("sample said %s", lines.Text())
		}
		if e.Event == "data" {
			e.Data.dir, e.Data.stop = dir, stop
			return &e.Data
		}
	}
	t.Fatalf("sample ended: %s", errs.String())
	return nil
}

// place is where one migration lives.
type place struct{ state, target string } // target is empty for a container

func newPlace(t *testing.T) place {
	dir := t.TempDir()
	return place{filepath.Join(dir, "state"), filepath.Join(dir, "target")}
}

// args are those of run and resume.
func (in *installation) args(word string, p place, more ...string) []string {
	if word == "run" || word == "preseed" {
		more = append(more, "--acknowledge-warnings")
	}
	if p.target != "" {
		more = append(more, "--to", p.target)
	}
	return append([]string{
		word, "--ticket", in.Ticket, "--config", in.Config, "--user", in.User, "--trust-certificate", in.Certificate,
		"--state", p.state, "--secrets-stdin", "--json", "--progress", "10ms",
	}, more...)
}

func (in *installation) secrets() io.Reader {
	b, err := json.Marshal(map[string]string{"userPassword": in.Password})
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(b)
}

// ended is what a process left.
type ended struct {
	code   int
	stdout string
	stderr string
	last   line
}

// line is a line of --json as these tests read it.
type line struct {
	Event    string
	Error    string
	Words    string
	Hint     migration.Message
	Progress migration.Snapshot
	Result   migration.Result
}

// invoke runs the program to its end with the passwords on standard input.
func (in *installation) invoke(t *testing.T, args ...string) ended {
	t.Helper()
	return invoke(t, in.secrets(), args...)
}

func invoke(t *testing.T, stdin io.Reader, args ...string) ended {
	t.Helper()
	cmd := program(t, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &out, &errs
	err := cmd.Run()
	if _, exit := err.(*exec.ExitError); err != nil && !exit {
		t.Fatal(err)
	}
	e := ended{code: cmd.ProcessState.ExitCode(), stdout: out.String(), stderr: errs.String()}
	for _, l := range strings.Split(strings.TrimSpace(e.stdout), "\n") {
		var x line
		if json.Unmarshal([]byte(l), &x) == nil && x.Event != "" {
			e.last = x
		}
	}
	return e
}

func (e ended) mustSucceed(t *testing.T) ended {
	t.Helper()
	if e.code != exitOK {
		t.Fatalf("exit code %d: %s", e.code, e.stderr)
	}
	return e
}

func fingerprint(t *testing.T, dir string) map[string]string {
	t.Helper()
	f, err := uploadtest.Fingerprint(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func compare(t *testing.T, got, want map[string]string) {
	t.Helper()
	shown := 0
	for k := range want {
		if got[k] != want[k] && shown < 10 {
			at := differs(got[k], want[k])
			t.Errorf("%s, from byte %d:\n got %.300s\nwant %.300s", k, at, got[k][at:], want[k][at:])
			shown++
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok && shown < 10 {
			t.Errorf("%s is not in the other: %.300s", k, got[k])
			shown++
		}
	}
}

// differs is where two texts begin to differ, with some of what stands before.
func differs(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return max(0, n-60)
}

func when(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return at
}
