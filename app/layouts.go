package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// stacked lays what can be seen one below the other over the whole width without
// gaps.
type stacked struct{}

func (stacked) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			size = fyne.NewSize(max(size.Width, m.Width), size.Height+m.Height)
		}
	}
	return size
}

func (stacked) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h
	}
}

// framed is a border around a centre whose objects lie in the order in which they
// are read. Tab goes by that order, and fyne's own border begins with its centre.
func framed(top, bottom, left, right, centre fyne.CanvasObject) *fyne.Container {
	var objects []fyne.CanvasObject
	for _, o := range []fyne.CanvasObject{top, left, centre, right, bottom} {
		if o != nil {
			objects = append(objects, o)
		}
	}
	return container.New(layout.NewBorderLayout(top, bottom, left, right), objects...)
}

// shares lays labels beside each other. The ones after the first get the width
// of their text, at most a third of the line each, and the first one the rest,
// so that one endless name cannot hide the others.
type shares struct{}

func (shares) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		m := o.MinSize()
		size = fyne.NewSize(size.Width+m.Width, max(size.Height, m.Height))
	}
	return size
}

func (shares) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := size.Width
	for i := len(objects) - 1; i >= 0; i-- {
		width := x
		if i > 0 {
			width = min(natural(objects[i]), size.Width/3)
		}
		x -= width
		objects[i].Move(fyne.NewPos(x, 0))
		objects[i].Resize(fyne.NewSize(width, size.Height))
	}
}

// natural is the width that a label takes when nothing of it is cut off.
func natural(o fyne.CanvasObject) float32 {
	l, ok := o.(*widget.Label)
	if p, wraps := o.(*paragraph); wraps {
		l, ok = &p.Label, true
	}
	if !ok {
		return o.MinSize().Width
	}
	text := fyne.MeasureText(l.Text, l.Theme().Size(theme.SizeNameText), l.TextStyle)
	// One unit more: a width rounded down would cut the last letter.
	return text.Width + 2*l.Theme().Size(theme.SizeNameInnerPadding) + 1
}
