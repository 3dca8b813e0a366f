package migration

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestEscapeElement(t *testing.T) {
	for in, want := range map[string]string{
		"Tilbud på brønn.docx": "Tilbud på brønn.docx",
		"契約書.pdf":              "契約書.pdf",
		"50% rabatt.txt":       "50%25 rabatt.txt",
		"a:b|c?.doc":           "a%3Ab%7Cc%3F.doc",
		`..\..\win.ini`:        "..%5C..%5Cwin.ini",
		"..":                   ".%2E",
		".":                    "%2E",
		"ends with dot.":       "ends with dot%2E",
		"ends with blank ":     "ends with blank%20",
		"CON":                  "%43ON",
		"nul.txt":              "%6Eul.txt",
		"com1.log":             "%63om1.log",
		"comfort.log":          "comfort.log",
		"x[1].doc":             "x[1].doc",
		"tab\there":            "tab%09here",
		"\ufffe":               "%EF%BF%BE",
	} {
		if got := EscapeElement(in); got != want {
			t.Errorf("EscapeElement(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestEscapeElementProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`(?i)(con|nul|lpt1|aux)(\.[a-z]{1,3})?[ .]{0,2}`)).Draw(t, "name")
		e := EscapeElement(name)
		if len(e) > maxElement || !utf8.ValidString(e) {
			t.Fatalf("%q: %d bytes or not valid", e, len(e))
		}
		if strings.ContainsAny(e, `<>:"/\|?*`) || e == "." || e == ".." || isDevice(e) {
			t.Fatalf("%q is refused by NTFS", e)
		}
		if e != "" && strings.ContainsAny(e[len(e)-1:], ". ") {
			t.Fatalf("%q ends with a dot or blank", e)
		}
		back, err := url.PathUnescape(e)
		if err != nil {
			t.Fatalf("unescape %q: %v", e, err)
		}
		if len(e) < maxElement-32 && back != name {
			t.Fatalf("%q came back as %q", name, back)
		}
	})
}

func TestEscapeElementLong(t *testing.T) {
	a := EscapeElement(strings.Repeat("æ", 300) + "1.docx")
	b := EscapeElement(strings.Repeat("æ", 300) + "2.docx")
	if a == b {
		t.Error("two long names became one")
	}
	if !strings.HasSuffix(a, ".docx") || len(a) > maxElement {
		t.Errorf("%d bytes: %q", len(a), a)
	}
}

func TestFoldPath(t *testing.T) {
	for _, p := range [][2]string{
		{"documents/HH/2020.1/Brief.DOC", "documents/hh/2020.1/brief.doc"},
		{"Straße", "STRASSE"},
		{"Cafe\u0301", "CAFÉ"},
	} {
		if FoldPath(p[0]) != FoldPath(p[1]) {
			t.Errorf("%q and %q are not folded to one", p[0], p[1])
		}
	}
	if FoldPath("a") == FoldPath("b") {
		t.Error("a and b fold to one")
	}
}

func TestClashPath(t *testing.T) {
	for in, want := range map[string]string{
		"documents/HH/2020.1/brief.doc": "documents/HH/2020.1/brief~17.doc",
		"documents/HH/2020.1/README":    "documents/HH/2020.1/README~17",
		"documents/HH/2020.1/.profile":  "documents/HH/2020.1/.profile~17",
	} {
		if got := ClashPath(in, "17"); got != want {
			t.Errorf("ClashPath(%q) = %q, want %q", in, got, want)
		}
	}
}
