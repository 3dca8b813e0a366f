package app

import (
	"cmp"
	"image"
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// sheet is one picture of own widgets: a row for each, and in it every state of
// it that a person can tell from the others.
type sheet struct {
	name string
	rows []specimens
}

// specimens are one widget in its states.
type specimens struct {
	widget string
	width  float32 // of each
	height float32 // 0: what it needs
	paper  bool    // lies on the ground of a page, not on a card
	states []specimen
}

// specimen is one state: how the widget is made, and what is done with it when
// it has its place.
type specimen struct {
	state string
	make  func(h *fakeHost) fyne.CanvasObject
	then  []func(fyne.CanvasObject)
}

// What is done with a widget, as fyne does it.
var (
	focus = func(o fyne.CanvasObject) { focusableIn(o).FocusGained() }
	hover = func(o fyne.CanvasObject) { hoverableIn(o).MouseIn(&desktop.MouseEvent{}) }
	off   = func(o fyne.CanvasObject) { o.(fyne.Disableable).Disable() }
)

func focusableIn(o fyne.CanvasObject) (f fyne.Focusable) {
	walk(o, func(o fyne.CanvasObject) {
		if w, ok := o.(fyne.Focusable); ok && f == nil {
			f = w
		}
	})
	return f
}

func hoverableIn(o fyne.CanvasObject) (f desktop.Hoverable) {
	walk(o, func(o fyne.CanvasObject) {
		if w, ok := o.(desktop.Hoverable); ok && f == nil {
			f = w
		}
	})
	return f
}

const (
	sheetWidth = 984
	sheetGap   = 16
)

// lay puts all specimens of a sheet into the window of the host, in lines as wide
// as the sheet, each with its state above it.
func (s sheet) lay(h *fakeHost) {
	all := container.NewWithoutLayout()
	y := float32(0)
	put := func(o fyne.CanvasObject, x, y, w, high float32) float32 {
		all.Add(o)
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, high))
		if high == 0 { // wrapped words need the width first
			high = o.MinSize().Height
			o.Resize(fyne.NewSize(w, high))
		}
		return high
	}
	var acts []func()
	for _, row := range s.rows {
		y += put(bold(row.widget), 0, y, sheetWidth, 0)
		x, tallest := float32(sheetGap), float32(0)
		for _, one := range row.states {
			if x+row.width > sheetWidth {
				x, y, tallest = sheetGap, y+tallest+sheetGap/2, 0
			}
			high := put(muted(one.state), x-labelPad, y, row.width, 0)
			o := one.make(h)
			ground := theme.ColorNameHeaderBackground
			if row.paper {
				ground = theme.ColorNameBackground
			}
			high += put(newBox(ground, 0, 0, o), x, y+high, row.width, row.height)
			tallest = max(tallest, high)
			x += row.width + sheetGap
			for _, act := range one.then {
				acts = append(acts, func() { act(o) })
			}
		}
		y += tallest + sheetGap
	}
	h.win.SetContent(container.NewStack(newBox(theme.ColorNameBackground, 0, 0, all)))
	h.win.Resize(fyne.NewSize(sheetWidth+sheetGap, y))
	for _, act := range acts {
		act()
	}
}

// sheet compares a sheet in all appearances with what was looked at. Each is laid
// out anew: pages are not made in one appearance and seen in another.
func (l *looks) sheet(t *testing.T, s sheet) {
	for _, a := range []Appearance{AppearanceLight, AppearanceDark, AppearanceContrast} {
		t.Run(string(a), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newFakeHost(t)
				fyne.CurrentApp().Settings().SetTheme(newLook(a))
				s.lay(h)
				if a == AppearanceLight {
					l.markup(t, s.name+".xml", test.RenderToMarkup(h.win.Canvas()))
				}
				l.picture(t, pageCase{name: s.name}, "en", a, h.win.Canvas().Capture())
			})
		})
	}
}

// TestFocusIsSeen compares the dots of a widget that has the focus with those of
// the same one at rest: enough of them must be as far from what they were as
// WCAG 2.2 wants it of what shows the focus (2.4.13: 3:1, a line around it).
func TestFocusIsSeen(t *testing.T) {
	drawn(t)
	for _, a := range []Appearance{AppearanceLight, AppearanceDark, AppearanceContrast, AppearancePlain} {
		for _, s := range sheets() {
			for _, row := range s.rows {
				rest := map[string]specimen{}
				for _, one := range row.states {
					rest[one.state] = one
					without, focused := strings.CutSuffix(one.state, "focused")
					without = cmp.Or(strings.TrimSuffix(without, ", "), "at rest")
					before, known := rest[without]
					if before.make == nil {
						before, known = rest[without+", at rest"]
					}
					if !focused || !known {
						continue
					}
					t.Run(string(a)+"/"+row.widget+"/"+one.state, func(t *testing.T) {
						if n, want := changed(t, a, row, before, one); n < want {
							t.Errorf("%d dots tell where the keyboard is, want %d", n, want)
						}
					})
				}
			}
		}
	}
}

// changed counts the dots that stand out from what they were, and gives how many
// a line around the widget has.
func changed(t *testing.T, a Appearance, row specimens, before, after specimen) (n, around int) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t)
		fyne.CurrentApp().Settings().SetTheme(newLook(a))
		var pictures [2]*image.NRGBA
		for i, one := range []specimen{before, after} {
			sheet{rows: []specimens{{width: row.width, height: row.height, paper: row.paper, states: []specimen{{"", one.make, one.then}}}}}.lay(h)
			pictures[i] = dotsOf(h.win.Canvas().Capture())
		}
		walk(h.win.Content(), func(o fyne.CanvasObject) {
			if _, ok := o.(fyne.Focusable); ok && around == 0 {
				size := o.Size().Min(o.MinSize())
				around = int(2 * (size.Width + size.Height))
			}
		})
		for y := range pictures[0].Rect.Dy() {
			for x := range pictures[0].Rect.Dx() {
				if contrast(pictures[0].NRGBAAt(x, y), pictures[1].NRGBAAt(x, y)) >= 3 {
					n++
				}
			}
		}
	})
	return n, around
}
