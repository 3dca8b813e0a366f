package migration

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"unicode/utf8"
)

// LargeSum is what a decoder delivers of a cell above LargeCell: all that a
// digest needs of it, so that nobody has to hold the cell.
type LargeSum struct {
	Size   int64    // in bytes of UTF-16, or of a binary
	SHA256 [32]byte // of these bytes
}

// errPartly: an encoder left a large cell before its end.
var errPartly = errors.New("a large value was not read to its end")

// largeValue is a large cell of a row whose digest waits for it.
type largeValue struct {
	at    int // column
	size  int64
	seen  int64
	hash  hash.Hash
	bytes []byte // of a cell that is held in its short form
}

// watch puts itself between a large cell and the encoder that reads it: the
// cell can be read only once.
func watch(l *Large, at int, moved func()) *largeValue {
	v := &largeValue{at: at, size: l.Size, hash: sha256.New()}
	read := l.Read
	l.Read = func(yield func([]byte) error) error {
		var inside error
		err := read(func(piece []byte) error {
			v.seen += int64(len(piece))
			if moved != nil {
				moved()
			}
			if v.size > LargeCell {
				v.hash.Write(piece)
			} else {
				v.bytes = append(v.bytes, piece...)
			}
			inside = yield(piece)
			return inside
		})
		if err != nil && inside == nil {
			return &outside{err}
		}
		return err
	}
	return v
}

// value is the cell as the canonical form wants it.
func (v *largeValue) value(class byte) (any, error) {
	switch {
	case v.seen != v.size:
		return nil, fmt.Errorf("%w: %d of %d bytes", errPartly, v.seen, v.size)
	case v.size > LargeCell:
		s := &LargeSum{Size: v.size}
		v.hash.Sum(s.SHA256[:0])
		return s, nil
	case class == classText:
		return UTF16Text(v.bytes), nil
	}
	return v.bytes, nil
}

// appendLarge writes a cell above LargeCell: its size with the lowest bit of the
// length set, which no cell that is written whole has, and the SHA-256 of its
// bytes.
func appendLarge(b []byte, class byte, s *LargeSum) ([]byte, error) {
	if class != classText && class != classBytes {
		return b, fmt.Errorf("value of Go type %T does not belong to the column", s)
	}
	b = binary.AppendUvarint(b, uint64(s.Size)<<1|1)
	return append(b, s.SHA256[:]...), nil
}

// sumOfText is the LargeSum of a text that was held although it is large; nil
// if it is not.
func sumOfText(x string) *LargeSum {
	// A byte of UTF-8 gives at most two of UTF-16.
	if len(x) <= LargeCell/2 {
		return nil
	}
	s, h := &LargeSum{}, sha256.New()
	buf := make([]byte, 0, digestScratch+4)
	for i := 0; i < len(x); {
		var n int
		buf, n = AppendUTF16(buf, x[i:])
		i += n
		if len(buf) >= digestScratch || i == len(x) {
			s.Size += int64(len(buf))
			h.Write(buf)
			buf = buf[:0]
		}
	}
	if s.Size <= LargeCell {
		return nil
	}
	h.Sum(s.SHA256[:0])
	return s
}

// AppendUTF16 appends the first character of a text, which must not be empty,
// as UTF-16LE and tells how many bytes of the text it took. SQL Server's text is
// any row of UTF-16 units, half of a surrogate pair included, as a column that
// was cut in the middle of an emoji has it; in a Go string such a half stands in
// the three bytes that UTF-8 has for its number (WTF-8).
func AppendUTF16(b []byte, text string) ([]byte, int) {
	if c := text[0]; c < utf8.RuneSelf {
		return append(b, c, 0), 1
	}
	r, n := utf8.DecodeRuneInString(text)
	if r == utf8.RuneError && n == 1 {
		if half, ok := half(text); ok {
			return append(b, byte(half), byte(half>>8)), 3
		}
	}
	if r > 0xffff {
		r -= 0x10000
		hi, lo := 0xd800+(r>>10), 0xdc00+(r&0x3ff)
		return append(b, byte(hi), byte(hi>>8), byte(lo), byte(lo>>8)), n
	}
	return append(b, byte(r), byte(r>>8)), n
}

// NotASCII is what Eight has where a byte is no ASCII.
const NotASCII = 0x8080_8080_8080_8080

// Eight are the first eight bytes of a text, the first one lowest. The compiler
// makes one load of it.
func Eight(text string) uint64 {
	_ = text[7]
	return uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
		uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
}

// UTF16Length counts the bytes of a text in UTF-16; false if it is neither
// UTF-8 nor one with halves of pairs as AppendUTF16 takes them.
func UTF16Length(text string) (int64, bool) {
	ascii := 0
	for ascii+8 <= len(text) && Eight(text[ascii:])&NotASCII == 0 {
		ascii += 8
	}
	for ascii < len(text) && text[ascii] < utf8.RuneSelf {
		ascii++
	}
	size := 2 * int64(ascii)
	for i := ascii; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			size += 2
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 {
			if _, ok := half(text[i:]); !ok {
				return 0, false
			}
			n = 3
		}
		i += n
		size += 2
		if r > 0xffff {
			size += 2
		}
	}
	return size, true
}

// half reads a half of a surrogate pair in three bytes.
func half(s string) (rune, bool) {
	if len(s) < 3 || s[0] != 0xed || s[1] < 0xa0 || s[1] > 0xbf || s[2] < 0x80 || s[2] > 0xbf {
		return 0, false
	}
	return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), true
}

// UTF16Text reads UTF-16LE, halves of pairs included; b has whole units.
func UTF16Text(b []byte) string {
	out := make([]byte, 0, len(b)/2+len(b)/8)
	for i := 0; i+1 < len(b); i += 2 {
		r := rune(b[i]) | rune(b[i+1])<<8
		if r >= 0xd800 && r < 0xdc00 && i+3 < len(b) {
			if low := rune(b[i+2]) | rune(b[i+3])<<8; low >= 0xdc00 && low < 0xe000 {
				r = 0x10000 + (r-0xd800)<<10 + (low - 0xdc00)
				i += 2
			}
		}
		if r >= 0xd800 && r < 0xe000 {
			// utf8.AppendRune would write U+FFFD for it.
			out = append(out, 0xed, byte(0x80|r>>6&0x3f), byte(0x80|r&0x3f))
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}
