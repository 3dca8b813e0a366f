package migration

import (
	"context"
	"math/bits"
	"sync"

	"golang.org/x/sync/semaphore"
)

const (
	// memoryForFiles bounds what all senders hold of files together: a few large
	// ones, or a small one for each of 64 senders.
	memoryForFiles = 48 << 20
	smallestBuffer = 16 << 10
)

// buffers lends memory for whole files. Sizes are powers of two, so that what
// one file gives back serves the next; what nobody has asked for since goes to
// the garbage collector.
type buffers struct {
	room  *semaphore.Weighted
	pools [16]sync.Pool // of *[]byte, by the power of two above smallestBuffer
}

func newBuffers() *buffers { return &buffers{room: semaphore.NewWeighted(memoryForFiles)} }

// class is the pool whose buffers hold size bytes.
func class(size int64) int { return bits.Len64(uint64(max(size, 1)-1) / smallestBuffer) }

// get waits for room and lends at least size bytes, up to inMemory.
func (b *buffers) get(ctx context.Context, size int64) (*[]byte, error) {
	c := class(size)
	if err := b.room.Acquire(ctx, smallestBuffer<<c); err != nil {
		return nil, err
	}
	if p, ok := b.pools[c].Get().(*[]byte); ok {
		return p, nil
	}
	p := make([]byte, smallestBuffer<<c)
	return &p, nil
}

// put takes a buffer back.
func (b *buffers) put(p *[]byte) {
	b.pools[class(int64(len(*p)))].Put(p)
	b.room.Release(int64(len(*p)))
}
