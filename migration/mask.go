package migration

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"omt/assets"
)

// Masker takes names, addresses and paths out of texts. It does not look for
// them, because a list of names is never complete: it keeps the words that omt
// and the systems below it use themselves and replaces all others. One and the
// same text gets the same pseudonym within one Masker, so that a reader can
// follow a relation. It is not safe for several goroutines.
type Masker struct {
	private map[string]bool // folded words that are masked even if omt uses them
	given   map[string]string
	counts  map[string]int
}

// NewMasker knows names that must not stay even where they are common words,
// such as a company called "Archive".
func NewMasker(private ...string) *Masker {
	m := &Masker{private: map[string]bool{}, given: map[string]string{}, counts: map[string]int{}}
	for _, p := range private {
		for _, w := range wordPattern.FindAllString(p, -1) {
			m.private[strings.ToLower(w)] = true
		}
	}
	return m
}

// Name is the pseudonym of a whole text of a kind, such as "path"; of nothing
// it is nothing.
func (m *Masker) Name(kind, text string) string {
	if text == "" {
		return ""
	}
	key := kind + "\x00" + strings.ToLower(strings.TrimSpace(text))
	if p, ok := m.given[key]; ok {
		return p
	}
	m.counts[kind]++
	p := fmt.Sprintf("%s-%d", kind, m.counts[kind])
	m.given[key] = p
	return p
}

var (
	wordPattern = regexp.MustCompile(`[\p{L}\p{M}\p{N}_]+`)
	// What stands in a text as a whole: addresses, quoted values, paths up to the
	// reason that follows them, then single words and numbers.
	textPattern = regexp.MustCompile(`(?P<mail>[^\s"<>:,;]+@[^\s"<>:,;]+)` +
		`|(?P<value>"(?:[^"\\]|\\.)*"|'[^']*')` +
		`|(?P<host>[a-z][a-z0-9+.-]*://[^\s"]+)` +
		`|(?P<path>(?:[A-Za-z]:[\\/]|\\\\|\.{0,2}/|~/)[^"\n]*?(?:: |\n|$)|[^\s"]*[\\/][^\s"]*)` +
		`|(?P<file>[\p{L}\p{N}_-]+\.[\p{L}][\p{L}\p{N}_.-]*)` +
		`|(?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9A-Fa-f]{1,4}(?:::?[0-9A-Fa-f]{1,4}){3,7}\b)` +
		`|(?P<phone>\+[\d][\d ()-]{4,}\d|\d+(?:[ ()]+\d+){2,})` +
		`|(?P<word>[\p{L}\p{M}\p{N}_]+)`)
	kinds = textPattern.SubexpNames()
)

// Text masks a sentence, such as that of an error.
func (m *Masker) Text(s string) string {
	var b strings.Builder
	for s != "" {
		at := textPattern.FindStringSubmatchIndex(s)
		if at == nil {
			break
		}
		b.WriteString(s[:at[0]])
		for i := 1; i < len(kinds); i++ {
			if at[2*i] < 0 {
				continue
			}
			found := s[at[2*i]:at[2*i+1]]
			tail := ""
			if kinds[i] == "path" && strings.HasSuffix(found, ": ") {
				found, tail = strings.TrimSuffix(found, ": "), ": "
			}
			b.WriteString(m.piece(kinds[i], found) + tail)
			break
		}
		s = s[at[1]:]
	}
	return b.String() + s
}

func (m *Masker) piece(kind, s string) string {
	if kind != "word" {
		return m.Name(kind, strings.Trim(s, `"'`))
	}
	if m.private[strings.ToLower(s)] || !ownWord(s) {
		return m.Name("word", s)
	}
	return s
}

// maxNumber is how many digits a number may have: more may be a telephone or a
// serial number.
const maxNumber = 6

// ownWord tells whether a word is one of omt's own or a number.
func ownWord(s string) bool {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0 {
		return len(s) <= maxNumber
	}
	return vocabulary()[s]
}

// systemWords are those of SQL Server, Windows, Linux, storage and Go that
// errors are made of and the catalogue of texts does not have.
const systemWords = `EOF TCP TLS HTTP HTTPS SQL SHA MD5 GET PUT POST HEAD DELETE UTC JSON SAS DNS NTFS SMB URL
acquire abort aborted actively already argument authentication bad broken buffer cannot canceled cancelled certificate closed
connect connection context copy deadline denied descriptor device dial directory disk driver eof error exceeded exists
exit expected expired failed failure fault fetch flush forbidden forcibly found gone gzip handle handshake header i id illegal
input interrupted invalid io lease length lookup lost match member members mismatch mkdir module mssql network no node not
object offset only open operation out output packet permission pipe port proof protocol query quota read reader reached refused
remote remove rename reset resource response retry returned root row rows schema seek shared short sign signature space
stage staged stat status still such sum supported sync syntax system temporarily timeout timed token too truncated try type
unauthorized unavailable unexpected unknown unreachable unsupported upload uploaded used value values verify violation wait
was were with write writing wrong zip begins run stopped release record stop thaw frozen start rebuild again take over`

// vocabulary is every word in small letters of omt's own English texts.
var vocabulary = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	english := assets.For("en")
	for _, id := range english.IDs() {
		for _, w := range wordPattern.FindAllString(english.Text(id, nil), -1) {
			if w == strings.ToLower(w) {
				words[w] = true
			}
		}
	}
	for _, w := range strings.Fields(systemWords) {
		words[w] = true
	}
	return words
})

// plainKeys are the values of a line of the log that omt itself chooses from a
// closed set, or makes: times, levels, ids of runs, modes.
var plainKeys = map[string]bool{
	"ts": true, "level": true, "run": true, "begin": true, "mode": true, "recovery": true, "tool": true, "note": true, "sqlServer": true, "superOffice": true,
}

// plainValue is what such a value looks like; a foreign line cannot carry a name
// with capital letters or blanks through.
var plainValue = regexp.MustCompile(`^(?:omt )?[0-9a-z.:+TZ_-]*$`)

// LogLine masks one line of the log. A line that is not JSON is masked as text.
func (m *Masker) LogLine(line []byte) []byte {
	var fields map[string]any
	if err := json.Unmarshal(line, &fields); err != nil {
		return []byte(m.Text(string(line)))
	}
	for k, v := range fields {
		if s, ok := v.(string); ok && plainKeys[k] && plainValue.MatchString(s) && !m.private[strings.ToLower(s)] {
			continue
		}
		fields[k] = m.value(v)
	}
	out, err := json.Marshal(fields)
	if err != nil {
		return []byte(m.Text(string(line)))
	}
	return out
}

// value masks whatever stands in a line of the log; numbers of things stay.
func (m *Masker) value(v any) any {
	switch v := v.(type) {
	case string:
		return m.Text(v)
	case []any:
		for i := range v {
			v[i] = m.value(v[i])
		}
		return v
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[m.Text(k)] = m.value(x)
		}
		return out
	}
	return v
}
