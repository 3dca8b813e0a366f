package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"omt/app/ring"
)

// list is one of fyne's with the ring, in which the keys of the frame work: space
// and the arrows are its own.
type list struct {
	widget.List
	keys    keys
	focused bool
}

func newList(k keys, length func() int, create func() fyne.CanvasObject, update func(widget.ListItemID, fyne.CanvasObject)) *list {
	l := &list{keys: k}
	l.Length, l.CreateItem, l.UpdateItem = length, create, update
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer draws the list with the ring.
func (l *list) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(l, l.List.CreateRenderer(), func() bool { return l.focused })
}

// FocusGained shows the ring.
func (l *list) FocusGained() { l.focused = true; l.List.FocusGained(); l.Refresh() }

// FocusLost takes it away.
func (l *list) FocusLost() { l.focused = false; l.List.FocusLost(); l.Refresh() }

// TypedKey goes through the list or gives the key to the frame.
func (l *list) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyUp, fyne.KeyDown:
		l.List.TypedKey(ev)
	default:
		l.keys.key(ev)
	}
}

// grid is fyne's table with the ring, in which the keys of the frame work.
type grid struct {
	widget.Table
	keys    keys
	focused bool
}

func newGrid(k keys, length func() (rows, columns int), create func() fyne.CanvasObject, update func(widget.TableCellID, fyne.CanvasObject)) *grid {
	g := &grid{keys: k}
	g.Length, g.CreateCell, g.UpdateCell = length, create, update
	g.ExtendBaseWidget(g)
	return g
}

// CreateRenderer draws the table with the ring.
func (g *grid) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(g, g.Table.CreateRenderer(), func() bool { return g.focused })
}

// FocusGained shows the ring.
func (g *grid) FocusGained() { g.focused = true; g.Table.FocusGained(); g.Refresh() }

// FocusLost takes it away.
func (g *grid) FocusLost() { g.focused = false; g.Table.FocusLost(); g.Refresh() }

// TypedKey goes through the table or gives the key to the frame.
func (g *grid) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyUp, fyne.KeyDown, fyne.KeyLeft, fyne.KeyRight:
		g.Table.TypedKey(ev)
	default:
		g.keys.key(ev)
	}
}
