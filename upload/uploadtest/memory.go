package uploadtest

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"omt/migration"
)

// Memory is a migration.Target in memory that orders blocks at Commit, as a
// blob container does. It is safe for use by several goroutines. Its content
// outlives Close, see Reopen.
type Memory struct {
	place  *place
	faults Faults

	mu    sync.Mutex
	calls []Call
	count map[Op]int
}

// place is what several openings of one Memory share.
type place struct {
	mu      sync.Mutex
	objects map[string]stored
	blocks  map[string]map[string][]byte // uncommitted, by path and id
	lease   *memoryLease
}

type stored struct {
	data     []byte
	modified time.Time
	blocks   map[string][]byte // those it was committed from
}

// NewMemory makes an empty target. The zero Faults never fails.
func NewMemory(f Faults) *Memory {
	return &Memory{
		place:  &place{objects: map[string]stored{}, blocks: map[string]map[string][]byte{}},
		faults: f, count: map[Op]int{},
	}
}

// Reopen returns a second target on the same content, as another process would
// open it, with faults and a log of its own.
func (m *Memory) Reopen(f Faults) *Memory {
	return &Memory{place: m.place, faults: f, count: map[Op]int{}}
}

// Describe names the target.
func (m *Memory) Describe() string { return "memory" }

// Close does nothing: content and lease stay, as after a kill.
func (m *Memory) Close() error { return nil }

// Probe returns the rights that Faults leave.
func (m *Memory) Probe(ctx context.Context) (migration.Rights, error) {
	r := migration.Rights{Free: -1}
	err := m.do(ctx, OpProbe, "", 0, func() error {
		r.Read, r.Write, r.List = !m.faults.NoRead, !m.faults.NoWrite, !m.faults.NoList
		return nil
	})
	return r, err
}

// Put stores an object if size and MD5 are those of sum.
func (m *Memory) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	return m.do(ctx, OpPut, path, sum.Size, func() error {
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("rewind %s: %w", path, err)
		}
		b, err := io.ReadAll(&contextReader{ctx, body})
		if err != nil {
			return fmt.Errorf("read body of %s: %w", path, err)
		}
		if int64(len(b)) != sum.Size || md5.Sum(b) != sum.MD5 {
			return fmt.Errorf("put %s: %w: size or MD5 differ", path, migration.ErrChanged)
		}
		m.place.mu.Lock()
		defer m.place.mu.Unlock()
		m.place.objects[path] = stored{data: b, modified: time.Now()}
		return nil
	})
}

// Stage keeps a block; the offset is -1.
func (m *Memory) Stage(ctx context.Context, path string, b migration.Block) (int64, error) {
	err := m.do(ctx, OpStage, path, int64(len(b.Data)), func() error {
		if md5.Sum(b.Data) != b.MD5 {
			return fmt.Errorf("stage %s: %w: MD5 differs", path, migration.ErrChanged)
		}
		m.place.mu.Lock()
		defer m.place.mu.Unlock()
		for id := range m.place.blocks[path] {
			if len(id) != len(b.ID) {
				return fmt.Errorf("stage %s: ids %q and %q differ in length", path, id, b.ID)
			}
		}
		if m.place.blocks[path] == nil {
			m.place.blocks[path] = map[string][]byte{}
		}
		m.place.blocks[path][b.ID] = bytes.Clone(b.Data)
		return nil
	})
	return -1, err
}

// Restore forgets blocks that are not kept. Without the right to list it cannot
// know what is there and believes the caller, as a blob container must.
func (m *Memory) Restore(ctx context.Context, path string, kept []migration.BlockRef) ([]migration.BlockRef, error) {
	var out []migration.BlockRef
	err := m.do(ctx, OpRestore, path, 0, func() error {
		if m.faults.NoList {
			out = slices.Clone(kept)
			return nil
		}
		m.place.mu.Lock()
		defer m.place.mu.Unlock()
		left := map[string][]byte{}
		for _, r := range kept {
			if b, ok := m.place.block(path, r.ID); ok && int64(len(b)) == r.Size {
				left[r.ID] = b
				out = append(out, r)
			}
		}
		m.place.blocks[path] = left
		return nil
	})
	return out, err
}

// block finds a staged block, or one of which the object was committed.
func (p *place) block(path, id string) ([]byte, bool) {
	if b, ok := p.blocks[path][id]; ok {
		return b, true
	}
	b, ok := p.objects[path].blocks[id]
	return b, ok
}

// Commit makes the object of the listed blocks.
func (m *Memory) Commit(ctx context.Context, path string, blocks []migration.BlockRef) error {
	return m.do(ctx, OpCommit, path, int64(len(blocks)), func() error {
		m.place.mu.Lock()
		defer m.place.mu.Unlock()
		var data []byte
		used := map[string][]byte{}
		for _, r := range blocks {
			b, ok := m.place.block(path, r.ID)
			if !ok || int64(len(b)) != r.Size {
				return fmt.Errorf("commit %s: %w: block %q is not staged with %d bytes", path, migration.ErrNotFound, r.ID, r.Size)
			}
			used[r.ID] = b
			data = append(data, b...)
		}
		m.place.objects[path] = stored{data: data, modified: time.Now(), blocks: used}
		delete(m.place.blocks, path)
		return nil
	})
}

// Open reads an object.
func (m *Memory) Open(ctx context.Context, path string, offset, length int64) (io.ReadCloser, error) {
	var out []byte
	err := m.do(ctx, OpOpen, path, length, func() error {
		if m.faults.NoRead {
			return fmt.Errorf("open %s: %w", path, migration.ErrForbidden)
		}
		m.place.mu.Lock()
		defer m.place.mu.Unlock()
		o, ok := m.place.objects[path]
		if !ok {
			return fmt.Errorf("open %s: %w", path, migration.ErrNotFound)
		}
		if offset < 0 || length < -1 {
			return errors.New("open " + path + ": no such range")
		}
		out = o.data[min(offset, int64(len(o.data))):]
		if length >= 0 {
			out = out[:min(length, int64(len(out)))]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return io.NopCloser(&contextReader{ctx, bytes.NewReader(out)}), nil
}

// List yields objects in path order.
func (m *Memory) List(ctx context.Context, prefix string, yield func(migration.Object) error) error {
	var out []migration.Object
	err := m.do(ctx, OpList, prefix, 0, func() error {
		if m.faults.NoList {
			return fmt.Errorf("list %q: %w", prefix, migration.ErrForbidden)
		}
		m.place.mu.Lock()
		defer m.place.mu.Unlock()
		for _, path := range slices.Sorted(maps.Keys(m.place.objects)) {
			if o := m.place.objects[path]; strings.HasPrefix(path, prefix) {
				sum := md5.Sum(o.data)
				out = append(out, migration.Object{Path: path, Size: int64(len(o.data)), Modified: o.modified, MD5: sum[:]})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, o := range out {
		if err := yield(o); err != nil {
			return err
		}
	}
	return nil
}

// contextReader ends a read when the caller gives up.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
