package table

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// body are the rows. It is as high as all of them and draws those in sight.
type body struct {
	widget.BaseWidget
	table   *Table
	focused bool

	ink  color.Color // of texts when it was last drawn
	wide float32     // when it was last laid out

	slots  []*slot // row n is drawn by slot n modulo their number
	editor fyne.CanvasObject
	editAt [2]int // row and column
	back   *canvas.Rectangle
	ring   *canvas.Rectangle // shows where the keyboard is, also without colour
}

func newBody(t *Table) *body {
	b := &body{table: t, back: canvas.NewRectangle(color.Transparent), ring: canvas.NewRectangle(color.Transparent), editAt: [2]int{-1, 0}}
	b.ExtendBaseWidget(b)
	return b
}

func (b *body) CreateRenderer() fyne.WidgetRenderer { return &bodyRenderer{b} }

func (b *body) MinSize() fyne.Size {
	return fyne.NewSize(b.table.width(), float32(b.table.length)*RowHeight)
}

// visible are the rows in sight, the last one excluded.
func (b *body) visible() (first, last int) {
	top, height := b.table.scroll.Offset.Y, b.table.scroll.Size().Height
	first = max(0, min(int(top/RowHeight), b.table.length))
	return first, max(first, min(int((top+height)/RowHeight)+1, b.table.length))
}

// fill gives each row in sight its slot. Rows that have theirs already are only
// bound again if all is true.
func (b *body) fill(all bool) { b.draw(all, false) }

func (b *body) draw(all, fresh bool) {
	first, last := b.visible()
	if need := last - first; need > len(b.slots) {
		for len(b.slots) < need+2 {
			b.slots = append(b.slots, newSlot(len(b.table.columns)))
		}
		all = true
	}
	for _, s := range b.slots {
		if s.row < first || s.row >= last {
			s.hide()
		}
	}
	for row := first; row < last; row++ {
		if s := b.slots[row%len(b.slots)]; all || s.row != row {
			s.bind(b, row, fresh)
		}
	}
	b.place()
	canvas.Refresh(b)
}

// open shows an editor over a cell, or none.
func (b *body) open(row, col int, o fyne.CanvasObject) {
	b.editor, b.editAt = o, [2]int{row, col}
	b.place()
	b.Refresh()
}

// place keeps the editor on its cell.
func (b *body) place() {
	b.back.Resize(b.Size())
	b.ring.Hidden = !b.focused || b.table.current < 0
	b.ring.StrokeWidth, b.ring.StrokeColor = 2, colour(b, theme.ColorNamePrimary)
	b.ring.Move(fyne.NewPos(b.table.scroll.Offset.X+1, float32(b.table.current)*RowHeight+1))
	b.ring.Resize(fyne.NewSize(b.table.scroll.Size().Width-3, RowHeight-3))
	if b.editor == nil {
		return
	}
	row, col := b.editAt[0], b.editAt[1]
	// As high as it needs: what is cut off of it would look scrolled away.
	high := max(RowHeight, b.editor.MinSize().Height)
	b.editor.Move(fyne.NewPos(b.table.left(col), max(0, float32(row)*RowHeight-(high-RowHeight)/2)))
	width := b.table.columns[col].Width
	if row < b.table.length && b.table.source.Cell(row, col).Menu {
		width -= markWidth // the mark can be clicked while somebody types
	}
	b.editor.Resize(fyne.NewSize(width, high))
}

// rowAt is the row below a place, -1 below the last.
func (b *body) rowAt(y float32) int {
	if row := int(y / RowHeight); y >= 0 && row < b.table.length {
		return row
	}
	return -1
}

func (b *body) Tapped(e *fyne.PointEvent) {
	t := b.table
	focus(b)
	row, col := b.rowAt(e.Position.Y), t.columnAt(e.Position.X)
	if row < 0 {
		return
	}
	t.Select(row)
	if col < 0 {
		return
	}
	mark := t.left(col) + t.columns[col].Width - markWidth
	switch {
	case e.Position.X >= mark && t.source.Cell(row, col).Menu && t.source.Menu != nil:
		t.source.Menu(row, t.CellPosition(row, col))
	case t.columns[col].Edit && t.source.Edit != nil:
		t.source.Edit(row, 0)
	}
}

