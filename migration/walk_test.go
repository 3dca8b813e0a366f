package migration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// shelf is a source of documents that lie in folders: rows by their folder.
type shelf struct {
	ItemSource
	rows map[int64]string
	stop int // breaks off after so many items; below 0: never
}

func (s *shelf) Items(ctx context.Context, kind ItemKind, yield func(Item) error) error {
	return s.Tail(ctx, -1<<31, yield)
}

func (s *shelf) Tail(_ context.Context, after int64, yield func(Item) error) error {
	var rows []int64
	for r := range s.rows {
		if r > after {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b int64) int {
		return cmp.Or(cmp.Compare(Window(a), Window(b)), cmp.Compare(s.rows[a], s.rows[b]), cmp.Compare(a, b))
	})
	for i, r := range rows {
		if i == s.stop {
			return io.ErrUnexpectedEOF
		}
		if err := yield(Item{Kind: KindDocument, Key: strconv.FormatInt(r, 10), Row: r}); err != nil {
			return err
		}
	}
	if s.stop >= 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// TestWalkByWindows: whatever folders the rows lie in, wherever a walk breaks off
// and is begun again, whatever is saved meanwhile, and wherever a resumed run
// begins: every row is planned once.
func TestWalkByWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &shelf{rows: map[int64]string{}}
		last := rapid.Int64Range(-5000, 5000).Draw(t, "first")
		add := func(n, step int) {
			for range n {
				last += int64(1 + rapid.IntRange(0, step).Draw(t, "gap"))
				s.rows[last] = fmt.Sprint("folder ", rapid.IntRange(0, 9).Draw(t, "folder"))
			}
		}
		add(rapid.IntRange(0, 700).Draw(t, "rows"), rapid.SampledFrom([]int{0, 5, 300}).Draw(t, "step"))
		planned := map[int64]int{}
		walk := func(l listing) {
			l.source, l.hash = s, fnv.New64a()
			l.plan = func(_ context.Context, batch []Item) error {
				for _, it := range batch {
					planned[it.Row]++
				}
				return nil
			}
			for tries := rapid.IntRange(0, 4).Draw(t, "breaks"); ; tries-- {
				if s.stop = -1; tries > 0 {
					s.stop = rapid.IntRange(0, len(s.rows)).Draw(t, "stop")
				}
				err := l.read(context.Background(), KindDocument)
				if l.failed != nil {
					t.Fatal(l.failed)
				}
				if err == nil {
					return
				}
				if !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatal(err)
				}
				if l.before == 0 {
					add(rapid.IntRange(0, 3).Draw(t, "saved"), 1)
				}
			}
		}
		first := rapid.Int64Range(-6000, 8000).Draw(t, "where it stood")
		if rapid.Bool().Draw(t, "resumed") && first != 0 {
			walk(listing{after: first - 1, tail: true})
			if first > 0 {
				walk(listing{before: first})
			}
		} else {
			first = -1 << 31
			walk(listing{})
		}
		for row := range s.rows {
			if want := 1; planned[row] != want && (row >= first || first > 0) {
				t.Errorf("row %d of window %d was planned %d times", row, Window(row), planned[row])
			}
		}
		if n := len(planned); n > len(s.rows) {
			t.Errorf("%d rows planned of %d", n, len(s.rows))
		}
	})
}

// TestWindows: every row is in one window, and windows follow each other.
func TestWindows(t *testing.T) {
	for row := int64(-3 * windowRows); row < 3*windowRows; row++ {
		step := int64(0)
		if (row+1)%windowRows == 0 {
			step = 1
		}
		if got := Window(row+1) - Window(row); got != step {
			t.Fatalf("from row %d to the next: %d windows", row, got)
		}
	}
}
