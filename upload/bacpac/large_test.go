package bacpac

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"unicode/utf16"

	"omt/migration"
	"omt/upload/bacpac/decode"
)

// pieces makes a large cell of bytes that arrive in pieces which end anywhere.
func pieces(b []byte) *migration.Large {
	return &migration.Large{Size: int64(len(b)), Read: func(yield func([]byte) error) error {
		for from := 0; from < len(b); from += 4097 {
			if err := yield(b[from:min(from+4097, len(b))]); err != nil {
				return err
			}
		}
		return nil
	}}
}

// TestLargeDigest: the digest of a cell does not depend on whether it was held
// or streamed, a decoder finds the same, and one flipped bit is seen.
func TestLargeDigest(t *testing.T) {
	table := &migration.Table{Schema: "s", Name: "t", Columns: []migration.Column{
		{Name: "id", Type: "int"}, {Name: "text", Type: "nvarchar", MaxLength: -1, Nullable: true}, {Name: "data", Type: "varbinary", MaxLength: -1, Nullable: true},
	}}
	cols := []migration.DigestColumn{{Name: "id", Type: "int"}, {Name: "text", Type: "nvarchar"}, {Name: "data", Type: "varbinary"}}
	for _, size := range []int{0, 2, 3000, migration.LargeCell - 2, migration.LargeCell, migration.LargeCell + 2} {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(i * 31 / 7)
		}
		units := make([]uint16, size/2)
		rng := rand.New(rand.NewPCG(1, uint64(size)))
		for i := range units {
			units[i] = uint16(rng.IntN(0xd800)) // no surrogates
		}
		if len(units) > 2 {
			units[0], units[1] = 0xd83d, 0xde00
		}
		raw := make([]byte, 0, size)
		for _, u := range units {
			raw = append(raw, byte(u), byte(u>>8))
		}
		digest := func(row []any, encode bool) (migration.Digest, migration.Member, error) {
			d, err := migration.NewRowDigest(cols)
			must(t, err)
			must(t, d.Row(row))
			var m migration.Member
			if encode {
				p, err := New().Part(table, 0)
				must(t, err)
				must(t, p.Row(row))
				m, err = p.Finish()
				must(t, err)
			}
			sum, err := d.Take()
			return sum, m, err
		}
		held, one, err := digest([]any{int64(1), string(utf16.Decode(units)), data}, true)
		must(t, err)
		streamed, two, err := digest([]any{int64(1), pieces(raw), pieces(data)}, true)
		must(t, err)
		if held != streamed || one.SHA256 != two.SHA256 {
			t.Errorf("%d bytes: digest %v held, %v streamed; parts %x, %x", size, held, streamed, one.SHA256, two.SHA256)
		}
		if _, _, err := digest([]any{int64(1), pieces(raw), pieces(data)}, false); size > 0 && err == nil {
			t.Errorf("%d bytes: a digest of a cell that nobody read", size)
		}
		body, err := unpack(two)
		must(t, err)
		if sha256.Sum256(body) != two.SHA256 {
			t.Fatal("part does not hold what it says")
		}
		if got := decodedDigest(t, body, table.Columns, cols); got != held {
			t.Errorf("%d bytes: decoded %v, read %v", size, got, held)
		}
		if size > 0 {
			body[len(body)-1] ^= 4
			if decodedDigest(t, body, table.Columns, cols) == held {
				t.Errorf("%d bytes: a flipped bit was not seen", size)
			}
		}
	}
}