func (b *body) TappedSecondary(e *fyne.PointEvent) {
	if row := b.rowAt(e.Position.Y); row >= 0 {
		focus(b)
		b.table.Select(row)
		b.menu(e.AbsolutePosition)
	}
}

func (b *body) menu(at fyne.Position) {
	if t := b.table; t.current >= 0 && t.source.Menu != nil {
		t.source.Menu(t.current, at)
	}
}

func (b *body) FocusGained() {
	b.focused = true
	if b.table.current < 0 && b.table.length > 0 {
		b.table.Select(0)
		return
	}
	b.fill(true)
}

func (b *body) FocusLost() {
	b.focused = false
	b.fill(true)
}

func (b *body) TypedRune(r rune) {
	switch t := b.table; {
	case t.current < 0:
	case r == ' ':
		b.menu(b.menuPlace())
	case t.source.Edit != nil:
		t.source.Edit(t.current, r)
	}
}

// menuPlace is below the cell that is edited, or the beginning of the row.
func (b *body) menuPlace() fyne.Position {
	col := 0
	for i, c := range b.table.columns {
		if c.Edit {
			col = i
		}
	}
	return b.table.CellPosition(b.table.current, col)
}

func (b *body) TypedShortcut(s fyne.Shortcut) {
	if b.table.source.Shortcut != nil {
		b.table.source.Shortcut(s)
	}
}

func (b *body) TypedKey(e *fyne.KeyEvent) {
	t := b.table
	page := max(1, int(t.scroll.Size().Height/RowHeight)-1)
	switch e.Name {
	case fyne.KeyUp:
		t.Select(max(0, t.current-1))
	case fyne.KeyDown:
		t.Select(t.current + 1)
	case fyne.KeyPageUp:
		t.Select(max(0, t.current-page))
	case fyne.KeyPageDown:
		t.Select(t.current + page)
	case fyne.KeyHome:
		t.Select(0)
	case fyne.KeyEnd:
		t.Select(t.length - 1)
	case fyne.KeyLeft:
		b.sideways(-3 * widthStep)
	case fyne.KeyRight:
		b.sideways(3 * widthStep)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyF2:
		if t.current >= 0 && t.source.Edit != nil {
			t.source.Edit(t.current, 0)
		}
	case keyMenu:
		b.menu(b.menuPlace())
	default:
		t.foreign(e)
	}
}

func (b *body) sideways(by float32) {
	t := b.table
	at := t.scroll.Offset
	at.X = max(0, min(at.X+by, t.width()-t.scroll.Size().Width))
	t.scrollTo(at)
}

// AccessibilityLabel says the current row.
func (b *body) AccessibilityLabel() string {
	if b.table.current < 0 || b.table.source.Describe == nil {
		return ""
	}
	return b.table.source.Describe(b.table.current)
}

// AccessibilityRole is that of a text: fyne knows none for a row.
func (b *body) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

type bodyRenderer struct{ b *body }

// Layout draws rows anew that were drawn for another width.
func (r *bodyRenderer) Layout(size fyne.Size) {
	changed := size.Width != r.b.wide
	r.b.wide = size.Width
	r.b.fill(changed)
}

func (r *bodyRenderer) MinSize() fyne.Size { return r.b.MinSize() }

// Refresh is also what fyne calls when the theme has changed; only then icons,
// whose colours come from it, are worth drawing again.
func (r *bodyRenderer) Refresh() {
	ink := colour(r.b, theme.ColorNameForeground)
	r.b.draw(true, ink != r.b.ink)
	r.b.ink = ink
}

func (r *bodyRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.b.back}
	for _, s := range r.b.slots {
		if s.row >= 0 {
			out = append(out, s.objects()...)
		}
	}
	out = append(out, r.b.ring)
	if r.b.editor != nil {
		out = append(out, r.b.editor)
	}
	return out
}

func (r *bodyRenderer) Destroy() {}

// colour is that of the theme in force for the table.
func colour(w interface{ Theme() fyne.Theme }, name fyne.ThemeColorName) color.Color {
	return w.Theme().Color(name, fyne.CurrentApp().Settings().ThemeVariant())
}

func measure(text string, bold bool) float32 {
	return fyne.MeasureText(text, theme.TextSize(), fyne.TextStyle{Bold: bold}).Width
}
