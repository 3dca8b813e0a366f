package assets_test

import (
	"strings"
	"testing"

	"omt/assets"
)

// TestTimetableByLanguage: what is shown is read again as what it was, and no word
// of a language means another thing than the same word of the syntax.
func TestTimetableByLanguage(t *testing.T) {
	const stored = "Mon-Fri 07:00 500k, Tue 12:00 2M, Wed 00:00 1G; Thu 01:00 nothing\nSat 00:00 off, Sun 23:59 nothing, * 10:00 off"
	for _, c := range assets.All() {
		shown := c.TimetableShown(stored)
		if c.Language() != "en" && shown == stored {
			t.Errorf("%s: shown as in English", c.Language())
		}
		for _, typed := range []string{shown, strings.ToLower(shown), stored} {
			if got := c.TimetableRead(typed); !strings.EqualFold(got, stored) {
				t.Errorf("%s: %q is read as %q", c.Language(), typed, got)
			}
		}
		if n := len(strings.Fields(c.Text("timetable.words", nil))); n != 9 {
			t.Errorf("%s has %d words", c.Language(), n)
		}
	}
	if got := assets.For("de").TimetableShown("Mon-Fri 18:00 off"); got != "Mo-Fr 18:00 aus" {
		t.Errorf("in German it is %q", got)
	}
}
