package app

import (
	"fmt"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// TestEscLeavesEveryDialog: from each kind of widget in it, and where there is no
// focus.
func TestEscLeavesEveryDialog(t *testing.T) {
	drawn(t)
	left := 0
	for _, c := range screens() {
		t.Run(c.name, func(t *testing.T) {
			for kind, tabs := range dialogStops(t, c) {
				synctest.Test(t, func(t *testing.T) {
					w, q := openCase(t, c, AppearanceLight)
					can := w.win.Canvas()
					top := can.Overlays().Top()
					can.Unfocus()
					for range tabs {
						can.FocusNext()
					}
					esc := &fyne.KeyEvent{Name: fyne.KeyEscape}
					if f := can.Focused(); f != nil {
						f.TypedKey(esc)
					} else {
						can.OnTypedKey()(esc)
					}
					if can.Overlays().Top() == top {
						t.Errorf("Esc does not leave it from %s", kind)
					}
					left++
					end(w, q)
				})
			}
		})
	}
	if left < 40 {
		t.Errorf("only %d times a dialog was left", left)
	}
}

// dialogStops are the kinds of widgets in the dialog of a page, by how often Tab
// is to be pressed; none if the page has no dialog. Menus take Esc themselves.
func dialogStops(t *testing.T, c pageCase) map[string]int {
	stops := map[string]int{}
	synctest.Test(t, func(t *testing.T) {
		w, q := openCase(t, c, AppearanceLight)
		defer end(w, q)
		top := w.win.Canvas().Overlays().Top()
		if top == nil {
			return
		}
		if _, menu := inside(top, "Content").(*widget.PopUpMenu); menu {
			return
		}
		stops["nothing"] = 0
		w.win.Canvas().Unfocus()
		seen := map[fyne.Focusable]bool{}
		for n := 1; ; n++ {
			w.win.Canvas().FocusNext()
			f := w.win.Canvas().Focused()
			if f == nil || seen[f] {
				return
			}
			seen[f] = true
			if kind := fmt.Sprintf("%T", f); stops[kind] == 0 {
				stops[kind] = n
			}
		}
	})
	return stops
}
