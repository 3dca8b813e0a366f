package board

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omt/app/filter"
)

// Words are the texts of a board in the language of the window.
type Words struct {
	Box     string                              // name of the box on a card
	Crown   string                              // what a crown stands for
	Count   func(used, seats int) string        // "18/20"
	First   func(used int) string               // count of the first column
	Full    string                              // "full"
	There   string                              // "already there"
	Sum     func(used, more, seats int) string  // "18 + 3 of 20"
	Refused func(column string, f *Full) string // why a move was refused
	NoBox   func(f *Full) string                // why no more boxes can be ticked
	MoveTo  func(column string) string          // entry of a card's menu
	Several func(cards int) string              // on what is dragged: "5 people"
	Spoken  func(c Card, column string, ticked bool) string
}

// Config is what a board needs besides its model.
type Config struct {
	Words Words
	Crown fyne.Resource // shown on crowned cards
	Warn  fyne.Resource // shown on full columns
	// Picture is that of a card, nil for none: the badge then stands in its place.
	// The same card gives the same picture until Refresh. nil if there are none.
	Picture func(id int64) image.Image
	// Say shows a sentence, for example why a move was refused.
	Say func(string)
	// Find puts the focus into the filter; nil if there is none.
	Find func()
	// Key gets the keys that mean nothing on the board and tells whether they
	// meant something; nil if nobody wants them.
	Key func(*fyne.KeyEvent) bool
}

// Board draws a model and turns clicks, keys and drags into calls of it. All
// methods are called on fyne's goroutine.
type Board struct {
	Object fyne.CanvasObject // to be laid out

	model   *Model
	config  Config
	columns []*column
	shelf   *fyne.Container
	scroll  *container.Scroll
	layer   *fyne.Container
	drag    *drag
	changed func()

	current int64 // card that the keyboard stands on
	standing,
	focused bool
	fits  map[fitKey]string
	drawn map[int64]*face // by card: the one that was bound to it last
}

// NewBoard draws a model.
func NewBoard(m *Model, c Config) *Board {
	b := &Board{model: m, config: c, fits: map[fitKey]string{}, drawn: map[int64]*face{}}
	b.shelf = container.New(shelf{})
	for i := range m.Columns() {
		col := newColumn(b, i)
		b.columns = append(b.columns, col)
		b.shelf.Add(col.object)
	}
	b.scroll = container.NewHScroll(b.shelf)
	b.layer = container.NewWithoutLayout()
	b.Object = container.NewStack(b.scroll, b.layer)
	b.Refresh()
	return b
}

// OnChanged sets what is called after every change of model, selection or filter.
func (b *Board) OnChanged(f func()) { b.changed = f }

// Refresh draws everything again after the model was changed from outside.
func (b *Board) Refresh() {
	for _, c := range b.columns {
		c.refresh()
	}
	if b.changed != nil {
		b.changed()
	}
}

// Move puts cards into a column, or says why not.
func (b *Board) Move(ids []int64, column int) {
	if len(ids) == 0 {
		return
	}
	from, row := b.where()
	if err := b.model.Move(ids, column); err != nil {
		full := err.(*Full) // the only error of Move
		b.say(b.config.Words.Refused(b.model.Columns()[column].Title, full))
		return
	}
	b.say("")
	// A filter such as plan:none hides what was moved. The keyboard then stands on
	// the card that took its place, so that the next key is for the next person.
	if _, now := b.where(); row >= 0 && now < 0 {
		b.standIn(from, row)
	}
	b.Refresh()
}

// Tick turns the box of a card over, or says why not.
func (b *Board) Tick(id int64) {
	if err := b.model.Tick(id); err != nil {
		b.say(b.config.Words.NoBox(err.(*Full))) // the only error of Tick
		return
	}
	b.say("")
	b.Refresh()
}

// Filter shows the cards that have the words of the query. If all of them are in
// columns beside the visible part, it scrolls there: people would think that
// nothing was found.
func (b *Board) Filter(q filter.Query) {
	b.model.Filter(q)
	found := -1
	for i := range b.columns {
		if b.model.Len(i) == 0 {
			continue
		}
		if found < 0 {
			found = i
		}
		if b.seen(i) {
			found = -1
			break
		}
	}
	if found >= 0 {
		b.show(found)
	}
	b.Refresh()
}

