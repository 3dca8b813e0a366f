package board

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// headHeight is the height of a column's header.
const headHeight = 60

const (
	countTop    = 28 // of the line with the count
	countHeight = 20 // of the same
)

// column is a column as it is drawn: its header and a list that makes only the
// cards that can be seen.
type column struct {
	board  *Board
	at     int
	object *fyne.Container

	head   *head
	list   *list
	target *canvas.Rectangle // frame while cards hover over it
	line   *canvas.Rectangle // where they would land
}

func newColumn(b *Board, at int) *column {
	c := &column{board: b, at: at, head: newHead(b.model.Columns()[at].Title, at, b.config.Warn)}
	c.list = newList(c)
	c.target = canvas.NewRectangle(nil)
	c.target.StrokeWidth = 2
	c.target.Hide()
	c.line = canvas.NewRectangle(nil)
	c.line.Hide()
	back := canvas.NewRectangle(theme.Color(theme.ColorNameHeaderBackground))
	body := container.NewBorder(c.head, nil, nil, nil, c.list)
	// The stroke lies half outside, where the edge of the board would cut it off.
	frame := container.New(layout.NewCustomPaddedLayout(1, 1, 1, 1), c.target)
	c.object = container.NewStack(back, body, frame, container.NewWithoutLayout(c.line))
	c.head.back = back
	return c
}

func (c *column) refresh() {
	m, w := c.board.model, c.board.config.Words
	used, seats := m.Used(c.at), m.Columns()[c.at].Seats
	if c.at == 0 {
		c.head.show(w.First(used), 0, "")
	} else {
		share, sign := float32(1), ""
		if seats > 0 {
			share = min(1, float32(used)/float32(seats))
		}
		if used >= seats {
			sign = w.Full
		}
		c.head.show(w.Count(used, seats), share, sign)
	}
	c.list.Refresh()
}

// hover shows what would happen if the cards that are dragged were dropped here.
func (c *column) hover(text string, fits bool, row int) {
	name, full := theme.ColorNamePrimary, ""
	if !fits {
		name, full = theme.ColorNameError, c.board.config.Words.Full
	}
	c.target.StrokeColor = theme.Color(name)
	c.target.FillColor = nil
	c.target.Show()
	c.head.sum(text, full)
	y := headHeight + float32(row)*(cardHeight+theme.Padding()) - c.list.GetScrollOffset()
	if bottom := c.object.Size().Height; row == c.board.model.Len(c.at) && y <= bottom+theme.Padding() {
		y = min(y, bottom-4) // behind the last card, where there is no room below it
	}
	if fits && row >= 0 && y >= headHeight && y < c.object.Size().Height {
		c.line.FillColor = theme.Color(name)
		c.line.Move(fyne.NewPos(4, y))
		c.line.Resize(fyne.NewSize(c.object.Size().Width-8, 2))
		c.line.Show()
	} else {
		c.line.Hide()
	}
	canvas.Refresh(c.target)
	canvas.Refresh(c.line)
}

// leave takes back what hover showed.
func (c *column) leave() {
	if !c.target.Visible() {
		return
	}
	c.target.Hide()
	c.line.Hide()
	c.refresh()
}

// head is the header of a column: its name, how many of how many, a thin bar
// that fills, a sign with a word when it is full, and the number key that moves
// cards to it.
type head struct {
	widget.BaseWidget
	back   *canvas.Rectangle
	name   string        // of the column
	title  *widget.Label // as much of the name as there is room for
	count  *canvas.Text
	word   *canvas.Text
	sign   *widget.Icon
	cap    *canvas.Rectangle // of the key that moves to here
	key    *canvas.Text
	groove *canvas.Rectangle
	bar    *canvas.Rectangle
	share  float32
	full   bool
}

func newHead(title string, at int, warn fyne.Resource) *head {
	h := &head{
		name:  title,
		title: widget.NewLabelWithStyle(title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true}),
		count: canvas.NewText("", nil), word: canvas.NewText("", nil), sign: widget.NewIcon(theme.NewWarningThemedResource(warn)),
		cap: canvas.NewRectangle(nil), key: canvas.NewText(strconv.Itoa(at), nil),
		groove: canvas.NewRectangle(nil), bar: canvas.NewRectangle(nil),
	}
	h.cap.StrokeWidth = 1
	h.key.TextSize, h.key.Alignment = 12, fyne.TextAlignCenter
	h.cap.Hidden, h.key.Hidden = at > 9, at > 9 // there is no such key
	h.count.TextStyle.Bold = true
	h.count.TextSize, h.word.TextSize = 14, 12
	h.ExtendBaseWidget(h)
	return h
}

