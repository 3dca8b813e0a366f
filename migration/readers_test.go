package migration_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
	"omt/upload/uploadtest"
)

// crowd counts how many tables are being read when nobody can go on.
type crowd struct {
	*fakeSource
	mu    sync.Mutex
	open  int
	gate  chan struct{}
	asked int // readers of one moment
}

func (c *crowd) Rows(ctx context.Context, t *migration.Table, r migration.Range) (migration.RowReader, error) {
	c.mu.Lock()
	c.open++
	c.mu.Unlock()
	<-c.gate
	return c.fakeSource.Rows(ctx, t, r)
}

func (c *crowd) Alignable(context.Context) (bool, error) { return true, nil }

func (c *crowd) Align(_ context.Context, readers int) (migration.AlignedRows, error) {
	c.asked = readers
	return nil, migration.Fail("align", "", migration.ErrNotAligned, migration.Msg("hint.aligned.busy"))
}

// TestReadersWithinMemory: whatever number of readers somebody asks for, the
// parts under way have no more than 128 MiB together. A part of a small database
// may have 16 MiB, of one of 320 GiB twice its twenty-thousandth, of the largest
// 64 MiB.
func TestReadersWithinMemory(t *testing.T) {
	onMemoryDisk(t)
	for _, x := range []struct {
		size        int64
		asked, want int
	}{
		{20 << 20, 16, 8}, {20 << 20, 99, 8}, {20 << 20, 5, 5}, {20 << 20, 0, 1},
		{320 << 30, 16, 3}, {2 << 40, 16, 2}, {2 << 40, 1, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			src := newFakeSource(40, 3, 0)
			for _, table := range src.tables {
				table.DataBytes = x.size / 40
			}
			c := &crowd{fakeSource: src, gate: make(chan struct{})}
			w := newWorld(t, src)
			w.memory = uploadtest.NewMemory(uploadtest.Faults{})
			err := w.open(w.plan, c, func(m *migration.Migration) error {
				m.Limits = migration.Limits{Readers: x.asked}
				m.Now = time.Now
				done := make(chan error)
				go func() {
					_, err := m.Run(t.Context())
					done <- err
				}()
				synctest.Wait()
				c.mu.Lock()
				open := c.open
				c.mu.Unlock()
				if open != x.want || c.asked != x.want {
					t.Errorf("%d bytes, %d readers asked for: %d tables are read at once, %d of one moment; want %d", x.size, x.asked, open, c.asked, x.want)
				}
				close(c.gate)
				return <-done
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
