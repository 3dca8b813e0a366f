package board_test

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"omt/app/board"
	"omt/app/filter"
)

// TestMoveUnderFilter: a filter hides who was moved. The next key is for the
// person who took the place, never for one that nobody sees.
func TestMoveUnderFilter(t *testing.T) {
	s := open(t, board.New(columns, people(6), nil, 1), fyne.NewSize(1000, 500))
	s.Filter(filter.Parse("plan:none"))
	s.win.Canvas().FocusNext()
	s.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	s.win.Canvas().Focused().TypedRune('1')
	if s.model.State(101).Column != 1 || len(s.model.Selected()) != 0 {
		t.Fatalf("moved to column %d, %v can still be moved", s.model.State(101).Column, s.model.Selected())
	}
	s.win.Canvas().Focused().TypedRune('2')
	if s.model.State(101).Column != 1 || s.model.State(102).Column != 2 {
		t.Errorf("the next key moved the hidden card to %d, the next card to %d", s.model.State(101).Column, s.model.State(102).Column)
	}
}

// TestHiddenStaySelected: the filter hides a selection without losing it.
func TestHiddenStaySelected(t *testing.T) {
	m := board.New(columns, people(6), nil, 1)
	m.Select(101)
	m.Filter(filter.Parse("admin"))
	if got := m.Selected(); len(got) != 0 {
		t.Errorf("hidden %v would be moved", got)
	}
	m.Filter(filter.Query{})
	if got := m.Selected(); !slices.Equal(got, []int64{101}) {
		t.Errorf("shown again, selected %v", got)
	}
}

// TestFilterScrolls: what was found is on the screen, however far the board was
// scrolled sideways.
func TestFilterScrolls(t *testing.T) {
	s := open(t, board.New(columns, people(6), map[int64]board.State{101: {Column: 1}}, 1), fyne.NewSize(420, 400))
	for range columns {
		s.win.Canvas().FocusNext()
	}
	s.Filter(filter.Parse("admin"))
	if _, at := s.find(t, "A person 0"); at.X < 0 || at.X > 420 {
		t.Errorf("found at %v, beside the window", at)
	}
}

// TestOtherKeys: a key that means nothing on the board reaches the window.
func TestOtherKeys(t *testing.T) {
	s := open(t, board.New(columns, people(6), nil, 1), fyne.NewSize(1000, 500))
	c := s.win.Canvas()
	c.FocusNext()
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
	if !slices.Equal(s.keys, []fyne.KeyName{fyne.KeyF1}) {
		t.Errorf("the window got %v", s.keys)
	}
}

// TestLeave: a drag ends with the page, also when the button is released later.
func TestLeave(t *testing.T) {
	s := open(t, board.New(columns, people(6), nil, 1), fyne.NewSize(1000, 500))
	s.dragTo(t, "A person 0", middle(1), s.Leave)
	if got := s.model.State(100).Column; got != 0 {
		t.Errorf("dropped in column %d after the board was left", got)
	}
}

// TestRefusedInWords: a column without room for what is dragged says so, not only
// by its colour, and takes it back when the pointer goes on.
func TestRefusedInWords(t *testing.T) {
	s := open(t, board.New(columns[:3], people(6), nil, 1), fyne.NewSize(750, 500))
	for _, id := range []int64{100, 101, 102} {
		s.model.Flip(id)
	}
	s.dragTo(t, "A person 0", middle(2), func() {
		if got := s.texts(); !slices.Contains(got, "full") || !slices.Contains(got, "0 + 3 of 2") {
			t.Errorf("three over two seats: %q", got)
		}
	})
	if got := s.texts(); slices.Contains(got, "full") {
		t.Errorf("after the drop an empty column is full: %q", got)
	}
}
