package migration_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"strconv"
	"testing"
	"testing/synctest"

	"omt/migration"
	"omt/migration/journal"
)

// The number of worlds: OMT_SOAK asks for a hundred thousand, OMT_SEED for one, or
// for as many from it on as OMT_SEEDS says.
const soakSeeds = 100_000

// TestWorlds lets processes work at a target, a disk and a database that fail as
// a seed wants it, until one is done, and holds the history against what must
// never be: what was acknowledged is lost or sent again, "uploaded" is said
// before all is there, anything is written after the lease was lost.
func TestWorlds(t *testing.T) {
	first, n := uint64(1), simSeeds
	if os.Getenv("OMT_SOAK") != "" {
		n = soakSeeds
	}
	if one, err := strconv.ParseUint(os.Getenv("OMT_SEED"), 10, 64); err == nil {
		first, n = one, 1
		if more, err := strconv.Atoi(os.Getenv("OMT_SEEDS")); err == nil {
			n = more
		}
	}
	onMemoryDisk(t)
	const lanes = 8
	for lane := range uint64(lanes) {
		t.Run(fmt.Sprint(lane), func(t *testing.T) {
			t.Parallel()
			for seed := first + lane; seed < first+uint64(n); seed += lanes {
				t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { live(t, seed) })
				})
				if t.Failed() {
					return
				}
			}
		})
	}
}

// live is the history of one world.
func live(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0))
	s := newSim(t, seed)
	var err error
	for n := rng.IntN(6); n > 0; n-- {
		if rng.Float64() < 0.15 {
			s.mu.Lock()
			s.jump += days(rng)
			s.mu.Unlock()
		}
		err = s.process(draw(rng))
		if !s.told(err) {
			s.wrong("%v says nothing to people", err)
		}
		s.ended()
		if err == nil || errors.Is(err, migration.ErrUploaded) {
			break
		}
		if rng.Float64() < 0.3 && !s.uploaded {
			s.w.src.addDocument(int64(2000+n), fmt.Sprintf("late %d.docx", n), []byte{byte(n)})
		}
	}
	if err != nil || !s.uploaded {
		if err = s.process(simFaults{}); err != nil && !errors.Is(err, migration.ErrUploaded) {
			s.wrong("a process at which nothing fails ends with %v", err)
		}
		s.ended()
	}
	if !s.uploaded {
		s.wrong("uploaded was never said")
	}
	s.outcomes()
	for _, f := range s.faultsOf {
		t.Errorf("seed %d, %s", seed, f)
	}
}

// objects are the sums of everything at the target.
func (s *sim) objects() map[string]string {
	out := map[string]string{}
	err := s.store.List(context.Background(), "", func(o migration.Object) error {
		sum := sha256.Sum256(s.read(o.Path))
		out[o.Path] = hex.EncodeToString(sum[:])
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *sim) read(p string) []byte {
	r, err := s.store.Open(context.Background(), p, 0, -1)
	if err != nil {
		return nil
	}
	defer r.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		s.t.Fatal(err)
	}
	return b.Bytes()
}

// saidUploaded is called when a receiver can read that all is there: then all
// that the manifest names must be, and the manifest must name all.
func (s *sim) saidUploaded() {
	s.mu.Lock()
	s.uploaded = true
	s.mu.Unlock()
	var session migration.Session
	if err := json.Unmarshal(s.read("session.json"), &session); err != nil {
		s.wrong("session: %v", err)
		return
	}
	objects := s.objects()
	for _, p := range []string{"plan.json", "report.json", "report.html", "database/SuperOffice.bacpac"} {
		if objects[p] == "" {
			s.wrong("uploaded is said without %s", p)
		}
	}
	dir := "manifest/" + session.Run
	var index migration.ManifestIndex
	if err := json.Unmarshal(s.read(dir+"/index.json"), &index); err != nil {
		s.wrong("uploaded is said without a manifest: %v", err)
		return
	}
	rows := map[int64]bool{}
	for _, f := range index.Files {
		b := s.read(path.Join(dir, f.Name))
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != f.SHA256 {
			s.wrong("%s is not as the index says", f.Name)
			continue
		}
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			s.wrong("%s: %v", f.Name, err)
			continue
		}
		for lines := bufio.NewScanner(z); lines.Scan(); {
			var l migration.ManifestLine
			if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
				s.wrong("%s: %v", f.Name, err)
			}
			for _, r := range l.Rows {
				if rows[r] {
					s.wrong("row %d stands twice in the manifest", r)
				}
				rows[r] = true
			}
			if l.State == migration.Uploaded && l.Kind != "part" && objects[l.Target] != l.SHA256 {
				s.wrong("uploaded is said while %s has %q instead of %s", l.Target, objects[l.Target], l.SHA256)
			}
		}
	}
	s.w.src.mu.Lock()
	defer s.w.src.mu.Unlock()
	for _, it := range s.w.src.items {
		if !rows[it.Row] {
			s.wrong("row %d is not in the manifest", it.Row)
		}
	}
}

// outcomes holds what the journal says of each row against what can be known
// beforehand.
func (s *sim) outcomes() {
	got := map[int64]journal.Object{}
	err := s.w.open(nil, s.w.src, func(m *migration.Migration) error {
		return m.Journal.Objects(s.t.Context(), "", func(o journal.Object) error {
			got[o.Row] = o
			return nil
		})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	objects := s.objects()
	for _, it := range s.w.src.items {
		o, want := got[it.Row], migration.Uploaded
		switch {
		case it.Outcome != "":
			want = it.Outcome
		case s.denied(it):
			want = migration.Unreadable
		}
		if migration.Outcome(o.Outcome) != want {
			s.wrong("row %d is %q, want %q (%s)", it.Row, o.Outcome, want, o.Reason)
		}
		if sum := sha256.Sum256(s.w.src.files[it.Source]); want == migration.Uploaded && objects[o.Target] != hex.EncodeToString(sum[:]) {
			s.wrong("row %d lies at %s with other bytes", it.Row, o.Target)
		}
	}
}
