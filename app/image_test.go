package app

import (
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
)

// TestPagesOn4K opens every page on the whole of a screen of 3840x2160 at 200 %:
// nothing is cut off or lies outside, and it is drawn as large as the screen.
func TestPagesOn4K(t *testing.T) {
	drawn(t)
	for _, c := range screens() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, q := openCase(t, c, AppearanceLight)
				fillScreen(w)
				for _, f := range faults(w.win, cutOffUnasked(c)) {
					t.Error(f)
				}
				if c.name == "screen-plans" {
					if got := w.win.Canvas().Capture().Bounds(); got.Dx() != 3840 || got.Dy() != 2160 {
						t.Errorf("drawn in %v", got)
					}
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
