package migration_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
	"omt/upload/uploadtest"
)

// benchOnly keeps load runs, which need minutes and a quiet computer, to make
// bench.
func benchOnly(t *testing.T) {
	t.Helper()
	if os.Getenv("OMT_BENCH") == "" {
		t.Skip("a load run: make bench")
	}
}

// benchNumber reads a number from the environment, so that a run can be made
// smaller while somebody works on it.
func benchNumber(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return usual
}

// tabled adds a row to the table of figures that make bench prints.
func tabled(t *testing.T, what, got, with string) {
	t.Helper()
	row := fmt.Sprintf("| %s | %s | %s | `make bench` |\n", what, got, with)
	t.Log(row)
	name := os.Getenv("OMT_BENCH_TABLE")
	if name == "" {
		return
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(row)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Error(err)
	}
}

// child starts the test binary in a role.
func child(t *testing.T, role loadRole) *exec.Cmd {
	t.Helper()
	spec, err := json.Marshal(role)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), loadEnv+"="+string(spec))
	cmd.Stderr = os.Stderr
	return cmd
}

// served is the server of a load run in a process of its own.
type served struct {
	t         *testing.T
	addresses []string
	server    uploadtest.LoadServer
}

func serveChild(t *testing.T, role loadRole) *served {
	t.Helper()
	role.Serve = true
	cmd := child(t, role)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	s := &served{t: t}
	lines := bufio.NewScanner(out)
	for range max(role.Runs, 1) {
		if !lines.Scan() {
			t.Fatal("server told no address")
		}
		s.addresses = append(s.addresses, lines.Text())
	}
	u, err := url.Parse(s.addresses[0])
	if err != nil {
		t.Fatal(err)
	}
	s.server = uploadtest.LoadServer("http://" + u.Host)
	return s
}

// must ends the test at an error of the server.
func (s *served) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *served) stats() uploadtest.LoadStats {
	s.t.Helper()
	st, err := s.server.Stats()
	s.must(err)
	return st
}

// loadRun is what one process has cost.
type loadRun struct {
	wall, cpu time.Duration
	resident  int64 // the most, in MB
	stats     uploadtest.LoadStats
}

func (s *served) measure(cmd *exec.Cmd) loadRun {
	s.t.Helper()
	s.must(s.server.Reset())
	begin := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", filepath.Base(cmd.Path), err, out)
	}
	p := cmd.ProcessState
	return loadRun{time.Since(begin), p.UserTime() + p.SystemTime(), maxResident(p) >> 20, s.stats()}
}

// TestLoadAgainstRclone sends 20,000 documents of 2 to 200 KiB, 1 GB, by the
// engine with its journal and by rclone to the same server, in turns, of which
// each begins with the one that came last before.
func TestLoadAgainstRclone(t *testing.T) {
	benchOnly(t)
	rclone, err := exec.LookPath(os.Getenv("OMT_RCLONE"))
	if err != nil {
		t.Skip("OMT_RCLONE names no rclone: make bench installs it")
	}
	runs, files := benchNumber("OMT_BENCH_RUNS", 5), benchNumber("OMT_BENCH_FILES", 20_000)
	corpus := filepath.Join(t.TempDir(), "corpus")
	bytes := writeCorpus(t, corpus, files)
	s := serveChild(t, loadRole{Runs: 2 * runs})
	t.Logf("%d documents, %d MB, %d processors, %s", files, bytes/1e6, runtime.NumCPU(), runtime.Version())
	var ours, theirs []loadRun
	for i := range runs {
		us := func() {
			cmd := child(t, loadRole{Address: s.addresses[2*i], State: t.TempDir(), Corpus: corpus})
			cmd.Stderr = nil
			ours = append(ours, s.measure(cmd))
		}
		them := func() { theirs = append(theirs, s.measure(rcloneCommand(t, rclone, corpus, s.addresses[2*i+1]))) }
		if i%2 == 1 {
			us, them = them, us
		}
		us()
		them()
		for name, r := range map[string]loadRun{"omt": ours[i], "rclone": theirs[i]} {
			t.Logf("%-6s wall %5.1f s, processor %5.1f s, resident %3d MB, requests a document %.2f", name,
				r.wall.Seconds(), r.cpu.Seconds(), r.resident, float64(r.stats.Requests)/float64(files))
			if r.stats.Objects != files {
				t.Fatalf("%s: %d of %d documents arrived", name, r.stats.Objects, files)
			}
		}
	}
	wall := func(r loadRun) float64 { return r.wall.Seconds() }
	cpu := func(r loadRun) float64 { return r.cpu.Seconds() }
	resident := func(r loadRun) float64 { return float64(r.resident) }
	requests := func(r loadRun) float64 { return float64(r.stats.Requests) }
	w, c := median(ours, wall)/median(theirs, wall), median(ours, cpu)/median(theirs, cpu)
	var least, most float64
	for i := range ours {
		part := cpu(ours[i]) / cpu(theirs[i])
		if i == 0 {
			least = part
		}
		least, most = min(least, part), max(most, part)
	}
	tabled(t, fmt.Sprintf("%d documents of 2 to 200 KiB (%d MB), journal on, small made-up database, to a scripted server in a process of its own; medians of %d alternating pairs", files, bytes/1e6, runs),
		fmt.Sprintf("processor %.2f (%.2f to %.2f in the pairs), wall %.2f, %.0f MB resident, %.2f requests a document", c, least, most, w, median(ours, resident), median(ours, requests)/float64(files)),
		fmt.Sprintf("rclone, tuned, 16 transfers: 1 (%.1f s), 1 (%.1f s), %.0f MB, %.2f requests", median(theirs, cpu), median(theirs, wall), median(theirs, resident), median(theirs, requests)/float64(files)))
	bar(t, "wall time as a part of rclone's", w, 1.0)
	bar(t, "processor time as a part of rclone's", c, 0.9)
	bar(t, "resident MB", median(ours, resident), 80)
	bar(t, "requests a document", median(ours, requests)/float64(files), 1)
}

