package main

import (
	"strings"
	"testing"

	"omt/assets"
	"omt/cmd/internal/wiring"
)

// TestLanguage: English unless the flag or the variable asks for another one; an
// unknown one is refused with those that there are. The next command speaks
// English again.
func TestLanguage(t *testing.T) {
	t.Setenv(wiring.LanguageVariable, "")
	t.Setenv("LC_ALL", "de_DE.UTF-8") // of the account, which does not count
	for _, c := range []struct {
		variable string
		args     []string
		code     int
		words    string
	}{
		{"", []string{"fly"}, exitUsage, assets.For("en").Text("cli.usage", nil)},
		{"", []string{"fly", "--language", "de"}, exitUsage, assets.For("de").Text("cli.usage", nil)},
		{"nl", []string{"fly"}, exitUsage, assets.For("nl").Text("cli.usage", nil)},
		{"nl", []string{"find", "--help", "--language=da"}, exitOK, assets.For("da").Text("flag.json", nil)},
		{"", []string{"check", "--language", "ja"}, exitUsage, "da, de, en, nl, nb, sv"},
		{"", []string{"fly"}, exitUsage, assets.For("en").Text("cli.usage", nil)},
	} {
		t.Setenv(wiring.LanguageVariable, c.variable)
		if code, _, errs := inProcess(c.args...); code != c.code || !strings.Contains(errs, c.words) {
			t.Errorf("%s omtctl %v: code %d, want %q in %q", c.variable, c.args, code, c.words, errs)
		}
	}
}
