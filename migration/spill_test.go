package migration_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"omt/migration"
	"omt/upload/bacpac/decode"
	"omt/upload/uploadtest"
)

// cellSource is a source of tables with large cells that nothing compresses.
type cellSource struct {
	*fakeSource
	cells map[string]map[int64]int // bytes by table and key
	// onPiece is called before each piece of a cell.
	onPiece func(table string, key int64, n int) error
}

func newCellSource() *cellSource {
	s := &cellSource{fakeSource: newFakeSource(3, 60, 0), cells: map[string]map[int64]int{
		"CRM7.table00": {1: 21 << 20, 4: 40<<20 + 7, 91: 3 << 20},
		"CRM7.table01": {4: 19 << 20, 178: 38 << 20},
	}}
	for _, t := range s.tables[:2] {
		t.Columns = append(t.Columns, migration.Column{Name: "data", Type: "varbinary", MaxLength: -1, Nullable: true})
		t.DataBytes = 60 * 64
	}
	return s
}

// noise writes a cell, always the same for a row.
func noise(key int64, size int, yield func([]byte) error) error {
	r := rand.NewChaCha8([32]byte{byte(key), byte(key >> 8)})
	for piece := make([]byte, 4<<20); size > 0; size -= len(piece) {
		piece = piece[:min(len(piece), size)]
		_, _ = r.Read(piece) // never fails
		if err := yield(piece); err != nil {
			return err
		}
	}
	return nil
}

func (s *cellSource) Rows(ctx context.Context, t *migration.Table, x migration.Range) (migration.RowReader, error) {
	r, err := s.fakeSource.Rows(ctx, t, x)
	if cells := s.cells[t.FullName()]; cells != nil {
		return &cellRows{r, s, t.FullName()}, err
	}
	return r, err
}

type cellRows struct {
	migration.RowReader
	s     *cellSource
	table string
}

func (r *cellRows) Next(ctx context.Context) ([]any, error) {
	row, err := r.RowReader.Next(ctx)
	if err != nil {
		return nil, err
	}
	key := row[0].(int64)
	size, ok := r.s.cells[r.table][key]
	if !ok {
		return append(row, nil), nil
	}
	return append(row, &migration.Large{Size: int64(size), Read: func(yield func([]byte) error) error {
		n := 0
		return noise(key, size, func(p []byte) error {
			if n++; r.s.onPiece != nil {
				if err := r.s.onPiece(r.table, key, n); err != nil {
					return err
				}
			}
			return yield(p)
		})
	}}), nil
}

// blockSizes remembers the largest block that a target was given.
type blockSizes struct {
	migration.Target
	mu      sync.Mutex
	largest int
	n       int
}

func (b *blockSizes) Stage(ctx context.Context, path string, x migration.Block) (int64, error) {
	b.mu.Lock()
	b.largest = max(b.largest, len(x.Data))
	b.n++
	b.mu.Unlock()
	return b.Target.Stage(ctx, path, x)
}

// amendSizes is one whose target amends.
type amendSizes struct{ *blockSizes }

func (a amendSizes) Amend(ctx context.Context, path string, old migration.BlockRef, b migration.Block) error {
	return a.Target.(migration.Amender).Amend(ctx, path, old, b)
}

