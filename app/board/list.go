package board

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// list holds the cards of a column and is what the keyboard works on.
type list struct {
	widget.List
	column *column
}

func newList(c *column) *list {
	l := &list{column: c}
	b := c.board
	l.HideSeparators = true
	l.Length = func() int { return b.model.Len(c.at) }
	l.CreateItem = func() fyne.CanvasObject { return newFace(b) }
	l.UpdateItem = func(row widget.ListItemID, o fyne.CanvasObject) {
		if row < b.model.Len(c.at) { // the list may ask late, for a row that a filter took away
			o.(*face).bind(b.model.At(c.at, row))
		}
	}
	// A click beside the cards.
	l.OnSelected = func(widget.ListItemID) {
		l.UnselectAll()
		b.model.Unselect()
		b.Refresh()
	}
	l.ExtendBaseWidget(l)
	return l
}

// Parts are the cards that can be seen now, for whoever looks at the window from
// outside: the list keeps its rows to itself.
func (l *list) Parts() []fyne.CanvasObject {
	b, at := l.column.board, l.column.at
	step := cardHeight + l.Theme().Size(theme.SizeNamePadding)
	first := int(l.GetScrollOffset() / step)
	last := int((l.GetScrollOffset() + l.Size().Height) / step)
	var out []fyne.CanvasObject
	for row := first; row <= last && row < b.model.Len(at); row++ {
		if f := b.drawn[b.model.At(at, row).ID()]; f != nil {
			out = append(out, f)
		}
	}
	return out
}

// FocusGained shows where the keyboard stands: on the card of before if it is in
// this column, else on the first one.
func (l *list) FocusGained() {
	b := l.column.board
	b.focused = true
	b.show(l.column.at)
	if column, row := b.where(); column != l.column.at || row < 0 {
		b.standIn(l.column.at, 0)
	}
	if !b.standing {
		l.column.target.StrokeColor = theme.Color(theme.ColorNamePrimary)
		l.column.target.Show() // an empty column has no card that could show the focus
	}
	l.Refresh()
}

// FocusLost hides it.
func (l *list) FocusLost() {
	l.column.board.focused = false
	l.column.target.Hide()
	l.Refresh()
}

// standIn puts the keyboard on a row of a column, or on its last one if it is
// shorter; in an empty column it stands on no card.
func (b *Board) standIn(column, row int) {
	b.standing = b.model.Len(column) > 0
	if !b.standing {
		return
	}
	row = min(row, b.model.Len(column)-1)
	b.current = b.model.At(column, row).ID()
	b.columns[column].list.ScrollTo(row)
}

// stand puts the keyboard on a card.
func (b *Board) stand(id int64) {
	b.current, b.standing = id, true
	b.focus(b.model.State(id).Column)
}

// where is the column and row of the keyboard's card; the row is -1 if it is
// not shown.
func (b *Board) where() (column, row int) {
	if !b.standing {
		return 0, -1
	}
	return b.model.Row(b.current)
}

func (b *Board) focus(column int) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(b.Object); c != nil && c.Focused() != fyne.Focusable(b.columns[column].list) {
		c.Focus(b.columns[column].list)
	}
	b.show(column)
}

// seen tells whether at least half of a column is on the screen.
func (b *Board) seen(column int) bool {
	o := b.columns[column].object
	middle := o.Position().X + o.Size().Width/2
	return middle >= b.scroll.Offset.X && middle <= b.scroll.Offset.X+b.scroll.Size().Width
}

// show scrolls sideways until a column is whole on the screen.
func (b *Board) show(column int) {
	o := b.columns[column].object
	left, right := o.Position().X, o.Position().X+o.Size().Width
	switch {
	case left < b.scroll.Offset.X:
		b.scroll.ScrollToOffset(fyne.NewPos(left, 0))
	case right > b.scroll.Offset.X+b.scroll.Size().Width:
		b.scroll.ScrollToOffset(fyne.NewPos(right-b.scroll.Size().Width, 0))
	}
}

// page is how many cards PageUp and PageDown go.
const page = 4

