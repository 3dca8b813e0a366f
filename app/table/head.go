package table

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

const keyMenu = desktop.KeyMenu

// grip is how near to the border of a column a drag resizes it, in units.
const grip float32 = 6

// head is the line of titles. A click sorts, a drag of a border resizes; with
// the keyboard Left and Right choose a title, Enter or Space sorts by it, plus
// and minus resize it. The menu of a title resizes with clicks alone.
type head struct {
	widget.BaseWidget
	table   *Table
	focused bool
	column  int // with the keyboard
	drag    int // column that is being resized; -1 if none
	over    bool

	ink    color.Color // of titles when they were last drawn
	back   *canvas.Rectangle
	line   *canvas.Rectangle
	ring   *canvas.Rectangle
	mark   *canvas.Image
	titles []*canvas.Text
	bars   []*canvas.Rectangle
}

func newHead(t *Table) *head {
	h := &head{
		table: t, drag: -1, back: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil),
		ring: canvas.NewRectangle(nil), mark: &canvas.Image{FillMode: canvas.ImageFillContain},
	}
	for range t.columns {
		h.titles = append(h.titles, canvas.NewText("", nil))
		h.bars = append(h.bars, canvas.NewRectangle(nil))
	}
	h.ExtendBaseWidget(h)
	return h
}

// border is the column whose right border is at x, -1 if there is none.
func (h *head) border(x float32) int {
	at := float32(0)
	for i, c := range h.table.columns {
		at += c.Width
		if x >= at-grip && x <= at+grip {
			return i
		}
	}
	return -1
}

func (h *head) Tapped(e *fyne.PointEvent) {
	col := h.table.columnAt(e.Position.X)
	if col < 0 || h.border(e.Position.X) >= 0 {
		return
	}
	h.column = col
	focus(h)
	h.table.sort(col)
}

func (h *head) TappedSecondary(e *fyne.PointEvent) {
	if col := h.table.columnAt(e.Position.X); col >= 0 {
		h.column = col
		h.menu(e.AbsolutePosition)
	}
}

// menu resizes without a drag.
func (h *head) menu(at fyne.Position) {
	t, col := h.table, h.column
	c := fyne.CurrentApp().Driver().CanvasForObject(h)
	if c == nil {
		return
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("",
		fyne.NewMenuItem(t.words.Fit, func() { t.fit(col) }),
		fyne.NewMenuItem(t.words.Wider, func() { t.resize(col, t.columns[col].Width+4*widthStep) }),
		fyne.NewMenuItem(t.words.Narrower, func() { t.resize(col, t.columns[col].Width-4*widthStep) }),
	), c, at)
}

func (h *head) Dragged(e *fyne.DragEvent) {
	if h.drag < 0 {
		if h.drag = h.border(e.Position.X - e.Dragged.DX); h.drag < 0 {
			return
		}
	}
	h.table.resize(h.drag, e.Position.X-h.table.left(h.drag))
}

func (h *head) DragEnd() { h.drag = -1 }

func (h *head) MouseIn(e *desktop.MouseEvent)    { h.MouseMoved(e) }
func (h *head) MouseMoved(e *desktop.MouseEvent) { h.over = h.border(e.Position.X) >= 0 }
func (h *head) MouseOut()                        { h.over = false }

// Cursor shows where a border can be dragged.
func (h *head) Cursor() desktop.Cursor {
	if h.over || h.drag >= 0 {
		return desktop.HResizeCursor
	}
	return desktop.DefaultCursor
}

func (h *head) FocusGained() { h.focused = true; h.reveal() }
func (h *head) FocusLost()   { h.focused = false; h.Refresh() }

func (h *head) TypedRune(r rune) {
	t := h.table
	switch r {
	case ' ':
		t.sort(h.column)
	case '+':
		t.resize(h.column, t.columns[h.column].Width+widthStep)
	case '-':
		t.resize(h.column, t.columns[h.column].Width-widthStep)
	}
}

