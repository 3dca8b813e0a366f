package ticket

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// canonical writes v in the form of RFC 8785 (JSON Canonicalization Scheme),
// for the values that a ticket can hold. Numbers are integers only, so the
// scheme's number formatting reduces to decimal digits.
func canonical(v value) []byte { return appendValue(nil, v) }

func appendValue(b []byte, v value) []byte {
	switch x := v.(type) {
	case object:
		b = append(b, '{')
		for i, m := range sorted(x) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, m.name), ':')
			b = appendValue(b, m.value)
		}
		return append(b, '}')
	case []value:
		b = append(b, '[')
		for i, e := range x {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, e)
		}
		return append(b, ']')
	case string:
		return appendText(b, x)
	case int64:
		return strconv.AppendInt(b, x, 10)
	case bool:
		return strconv.AppendBool(b, x)
	}
	return b
}

// sorted orders names by UTF-16 code units (RFC 8785 section 3.2.3); bytes
// would place characters outside the basic plane differently.
func sorted(o object) object {
	out := slices.Clone(o)
	slices.SortFunc(out, func(a, b member) int {
		return slices.Compare(utf16.Encode([]rune(a.name)), utf16.Encode([]rune(b.name)))
	})
	return out
}

// appendText escapes what RFC 8785 section 3.2.2.2 says and nothing else.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		c := s[i]
		if j := strings.IndexByte("\"\\\b\f\n\r\t", c); j >= 0 {
			b = append(b, '\\', `"\bfnrt`[j])
		} else if c < 0x20 {
			b = fmt.Appendf(b, `\u%04x`, c)
		} else {
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// signed returns the bytes that the signature covers: the canonical form of
// the ticket without its signature.
func signed(o object) []byte {
	rest := make(object, 0, len(o))
	for _, m := range o {
		if m.name != "signature" {
			rest = append(rest, m)
		}
	}
	return canonical(rest)
}