func (h *head) show(count string, share float32, full string) {
	h.count.Text, h.word.Text, h.share, h.full = count, full, share, full != ""
	h.Refresh()
}

// sum shows an arithmetic instead of the count until the next show, and the word
// for full if it cannot be: the colour of the frame alone does not tell.
func (h *head) sum(text, full string) {
	h.count.Text, h.word.Text, h.full = text, full, full != ""
	h.Refresh()
}

// AccessibilityLabel is the name of the column with what it holds.
func (h *head) AccessibilityLabel() string {
	return strings.Trim(h.name+", "+h.count.Text+", "+h.word.Text, ", ")
}

// AccessibilityRole says that it is to be read.
func (h *head) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func (h *head) CreateRenderer() fyne.WidgetRenderer { return &headRenderer{h} }

type headRenderer struct{ h *head }

func (r *headRenderer) Destroy()           {}
func (r *headRenderer) MinSize() fyne.Size { return fyne.NewSize(minColumn, headHeight) }

func (r *headRenderer) Objects() []fyne.CanvasObject {
	h := r.h
	return []fyne.CanvasObject{h.title, h.count, h.sign, h.word, h.cap, h.key, h.groove, h.bar}
}

func (r *headRenderer) Layout(size fyne.Size) {
	h := r.h
	// The name has a line of its own, and loses its middle rather than its end:
	// those of plans begin alike.
	pad := h.Theme().Size(theme.SizeNameInnerPadding)
	whole := fyne.TextStyle{Bold: true}
	if text := middle(h.name, size.Width-4-2*pad, h.Theme().Size(theme.SizeNameText), whole); text != h.title.Text {
		h.title.SetText(text)
	}
	title := h.title.MinSize().Height
	h.title.Resize(fyne.NewSize(size.Width-4, title))
	h.title.Move(fyne.NewPos(2, 0))
	left := float32(8)
	place := func(o fyne.CanvasObject, width, height float32) {
		o.Resize(fyne.NewSize(width, height))
		o.Move(fyne.NewPos(left, countTop+(countHeight-height)/2))
		left += width + 4
	}
	count := h.count.MinSize()
	place(h.count, count.Width, count.Height)
	left += 8
	h.word.Hide()
	h.sign.Hide()
	if h.full {
		h.word.Show()
		h.sign.Show()
		word := h.word.MinSize()
		place(h.sign, 16, 16)
		place(h.word, word.Width, word.Height)
	}
	for _, o := range []fyne.CanvasObject{h.cap, h.key} {
		o.Resize(fyne.NewSize(18, 18))
		o.Move(fyne.NewPos(size.Width-8-18, countTop+1))
	}
	h.groove.Move(fyne.NewPos(8, headHeight-8))
	h.groove.Resize(fyne.NewSize(size.Width-16, 3))
	h.bar.Move(fyne.NewPos(8, headHeight-8))
	h.bar.Resize(fyne.NewSize((size.Width-16)*h.share, 3))
}

func (r *headRenderer) Refresh() {
	h := r.h
	if h.back != nil {
		h.back.FillColor = theme.Color(theme.ColorNameHeaderBackground)
		canvas.Refresh(h.back)
	}
	h.count.Color = theme.Color(theme.ColorNameForeground)
	h.word.Color = theme.Color(theme.ColorNameWarning)
	h.cap.StrokeColor, h.key.Color = theme.Color(theme.ColorNameSeparator), theme.Color(theme.ColorNamePlaceHolder)
	h.groove.FillColor = theme.Color(theme.ColorNameSeparator)
	h.bar.FillColor = theme.Color(theme.ColorNamePrimary)
	if h.full {
		h.bar.FillColor = theme.Color(theme.ColorNameWarning)
	}
	h.bar.Hidden = h.share == 0
	h.title.Refresh()
	r.Layout(h.Size())
	canvas.Refresh(h)
}
