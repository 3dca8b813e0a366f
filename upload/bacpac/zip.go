package bacpac

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"slices"

	"omt/migration"
)

const (
	methodStore   = 0
	methodDeflate = 8

	versionStore   = 10
	versionDeflate = 20
	versionZip64   = 45
	// madeBy is what DacFx writes: version 4.5, attributes of MS-DOS.
	madeBy = 45

	// dosDate is 1980-01-01, the zero of zip. A real time would make the same
	// rows give other bytes in the next run, and a block would be staged twice.
	dosDate = 1<<5 | 1

	headerSize = 30
	extraSize  = 28

	max32 = math.MaxUint32
	max16 = math.MaxUint16
)

// growthHint is the extra field that System.IO.Packaging, and so DacFx, puts
// into each local header: room in which it could later write a zip64 field.
var growthHint = [extraSize]byte{0x20, 0xa2, 0x18, 0x00, 0x28, 0xa0, 0x14, 0x00}

func wide(m *migration.MemberInfo) bool { return m.RawSize >= max32 || m.PackedSize >= max32 }

func version(m *migration.MemberInfo) uint16 {
	switch {
	case wide(m) || m.Offset >= max32:
		return versionZip64
	case m.Method == methodStore:
		return versionStore
	}
	return versionDeflate
}

// localHeader returns the header that stands before a member's data. Flags are
// 0: sizes and sum are known before a byte of it is sent, and DacFx writes no
// data descriptor. Names are ASCII (folder), so there is no UTF-8 flag either.
func localHeader(m *migration.MemberInfo) []byte {
	at := *m
	at.Offset = 0 // not known yet, and not in the local header
	b := make([]byte, 0, headerSize+len(m.Name)+extraSize)
	b = binary.LittleEndian.AppendUint32(b, 0x04034b50)
	b = binary.LittleEndian.AppendUint16(b, version(&at))
	b = appendCommon(b, m)
	b = binary.LittleEndian.AppendUint16(b, extraSize)
	b = append(b, m.Name...)
	if !wide(m) {
		return append(b, growthHint[:]...)
	}
	// The zip64 field takes 20 of the 28 bytes; the rest is an empty growth
	// hint, so that the header's length never depends on the sizes.
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = binary.LittleEndian.AppendUint64(b, uint64(m.RawSize))
	b = binary.LittleEndian.AppendUint64(b, uint64(m.PackedSize))
	return append(b, 0x20, 0xa2, 4, 0, 0x28, 0xa0, 0, 0)
}

// appendCommon writes the fields that both headers share, flags to name length.
func appendCommon(b []byte, m *migration.MemberInfo) []byte {
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint16(b, m.Method)
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint16(b, dosDate)
	b = binary.LittleEndian.AppendUint32(b, m.CRC32)
	packed, raw := uint32(max32), uint32(max32)
	if !wide(m) {
		packed, raw = uint32(m.PackedSize), uint32(m.RawSize)
	}
	b = binary.LittleEndian.AppendUint32(b, packed)
	b = binary.LittleEndian.AppendUint32(b, raw)
	return binary.LittleEndian.AppendUint16(b, uint16(len(m.Name)))
}

// assemble puts header and compressed data into one block.
func assemble(info migration.MemberInfo, packed []byte) migration.Member {
	info.PackedSize = int64(len(packed))
	head := localHeader(&info)
	data := make([]byte, 0, len(head)+len(packed))
	data = append(append(data, head...), packed...)
	info.Size = int64(len(data))
	return migration.Member{MemberInfo: info, Data: data}
}

func stored(name string, raw []byte) migration.Member {
	return assemble(migration.MemberInfo{
		Name: name, Method: methodStore, RawSize: int64(len(raw)),
		CRC32: crc32.ChecksumIEEE(raw), SHA256: sha256.Sum256(raw),
	}, raw)
}

func deflated(name string, raw []byte) (migration.Member, error) {
	s := takeSink()
	defer s.release()
	if err := s.write(raw); err != nil {
		return migration.Member{}, fmt.Errorf("pack %s: %w", name, err)
	}
	m, err := s.member(migration.MemberInfo{Name: name})
	if err != nil {
		return migration.Member{}, fmt.Errorf("pack %s: %w", name, err)
	}
	return m, nil
}

