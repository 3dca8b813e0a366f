package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// TestStepsInANarrowWindow: no step stands outside of the window, however narrow
// it is; the current one keeps its word.
func TestStepsInANarrowWindow(t *testing.T) {
	h := newFakeHost(t)
	for _, language := range screenLanguages() {
		speak(t, language)
		for _, at := range []place{placeWelcome, placeChecklist, placeComplete} {
			b := newStepBar(stepsOf(h.f, at))
			test.NewTempWindow(t, container.NewWithoutLayout(b))
			for _, width := range []float32{886, 640, 480, 886} {
				b.Resize(fyne.NewSize(width, stepHeight))
				words := 0
				for _, o := range test.WidgetRenderer(b).Objects() {
					if o.Visible() && o.Position().X+o.Size().Width > width+0.5 {
						t.Errorf("%s, %s, %.0f wide: something stands at %.0f", language, at, width, o.Position().X+o.Size().Width)
					}
					if l, ok := o.(*canvas.Text); ok && l.Visible() && len(l.Text) > 1 {
						words++
					}
				}
				if words == 0 || width == 886 && words != len(b.steps) {
					t.Errorf("%s, %s, %.0f wide: %d words", language, at, width, words)
				}
			}
		}
	}
}
