package app

import (
	"net/url"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/app/ring"
	"omt/migration"
)

// radios are choices of which one is chosen. Those of fyne keep every key to
// themselves, and show the focus by a tint that is hard to see.
type radios struct {
	object   *fyne.Container
	Options  []string
	Selected string
	keys     keys
	changed  func(string)
}

func newRadios(k keys, changed func(string)) *radios {
	return &radios{keys: k, changed: changed, object: container.New(stacked{})}
}

// offer sets what can be chosen.
func (r *radios) offer(options []string) {
	if slices.Equal(options, r.Options) {
		return
	}
	r.Options = options
	r.object.RemoveAll()
	for i, text := range options {
		one := &radio{keys: r.keys, text: text, chosen: text == r.Selected}
		one.choose = func() { r.SetSelected(text) }
		one.step = func(by int) { r.step(i + by) }
		one.ExtendBaseWidget(one)
		r.object.Add(one)
	}
}

// SetSelected chooses and tells it if that is another choice.
func (r *radios) SetSelected(option string) {
	if option == r.Selected {
		return
	}
	r.Selected = option
	for i, o := range r.object.Objects {
		one := o.(*radio)
		one.chosen = r.Options[i] == option
		one.Refresh()
	}
	if r.changed != nil {
		r.changed(option)
	}
}

// step chooses a neighbour and takes the focus there, as arrow keys do it.
func (r *radios) step(to int) {
	if to < 0 || to >= len(r.Options) {
		return
	}
	one := r.object.Objects[to].(*radio)
	if c := fyne.CurrentApp().Driver().CanvasForObject(one); c != nil {
		c.Focus(one)
	}
	r.SetSelected(r.Options[to])
}

// radio is one of the choices.
type radio struct {
	widget.BaseWidget
	keys    keys
	text    string
	choose  func()
	step    func(by int)
	chosen  bool
	focused bool
	hovered bool
}

// CreateRenderer draws a circle with its words and the ring around both.
func (r *radio) CreateRenderer() fyne.WidgetRenderer {
	d := &radioRenderer{r: r, inner: canvas.NewImageFromResource(nil), outer: canvas.NewImageFromResource(nil), words: canvas.NewText(r.text, nil), ground: canvas.NewRectangle(nil)}
	d.paint()
	return ring.Around(r, d, func() bool { return r.focused }).AtMost(func() fyne.Size { return r.MinSize() })
}

type radioRenderer struct {
	r            *radio
	ground       *canvas.Rectangle // while the pointer is over it
	inner, outer *canvas.Image
	words        *canvas.Text
}

func (d *radioRenderer) Destroy() {}

func (d *radioRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{d.ground, d.inner, d.outer, d.words}
}

// radioSign is the width of the circle with the space around it.
func radioSign(th fyne.Theme) float32 {
	return th.Size(theme.SizeNameInlineIcon) + 2*th.Size(theme.SizeNameInnerPadding)
}

func (d *radioRenderer) MinSize() fyne.Size {
	th := d.r.Theme()
	return d.words.MinSize().AddWidthHeight(radioSign(th)+th.Size(theme.SizeNameInnerPadding), 2*th.Size(theme.SizeNameInnerPadding))
}

func (d *radioRenderer) Layout(size fyne.Size) {
	th := d.r.Theme()
	icon := th.Size(theme.SizeNameInlineIcon)
	for _, o := range []*canvas.Image{d.inner, d.outer} {
		o.Resize(fyne.NewSquareSize(icon))
		o.Move(fyne.NewPos(th.Size(theme.SizeNameInnerPadding), (size.Height-icon)/2))
	}
	d.words.Resize(size.SubtractWidthHeight(radioSign(th), 0))
	d.words.Move(fyne.NewPos(radioSign(th), 0))
	d.ground.Resize(d.r.MinSize().Min(size))
}

func (d *radioRenderer) Refresh() {
	d.paint()
	canvas.Refresh(d.r)
}

func (d *radioRenderer) paint() {
	th := d.r.Theme()
	d.words.Text, d.words.Color, d.words.TextSize = d.r.text, colour(d.r, theme.ColorNameForeground), th.Size(theme.SizeNameText)
	d.ground.FillColor = colour(d.r, theme.ColorNameHover)
	d.ground.Hidden = !d.r.hovered
	out, in := theme.NewThemedResource(th.Icon(theme.IconNameRadioButton)), theme.NewThemedResource(th.Icon(theme.IconNameRadioButtonFill))
	out.ColorName, in.ColorName = theme.ColorNameInputBorder, theme.ColorNameInputBackground
	if d.r.chosen {
		out.ColorName, in.ColorName = theme.ColorNameForeground, theme.ColorNamePrimary
	}
	d.inner.Resource, d.outer.Resource = in, out
	d.inner.Refresh()
	d.outer.Refresh()
}

// Tapped chooses it.
func (r *radio) Tapped(*fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(r); c != nil {
		c.Focus(r)
	}
	r.choose()
}

// MouseIn shows that it can be pressed.
func (r *radio) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.Refresh() }

// MouseMoved does nothing.
func (r *radio) MouseMoved(*desktop.MouseEvent) {}

// MouseOut takes back what MouseIn showed.
func (r *radio) MouseOut() { r.hovered = false; r.Refresh() }

// FocusGained shows the ring.
func (r *radio) FocusGained() { r.focused = true; r.Refresh() }

// FocusLost takes it away.
func (r *radio) FocusLost() { r.focused = false; r.Refresh() }

// TypedRune does nothing.
func (r *radio) TypedRune(rune) {}

// TypedKey chooses with Space and the arrows; other keys are those of the frame.
func (r *radio) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace:
		r.choose()
	case fyne.KeyUp, fyne.KeyLeft:
		r.step(-1)
	case fyne.KeyDown, fyne.KeyRight:
		r.step(1)
	default:
		r.keys.key(ev)
	}
}

// AccessibilityLabel says whether it is chosen.
func (r *radio) AccessibilityLabel() string {
	if r.chosen {
		return say(migration.Msg("spoken.chosen", "Name", r.text))
	}
	return say(migration.Msg("spoken.unchosen", "Name", r.text))
}

// AccessibilityRole says that it can be pressed.
func (r *radio) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// link opens a web page, by Space too; the keys of the frame work on it.
type link struct {
	widget.Hyperlink
	keys    keys
	focused bool
}

func newLink(k keys, text string, to *url.URL) *link {
	l := &link{keys: k}
	l.Text, l.URL, l.Wrapping = text, to, fyne.TextWrapBreak
	l.TextStyle.Underline = true // in black and white its colour says nothing
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer draws the link with the ring, and no longer one than its words.
func (l *link) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(l, l.Hyperlink.CreateRenderer(), func() bool { return l.focused }).AtMost(func() fyne.Size {
		words := fyne.MeasureText(l.Text, l.Theme().Size(theme.SizeNameText), l.TextStyle)
		return fyne.NewSize(words.Width+2*l.Theme().Size(theme.SizeNameInnerPadding)+2, l.Size().Height)
	})
}

// FocusGained shows the ring.
func (l *link) FocusGained() { l.focused = true; l.Refresh() }

// FocusLost takes it away.
func (l *link) FocusLost() { l.focused = false; l.Refresh() }

// TypedKey opens on Space; other keys are those of the frame.
func (l *link) TypedKey(ev *fyne.KeyEvent) {
	if ev.Name == fyne.KeySpace || !l.keys.key(ev) {
		l.Hyperlink.TypedKey(ev)
	}
}