func (h *head) TypedShortcut(s fyne.Shortcut) { h.table.body.TypedShortcut(s) }

func (h *head) TypedKey(e *fyne.KeyEvent) {
	t := h.table
	switch e.Name {
	case fyne.KeyLeft:
		h.column = max(0, h.column-1)
		h.reveal()
	case fyne.KeyRight:
		h.column = min(len(t.columns)-1, h.column+1)
		h.reveal()
	case fyne.KeyReturn, fyne.KeyEnter:
		t.sort(h.column)
	case fyne.KeyDown:
		t.FocusRows()
	case keyMenu:
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(h)
		h.menu(at.AddXY(t.left(h.column), RowHeight))
	default:
		t.foreign(e)
	}
}

// reveal brings the chosen title into sight.
func (h *head) reveal() {
	t := h.table
	at, view := t.scroll.Offset, t.scroll.Size().Width
	left := t.left(h.column)
	if right := left + t.columns[h.column].Width; right > at.X+view {
		at.X = right - view
	}
	at.X = min(at.X, left)
	t.scrollTo(at)
	h.Refresh()
}

// AccessibilityLabel says the chosen title.
func (h *head) AccessibilityLabel() string { return h.table.columns[h.column].Title }

// AccessibilityRole is that of a button: a title can be pressed.
func (h *head) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (h *head) CreateRenderer() fyne.WidgetRenderer {
	r := &headRenderer{h}
	r.Refresh()
	return r
}

type headRenderer struct{ h *head }

func (r *headRenderer) MinSize() fyne.Size { return fyne.NewSize(minWidth, RowHeight) }

func (r *headRenderer) Layout(size fyne.Size) {
	h, t := r.h, r.h.table
	ink := colour(h, theme.ColorNameForeground)
	fresh := ink != h.ink
	h.ink = ink
	h.back.Resize(size)
	h.line.Move(fyne.NewPos(0, RowHeight-1))
	h.line.Resize(fyne.NewSize(size.Width, 1))
	h.mark.Hide()
	h.ring.Hide()
	x := float32(0)
	for i, title := range h.titles {
		width := t.columns[i].Width
		room := width - 2*cellPad
		if i == t.sorted {
			room -= iconSize
			icon := dropUp()
			if t.down {
				icon = dropDown()
			}
			h.mark.Show()
			place(h.mark, icon, fyne.NewPos(x+width-iconSize-cellPad, (RowHeight-iconSize)/2), fresh)
		}
		title.Text = cut(t.columns[i].Title, room, true)
		high := title.MinSize().Height
		title.Move(fyne.NewPos(x+cellPad, (RowHeight-high)/2))
		title.Resize(fyne.NewSize(max(0, room), high))
		if i == h.column && h.focused {
			h.ring.Show()
			h.ring.Move(fyne.NewPos(x+1, 1)) // half of the stroke lies outside
			h.ring.Resize(fyne.NewSize(width-3, RowHeight-3))
		}
		x += width
		h.bars[i].Move(fyne.NewPos(x-1, 6))
		h.bars[i].Resize(fyne.NewSize(1, RowHeight-12))
	}
}

func (r *headRenderer) Refresh() {
	h := r.h
	h.back.FillColor = colour(h, theme.ColorNameButton)
	h.line.FillColor = colour(h, theme.ColorNameSeparator)
	h.ring.FillColor, h.ring.StrokeWidth = nil, 2
	h.ring.StrokeColor = colour(h, theme.ColorNamePrimary)
	for i, title := range h.titles {
		title.Color, title.TextSize, title.TextStyle.Bold = colour(h, theme.ColorNameForeground), theme.TextSize(), true
		h.bars[i].FillColor = colour(h, theme.ColorNameDisabled)
	}
	r.Layout(h.Size())
	canvas.Refresh(h)
}

func (r *headRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.h.back, r.h.line}
	for i, title := range r.h.titles {
		out = append(out, title, r.h.bars[i])
	}
	return append(out, r.h.mark, r.h.ring)
}

func (r *headRenderer) Destroy() {}
