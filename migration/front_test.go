package migration_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"omt/migration"
	"omt/upload/uploadtest"
)

// lookedAt notes in which order documents are listed.
type lookedAt struct {
	*fakeSource
	mu   sync.Mutex
	rows []int64
}

func (s *lookedAt) note(yield func(migration.Item) error) func(migration.Item) error {
	return func(it migration.Item) error {
		if it.Kind == migration.KindDocument {
			s.mu.Lock()
			s.rows = append(s.rows, it.Row)
			s.mu.Unlock()
		}
		return yield(it)
	}
}

func (s *lookedAt) Items(ctx context.Context, kind migration.ItemKind, yield func(migration.Item) error) error {
	return s.fakeSource.Items(ctx, kind, s.note(yield))
}

func (s *lookedAt) Tail(ctx context.Context, after int64, yield func(migration.Item) error) error {
	return s.fakeSource.Tail(ctx, after, s.note(yield))
}

// stopAt takes so many documents and then nothing any more.
type stopAt struct {
	migration.Target
	left atomic.Int32
}

func (s *stopAt) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if s.left.Load() <= 0 || uploadtest.IsDocument(path) && s.left.Add(-1) < 0 {
		return migration.Fail("put", path, errors.Join(errKilled, migration.ErrForbidden), migration.Msg("hint.target.readonly"))
	}
	return s.Target.Put(ctx, path, body, sum)
}

// TestResumeBeginsWhereItStood: a resumed run lists first the documents that are
// to be sent, then those before them, each once, and ends equal to a run that
// nothing interrupted.
func TestResumeBeginsWhereItStood(t *testing.T) {
	const documents = 1200
	build := func() *fakeSource { return newFakeSource(1, 20, documents) }
	change := func(s *fakeSource) { s.addDocument(5000, "late.docx", []byte("late")) }
	whole := newWorld(t, build())
	change(whole.src)
	whole.mustRun(whole.plan)

	w := newWorld(t, build())
	w.wrap = func(x migration.Target) migration.Target {
		stop := &stopAt{Target: x}
		stop.left.Store(700)
		return stop
	}
	if _, err := w.process(t.Context(), w.plan); !errors.Is(err, errKilled) {
		t.Fatalf("the first run ends with %v", err)
	}
	w.wrap = nil
	change(w.src)
	src := &lookedAt{fakeSource: w.src}
	if _, err := w.processWith(t.Context(), nil, src); err != nil {
		t.Fatal(err)
	}
	first := src.rows[0]
	if first < 500 || first > 900 {
		t.Errorf("it begins with document %d", first)
	}
	pass := src.rows[:documents+1] // the tail, the rest up to where the tail began, and the look back
	if want := slices.Index(pass, 1); want < 0 || pass[want-1] != 5000 {
		t.Errorf("the beginning is listed after %v", pass[max(want-1, 0):want+1])
	}
	seen := map[int64]int{}
	for _, row := range pass {
		seen[row]++
	}
	if seen[1] != 1 || seen[5000] != 1 || seen[1200] != 1 {
		t.Errorf("listed %d, %d and %d times", seen[1], seen[1200], seen[5000])
	}
	w.sameAs(whole.fingerprint())
}
