package migration_test

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"omt/migration"
)

// brokenListing breaks off the listing of documents again and again.
type brokenListing struct {
	*fakeSource
	breaks  []int // after how many documents each walk breaks off
	walks   int
	shuffle bool // the second walk has another order
}

func (s *brokenListing) Items(ctx context.Context, k migration.ItemKind, yield func(migration.Item) error) error {
	if k != migration.KindDocument {
		return s.fakeSource.Items(ctx, k, yield)
	}
	s.walks++
	n := 0
	stop := -1
	if s.walks <= len(s.breaks) {
		stop = s.breaks[s.walks-1]
	}
	broken := migration.Fail("list documents", "", io.ErrUnexpectedEOF, migration.Msg("hint.sql.lost"))
	take := func(it migration.Item) error {
		if n == stop {
			return broken
		}
		n++
		return yield(it)
	}
	var first *migration.Item // is told after the second one
	err := s.fakeSource.Items(ctx, k, func(it migration.Item) error {
		if s.walks != 2 || !s.shuffle || n > 0 {
			return take(it)
		}
		if first == nil {
			first = &it
			return nil
		}
		if err := take(it); err != nil {
			return err
		}
		return take(*first)
	})
	if err == nil && n == stop {
		return broken
	}
	return err
}

// A listing that breaks off is begun again: nothing is sent twice, nothing is
// passed over, and the totals are right.
func TestListingIsTakenUp(t *testing.T) {
	onMemoryDisk(t)
	source := func() *fakeSource { return newFakeSource(0, 0, 450) }
	whole := newWorld(t, source())
	whole.mustRun(whole.plan)
	want := whole.fingerprint()
	for _, breaks := range [][]int{{0}, {1}, {199}, {200}, {201}, {450}, {400, 200, 0}, {450, 450, 450}, {100, 300, 250}} {
		t.Run(fmt.Sprint(breaks), func(t *testing.T) {
			w := newWorld(t, source())
			var puts atomic.Int64
			w.wrap = func(tg migration.Target) migration.Target { return &countingTarget{tg, &puts} }
			var snapshot migration.Snapshot
			err := w.open(w.plan, &brokenListing{fakeSource: w.src, breaks: breaks}, func(m *migration.Migration) error {
				_, err := m.Run(t.Context())
				snapshot = m.Progress.Snapshot()
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range snapshot.Phases {
				if p.Phase == migration.PhaseDocuments && (p.Items != 450 || p.TotalItems != 450) {
					t.Errorf("%d of %d documents, want 450", p.Items, p.TotalItems)
				}
			}
			// Two session states, plan, manifest, index, two reports and what makes
			// an empty package.
			if n := puts.Load(); n > 450+20 {
				t.Errorf("%d calls for 450 documents", n)
			}
			w.sameAs(want)
		})
	}
}

// Where the order has changed meanwhile nobody can tell what was planned: the
// run stops, and the next one takes everything into account.
func TestListingInAnotherOrderStops(t *testing.T) {
	src := newFakeSource(0, 0, 0)
	for i := range int64(450) {
		src.addDocument(1+i*2048, fmt.Sprintf("brief %d.docx", i), []byte("brief")) // each in a window of its own
	}
	w := newWorld(t, src)
	_, err := w.processWith(t.Context(), w.plan, &brokenListing{fakeSource: w.src, breaks: []int{300}, shuffle: true})
	if migration.HintOf(err).ID != "hint.archive.list" {
		t.Fatalf("%v with hint %q", err, migration.HintOf(err).ID)
	}
	if res := w.mustRun(nil); res.Report.Kinds["document"][migration.Uploaded].Count != 450 {
		t.Errorf("documents = %+v", res.Report.Kinds)
	}
}
