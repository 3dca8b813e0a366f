package app

import (
	"runtime"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
)

// TestPagesInImages compares whole windows, dot by dot, with what was looked at:
// colours of every appearance, pictures of people, crowns and signs, which the
// markup of a page only names. What differs is written into testdata/failed.
func TestPagesInImages(t *testing.T) {
	drawn(t)
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors round the edges of letters in another way")
	}
	byName := map[string]pageCase{}
	for _, c := range screens() {
		byName[c.name] = c
	}
	for _, c := range []struct {
		name     string
		look     Appearance
		language string
	}{
		{"screen-plans", AppearanceLight, "en"}, {"screen-plans", AppearanceDark, "nb"}, {"screen-plans", AppearanceContrast, "en"},
		{"screen-names", AppearanceDark, "en"}, {"screen-upload-failed", AppearanceDark, "en"}, {"screen-complete", AppearanceLight, "nb"},
		{"screen-checklist", AppearanceContrast, "en"}, {"screen-preview", AppearancePlain, "en"}, {"login-wrong", AppearanceLight, "en"},
	} {
		file := c.name + "-" + c.language + "-" + string(c.look) + ".png"
		t.Run(file, func(t *testing.T) {
			speak(t, c.language)
			synctest.Test(t, func(t *testing.T) {
				w, q := openCase(t, byName[c.name], c.look)
				test.AssertImageMatches(t, file, w.win.Canvas().Capture())
				end(w, q)
			})
		})
	}
}

// TestPagesOn4K opens pages on the whole of a screen of 3840x2160 at 200 %.
func TestPagesOn4K(t *testing.T) {
	drawn(t)
	for _, c := range screens() {
		if c.name != "screen-plans-2000" && c.name != "screen-complete" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, q := openCase(t, c, AppearanceLight)
				fillScreen(w)
				if got := w.win.Canvas().Capture().Bounds(); got.Dx() != 3840 || got.Dy() != 2160 {
					t.Errorf("drawn in %v", got)
				}
				for _, f := range faults(w.win, false) {
					t.Error(f)
				}
				end(w, q)
			})
		})
	}
}

// fillScreen is a window on the whole of a screen of 4K at 200 %.
func fillScreen(w *Window) {
	w.win.Canvas().(software.WindowlessCanvas).SetScale(2)
	w.win.Resize(fyne.NewSize(1920, 1080))
}
