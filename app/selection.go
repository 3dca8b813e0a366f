package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"omt/app/ring"
	"omt/migration"
)

// selectable is a paragraph whose text can be selected and copied.
func selectable(k keys, text string) *paragraph {
	p := wrapped(text)
	p.Selectable, p.keys = true, k
	return p
}

// selects is what fyne lays below a label to select its text with the mouse. It
// keeps every key to itself and does not show that it has the focus.
type selects interface {
	fyne.Widget
	fyne.Focusable
	fyne.Draggable
	fyne.DoubleTappable
	desktop.Mouseable
	desktop.Cursorable
	SelectedText() string
}

// selection takes the place of that: with a ring, the keys of the frame, and a
// copy that needs no mouse.
type selection struct {
	widget.BaseWidget
	p       *paragraph
	inner   selects
	drawn   fyne.WidgetRenderer // of inner
	focused bool
}

func newSelection(p *paragraph, inner selects) *selection {
	s := &selection{p: p, inner: inner, drawn: inner.CreateRenderer()}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer draws what is selected, and the ring.
func (s *selection) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(s, &selectionRenderer{s}, func() bool { return s.focused })
}

type selectionRenderer struct{ s *selection }

func (r *selectionRenderer) Destroy()                     {}
func (r *selectionRenderer) Layout(fyne.Size)             {}
func (r *selectionRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *selectionRenderer) Objects() []fyne.CanvasObject { return r.s.drawn.Objects() }

func (r *selectionRenderer) Refresh() {
	r.s.drawn.Refresh()
	canvas.Refresh(r.s)
}

// FocusGained shows the ring and what is selected.
func (s *selection) FocusGained() { s.focused = true; s.inner.FocusGained(); s.Refresh() }

// FocusLost takes both away.
func (s *selection) FocusLost() { s.focused = false; s.inner.FocusLost(); s.Refresh() }

// TypedRune does nothing.
func (s *selection) TypedRune(rune) {}

// TypedKey gives the keys to the frame.
func (s *selection) TypedKey(ev *fyne.KeyEvent) { s.p.keys.key(ev) }

// TypedShortcut copies; Alt+Left goes back as from elsewhere.
func (s *selection) TypedShortcut(sh fyne.Shortcut) {
	switch sh := sh.(type) {
	case *fyne.ShortcutCopy:
		s.copy()
	case *desktop.CustomShortcut:
		if sh.KeyName == fyne.KeyLeft && sh.Modifier == fyne.KeyModifierAlt {
			s.p.keys.key(&fyne.KeyEvent{Name: fyne.KeyEscape})
		}
	}
}

// TappedSecondary offers to copy.
func (s *selection) TappedSecondary(ev *fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(s); c != nil {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", fyne.NewMenuItem(say(migration.Msg("button.copy")), s.copy)), c, ev.AbsolutePosition)
	}
}

// copy takes what is selected, or the whole text, as it was before its lines were
// ended: a line ends where a space was.
func (s *selection) copy() {
	text := s.p.Text
	if part := s.inner.SelectedText(); part != "" {
		if at := strings.Index(s.p.ended(), part); at >= 0 {
			text = text[at : at+len(part)]
		}
	}
	fyne.CurrentApp().Clipboard().SetContent(text)
}

// Cursor is that over a text.
func (s *selection) Cursor() desktop.Cursor { return s.inner.Cursor() }

// MouseDown takes the focus, so that the keys go to what is selected.
func (s *selection) MouseDown(ev *desktop.MouseEvent) { s.focus(); s.inner.MouseDown(ev); s.Refresh() }

// MouseUp ends a selection.
func (s *selection) MouseUp(ev *desktop.MouseEvent) { s.inner.MouseUp(ev); s.Refresh() }

// DoubleTapped selects a word.
func (s *selection) DoubleTapped(ev *fyne.PointEvent) {
	s.focus()
	s.inner.DoubleTapped(ev)
	s.Refresh()
}

// Dragged selects as far as the pointer is.
func (s *selection) Dragged(ev *fyne.DragEvent) { s.focus(); s.inner.Dragged(ev); s.Refresh() }

// DragEnd ends a selection.
func (s *selection) DragEnd() { s.inner.DragEnd(); s.Refresh() }

func (s *selection) focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(s); c != nil {
		c.Focus(s)
	}
}

// AccessibilityLabel is the text.
func (s *selection) AccessibilityLabel() string { return s.p.Text }

// AccessibilityRole is that of a text.
func (s *selection) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
