package main

import (
	"strings"
	"testing"
	"time"

	"omt/assets"
	"omt/migration"
)

// TestProgressCountsByLanguage: thousands are separated as everywhere else.
func TestProgressCountsByLanguage(t *testing.T) {
	p := migration.NewProgress(time.Now)
	m := p.Of(migration.PhaseDocuments)
	m.Begin(false)
	m.Expect(1_234_567, 0)
	m.Done(12_345, 0)
	for language, want := range map[string]string{"en": " 12,345/1,234,567 ", "de": " 12.345/1.234.567 "} {
		assets.Speak(assets.For(language))
		var said strings.Builder
		printer{c: console{err: &said}}.progress(p.Snapshot())
		if !strings.Contains(said.String(), want) {
			t.Errorf("%s: %q lacks %q", language, said.String(), want)
		}
	}
	assets.Speak(nil)
}
