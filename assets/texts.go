package assets

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"

	"golang.org/x/text/language"
)

// Catalog is the texts of one language. A text that the language lacks is shown
// in English, one that English lacks as its id, so that a gap is seen by the
// test and by people and never stops a migration. Safe for concurrent use.
type Catalog struct {
	tag       language.Tag
	texts     func() map[string]string
	base      *Catalog // English; nil in English itself
	templates sync.Map // of id to *template.Template, filled as texts are asked for
}

// New makes a catalogue of the texts by their ids; what they lack is said in
// English.
func New(lang string, texts map[string]string) *Catalog {
	return &Catalog{tag: language.Make(lang), texts: func() map[string]string { return texts }, base: For("en")}
}

// spoken is the catalogue of this process; nil is English.
var spoken atomic.Pointer[Catalog]

// Speak makes a catalogue that of this process: of its window, its command line
// and what Text returns.
func Speak(c *Catalog) { spoken.Store(c) }

// Spoken is the catalogue of this process: English until Speak was called.
func Spoken() *Catalog {
	if c := spoken.Load(); c != nil {
		return c
	}
	return For("en")
}

// Text returns the text of the id with its arguments put in, in the language of
// this process.
func Text(id string, args map[string]any) string { return Spoken().Text(id, args) }

// For returns the catalogue of a language by its BCP 47 tag, such as "en" or
// "de-CH". A language that is not in the catalogue gives the nearest one, at
// last English.
func For(lang string) *Catalog {
	if c, ok := Find(lang); ok {
		return c
	}
	return catalogs()[0]
}

// Find returns the catalogue of the first language in the list that there is
// one for, by itself or by a near relative such as "nn" for "nb".
func Find(langs ...string) (*Catalog, bool) {
	all := catalogs()
	tags := make([]language.Tag, len(all))
	for i, c := range all {
		tags[i] = c.tag
	}
	matcher := language.NewMatcher(tags)
	for _, l := range langs {
		want, err := language.Parse(l)
		if err != nil {
			continue
		}
		if _, i, confidence := matcher.Match(want); confidence != language.No {
			return all[i], true
		}
	}
	return nil, false
}

// All lists the catalogues in the order of their own names, as a person who
// chooses one looks for it.
func All() []*Catalog {
	all := slices.Clone(catalogs())
	slices.SortFunc(all, func(a, b *Catalog) int { return strings.Compare(a.Name(), b.Name()) })
	return all
}

// Language is the tag of the catalogue, such as "en".
func (c *Catalog) Language() string { return c.tag.String() }

// Name is what the language is called by those who speak it.
func (c *Catalog) Name() string { return c.Text("catalog.name", nil) }

// IDs lists the ids of the catalogue in order.
func (c *Catalog) IDs() []string { return slices.Sorted(maps.Keys(c.texts())) }

// Text returns the text of the id with its arguments put in. Placeholders are
// {{.Name}}. Counts, moments and sizes among the arguments are written the way
// the language does.
func (c *Catalog) Text(id string, args map[string]any) string {
	raw, ok := c.texts()[id]
	if !ok {
		if c.base != nil {
			return c.base.Text(id, args)
		}
		return fallback(id, args)
	}
	if !strings.Contains(raw, "{{") {
		return raw
	}
	tmpl, err := c.template(id, raw)
	if err != nil {
		return fallback(id, args)
	}
	var b strings.Builder
	if err := tmpl.Execute(&b, c.local(args)); err != nil {
		return fallback(id, args)
	}
	return b.String()
}

// template parses a text once: a board of thousands of cards asks for the same
// few again and again.
func (c *Catalog) template(id, raw string) (*template.Template, error) {
	if t, ok := c.templates.Load(id); ok {
		return t.(*template.Template), nil
	}
	t, err := template.New(id).Parse(raw)
	if err != nil {
		return nil, err
	}
	c.templates.Store(id, t)
	return t, nil
}

// fallback shows the id with its arguments in a fixed order: whoever reads it
// can still tell what happened.
func fallback(id string, args map[string]any) string {
	var b strings.Builder
	b.WriteString(id)
	for _, k := range slices.Sorted(maps.Keys(args)) {
		fmt.Fprintf(&b, " %s=%v", k, args[k])
	}
	return b.String()
}

// catalogs lists what is embedded; English comes first. The texts of a language
// are read when the first of them is asked for.
var catalogs = sync.OnceValue(func() []*Catalog {
	english := embedded("en")
	all := []*Catalog{english}
	entries, err := Files.ReadDir(TextsDir)
	if err != nil {
		return all
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".json")
		if name == "en" {
			continue
		}
		c := embedded(name)
		c.base = english
		all = append(all, c)
	}
	return all
})

// embedded is the catalogue of a file. One that is not a flat object gives an
// empty catalogue, which the package's test refuses.
func embedded(name string) *Catalog {
	return &Catalog{tag: language.Make(name), texts: sync.OnceValue(func() map[string]string {
		texts := map[string]string{}
		data, err := Files.ReadFile(TextsDir + "/" + name + ".json")
		if err != nil || json.Unmarshal(data, &texts) != nil {
			return map[string]string{}
		}
		return texts
	})}
}
