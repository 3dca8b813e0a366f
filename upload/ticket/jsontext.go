package ticket

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a JSON string whose opening quote comes next.
func (p *parser) text() (string, error) {
	p.pos++
	var b strings.Builder
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case c == '"':
			p.pos++
			return b.String(), nil
		case c < 0x20:
			return "", p.fail("a control character stands in a text")
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
		default:
			b.WriteByte(c)
			p.pos++
		}
	}
	return "", p.fail("a text does not end")
}

// escape reads one escape sequence, a surrogate pair included.
func (p *parser) escape() (rune, error) {
	p.pos++
	if p.pos == len(p.data) {
		return 0, p.fail("a text does not end")
	}
	c := p.data[p.pos]
	if c != 'u' {
		i := strings.IndexByte(`"\/bfnrt`, c)
		if i < 0 {
			return 0, p.fail("unknown escape")
		}
		p.pos++
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	r, err := p.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	// A lone surrogate has no UTF-8 form; readers replace it, each its own way.
	if p.pos+1 >= len(p.data) || p.data[p.pos] != '\\' || p.data[p.pos+1] != 'u' {
		return 0, p.fail("half a character")
	}
	p.pos++
	low, err := p.hex4()
	if err != nil {
		return 0, err
	}
	full := utf16.DecodeRune(r, low)
	if full == utf8.RuneError {
		return 0, p.fail("half a character")
	}
	return full, nil
}

// hex4 reads u and four hexadecimal digits.
func (p *parser) hex4() (rune, error) {
	if len(p.data)-p.pos < 5 {
		return 0, p.fail("a text does not end")
	}
	for _, c := range p.data[p.pos+1 : p.pos+5] {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return 0, p.fail("unknown escape")
		}
	}
	n, err := strconv.ParseUint(string(p.data[p.pos+1:p.pos+5]), 16, 32)
	if err != nil {
		return 0, p.fail("unknown escape")
	}
	p.pos += 5
	return rune(n), nil
}
