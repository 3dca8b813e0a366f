package wiring

import (
	"errors"
	"slices"
	"testing"

	"omt/migration"
)

func TestTakeLanguage(t *testing.T) {
	for _, c := range []struct {
		variable string
		args     []string
		want     string
		rest     []string
	}{
		{"", []string{"check", "--json"}, "", []string{"check", "--json"}},
		{"", []string{"check", "--language", "de", "--json"}, "de", []string{"check", "--json"}},
		{"", []string{"--language=nl-BE", "check"}, "nl", []string{"check"}},
		{"sv", []string{"check"}, "sv", []string{"check"}},
		{"sv", []string{"check", "-language", "no"}, "nb", []string{"check"}},
		{"", []string{"check", "--language"}, "", []string{"check", "--language"}}, // flag says what is missing
		{"", []string{"language", "de"}, "", []string{"language", "de"}},
	} {
		t.Setenv(LanguageVariable, c.variable)
		got, rest, err := TakeLanguage(c.args)
		if err != nil || got != c.want || !slices.Equal(rest, c.rest) {
			t.Errorf("%s %v: got %q, %v, %v", c.variable, c.args, got, rest, err)
		}
	}
}

func TestTakeLanguageSaysWhichThereAre(t *testing.T) {
	t.Setenv(LanguageVariable, "ja")
	_, _, err := TakeLanguage([]string{"check"})
	if h := migration.HintOf(err); !errors.Is(err, ErrLanguage) || h.Args["Offered"] != "da, de, en, nl, nb, sv" || h.Args["Language"] != "ja" {
		t.Errorf("got %v with %v", err, h)
	}
}
