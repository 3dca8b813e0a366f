package filter_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"omt/app/filter"
)

var hugo = filter.Fields{
	Texts: []string{"Hugo Müller", "HUH", "Sales & Øst", "8docklock"},
	Named: map[string][]string{"plan": {""}, "group": {"Sales & Øst"}},
	Flags: []string{"admin"},
}

func TestMatch(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "  ": true, "hugo": true, "HUGO mull": true, "müller": true, "ost": true, "öst": true, "hugo nobody": false,
		`"hugo müller"`: true, `"müller hugo"`: false, `"hugo mul`: true, "admin": true, "-admin": false, "-retired": true,
		"plan:none": true, "-plan:none": false, "plan:sales": false, "group:sales": true, `group:"sales & øst"`: true, "GROUP:Ost": true,
		"group:none": false, "group:hugo": false, "nosuch:thing": false, "-": false, "- hugo": false, ":": false, `""`: true, "hugo -müller": false,
	} {
		if got := filter.Parse(text).Match(hugo); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
		if got := filter.Parse(text).Match(hugo.Folded()); got != want {
			t.Errorf("%q, folded before: %v, want %v", text, got, want)
		}
	}
}

// TestDialect: words of another language stand for those of the filter, which are
// understood beside them, and are still found as texts.
func TestDialect(t *testing.T) {
	german := filter.Dialect{"gruppe": "group", "ohne": "none", "verwalter": "admin", "konflikt": "conflict"}
	f := filter.Fields{Texts: []string{"Konfliktlotse"}, Named: map[string][]string{"plan": {""}, "group": {"Vertrieb"}}, Flags: []string{"admin"}}
	for text, want := range map[string]bool{
		"Gruppe:vertrieb": true, "group:vertrieb": true, "gruppe:sales": false, "plan:ohne": true, "plan:none": true, "gruppe:ohne": false,
		"Verwalter": true, "admin": true, "-verwalter": false, "konflikt": true, "conflict": false, "ohne": false, "verein:ohne": false,
	} {
		if got := german.Parse(text).Match(f); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// TestFound: a piece of any text finds it, quoted as it stands.
func TestFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("aÄß øé日:-x1")), 1, 20, -1).Draw(t, "text")
		runes := []rune(text)
		from := rapid.IntRange(0, len(runes)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(runes)).Draw(t, "to")
		piece := string(runes[from:to])
		if strings.TrimSpace(piece) == "" {
			return
		}
		if !filter.Parse(`"` + piece + `"`).Match(filter.Fields{Texts: []string{text}}) {
			t.Fatalf("%q is not found in %q", piece, text)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", `"`, `-"a b" c:d`, "::", "-", "\x00\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		// A word in front that fits changes nothing, one that does not hides all.
		got := filter.Parse(s).Match(hugo)
		if with := filter.Parse("hugo " + s).Match(hugo); with != got {
			t.Errorf("%q: %v, after a word that fits %v", s, got, with)
		}
		if filter.Parse("nobodyhere " + s).Match(hugo) {
			t.Errorf("%q fits after a word that does not", s)
		}
	})
}
