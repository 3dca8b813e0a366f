package board

import "slices"

// Selected are the ids of the selected cards that are shown, in the order of the
// cards. Hidden ones keep their mark until the filter shows them again, but
// nothing is done with them: nobody would see it happen.
func (m *Model) Selected() []int64 {
	var at []int
	for i := range m.selected {
		if _, row := m.Row(m.cards[i].ID()); row >= 0 {
			at = append(at, i)
		}
	}
	slices.Sort(at)
	out := make([]int64, len(at))
	for k, i := range at {
		out[k] = m.cards[i].ID()
	}
	return out
}

// IsSelected tells whether a card is selected.
func (m *Model) IsSelected(id int64) bool { return m.selected[m.index[id]] }

// Select makes a card the only selected one.
func (m *Model) Select(id int64) {
	clear(m.selected)
	m.anchor = m.index[id]
	m.selected[m.anchor] = true
}

// Flip adds a card to the selection, or takes it out.
func (m *Model) Flip(id int64) {
	m.anchor = m.index[id]
	if m.selected[m.anchor] {
		delete(m.selected, m.anchor)
		return
	}
	m.selected[m.anchor] = true
}

// Extend selects all shown cards from the last selected one to this one. Without
// one, or in another column, this one is added.
func (m *Model) Extend(id int64) {
	i := m.index[id]
	column := m.state[i].Column
	if m.anchor < 0 || m.state[m.anchor].Column != column {
		m.Flip(id)
		m.selected[i] = true
		return
	}
	low, high := min(i, m.anchor), max(i, m.anchor)
	clear(m.selected)
	m.selected[m.anchor] = true
	for _, k := range m.view[column] {
		if k >= low && k <= high {
			m.selected[k] = true
		}
	}
}

// SelectShown selects exactly the cards that the filter leaves.
func (m *Model) SelectShown() {
	clear(m.selected)
	for _, v := range m.view {
		for _, i := range v {
			m.selected[i] = true
		}
	}
}

// Unselect selects nothing.
func (m *Model) Unselect() {
	clear(m.selected)
	m.anchor = -1
}

// Grip are the cards that move when one is taken: the selection if it is part of
// it, else the card alone, which is then the selection.
func (m *Model) Grip(id int64) []int64 {
	if !m.IsSelected(id) {
		m.Select(id)
	}
	return m.Selected()
}
