package assets

import (
	"strings"
	"unicode"
)

// timetableWords are the words of a timetable in the form that is read and stored;
// the text timetable.words has those of a language in the same order.
var timetableWords = strings.Fields("Mon Tue Wed Thu Fri Sat Sun off nothing")

// TimetableRead turns the days and limits of a timetable from the words of the
// language into those that are read; what is neither stays for the parser to
// refuse. The words that are read may be typed in every language.
func (c *Catalog) TimetableRead(s string) string {
	return replaceWords(s, strings.Fields(c.Text("timetable.words", nil)), timetableWords)
}

// TimetableShown is the reverse of TimetableRead.
func (c *Catalog) TimetableShown(s string) string {
	return replaceWords(s, timetableWords, strings.Fields(c.Text("timetable.words", nil)))
}

// replaceWords puts for each word of from the one of to at its place, whatever the
// case of its letters.
func replaceWords(s string, from, to []string) string {
	var out, word strings.Builder
	end := func() {
		w := word.String()
		word.Reset()
		for i, f := range from {
			if i < len(to) && strings.EqualFold(f, w) {
				w = to[i]
				break
			}
		}
		out.WriteString(w)
	}
	for _, r := range s {
		if unicode.IsLetter(r) {
			word.WriteRune(r)
			continue
		}
		end()
		out.WriteRune(r)
	}
	end()
	return out.String()
}
