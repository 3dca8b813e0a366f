// Package table is a table of many rows: it draws only what can be seen, can be
// sorted and its columns resized, holds an editor in one of its cells, and is
// used by mouse or by keyboard alone. It knows nothing of what it shows.
//
// It is not fyne's own widget.Table or List because neither tells when it is
// scrolled, so that an editor could not stay with its cell, and because a row
// and not a cell is what is selected here.
package table

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// RowHeight is the height of each row and of the titles, in units.
const RowHeight float32 = 30

// Column is one column.
type Column struct {
	Title string
	Width float32 // in units; changed by whoever resizes it
	Fixed bool    // it is not sorted by
	Edit  bool    // a click on it begins to edit
	Wide  bool    // gets a share of the room that is left over
}

// Cell is what stands in one place.
type Cell struct {
	Text string
	Icon fyne.Resource       // before the text; may be nil
	Ink  fyne.ThemeColorName // of the text; empty is the usual one
	Bold bool
	Menu bool // with a mark at the right, a click on which is OnMenu
}

// Words are the texts of the table itself, in the language of the window.
type Words struct{ Wider, Narrower, Fit string }

// Source is what a table shows and whom it tells. All functions but Cell may be
// nil. They are called on fyne's goroutine.
type Source struct {
	Cell func(row, col int) Cell
	// Describe is a row as a sentence, for those who hear it.
	Describe func(row int) string
	// Selected is told when another row is the current one; -1 is none.
	Selected func(row int)
	// Edit asks to edit a row. typed is what was typed on it to begin with, 0 if
	// it was asked for by Enter, F2 or a click.
	Edit func(row int, typed rune)
	// Menu asks for the menu of a row; at is where on the canvas.
	Menu func(row int, at fyne.Position)
	// Sort is told that the rows shall be in another order.
	Sort func(col int, down bool)
	// Key gets the keys that mean nothing to the table.
	Key func(*fyne.KeyEvent)
	// Shortcut gets the shortcuts that are typed on the table.
	Shortcut func(fyne.Shortcut)
}

// Table is the widget. Rows are 0 to the length, in the order of the caller.
type Table struct {
	widget.BaseWidget
	columns []Column
	own     []float32 // widths without a share; nil when somebody has resized a column
	source  Source
	words   Words

	length  int
	current int // row with the keyboard; -1 if there is none
	sorted  int // column; -1 if by none
	down    bool

	head   *head
	body   *body
	scroll *container.Scroll
}

// New makes an empty table.
func New(columns []Column, words Words, source Source) *Table {
	t := &Table{columns: columns, source: source, words: words, current: -1, sorted: -1}
	for _, c := range columns {
		t.own = append(t.own, c.Width)
	}
	t.head, t.body = newHead(t), newBody(t)
	t.scroll = container.NewScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.scrolled() }
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer is fyne's.
func (t *Table) CreateRenderer() fyne.WidgetRenderer {
	return &renderer{table: t, clip: container.NewClip(t.head)}
}

// SetLength says how many rows there are and draws them anew. The current row
// stays where it is if it can.
func (t *Table) SetLength(n int) {
	t.length = n
	if t.current >= n {
		t.current = n - 1
	}
	t.body.Resize(t.body.MinSize().Max(t.scroll.Size()))
	t.scroll.Refresh()
	t.Redraw()
}

// Redraw asks Cell for everything that can be seen.
func (t *Table) Redraw() { t.body.fill(true) }

// Current is the row with the keyboard, -1 if there is none.
func (t *Table) Current() int { return t.current }

// Select makes a row the current one and brings it into sight; -1 is none.
func (t *Table) Select(row int) {
	row = max(-1, min(row, t.length-1))
	changed := row != t.current
	t.current = row
	t.show(row)
	t.body.fill(changed)
	if changed && t.source.Selected != nil {
		t.source.Selected(row)
	}
}

// SetSorted says by which column the rows are, for the mark in its title.
func (t *Table) SetSorted(col int, down bool) {
	t.sorted, t.down = col, down
	t.head.Refresh()
}

// FocusRows gives the keyboard to the rows.
func (t *Table) FocusRows() { focus(t.body) }

func focus(o fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o.(fyne.CanvasObject)); c != nil {
		c.Focus(o)
	}
}

// OpenEditor lays an object over a cell; it moves with the row until CloseEditor.
func (t *Table) OpenEditor(row, col int, o fyne.CanvasObject) {
	t.show(row)
	t.body.open(row, col, o)
}

// CloseEditor takes the editor away.
func (t *Table) CloseEditor() { t.body.open(-1, 0, nil) }

