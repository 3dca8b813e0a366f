package app

import (
	"slices"
	"strings"
	"unicode"

	"omt/app/board"
	"omt/app/filter"
	"omt/migration"
)

// userCard is a person on the board.
type userCard struct{ user migration.User }

func (c userCard) ID() int64     { return c.user.AssociateID }
func (c userCard) Title() string { return clean(c.user.FullName) }
func (c userCard) Crowned() bool { return c.user.Admin }

// Badge is the first letters of the name, where a picture would be.
func (c userCard) Badge() string {
	words := strings.Fields(c.Title())
	if len(words) == 0 {
		words = []string{clean(c.user.Initials)}
	}
	var out []rune
	for _, w := range []string{words[0], words[len(words)-1]} {
		if r := []rune(w); len(r) > 0 {
			out = append(out, unicode.ToUpper(r[0]))
		}
	}
	if len(words) == 1 && len(out) > 1 {
		out = out[:1]
	}
	return string(out)
}

// Lines are initials and user group, role and position, company.
func (c userCard) Lines() []string {
	u := c.user
	return []string{both(u.Initials, u.Group), both(u.Role, u.Position), clean(u.Company)}
}

// both joins two texts of which either may be empty.
func both(a, b string) string {
	a, b = clean(a), clean(b)
	if a == "" || b == "" || a == b {
		return max(a, b)
	}
	return a + " · " + b
}

func (c userCard) Fields() filter.Fields { return userFields(c.user) }

// filterOwn are the words of the filter for names of fields and for properties.
var filterOwn = []string{"name", "initials", "group", "role", "position", "company", "mail", "id", "user", "state", "plan", "admin", "conflict", filter.None}

// filterDialect are those words in the language of the window, each of which may
// have several.
func filterDialect() filter.Dialect {
	d := filter.Dialect{}
	for _, own := range filterOwn {
		for _, word := range strings.Fields(say(migration.Msg("filter.word." + own))) {
			d[filter.Fold(word)] = own
		}
	}
	return d
}

// userFields are what the filter finds of a person, on the board and in the
// table of user names. Names of fields are those of filterOwn.
func userFields(u migration.User) filter.Fields {
	f := filter.Fields{
		Texts: append([]string{u.FullName, u.Initials, u.Group, u.Role, u.Position, u.Company}, u.Emails...),
		Named: map[string][]string{
			"name": {u.FullName}, "initials": {u.Initials}, "group": {u.Group}, "role": {u.Role},
			"position": {u.Position}, "company": {u.Company}, "mail": u.Emails,
		},
	}
	if u.Admin {
		f.Flags = append(f.Flags, "admin")
	}
	return f
}

func planColumns(t *migration.Ticket) []board.Column {
	out := []board.Column{{Title: say(migration.Msg("plans.none"))}}
	for _, p := range t.Plans {
		out = append(out, board.Column{ID: p.ID, Title: clean(p.Name), Seats: p.Seats})
	}
	return out
}

// planCards are the people of the board by name: that is what others look for,
// and the order of the database means nothing to them.
func planCards(d *migration.Draft) []board.Card {
	var out []board.Card
	key := map[int64]string{}
	for _, u := range d.Candidates() {
		out = append(out, userCard{u})
		key[u.AssociateID] = filter.Fold(u.FullName)
	}
	slices.SortStableFunc(out, func(a, b board.Card) int { return strings.Compare(key[a.ID()], key[b.ID()]) })
	return out
}

// planStates tells the board where the draft has everybody. Somebody whose plan
// the ticket does not offer any more is without one.
func planStates(d *migration.Draft) map[int64]board.State {
	out := map[int64]board.State{}
	for id, a := range d.Assigned() {
		for i, p := range d.Ticket.Plans {
			if p.ID == a.Plan {
				out[id] = board.State{Column: i + 1, Ticked: a.Confidential}
			}
		}
	}
	return out
}

// words are the texts of the board in the language of the window.
func (v *plansView) words() board.Words {
	number := func(n int) string { return figures().Number(int64(n)) }
	return board.Words{
		Box: say(migration.Msg("plans.confidential")), Crown: say(migration.Msg("plans.admin")), Full: say(migration.Msg("plans.full")), There: say(migration.Msg("plans.there")),
		Count: func(used, seats int) string {
			return say(migration.Msg("plans.count", "Used", number(used), "Seats", number(seats)))
		},
		First: number,
		Sum: func(used, more, seats int) string {
			return say(migration.Msg("plans.sum", "Used", number(used), "More", number(more), "Seats", number(seats)))
		},
		Refused: func(column string, f *board.Full) string {
			return say(migration.Msg("plans.refused", "Plan", column, "Used", number(f.Used), "More", number(f.More), "Seats", number(f.Seats)))
		},
		NoBox:   func(f *board.Full) string { return say(migration.Msg("plans.nobox", "Seats", number(f.Seats))) },
		MoveTo:  func(column string) string { return say(migration.Msg("plans.moveto", "Plan", column)) },
		Several: func(n int) string { return say(migration.Msg("plans.several", "Count", number(n))) },
		Spoken:  v.spoken,
	}
}

// spoken is a card in one sentence. What is wrong with a user name is that of the
// list of user names when the page was opened.
func (v *plansView) spoken(c board.Card, column string, ticked bool) string {
	parts := []string{c.Title()}
	if c.Crowned() {
		parts = append(parts, say(migration.Msg("plans.admin")))
	}
	parts = append(parts, say(migration.Msg("plans.spoken", "Plan", column)))
	if ticked {
		parts = append(parts, say(migration.Msg("plans.confidential")))
	}
	if row, ok := v.names.Find(c.ID()); ok {
		switch v.names.Problem(row) {
		case migration.NameTwice:
			parts = append(parts, say(migration.Msg("plans.spoken.twice")))
		case migration.NameMissing:
			parts = append(parts, say(migration.Msg("plans.spoken.missing")))
		case migration.NameInvalid:
			parts = append(parts, say(migration.Msg("plans.spoken.invalid")))
		}
	}
	return strings.Join(parts, ", ")
}