// bar fails a load run that needs more than it may.
func bar(t *testing.T, what string, got, most float64) {
	t.Helper()
	if got > most {
		t.Errorf("%s: %.2f, at most %.2f", what, got, most)
	}
}

func median(runs []loadRun, of func(loadRun) float64) float64 {
	var v []float64
	for _, r := range runs {
		v = append(v, of(r))
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// rcloneCommand is rclone without what costs it time for nothing here: it looks
// for no container and no object before it sends.
func rcloneCommand(t *testing.T, rclone, corpus, address string) *exec.Cmd {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	// In an address with a number for a host the first name is an account's.
	u.Host = strings.Replace(u.Host, "127.0.0.1", "localhost", 1)
	cmd := exec.CommandContext(t.Context(), rclone, "copy", corpus, ":azureblob:"+strings.Trim(u.Path, "/"), "--azureblob-sas-url", u.String(),
		"--transfers", "16", "--checkers", "16", "--no-check-dest", "--no-traverse", "--azureblob-no-check-container", "--azureblob-no-head-object",
		"--config", filepath.Join(t.TempDir(), "none"), "--log-level", "ERROR")
	return cmd
}

// writeCorpus makes documents of 2 to 200 KiB, small ones more often than large
// ones, 49 KiB in the mean, 26 in a folder. All runs of all computers have the
// same ones.
func writeCorpus(t *testing.T, dir string, files int) (total int64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(20, 2))
	noise := make([]byte, 1<<20)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	for i := range files {
		folder := filepath.Join(dir, "documents", fmt.Sprintf("user%02d", i/26%64), fmt.Sprintf("%d.%d", 2010+i/26/64/2, 1+i/26/64%2))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		size := int((2 + 198*math.Pow(rng.Float64(), 3.2)) * 1024)
		at := rng.IntN(len(noise) - size)
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("brief %05d.docx", i)), noise[at:at+size], 0o600); err != nil {
			t.Fatal(err)
		}
		total += int64(size)
	}
	return total
}

