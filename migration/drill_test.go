package migration_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"omt/migration"
	"omt/migration/journal"
	"omt/upload/uploadtest"
)

// death is how one process of the drill ends.
type death struct {
	point   string // fail point of the journal; empty: killed from outside
	count   int    // the how manyth call of the point, or request of the server
	damaged bool   // the disk has lost or changed bytes of the journal as well
}

func (d death) String() string {
	s := fmt.Sprintf("%s %d", d.point, d.count)
	if d.point == "" {
		s = fmt.Sprintf("killed at request %d", d.count)
	}
	if d.damaged {
		s += ", journal damaged"
	}
	return s
}

// TestDrill kills a process before, within and after writes of its journal, and
// from outside, and damages the journal after some of them. The resumed run ends
// like one that was not killed; by the log of the server nothing is sent again
// that the journal had, and nothing is lost. OMT_SOAK dies at every write.
func TestDrill(t *testing.T) {
	onMemoryDisk(t) // a kill takes nothing from the page cache
	server := uploadtest.NewBlobServer(uploadtest.BlobOptions{})
	whole := drill{State: t.TempDir(), Address: server.Address(server.Serve(t), "c", "rcwl")}
	calls, err := whole.run(worldPlan(drillSource()))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(server.RequestsOf(uploadtest.BlobBlock)); n < drillParts {
		t.Fatalf("only %d parts", n)
	}
	want := savedFingerprint(t, server)
	deaths := deathsOf(calls, len(server.Requests()))
	var mu sync.Mutex
	alive, refused := 0, 0
	t.Run("deaths", func(t *testing.T) {
		for i, d := range deaths {
			t.Run(d.String(), func(t *testing.T) {
				t.Parallel()
				died, damaged := dieAndResume(t, d, uint64(i), want)
				mu.Lock()
				defer mu.Unlock()
				if !died {
					alive++
				}
				if damaged {
					refused++
				}
			})
		}
	})
	t.Logf("%d deaths, %d processes lived to their end, %d damaged journals were refused", len(deaths), alive, refused)
	if alive > len(deaths)/10 {
		t.Errorf("%d of %d processes did not die", alive, len(deaths))
	}
}

// deathsOf chooses the deaths: all of them, or a sample that the seed tells.
func deathsOf(calls map[string]int, requests int) []death {
	points := []string{journal.PointGroupBegin, journal.PointGroupBefore, journal.PointGroupAfter}
	var out []death
	if os.Getenv("OMT_SOAK") != "" {
		for _, p := range points {
			for n := range calls[p] {
				out = append(out, death{point: p, count: n + 1, damaged: n%5 == 4})
			}
		}
		for n := 1; n <= requests; n += 3 {
			out = append(out, death{count: n})
		}
		return out
	}
	rng := rand.New(rand.NewPCG(5, 1))
	for i := range drillDeaths {
		p := points[i%len(points)]
		out = append(out, death{point: p, count: 1 + rng.IntN(calls[p]), damaged: i%4 == 3})
	}
	for range drillDeaths / 6 {
		out = append(out, death{count: 1 + rng.IntN(requests)})
	}
	return out
}

// dieAndResume tells whether the process died, and whether its journal was
// refused as damaged.
func dieAndResume(t *testing.T, d death, seed uint64, want map[string]string) (died, refused bool) {
	server, x, died := die(t, d)
	if d.damaged {
		damage(t, x.State, rand.New(rand.NewPCG(seed, 2)))
	}
	if d.damaged && seed%8 >= 4 && trusts(t, server, x) {
		finds(t, server, want, true)
		return died, false
	}
	known, err := acknowledged(x.State) // nil if it has no run
	switch {
	case errors.Is(err, journal.ErrDamaged) && d.damaged:
		refused = true
		if _, err := journal.SetAside(x.State, testKey, journal.Options{}); err != nil {
			t.Fatal(err)
		}
	case err != nil:
		t.Fatalf("open journal: %v", err)
	case known == nil:
		// It died before the run was recorded, of which the target then knows
		// nothing. Or its log was cut off at that moment: nothing tells that there
		// was more, so that the run begins anew beside what it finds, as after the
		// loss of the journal.
		known = map[string]string{}
		if _, told := server.Objects("c")["session.json"]; told {
			if refused = d.damaged; !refused {
				t.Error("the target knows of a run that the journal has forgotten")
			}
		}
	}
	objects := server.Objects("c")
	for what, sum := range known {
		if have := sha256.Sum256(objects[what]); sum != "" && hex.EncodeToString(have[:]) != sum {
			t.Errorf("the journal says that %s was sent, the server has %d bytes of it", what, len(objects[what]))
		}
	}
	before := len(server.Requests())
	if _, err := x.run(worldPlan(drillSource())); err != nil && !errors.Is(err, migration.ErrUploaded) {
		t.Fatalf("resume: %v", err)
	}
	for _, r := range server.Requests()[before:] {
		what := map[uploadtest.BlobOp]string{uploadtest.BlobPut: r.Path, uploadtest.BlobBlock: r.Block}[r.Op]
		if _, ok := known[what]; ok {
			t.Errorf("%s %s was sent again", r.Op, what)
		}
	}
	finds(t, server, want, refused)
	return died, refused
}

