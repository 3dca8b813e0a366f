package migration

import (
	"slices"
	"strings"
)

// NameProblem is what is wrong with a user name; empty means nothing.
type NameProblem string

// The problems in the order in which they are told.
const (
	NameInOrder NameProblem = ""
	NameMissing NameProblem = "missing" // a user name is required
	NameInvalid NameProblem = "invalid" // not an e-mail address, see ValidAddress
	NameTwice   NameProblem = "twice"   // the same as another one, see FoldAddress
)

// NameRow is one user of the list of user names.
type NameRow struct {
	User     User
	Initials string
	FullName string
	Plan     string // name of the user plan
	Name     string // the user name as it stands now
}

// NameGroup is one conflict with everybody who is part of it: all users with
// the same name, or one whose name is missing or is not valid.
type NameGroup struct {
	Problem NameProblem
	Rows    []int // of the sheet, ascending; at least two for NameTwice
}

// NameLoss is an address that leaves a person, because it is the user name of
// somebody else: online it belongs to the user alone.
type NameLoss struct {
	Address string // as it stands on the person
	From    User   // the person who has it today
	To      int    // row of the user whose name it is
}

// NameSheet is the list of user names while they are edited: the users who have
// a user plan, their names, every conflict, and what was done, so that it can
// be undone. One change costs the same for ten users and for 20,000: the list
// judges itself while somebody types. It does not touch the plan it was made
// of; Names is what Draft.SetNames takes. It is not safe for several goroutines.
type NameSheet struct {
	rows      []NameRow
	problems  []NameProblem
	index     map[int64]int    // associate id to row
	holders   map[string][]int // folded valid user name to its rows, ascending
	addresses map[string][]addressHolder
	people    []User // all associates, for addressHolder
	conflicts int
	undo      []nameStep
	redo      []nameStep
	open      bool // the last step of undo is an edit that still goes on
}

// addressHolder says that a person of the database has an address.
type addressHolder struct {
	person  int // in people
	address string
}

// NewNameSheet lists the users of the plan in its order. Users of the plan who
// are not in the database (any more) are left out: Draft.Reread names them.
func NewNameSheet(p *Plan, t *Ticket, users []User) *NameSheet {
	s := &NameSheet{
		index: map[int64]int{}, holders: map[string][]int{}, addresses: map[string][]addressHolder{}, people: users,
	}
	byID := make(map[int64]int, len(users))
	for i, u := range users {
		byID[u.AssociateID] = i
		for _, a := range u.Emails {
			key := FoldAddress(a)
			s.addresses[key] = append(s.addresses[key], addressHolder{person: i, address: a})
		}
	}
	plans := map[string]string{}
	for _, tp := range t.Plans {
		plans[tp.ID] = tp.Name
	}
	for _, pu := range p.Users {
		i, known := byID[pu.AssociateID]
		if _, twice := s.index[pu.AssociateID]; !known || twice {
			continue
		}
		row := len(s.rows)
		s.index[pu.AssociateID] = row
		s.rows = append(s.rows, NameRow{User: users[i], Initials: pu.Initials, FullName: pu.FullName, Plan: plans[pu.Plan]})
		s.problems = append(s.problems, NameMissing)
		s.conflicts++
		s.put(row, pu.UserName)
	}
	return s
}

// Len is the number of rows.
func (s *NameSheet) Len() int { return len(s.rows) }

// Row returns one row.
func (s *NameSheet) Row(i int) NameRow { return s.rows[i] }

// Find returns the row of an associate.
func (s *NameSheet) Find(associate int64) (row int, ok bool) {
	row, ok = s.index[associate]
	return row, ok
}

// Problem says what is wrong with the name of a row.
func (s *NameSheet) Problem(i int) NameProblem { return s.problems[i] }

// Conflicts counts the rows whose name is missing, not valid or used twice.
func (s *NameSheet) Conflicts() int { return s.conflicts }

// Names are all user names by associate id, for Draft.SetNames.
func (s *NameSheet) Names() map[int64]string {
	out := make(map[int64]string, len(s.rows))
	for _, r := range s.rows {
		out[r.User.AssociateID] = r.Name
	}
	return out
}

// Frozen is a copy of the rows as they are now, for WriteCSV on another
// goroutine. It judges nothing and cannot be changed.
func (s *NameSheet) Frozen() *NameSheet { return &NameSheet{rows: slices.Clone(s.rows)} }

