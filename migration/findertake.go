package migration

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// maxTakeFile bounds the list of a person: 64 MB are some 200,000 lines. Of a
// longer one only the lines with a mark need to be given.
const maxTakeFile = 64 << 20

// maxTakeFaults bounds the lines that are named at once.
const maxTakeFaults = 20

// ErrTakeFile: a list of confirmed files cannot be used.
var ErrTakeFile = errors.New("list of confirmed files cannot be used")

// TakeFaults are the lines of a list that cannot be used, each with its number;
// none of the list is taken then.
type TakeFaults struct{ Faults []Message }

func (e *TakeFaults) Error() string {
	return fmt.Sprintf("%v: lines with a fault: %d", ErrTakeFile, len(e.Faults))
}
func (e *TakeFaults) Unwrap() error { return ErrTakeFile }

// ReadTake reads the files that a person has confirmed: a list as MissingCSV
// writes it, in which the column take of some lines has a mark, any but those of
// unmarked. Only the columns take, id and source count; they may
// stand in any order, between commas, semicolons or tabs, in UTF-8, UTF-16 with its mark
// or Windows-1252. The
// result goes into Migration.Confirmed. A list with a fault is refused as a
// whole with *TakeFaults. Whether a file may be read is not known here.
func ReadTake(r io.Reader) (map[string]string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxTakeFile+1))
	if err != nil {
		return nil, fmt.Errorf("read list of files: %w", err)
	}
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		// Excel's "Unicode text". What is not well-formed becomes U+FFFD, which is in no
		// path of the archive.
		if data, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data); err != nil {
			return nil, Fail("read list of files", "", errors.Join(ErrTakeFile, err), Msg("hint.take.file"))
		}
	}
	if len(data) > maxTakeFile || bytes.IndexByte(data, 0) >= 0 {
		return nil, Fail("read list of files", "", ErrTakeFile, Msg("hint.take.file"))
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		// A path that this gets wrong is not in the archive and is refused later.
		if data, err = charmap.Windows1252.NewDecoder().Bytes(data); err != nil {
			return nil, Fail("read list of files", "", errors.Join(ErrTakeFile, err), Msg("hint.take.file"))
		}
	}
	text, comma := separator(string(data))
	c := csv.NewReader(strings.NewReader(text))
	c.Comma, c.FieldsPerRecord, c.LazyQuotes = comma, -1, false
	t := taking{out: map[string]string{}, lines: map[string]int{}, skipped: bytes.Count(data, []byte("\n")) - strings.Count(text, "\n")}
	if err := t.head(c); err != nil {
		return nil, err
	}
	if err := t.read(c); err != nil {
		return nil, err
	}
	if len(t.faults) > 0 {
		return nil, &TakeFaults{t.faults}
	}
	return t.out, nil
}

// taking reads one list.
type taking struct {
	take, id, source int // columns
	skipped          int // lines above the heading
	out              map[string]string
	lines            map[string]int // by id
	faults           []Message
}

func (t *taking) head(c *csv.Reader) error {
	head, err := c.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return t.broken(err)
	}
	for i, h := range head {
		head[i] = strings.ToLower(strings.TrimSpace(h))
	}
	t.take, t.id, t.source = slices.Index(head, "take"), slices.Index(head, "id"), slices.Index(head, "source")
	if min(t.take, t.id, t.source) < 0 {
		return Fail("read list of files", "heading", ErrTakeFile, Msg("hint.take.head"))
	}
	return nil
}

func (t *taking) broken(err error) error {
	line := 0
	var p *csv.ParseError
	if errors.As(err, &p) {
		line = p.Line + t.skipped
	}
	return Fail("read list of files", fmt.Sprintf("line %d", line), errors.Join(ErrTakeFile, err), Msg("hint.take.line", "Line", line))
}

func (t *taking) read(c *csv.Reader) error {
	for len(t.faults) < maxTakeFaults {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return t.broken(err)
		}
		line, _ := c.FieldPos(0)
		line += t.skipped
		cell := func(i int) string {
			if i >= len(cells) {
				return ""
			}
			return cells[i]
		}
		if marked(cell(t.take)) {
			t.line(line, strings.TrimSpace(cell(t.id)), cell(t.source))
		}
	}
	return nil
}

// unmarked are words that say no in a language of the program, and what Excel writes
// for FALSE in it.
var unmarked = []string{"", "0", "-", "n", "no", "nei", "nej", "nein", "nee", "false", "usann", "falsk", "falskt", "falsch", "onwaar"}

// marked tells whether a person has chosen the line.
func marked(s string) bool {
	return !slices.Contains(unmarked, strings.ToLower(strings.TrimSpace(s)))
}

func (t *taking) line(line int, id, source string) {
	fault := Message{}
	before, twice := t.lines[id]
	switch _, _, ok := splitID(id); {
	case !ok:
		fault = Msg("take.line.id", "Line", line, "ID", id)
	case strings.TrimSpace(source) == "":
		fault = Msg("take.line.source", "Line", line, "ID", id)
	case twice:
		fault = Msg("take.line.again", "Line", line, "ID", id, "Before", before)
	default:
		t.out[id], t.lines[id] = source, line
		return
	}
	t.faults = append(t.faults, fault)
}