// Directory returns the central directory and its end records for the members
// in the order given, which is the order in which readers list them; where
// they lie may differ (a folder target appends by arrival). zip64 records are
// added where an offset, a size or the number of members needs them. Members
// that overlap or reach behind end are an error.
func (*Writer) Directory(members []migration.MemberInfo, end int64) ([]byte, error) {
	if err := checkLayout(members, end); err != nil {
		return nil, err
	}
	var b []byte
	for i := range members {
		b = appendCentral(b, &members[i])
	}
	return appendEnd(b, int64(len(members)), int64(len(b)), end), nil
}

func checkLayout(members []migration.MemberInfo, end int64) error {
	order := make([]int, len(members))
	for i := range members {
		m := &members[i]
		order[i] = i
		if m.Name == "" || len(m.Name) > max16 {
			return fmt.Errorf("write directory: member %d has a name of %d bytes", i, len(m.Name))
		}
		if m.PackedSize < 0 || m.RawSize < 0 || m.Size != headerSize+int64(len(m.Name))+extraSize+m.PackedSize {
			return fmt.Errorf("write directory: member %s of %d bytes does not have its header and data", m.Name, m.Size)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(members[a].Offset, members[b].Offset) })
	last := int64(0)
	for _, i := range order {
		m := &members[i]
		if m.Offset < last {
			return fmt.Errorf("write directory: member %s at %d lies over the one before it", m.Name, m.Offset)
		}
		last = m.Offset + m.Size
	}
	if last > end {
		return fmt.Errorf("write directory: members end at %d, behind the directory at %d", last, end)
	}
	return nil
}

func appendCentral(b []byte, m *migration.MemberInfo) []byte {
	var extra []byte
	if wide(m) {
		extra = binary.LittleEndian.AppendUint64(extra, uint64(m.RawSize))
		extra = binary.LittleEndian.AppendUint64(extra, uint64(m.PackedSize))
	}
	offset := uint32(max32)
	if m.Offset >= max32 {
		extra = binary.LittleEndian.AppendUint64(extra, uint64(m.Offset))
	} else {
		offset = uint32(m.Offset)
	}
	b = binary.LittleEndian.AppendUint32(b, 0x02014b50)
	b = binary.LittleEndian.AppendUint16(b, madeBy)
	b = binary.LittleEndian.AppendUint16(b, version(m))
	b = appendCommon(b, m)
	fieldLen := 0
	if len(extra) > 0 {
		fieldLen = 4 + len(extra)
	}
	b = binary.LittleEndian.AppendUint16(b, uint16(fieldLen))
	// comment length, disk, internal and external attributes
	b = append(b, make([]byte, 2+2+2+4)...)
	b = binary.LittleEndian.AppendUint32(b, offset)
	b = append(b, m.Name...)
	if fieldLen > 0 {
		b = binary.LittleEndian.AppendUint16(b, 1)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(extra)))
		b = append(b, extra...)
	}
	return b
}

func appendEnd(b []byte, count, size, start int64) []byte {
	if count >= max16 || size >= max32 || start >= max32 {
		at := start + size
		b = binary.LittleEndian.AppendUint32(b, 0x06064b50)
		b = binary.LittleEndian.AppendUint64(b, 44)
		b = binary.LittleEndian.AppendUint16(b, madeBy)
		b = binary.LittleEndian.AppendUint16(b, versionZip64)
		b = append(b, make([]byte, 8)...)
		for _, n := range []int64{count, count, size, start} {
			b = binary.LittleEndian.AppendUint64(b, uint64(n))
		}
		b = binary.LittleEndian.AppendUint32(b, 0x07064b50)
		b = append(b, make([]byte, 4)...)
		b = binary.LittleEndian.AppendUint64(b, uint64(at))
		b = binary.LittleEndian.AppendUint32(b, 1)
	}
	count16 := uint16(min(count, max16))
	b = binary.LittleEndian.AppendUint32(b, 0x06054b50)
	b = append(b, make([]byte, 4)...)
	b = binary.LittleEndian.AppendUint16(b, count16)
	b = binary.LittleEndian.AppendUint16(b, count16)
	b = binary.LittleEndian.AppendUint32(b, uint32(min(size, max32)))
	b = binary.LittleEndian.AppendUint32(b, uint32(min(start, max32)))
	return append(b, 0, 0)
}
