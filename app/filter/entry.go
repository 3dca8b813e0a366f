package filter

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/app/ring"
)

// Words are the texts of an Entry, in the language of the window.
type Words struct {
	Placeholder string                      // what can be typed
	Clear       string                      // name of the button that empties the field
	Count       func(shown, all int) string // for example "42 of 310"
	Dialect     Dialect                     // what else can be typed for the words of the filter
}

// Entry is the field for a filter with a button that empties it and, beside it,
// how many of all are shown. Escape empties it as well.
type Entry struct {
	Object fyne.CanvasObject // to be laid out

	input *input
	clear *widget.Button
	count *widget.Label
	words Words
}

// NewEntry makes a filter field. changed is called at every change with what
// was typed, parsed.
func NewEntry(w Words, changed func(Query)) *Entry {
	e := &Entry{words: w, input: &input{}, count: widget.NewLabel("")}
	e.input.ExtendBaseWidget(e.input)
	e.input.SetPlaceHolder(w.Placeholder)
	e.clear = widget.NewButtonWithIcon(w.Clear, theme.CancelIcon(), func() { e.input.SetText("") })
	e.clear.Importance = widget.LowImportance
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
	focused bool
}

func (i *input) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(i, i.Entry.CreateRenderer(), func() bool { return i.focused })
}

func (i *input) FocusGained() { i.focused = true; i.Entry.FocusGained() }

func (i *input) FocusLost() { i.focused = false; i.Entry.FocusLost() }

func (i *input) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape && i.Text != "" {
		i.SetText("")
		return
	}
	i.Entry.TypedKey(k)
}