// put gives a row a name and judges everybody whom that concerns.
func (s *NameSheet) put(i int, name string) {
	name = strings.TrimSpace(name)
	old := s.rows[i].Name
	s.rows[i].Name = name
	if ValidAddress(old) {
		key := FoldAddress(old)
		rest := slices.DeleteFunc(s.holders[key], func(r int) bool { return r == i })
		if s.holders[key] = rest; len(rest) == 0 {
			delete(s.holders, key)
		} else if len(rest) == 1 {
			s.judge(rest[0], NameInOrder)
		}
	}
	switch {
	case name == "":
		s.judge(i, NameMissing)
	case !ValidAddress(name):
		s.judge(i, NameInvalid)
	default:
		key := FoldAddress(name)
		at, _ := slices.BinarySearch(s.holders[key], i)
		all := slices.Insert(s.holders[key], at, i)
		s.holders[key] = all
		switch len(all) {
		case 1:
			s.judge(i, NameInOrder)
		case 2:
			s.judge(all[0], NameTwice)
			s.judge(all[1], NameTwice)
		default:
			s.judge(i, NameTwice)
		}
	}
}

func (s *NameSheet) judge(i int, p NameProblem) {
	if s.problems[i] != NameInOrder {
		s.conflicts--
	}
	if p != NameInOrder {
		s.conflicts++
	}
	s.problems[i] = p
}

// Group is the conflict that a row is part of; ok is false if its name is in
// order.
func (s *NameSheet) Group(i int) (g NameGroup, ok bool) {
	switch s.problems[i] {
	case NameInOrder:
		return NameGroup{}, false
	case NameTwice:
		return NameGroup{Problem: NameTwice, Rows: slices.Clone(s.holders[FoldAddress(s.rows[i].Name)])}, true
	}
	return NameGroup{Problem: s.problems[i], Rows: []int{i}}, true
}

// Groups lists every conflict once, in the order of the first row of each.
func (s *NameSheet) Groups() []NameGroup {
	var out []NameGroup
	for i := range s.rows {
		if g, ok := s.Group(i); ok && g.Rows[0] == i {
			out = append(out, g)
		}
	}
	return out
}

// Fault says what is wrong with a row, with the other side of the conflict;
// zero if nothing is.
func (s *NameSheet) Fault(i int) Message {
	r := s.rows[i]
	switch s.problems[i] {
	case NameMissing:
		return Msg("plan.username.required", "Initials", r.Initials)
	case NameInvalid:
		return Msg("plan.username.invalid", "Initials", r.Initials, "UserName", r.Name)
	case NameTwice:
		return Msg("plan.username.twice", "Initials", r.Initials, "UserName", r.Name, "Other", s.others(i))
	}
	return Message{}
}

// others names who else has the user name of a row: the first, and how many
// more there are.
func (s *NameSheet) others(i int) string {
	var names []string
	for _, r := range s.holders[FoldAddress(s.rows[i].Name)] {
		if r != i {
			names = append(names, s.rows[r].Initials)
		}
	}
	if len(names) > maxNamed {
		names = append(names[:maxNamed], "...")
	}
	return strings.Join(names, ", ")
}

// maxNamed is how many people one sentence names.
const maxNamed = 5

// Losses are the addresses that people would lose if the names stayed as they
// are, in the order of the rows: what Draft.Removals records, with names.
func (s *NameSheet) Losses() []NameLoss {
	var out []NameLoss
	for i := range s.rows {
		out = append(out, s.LossesOf(i)...)
	}
	return out
}

// LossesOf are the addresses that people lose because of one row.
func (s *NameSheet) LossesOf(i int) []NameLoss {
	r := s.rows[i]
	if p := s.problems[i]; p == NameMissing || p == NameInvalid {
		return nil // it cannot become anybody's user name
	}
	key := FoldAddress(r.Name)
	// Several rows with one name cannot stay; the last of them counts, as it
	// does in addressesToRemove, so that nobody is listed twice.
	if all := s.holders[key]; len(all) > 1 && all[len(all)-1] != i {
		return nil
	}
	var out []NameLoss
	for _, h := range s.addresses[key] {
		from := s.people[h.person]
		again := slices.ContainsFunc(out, func(l NameLoss) bool {
			return l.From.PersonID == from.PersonID && l.Address == h.address
		})
		if from.PersonID != 0 && from.PersonID != r.User.PersonID && !again {
			out = append(out, NameLoss{Address: h.address, From: from, To: i})
		}
	}
	return out
}
