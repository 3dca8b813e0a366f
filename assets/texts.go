package assets

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/template"

	"golang.org/x/text/language"
)

// Catalog is the texts of one language. A text that the language lacks is shown
// in English, one that English lacks as its id, so that a gap is seen by the
// test and by people and never stops a migration. Safe for concurrent use.
type Catalog struct {
	tag   language.Tag
	texts map[string]string
	base  *Catalog // English; nil in English itself
}

// Text returns the text of the id in English with its arguments put in.
func Text(id string, args map[string]any) string { return For("en").Text(id, args) }

// For returns the catalogue of a language by its BCP 47 tag, such as "en" or
// "de-CH". A language that is not in the catalogue gives the nearest one, at
// last English.
func For(lang string) *Catalog {
	all := catalogs()
	want, err := language.Parse(lang)
	if err != nil {
		return all[0]
	}
	tags := make([]language.Tag, len(all))
	for i, c := range all {
		tags[i] = c.tag
	}
	_, i, confidence := language.NewMatcher(tags).Match(want)
	if confidence == language.No {
		return all[0]
	}
	return all[i]
}

// Language is the tag of the catalogue, such as "en".
func (c *Catalog) Language() string { return c.tag.String() }

// IDs lists the ids of the catalogue in order.
func (c *Catalog) IDs() []string { return slices.Sorted(maps.Keys(c.texts)) }

// Text returns the text of the id with its arguments put in. Placeholders are
// {{.Name}}, as the window's own reader expects them.
func (c *Catalog) Text(id string, args map[string]any) string {
	raw, ok := c.texts[id]
	if !ok {
		if c.base != nil {
			return c.base.Text(id, args)
		}
		return fallback(id, args)
	}
	if !strings.Contains(raw, "{{") {
		return raw
	}
	tmpl, err := template.New(id).Parse(raw)
	if err != nil {
		return fallback(id, args)
	}
	var b strings.Builder
	if err := tmpl.Execute(&b, args); err != nil {
		return fallback(id, args)
	}
	return b.String()
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

// catalogs reads the embedded files once; English comes first. A file that is
// not a flat object gives an empty catalogue, which the package's test refuses.
var catalogs = sync.OnceValue(func() []*Catalog {
	english := load("en")
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
		c := load(name)
		c.base = english
		all = append(all, c)
	}
	return all
})

func load(name string) *Catalog {
	c := &Catalog{tag: language.Make(name), texts: map[string]string{}}
	data, err := Files.ReadFile(TextsDir + "/" + name + ".json")
	if err != nil {
		return c
	}
	if err := json.Unmarshal(data, &c.texts); err != nil {
		c.texts = map[string]string{}
	}
	return c
}
