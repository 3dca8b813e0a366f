package sample

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// newRand gives the random stream of one section. A stream of its own for each
// section, row or file keeps content the same when another section changes and
// lets rows and files be made side by side.
func newRand(seed int64, section string, n int64) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(section)) // a hash never fails
	return rand.New(rand.NewPCG(uint64(seed)^h.Sum64(), uint64(n)*0x9e3779b97f4a7c15+1))
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// fill writes bytes that do not compress, like the inside of a document.
func fill(r *rand.Rand, p []byte) {
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, r.Uint64())
		p = p[8:]
	}
	for i := range p {
		p[i] = byte(r.Uint32())
	}
}

// The dates between which the installation was used, and those that SuperOffice
// writes for "empty" and "forever".
var (
	firstDay = time.Date(2005, 1, 10, 8, 0, 0, 0, time.UTC)
	lastDay  = time.Date(2026, 3, 20, 16, 0, 0, 0, time.UTC)
	noDate   = time.Date(1760, 1, 1, 0, 0, 0, 0, time.UTC)
	forever  = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

// dateIn returns a moment between two that datetime holds exactly: SQL Server
// counts in 1/300 s, of which whole hundredths come back unchanged.
func dateIn(r *rand.Rand, from, to time.Time) time.Time {
	hundredths := r.Int64N(int64(to.Sub(from)/(10*time.Millisecond)) + 1)
	return from.Add(time.Duration(hundredths) * 10 * time.Millisecond)
}