// TypedKey goes from card to card and selects.
func (l *list) TypedKey(k *fyne.KeyEvent) {
	b := l.column.board
	column, row := l.column.at, 0
	if c, r := b.where(); c == column && r >= 0 {
		row = r
	}
	last := b.model.Len(column) - 1
	switch k.Name {
	case fyne.KeyUp:
		b.step(column, row-1)
	case fyne.KeyDown:
		b.step(column, row+1)
	case fyne.KeyPageUp:
		b.step(column, max(0, row-page))
	case fyne.KeyPageDown:
		b.step(column, min(last, row+page))
	case fyne.KeyHome:
		b.step(column, 0)
	case fyne.KeyEnd:
		b.step(column, last)
	case fyne.KeyLeft:
		b.beside(column-1, row)
	case fyne.KeyRight:
		b.beside(column+1, row)
	case fyne.KeySpace:
		if b.standing {
			b.model.Flip(b.current)
			b.Refresh()
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		b.menuHere()
	case fyne.KeyDelete:
		b.Move(b.held(), 0)
	case fyne.KeyEscape:
		if !b.cancel() {
			b.model.Unselect()
			b.Refresh()
		}
	default:
		if b.config.Key != nil {
			b.config.Key(k)
		}
	}
}

// step goes to a row of a column; with Shift the selection goes along.
func (b *Board) step(column, row int) {
	if row < 0 || row >= b.model.Len(column) {
		return
	}
	if modifiers()&fyne.KeyModifierShift != 0 && b.standing {
		if !b.model.IsSelected(b.current) {
			b.model.Select(b.current)
		}
		b.model.Extend(b.model.At(column, row).ID())
	}
	b.current, b.standing = b.model.At(column, row).ID(), true
	b.columns[column].list.ScrollTo(row)
	b.Refresh()
}

// beside goes to the neighbouring column, to the same row if it is that long.
func (b *Board) beside(column, row int) {
	if column < 0 || column >= len(b.columns) {
		return
	}
	b.standIn(column, row)
	b.focus(column)
	b.Refresh()
}

// held are the cards on which a key works: the selected ones, else the one on
// which the keyboard stands.
func (b *Board) held() []int64 {
	if ids := b.model.Selected(); len(ids) > 0 {
		return ids
	}
	if _, row := b.where(); row >= 0 {
		return []int64{b.current}
	}
	return nil
}

// menuHere opens the menu of the keyboard's card beside it.
func (b *Board) menuHere() {
	column, row := b.where()
	if row < 0 {
		return
	}
	l := b.columns[column].list
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(l)
	y := float32(row)*(cardHeight+l.Theme().Size(theme.SizeNamePadding)) - l.GetScrollOffset()
	b.menu(b.current, at.AddXY(textLeft, max(0, y)+linesTop))
}

// TypedRune moves by number: 0 is the first column, 1 the next, and so on. The
// letter c turns the box over, a slash goes to the filter.
func (l *list) TypedRune(r rune) {
	b := l.column.board
	switch {
	case r >= '0' && r <= '9' && int(r-'0') < len(b.columns):
		b.Move(b.held(), int(r-'0'))
	case r == 'c' || r == 'C':
		if _, row := b.where(); row >= 0 {
			b.Tick(b.current)
		}
	case r == '/' && b.config.Find != nil:
		b.config.Find()
	}
}

// TypedShortcut knows what everybody's hands know: all, undo, redo, find, and
// Ctrl with an arrow for the neighbouring column.
func (l *list) TypedShortcut(s fyne.Shortcut) {
	b := l.column.board
	switch s := s.(type) {
	case *fyne.ShortcutSelectAll:
		b.model.SelectShown()
		b.Refresh()
	case *fyne.ShortcutUndo:
		b.Undo()
	case *fyne.ShortcutRedo:
		b.Redo()
	default:
		b.custom(s, l.column.at)
	}
}

// custom gives what it does not know to the canvas: fyne asks the widget with
// the focus alone, so that the shortcuts of the window would be dead here.
func (b *Board) custom(s fyne.Shortcut, column int) {
	d, ok := s.(*desktop.CustomShortcut)
	switch {
	case ok && d.Modifier == fyne.KeyModifierControl && d.KeyName == fyne.KeyLeft:
		b.shift(column - 1)
	case ok && d.Modifier == fyne.KeyModifierControl && d.KeyName == fyne.KeyRight:
		b.shift(column + 1)
	case ok && d.Modifier == fyne.KeyModifierControl && d.KeyName == fyne.KeyF:
		if b.config.Find != nil {
			b.config.Find()
		}
	default:
		c, ok := fyne.CurrentApp().Driver().CanvasForObject(b.Object).(fyne.Shortcutable)
		if ok {
			c.TypedShortcut(s)
		}
	}
}

// shift moves what is held to a column and goes along.
func (b *Board) shift(column int) {
	if column < 0 || column >= len(b.columns) {
		return
	}
	b.Move(b.held(), column)
	if c, row := b.where(); row >= 0 {
		b.columns[c].list.ScrollTo(row)
		b.focus(c)
	}
}
