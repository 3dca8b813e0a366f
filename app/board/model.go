package board

import (
	"slices"

	"omt/app/filter"
)

// Card is what the board knows of a person. All methods give the same answer
// each time.
type Card interface {
	ID() int64
	Title() string         // full name
	Badge() string         // one to three letters that stand for a picture
	Lines() []string       // what stands below the title, at most three
	Crowned() bool         // administrator
	Fields() filter.Fields // what the filter sees; plan: and the like are added by the board
}

// Column takes cards. The first column of a board is the one of those without a
// place; its Seats are ignored.
type Column struct {
	ID    string
	Title string
	Seats int
}

// State is where a card lies and whether its box is ticked.
type State struct {
	Column int
	Ticked bool // only in a column other than the first
}

// Model is a board without its picture. Cards keep the order in which they were
// given within each column. It is not safe for several goroutines.
type Model struct {
	columns []Column
	cards   []Card
	index   map[int64]int // of cards, by id
	state   []State       // of each card
	used    []int         // cards of each column, shown or not
	ticks   int           // cards with a ticked box
	boxes   int           // how many boxes may be ticked
	crowns  int           // crowned cards outside the first column

	fields []filter.Fields // folded, without the column
	query  filter.Query
	view   [][]int // shown cards of each column

	selected map[int]bool
	anchor   int // card from which Shift extends, -1 for none

	done, undone []change
}

// New makes a board. start says where cards lie; a card that is not in it lies
// in the first column. boxes is how many boxes may be ticked. A start beyond
// the seats is kept as it is: Faults are for the caller to show.
func New(columns []Column, cards []Card, start map[int64]State, boxes int) *Model {
	m := &Model{
		columns: columns, cards: cards, boxes: boxes, index: map[int64]int{}, state: make([]State, len(cards)),
		used: make([]int, len(columns)), selected: map[int]bool{}, anchor: -1,
		fields: make([]filter.Fields, len(cards)),
	}
	for i, c := range cards {
		m.index[c.ID()] = i
		m.fields[i] = c.Fields().Folded()
		s := start[c.ID()]
		if s.Column <= 0 || s.Column >= len(columns) {
			s = State{}
		}
		m.used[0]++
		m.put(i, s)
	}
	m.refilter()
	return m
}

// put changes the state of one card and all sums with it.
func (m *Model) put(i int, s State) {
	old := m.state[i]
	m.used[old.Column]--
	m.used[s.Column]++
	m.ticks += count(s.Ticked) - count(old.Ticked)
	if m.cards[i].Crowned() {
		m.crowns += count(s.Column > 0) - count(old.Column > 0)
	}
	m.state[i] = s
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Columns are the columns of the board.
func (m *Model) Columns() []Column { return m.columns }

// Used is how many cards a column has, shown or not.
func (m *Model) Used(column int) int { return m.used[column] }

// Ticks is how many boxes are ticked, and how many may be.
func (m *Model) Ticks() (ticked, most int) { return m.ticks, m.boxes }

// Crowned is how many crowned cards lie outside the first column.
func (m *Model) Crowned() int { return m.crowns }

// States is where every card lies that is not in the first column.
func (m *Model) States() map[int64]State {
	out := map[int64]State{}
	for i, c := range m.cards {
		if m.state[i].Column > 0 {
			out[c.ID()] = m.state[i]
		}
	}
	return out
}

// State is where a card lies.
func (m *Model) State(id int64) State { return m.state[m.index[id]] }

// Shown is how many cards the filter leaves, and how many there are.
func (m *Model) Shown() (shown, all int) {
	for _, v := range m.view {
		shown += len(v)
	}
	return shown, len(m.cards)
}

// Len is how many cards of a column are shown.
func (m *Model) Len(column int) int { return len(m.view[column]) }

// At is the shown card of a column at a row.
func (m *Model) At(column, row int) Card { return m.cards[m.view[column][row]] }

// Row is where a card is shown, -1 if the filter hides it.
func (m *Model) Row(id int64) (column, row int) {
	i := m.index[id]
	column = m.state[i].Column
	row, found := slices.BinarySearch(m.view[column], i)
	if !found {
		return column, -1
	}
	return column, row
}

// Landing is the row at which a card will be shown when it is put into a column.
func (m *Model) Landing(id int64, column int) int {
	row, _ := slices.BinarySearch(m.view[column], m.index[id])
	return row
}

// Filter shows the cards that have the words of the query. Selected cards stay
// selected, also those that are hidden.
func (m *Model) Filter(q filter.Query) {
	m.query = q
	m.refilter()
}

func (m *Model) refilter() {
	m.view = make([][]int, len(m.columns))
	for i := range m.cards {
		column := m.state[i].Column
		if m.query.Empty() || m.query.Match(m.seen(i)) {
			m.view[column] = append(m.view[column], i)
		}
	}
}

// seen are the fields of a card with the column in which it lies now.
func (m *Model) seen(i int) filter.Fields {
	f := m.fields[i]
	named := make(map[string][]string, len(f.Named)+1)
	for k, v := range f.Named {
		named[k] = v
	}
	plan := ""
	if s := m.state[i]; s.Column > 0 {
		plan = m.columns[s.Column].Title
	}
	named["plan"] = []string{plan}
	f.Named = named
	f.Texts = append(slices.Clip(f.Texts), plan)
	return f
}
