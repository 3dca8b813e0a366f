package assets_test

import (
	"encoding/json"
	"encoding/xml"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"omt/assets"
)

var (
	idForm      = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[a-z0-9]+(-[a-z0-9]+)*)+$`)
	placeholder = regexp.MustCompile(`\{\{\s*\.([A-Za-z]+)\s*\}\}`)
)

// english reads the file itself, so that a fault of the reader cannot hide one
// of the texts.
func english(t *testing.T) map[string]string {
	t.Helper()
	data, err := assets.Files.ReadFile(assets.TextsDir + "/en.json")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

// TestEveryTextExists: each id that the program names has an English text, and
// the call hands over every argument that the text wants.
func TestEveryTextExists(t *testing.T) {
	texts := english(t)
	found := scan(t)
	if len(found.uses) < 50 {
		t.Fatalf("the scan found only %d texts; it does not see the sources", len(found.uses))
	}
	for _, u := range found.uses {
		text, ok := texts[u.id]
		if !ok {
			t.Errorf("%s: there is no text %q", u.at, u.id)
			continue
		}
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			if !u.open && !u.args[m[1]] {
				t.Errorf("%s: the text %q wants the argument %s", u.at, u.id, m[1])
			}
		}
	}
}

// TestNoTextIsUnused: a text that nobody names is translated for nothing.
func TestNoTextIsUnused(t *testing.T) {
	found := scan(t)
	for id := range english(t) {
		if !found.names(id) {
			t.Errorf("no source names the text %q", id)
		}
	}
}

// TestTextsAreWellFormed holds what the window's own reader needs, and the tone.
func TestTextsAreWellFormed(t *testing.T) {
	for id, text := range english(t) {
		if !idForm.MatchString(id) {
			t.Errorf("%q is not a dotted lower-case id", id)
		}
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s is empty", id)
		}
		if _, err := template.New(id).Parse(text); err != nil {
			t.Errorf("%s: %v", id, err)
		}
		if n := strings.Count(text, "{{"); n != len(placeholder.FindAllString(text, -1)) {
			t.Errorf("%s has something else than plain placeholders: %s", id, text)
		}
		if strings.Contains(text, "!") || strings.Contains(strings.ToLower(text), "successfully") {
			t.Errorf("%s shouts: %s", id, text)
		}
	}
}

// TestLanguagesMatchEnglish: a translation has every text and none of its own,
// and its placeholders are those of the English text. A page in two languages
// would look like a fault of the program.
func TestLanguagesMatchEnglish(t *testing.T) {
	base := english(t)
	files, err := fs.Glob(assets.Files, assets.TextsDir+"/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no texts: %v", err)
	}
	for _, f := range files {
		data, err := assets.Files.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(data, &texts); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for id := range base {
			if strings.TrimSpace(texts[id]) == "" {
				t.Errorf("%s lacks %s", f, id)
			}
		}
		for id, text := range texts {
			if got, want := holes(text), holes(base[id]); !slices.Equal(got, want) {
				t.Errorf("%s %s has the placeholders %v, English has %v", f, id, got, want)
			}
		}
		if name := strings.TrimSuffix(path.Base(f), ".json"); assets.For(name).Language() != name || assets.For(name).Name() != texts["catalog.name"] {
			t.Errorf("the catalogue of %s is %s, %s", name, assets.For(name).Language(), assets.For(name).Name())
		}
	}
}

func holes(text string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestTextFillsInItsArguments(t *testing.T) {
	got := assets.Text("header.tenant", map[string]any{"Tenant": "Cust1", "Environment": "production"})
	if want := "Cust1 (production)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAMissingTextShowsItself(t *testing.T) {
	got := assets.For("de").Text("no.such.text", map[string]any{"B": 2, "A": "x"})
	if want := "no.such.text A=x B=2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestForFallsBackToEnglish(t *testing.T) {
	for _, tag := range []string{"en", "en-GB", "ja", "", "not a language", "x"} {
		if got := assets.For(tag).Language(); got != "en" {
			t.Errorf("For(%q) is %q", tag, got)
		}
	}
	for tag, want := range map[string]string{"de-CH": "de", "nn": "nb", "no": "nb", "nl-BE": "nl", "da": "da", "sv-FI": "sv"} {
		if got := assets.For(tag).Language(); got != want {
			t.Errorf("For(%q) is %q, want %q", tag, got, want)
		}
	}
}

// TestFind: the first language of a person that there are texts in is taken,
// also behind one that there are none in; none at all is said.
func TestFind(t *testing.T) {
	if c, ok := assets.Find("fi-FI", "C", "sv-FI", "en"); !ok || c.Language() != "sv" {
		t.Errorf("Finnish, then Swedish gives %v, %v", c, ok)
	}
	if c, ok := assets.Find("fi", "ja"); ok {
		t.Errorf("Finnish gives %s", c.Language())
	}
}

// TestSpeak: what the process says comes from the catalogue that was chosen,
// and what that lacks from English.
func TestSpeak(t *testing.T) {
	t.Cleanup(func() { assets.Speak(nil) })
	if got := assets.Text("button.cancel", nil); got != "Cancel" {
		t.Errorf("at first it says %q", got)
	}
	assets.Speak(assets.For("de"))
	if got := assets.Text("button.cancel", nil); got != "Abbrechen" {
		t.Errorf("in German it says %q", got)
	}
	assets.Speak(assets.New("de", map[string]string{"button.ok": "Jo"}))
	if ok, cancel := assets.Text("button.ok", nil), assets.Text("button.cancel", nil); ok != "Jo" || cancel != "Cancel" {
		t.Errorf("a catalogue of one text says %q and %q", ok, cancel)
	}
}

// TestAllAreNamed: a person who looks for a language finds each under a name of
// its own, in order.
func TestAllAreNamed(t *testing.T) {
	var names []string
	for _, c := range assets.All() {
		names = append(names, c.Name())
	}
	if want := []string{"Dansk", "Deutsch", "English", "Nederlands", "Norsk", "Svenska"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

func TestNumbers(t *testing.T) {
	c := assets.For("en")
	for _, n := range []struct{ got, want string }{
		{c.Number(3000), "3,000"},
		{c.Bytes(0), "0 B"},
		{c.Bytes(1023), "1,023 B"},
		{c.Bytes(1024), "1.0 KB"},
		{c.Bytes(84 << 30 / 10), "8.4 GB"},
		{c.Bytes(3 << 40), "3.0 TB"},
	} {
		if n.got != n.want {
			t.Errorf("got %q, want %q", n.got, n.want)
		}
	}
	if part, whole := c.BytesOf(12<<30/10, 84<<30/10); part != "1.2" || whole != "8.4 GB" {
		t.Errorf("got %q of %q", part, whole)
	}
}

// TestIcons: every icon is XML, is filled and not stroked, because only fills
// take the colours of the theme.
func TestIcons(t *testing.T) {
	files, err := fs.Glob(assets.Files, "icons/*.svg")
	if err != nil || len(files) < 7 {
		t.Fatalf("icons: %v, %v", files, err)
	}
	for _, f := range files {
		data := assets.Icon(strings.TrimSuffix(path.Base(f), ".svg"))
		var svg struct {
			Paths []struct {
				Fill   string `xml:"fill,attr"`
				Stroke string `xml:"stroke,attr"`
			} `xml:"path"`
		}
		if err := xml.Unmarshal(data, &svg); err != nil {
			t.Errorf("%s: %v", f, err)
		}
		if len(svg.Paths) == 0 {
			t.Errorf("%s draws nothing", f)
		}
		for _, p := range svg.Paths {
			if p.Fill == "" || p.Stroke != "" {
				t.Errorf("%s: a path has fill %q and stroke %q", f, p.Fill, p.Stroke)
			}
		}
	}
	if assets.Icon("no such icon") != nil {
		t.Error("an unknown icon is not nil")
	}
}
