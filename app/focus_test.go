package app

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
)

// TestTabGoesThroughEveryPage presses Tab until it comes back to where it began:
// everything that can be used is reached once, in the order in which it is read,
// from the content to the buttons of the frame.
func TestTabGoesThroughEveryPage(t *testing.T) {
	drawn(t)
	for _, c := range screens() {
		if !strings.HasPrefix(c.name, "screen-") && c.name != "welcome" && c.name != "login-filled" && c.name != "confirm" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, q := openCase(t, c, AppearanceLight)
				reached := tabbed(t, w)
				each(w.win, func(o fyne.CanvasObject) {
					f, ok := o.(fyne.Focusable)
					d, can := o.(fyne.Disableable)
					if ok && !(can && d.Disabled()) && reached[f] != 1 {
						t.Errorf("%s is reached %d times", inWords(o), reached[f])
					}
				})
				end(w, q)
			})
		})
	}
}

// tabbed counts how often one round of Tab reaches each widget, and looks at the
// order.
func tabbed(t *testing.T, w *Window) map[fyne.Focusable]int {
	reached := map[fyne.Focusable]int{}
	c := w.win.Canvas()
	c.Unfocus()
	var last fyne.CanvasObject
	for {
		c.FocusNext()
		f := c.Focused()
		if f == nil || reached[f] > 0 {
			return reached
		}
		reached[f]++
		o := f.(fyne.CanvasObject)
		if last != nil {
			driver := fyne.CurrentApp().Driver()
			a, b := driver.AbsolutePositionForObject(last), driver.AbsolutePositionForObject(o)
			// Beside it, below it, or at the top of the next column: never back up. The
			// foot of the window comes after what has to be scrolled to.
			if foot := driver.AbsolutePositionForObject(w.footer.object); b.Y < foot.Y && b.Y+o.Size().Height <= a.Y && b.X < a.X+last.Size().Width {
				t.Errorf("from %s the next is %s, which stands above it", inWords(last), inWords(o))
			}
		}
		last = o
	}
}

// inWords is a widget in the words of the trace.
func inWords(o fyne.CanvasObject) string {
	item, _ := describe(o)
	return fmt.Sprintf("%T %q", o, item.Label)
}
