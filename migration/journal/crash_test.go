package journal

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// crash tells a child process where to die.
type crash struct {
	Dir   string
	Point string // fail point; empty: work until killed from outside
	Count int    // the how manyth call of it
}

const (
	childGroup   = 10
	childPlanned = 200
)

// child works on a journal and prints what was acknowledged, one line each, as
// soon as it knows.
func child(spec string) error {
	var c crash
	if err := json.Unmarshal([]byte(spec), &c); err != nil {
		return err
	}
	calls := 0
	o := Options{GroupSize: childGroup, GroupDelay: 3 * time.Millisecond, FailPoint: func(name string) error {
		if name != c.Point {
			return nil
		}
		if calls++; calls == c.Count {
			return die()
		}
		return nil
	}}
	ctx := context.Background()
	j, err := open(ctx, c.Dir, testKey, o.withDefaults(), crashSteps)
	if err != nil {
		return err
	}
	var plan []Range
	for i := range childPlanned {
		plan = append(plan, Range{Run: "r", Table: "t", Seq: i})
	}
	if err := j.PlanRanges(ctx, "r", plan); err != nil {
		return err
	}
	fmt.Println("planned")
	for i := 0; ; i++ {
		if i%5 == 4 {
			m := Member{Run: "r", Name: strconv.Itoa(i), Table: "t", Range: i, Offset: int64(i)}
			j.AckMember(m, &Range{Run: "r", Table: "t", Seq: i}, tell(i))
			continue
		}
		j.Ack(sent(i), tell(i))
	}
}

func tell(i int) func(error) {
	return func(err error) {
		if err != nil {
			// Without this it would go on for ever, because nothing is committed
			// any more at which it could die.
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		fmt.Println("ack", i)
	}
}

// die ends the process as kill -9 does: nothing deferred, nothing flushed.
func die() error {
	p, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := p.Kill(); err != nil {
		return err
	}
	select {}
}

// crashSteps has a version more so that a child upgrades what the parent made.
var crashSteps = append(slices.Clone(steps), step{len(steps) + 1, func(_ context.Context, s *store) error {
	return s.exec("CREATE TABLE extra(x INTEGER) STRICT")
}})

// runChild runs a child until it dies, killing it after so many acknowledged
// lines if kill is not 0, and returns how many it acknowledged.
func runChild(t *testing.T, c crash, kill int) (acked int, planned bool) {
	t.Helper()
	spec, err := json.Marshal(c)
	must(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+string(spec))
	out, err := cmd.StdoutPipe()
	must(t, err)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	must(t, cmd.Start())
	// The child writes whole lines, but the last one may be cut by its death.
	for r := bufio.NewReader(out); ; {
		line, err := r.ReadString('\n')
		if err == io.EOF {
			break
		}
		must(t, err)
		if planned = planned || line == "planned\n"; line == "planned\n" {
			continue
		}
		if line != fmt.Sprintf("ack %d\n", acked) {
			t.Fatalf("acknowledgement %d came as %q", acked, line)
		}
		if acked++; acked == kill {
			must(t, cmd.Process.Kill())
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() >= 0 && stderr.Len() > 0 {
		t.Fatalf("the child was not killed: %v, %s", err, &stderr)
	}
	return acked, planned
}

// checkAfterCrash reopens: all that was acknowledged is there, what is there is
// a beginning of what was enqueued, no member without its range, no more than
// the open group beyond the acknowledged.
func checkAfterCrash(t *testing.T, dir string, acked int, planned bool) {
	t.Helper()
	j, err := open(t.Context(), dir, testKey, Options{}.withDefaults(), crashSteps)
	must(t, err)
	defer func() { must(t, j.Close()) }()
	present := 0
	done := map[int]bool{}
	for _, r := range ranges(t, j, "r") {
		done[r.Seq] = r.Done
	}
	if planned && len(done) < childPlanned {
		t.Errorf("%d planned ranges", len(done))
	}
	ms := members(t, j, "r")
	objs := objects(t, j, "document")
	for present < len(ms)+len(objs) {
		i := present
		if i%5 == 4 {
			if len(ms) <= i/5 || ms[i/5].Name != strconv.Itoa(i) || !done[i] {
				t.Fatalf("member %d or its range is not there", i)
			}
			delete(done, i)
		} else if n := i - i/5; len(objs) <= n || !reflect.DeepEqual(objs[n], sent(i)) {
			t.Fatalf("object %d is not there or not as it was", i)
		}
		present++
	}
	for seq, d := range done {
		if d {
			t.Errorf("range %d is done without its member", seq)
		}
	}
	if present < acked || present > acked+childGroup {
		t.Errorf("%d present of %d acknowledged and a group of %d", present, acked, childGroup)
	}
}

func TestCrashAtEveryFailPoint(t *testing.T) {
	for _, point := range []string{PointCreateBefore, PointCreateAfter, PointUpgradeBefore, PointUpgradeAfter, PointGroupBegin, PointGroupBefore, PointGroupAfter} {
		for _, count := range []int{1, 2, 9} {
			if count > 1 && !strings.HasPrefix(point, "group") {
				continue // these come once
			}
			t.Run(fmt.Sprintf("%s %d", point, count), func(t *testing.T) {
				dir := t.TempDir()
				if strings.HasPrefix(point, "upgrade") {
					j, err := open(t.Context(), dir, testKey, Options{}.withDefaults(), steps)
					must(t, err)
					must(t, j.PutNote(t.Context(), "r", "n", []byte("kept")))
					must(t, j.Close())
				}
				acked, planned := runChild(t, crash{Dir: dir, Point: point, Count: count}, 0)
				if planned != (count > 1) {
					t.Errorf("died at the wrong moment: planned %v", planned)
				}
				if strings.HasPrefix(point, "create") {
					if found, err := Exists(dir, testKey); err != nil || found {
						t.Errorf("a journal that was not finished exists: %v, %v", found, err)
					}
				}
				checkAfterCrash(t, dir, acked, planned)
				if strings.HasPrefix(point, "upgrade") {
					j, err := open(t.Context(), dir, testKey, Options{}.withDefaults(), crashSteps)
					must(t, err)
					body, _, err := j.Note(t.Context(), "r", "n")
					if err != nil || string(body) != "kept" {
						t.Errorf("note is %q, %v", body, err)
					}
					must(t, j.Close())
				}
			})
		}
	}
}

func TestKilledMidStream(t *testing.T) {
	for _, kill := range []int{1, 7, 60, 333, 1500} {
		t.Run(strconv.Itoa(kill), func(t *testing.T) {
			dir := t.TempDir()
			acked, planned := runChild(t, crash{Dir: dir}, kill)
			if acked < kill {
				t.Fatalf("died after %d acknowledgements", acked)
			}
			checkAfterCrash(t, dir, acked, planned)
			// The second life goes on in the same file and dies as well.
			again, _ := runChild(t, crash{Dir: dir, Point: PointGroupBefore, Count: 5}, 0)
			t.Logf("acknowledged %d, then %d", acked, again)
			j, err := open(t.Context(), dir, testKey, Options{}.withDefaults(), crashSteps)
			must(t, err)
			if n := len(objects(t, j, "")) + len(members(t, j, "r")); n < acked {
				t.Errorf("%d records left of %d", n, acked)
			}
			must(t, j.Close())
		})
	}
}