// CellPosition is where on the canvas a cell ends below, for a menu under it.
func (t *Table) CellPosition(row, col int) fyne.Position {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(t.body)
	return at.AddXY(t.left(col), float32(row+1)*RowHeight)
}

// show scrolls as far as it must to bring a row into sight.
func (t *Table) show(row int) {
	if row < 0 {
		return
	}
	at, view := t.scroll.Offset, t.scroll.Size()
	top := float32(row) * RowHeight
	if at.Y > top {
		at.Y = top
	}
	if bottom := top + RowHeight - view.Height; at.Y < bottom {
		at.Y = bottom
	}
	t.scrollTo(at)
}

func (t *Table) scrollTo(at fyne.Position) {
	if at != t.scroll.Offset {
		t.scroll.ScrollToOffset(at)
		t.scrolled()
	}
}

func (t *Table) scrolled() {
	t.head.Move(fyne.NewPos(-t.scroll.Offset.X, 0))
	t.body.fill(false)
}

// width is that of all columns.
func (t *Table) width() float32 { return t.left(len(t.columns)) }

// left is where a column begins.
func (t *Table) left(col int) float32 {
	x := float32(0)
	for _, c := range t.columns[:col] {
		x += c.Width
	}
	return x
}

// columnAt is the column below a place, -1 behind the last.
func (t *Table) columnAt(x float32) int {
	for i, c := range t.columns {
		if x -= c.Width; x < 0 {
			return i
		}
	}
	return -1
}

const (
	minWidth  float32 = 32
	widthStep float32 = 16
)

// share gives the room that is left over to the wide columns, until somebody has
// said how wide one shall be.
func (t *Table) share(room float32) {
	wide := 0
	for i, w := range t.own {
		room -= w
		if t.columns[i].Wide {
			wide++
		}
	}
	if wide == 0 {
		return
	}
	each, before := max(0, float32(int(room)/wide)), t.width()
	for i, w := range t.own {
		if t.columns[i].Wide {
			t.columns[i].Width = w + each
		}
	}
	if t.width() != before {
		t.body.Resize(t.body.MinSize().Max(t.scroll.Size()))
		t.head.Refresh()
		t.body.fill(true)
	}
}

// resize gives a column another width.
func (t *Table) resize(col int, width float32) {
	t.own = nil
	t.columns[col].Width = max(minWidth, width)
	t.body.Resize(t.body.MinSize().Max(t.scroll.Size()))
	t.scroll.Refresh()
	t.head.Resize(fyne.NewSize(max(t.width(), t.Size().Width), RowHeight))
	t.head.Refresh()
	t.scrolled()
	t.body.fill(true)
}

// fit makes a column as wide as the widest text of it that can be seen.
func (t *Table) fit(col int) {
	width := TitleWidth(t.columns[col].Title)
	first, last := t.body.visible()
	for row := first; row < last; row++ {
		width = max(width, t.source.Cell(row, col).natural())
	}
	t.resize(col, width+1)
}

// sort orders by a column, or turns the order round if it is by that already.
func (t *Table) sort(col int) {
	if col < 0 || t.columns[col].Fixed || t.source.Sort == nil {
		return
	}
	t.SetSorted(col, t.sorted == col && !t.down)
	t.source.Sort(col, t.down)
}

// foreign passes on a key that means nothing here.
func (t *Table) foreign(e *fyne.KeyEvent) {
	if t.source.Key != nil {
		t.source.Key(e)
	}
}

type renderer struct {
	table *Table
	clip  *container.Clip
}

func (r *renderer) Layout(size fyne.Size) {
	t := r.table
	t.share(size.Width)
	r.clip.Resize(fyne.NewSize(size.Width, RowHeight))
	t.head.Resize(fyne.NewSize(max(t.width(), size.Width), RowHeight))
	t.scroll.Move(fyne.NewPos(0, RowHeight))
	t.scroll.Resize(fyne.NewSize(size.Width, max(0, size.Height-RowHeight)))
	t.scrolled()
}

func (r *renderer) MinSize() fyne.Size { return fyne.NewSize(160, 4*RowHeight) }

func (r *renderer) Refresh() {
	r.table.head.Refresh()
	r.table.body.Refresh()
	r.table.scroll.Refresh()
}

func (r *renderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.clip, r.table.scroll} }

func (r *renderer) Destroy() {}

// TitleWidth is the width of a column, in units, whose title is not cut off, the
// mark of sorting included.
func TitleWidth(title string) float32 { return measure(title, true) + 2*cellPad + markWidth }
