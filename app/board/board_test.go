package board_test

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"omt/app/board"
)

// words are plain ones: the window's come from the catalogue.
var words = board.Words{
	Box: "Confidential Activities", Crown: "administrator", Full: "full",
	Count: func(used, seats int) string { return fmt.Sprintf("%d/%d", used, seats) },
	First: func(used int) string { return fmt.Sprint(used) },
	Sum:   func(used, more, seats int) string { return fmt.Sprintf("%d + %d of %d", used, more, seats) },
	Refused: func(c string, f *board.Full) string {
		return fmt.Sprintf("%s: %d and %d over %d", c, f.Used, f.More, f.Seats)
	},
	NoBox:   func(f *board.Full) string { return fmt.Sprintf("%d boxes of %d", f.Used, f.Seats) },
	MoveTo:  func(c string) string { return "Move to " + c },
	Several: func(n int) string { return fmt.Sprintf("%d people", n) },
	Spoken: func(c board.Card, column string, ticked bool) string {
		return fmt.Sprint(c.Title(), ", ", column, ", ", ticked)
	},
}

// stage is a board in a window.
type stage struct {
	*board.Board
	model *board.Model
	win   fyne.Window
	said  string
	keys  []fyne.KeyName // that the board did not want
}

func open(t testing.TB, m *board.Model, size fyne.Size) *stage {
	t.Helper()
	if tt, ok := t.(*testing.T); ok {
		test.NewTempApp(tt)
	}
	s := &stage{model: m}
	s.Board = board.NewBoard(m, board.Config{Words: words, Crown: theme.AccountIcon(), Warn: theme.WarningIcon(), Say: func(text string) { s.said = text },
		Key: func(k *fyne.KeyEvent) bool { s.keys = append(s.keys, k.Name); return true }})
	s.win = test.NewWindow(s.Object)
	s.win.SetPadded(false)
	s.win.Resize(size)
	t.Cleanup(s.win.Close)
	return s
}

// find returns the drawn card of a label's beginning and where its middle is.
func (s *stage) find(t *testing.T, label string) (fyne.CanvasObject, fyne.Position) {
	t.Helper()
	var found fyne.CanvasObject
	var at fyne.Position
	walk(s.win.Content(), fyne.Position{}, func(o fyne.CanvasObject, pos fyne.Position) {
		if l, ok := o.(interface{ Label() string }); ok && o.Visible() && len(l.Label()) >= len(label) && l.Label()[:len(label)] == label {
			found, at = o, pos.AddXY(o.Size().Width/2, o.Size().Height/3)
		}
	})
	if found == nil {
		t.Fatalf("no card %q is drawn", label)
	}
	return found, at
}

func walk(o fyne.CanvasObject, at fyne.Position, visit func(fyne.CanvasObject, fyne.Position)) {
	if !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	visit(o, at)
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		children = o.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(o).Objects()
	}
	for _, c := range children {
		walk(c, at, visit)
	}
}

// dragTo takes a card and drops it, as the real window system would say it:
// test.Drag gives no positions.
func (s *stage) dragTo(t *testing.T, label string, to fyne.Position, before func()) {
	t.Helper()
	o, from := s.find(t, label)
	d := o.(fyne.Draggable)
	for i := range 6 {
		share := float32(i) / 5
		at := fyne.NewPos(from.X+(to.X-from.X)*share, from.Y+(to.Y-from.Y)*share)
		d.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: at}})
	}
	if before != nil {
		before()
	}
	d.DragEnd()
}

// middle of a column of the test board of 1000 units.
func middle(column int) fyne.Position { return fyne.NewPos(float32(column)*250+120, 300) }

func TestDrag(t *testing.T) {
	s := open(t, board.New(columns, people(6), nil, 2), fyne.NewSize(1000, 500))
	s.dragTo(t, "A person 0", middle(1), nil)
	if got := s.model.State(100).Column; got != 1 {
		t.Errorf("dropped in column %d, want 1", got)
	}
	s.dragTo(t, "B person 1", fyne.NewPos(-50, 900), nil)
	if got := s.model.State(101).Column; got != 0 {
		t.Errorf("dropped outside, is in column %d", got)
	}
	s.dragTo(t, "B person 1", middle(3), nil)
	if s.model.State(101).Column != 0 || s.said != "Closed: 0 and 1 over 0" {
		t.Errorf("dropped where is no room: column %d, said %q", s.model.State(101).Column, s.said)
	}
	s.dragTo(t, "C person 2", middle(2), func() {
		s.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	})
	if got := s.model.State(102).Column; got != 0 {
		t.Errorf("cancelled by Escape, is in column %d", got)
	}
}

