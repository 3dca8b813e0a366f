package app

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"github.com/jeandeaual/go-locale"

	"omt/assets"
	"omt/migration"
)

// languageSetting is where the computer remembers the language that a person has
// chosen in the window.
const languageSetting = "language"

// firstLanguage is the language in which the window opens: the one that it was
// started with, else the one that was chosen in it before, else the first of the
// computer's that there are texts in, else English.
func firstLanguage(asked, remembered string) *assets.Catalog {
	for _, l := range []string{asked, remembered} {
		if c, ok := assets.Find(l); ok {
			return c
		}
	}
	computers, err := locale.GetLocales()
	if err != nil {
		fyne.LogError("read the languages of the computer", err)
	}
	if c, ok := assets.Find(computers...); ok {
		return c
	}
	return assets.For("en")
}

// Speak chooses the language of what is said before there is a window. Empty is
// that of the computer.
func Speak(language string) { assets.Speak(firstLanguage(language, "")) }

// speakLanguage makes the window, and fyne's own dialogs and menus in it, speak a
// language. Fyne speaks that of the computer and cannot be told another one, so
// it is given the words as if they were of the computer's language. A catalogue
// of that language which is spoken already stays.
func speakLanguage(c *assets.Catalog) error {
	if assets.Spoken().Language() != c.Language() {
		assets.Speak(c)
	}
	words, err := c.BaseWords()
	if err != nil {
		return err
	}
	return lang.AddTranslationsForLocale(words, lang.SystemLocale())
}

// say puts a message into words. An id without a text shows itself.
func say(m migration.Message) string {
	args := make(map[string]any, len(m.Args))
	for k, v := range m.Args {
		if s, ok := v.(string); ok {
			v = clean(s)
		}
		args[k] = v
	}
	return assets.Text(m.ID, args)
}

// figures writes numbers and moments in the language of the window.
func figures() *assets.Catalog { return assets.Spoken() }

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

// shorter makes a text fit where room is for a sentence and not for a page: words
// of more than word letters, such as paths and addresses, are cut in their middle,
// and what then still is longer than all at its end.
func shorter(s string, word, all int) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if r := []rune(w); len(r) > word {
			words[i] = string(r[:word/2]) + "…" + string(r[len(r)-word/2:])
		}
	}
	s = strings.Join(words, " ")
	if r := []rune(s); len(r) > all {
		s = string(r[:all]) + "…"
	}
	return s
}
