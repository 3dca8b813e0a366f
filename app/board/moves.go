package board

import "fmt"

// change is one step that can be undone: some cards and their states before and
// after it.
type change struct {
	cards         []int
	before, after []State
}

// Full is why a move was refused: the column, or the boxes if Column is below 0,
// has no room for so many more.
type Full struct {
	Column, Used, More, Seats int
}

func (f *Full) Error() string {
	return fmt.Sprintf("%d and %d more are over %d in column %d", f.Used, f.More, f.Seats, f.Column)
}

// Sum is what a column would hold after a move.
type Sum struct {
	Used, More, Seats int
	Fits              bool
}

// Sum tells what putting the cards into a column would make of it. Cards that
// lie there already do not count.
func (m *Model) Sum(ids []int64, column int) Sum {
	s := Sum{Used: m.used[column], Seats: m.columns[column].Seats}
	for _, id := range ids {
		s.More += count(m.state[m.index[id]].Column != column)
	}
	s.Fits = column == 0 || s.More == 0 || s.Used+s.More <= s.Seats
	return s
}

// Move puts cards into a column, all or none. It is a *Full when there is no
// room. A card that goes to the first column loses the tick of its box.
func (m *Model) Move(ids []int64, column int) error {
	if s := m.Sum(ids, column); !s.Fits {
		return &Full{Column: column, Used: s.Used, More: s.More, Seats: s.Seats}
	}
	to := map[int64]State{}
	for _, id := range ids {
		s := m.State(id)
		s.Column, s.Ticked = column, s.Ticked && column > 0
		to[id] = s
	}
	m.change(to)
	return nil
}

// Tick turns the box of a card over. It is a *Full, with Column -1, when no more
// may be ticked, and does nothing in the first column.
func (m *Model) Tick(id int64) error {
	s := m.State(id)
	if s.Column == 0 {
		return nil
	}
	if !s.Ticked && m.ticks >= m.boxes {
		return &Full{Column: -1, Used: m.ticks, More: 1, Seats: m.boxes}
	}
	s.Ticked = !s.Ticked
	m.change(map[int64]State{id: s})
	return nil
}

// Clear puts all cards into the first column, shown or not.
func (m *Model) Clear() { m.Replace(nil) }

// Replace puts every card where the map says, those that are not in it into the
// first column, as one step. It does not look at seats.
func (m *Model) Replace(to map[int64]State) {
	all := make(map[int64]State, len(m.cards))
	for _, c := range m.cards {
		s := to[c.ID()]
		if s.Column <= 0 || s.Column >= len(m.columns) {
			s = State{}
		}
		all[c.ID()] = s
	}
	m.change(all)
}

// change carries out one step and remembers it, unless nothing changes.
func (m *Model) change(to map[int64]State) {
	var c change
	for i, card := range m.cards {
		s, ok := to[card.ID()]
		if !ok || s == m.state[i] {
			continue
		}
		c.cards = append(c.cards, i)
		c.before = append(c.before, m.state[i])
		c.after = append(c.after, s)
		m.put(i, s)
	}
	if len(c.cards) == 0 {
		return
	}
	m.done = append(m.done, c)
	m.undone = nil
	m.refilter()
}

// CanUndo and CanRedo tell whether there is a step to take back or to repeat.
func (m *Model) CanUndo() bool { return len(m.done) > 0 }

// CanRedo: see CanUndo.
func (m *Model) CanRedo() bool { return len(m.undone) > 0 }

// Undo takes the last step back and selects its cards, so that people see what
// has happened.
func (m *Model) Undo() {
	if !m.CanUndo() {
		return
	}
	c := m.done[len(m.done)-1]
	m.done = m.done[:len(m.done)-1]
	m.undone = append(m.undone, c)
	m.apply(c.cards, c.before)
}

// Redo repeats the step that was taken back last.
func (m *Model) Redo() {
	if !m.CanRedo() {
		return
	}
	c := m.undone[len(m.undone)-1]
	m.undone = m.undone[:len(m.undone)-1]
	m.done = append(m.done, c)
	m.apply(c.cards, c.after)
}

func (m *Model) apply(cards []int, states []State) {
	clear(m.selected)
	for k, i := range cards {
		m.put(i, states[k])
		m.selected[i] = true
	}
	m.refilter()
}
