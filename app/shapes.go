package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// box is a filled rectangle behind something: header, banner, card, badge.
type box struct {
	widget.BaseWidget
	fill    fyne.ThemeColorName
	content fyne.CanvasObject
	padX    float32
	padY    float32
}

func newBox(fill fyne.ThemeColorName, padX, padY float32, content fyne.CanvasObject) *box {
	b := &box{fill: fill, content: content, padX: padX, padY: padY}
	b.ExtendBaseWidget(b)
	return b
}

func (b *box) CreateRenderer() fyne.WidgetRenderer {
	r := &boxRenderer{box: b, rect: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type boxRenderer struct {
	box  *box
	rect *canvas.Rectangle
}

func (r *boxRenderer) Layout(size fyne.Size) {
	r.rect.Resize(size)
	r.box.content.Move(fyne.NewPos(r.box.padX, r.box.padY))
	r.box.content.Resize(size.SubtractWidthHeight(2*r.box.padX, 2*r.box.padY))
}

func (r *boxRenderer) MinSize() fyne.Size {
	return r.box.content.MinSize().AddWidthHeight(2*r.box.padX, 2*r.box.padY)
}

func (r *boxRenderer) Refresh() {
	r.rect.FillColor = colour(r.box, r.box.fill)
	r.rect.Refresh()
	r.Layout(r.box.Size())
	r.box.content.Refresh()
}

func (r *boxRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.rect, r.box.content}
}

func (r *boxRenderer) Destroy() {}

// bar is a thin progress bar without text: the words beside it say the numbers.
type bar struct {
	widget.BaseWidget
	value  float64 // 0 to 1
	fill   fyne.ThemeColorName
	height float32
}

func newBar(height float32) *bar {
	b := &bar{fill: theme.ColorNamePrimary, height: height}
	b.ExtendBaseWidget(b)
	return b
}

// set shows a value between 0 and 1 in a colour of the theme.
func (b *bar) set(value float64, fill fyne.ThemeColorName) {
	if b.value == value && b.fill == fill {
		return
	}
	b.value, b.fill = value, fill
	b.Refresh()
}

func (b *bar) CreateRenderer() fyne.WidgetRenderer {
	r := &barRenderer{bar: b, track: canvas.NewRectangle(nil), done: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type barRenderer struct {
	bar         *bar
	track, done *canvas.Rectangle
}

func (r *barRenderer) Layout(size fyne.Size) {
	r.track.Resize(size)
	r.done.Resize(fyne.NewSize(size.Width*float32(r.bar.value), size.Height))
}

func (r *barRenderer) MinSize() fyne.Size { return fyne.NewSize(40, r.bar.height) }

func (r *barRenderer) Refresh() {
	r.track.FillColor = colour(r.bar, theme.ColorNameSeparator)
	r.done.FillColor = colour(r.bar, r.bar.fill)
	r.Layout(r.bar.Size())
	canvas.Refresh(r.bar)
}

func (r *barRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.track, r.done} }

func (r *barRenderer) Destroy() {}
