package app

import (
	"encoding/json"
	"io"
	"math"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// traceEvery is how often the window is compared with what was last written.
const traceEvery = 200 * time.Millisecond

// traceLine is one line of the trace: what can be clicked, dragged or typed
// into on the window as it looks now. While a dialog is open Items are those of
// the dialog, because nothing else can be reached.
type traceLine struct {
	Page   place       `json:"page"`
	Closed string      `json:"closed,omitempty"` // why the main button is closed
	Busy   string      `json:"busy,omitempty"`   // what is under way
	Dialog bool        `json:"dialog,omitempty"`
	Items  []traceItem `json:"items"`
}

// traceItem is one widget. X and Y are where to click it, in pixels of the window.
type traceItem struct {
	Kind     string `json:"kind"` // button, entry, check, radio, select, card
	Label    string `json:"label"`
	Value    string `json:"value,omitempty"` // never of a password
	X        int    `json:"x"`
	Y        int    `json:"y"`
	Disabled bool   `json:"disabled,omitempty"`
}

// labelled is a card or another widget of our own that says its name.
type labelled interface{ Label() string }

// parted is a widget of our own, or a view, that tells which live widgets are
// inside it: fyne keeps the rows of its lists to itself.
type parted interface{ Parts() []fyne.CanvasObject }

// tracer writes the trace.
type tracer struct {
	out  io.Writer
	last string
}

// trace compares the window again and again until the returned function is
// called. Dialogs and lists change without telling anybody, so asking the
// window at its changes would miss them.
func (w *Window) trace() (stop func()) {
	if w.tracing == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(traceEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				w.do(w.writeTrace)
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

// writeTrace writes a line if the window looks different than at the last one.
func (w *Window) writeTrace() {
	if w.gone || w.at == "" {
		return
	}
	data, err := json.Marshal(w.looks())
	if err != nil || string(data) == w.tracing.last {
		return
	}
	w.tracing.last = string(data)
	w.tracing.write(data)
}

// write writes a line. A trace that cannot be written stops the test that reads
// it, not a migration.
func (t *tracer) write(line []byte) { _, _ = t.out.Write(append(line, '\n')) }

// looks reads the window.
func (w *Window) looks() traceLine {
	line := traceLine{Page: w.at, Items: []traceItem{}}
	if why := w.footer.now.next.closed; !why.IsZero() {
		line.Closed = say(why)
	}
	if b := w.tasks.busy(); b != nil {
		line.Busy = w.busyWords(b)
	}
	c := w.win.Canvas()
	s := scan{scale: c.Scale(), line: &line, clip: area{max: fyne.NewPos(c.Size().Width, c.Size().Height)}}
	if top := c.Overlays().Top(); top != nil {
		line.Dialog = true
		s.walk(inside(top, "Content"))
		return line
	}
	s.walk(c.Content())
	if p, ok := w.pages[w.at].view.(parted); ok {
		for _, o := range p.Parts() {
			s.walk(o)
		}
	}
	return line
}

// scan walks what is visible inside clip.
type scan struct {
	scale float32
	line  *traceLine
	clip  area
}

type area struct{ min, max fyne.Position }

func (s scan) walk(o fyne.CanvasObject) {
	if o == nil || !o.Visible() {
		return
	}
	if item, ok := describe(o); ok {
		s.add(o, item)
		return
	}
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			s.walk(c)
		}
	case *container.Scroll:
		s.clip = s.clip.within(o)
		s.walk(o.Content)
	case *container.Split:
		s.walk(o.Leading)
		s.walk(o.Trailing)
	case *container.ThemeOverride:
		s.walk(o.Content)
	case *widget.PopUp:
		s.walk(o.Content)
	case *widget.PopUpMenu:
		for _, c := range o.Items {
			if e := entryOf(c); e != nil {
				s.add(c, traceItem{Kind: "button", Label: e.Label, Disabled: e.Disabled})
			}
		}
	case *box:
		s.walk(o.content)
	case *widget.Form:
		for _, i := range o.Items {
			s.walk(i.Widget)
		}
	case interface {
		fyne.CanvasObject
		parted
	}:
		s.clip = s.clip.within(o) // a row that is half out of sight is clicked at its middle
		for _, c := range o.Parts() {
			s.walk(c)
		}
	}
}

// inside reads a field of a type that fyne keeps to itself: what an overlay
// holds, and the entry of a line of a menu. Only the trace needs it.
func inside(o fyne.CanvasObject, field string) fyne.CanvasObject {
	if v := reflect.Indirect(reflect.ValueOf(o)); v.Kind() == reflect.Struct {
		if f := v.FieldByName(field); f.IsValid() && f.CanInterface() {
			if c, ok := f.Interface().(fyne.CanvasObject); ok {
				return c
			}
		}
	}
	return o
}

// entryOf is the entry behind a line of a menu, nil for a separator.
func entryOf(o fyne.CanvasObject) *fyne.MenuItem {
	v := reflect.Indirect(reflect.ValueOf(o))
	if v.Kind() != reflect.Struct {
		return nil
	}
	if f := v.FieldByName("Item"); f.IsValid() && f.CanInterface() {
		item, _ := f.Interface().(*fyne.MenuItem)
		return item
	}
	return nil
}

// describe says what a widget is, or false if it is none that can be used.
func describe(o fyne.CanvasObject) (traceItem, bool) {
	switch o := o.(type) {
	case *widget.Button:
		return traceItem{Kind: "button", Label: o.Text, Disabled: o.Disabled()}, true
	case *pressable:
		return traceItem{Kind: "button", Label: o.Text, Disabled: o.Disabled()}, true
	case *widget.Check:
		return traceItem{Kind: "check", Label: o.Text, Value: ticked(o.Checked), Disabled: o.Disabled()}, true
	case *tick:
		return traceItem{Kind: "check", Label: o.Text, Value: ticked(o.Checked), Disabled: o.Disabled()}, true
	case *radio:
		return traceItem{Kind: "radio", Label: o.text, Value: ticked(o.chosen)}, true
	case *picker:
		return traceItem{Kind: "select", Label: o.Selected, Disabled: o.Disabled()}, true
	case *widget.Select:
		return traceItem{Kind: "select", Label: o.Selected, Disabled: o.Disabled()}, true
	case *field:
		return entryItem(&o.Entry, o.name), true
	case *widget.Entry:
		return entryItem(o, o.PlaceHolder), true
	case *choiceField:
		return entryItem(&o.Entry, o.PlaceHolder), true
	case *widget.SelectEntry:
		return entryItem(&o.Entry, o.PlaceHolder), true
	case labelled:
		return traceItem{Kind: "card", Label: o.Label()}, true
	case interface {
		fyne.Accessible
		fyne.Draggable
	}:
		return traceItem{Kind: "card", Label: o.AccessibilityLabel()}, true
	case interface {
		fyne.Accessible
		fyne.Tappable
	}:
		return traceItem{Kind: "button", Label: o.AccessibilityLabel()}, true
	}
	return traceItem{}, false
}

func entryItem(e *widget.Entry, name string) traceItem {
	i := traceItem{Kind: "entry", Label: name, Value: e.Text, Disabled: e.Disabled()}
	if e.Password {
		i.Value = ""
	}
	return i
}

func ticked(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// add takes an object with its centre.
func (s scan) add(o fyne.CanvasObject, item traceItem) {
	pos, size := fyne.CurrentApp().Driver().AbsolutePositionForObject(o), o.Size()
	if pos.IsZero() {
		return // not painted yet: fyne does not know where it will be
	}
	x, y := pos.X+size.Width/2, pos.Y+size.Height/2
	if item.Kind == "check" || item.Kind == "radio" {
		x = pos.X + 12 // only the box and its words are sensitive, not the empty rest
	}
	s.put(x, y, item)
}

// put takes an item if its point can be seen.
func (s scan) put(x, y float32, item traceItem) {
	if x < s.clip.min.X || x > s.clip.max.X || y < s.clip.min.Y || y > s.clip.max.Y {
		return
	}
	item.X, item.Y = int(math.Round(float64(x*s.scale))), int(math.Round(float64(y*s.scale)))
	s.line.Items = append(s.line.Items, item)
}

func (a area) within(o fyne.CanvasObject) area {
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	return area{
		min: fyne.NewPos(max(a.min.X, pos.X), max(a.min.Y, pos.Y)),
		max: fyne.NewPos(min(a.max.X, pos.X+o.Size().Width), min(a.max.Y, pos.Y+o.Size().Height)),
	}
}
