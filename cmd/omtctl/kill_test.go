package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/migration/journal"
	"omt/onsite/sample"
	"omt/upload/ticket"
)

// small is a sample installation that is migrated within seconds.
var small = []string{"--users", "30", "--documents", "600", "--rows", "15000", "--missing", "25"}

// A run that is killed at a random moment and resumed ends like one that was
// not, and sends again at most what the journal could not know: the open group
// and the requests in flight.
func TestKilledRunIsResumed(t *testing.T) {
	in := serve(t, filepath.Join(t.TempDir(), "sample"), small...)
	whole := newPlace(t)
	plan := filepath.Join(t.TempDir(), "plan.json")
	in.invoke(t, "plan", "--ticket", in.Ticket, "--config", in.Config, "--user", in.User, "--trust-certificate", in.Certificate,
		"--secrets-stdin", "--out", plan, "--accept-terms").mustSucceed(t)
	all := in.invoke(t, in.args("run", whole, "--plan", plan)...).mustSucceed(t)
	want := fingerprint(t, whole.target)
	total := all.last.Result.Counts
	seed := rand.Uint64()
	t.Logf("seed %d, %d objects, %d parts", seed, total.Sent, total.Staged)
	rng := rand.New(rand.NewPCG(seed, 1))
	within := 0
	for i := range kills {
		// A share of all items, rows and files, by which the run is killed.
		share := rng.Float64()
		p := newPlace(t)
		in.killAt(t, p, plan, share)
		known := readJournal(t, in, p)
		arrived := countFiles(t, p.target)
		if arrived.files > 0 && !arrived.uploaded {
			within++
		}
		res := in.invoke(t, in.args("resume", p)...).mustSucceed(t)
		c := res.last.Result.Counts
		if c.Skipped != known.objects {
			t.Errorf("kill %d: %d objects were skipped, the journal had %d", i, c.Skipped, known.objects)
		}
		if c.Sent+c.Shared+c.Skipped != total.Sent+total.Shared {
			t.Errorf("kill %d: %+v of %+v", i, c, total)
		}
		if again, limit := arrived.files-known.files, int64(100+migration.DefaultLimits().Senders); again > limit {
			t.Errorf("kill %d: %d objects had arrived that the journal did not have, at most %d may be", i, again, limit)
		}
		if !known.committed && (c.Reused != known.parts || c.Staged+c.Reused != total.Staged) {
			t.Errorf("kill %d: %d parts staged and %d reused of %d, the journal had %d", i, c.Staged, c.Reused, total.Staged, known.parts)
		}
		compare(t, fingerprint(t, p.target), want)
		if t.Failed() {
			t.Fatalf("kill %d at %.2f of the work", i, share)
		}
	}
	t.Logf("%d of %d kills fell between the first and the last part or document", within, kills)
	if within < killsWithin {
		t.Errorf("only %d of %d kills fell between the first and the last part or document", within, kills)
	}
}

// killAt starts a run and kills it when that share of rows and files is done.
func (in *installation) killAt(t *testing.T, p place, plan string, share float64, more ...string) {
	t.Helper()
	cmd := program(t, in.args("run", p, append([]string{"--plan", plan}, more...)...)...)
	cmd.Stdin = in.secrets()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l line
		if json.Unmarshal(lines.Bytes(), &l) == nil && l.Event == "progress" && done(l.Progress) >= share {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
}

// done is the mean of the shares of database and documents, 0 while either is
// still counting from nothing.
func done(s migration.Snapshot) float64 {
	var sum, n float64
	for _, ph := range s.Phases {
		if ph.Phase != migration.PhaseDatabase && ph.Phase != migration.PhaseDocuments {
			continue
		}
		n++
		if ph.TotalItems > 0 {
			sum += float64(ph.Items) / float64(ph.TotalItems)
		}
	}
	return sum / n
}

type knowledge struct {
	objects, files, parts int64 // parts of ranges that were read to their end
	rows                  int64 // of these parts
	committed             bool
}

// openJournal opens the journal of a place as another process would.
func (in *installation) openJournal(t *testing.T, p place) *journal.Journal {
	t.Helper()
	keys, err := ticket.Release()
	if err != nil {
		t.Fatal(err)
	}
	tk, err := ticket.Load(in.Ticket, keys, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	key := journal.Key{Environment: tk.Environment, Tenant: tk.Tenant, Company: tk.Company, Serial: tk.Serial}
	j, err := journal.Open(context.Background(), p.state, key, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// readJournal looks into the journal of a process that is dead.
func readJournal(t *testing.T, in *installation, p place) knowledge {
	t.Helper()
	ctx, j := context.Background(), in.openJournal(t, p)
	defer j.Close()
	var k knowledge
	err := j.Objects(ctx, "", func(o journal.Object) error {
		if migration.Outcome(o.Outcome) == migration.Uploaded {
			k.objects++
			if o.SharedKey == "" {
				k.files++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	last, found, err := j.LastRun(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		return k
	}
	type place struct {
		table string
		seq   int
	}
	whole := map[place]bool{}
	err = j.Ranges(ctx, last.ID, func(r journal.Range) error {
		whole[place{r.Table, r.Seq}] = r.Done
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = j.Members(ctx, last.ID, func(m journal.Member) error {
		// The pieces of a heap that was not read to its end are read again.
		if m.Table != "" && whole[place{m.Table, m.Range}] {
			k.parts++
			k.rows += m.Rows
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, k.committed, err = j.Note(ctx, last.ID, "commit"); err != nil {
		t.Fatal(err)
	}
	return k
}

type arrivals struct {
	files    int64
	uploaded bool
}

// countFiles counts the objects that stand in the target, without the database
// and what describes the run.
func countFiles(t *testing.T, dir string) arrivals {
	t.Helper()
	var a arrivals
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		switch first {
		case "documents", "templates", "service", "attachments", "personal":
			a.files++
		case "session.json":
			b, err := os.ReadFile(path)
			a.uploaded = strings.Contains(string(b), fmt.Sprintf("%q", migration.StateUploaded))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The demo ticket is good for the sample's serial only; both packages must
// mean the same one.
func TestSampleIsTheDemosOwner(t *testing.T) {
	in, err := sample.Build(context.Background(), filepath.Join(t.TempDir(), "sample"), sample.Options{Users: 20, Documents: 20, Rows: 6000})
	if err != nil {
		t.Fatal(err)
	}
	if in.Serial != migration.DemoSerial || in.Company != migration.DemoCompany {
		t.Errorf("the sample belongs to %s, %s", in.Company, in.Serial)
	}
}