// TestLoadOnLine: on a line of 50 ms and 100 Mbit/s documents of 49 KB fill at
// least nine tenths of it, counted by the bytes that the server received in the
// seconds 20 to 80.
func TestLoadOnLine(t *testing.T) {
	benchOnly(t)
	const rate = 100_000_000 / 8
	const size = 49_000
	s := serveChild(t, loadRole{Line: uploadtest.Line{RTT: 50 * time.Millisecond, Rate: rate}})
	cmd := child(t, loadRole{Address: s.addresses[0], State: t.TempDir(), Items: 90 * rate / size, Size: size})
	cmd.Stderr = nil
	r := s.measure(cmd)
	sec := r.stats.Seconds
	if len(sec) < 80 {
		t.Fatalf("it took %d seconds only", len(sec))
	}
	sum := int64(0)
	for _, n := range sec[20:80] {
		sum += n
	}
	part := float64(sum) / 60 / rate
	tabled(t, "Line of 50 ms and 100 Mbit/s in real time, documents of 49 KB, seconds 20 to 80",
		fmt.Sprintf("%.1f %% of the line, at most %d connections, processor %.1f s in %.0f s, %d MB resident", 100*part, r.stats.Connections, r.cpu.Seconds(), r.wall.Seconds(), r.resident), "the line")
	if part < 0.9 {
		t.Errorf("%.1f %% of the line, at least 90 are wanted", 100*part)
	}
	bar(t, "connections", float64(r.stats.Connections), 64)
}

// TestLoadMillion: a million small documents, killed on the way, stay within
// 250 MB, and the next process sends its first document within five seconds,
// once the lease of the killed one has ended.
func TestLoadMillion(t *testing.T) {
	benchOnly(t)
	items := benchNumber("OMT_BENCH_ITEMS", 1_000_000)
	s := serveChild(t, loadRole{Sink: true})
	role := loadRole{Address: s.addresses[0], State: t.TempDir(), Items: items, Size: 200}
	cmd := child(t, role)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for s.stats().Objects < items*9/10 {
		select {
		case err := <-ended:
			t.Fatalf("it ended before it was killed: %v", err)
		case <-time.After(50 * time.Millisecond): // the server is another process
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	killed := loadRun{wall: time.Since(begin), resident: maxResident(cmd.ProcessState) >> 20}
	before := s.stats().Objects
	s.must(s.server.Free())
	begin = time.Now()
	cmd = child(t, role)
	cmd.Stderr = nil
	r := s.measure(cmd)
	first := r.stats.First.Sub(begin)
	tabled(t, fmt.Sprintf("%d small documents, killed at %d after %.0f s, and the start after it", items, before, killed.wall.Seconds()),
		fmt.Sprintf("%d MB resident before the kill and %d MB after it; the first document of the next process %.1f s after its start, the last after %.0f s; %d documents were sent again",
			killed.resident, r.resident, first.Seconds(), r.wall.Seconds(), before+r.stats.Objects-items), "")
	bar(t, "resident MB", float64(max(killed.resident, r.resident)), 250)
	bar(t, "seconds to the first document of the next process", first.Seconds(), 5)
}

// TestLoadOnSimulatedLine is the same line in a world where time passes by
// itself (synctest): what the engine makes of a line, whatever else the
// computer has to do.
func TestLoadOnSimulatedLine(t *testing.T) {
	benchOnly(t)
	synctest.Test(t, func(t *testing.T) {
		const rate = 100_000_000 / 8
		const size = 49_000
		var mu sync.Mutex
		var first time.Time
		var seconds [100]int64
		s := uploadtest.NewBlobServer(uploadtest.BlobOptions{
			Line: uploadtest.Line{RTT: 50 * time.Millisecond, Rate: rate}, Forget: uploadtest.IsDocument,
			Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
				mu.Lock()
				defer mu.Unlock()
				if r.Op != uploadtest.BlobPut || !uploadtest.IsDocument(r.Path) {
					return uploadtest.BlobFault{}
				}
				if first.IsZero() {
					first = time.Now()
				}
				if at := int(time.Since(first) / time.Second); at < len(seconds) {
					seconds[at] += r.Size
				}
				return uploadtest.BlobFault{}
			},
		})
		w := newWorld(t, newFakeSource(1, 10, 0))
		w.onServer(s)
		src := &loadSource{fakeSource: w.src, role: loadRole{Items: 85 * rate / size, Size: size}, content: make([]byte, size)}
		err := w.open(w.plan, src, func(m *migration.Migration) error {
			m.Limits, m.Wait = migration.DefaultLimits(), realWait
			_, err := m.Run(t.Context())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		sum := int64(0)
		for _, n := range seconds[20:80] {
			sum += n
		}
		part := float64(sum) / 60 / rate
		tabled(t, "The same line in simulated time", fmt.Sprintf("%.1f %% of the line", 100*part), "the line")
		if part < 0.9 {
			t.Errorf("%.1f %% of the line, at least 90 are wanted", 100*part)
		}
	})
}
