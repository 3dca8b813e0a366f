package app

import (
	"fmt"
	"html"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"

	"omt/assets"
)

// screenLanguages are those of the catalogue.
func screenLanguages() []string {
	var out []string
	for _, c := range assets.All() {
		out = append(out, c.Language())
	}
	return out
}

// speak makes a language that of the computer until the test ends.
func speak(t *testing.T, language string) {
	t.Helper()
	t.Setenv("LC_ALL", language)
	t.Setenv("LANGUAGE", "")
	assets.Speak(assets.For(language))
	t.Cleanup(func() { assets.Speak(nil) })
}

// TestScreens writes every page in every language and appearance, and larger
// ones, into the folder OMT_SCREENS with a contact sheet: make screens. With
// OMT_SCREENS_LANGUAGES only those are drawn, with OMT_SCREENS_ONLY only the
// pages whose names contain it.
func TestScreens(t *testing.T) {
	dir := os.Getenv("OMT_SCREENS")
	if dir == "" {
		t.Skip("OMT_SCREENS names no folder for the pictures")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	chosen := screenLanguages()
	if l := os.Getenv("OMT_SCREENS_LANGUAGES"); l != "" {
		chosen = strings.Split(l, ",")
	}
	sheet := &strings.Builder{}
	for _, language := range chosen {
		t.Run(language, func(t *testing.T) {
			speak(t, language)
			for _, c := range screens() {
				if strings.Contains(c.name, os.Getenv("OMT_SCREENS_ONLY")) {
					drawScreens(t, dir, language, c, sheet)
				}
			}
		})
	}
	page := "<!doctype html><meta charset=utf-8><title>omt</title><style>figure{display:inline-block;margin:8px;font:12px sans-serif}img{width:300px;border:1px solid #999}</style>\n" + sheet.String()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
}

// drawScreens draws one page in all appearances, and in light in larger windows.
// Each appearance has a page of its own: what is dragged or typed into takes its
// colours when that begins.
func drawScreens(t *testing.T, dir, language string, c pageCase, sheet *strings.Builder) {
	for _, a := range Appearances() {
		synctest.Test(t, func(t *testing.T) {
			w, q := openCase(t, c, a)
			draw := func(kind string) {
				file := fmt.Sprintf("%s-%s-%s.png", c.name, language, kind)
				drawScreen(t, w, filepath.Join(dir, file))
				fmt.Fprintf(sheet, "<figure><a href=%[1]q><img loading=lazy src=%[1]q></a><figcaption>%[2]s</figcaption></figure>\n", file, html.EscapeString(file))
			}
			draw(string(a))
			if a == AppearanceLight {
				w.win.Resize(fyne.NewSize(1280, 900))
				draw("1280")
			}
			if a == AppearanceLight && language == "en" {
				w.win.Resize(fyne.NewSize(1920, 1080))
				draw("1920")
				fillScreen(w)
				draw("4k")
			}
			end(w, q)
		})
	}
}

// drawScreen writes a picture of the window. The window of a test does not lay
// out again when a text needs fewer lines after a resize, as a real one does.
func drawScreen(t *testing.T, w *Window, file string) {
	t.Helper()
	w.win.Content().Refresh()
	for _, o := range w.win.Canvas().Overlays().List() {
		o.Refresh()
	}
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	coder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := coder.Encode(out, w.win.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
