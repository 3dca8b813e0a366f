package wiring

import (
	"errors"
	"os"
	"strings"

	"omt/assets"
	"omt/migration"
)

// LanguageVariable names the language of omt and omtctl for whoever does not want
// to say --language each time.
const LanguageVariable = "OMT_LANGUAGE"

// ErrLanguage: there are no texts in the language that was asked for.
var ErrLanguage = errors.New("language is not known")

// TakeLanguage takes --language out of a command line, because the flags are
// explained in that language, and returns its tag in the catalogue. Without the
// flag LanguageVariable counts; empty means that nobody asked for one.
func TakeLanguage(args []string) (language string, rest []string, err error) {
	language = os.Getenv(LanguageVariable)
	for i := 0; i < len(args); i++ {
		name, value, inside := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		if name != "language" || !strings.HasPrefix(args[i], "-") || !inside && i+1 == len(args) {
			rest = append(rest, args[i])
			continue
		}
		if !inside {
			i++
			value = args[i]
		}
		language = value
	}
	if language == "" {
		return "", rest, nil
	}
	c, ok := assets.Find(language)
	if !ok {
		var offered []string
		for _, c := range assets.All() {
			offered = append(offered, c.Language())
		}
		return "", rest, migration.Fail("read", "--language", ErrLanguage,
			migration.Msg("hint.flags.language", "Language", language, "Offered", strings.Join(offered, ", ")))
	}
	return c.Language(), rest, nil
}
