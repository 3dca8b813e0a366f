package board

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// cardHeight is the same for all cards: the list then knows where each one is
// without making it.
const cardHeight = 108

// face is one card as it is drawn. The list makes as many as can be seen and
// binds them to other cards while it scrolls.
type face struct {
	widget.BaseWidget
	board *Board
	card  Card // nil until it is bound
	state State

	hovered bool
	border  float32 // width of the edges

	back, picture    *canvas.Rectangle
	edges            [4]*canvas.Rectangle // above, below, left and right
	badge, title     *canvas.Text
	lines            [3]*canvas.Text
	crown, box, more *canvas.Image
	photo            *canvas.Image // over picture and badge
	boxText          *canvas.Text
}

func newFace(b *Board) *face {
	f := &face{board: b}
	text := func(size float32, bold bool) *canvas.Text {
		t := canvas.NewText("", nil)
		t.TextSize, t.TextStyle.Bold = size, bold
		return t
	}
	f.back, f.picture = canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	for i := range f.edges {
		f.edges[i] = canvas.NewRectangle(nil)
	}
	f.badge, f.title, f.boxText = text(14, true), text(14, true), text(12, false)
	f.badge.Alignment = fyne.TextAlignCenter
	for i := range f.lines {
		f.lines[i] = text(12, false)
	}
	f.crown = canvas.NewImageFromResource(b.config.Crown)
	f.box = canvas.NewImageFromResource(theme.CheckButtonIcon())
	f.more = canvas.NewImageFromResource(theme.MoreVerticalIcon())
	f.photo = canvas.NewImageFromImage(nil)
	f.photo.Hidden = true
	f.ExtendBaseWidget(f)
	return f
}

// bind shows another card.
func (f *face) bind(c Card) {
	drawn := f.board.drawn
	if f.card != nil && drawn[f.card.ID()] == f {
		delete(drawn, f.card.ID())
	}
	drawn[c.ID()] = f
	f.card, f.state = c, f.board.model.State(c.ID())
	f.Refresh()
}

// show puts the picture of a card over its badge, if there is one.
func (f *face) show(id int64) {
	var img image.Image
	if f.board.config.Picture != nil {
		img = f.board.config.Picture(id)
	}
	f.photo.Hidden, f.picture.Hidden, f.badge.Hidden = img == nil, img != nil, img != nil
	if img != nil && f.photo.Image != img {
		f.photo.Image = img
		f.photo.Refresh()
	}
}

// Label is what the card is for those who cannot see it.
func (f *face) Label() string {
	if f.card == nil {
		return ""
	}
	return f.board.config.Words.Spoken(f.card, f.board.model.Columns()[f.state.Column].Title, f.state.Ticked)
}

// AccessibilityLabel is Label, for screen readers.
func (f *face) AccessibilityLabel() string { return f.Label() }

// AccessibilityRole says that the card can be chosen and has an act behind it.
// Without a role screen readers pass the card over.
func (f *face) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

var _ fyne.Accessible = (*face)(nil)

// Tapped selects, with Ctrl and Shift as everywhere; the box and the menu have
// places of their own.
func (f *face) Tapped(e *fyne.PointEvent) {
	if f.card == nil {
		return
	}
	id := f.card.ID()
	f.board.stand(id)
	switch {
	case f.state.Column > 0 && e.Position.Y >= boxTop && e.Position.X < f.Size().Width-menuWidth:
		f.board.Tick(id)
		return
	case e.Position.X >= f.Size().Width-menuWidth && e.Position.Y >= f.Size().Height-menuWidth:
		f.board.menu(id, e.AbsolutePosition)
		return
	}
	m := modifiers()
	switch {
	case m&fyne.KeyModifierControl != 0 || m&fyne.KeyModifierSuper != 0:
		f.board.model.Flip(id)
	case m&fyne.KeyModifierShift != 0:
		f.board.model.Extend(id)
	default:
		f.board.model.Select(id)
	}
	f.board.Refresh()
}

// TappedSecondary opens the menu of the card.
func (f *face) TappedSecondary(e *fyne.PointEvent) {
	if f.card != nil {
		f.board.stand(f.card.ID())
		f.board.menu(f.card.ID(), e.AbsolutePosition)
	}
}

// Dragged begins or goes on with a drag of this card and the selected ones.
func (f *face) Dragged(e *fyne.DragEvent) {
	if f.card != nil {
		f.board.dragged(f, e)
	}
}

// DragEnd drops what is held.
func (f *face) DragEnd() { f.board.drop() }

// MouseIn marks the card under the pointer. Without it the row of the list would
// be marked, which shows beside the card.
func (f *face) MouseIn(*desktop.MouseEvent) {
	f.hovered = true
	f.Refresh()
}

// MouseMoved is part of being told of the pointer.
func (f *face) MouseMoved(*desktop.MouseEvent) {}

// MouseOut takes the mark away.
func (f *face) MouseOut() {
	f.hovered = false
	f.Refresh()
}

// Cursor tells that the card can be taken.
func (f *face) Cursor() desktop.Cursor { return desktop.PointerCursor }

// modifiers are the keys held down; none where the driver has no keyboard.
func modifiers() fyne.KeyModifier {
	d, ok := fyne.CurrentApp().Driver().(desktop.Driver)
	if !ok {
		return 0
	}
	return d.CurrentKeyModifiers()
}

func (f *face) CreateRenderer() fyne.WidgetRenderer { return &faceRenderer{f} }

type faceRenderer struct{ f *face }

