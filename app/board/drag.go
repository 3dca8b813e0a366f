package board

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// drag is what is held while the mouse button is down. Cards are kept by id: the
// row under the pointer belongs to another card as soon as the list scrolls.
type drag struct {
	ids       []int64
	first     int64 // the card that was taken
	ghost     *fyne.Container
	offset    fyne.Position // of the pointer inside the card
	at        fyne.Position // of the pointer, on the canvas
	over      int           // column below the pointer, -1 for none
	cancelled bool          // by Escape, until the button is released
	scrolling *fyne.Animation
}

// ghostSize is that of what follows the pointer.
var ghostSize = fyne.NewSize(minColumn-32, 44)

// dragged is called for every movement with the button down.
func (b *Board) dragged(f *face, e *fyne.DragEvent) {
	if b.drag == nil {
		b.begin(f.card, e)
	}
	d := b.drag
	d.at = e.AbsolutePosition
	if d.cancelled {
		return
	}
	b.hover()
}

func (b *Board) begin(c Card, e *fyne.DragEvent) {
	ids := b.model.Grip(c.ID())
	b.stand(c.ID())
	text := c.Title()
	if len(ids) > 1 {
		text = b.config.Words.Several(len(ids))
	}
	d := &drag{ids: ids, first: c.ID(), over: -1, offset: fyne.NewPos(ghostSize.Width/2, ghostSize.Height/2), at: e.AbsolutePosition}
	back := canvas.NewRectangle(theme.Color(theme.ColorNameSelection))
	back.StrokeColor, back.StrokeWidth = theme.Color(theme.ColorNamePrimary), 2
	label := canvas.NewText(shorten(text, ghostSize.Width-2*side, 14, fyne.TextStyle{Bold: true}), theme.Color(theme.ColorNameForeground))
	label.TextSize, label.TextStyle.Bold = 14, true
	label.Move(fyne.NewPos(side, (ghostSize.Height-label.MinSize().Height)/2))
	back.Resize(ghostSize)
	d.ghost = container.NewWithoutLayout(back, label)
	d.ghost.Resize(ghostSize)
	b.drag = d
	b.layer.Add(d.ghost)
	b.Refresh()
	last := time.Duration(0)
	d.scrolling = fyne.NewAnimation(time.Second, func(share float32) {
		now := time.Duration(share * float32(time.Second))
		if now < last {
			last -= time.Second
		}
		b.creep(now - last)
		last = now
	})
	d.scrolling.RepeatCount = fyne.AnimationRepeatForever
	d.scrolling.Curve = fyne.AnimationLinear
	d.scrolling.Start()
}

// hover moves the ghost and shows what a drop would do.
func (b *Board) hover() {
	d := b.drag
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(b.layer)
	d.ghost.Move(d.at.Subtract(origin).Subtract(d.offset))
	over := b.columnAt(d.at)
	if over != d.over && d.over >= 0 {
		b.columns[d.over].leave()
	}
	d.over = over
	if over < 0 {
		return
	}
	sum := b.model.Sum(d.ids, over)
	text := b.config.Words.First(sum.Used + sum.More)
	if over > 0 {
		text = b.config.Words.Sum(sum.Used, sum.More, sum.Seats)
	}
	row := -1
	if sum.More > 0 {
		row = b.model.Landing(d.first, over)
	}
	b.columns[over].hover(text, sum.Fits, row)
}

// columnAt is the column at a position of the canvas, -1 for none.
func (b *Board) columnAt(at fyne.Position) int {
	driver := fyne.CurrentApp().Driver()
	left := driver.AbsolutePositionForObject(b.scroll)
	if at.X < left.X || at.X >= left.X+b.scroll.Size().Width || at.Y < left.Y || at.Y >= left.Y+b.scroll.Size().Height {
		return -1
	}
	for i, c := range b.columns {
		from := driver.AbsolutePositionForObject(c.object)
		if at.X >= from.X && at.X < from.X+c.object.Size().Width+gap {
			return i
		}
	}
	return -1
}

const (
	edge  = 36  // from the edge of a list or of the board the pointer scrolls
	speed = 600 // units a second
)

// creep scrolls the list or the board at whose edge the pointer is held.
func (b *Board) creep(past time.Duration) {
	d := b.drag
	if d == nil || d.cancelled || past <= 0 {
		return
	}
	far := float32(past.Seconds() * speed)
	driver := fyne.CurrentApp().Driver()
	from := driver.AbsolutePositionForObject(b.scroll)
	if way := toward(d.at.X-from.X, b.scroll.Size().Width); way != 0 {
		most := max(0, b.shelf.Size().Width-b.scroll.Size().Width)
		b.scroll.ScrollToOffset(fyne.NewPos(min(most, max(0, b.scroll.Offset.X+way*far)), 0))
		b.hover()
	}
	if d.over < 0 {
		return
	}
	l := b.columns[d.over].list
	if way := toward(d.at.Y-driver.AbsolutePositionForObject(l).Y, l.Size().Height); way != 0 {
		l.ScrollToOffset(max(0, l.GetScrollOffset()+way*far))
		b.hover()
	}
}

// toward is -1 near the beginning of a length, 1 near its end, else 0.
func toward(at, length float32) float32 {
	switch {
	case at < edge:
		return -1
	case at > length-edge:
		return 1
	}
	return 0
}

// drop ends a drag: in a column, or nowhere, which changes nothing.
func (b *Board) drop() {
	d := b.drag
	if d == nil {
		return
	}
	b.end()
	b.drag = nil
	if !d.cancelled && d.over >= 0 {
		b.Move(d.ids, d.over)
		if column, row := b.model.Row(d.first); row >= 0 && column == d.over {
			b.columns[column].list.ScrollTo(row)
			b.focus(column)
		}
	}
}

// Leave ends what is under way when the board goes from the screen: a drag would
// go on scrolling a board that nobody sees, and drop into it.
func (b *Board) Leave() { b.cancel() }

// cancel ends a drag without a drop. The button is still down then, so that more
// movements will come, which do nothing.
func (b *Board) cancel() bool {
	if b.drag == nil || b.drag.cancelled {
		return false
	}
	b.drag.cancelled = true
	b.end()
	return true
}

func (b *Board) end() {
	b.drag.scrolling.Stop()
	b.layer.RemoveAll()
	for _, c := range b.columns {
		c.leave()
	}
}
