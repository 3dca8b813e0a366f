package board_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"omt/app/board"
	"omt/app/filter"
)

// person is a card for tests.
type person struct {
	id    int64
	name  string
	admin bool
}

func (p person) ID() int64     { return p.id }
func (p person) Title() string { return p.name }
func (p person) Badge() string { return p.name[:1] }
func (p person) Lines() []string {
	return []string{fmt.Sprint("no ", p.id), "Sales", "Fjordlys Handel AS"}
}
func (p person) Crowned() bool { return p.admin }
func (p person) Fields() filter.Fields {
	f := filter.Fields{Texts: append(p.Lines(), p.name)}
	if p.admin {
		f.Flags = []string{"admin"}
	}
	return f
}

func people(n int) []board.Card {
	var out []board.Card
	for i := range n {
		out = append(out, person{int64(100 + i), fmt.Sprintf("%c person %d", 'A'+i%26, i), i%5 == 0})
	}
	return out
}

var columns = []board.Column{{Title: "No user plan"}, {ID: "s", Title: "Sales", Seats: 3}, {ID: "m", Title: "Marketing", Seats: 2}, {ID: "z", Title: "Closed", Seats: 0}}

// plain is the board as a person would keep it on paper.
type plain struct {
	at    map[int64]int
	ticks map[int64]bool
}

func (p plain) clone() plain { return plain{maps.Clone(p.at), maps.Clone(p.ticks)} }

// sought are filters with what a person would say that they leave.
var sought = map[string]func(c board.Card, column int) bool{
	"":           func(board.Card, int) bool { return true },
	"person":     func(board.Card, int) bool { return true },
	"admin":      func(c board.Card, _ int) bool { return c.Crowned() },
	"plan:none":  func(_ board.Card, column int) bool { return column == 0 },
	"plan:sales": func(_ board.Card, column int) bool { return column == 1 },
	"B":          func(c board.Card, _ int) bool { return c.Badge() == "B" },
}

// TestModel holds any sequence of acts against the plain board.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cards := people(rapid.IntRange(0, 9).Draw(t, "people"))
		boxes := rapid.IntRange(0, 3).Draw(t, "boxes")
		m := board.New(columns, cards, nil, boxes)
		now := plain{map[int64]int{}, map[int64]bool{}}
		history, back := []plain{}, []plain{}
		words := ""
		step := func(next plain) {
			if !maps.Equal(next.at, now.at) || !maps.Equal(next.ticks, now.ticks) {
				history, back, now = append(history, now), nil, next
			}
		}
		some := func(t *rapid.T) int64 {
			if len(cards) == 0 {
				t.Skip("nobody")
			}
			return rapid.SampledFrom(cards).Draw(t, "card").ID()
		}
		t.Repeat(map[string]func(*rapid.T){
			"select":   func(t *rapid.T) { m.Select(some(t)) },
			"flip":     func(t *rapid.T) { m.Flip(some(t)) },
			"extend":   func(t *rapid.T) { m.Extend(some(t)) },
			"all":      func(*rapid.T) { m.SelectShown() },
			"unselect": func(*rapid.T) { m.Unselect() },
			"filter": func(t *rapid.T) {
				words = rapid.SampledFrom(slices.Sorted(maps.Keys(sought))).Draw(t, "words")
				m.Filter(filter.Parse(words))
			},
			"move": func(t *rapid.T) {
				ids := m.Grip(some(t))
				to := rapid.IntRange(0, len(columns)-1).Draw(t, "to")
				next := now.clone()
				for _, id := range ids {
					if next.at[id] = to; to == 0 {
						delete(next.at, id)
						delete(next.ticks, id)
					}
				}
				room := to == 0 || in(next, to) <= columns[to].Seats || in(next, to) == in(now, to)
				if err := m.Move(ids, to); (err == nil) != room {
					t.Fatalf("move of %d to %q: %v, room %v", len(ids), columns[to].Title, err, room)
				} else if err == nil {
					step(next)
				}
			},
			"tick": func(t *rapid.T) {
				id := some(t)
				next := now.clone()
				switch {
				case now.ticks[id]:
					delete(next.ticks, id)
				case now.at[id] > 0:
					next.ticks[id] = true
				}
				err := m.Tick(id)
				if full := len(next.ticks) > boxes && !now.ticks[id] && now.at[id] > 0; full != (err != nil) {
					t.Fatalf("tick: %v", err)
				} else if !full {
					step(next)
				}
			},
			// As Suggest does: any states, and seats are not looked at.
			"replace": func(t *rapid.T) {
				to, next := map[int64]board.State{}, plain{map[int64]int{}, map[int64]bool{}}
				for _, c := range cards {
					s := board.State{Column: rapid.IntRange(-1, len(columns)).Draw(t, "column"), Ticked: rapid.Bool().Draw(t, "ticked")}
					if to[c.ID()] = s; s.Column > 0 && s.Column < len(columns) {
						next.at[c.ID()] = s.Column
						if s.Ticked {
							next.ticks[c.ID()] = true
						}
					}
				}
				m.Replace(to)
				step(next)
			},
			"clear": func(*rapid.T) { m.Clear(); step(plain{map[int64]int{}, map[int64]bool{}}) },
			"undo": func(*rapid.T) {
				m.Undo()
				if n := len(history); n > 0 {
					back, now, history = append(back, now), history[n-1], history[:n-1]
				}
			},
			"redo": func(*rapid.T) {
				m.Redo()
				if n := len(back); n > 0 {
					history, now, back = append(history, now), back[n-1], back[:n-1]
				}
			},
			"": func(t *rapid.T) {
				same(t, m, now, cards, len(history) > 0, len(back) > 0)
				for _, c := range cards {
					if _, row := m.Row(c.ID()); (row >= 0) != sought[words](c, now.at[c.ID()]) {
						t.Fatalf("filter %q: %s of column %d is at row %d", words, c.Title(), now.at[c.ID()], row)
					}
				}
			},
		})
	})
}