// Undo and Redo go through the steps and show where they happened.
func (b *Board) Undo() { b.model.Undo(); b.reveal(); b.Refresh() }

// Redo: see Undo.
func (b *Board) Redo() { b.model.Redo(); b.reveal(); b.Refresh() }

func (b *Board) say(text string) {
	if b.config.Say != nil {
		b.config.Say(text)
	}
}

// reveal scrolls to the first selected card that is shown.
func (b *Board) reveal() {
	for _, id := range b.model.Selected() {
		if column, row := b.model.Row(id); row >= 0 {
			b.columns[column].list.ScrollTo(row)
			b.show(column)
			return
		}
	}
}

// minColumn is the width below which the columns scroll sideways instead.
const minColumn = 203

// gap is the room between columns.
const gap = 8

// shelf lays columns beside each other over the whole width, none narrower than
// minColumn.
type shelf struct{}

func (shelf) MinSize(objects []fyne.CanvasObject) fyne.Size {
	n := float32(len(objects))
	return fyne.NewSize(n*minColumn+(n-1)*gap, headHeight+2*cardHeight)
}

func (shelf) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	n := float32(len(objects))
	width := max(minColumn, (size.Width-(n-1)*gap)/n)
	for i, o := range objects {
		o.Move(fyne.NewPos(float32(i)*(width+gap), 0))
		o.Resize(fyne.NewSize(width, size.Height))
	}
}

// fitKey names a text that was cut to a width.
type fitKey struct {
	text  string
	width int
	size  float32
	bold  bool
}

// fit cuts a text to a width with an ellipsis. Canvas texts do not do it by
// themselves, and labels cost several times as much on each scroll.
func (b *Board) fit(t *canvas.Text, text string, width float32) {
	key := fitKey{text, int(width), t.TextSize, t.TextStyle.Bold}
	cut, ok := b.fits[key]
	if !ok {
		cut = shorten(text, width, t.TextSize, t.TextStyle)
		// Resizing makes new widths without end; a table of all of them would grow
		// for as long as the window lives.
		if len(b.fits) > 100_000 {
			clear(b.fits)
		}
		b.fits[key] = cut
	}
	t.Text = cut
}

func shorten(text string, width, size float32, style fyne.TextStyle) string {
	if fyne.MeasureText(text, size, style).Width <= width {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes)
	for low < high {
		mid := (low + high + 1) / 2
		if fyne.MeasureText(string(runes[:mid])+"…", size, style).Width <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return string(runes[:low]) + "…"
}

// middle cuts a text to a width by an ellipsis in its middle.
func middle(text string, width, size float32, style fyne.TextStyle) string {
	fits := func(s string) bool { return fyne.MeasureText(s, size, style).Width <= width }
	runes := []rune(text)
	if width <= 0 || fits(text) {
		return text
	}
	// How many runes stay, of which the end gets the smaller half.
	low, high := 0, len(runes)-1
	cut := func(n int) string { return string(runes[:n-n/2]) + "…" + string(runes[len(runes)-n/2:]) }
	for low < high {
		mid := (low + high + 1) / 2
		if fits(cut(mid)) {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return cut(low)
}

// menu offers the columns for the cards that are held: the way for those who
// cannot or do not want to drag.
func (b *Board) menu(id int64, at fyne.Position) {
	ids := b.model.Grip(id)
	b.Refresh()
	c := fyne.CurrentApp().Driver().CanvasForObject(b.Object)
	if c == nil {
		return
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", b.Items(ids)...), c, at)
}

// Items are the entries of a menu that moves the cards.
func (b *Board) Items(ids []int64) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for i, col := range b.model.Columns() {
		sum := b.model.Sum(ids, i)
		text := b.config.Words.MoveTo(col.Title)
		if i > 0 {
			text += "  " + b.config.Words.Sum(sum.Used, sum.More, sum.Seats)
		}
		switch {
		case !sum.Fits:
			text += " (" + b.config.Words.Full + ")"
		case sum.More == 0:
			text += " (" + b.config.Words.There + ")"
		}
		item := fyne.NewMenuItem(text, func() { b.Move(ids, i) })
		item.Disabled = !sum.Fits || sum.More == 0
		items = append(items, item)
	}
	return items
}
