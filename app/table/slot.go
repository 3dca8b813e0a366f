package table

import (
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

const (
	cellPad   float32 = 6
	iconSize  float32 = 16
	markWidth float32 = 24 // the part of a cell that opens its menu
)

// slot draws one row. It is used again for another row when its own is out of
// sight.
type slot struct {
	row   int // -1: none
	back  *canvas.Rectangle
	line  *canvas.Rectangle
	cells []*cellView
}

// cellView draws one cell of plain canvas objects: a widget for each would cost
// several times as much to bind.
type cellView struct {
	text *canvas.Text
	icon *canvas.Image
	mark *canvas.Image

	whole string // what text was cut from
	room  float32
}

func newSlot(columns int) *slot {
	s := &slot{row: -1, back: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil)}
	for range columns {
		c := &cellView{text: canvas.NewText("", nil), icon: &canvas.Image{FillMode: canvas.ImageFillContain}, mark: &canvas.Image{FillMode: canvas.ImageFillContain}}
		s.cells = append(s.cells, c)
	}
	return s
}

func (s *slot) hide() { s.row = -1 }

// bind draws a row at its place. fresh draws icons anew as well, whose colours
// the theme may have changed.
func (s *slot) bind(b *body, row int, fresh bool) {
	t := b.table
	s.row = row
	y := float32(row) * RowHeight
	width := max(t.width(), b.Size().Width)
	s.back.Move(fyne.NewPos(0, y))
	s.back.Resize(fyne.NewSize(width, RowHeight))
	s.back.FillColor = colour(b, theme.ColorNameHeaderBackground)
	if row == t.current {
		s.back.FillColor = colour(b, theme.ColorNameSelection)
	}
	s.line.Move(fyne.NewPos(0, y+RowHeight-1))
	s.line.Resize(fyne.NewSize(width, 1))
	s.line.FillColor = colour(b, theme.ColorNameSeparator)
	x := float32(0)
	for col, c := range s.cells {
		c.bind(b, t.source.Cell(row, col), fyne.NewPos(x, y), t.columns[col].Width, fresh)
		x += t.columns[col].Width
	}
}

func (c *cellView) bind(b *body, cell Cell, at fyne.Position, width float32, fresh bool) {
	x, room := at.X+cellPad, width-2*cellPad
	middle := at.Y + (RowHeight-iconSize)/2
	c.icon.Hidden = cell.Icon == nil || room < iconSize
	if !c.icon.Hidden {
		place(c.icon, cell.Icon, fyne.NewPos(x, middle), fresh)
		x, room = x+iconSize+cellPad, room-iconSize-cellPad
	}
	c.mark.Hidden = !cell.Menu || room < markWidth
	if !c.mark.Hidden {
		place(c.mark, dropDown(), fyne.NewPos(at.X+width-iconSize-cellPad, middle), fresh)
		room -= iconSize
	}
	ink := cell.Ink
	if ink == "" {
		ink = theme.ColorNameForeground
	}
	size := theme.TextSize()
	c.text.TextStyle.Bold = cell.Bold
	c.text.Color = colour(b, ink)
	if c.whole != cell.Text || c.room != room || c.text.TextSize != size {
		c.whole, c.room, c.text.TextSize = cell.Text, room, size
		c.text.Text = cut(cell.Text, room, cell.Bold)
	}
	high := c.text.MinSize().Height
	c.text.Resize(fyne.NewSize(max(0, room), high))
	c.text.Move(fyne.NewPos(x, at.Y+(RowHeight-high)/2))
	c.text.Refresh()
}

// The marks of the table itself, made once, because an icon is drawn again when
// its resource is another one, and not before there is an application.
var (
	dropDown = sync.OnceValue(theme.MenuDropDownIcon)
	dropUp   = sync.OnceValue(theme.MenuDropUpIcon)
)

func place(i *canvas.Image, r fyne.Resource, at fyne.Position, fresh bool) {
	i.Move(at)
	i.Resize(fyne.NewSquareSize(iconSize))
	if fresh || i.Resource != r {
		i.Resource = r
		i.Refresh()
	}
}

// natural is the width that a cell takes when nothing of it is cut off.
func (c Cell) natural() float32 {
	w := measure(c.Text, c.Bold) + 2*cellPad
	if c.Icon != nil {
		w += iconSize + cellPad
	}
	if c.Menu {
		w += iconSize
	}
	return w
}

// cut ends a text that is too long with an ellipsis.
func cut(text string, room float32, bold bool) string {
	if room <= 0 {
		return ""
	}
	// Beyond this no screen shows more, and measuring endless names costs.
	letters := []rune(text)
	if len(letters) > 1000 {
		letters = letters[:1000]
	} else if measure(text, bold) <= room {
		return text
	}
	short, long := 0, len(letters)
	for short < long {
		n := (short + long + 1) / 2
		if measure(string(letters[:n])+"…", bold) <= room {
			short = n
		} else {
			long = n - 1
		}
	}
	return string(letters[:short]) + "…"
}

func (s *slot) objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{s.back, s.line}
	for _, c := range s.cells {
		out = append(out, c.text)
		if !c.icon.Hidden {
			out = append(out, c.icon)
		}
		if !c.mark.Hidden {
			out = append(out, c.mark)
		}
	}
	return out
}
