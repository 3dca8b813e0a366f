package filter

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/app/clip"
	"omt/app/ring"
)

// Words are the texts of an Entry, in the language of the window.
type Words struct {
	Placeholder string                      // what can be typed
	Clear       string                      // name of the button that empties the field
	Count       func(shown, all int) string // for example "42 of 310"
	Dialect     Dialect                     // what else can be typed for the words of the filter
	// Key gets F1 and, for Alt+Left, Escape, on which the page may act; it may be nil.
	Key func(*fyne.KeyEvent)
}

// Entry is the field for a filter with a button that empties it and, beside it,
// how many of all are shown. Escape empties it as well.
type Entry struct {
	Object fyne.CanvasObject // to be laid out

	input *input
	clear *clearer
	count *widget.Label
	words Words
}

// NewEntry makes a filter field. changed is called at every change with what
// was typed, parsed.
func NewEntry(w Words, changed func(Query)) *Entry {
	e := &Entry{words: w, input: &input{key: w.Key}, count: widget.NewLabel("")}
	e.input.ExtendBaseWidget(e.input)
	e.input.SetPlaceHolder(w.Placeholder)
	e.clear = &clearer{key: w.Key}
	e.clear.Text, e.clear.Icon, e.clear.Importance = w.Clear, theme.CancelIcon(), widget.LowImportance
	e.clear.OnTapped = func() {
		e.input.SetText("")
		if c := fyne.CurrentApp().Driver().CanvasForObject(e.input); c != nil {
			c.Focus(e.input) // the button is gone now, and the keys with it
		}
	}
	e.clear.ExtendBaseWidget(e.clear)
	e.clear.Hide()
	e.input.OnChanged = func(s string) {
		if s == "" {
			e.clear.Hide()
		} else {
			e.clear.Show()
		}
		changed(w.Dialect.Parse(s))
	}
	// The counter keeps its width while it counts, so that nothing jumps.
	wide := widget.NewLabel(w.Count(88888, 88888)).MinSize()
	counter := container.New(layout.NewGridWrapLayout(wide), e.count)
	e.Object = container.NewBorder(nil, nil, nil, container.NewHBox(e.clear, counter), e.input)
	return e
}

// Show says how many of all are shown.
func (e *Entry) Show(shown, all int) { e.count.SetText(e.words.Count(shown, all)) }

// Text is what was typed.
func (e *Entry) Text() string { return e.input.Text }

// Query is what was typed, parsed.
func (e *Entry) Query() Query { return e.words.Dialect.Parse(e.input.Text) }

// SetText types for the person, for example when a counter is clicked.
func (e *Entry) SetText(s string) { e.input.SetText(s) }

// Input is the field itself, to put the focus into it.
func (e *Entry) Input() fyne.Focusable { return e.input }

// input is an entry that Escape empties.
type input struct {
	widget.Entry
	key     func(*fyne.KeyEvent)
	focused bool
}

func (i *input) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(i, i.Entry.CreateRenderer(), func() bool { return i.focused })
}

func (i *input) FocusGained() { i.focused = true; i.Entry.FocusGained() }

func (i *input) FocusLost() { i.focused = false; i.Entry.FocusLost() }

func (i *input) TypedKey(k *fyne.KeyEvent) {
	switch {
	case k.Name == fyne.KeyEscape && i.Text != "":
		i.SetText("")
	case k.Name == fyne.KeyF1 && i.key != nil:
		i.key(k)
	default:
		i.Entry.TypedKey(k)
	}
}

// TypedShortcut lets Alt+Left go back from the field as from elsewhere.
func (i *input) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*desktop.CustomShortcut); ok && c.KeyName == fyne.KeyLeft && c.Modifier == fyne.KeyModifierAlt && i.key != nil {
		i.key(&fyne.KeyEvent{Name: fyne.KeyEscape})
		return
	}
	i.Entry.TypedShortcut(clip.Bound(s, i.Text))
}

// clearer is the button beside the field: Enter presses it too, and it shows that
// it has the focus.
type clearer struct {
	widget.Button
	key     func(*fyne.KeyEvent)
	focused bool
}

func (c *clearer) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(c, c.Button.CreateRenderer(), func() bool { return c.focused })
}

func (c *clearer) FocusGained() { c.focused = true; c.Refresh() }

func (c *clearer) FocusLost() { c.focused = false; c.Refresh() }

func (c *clearer) TypedKey(k *fyne.KeyEvent) {
	switch {
	case k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter:
		c.OnTapped()
	case k.Name == fyne.KeyF1 && c.key != nil:
		c.key(k)
	default:
		c.Button.TypedKey(k)
	}
}
