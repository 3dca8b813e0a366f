package migration_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"omt/migration"
	"omt/upload/azure"
	"omt/upload/uploadtest"
)

const lostPath = "database/SuperOffice.bacpac"

// forgetful is a server that forgets staged blocks of the package right before
// it is put together, the first so many times. rights are those of the ticket.
func forgetful(w *world, rights string, times int, gone func(n int) bool) (server *uploadtest.BlobServer, dropped *int) {
	w.t.Helper()
	var mu sync.Mutex
	dropped = new(int)
	server = uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
		if r.Op != uploadtest.BlobCommit || r.Path != lostPath {
			return uploadtest.BlobFault{}
		}
		mu.Lock()
		defer mu.Unlock()
		if times--; times < 0 {
			return uploadtest.BlobFault{}
		}
		n := 0
		*dropped += server.DropStaged("c", r.Path, func(string) bool { n++; return gone(n) })
		return uploadtest.BlobFault{}
	}})
	base, tr := server.ServePipe(w.t)
	x, err := azure.Open(server.Address(base, "c", rights), azure.Options{Transport: tr})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = x.Close() })
	w.memory = x
	return server, dropped
}

// TestLostBlocks: blocks that the service has forgotten when the package is put
// together are read and staged again by the same run; the others are not, where
// they may be listed. Without that right all are.
func TestLostBlocks(t *testing.T) {
	source := func() *fakeSource { return newFakeSource(3, 60, 4) }
	whole := newWorld(t, source())
	want := func() map[string]string {
		s, _ := forgetful(whole, "rcwl", 0, nil)
		whole.mustRun(whole.plan)
		whole.arrived(s)
		return whole.fingerprint()
	}()
	for name, c := range map[string]struct {
		rights string
		times  int
		gone   func(n int) bool
		all    bool // everything is staged again
	}{
		"one":             {"rcwl", 1, func(n int) bool { return n == 3 }, false},
		"every third":     {"rcwl", 1, func(n int) bool { return n%3 == 0 }, false},
		"all":             {"rcwl", 1, func(int) bool { return true }, true},
		"twice":           {"rcwl", 2, func(n int) bool { return n == 5 }, false},
		"one, write only": {"cw", 1, func(n int) bool { return n == 3 }, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, source())
			server, dropped := forgetful(w, c.rights, c.times, c.gone)
			var res *migration.Result
			err := w.open(w.plan, w.src, func(m *migration.Migration) (err error) {
				res, err = m.Run(t.Context())
				phases := m.Progress.Snapshot().Phases
				p := phases[slices.IndexFunc(phases, func(p migration.PhaseProgress) bool { return p.Phase == migration.PhaseDatabase })]
				if p.Items != p.TotalItems || p.Items < 180 {
					t.Errorf("%d rows of %d at the end", p.Items, p.TotalItems)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if res.Report.Database.Rows != 180 || *dropped == 0 {
				t.Errorf("%d rows, %d blocks were forgotten", res.Report.Database.Rows, *dropped)
			}
			staged := map[string]int{}
			for _, r := range server.RequestsOf(uploadtest.BlobBlock) {
				if r.Path == lostPath {
					staged[r.Block]++
				}
			}
			again := 0
			for _, n := range staged {
				again += n - 1
			}
			// What ends the package has other bytes with each attempt; a heap is read
			// again as a whole.
			if c.all != (again >= len(staged)-4) {
				t.Errorf("%d of %d blocks were staged again, %d were lost", again, len(staged), *dropped)
			}
			w.arrived(server)
			if c.rights == "rcwl" {
				w.sameAs(want)
			}
		})
	}
}

// TestLostBlocksForGood: a service that forgets blocks each time is given up,
// with words for people, and the next start goes on.
func TestLostBlocksForGood(t *testing.T) {
	w := newWorld(t, newFakeSource(3, 60, 4))
	server, _ := forgetful(w, "rcwl", 3, func(n int) bool { return n == 3 })
	_, err := w.process(context.Background(), w.plan)
	if !errors.Is(err, migration.ErrNotFound) || migration.HintOf(err).ID != "hint.azure.blocks-gone" {
		t.Fatalf("%v with hint %q", err, migration.HintOf(err).ID)
	}
	commits := 0
	for _, r := range server.RequestsOf(uploadtest.BlobCommit) {
		if strings.HasPrefix(r.Path, "database/") {
			commits++
		}
	}
	if commits != 3 || server.Objects("c")[lostPath] != nil {
		t.Errorf("%d attempts, %d bytes of the package", commits, len(server.Objects("c")[lostPath]))
	}
	if res, err := w.process(context.Background(), nil); err != nil || res.Report.Database.Rows != 180 {
		t.Errorf("next start: %v, %+v", err, res)
	}
}
