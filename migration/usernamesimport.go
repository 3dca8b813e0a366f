package migration

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// NameImport is a file of user names held against the list: what the good lines
// would change, and what is wrong with the others, each with its line. Nothing
// is applied yet.
type NameImport struct {
	Changes []NameChange // of the good lines
	Good    int          // lines that can be used, also those that change nothing
	Faults  []Message    // of the lines that cannot, by line
	Note    Message
}

// Import holds a file against the list. A line cannot be used if it is too
// short, if its id is no number, unknown or was there before, if the initials
// are not those of the id (a sign of columns that were sorted apart), or if its
// user name is missing, not valid, or that of another line or of somebody who
// is not in the file.
func (s *NameSheet) Import(f *NameFile) NameImport {
	out := NameImport{Note: f.Note}
	faults := map[int]Message{}
	for _, line := range f.Short {
		faults[line] = Msg("names.line.short", "Line", line)
	}
	byRow := map[int]NameLine{} // also lines with a bad name: their row is known
	var good []NameLine
	for _, l := range f.Lines {
		row, why := s.lineRow(l, byRow)
		if why.IsZero() {
			byRow[row] = l
			why = nameFault(l)
		}
		if why.IsZero() {
			good = append(good, l)
			continue
		}
		faults[l.Line] = why
	}
	good = s.distinct(good, byRow, faults)
	for _, l := range good {
		row, _ := s.lineRow(l, nil)
		if old := s.rows[row].Name; old != l.UserName {
			out.Changes = append(out.Changes, NameChange{Row: row, Old: old, New: l.UserName})
		}
	}
	out.Good = len(good)
	out.Changes = s.clashes(out.Changes)
	for _, line := range slices.Sorted(maps.Keys(faults)) {
		out.Faults = append(out.Faults, faults[line])
	}
	return out
}

// lineRow finds the row that a line means; seen are the rows of earlier lines.
func (s *NameSheet) lineRow(l NameLine, seen map[int]NameLine) (int, Message) {
	id, err := strconv.ParseInt(l.ID, 10, 64)
	if err != nil {
		return 0, Msg("names.line.id", "Line", l.Line, "Id", l.ID)
	}
	row, ok := s.index[id]
	if !ok {
		return 0, Msg("names.line.unknown", "Line", l.Line, "Id", l.ID)
	}
	if before, twice := seen[row]; twice {
		return 0, Msg("names.line.again", "Line", l.Line, "Id", l.ID, "Before", before.Line)
	}
	if own := s.rows[row].Initials; l.Initials != "" && !sameWords(l.Initials, own) {
		return 0, Msg("names.line.initials", "Line", l.Line, "Id", l.ID, "Initials", l.Initials, "Own", own)
	}
	return row, Message{}
}

// sameWords compares names without regard to case and to the kind of white
// space, which spreadsheets change.
func sameWords(a, b string) bool {
	words := func(s string) string { return FoldAddress(strings.Join(strings.Fields(printable(s)), " ")) }
	return words(a) == words(b)
}

func nameFault(l NameLine) Message {
	switch {
	case l.UserName == "":
		return Msg("names.line.missing", "Line", l.Line)
	case !ValidAddress(l.UserName):
		return Msg("names.line.invalid", "Line", l.Line, "UserName", l.UserName)
	}
	return Message{}
}

// distinct drops lines whose user name another line has, or somebody whom the
// file does not name.
func (s *NameSheet) distinct(lines []NameLine, byRow map[int]NameLine, faults map[int]Message) []NameLine {
	first := map[string]NameLine{}
	var out []NameLine
	for _, l := range lines {
		key := FoldAddress(l.UserName)
		if other, twice := first[key]; twice {
			faults[l.Line] = Msg("names.line.twice", "Line", l.Line, "UserName", l.UserName, "Before", other.Line)
			continue
		}
		first[key] = l
		clash := ""
		for _, r := range s.holders[key] {
			if _, named := byRow[r]; !named {
				clash = s.rows[r].Initials
			}
		}
		if clash != "" {
			faults[l.Line] = Msg("names.line.used", "Line", l.Line, "UserName", l.UserName, "Other", clash)
			continue
		}
		out = append(out, l)
	}
	return out
}
