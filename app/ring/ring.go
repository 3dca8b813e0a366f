// Package ring shows where the keyboard is. Fyne tints what has the focus, which
// cannot be seen on a button that has that colour already, nor where there are no
// colours; the ring is seen on everything.
package ring

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// width of each of the two lines, in units.
const width float32 = 2

// Owner is a widget with a ring.
type Owner interface {
	fyne.CanvasObject
	Theme() fyne.Theme
}

// Renderer draws a widget and, while it has the focus, a ring inside its edge: a
// line in the main colour and, inside of it, one in the colour of cards, so that
// one of them stands out from whatever the widget is filled with.
type Renderer struct {
	fyne.WidgetRenderer
	owner        Owner
	focused      func() bool
	most         func() fyne.Size // of the ring; nil: as large as the widget
	outer, inner *canvas.Rectangle
}

// Around puts the ring around what r draws. focused is asked at each Refresh of
// the widget.
func Around(owner Owner, r fyne.WidgetRenderer, focused func() bool) *Renderer {
	n := &Renderer{WidgetRenderer: r, owner: owner, focused: focused, outer: canvas.NewRectangle(nil), inner: canvas.NewRectangle(nil)}
	n.outer.StrokeWidth, n.inner.StrokeWidth = width, width
	n.paint()
	return n
}

// AtMost keeps the ring as small as what is drawn where the widget is larger.
func (n *Renderer) AtMost(size func() fyne.Size) *Renderer {
	n.most = size
	return n
}

// Layout gives the ring the size of the widget.
func (n *Renderer) Layout(size fyne.Size) {
	n.WidgetRenderer.Layout(size)
	at := fyne.Position{}
	if n.most != nil {
		m := n.most()
		at.Y = max(0, (size.Height-m.Height)/2)
		size = size.Min(m)
	}
	// Half of a stroke lies outside of its rectangle.
	for i, r := range []*canvas.Rectangle{n.outer, n.inner} {
		in := width * (float32(i) + 0.5)
		r.Move(at.AddXY(in, in))
		r.Resize(size.SubtractWidthHeight(2*in, 2*in).Max(fyne.Size{}))
	}
}

// Refresh takes the colours of the theme that is in force now.
func (n *Renderer) Refresh() {
	n.paint()
	n.WidgetRenderer.Refresh()
}

func (n *Renderer) paint() {
	on, variant := n.focused(), fyne.CurrentApp().Settings().ThemeVariant()
	n.outer.Hidden, n.inner.Hidden = !on, !on
	n.outer.StrokeColor = n.owner.Theme().Color(theme.ColorNamePrimary, variant)
	n.inner.StrokeColor = n.owner.Theme().Color(theme.ColorNameHeaderBackground, variant)
}

// Objects are those of the widget with the ring over them.
func (n *Renderer) Objects() []fyne.CanvasObject {
	objects := n.WidgetRenderer.Objects()
	return append(objects[:len(objects):len(objects)], n.outer, n.inner)
}
