package migration

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// nameColumns are the columns of the file of user names. They are the same in
// every language, so that a file can be passed on.
var nameColumns = []string{"id", "initials", "full name", "user name"}

// maxNamesFile bounds what is read as a list of names: 20,000 users are 2 MB.
const maxNamesFile = 16 << 20

// ErrNamesFile: the file as a whole cannot be read as a list of user names; the
// hint says why.
var ErrNamesFile = errors.New("not a list of user names")

// WriteCSV writes the list for a spreadsheet: UTF-8 with a byte order mark,
// semicolons, lines that end in CR LF, as the spreadsheets of the countries
// concerned expect. A cell that a spreadsheet would take for a formula begins
// with an apostrophe; ReadNames takes it away again.
func (s *NameSheet) WriteCSV(w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return Fail("write user names", "", err, Msg("hint.names.write"))
	}
	c := csv.NewWriter(w)
	c.Comma, c.UseCRLF = ';', true
	rows := [][]string{nameColumns}
	for _, r := range s.rows {
		id := strconv.FormatInt(r.User.AssociateID, 10)
		rows = append(rows, []string{id, harmless(r.Initials), harmless(r.FullName), harmless(r.Name)})
	}
	if err := c.WriteAll(rows); err != nil {
		return Fail("write user names", "", err, Msg("hint.names.write"))
	}
	return nil
}

// harmless is plainCell, undone by unquoted: an apostrophe that is part of the
// value gets another one. Control characters, which a name in the database may
// hold and a text file may not, become spaces.
func harmless(cell string) string {
	cell = printable(cell)
	if strings.HasPrefix(cell, "'") {
		return "'" + cell
	}
	return plainCell(cell)
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

func unquoted(cell string) string {
	rest, ok := strings.CutPrefix(cell, "'")
	if ok && (strings.HasPrefix(rest, "'") || plainCell(rest) != rest) {
		return rest
	}
	return cell
}

// NameLine is a line of a file of user names.
type NameLine struct {
	Line     int // of the file, from 1
	ID       string
	Initials string
	UserName string
}

// NameFile is a file of user names as it was read, not yet held against anybody.
type NameFile struct {
	Lines []NameLine
	Note  Message // what the reader had to assume; zero if nothing
	Short []int   // lines with too few columns
}

// ReadNames reads a file of user names. The columns are found by their titles
// in any order, and without titles are those of WriteCSV. Semicolon, comma and
// tab are told apart by the first line; UTF-8 may have a byte order mark, and
// what is not UTF-8 is read as Windows-1252, with a note. Errors wrap
// ErrNamesFile and say in their hint what is wrong with the file.
func ReadNames(r io.Reader) (*NameFile, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxNamesFile+1))
	if err != nil {
		return nil, Fail("read user names", "", err, Msg("hint.names.read"))
	}
	if len(data) > maxNamesFile {
		return nil, Fail("read user names", "size", ErrNamesFile, Msg("hint.names.large", "Limit", maxNamesFile>>20))
	}
	f := &NameFile{}
	text, err := f.decode(data)
	if err != nil {
		return nil, err
	}
	text, comma := separator(text)
	c := csv.NewReader(strings.NewReader(text))
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = comma, -1, true
	// A line "sep=;" was cut off above and still counts for whoever looks into
	// the file.
	skipped := strings.Count(string(data), "\n") - strings.Count(text, "\n")
	if err := f.read(c, skipped); err != nil {
		return nil, err
	}
	return f, nil
}

// decode makes text of the bytes of the file.
func (f *NameFile) decode(data []byte) (string, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return "", Fail("read user names", "encoding", ErrNamesFile, Msg("hint.names.utf16"))
	case bytes.IndexByte(data, 0) >= 0:
		return "", Fail("read user names", "encoding", ErrNamesFile, Msg("hint.names.binary"))
	case utf8.Valid(data):
		return string(data), nil
	}
	// Bytes that Windows-1252 does not have come out as control characters.
	text, err := charmap.Windows1252.NewDecoder().String(string(data))
	if err != nil || strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 && r < 0xA0 || r == utf8.RuneError }) {
		return "", Fail("read user names", "encoding", ErrNamesFile, Msg("hint.names.encoding"))
	}
	f.Note = Msg("names.file.windows")
	return text, nil
}

// separator finds what stands between the cells: what a line "sep=;" says, as
// some spreadsheets write it first, else the most frequent in the first line.
func separator(text string) (string, rune) {
	first, rest, more := strings.Cut(text, "\n")
	first = strings.TrimRight(first, "\r")
	if len(first) == 5 && strings.EqualFold(first[:4], "sep=") && strings.IndexByte(";,\t", first[4]) >= 0 && more {
		return rest, rune(first[4])
	}
	best := ';'
	for _, c := range ",\t" {
		if strings.Count(first, string(c)) > strings.Count(first, string(best)) {
			best = c
		}
	}
	return text, best
}

// read takes the lines apart.
func (f *NameFile) read(c *csv.Reader, skipped int) error {
	id, initials, name := 0, 1, 3
	for first := true; ; first = false {
		cells, err := c.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF) && first:
			return Fail("read user names", "", ErrNamesFile, Msg("hint.names.empty"))
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken):
			return Fail("read user names", "line "+strconv.Itoa(broken.Line+skipped), ErrNamesFile, Msg("hint.names.quotes", "Line", broken.Line+skipped))
		case err != nil:
			return Fail("read user names", "", err, Msg("hint.names.read"))
		}
		line, _ := c.FieldPos(0)
		if first && !isNumber(cells[0]) {
			id, initials, name = column(cells, 0), column(cells, 1), column(cells, 3)
			if id < 0 || name < 0 {
				return Fail("read user names", "titles", ErrNamesFile, Msg("hint.names.titles"))
			}
			continue
		}
		if len(cells) <= max(id, initials, name) {
			if strings.TrimSpace(strings.Join(cells, "")) != "" {
				f.Short = append(f.Short, line+skipped)
			}
			continue
		}
		l := NameLine{Line: line + skipped, ID: cell(cells, id), UserName: cell(cells, name)}
		if initials >= 0 {
			l.Initials = cell(cells, initials)
		}
		if l.ID+l.Initials+l.UserName != "" {
			f.Lines = append(f.Lines, l)
		}
	}
}

func cell(cells []string, i int) string {
	return strings.TrimSpace(unquoted(cells[i]))
}

func column(titles []string, which int) int {
	return slices.IndexFunc(titles, func(t string) bool { return strings.EqualFold(strings.TrimSpace(t), nameColumns[which]) })
}

func isNumber(s string) bool {
	_, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	return err == nil
}