// TestHalfPair: half of a surrogate pair is written as the unit that it is; three
// bytes that are neither that nor UTF-8 are an error.
func TestHalfPair(t *testing.T) {
	cols := []migration.Column{{Name: "c", Type: "nvarchar", MaxLength: 20}}
	for text, want := range map[string]string{
		"a\xed\xa0\xbd":          "\x04\x00a\x00\x3d\xd8",
		"\xed\xb8\x80bcdef":      "\x0c\x00\x00\xdeb\x00c\x00d\x00e\x00f\x00",
		"abcd\xed\xa0\xbd\ufffd": "\x0c\x00a\x00b\x00c\x00d\x00\x3d\xd8\xfd\xff",
	} {
		got, err := encodeRows(cols, []any{text})
		if err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
		rows, err := decodeRows(got, decodedColumns(cols))
		if err != nil || rows[0][0] != text {
			t.Errorf("%q: decoded %q, %v", text, rows, err)
		}
	}
	for _, bad := range []string{"\xed\xa0", "\xed\xc0\x80", "a\xff"} {
		if got, err := encodeRows(cols, []any{bad}); err == nil {
			t.Errorf("%q gives %q", bad, got)
		}
	}
}

// TestLargeStops: an error in the middle of a cell ends its part.
func TestLargeStops(t *testing.T) {
	table := &migration.Table{Schema: "s", Name: "t", Columns: []migration.Column{{Name: "data", Type: "varbinary", MaxLength: -1}}}
	p, err := New().Part(table, 0)
	must(t, err)
	err = p.Row([]any{&migration.Large{Size: 10, Read: func(func([]byte) error) error { return context.Canceled }}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := p.Finish(); err == nil {
		t.Error("a part with half of a cell was finished")
	}
}

func decodedDigest(t *testing.T, body []byte, columns []migration.Column, cols []migration.DigestColumn) migration.Digest {
	t.Helper()
	rows, err := decode.NewRows(bytes.NewReader(body), decodedColumns(columns), 1<<26)
	must(t, err)
	d, err := migration.NewRowDigest(cols)
	must(t, err)
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		must(t, d.Row(row))
	}
	sum, err := d.Take()
	must(t, err)
	return sum
}

// TestSpill: what a part hands on before its end, behind the header that it
// gives at its end, is the member that it gives whole, whatever the limit.
func TestSpill(t *testing.T) {
	table := &migration.Table{Schema: "s", Name: "t", Columns: []migration.Column{
		{Name: "id", Type: "int"}, {Name: "text", Type: "nvarchar", MaxLength: -1}, {Name: "data", Type: "varbinary", MaxLength: -1},
	}}
	data := make([]byte, 3<<20)
	r := rand.NewChaCha8([32]byte{7})
	_, _ = r.Read(data) // never fails
	member := func(limit int, handed *[][]byte, heads *[]int) migration.Member {
		p, err := New().Part(table, 12)
		must(t, err)
		if limit > 0 {
			p.(migration.Spiller).Spill(limit, func(head int, b []byte) error {
				*handed, *heads = append(*handed, bytes.Clone(b)), append(*heads, head)
				return nil
			})
		}
		for id, cell := range [][]byte{data[:10], data, nil, data[:1<<20]} {
			must(t, p.Row([]any{int64(id), "text of a row", pieces(cell)}))
		}
		m, err := p.Finish()
		must(t, err)
		return m
	}
	want := member(0, nil, nil)
	for _, limit := range []int{1, 100_000, 1 << 20, 4 << 20, 5 << 20} {
		var handed [][]byte
		var heads []int
		got := member(limit, &handed, &heads)
		if (len(handed) == 0) != (limit == 5<<20) {
			t.Errorf("limit %d: %d blocks", limit, len(handed))
		}
		for i, head := range heads {
			if head != len(got.Data) {
				t.Errorf("limit %d: the header was to have %d bytes and has %d", limit, head, len(got.Data))
			}
			if i < len(heads)-1 && len(handed[i]) < limit {
				t.Errorf("limit %d: a block of %d bytes before the last one", limit, len(handed[i]))
			}
		}
		if !bytes.Equal(append(got.Data, bytes.Join(handed, nil)...), want.Data) || got.MemberInfo != want.MemberInfo {
			t.Errorf("limit %d: another member: %+v, want %+v", limit, got.MemberInfo, want.MemberInfo)
		}
	}
	p, err := New().Part(table, 0)
	must(t, err)
	stop := errors.New("stop")
	p.(migration.Spiller).Spill(1<<20, func(int, []byte) error { return stop })
	if err := p.Row([]any{int64(1), "", pieces(data)}); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}