const (
	aside     = 6  // between a card and the sides of its column
	above     = 1  // over it: at 125 % the first edge would fall out of the list
	side      = 8  // inside a card
	pictureW  = 40 // edge of the picture
	boxTop    = 84 // from here on a click is for the box
	menuWidth = 32 // edge of the corner that opens the menu
	crownW    = 20 // edge of the crown
	textLeft  = 60 // where texts begin
	boxW      = 18 // edge of the box
	boxGap    = 3  // from the box to its words, which leaves the longest language room
	lineStep  = 17 // from line to line
	moreW     = 20 // edge of the sign for the menu
	moreBare  = 4  // of which so much is nothing, beside the dots
	titleTop  = 6  // of the title
	linesTop  = 27 // of the first line
)

func (r *faceRenderer) Destroy()           {}
func (r *faceRenderer) MinSize() fyne.Size { return fyne.NewSize(minColumn-16, cardHeight) }

func (r *faceRenderer) Objects() []fyne.CanvasObject {
	f := r.f
	return []fyne.CanvasObject{f.back, f.picture, f.badge, f.photo, f.title, f.lines[0], f.lines[1], f.lines[2], f.crown, f.box, f.boxText, f.more,
		f.edges[0], f.edges[1], f.edges[2], f.edges[3]}
}

func (r *faceRenderer) Layout(size fyne.Size) {
	f := r.f
	inner := fyne.NewSize(size.Width-2*aside, size.Height)
	place := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(aside+x, y))
		o.Resize(fyne.NewSize(w, h))
	}
	place(f.back, 0, above, inner.Width, inner.Height-above)
	r.frame(size)
	place(f.picture, side+2, side+2, pictureW, pictureW)
	place(f.photo, side+2, side+2, pictureW, pictureW)
	badge := f.badge.MinSize().Height
	place(f.badge, side+2, side+2+(pictureW-badge)/2, pictureW, badge)
	f.title.Move(fyne.NewPos(aside+textLeft, titleTop))
	for i, l := range f.lines {
		l.Move(fyne.NewPos(aside+textLeft, linesTop+float32(i)*lineStep))
	}
	place(f.crown, inner.Width-side-crownW, titleTop, crownW, crownW)
	place(f.box, side, boxTop, boxW, boxW)
	f.boxText.Move(fyne.NewPos(aside+side+boxW+boxGap, boxTop))
	place(f.more, inner.Width-moreW+moreBare/2, inner.Height-moreW-6, moreW, moreW)
	r.texts(inner.Width)
}

// frame puts the edges around the card. A stroke of its ground would be four
// objects less and cost several times as much where no graphics card draws it: all
// of the card would be blended.
func (r *faceRenderer) frame(size fyne.Size) {
	w, wide, high := r.f.border, size.Width-2*aside, size.Height-above
	for i, at := range [4][4]float32{{0, 0, wide, w}, {0, high - w, wide, w}, {0, w, w, high - 2*w}, {wide - w, w, w, high - 2*w}} {
		r.f.edges[i].Move(fyne.NewPos(aside+at[0], above+at[1]))
		r.f.edges[i].Resize(fyne.NewSize(max(0, at[2]), max(0, at[3])))
	}
}

// texts cuts all texts to the width of the card.
func (r *faceRenderer) texts(width float32) {
	f := r.f
	if f.card == nil || width <= 0 {
		return
	}
	room := width - textLeft - side
	title := room
	if f.card.Crowned() {
		title -= crownW + 4
	}
	f.board.fit(f.title, f.card.Title(), title)
	lines := f.card.Lines()
	for i, l := range f.lines {
		text := ""
		if i < len(lines) {
			text = lines[i]
		}
		f.board.fit(l, text, room)
	}
	f.badge.Text = f.card.Badge()
	f.board.fit(f.boxText, f.board.config.Words.Box, width-side-boxW-boxGap-moreW+moreBare)
}

func (r *faceRenderer) Refresh() {
	f := r.f
	if f.card == nil {
		return
	}
	id := f.card.ID()
	ink, muted := theme.Color(theme.ColorNameForeground), theme.Color(theme.ColorNamePlaceHolder)
	f.back.FillColor = theme.Color(theme.ColorNameBackground)
	line := theme.Color(theme.ColorNameSeparator)
	f.border = 1
	if f.hovered {
		line = theme.Color(theme.ColorNamePrimary)
	}
	if f.board.model.IsSelected(id) {
		f.back.FillColor = theme.Color(theme.ColorNameSelection)
		line, f.border = theme.Color(theme.ColorNamePrimary), 2
	}
	if f.board.focused && f.board.standing && f.board.current == id {
		line, f.border = theme.Color(theme.ColorNameForeground), 2
	}
	for _, e := range f.edges {
		e.FillColor = line
	}
	r.frame(f.Size())
	f.picture.FillColor = theme.Color(theme.ColorNameButton)
	f.badge.Color, f.title.Color, f.boxText.Color = ink, ink, ink
	for _, l := range f.lines {
		l.Color = muted
	}
	f.show(id)
	f.crown.Hidden = !f.card.Crowned()
	f.box.Hidden, f.boxText.Hidden = f.state.Column == 0, f.state.Column == 0
	icon := theme.CheckButtonIcon()
	if f.state.Ticked {
		icon = theme.NewPrimaryThemedResource(theme.CheckButtonCheckedIcon())
	}
	if f.box.Resource.Name() != icon.Name() {
		f.box.Resource = icon
		f.box.Refresh()
	}
	r.texts(f.Size().Width - 2*aside)
	canvas.Refresh(f)
}