// trusts starts the program at a journal of which it does not know that it is
// damaged. It tells whether the run went through, which it may where the damage
// cut off the last writes alone or fell on nothing. Otherwise it must not have
// said that all is there, and the next start must know without being told.
func trusts(t *testing.T, server *uploadtest.BlobServer, x drill) bool {
	t.Helper()
	was := stateOf(t, server)
	_, err := x.run(worldPlan(drillSource()))
	server.BreakLease("c", "session.lock")
	if err == nil || errors.Is(err, migration.ErrUploaded) {
		return true
	}
	if !errors.Is(err, journal.ErrDamaged) {
		t.Fatalf("the run at a damaged journal ends with %v", err)
	}
	if now := stateOf(t, server); now != was && (now == migration.StateUploaded || now == migration.StateComplete) {
		t.Errorf("the run at a damaged journal said %s", now)
	}
	if _, err := acknowledged(x.State); !errors.Is(err, journal.ErrDamaged) {
		t.Errorf("the next start says %v", err)
	}
	return false
}

// stateOf is the state that a receiver reads; empty before there is one.
func stateOf(t *testing.T, server *uploadtest.BlobServer) migration.State {
	t.Helper()
	b, there := server.Objects("c")["session.json"]
	if !there {
		return ""
	}
	var s migration.Session
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s.State
}

// finds compares what arrived with what a run that was not killed leaves. After
// a journal was lost, what the run before had sent counts as unchanged.
func finds(t *testing.T, server *uploadtest.BlobServer, want map[string]string, lost bool) {
	t.Helper()
	got := savedFingerprint(t, server)
	if lost {
		got, want = contents(got), contents(want)
	}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if got[k] != want[k] {
			t.Errorf("%s:\n got %s\nwant %s", k, got[k], want[k])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d entries, want %d", len(got), len(want))
	}
}

// die lets a process die, and returns the server it worked at and how to go on.
func die(t *testing.T, d death) (server *uploadtest.BlobServer, next drill, died bool) {
	t.Helper()
	var cmd *exec.Cmd
	started := make(chan struct{}) // the server hears of the process before Start has returned
	var mu sync.Mutex
	n := 0
	server = uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(uploadtest.BlobRequest) uploadtest.BlobFault {
		mu.Lock()
		n++
		now := d.point == "" && n == d.count
		mu.Unlock()
		if now {
			<-started
			_ = cmd.Process.Kill()
		}
		return uploadtest.BlobFault{}
	}})
	x := drill{State: t.TempDir(), Address: server.Address(server.Serve(t), "c", "rcwl"), Point: d.point, Count: d.count}
	spec, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), drillEnv+"="+string(spec))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	err = cmd.Wait()
	if died = err != nil; died && (cmd.ProcessState.ExitCode() >= 0 || stderr.Len() > 0) {
		t.Fatalf("the process was not killed: %v, %s", err, &stderr)
	}
	server.BreakLease("c", "session.lock") // as it ends by itself after a minute
	x.Point = ""
	return server, x, died
}

// contents leaves out of a fingerprint what says how something came there.
func contents(f map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range f {
		switch {
		case k == "report.json", k == "session.json":
		case strings.HasPrefix(k, "manifest "):
			out[k] = strings.Replace(v, `"state":"unchanged"`, `"state":"uploaded"`, 1)
		default:
			out[k] = v
		}
	}
	return out
}

// acknowledged reads what a journal has: SHA-256 by path, and parts by the id of
// their block.
func acknowledged(dir string) (map[string]string, error) {
	ctx := context.Background()
	j, err := journal.Open(ctx, dir, testKey, journal.Options{})
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if err := j.Whole(ctx); err != nil {
		return nil, err
	}
	out := map[string]string{}
	last, found, err := j.LastRun(ctx)
	if err != nil || !found {
		return nil, err
	}
	blocks, err := finishedBlocks(ctx, j, last.ID)
	if err != nil {
		return nil, err
	}
	for _, id := range blocks {
		out[id] = ""
	}
	return out, j.Objects(ctx, "", func(o journal.Object) error {
		if migration.Outcome(o.Outcome) == migration.Uploaded {
			out[o.Target] = hex.EncodeToString(o.SHA256[:])
		}
		return nil
	})
}

// finishedBlocks are the ids of the parts that a resumed run takes up: those of
// ranges that were read to their end. A heap, which has no order, is read again
// as a whole, and what describes the package is written anew with each start.
func finishedBlocks(ctx context.Context, j *journal.Journal, run string) (ids []string, err error) {
	type part struct {
		table string
		seq   int
	}
	done := map[part]bool{}
	err = j.Ranges(ctx, run, func(r journal.Range) error {
		done[part{r.Table, r.Seq}] = r.Done
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = j.Members(ctx, run, func(m journal.Member) error {
		if m.Table != "" && done[part{m.Table, m.Range}] {
			ids = append(ids, m.BlockID)
		}
		return nil
	})
	return ids, err
}

// damage cuts off or flips bytes of the journal or its log.
func damage(t *testing.T, dir string, rng *rand.Rand) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var candidates []string
	for _, f := range files {
		if st, err := os.Stat(f); err == nil && st.Size() > 100 && !strings.HasSuffix(f, "-shm") && !strings.HasSuffix(f, ".lock") {
			candidates = append(candidates, f)
		}
	}
	if len(candidates) == 0 {
		return // it died before there was a journal
	}
	f := candidates[rng.IntN(len(candidates))]
	b, err := os.ReadFile(f)
	if err != nil {
		t.Fatal(err)
	}
	at := rng.IntN(len(b))
	if rng.IntN(2) == 0 {
		b = b[:at]
	} else {
		b[at] ^= 1 << rng.IntN(8)
	}
	if err := os.WriteFile(f, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func savedFingerprint(t *testing.T, s *uploadtest.BlobServer) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if err := s.Save("c", dir); err != nil {
		t.Fatal(err)
	}
	f, err := uploadtest.Fingerprint(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
