package app

import (
	"fmt"
	"slices"
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
	inOneApp(t)
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

// TestEnterIsNextOnlyWhenAllowed: in every state of every page Enter does what a
// click on the main button would, and nothing where that is closed, away, or behind
// a dialog.
func TestEnterIsNextOnlyWhenAllowed(t *testing.T) {
	drawn(t)
	inOneApp(t)
	opened, closed := 0, 0
	for _, c := range screens() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, q := openCase(t, c, AppearanceLight)
				ran := 0
				if w.footer.now.next.run != nil {
					w.footer.now.next.run = func() { ran++ }
				}
				may := w.footer.next.Visible() && !w.footer.next.Disabled() && w.win.Canvas().Overlays().Top() == nil
				w.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn})
				if want := map[bool]int{true: 1}[may]; ran != want {
					t.Errorf("Enter led on %d times, want %d: %q", ran, want, w.footer.reason.Text)
				}
				if may {
					opened++
				} else if w.footer.now.next.run != nil {
					closed++
				}
				end(w, q)
			})
		})
	}
	if opened < 10 || closed < 10 {
		t.Errorf("only %d states in which Enter leads on and %d in which it must not", opened, closed)
	}
}

// TestOwnWidgetsSayWhatTheyAre: screen readers pass over what has no role and have
// nothing to say of what has no label. A table says nothing while no row is chosen.
func TestOwnWidgetsSayWhatTheyAre(t *testing.T) {
	drawn(t)
	inOneApp(t)
	said := map[string]int{}
	for _, c := range screens() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, q := openCase(t, c, AppearanceLight)
				each(w.win, func(o fyne.CanvasObject) {
					a, ok := o.(fyne.Accessible)
					kind := fmt.Sprintf("%T", o)
					if !ok || !slices.ContainsFunc([]string{"*app.", "*board.", "*table."}, func(of string) bool { return strings.HasPrefix(kind, of) }) {
						return
					}
					label := a.AccessibilityLabel()
					if a.AccessibilityRole() == "" || label == "" && kind != "*table.body" && kind != "*app.paragraph" || strings.Contains(label, "<no value>") {
						t.Errorf("%s is a %q and says %q", kind, a.AccessibilityRole(), label)
					}
					said[kind] += len(label)
				})
				end(w, q)
			})
		})
	}
	for _, kind := range []string{"*app.field", "*app.tick", "*app.picker", "*app.choiceField", "*app.stepBar", "*app.openRow", "*app.mailboxRow", "*app.fileRow", "*board.face", "*board.head", "*table.head", "*table.body"} {
		if said[kind] == 0 {
			t.Errorf("no %s has said anything", kind)
		}
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

// TestF1HelpsWhereverTheFocusIs: fyne gives a key to the widget with the focus
// alone, and most widgets keep what they do not know.
func TestF1HelpsWhereverTheFocusIs(t *testing.T) {
	drawn(t)
	inOneApp(t)
	stops := 0
	for _, c := range screens() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, q := openCase(t, c, AppearanceLight)
				if w.win.Canvas().Overlays().Top() == nil {
					w.win.Content().Refresh() // a real window lays out again by itself when a text appears
					for f := range tabbed(t, w) {
						f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
						top := w.win.Canvas().Overlays().Top()
						if top == nil {
							t.Errorf("no help on %s", inWords(f.(fyne.CanvasObject)))
							continue
						}
						w.win.Canvas().Overlays().Remove(top)
						stops++
					}
				}
				end(w, q)
			})
		})
	}
	if stops < 300 {
		t.Errorf("only %d widgets were asked", stops)
	}
}

// inWords is a widget in the words of the trace.
func inWords(o fyne.CanvasObject) string {
	item, _ := describe(o)
	return fmt.Sprintf("%T %q", o, item.Label)
}
