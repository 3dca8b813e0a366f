package tds

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// appendUTF16 appends s as UTF-16, little endian. Half of a surrogate pair, which
// SQL Server keeps like any unit, stands in s in the three bytes that UTF-8 would
// have for it.
func appendUTF16(b []byte, s string) []byte {
	skip := 0
	for i, r := range s {
		if i < skip {
			continue
		}
		if r == utf8.RuneError && i+2 < len(s) && s[i] == 0xed && s[i+1] >= 0xa0 {
			r, skip = 0xd000|rune(s[i+1]&0x3f)<<6|rune(s[i+2]&0x3f), i+3
		}
		if r < 0x10000 {
			b = append(b, byte(r), byte(r>>8))
			continue
		}
		hi, lo := utf16.EncodeRune(r)
		b = append(b, byte(hi), byte(hi>>8), byte(lo), byte(lo>>8))
	}
	return b
}

// Units are those units of UTF-16 of s that stand from from up to before to. A
// pair that is cut leaves a half, written as appendUTF16 reads it.
func Units(s string, from, to int64) string {
	var out []byte
	for i, at := 0, int64(0); i < len(s) && at < to; {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 && i+2 < len(s) && s[i] == 0xed && s[i+1] >= 0xa0 {
			n = 3
		}
		switch {
		case r < 0x10000:
			if at >= from {
				out = append(out, s[i:i+n]...)
			}
			at++
		case at >= from && at+2 <= to:
			out = append(out, s[i:i+n]...)
			at += 2
		default:
			hi, lo := utf16.EncodeRune(r)
			for _, half := range []rune{hi, lo} {
				if at >= from && at < to {
					out = append(out, byte(0xe0|half>>12), byte(0x80|half>>6&0x3f), byte(0x80|half&0x3f))
				}
				at++
			}
		}
		i += n
	}
	return string(out)
}

// UTF16 is s as SQL Server keeps it in nvarchar.
func UTF16(s string) []byte { return appendUTF16(nil, s) }

// decodeUTF16 reads UTF-16, little endian. An odd last byte is ignored.
func decodeUTF16(b []byte) string {
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(u))
}

// appendANSI appends s in code page 1252; what it lacks becomes a question
// mark, as SQL Server does it.
func appendANSI(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return appendRunes(append(b, s[:i]...), s[i:])
		}
	}
	return append(b, s...)
}

func appendRunes(b []byte, s string) []byte {
	for _, r := range s {
		c, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			c = '?'
		}
		b = append(b, c)
	}
	return b
}

func decodeANSI(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = charmap.Windows1252.DecodeByte(c)
	}
	return string(r)
}

// appendBVar appends a string with a length byte in characters, cut at 255.
func appendBVar(b []byte, s string) []byte {
	u := appendUTF16(nil, s)
	if len(u) > 2*255 {
		u = u[:2*255]
	}
	return append(append(b, byte(len(u)/2)), u...)
}

// maxUSVar keeps a message, with its other fields, below the 65,535 bytes of a
// token's length. SQL Server's own messages end at 2,047 characters.
const maxUSVar = 2047

// appendUSVar is appendBVar with a length of two bytes, cut at maxUSVar.
func appendUSVar(b []byte, s string) []byte {
	u := appendUTF16(nil, s)
	if len(u) > 2*maxUSVar {
		u = u[:2*maxUSVar]
	}
	return append(binary.LittleEndian.AppendUint16(b, uint16(len(u)/2)), u...)
}