// holdsCells reads the package with readers that know nothing of how it was
// made: every member by its sum, every row, and every cell by its bytes.
func holdsCells(t *testing.T, s *cellSource, file string) {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	raw, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	info, err := raw.Stat()
	if err != nil {
		t.Fatal(err)
	}
	p, err := decode.Open(raw, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Check(t.Context(), 1<<31); err != nil {
		t.Error(err)
	}
	rows, cells := 0, 0
	for _, part := range p.Parts {
		_, err := p.Decode(t.Context(), part, 1<<31, func(row []any) error {
			rows++
			key := row[0].(int64)
			size, ok := s.cells[part.Table.FullName()][key]
			if !ok {
				return nil
			}
			cells++
			h := sha256.New()
			_ = noise(key, size, func(p []byte) error { _, err := h.Write(p); return err })
			want := h.Sum(nil)
			switch x := row[2].(type) {
			case *migration.LargeSum:
				if x.Size != int64(size) || !bytes.Equal(x.SHA256[:], want) {
					t.Errorf("%s, row %d: other bytes in the package", part.Table.FullName(), key)
				}
			case []byte:
				if got := sha256.Sum256(x); !bytes.Equal(got[:], want) {
					t.Errorf("%s, row %d: other bytes in the package", part.Table.FullName(), key)
				}
			default:
				t.Errorf("%s, row %d: %T", part.Table.FullName(), key, x)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if rows != 180 || cells != 5 {
		t.Errorf("%d rows with %d large cells, want 180 with 5", rows, cells)
	}
}

// largestBlock is more than any block may have of a small database: twice the
// size of a part, what a row may add to that, and the step in which a compressor
// hands on.
const largestBlock = 16<<20 + 1<<20 + 5<<20

// TestMemberInBlocks: a row whose cells no memory is to hold goes to the target
// in blocks, two such tables side by side and other tables between them; the
// package is as whole as ever. A target that can do neither gets it as one block.
func TestMemberInBlocks(t *testing.T) {
	onMemoryDisk(t)
	for _, kind := range []string{"folder", "container", "neither"} {
		t.Run(kind, func(t *testing.T) {
			s := newCellSource()
			w := newWorld(t, s.fakeSource)
			sizes := &blockSizes{}
			w.wrap = func(x migration.Target) migration.Target {
				sizes.Target = x
				if kind == "folder" {
					return amendSizes{sizes}
				}
				return sizes
			}
			var memory *uploadtest.Memory
			if kind == "container" {
				memory = uploadtest.NewMemory(uploadtest.Faults{})
				w.memory = memory
			}
			if _, err := w.processWith(t.Context(), w.plan, s); err != nil {
				t.Fatal(err)
			}
			if (sizes.largest > largestBlock) != (kind == "neither") {
				t.Errorf("a block of %d bytes", sizes.largest)
			}
			file := filepath.Join(w.target, "database", "SuperOffice.bacpac")
			if memory != nil {
				file = filepath.Join(t.TempDir(), "p")
				saveObject(t, memory, "database/SuperOffice.bacpac", file)
			}
			holdsCells(t, s, file)
		})
	}
}

func saveObject(t *testing.T, x migration.Target, path, file string) {
	t.Helper()
	r, err := x.Open(t.Context(), path, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, r); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// TestMemberInBlocksBroken: a cell whose reading breaks in the middle is read
// again, with the words of the database if that goes on; a process that ends
// there leaves nothing that stands in the package of the next one.
func TestMemberInBlocksBroken(t *testing.T) {
	onMemoryDisk(t)
	whole := newCellSource()
	plain := newWorld(t, whole.fakeSource)
	if _, err := plain.processWith(t.Context(), plain.plan, whole); err != nil {
		t.Fatal(err)
	}
	want := plain.fingerprint()
	broken := migration.Fail("read table", "CRM7.table00", errors.New("deadlock"), migration.Msg("hint.sql.deadlock", "Item", "CRM7.table00"))

	t.Run("again", func(t *testing.T) {
		s := newCellSource()
		w := newWorld(t, s.fakeSource)
		var mu sync.Mutex
		times := map[string]int{}
		s.onPiece = func(table string, key int64, n int) error {
			mu.Lock()
			defer mu.Unlock()
			if times[table]++; times[table] == 9 {
				return broken
			}
			return nil
		}
		if _, err := w.processWith(t.Context(), w.plan, s); err != nil {
			t.Fatal(err)
		}
		w.sameAs(want)
		holdsCells(t, s, filepath.Join(w.target, "database", "SuperOffice.bacpac"))
	})
	t.Run("words", func(t *testing.T) {
		s := newCellSource()
		w := newWorld(t, s.fakeSource)
		s.onPiece = func(table string, _ int64, n int) error {
			if table == "CRM7.table00" && n == 3 {
				return broken
			}
			return nil
		}
		_, err := w.processWith(t.Context(), w.plan, s)
		if migration.HintOf(err).ID != "hint.sql.deadlock" {
			t.Errorf("%v", err)
		}
		s.onPiece = nil
		if _, err := w.processWith(t.Context(), nil, s); err != nil {
			t.Fatal(err)
		}
		w.sameAs(want)
	})
	t.Run("killed", func(t *testing.T) {
		s := newCellSource()
		w := newWorld(t, s.fakeSource)
		for _, piece := range []int{7, 12, 20} {
			ctx, kill := context.WithCancel(t.Context())
			var mu sync.Mutex
			n := 0
			s.onPiece = func(string, int64, int) error {
				mu.Lock()
				defer mu.Unlock()
				if n++; n == piece {
					kill()
				}
				return ctx.Err()
			}
			plan := w.plan
			if piece > 7 {
				plan = nil
			}
			if _, err := w.processWith(ctx, plan, s); !errors.Is(err, context.Canceled) {
				t.Fatalf("piece %d: %v", piece, err)
			}
			kill()
		}
		s.onPiece = nil
		if _, err := w.processWith(t.Context(), nil, s); err != nil {
			t.Fatal(err)
		}
		w.sameAs(want)
		holdsCells(t, s, filepath.Join(w.target, "database", "SuperOffice.bacpac"))
	})
}