func in(p plain, column int) int {
	n := 0
	for _, c := range p.at {
		n += map[bool]int{true: 1}[c == column]
	}
	return n
}

// same compares everything that the board tells with the plain one.
func same(t *rapid.T, m *board.Model, p plain, cards []board.Card, undo, redo bool) {
	states := m.States()
	crowns := 0
	for _, c := range cards {
		s := states[c.ID()]
		if s.Column != p.at[c.ID()] || s.Ticked != p.ticks[c.ID()] {
			t.Fatalf("card %d is in %+v, want %d, %v", c.ID(), s, p.at[c.ID()], p.ticks[c.ID()])
		}
		if c.Crowned() && s.Column > 0 {
			crowns++
		}
	}
	if m.Crowned() != crowns {
		t.Fatalf("%d crowns have a plan, want %d", m.Crowned(), crowns)
	}
	if n, _ := m.Ticks(); n != len(p.ticks) {
		t.Fatalf("%d boxes are ticked, want %d", n, len(p.ticks))
	}
	rest := len(cards)
	for c := 1; c < len(columns); c++ {
		if m.Used(c) != in(p, c) {
			t.Fatalf("column %d has %d, want %d", c, m.Used(c), in(p, c))
		}
		rest -= in(p, c)
	}
	if m.Used(0) != rest {
		t.Fatalf("first column has %d, want %d", m.Used(0), rest)
	}
	for c := range columns {
		var ids []int64
		for row := range m.Len(c) {
			id := m.At(c, row).ID()
			if col, r := m.Row(id); col != c || r != row {
				t.Fatalf("card %d is at %d, %d, shown at %d, %d", id, col, r, c, row)
			}
			ids = append(ids, id)
		}
		if !slices.IsSorted(ids) {
			t.Fatalf("column %d is not in order: %v", c, ids)
		}
	}
	if m.CanUndo() != undo || m.CanRedo() != redo {
		t.Fatalf("undo %v, redo %v, want %v, %v", m.CanUndo(), m.CanRedo(), undo, redo)
	}
}

// TestFilterKeepsCounts: a filter hides cards and changes no count.
func TestFilterKeepsCounts(t *testing.T) {
	m := board.New(columns, people(12), map[int64]board.State{100: {Column: 1, Ticked: true}, 101: {Column: 2}}, 4)
	m.Filter(filter.Parse("plan:marketing"))
	if shown, all := m.Shown(); shown != 1 || all != 12 {
		t.Errorf("%d of %d are shown, want 1 of 12", shown, all)
	}
	if m.Used(0) != 10 || m.Used(1) != 1 || m.Used(2) != 1 {
		t.Errorf("columns have %d, %d, %d", m.Used(0), m.Used(1), m.Used(2))
	}
	m.SelectShown()
	if got := m.Selected(); !slices.Equal(got, []int64{101}) {
		t.Errorf("selected %v", got)
	}
	m.Filter(filter.Parse("admin plan:none"))
	if shown, _ := m.Shown(); shown != 2 {
		t.Errorf("%d administrators without a plan are shown, want 2", shown)
	}
}
