package ticket

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// maxDepth bounds nesting; a ticket needs three levels.
const maxDepth = 8

// maxInteger is the largest integer that every JSON reader holds exactly
// (RFC 8785 section 3.2.2.3 writes numbers as IEEE 754 doubles).
const maxInteger = 1<<53 - 1

// value is a parsed JSON value: object, []value, string, int64 or bool.
// encoding/json is not used to read tickets: it accepts repeated names, other
// spellings of a name and lone surrogates, and each of these lets two programs
// see different tickets under one signature.
type value any

type object []member

type member struct {
	name  string
	value value
}

func (o object) get(name string) (value, bool) {
	for _, m := range o {
		if m.name == name {
			return m.value, true
		}
	}
	return nil, false
}

// parser reads strict JSON, restricted to what a ticket can hold. Its errors
// name the place but never repeat the text found there.
type parser struct {
	data []byte
	pos  int
}

// parse reads exactly one value from data.
func parse(data []byte) (value, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("text is not valid UTF-8")
	}
	p := &parser{data: data}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos != len(p.data) {
		return nil, p.fail("text after the end")
	}
	return v, nil
}

func (p *parser) fail(what string) error {
	return fmt.Errorf("%s at byte %d", what, p.pos)
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return
		}
	}
}

// peek returns the next byte after white space, 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.pos == len(p.data) {
		return 0
	}
	return p.data[p.pos]
}

// take consumes c if it comes next.
func (p *parser) take(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.pos++
	return true
}

func (p *parser) value(depth int) (value, error) {
	if depth > maxDepth {
		return nil, p.fail("nested too deeply")
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.text()
	case c == '-' || c >= '0' && c <= '9':
		return p.integer()
	case p.word("true"):
		return true, nil
	case p.word("false"):
		return false, nil
	case p.word("null"):
		return nil, p.fail("null is not allowed")
	}
	return nil, p.fail("a value is missing")
}

func (p *parser) word(w string) bool {
	if len(p.data)-p.pos < len(w) || string(p.data[p.pos:p.pos+len(w)]) != w {
		return false
	}
	p.pos += len(w)
	return true
}

func (p *parser) object(depth int) (value, error) {
	p.pos++
	out := object{}
	if p.take('}') {
		return out, nil
	}
	for {
		if p.peek() != '"' {
			return nil, p.fail("a field name is missing")
		}
		name, err := p.text()
		if err != nil {
			return nil, err
		}
		if _, twice := out.get(name); twice {
			return nil, p.fail("field " + strconv.Quote(name) + " stands twice")
		}
		if !p.take(':') {
			return nil, p.fail("a colon is missing")
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, member{name, v})
		if p.take('}') {
			return out, nil
		}
		if !p.take(',') {
			return nil, p.fail("a comma is missing")
		}
	}
}

func (p *parser) array(depth int) (value, error) {
	p.pos++
	out := []value{}
	if p.take(']') {
		return out, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if p.take(']') {
			return out, nil
		}
		if !p.take(',') {
			return nil, p.fail("a comma is missing")
		}
	}
}

func (p *parser) integer() (value, error) {
	start := p.pos
	if p.data[p.pos] == '-' {
		p.pos++
	}
	digits := p.pos
	for p.pos < len(p.data) && p.data[p.pos] >= '0' && p.data[p.pos] <= '9' {
		p.pos++
	}
	if p.pos < len(p.data) {
		switch p.data[p.pos] {
		case '.', 'e', 'E':
			return nil, p.fail("only whole numbers are allowed")
		}
	}
	text := string(p.data[start:p.pos])
	n, err := strconv.ParseInt(text, 10, 64)
	// The comparison of the text refuses "-0", "007" and a lone minus sign.
	if err != nil || strconv.FormatInt(n, 10) != text || n > maxInteger || n < -maxInteger {
		p.pos = digits
		return nil, p.fail("not a number that a ticket may hold")
	}
	return n, nil
}
