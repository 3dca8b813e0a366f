package app

import (
	"strings"
	"sync"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"omt/assets"
	"omt/migration"
)

// loadTexts gives the catalogue to fyne, once in the life of the process.
var loadTexts = sync.OnceValue(func() error {
	return lang.AddTranslationsFS(assets.Files, assets.TextsDir)
})

// say puts a message into words. An id without a text shows itself.
func say(m migration.Message) string {
	args := make(map[string]any, len(m.Args))
	for k, v := range m.Args {
		if s, ok := v.(string); ok {
			v = clean(s)
		}
		args[k] = v
	}
	return lang.L(m.ID, args)
}

// figures writes numbers in the language in which the texts came out.
func figures() *assets.Catalog { return assets.For(lang.L("catalog.language")) }

// clean makes a name from outside harmless on one line: control characters and
// the marks that turn the direction of writing could show another name than
// the one that is meant.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
}

func icon(name string) fyne.Resource {
	return fyne.NewStaticResource(name+".svg", assets.Icon(name))
}
