package bacpac

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"sync"

	"github.com/klauspost/compress/flate"

	"omt/migration"
)

const (
	// scratchSize is how much is encoded before it is handed to the
	// compressor; larger gains nothing, smaller costs calls.
	scratchSize = 32 << 10
	// keepSize is the largest work buffer that goes back to the pool; above it
	// one unusual part would hold its memory for the rest of the run.
	keepSize = 16 << 20
	// level is the deflate level. Compression is the largest cost that the
	// export adds to reading, and runs on the customer's server: level 1 of this
	// library packs rows like those of a CRM about as well as level 3 of the
	// standard library for half of the processor time. Level 5 would save an
	// eighth of the bytes for half as much time again.
	level = 1
)

// sink takes the raw bytes of one member: sums, compression, buffer.
type sink struct {
	buf []byte // encoded, not yet summed and compressed
	raw int64  // bytes that left buf
	crc uint32
	sha hash.Hash
	zw  *flate.Writer
	out bytes.Buffer // compressed

	// Of a member that may be handed on before its end, see Part.Spill.
	limit   int
	put     func(data []byte) error
	spilled int64 // bytes that left out
}

// sinks keeps compressors (about 1 MB each) and buffers between parts.
var sinks = sync.Pool{New: func() any {
	s := &sink{buf: make([]byte, 0, 2*scratchSize), sha: sha256.New()}
	// NewWriter fails for an unknown level only.
	s.zw, _ = flate.NewWriter(&s.out, level)
	return s
}}

func takeSink() *sink {
	s := sinks.Get().(*sink)
	s.buf, s.raw, s.crc = s.buf[:0], 0, 0
	s.limit, s.put, s.spilled = 0, nil, 0
	s.sha.Reset()
	s.out.Reset()
	s.zw.Reset(&s.out)
	return s
}

func (s *sink) release() {
	s.put = nil // it holds on to a whole run
	if s.out.Cap() <= keepSize {
		sinks.Put(s)
	}
}

func (s *sink) flush() error {
	b := s.buf
	s.buf = s.buf[:0]
	return s.write(b)
}

func (s *sink) write(b []byte) error {
	s.raw += int64(len(b))
	s.crc = crc32.Update(s.crc, crc32.IEEETable, b)
	s.sha.Write(b)
	if _, err := s.zw.Write(b); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	if s.put != nil && s.out.Len() >= s.limit {
		return s.spill()
	}
	return nil
}

// spill hands on what is compressed.
func (s *sink) spill() error {
	if s.out.Len() == 0 {
		return nil
	}
	if err := s.put(s.out.Bytes()); err != nil {
		return fmt.Errorf("hand on compressed data: %w", err)
	}
	s.spilled += int64(s.out.Len())
	s.out.Reset()
	return nil
}

// member ends the compression and builds the block: header, then data, copied
// once into a slice of exactly its size so that the work buffer can be used
// again. If data was handed on before, all of it is, and the block is the
// header alone.
func (s *sink) member(info migration.MemberInfo) (migration.Member, error) {
	if err := s.flush(); err != nil {
		return migration.Member{}, err
	}
	if err := s.zw.Close(); err != nil {
		return migration.Member{}, fmt.Errorf("compress: %w", err)
	}
	info.Method, info.CRC32, info.RawSize = methodDeflate, s.crc, s.raw
	s.sha.Sum(info.SHA256[:0])
	if s.spilled > 0 {
		if err := s.spill(); err != nil {
			return migration.Member{}, err
		}
		info.PackedSize = s.spilled
		head := localHeader(&info)
		info.Size = int64(len(head)) + info.PackedSize
		return migration.Member{MemberInfo: info, Data: head}, nil
	}
	return assemble(info, s.out.Bytes()), nil
}

var _ migration.Spiller = (*Part)(nil)

// Part encodes one data member, see migration.PartEncoder.
type Part struct {
	table *migration.Table
	part  int
	cols  []column
	sink  *sink
	rows  int64
	err   error
}

var errFinished = errors.New("part is finished")

func newPart(t *migration.Table, part int, cols []column) *Part {
	return &Part{table: t, part: part, cols: cols, sink: takeSink()}
}

// Row appends one row, a value for each column that carries data.
func (p *Part) Row(values []any) error {
	if p.err != nil {
		return p.err
	}
	if len(values) != len(p.cols) {
		return p.fail(fmt.Errorf("encode row of %s: %d values for %d columns", p.table.FullName(), len(values), len(p.cols)))
	}
	s := p.sink
	for i := range p.cols {
		c := &p.cols[i]
		var err error
		if v := values[i]; v == nil {
			err = c.null(s)
		} else {
			err = c.put(s, c, v)
		}
		if err == nil && len(s.buf) >= scratchSize {
			err = s.flush()
		}
		if err != nil {
			return p.fail(columnError("encode column", p.table, c.name, err))
		}
	}
	p.rows++
	return nil
}

// fail ends the part: half a row may lie in it.
func (p *Part) fail(err error) error {
	p.err = err
	if p.sink != nil {
		p.sink.release()
		p.sink = nil
	}
	return err
}

// Spill implements migration.Spiller.
func (p *Part) Spill(limit int, put func(head int, data []byte) error) {
	if p.sink == nil {
		return
	}
	head := headerSize + len(partName(p.table, p.part)) + extraSize
	p.sink.limit, p.sink.put = limit, func(data []byte) error { return put(head, data) }
}

// RawSize is the number of bytes encoded so far, 0 after the end.
func (p *Part) RawSize() int64 {
	if p.sink == nil {
		return 0
	}
	return p.sink.raw + int64(len(p.sink.buf))
}

// Finish ends the part and returns its member. A part without rows gives a
// member with Rows 0, which may not go into the package: DacFx writes none.
func (p *Part) Finish() (migration.Member, error) {
	if p.err != nil {
		return migration.Member{}, p.err
	}
	m, err := p.sink.member(migration.MemberInfo{
		Name: partName(p.table, p.part), Table: p.table.FullName(), Part: p.part, Rows: p.rows,
	})
	if err != nil {
		return migration.Member{}, p.fail(fmt.Errorf("finish part of %s: %w", p.table.FullName(), err))
	}
	_ = p.fail(errFinished)
	return m, nil
}
