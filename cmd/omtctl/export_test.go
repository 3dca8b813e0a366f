package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"omt/migration"
)

// What the export of a large database is held to: the most memory of the
// process, in bytes, whatever the database's size, and how it may grow with it.
const (
	mostMemory  = 300 << 20
	mostGrowth  = 1.2
	exportRows  = 500_000
	exportKills = 10
	soakRows    = 5_000_000
	soakKills   = 50
)

// soak tells whether there is time for the long form of a test.
func soak() bool { return os.Getenv("OMT_SOAK") != "" }

// One export that is killed again and again ends like one that was not: nothing
// that the journal has is read again, and the package is the same. The whole
// one shows how much memory an export takes.
func TestKilledExport(t *testing.T) {
	slow(t)
	rows, times := exportRows, exportKills
	if soak() {
		rows, times = soakRows, soakKills
	}
	in := serve(t, filepath.Join(t.TempDir(), "sample"), "--users", "20", "--documents", "40", "--missing", "2", "--rows", strconv.Itoa(rows))
	plan := filepath.Join(t.TempDir(), "plan.json")
	in.invoke(t, "plan", "--ticket", in.Ticket, "--config", in.Config, "--user", in.User, "--trust-certificate", in.Certificate,
		"--secrets-stdin", "--out", plan, "--accept-terms").mustSucceed(t)
	whole := newPlace(t)
	all := in.export(t, whole, 2, "run", "--plan", plan)
	want := fingerprint(t, whole.target)
	t.Logf("%d rows in %d parts, at most %d MB of memory", all.rows, all.result.Counts.Staged, all.memory>>20)
	if all.memory > mostMemory {
		t.Errorf("%d MB of memory, at most %d may be", all.memory>>20, mostMemory>>20)
	}

	p := newPlace(t)
	word, more := "run", []string{"--plan", plan}
	var known knowledge
	within := 0
	for i := range times {
		share := float64(i+1) / float64(times+1)
		e := in.export(t, p, share, word, more...)
		if !e.killed {
			t.Fatalf("run %d ended before it was killed at %.2f of the rows", i, share)
		}
		if word == "resume" && e.first < known.rows {
			t.Errorf("kill %d: the run began with %d rows, the journal had %d", i, e.first, known.rows)
		}
		now := readJournal(t, in, p)
		if now.parts < known.parts {
			t.Errorf("kill %d: the journal has %d parts, it had %d", i, now.parts, known.parts)
		}
		if known = now; known.parts > 0 && known.parts < all.result.Counts.Staged {
			within++
		}
		word, more = "resume", nil
	}
	t.Logf("%d of %d kills fell between the first and the last part", within, times)
	if within*10 < times*8 {
		t.Errorf("only %d of %d kills fell between the first and the last part", within, times)
	}
	e := in.export(t, p, 2, "resume")
	if c := e.result.Counts; !known.committed && (c.Reused != known.parts || c.Staged+c.Reused != all.result.Counts.Staged) {
		t.Errorf("%d parts staged and %d reused of %d, the journal had %d", c.Staged, c.Reused, all.result.Counts.Staged, known.parts)
	}
	compare(t, fingerprint(t, p.target), want)
	if !soak() {
		return
	}
	small := serve(t, filepath.Join(t.TempDir(), "small"), "--users", "20", "--documents", "40", "--missing", "2", "--rows", strconv.Itoa(exportRows))
	much, less := in.memory(t, plan), small.memory(t, plan)
	t.Logf("%d MB of memory for %d rows, %d MB for %d", much>>20, soakRows, less>>20, exportRows)
	if float64(much) > mostGrowth*float64(less) {
		t.Errorf("%d MB of memory for %d rows, %d MB for %d", much>>20, soakRows, less>>20, exportRows)
	}
}

// memory is the median of what five whole exports take at most: a single one is
// up to a quarter more or less, as it suits the garbage collector.
func (in *installation) memory(t *testing.T, plan string) int64 {
	t.Helper()
	var most []int64
	for range 5 {
		e := in.export(t, newPlace(t), 2, "run", "--plan", plan)
		t.Logf("%d rows: %d MB", e.rows, e.memory>>20)
		most = append(most, e.memory)
	}
	slices.Sort(most)
	return most[len(most)/2]
}

// exported is what was seen of a run.
type exported struct {
	killed bool
	first  int64 // rows when the database was first told of
	rows   int64 // rows at the end
	memory int64 // most of it, in bytes
	result migration.Result
}

// export runs the program until that share of the rows is done; with more than
// 1, to its end.
func (in *installation) export(t *testing.T, p place, share float64, word string, more ...string) exported {
	t.Helper()
	cmd := program(t, in.args(word, p, more...)...)
	cmd.Stdin = in.secrets()
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	e := exported{first: -1}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l line
		if json.Unmarshal(lines.Bytes(), &l) != nil {
			continue
		}
		e.memory = max(e.memory, peak(t, cmd.Process.Pid))
		e.result = l.Result
		for _, ph := range l.Progress.Phases {
			if ph.Phase != migration.PhaseDatabase || ph.TotalItems == 0 {
				continue
			}
			if e.rows = ph.Items; e.first < 0 {
				e.first = ph.Items
			}
			e.killed = e.killed || float64(ph.Items) >= share*float64(ph.TotalItems)
		}
		if e.killed {
			break
		}
	}
	if e.killed {
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil && !e.killed {
		t.Fatalf("%s: %v: %s", word, err, errs.String())
	}
	return e
}

// peak is the most memory that a process has had, 0 where the system does not
// tell or the process has ended.
func peak(t *testing.T, pid int) int64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	_, after, found := strings.Cut(string(b), "VmHWM:")
	if !found {
		return 0
	}
	kb, err := strconv.ParseInt(strings.Fields(after)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}