func TestDragMany(t *testing.T) {
	s := open(t, board.New(columns, people(6), nil, 2), fyne.NewSize(1000, 500))
	s.model.Select(100)
	s.model.Flip(101)
	s.Refresh()
	var drawn []string
	s.dragTo(t, "A person 0", middle(1), func() { drawn = s.texts() })
	if s.model.Used(1) != 2 {
		t.Errorf("column has %d, want 2", s.model.Used(1))
	}
	for _, want := range []string{"2 people", "0 + 2 of 3"} {
		if !slices.Contains(drawn, want) {
			t.Errorf("while dragging %q is not shown: %q", want, drawn)
		}
	}
	if slices.Contains(s.texts(), "2 people") {
		t.Error("the ghost is still there")
	}
}

// texts are all texts that are drawn.
func (s *stage) texts() []string {
	var out []string
	walk(s.win.Content(), fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if l, ok := o.(interface{ Label() string }); ok {
			out = append(out, l.Label())
		}
		if text, ok := textOf(o); ok {
			out = append(out, text)
		}
	})
	return out
}

func TestKeys(t *testing.T) {
	s := open(t, board.New(columns, people(6), nil, 1), fyne.NewSize(1000, 500))
	c := s.win.Canvas()
	c.FocusNext()
	key := func(names ...fyne.KeyName) {
		for _, n := range names {
			c.Focused().TypedKey(&fyne.KeyEvent{Name: n})
		}
	}
	key(fyne.KeyDown, fyne.KeyDown, fyne.KeySpace)
	if got := s.model.Selected(); !slices.Equal(got, []int64{102}) {
		t.Fatalf("Space selected %v", got)
	}
	c.Focused().TypedRune('2')
	if s.model.State(102).Column != 2 {
		t.Errorf("2 moved to column %d", s.model.State(102).Column)
	}
	shortcut(c, &desktop.CustomShortcut{KeyName: fyne.KeyLeft, Modifier: fyne.KeyModifierControl})
	shortcut(c, &fyne.ShortcutUndo{})
	if s.model.State(102).Column != 0 {
		t.Errorf("after undo column %d", s.model.State(102).Column)
	}
	shortcut(c, &fyne.ShortcutSelectAll{})
	c.Focused().TypedRune('1')
	if s.model.Used(1) != 0 || s.said == "" {
		t.Errorf("six into three: %d moved, said %q", s.model.Used(1), s.said)
	}
	key(fyne.KeyEscape)
	if len(s.model.Selected()) != 0 {
		t.Errorf("Escape left %v selected", s.model.Selected())
	}
	shortcut(c, &fyne.ShortcutRedo{})
	key(fyne.KeyRight, fyne.KeyRight)
	c.Focused().TypedRune('c')
	if !s.model.State(102).Ticked {
		t.Error("c did not tick the box")
	}
}

func shortcut(c fyne.Canvas, s fyne.Shortcut) { c.Focused().(fyne.Shortcutable).TypedShortcut(s) }

func TestMenu(t *testing.T) {
	s := open(t, board.New(columns, people(6), map[int64]board.State{100: {Column: 1}}, 1), fyne.NewSize(1000, 500))
	items := s.Items([]int64{100, 101})
	want := []string{"Move to No user plan", "Move to Sales  1 + 1 of 3", "Move to Marketing  0 + 2 of 2", "Move to Closed  0 + 2 of 0 (full)"}
	for i, it := range items {
		if it.Label != want[i] || it.Disabled != (i == 3) {
			t.Errorf("entry %d: %q, disabled %v, want %q", i, it.Label, it.Disabled, want[i])
		}
	}
	items[2].Action()
	if s.model.Used(2) != 2 {
		t.Errorf("the menu moved %d", s.model.Used(2))
	}
}
