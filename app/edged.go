package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// edged draws a line around a widget, as fyne does around fields only. The line is
// four filled bars: a rectangle with a stroke is rounded to dots in another way than
// the ground of the widget, and lay up to two dots beside it.
type edged struct {
	fyne.WidgetRenderer
	bars  [4]*canvas.Rectangle // top, bottom, left, right
	theme func() fyne.Theme
	color fyne.ThemeColorName
	// without tells whether there is no line now; nil: there always is one.
	without func() bool
}

func newEdged(r fyne.WidgetRenderer, th func() fyne.Theme, c fyne.ThemeColorName) *edged {
	e := &edged{WidgetRenderer: r, theme: th, color: c}
	for i := range e.bars {
		e.bars[i] = canvas.NewRectangle(nil)
	}
	e.paint()
	return e
}

// Layout gives the edge the size of the widget.
func (e *edged) Layout(size fyne.Size) {
	e.WidgetRenderer.Layout(size)
	w := e.theme().Size(theme.SizeNameInputBorder)
	for _, bar := range e.bars {
		bar.Resize(fyne.NewSize(size.Width, w))
		bar.Move(fyne.Position{})
	}
	e.bars[1].Move(fyne.NewPos(0, size.Height-w))
	for _, side := range e.bars[2:] {
		side.Resize(fyne.NewSize(w, size.Height))
	}
	e.bars[3].Move(fyne.NewPos(size.Width-w, 0))
}

// Refresh takes the colours of the theme that is in force now.
func (e *edged) Refresh() {
	e.paint()
	e.WidgetRenderer.Refresh()
}

func (e *edged) paint() {
	for _, bar := range e.bars {
		bar.Hidden = e.without != nil && e.without()
		bar.FillColor = e.theme().Color(e.color, fyne.CurrentApp().Settings().ThemeVariant())
	}
}

// Objects are those of the widget with the edge over them.
func (e *edged) Objects() []fyne.CanvasObject {
	objects := e.WidgetRenderer.Objects()
	objects = objects[:len(objects):len(objects)]
	for _, bar := range e.bars {
		objects = append(objects, bar)
	}
	return objects
}
