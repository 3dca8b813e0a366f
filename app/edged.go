package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// edged draws a line around a widget, as fyne does around fields only.
type edged struct {
	fyne.WidgetRenderer
	edge  *canvas.Rectangle
	theme func() fyne.Theme
	color fyne.ThemeColorName
	// without tells whether there is no line now; nil: there always is one.
	without func() bool
}

func newEdged(r fyne.WidgetRenderer, th func() fyne.Theme, c fyne.ThemeColorName) *edged {
	e := &edged{WidgetRenderer: r, edge: canvas.NewRectangle(color.Transparent), theme: th, color: c}
	e.paint()
	return e
}

// Layout gives the edge the size of the widget.
func (e *edged) Layout(size fyne.Size) {
	e.WidgetRenderer.Layout(size)
	in := e.edge.StrokeWidth / 2 // half of a stroke lies outside of its rectangle
	e.edge.Move(fyne.NewPos(in, in))
	e.edge.Resize(size.SubtractWidthHeight(2*in, 2*in).Max(fyne.Size{}))
}

// Refresh takes the colours of the theme that is in force now.
func (e *edged) Refresh() {
	e.paint()
	e.WidgetRenderer.Refresh()
}

func (e *edged) paint() {
	e.edge.Hidden = e.without != nil && e.without()
	th := e.theme()
	e.edge.StrokeColor = th.Color(e.color, fyne.CurrentApp().Settings().ThemeVariant())
	e.edge.StrokeWidth = th.Size(theme.SizeNameInputBorder)
}

// Objects are those of the widget with the edge over them.
func (e *edged) Objects() []fyne.CanvasObject {
	objects := e.WidgetRenderer.Objects()
	return append(objects[:len(objects):len(objects)], e.edge)
}
