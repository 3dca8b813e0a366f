package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// openRow is a line that opens something: a sign, a title, words below it. A
// click does it, and so do Enter and Space on the row that has the focus; the
// arrow keys go to the rows beside it.
type openRow struct {
	widget.BaseWidget
	keys  keys
	mark  *widget.Icon
	arrow *widget.Icon
	title *widget.Label
	words *paragraph
	open  func()
	step  func(by int) // moves the focus; may be nil

	closed   bool // opens nothing now; the words say why
	selected bool
	focused  bool
	hovered  bool
	ground   *canvas.Rectangle
	frame    *canvas.Rectangle
	content  fyne.CanvasObject
}

// newOpenRow makes a row whose words may take several lines.
func newOpenRow(k keys, title string, open func()) *openRow {
	r := newChoiceRow(k, title, open)
	r.arrow = widget.NewIcon(theme.NavigateNextIcon())
	r.build(8)
	return r
}

// newChoiceRow makes a row that does not lead away: its sign is a radio button.
func newChoiceRow(k keys, title string, open func()) *openRow {
	r := &openRow{
		keys: k, mark: widget.NewIcon(nil), title: bold(title), words: wrapped(""), open: open,
	}
	r.title.Truncation = fyne.TextTruncateEllipsis
	r.build(8)
	return r
}

// newNarrowRow makes a row for a list beside other things: its words are cut to
// one line, because what it opens shows them whole.
func newNarrowRow(k keys, title string, open func()) *openRow {
	r := &openRow{keys: k, mark: widget.NewIcon(nil), title: line(title), words: wrapped(""), open: open}
	r.words.Wrapping, r.words.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
	r.words.SizeName = theme.SizeNameCaptionText
	r.words.Importance = widget.LowImportance
	r.build(0)
	return r
}

func (r *openRow) build(pad float32) {
	text := container.New(snug{}, r.title, r.words)
	var right fyne.CanvasObject
	if r.arrow != nil {
		right = container.NewCenter(inset(8, r.arrow))
	}
	r.content = container.New(layout.NewCustomPaddedLayout(pad, pad, 8, 0),
		container.NewBorder(nil, nil, container.NewCenter(r.mark), right, text))
	r.ground, r.frame = canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	r.frame.StrokeWidth = 2
	r.ExtendBaseWidget(r)
}

// say draws the row anew.
func (r *openRow) say(mark fyne.Resource, words string, closed bool) {
	r.mark.SetResource(mark)
	setText(r.words, words)
	r.closed = closed
	if r.arrow != nil {
		r.arrow.Hidden = closed
	}
	r.Refresh()
}

func (r *openRow) choose(on bool) {
	if r.selected != on {
		r.selected = on
		r.Refresh()
	}
}

func (r *openRow) CreateRenderer() fyne.WidgetRenderer {
	r.paint()
	return widget.NewSimpleRenderer(container.NewStack(r.ground, r.content, r.frame))
}

// Refresh takes the colours of the theme that is in force now.
func (r *openRow) Refresh() {
	r.paint()
	r.BaseWidget.Refresh()
}

func (r *openRow) paint() {
	fill := theme.ColorNameHeaderBackground
	switch {
	case r.selected:
		fill = theme.ColorNameSelection
	case r.hovered && !r.closed:
		fill = theme.ColorNameHover
	}
	r.ground.FillColor = colour(r, fill)
	r.frame.StrokeColor, r.frame.FillColor = colour(r, theme.ColorNamePrimary), nil
	r.frame.Hidden = !r.focused
}

// Tapped opens what the row stands for.
func (r *openRow) Tapped(*fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(r); c != nil {
		c.Focus(r)
	}
	r.act()
}

func (r *openRow) act() {
	if !r.closed && r.open != nil {
		r.open()
	}
}

// Cursor shows that a click does something.
func (r *openRow) Cursor() desktop.Cursor {
	if r.closed {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// MouseIn and MouseOut light the row up.
func (r *openRow) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.Refresh() }

// MouseMoved is part of desktop.Hoverable.
func (r *openRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends the light.
func (r *openRow) MouseOut() { r.hovered = false; r.Refresh() }

// FocusGained draws the frame.
func (r *openRow) FocusGained() { r.focused = true; r.Refresh() }

// FocusLost takes it away.
func (r *openRow) FocusLost() { r.focused = false; r.Refresh() }

// TypedRune is part of fyne.Focusable.
func (r *openRow) TypedRune(rune) {}

// TypedKey opens the row or goes to the one beside it.
func (r *openRow) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		r.act()
	case fyne.KeyUp:
		if r.step != nil {
			r.step(-1)
		}
	case fyne.KeyDown:
		if r.step != nil {
			r.step(1)
		}
	default:
		r.keys.key(e)
	}
}

// Label names the row for the trace of the window.
func (r *openRow) Label() string { return r.title.Text }

// AccessibilityLabel says the row as a sentence.
func (r *openRow) AccessibilityLabel() string { return r.title.Text + ": " + r.words.Text }

// AccessibilityRole says that it can be pressed.
func (r *openRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

var (
	_ desktop.Hoverable  = (*openRow)(nil)
	_ desktop.Cursorable = (*openRow)(nil)
	_ fyne.Focusable     = (*openRow)(nil)
	_ fyne.Accessible    = (*openRow)(nil)
)

// chain lets the arrow keys go from row to row.
func chain(h host, rows []*openRow) {
	for i, r := range rows {
		r.step = func(by int) {
			if to := i + by; to >= 0 && to < len(rows) {
				h.window().Canvas().Focus(rows[to])
			}
		}
	}
}

// margined keeps the content of a page away from the sides of the window: boxes
// begin at margin, labels, which have a space of their own, before it.
func margined(side float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(4, 8, side, side), o)
}

// flush lets a label on a page of boxes begin where these do.
func flush(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, -labelPad, 0), o)
}

// snug lays two labels below each other as one text: the space that each keeps
// around itself is there once between them.
type snug struct{}

func (snug) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(max(a.Width, b.Width), a.Height+b.Height-2*labelPad+2)
}

func (snug) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	h := objects[0].MinSize().Height
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(fyne.NewSize(size.Width, h))
	objects[1].Move(fyne.NewPos(0, h-2*labelPad+2))
	objects[1].Resize(fyne.NewSize(size.Width, size.Height-h+2*labelPad-2))
}
