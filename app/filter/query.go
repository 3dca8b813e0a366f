package filter

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Query is a parsed filter. The zero value lets everything through.
type Query struct{ terms []term }

// term is one word of a query.
type term struct {
	name  string // of a named field, as typed, folded; empty looks everywhere
	field string // the name of that field
	text  string // folded
	flag  string // what text stands for as a flag
	not   bool
}

// Fields are what a card or row offers to a query.
type Fields struct {
	// Texts are searched by every word without a name.
	Texts []string
	// Named are searched by name:word; the names are lower case. A name without
	// a value is found by name:none.
	Named map[string][]string
	// Flags are words that stand for a property, such as admin. A word that is a
	// flag of these fields is found, whatever the texts say.
	Flags []string
}

// None is the word that finds fields without a value, as in plan:none.
const None = "none"

// Dialect gives the words of the filter, such as admin, plan or none, for those of
// another language. Its words are folded; those of the filter itself are
// understood beside them.
type Dialect map[string]string

// word is the one of the filter that s stands for, s itself if there is none.
func (d Dialect) word(s string) string {
	if own, ok := d[s]; ok {
		return own
	}
	return s
}

// Parse reads a filter in the words of the filter itself.
func Parse(text string) Query { return Dialect(nil).Parse(text) }

// Parse reads a filter. Words stand for themselves, all of them must be found;
// "quotes" keep words together, name:word looks in one field alone, -word
// leaves out what has it. Case and marks on letters do not count: muller finds
// Müller. There is no wrong filter: what cannot be meant otherwise is a word.
func (d Dialect) Parse(text string) Query {
	var q Query
	rest := []rune(text)
	for {
		for len(rest) > 0 && unicode.IsSpace(rest[0]) {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return q
		}
		var t term
		t, rest = next(rest)
		if t.text != "" {
			t.field, t.flag = d.word(t.name), d.word(t.text)
			q.terms = append(q.terms, t)
		}
	}
}

// next reads one term from the beginning of rest, which is not empty.
func next(rest []rune) (term, []rune) {
	var t term
	if rest[0] == '-' && len(rest) > 1 && !unicode.IsSpace(rest[1]) {
		t.not = true
		rest = rest[1:]
	}
	var word strings.Builder
	quoted, named := false, false
	for len(rest) > 0 {
		r := rest[0]
		switch {
		case r == '"':
			quoted = !quoted
		case unicode.IsSpace(r) && !quoted:
			t.text = Fold(word.String())
			return t, rest
		case r == ':' && !quoted && !named && word.Len() > 0:
			t.name, named = Fold(word.String()), true
			word.Reset()
		default:
			word.WriteRune(r)
		}
		rest = rest[1:]
	}
	t.text = Fold(word.String())
	return t, rest
}

// Empty tells whether the query lets everything through.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Match tells whether the fields have every word of the query.
func (q Query) Match(f Fields) bool {
	for _, t := range q.terms {
		if t.found(f) == t.not {
			return false
		}
	}
	return true
}

func (t term) found(f Fields) bool {
	if t.name == "" {
		return t.anywhere(f)
	}
	values, known := f.Named[t.field]
	if !known {
		// No such field: somebody looks for a text with a colon in it.
		whole := t.name + ":" + t.text
		return term{text: whole, flag: whole}.anywhere(f)
	}
	empty := true
	for _, v := range values {
		v = Fold(v)
		empty = empty && v == ""
		if v != "" && strings.Contains(v, t.text) {
			return true
		}
	}
	return empty && t.flag == None
}

func (t term) anywhere(f Fields) bool {
	for _, flag := range f.Flags {
		if Fold(flag) == t.flag {
			return true
		}
	}
	for _, text := range f.Texts {
		if strings.Contains(Fold(text), t.text) {
			return true
		}
	}
	return false
}

// Fold gives the form in which texts are compared: folded case, no marks.
func Fold(s string) string {
	if plain(s) {
		return strings.ToLower(s)
	}
	s = norm.NFKD.String(cases.Fold().String(s))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		if to, ok := letters[r]; ok {
			return to
		}
		return r
	}, s)
}

// letters are those that Unicode does not take apart and that people without
// such a key type as another.
var letters = map[rune]rune{'ø': 'o', 'ł': 'l', 'đ': 'd', 'ı': 'i', 'æ': 'a', 'œ': 'o'}

// plain tells whether folding is lower case alone, as for most texts.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Folded is Fields made ready for many queries: with thousands of cards the
// folding costs more than the search.
func (f Fields) Folded() Fields {
	out := Fields{Texts: make([]string, len(f.Texts)), Flags: make([]string, len(f.Flags)), Named: make(map[string][]string, len(f.Named))}
	for i, s := range f.Texts {
		out.Texts[i] = Fold(s)
	}
	for i, s := range f.Flags {
		out.Flags[i] = Fold(s)
	}
	for name, values := range f.Named {
		for _, v := range values {
			out.Named[name] = append(out.Named[name], Fold(v))
		}
	}
	return out
}
