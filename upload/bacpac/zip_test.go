package bacpac

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"testing"

	"omt/migration"
)

// window is a file of which only the end exists; the rest reads as zeros.
type window struct {
	start int64
	tail  []byte
}

func (w window) ReadAt(b []byte, off int64) (int, error) {
	clear(b)
	n := 0
	for ; n < len(b) && off+int64(n) < w.start+int64(len(w.tail)); n++ {
		if i := off + int64(n) - w.start; i >= 0 {
			b[n] = w.tail[i]
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func planned(name string, offset, raw, packed int64) migration.MemberInfo {
	return migration.MemberInfo{
		Name: name, Offset: offset, RawSize: raw, PackedSize: packed, Method: methodDeflate, CRC32: 7,
		Size: headerSize + int64(len(name)) + extraSize + packed,
	}
}

// TestZip64 reads directories of packages that are too large to be made.
func TestZip64(t *testing.T) {
	const gib = int64(1) << 30
	var many []migration.MemberInfo
	for i := range 70_000 {
		many = append(many, planned(fmt.Sprintf("m%05d", i), int64(i)*100, 5, 5))
	}
	for name, c := range map[string]struct {
		members []migration.MemberInfo
		end     int64
		wide    bool // end record of zip64 (4.3.14 of the zip specification)
	}{
		"offset just below 4 GiB": {[]migration.MemberInfo{planned("a", 0, 1, 1), planned("b", 4*gib-2, 1, 1)}, 4*gib + 100, true},
		"offset of 4 GiB - 1":     {[]migration.MemberInfo{planned("b", 4*gib-1, 1, 1)}, 4*gib + 100, true},
		"offset above 4 GiB":      {[]migration.MemberInfo{planned("a", 0, 1, 1), planned("b", 300*gib, 1, 1)}, 301 * gib, true},
		"large members":           {[]migration.MemberInfo{planned("a", 0, 6*gib, 5*gib), planned("b", 6*gib, 5*gib, 9)}, 7 * gib, true},
		"arrival order":           {[]migration.MemberInfo{planned("a", 5*gib, 1, 1), planned("b", 0, 1, 1)}, 6 * gib, true},
		"65534 members":           {many[:65534], 8_000_000, false},
		"offset below, small end": {[]migration.MemberInfo{planned("a", 0, 1, 1), planned("b", 4*gib-200, 1, 1)}, 4*gib - 100, false},
		"65535 members":           {many[:65535], 8_000_000, true},
		"65536 members":           {many[:65536], 8_000_000, true},
		"70000 members":           {many, 8_000_000, true},
	} {
		dir, err := New().Directory(c.members, c.end)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		z, err := zip.NewReader(window{c.end, dir}, c.end+int64(len(dir)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := bytes.Contains(dir, []byte("PK\x06\x06")) && bytes.Contains(dir, []byte("PK\x06\x07")); got != c.wide {
			t.Errorf("%s: end record of zip64: %t", name, got)
		}
		if len(z.File) != len(c.members) {
			t.Errorf("%s: %d members read, want %d", name, len(z.File), len(c.members))
			continue
		}
		for i, f := range z.File {
			m := c.members[i]
			if f.Name != m.Name || int64(f.UncompressedSize64) != m.RawSize || int64(f.CompressedSize64) != m.PackedSize || f.CRC32 != 7 {
				t.Errorf("%s: %s has %d and %d bytes, want %d and %d", name, f.Name, f.UncompressedSize64, f.CompressedSize64, m.RawSize, m.PackedSize)
			}
			// DataOffset reads the local header; here it only tells where.
			if off := headerAt(t, dir, i); off != uint64(m.Offset) {
				t.Errorf("%s: %s lies at %d, want %d", name, f.Name, off, m.Offset)
			}
			if i > 3 {
				break
			}
		}
	}
}

// headerAt reads the offset of entry n out of a directory by hand.
func headerAt(t *testing.T, dir []byte, n int) uint64 {
	t.Helper()
	for {
		if binary.LittleEndian.Uint32(dir) != 0x02014b50 {
			t.Fatal("not an entry of the directory")
		}
		name, extra := int(binary.LittleEndian.Uint16(dir[28:])), int(binary.LittleEndian.Uint16(dir[30:]))
		if n > 0 {
			dir = dir[46+name+extra:]
			n--
			continue
		}
		off := uint64(binary.LittleEndian.Uint32(dir[42:]))
		if off == 0xffffffff {
			// The offset is the last value of the zip64 field.
			off = binary.LittleEndian.Uint64(dir[46+name+extra-8:])
		}
		return off
	}
}

func TestLocalHeaderZip64(t *testing.T) {
	m := planned("Data/x", 0, 5<<30, 6<<30)
	h := localHeader(&m)
	if len(h) != 30+6+28 || binary.LittleEndian.Uint16(h[4:]) != 45 || binary.LittleEndian.Uint32(h[18:]) != 0xffffffff {
		t.Fatalf("header %x", h)
	}
	extra := h[36:]
	if binary.LittleEndian.Uint16(extra) != 1 || binary.LittleEndian.Uint16(extra[2:]) != 16 ||
		binary.LittleEndian.Uint64(extra[4:]) != 5<<30 || binary.LittleEndian.Uint64(extra[12:]) != 6<<30 {
		t.Errorf("zip64 field %x", extra)
	}
	if rest := extra[20:]; int(binary.LittleEndian.Uint16(rest[2:])) != len(rest)-4 {
		t.Errorf("field behind it %x does not fill the header", rest)
	}
}

func TestDirectoryRefuses(t *testing.T) {
	a, b := planned("a", 0, 10, 10), planned("b", 30, 10, 10)
	short := a
	short.Size--
	for name, c := range map[string]struct {
		members []migration.MemberInfo
		end     int64
	}{
		"overlap":     {[]migration.MemberInfo{a, b}, 1000},
		"behind end":  {[]migration.MemberInfo{a}, 60},
		"wrong size":  {[]migration.MemberInfo{short}, 1000},
		"no name":     {[]migration.MemberInfo{planned("", 0, 1, 1)}, 1000},
		"below start": {[]migration.MemberInfo{planned("a", -5, 1, 1)}, 1000},
	} {
		if _, err := New().Directory(c.members, c.end); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestHeaderLikeReference: local header and directory entry of our members are
// those of a DacFx package but for sums, sizes, dates and offsets.
func TestHeaderLikeReference(t *testing.T) {
	data, err := os.ReadFile(reference(t, "bacpac", "abilities.bacpac"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var members []migration.MemberInfo
	end := int64(0)
	for _, f := range z.File {
		body, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		start := body - int64(headerSize+len(f.Name)+extraSize)
		m := migration.MemberInfo{
			Name: f.Name, Method: f.Method, CRC32: f.CRC32, Offset: start,
			RawSize: int64(f.UncompressedSize64), PackedSize: int64(f.CompressedSize64),
		}
		m.Size = body - start + m.PackedSize
		end = start + m.Size
		got, want := localHeader(&m), bytes.Clone(data[start:body])
		copy(want[10:14], got[10:14]) // date and time
		if !bytes.Equal(got, want) {
			t.Errorf("%s: header\n%x, DacFx writes\n%x", f.Name, got, want)
		}
		members = append(members, m)
	}
	got, err := New().Directory(members, end)
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Clone(data[end:])
	for at, at2 := 0, 0; at+46 <= len(want) && want[at+2] == 1; {
		copy(want[at+12:at+16], got[at2+12:at2+16])
		at += 46 + int(binary.LittleEndian.Uint16(want[at+28:]))
		at2 = at
	}
	if !bytes.Equal(got, want) {
		t.Errorf("directory\n%x, DacFx writes\n%x", got, want)
	}
}
