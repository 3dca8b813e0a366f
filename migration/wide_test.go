package migration_test

import (
	"archive/zip"
	"context"
	"io"
	"maps"
	"slices"
	"sync"
	"testing"

	"omt/migration"
)

// gapTarget keeps the small blocks of a test and tells of each that it lies
// gigabytes behind the one before it, as if parts between had been discarded.
type gapTarget struct {
	migration.Target
	mu     sync.Mutex
	blocks map[int64][]byte // by offset
	ids    map[string]int64
	end    int64
	path   string
}

// gap is the room between blocks: two of them lead past 4 GiB.
const gap = 3 << 30

func (g *gapTarget) Stage(_ context.Context, path string, b migration.Block) (int64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at, ok := g.ids[b.ID]; ok {
		return at, nil
	}
	at := g.end
	g.ids[b.ID], g.blocks[at], g.path = at, slices.Clone(b.Data), path
	// Nothing may lie behind the directory, which is the one without a header.
	g.end = at + int64(len(b.Data))
	if string(b.Data[:4]) == "PK\x03\x04" && g.members() < 8 {
		g.end += gap
	}
	return at, nil
}

func (g *gapTarget) members() int { return len(g.blocks) }

func (g *gapTarget) Restore(_ context.Context, _ string, kept []migration.BlockRef) ([]migration.BlockRef, error) {
	return kept, nil
}

func (g *gapTarget) Commit(context.Context, string, []migration.BlockRef) error { return nil }

func (g *gapTarget) Open(ctx context.Context, path string, at, n int64) (io.ReadCloser, error) {
	if path == g.path {
		return nil, migration.ErrForbidden // 20 GB of nothing
	}
	return g.Target.Open(ctx, path, at, n)
}

// ReadAt gives zeros for what was never there.
func (g *gapTarget) ReadAt(p []byte, at int64) (int, error) {
	clear(p)
	for off, b := range g.blocks {
		if lo, hi := max(at, off), min(at+int64(len(p)), off+int64(len(b))); lo < hi {
			copy(p[lo-at:hi-at], b[lo-off:])
		}
	}
	if at+int64(len(p)) > g.end {
		return int(max(0, g.end-at)), io.EOF
	}
	return len(p), nil
}

// TestPackageBeyondFourGigabytes: a reader that knows nothing of us finds every
// member of a package whose members lie past 4 GiB.
func TestPackageBeyondFourGigabytes(t *testing.T) {
	w := newWorld(t, newFakeSource(3, 60, 0))
	g := &gapTarget{blocks: map[int64][]byte{}, ids: map[string]int64{}}
	w.wrap = func(tg migration.Target) migration.Target {
		g.Target = tg
		return g
	}
	w.mustRun(w.plan)
	if last := slices.Max(slices.Collect(maps.Keys(g.blocks))); last < 6*gap {
		t.Fatalf("the last block lies at %d", last)
	}
	z, err := zip.NewReader(g, g.end)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if n, err := io.Copy(io.Discard, r); err != nil || n == 0 {
			t.Errorf("%s: %d bytes, %v", f.Name, n, err)
		}
	}
	if len(z.File) != len(g.blocks)-1 {
		t.Errorf("%d members of %d blocks", len(z.File), len(g.blocks)-1)
	}
}
