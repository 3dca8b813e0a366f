package board_test

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"omt/app/board"
)

// carried is a card in the hand: to moves the pointer, down and on wait there.
type carried struct {
	*stage
	card fyne.Draggable
	at   fyne.Position
	past float32 // of the animation, in seconds
}

func (s *stage) take(t *testing.T, label string) *carried {
	t.Helper()
	o, at := s.find(t, label)
	h := &carried{stage: s, card: o.(fyne.Draggable), at: at}
	h.to(at)
	return h
}

func (h *carried) to(at fyne.Position) {
	h.at = at
	h.card.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: at}})
}

// wait lets a tenth of a second pass so many times. The animation begins anew
// after each second.
func (h *carried) wait(tenths int) {
	for range tenths {
		h.past += 0.1
		if h.past > 1 {
			h.past -= 1
		}
		h.Turn(h.past)
	}
}

// throng is a board on which the second column has far more cards than are seen.
func throng(t *testing.T, size fyne.Size) *stage {
	t.Helper()
	some := []board.Column{{Title: "No user plan"}, {ID: "s", Title: "Sales", Seats: 100}, {ID: "m", Title: "Marketing", Seats: 9}, {ID: "z", Title: "Closed", Seats: 9}}
	at := map[int64]board.State{}
	for i := range 60 {
		at[int64(100+i)] = board.State{Column: 1}
	}
	var cards []board.Card
	for i := range 64 {
		cards = append(cards, person{int64(100 + i), fmt.Sprintf("%03d person", i*2), false})
		if i == 30 {
			cards = append(cards, person{900, "061 in the middle", false})
		}
	}
	return open(t, board.New(some, cards, at, 9), size)
}

// TestDragScrollsAtTheEdge: held near the lower edge of a list the cards go up, by
// 600 units a second, as far as there are any; near the upper edge back, and in the
// middle not at all. The line of the drop goes along with the cards.
func TestDragScrollsAtTheEdge(t *testing.T) {
	s := throng(t, fyne.NewSize(1000, 500))
	h := s.take(t, "061 in the middle")
	low, high, middle := fyne.NewPos(370, 480), fyne.NewPos(370, 80), fyne.NewPos(370, 300)
	h.to(middle)
	h.wait(5)
	if s.Offset(1) != 0 {
		t.Fatalf("it scrolled by %v in the middle", s.Offset(1))
	}
	h.to(low)
	if _, seen := s.Line(1); seen {
		t.Error("the line is seen before its place is")
	}
	h.wait(3)
	if got := s.Offset(1); got < 175 || got > 185 {
		t.Errorf("in 0.3 s it scrolled by %v, want 180", got)
	}
	for tries := 0; ; tries++ {
		if y, seen := s.Line(1); seen {
			_, below := s.find(t, "062 person")
			top := s.top(t, "062 person")
			if y < top-5 || y > top+1 {
				t.Errorf("the line stands at %v, the card below it at %v (%v)", y, top, below)
			}
			break
		}
		if tries > 80 {
			t.Fatal("the line was never seen")
		}
		h.wait(1)
	}
	before, _ := s.Line(1)
	at := s.Offset(1)
	h.wait(1)
	if after, seen := s.Line(1); seen && before-after != s.Offset(1)-at {
		t.Errorf("the cards went by %v, the line by %v", s.Offset(1)-at, before-after)
	}
	h.wait(200)
	end := s.Offset(1)
	h.wait(3)
	s.find(t, "118 person") // the last one
	if s.Offset(1) != end {
		t.Errorf("at the end it goes on from %v to %v", end, s.Offset(1))
	}
	h.to(high)
	h.wait(3)
	if got := end - s.Offset(1); got < 175 || got > 185 {
		t.Errorf("in 0.3 s it scrolled back by %v, want 180", got)
	}
	h.to(low)
	h.wait(200)
	h.to(high)
	h.wait(200)
	if s.Offset(1) != 0 {
		t.Errorf("at the beginning it stands at %v", s.Offset(1))
	}
	h.card.DragEnd()
	if s.model.State(900).Column != 1 {
		t.Error("it was not dropped")
	}
}

// TestLineBehindTheLastCard: it is seen also where the column is full to its lower
// edge.
func TestLineBehindTheLastCard(t *testing.T) {
	s := throng(t, fyne.NewSize(1000, 500))
	h := s.take(t, "126 person")
	h.to(fyne.NewPos(370, 480))
	h.wait(200)
	s.find(t, "118 person")
	if y, seen := s.Line(1); !seen || y < 480 || y > 500 {
		t.Errorf("at the end the line stands at %v, seen %v", y, seen)
	}
	h.card.DragEnd()
}

// top is where in its column a card begins.
func (s *stage) top(t *testing.T, label string) float32 {
	t.Helper()
	o, _ := s.find(t, label)
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y
}

// TestDragStopsScrolling: after Esc, after the drop, and when the page is left,
// the board stands still, wherever the pointer is.
func TestDragStopsScrolling(t *testing.T) {
	for name, stop := range map[string]func(*carried){
		"Esc":   func(h *carried) { h.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) },
		"drop":  func(h *carried) { h.card.DragEnd() },
		"leave": func(h *carried) { h.Leave() },
	} {
		t.Run(name, func(t *testing.T) {
			s := throng(t, fyne.NewSize(1000, 500))
			h := s.take(t, "061 in the middle")
			h.to(fyne.NewPos(370, 480))
			for range 80 {
				if _, seen := s.Line(1); seen {
					break
				}
				h.wait(1)
			}
			stop(h)
			at := s.Offset(1)
			if _, seen := s.Line(1); seen {
				t.Error("the line stays")
			}
			if name != "drop" { // with the button still down, movements come
				h.to(fyne.NewPos(372, 480))
			}
			h.wait(5)
			if s.Offset(1) != at || at == 0 {
				t.Errorf("it went on from %v to %v", at, s.Offset(1))
			}
			if _, seen := s.Line(1); seen {
				t.Error("the line is still there")
			}
		})
	}
}

// TestDragScrollsAside: a board wider than its window is scrolled at its left and
// right edge, to both ends, and the column that comes below the pointer is the one
// that a drop goes to.
func TestDragScrollsAside(t *testing.T) {
	s := throng(t, fyne.NewSize(500, 500))
	h := s.take(t, "061 in the middle")
	h.to(fyne.NewPos(490, 300))
	h.wait(2)
	if got := s.Aside(); got < 115 || got > 125 {
		t.Errorf("in 0.2 s it went aside by %v, want 120", got)
	}
	h.wait(50)
	end := s.Aside()
	h.wait(2)
	if s.Aside() != end || end == 0 {
		t.Errorf("at the end it goes on from %v to %v", end, s.Aside())
	}
	h.to(fyne.NewPos(10, 300))
	h.wait(50)
	if s.Aside() != 0 {
		t.Errorf("at the left end it stands at %v", s.Aside())
	}
	h.to(fyne.NewPos(490, 300))
	h.wait(50)
	h.card.DragEnd()
	if got := s.model.State(900).Column; got != 3 {
		t.Errorf("dropped in column %d, want the last", got)
	}
}
