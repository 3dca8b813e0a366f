package migration

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// NameFix is one way out of a conflict that takes one click.
type NameFix struct {
	Keeps int              // row that keeps its name; -1 if nobody does
	Names map[int64]string // new names by associate id
	Rows  []int            // whose names change, in the order of the group
}

// maxFixes bounds the ways out that are offered for one group, and manyRows is
// from how many people on there is only one: nobody chooses among them, and to
// work out each takes long.
const (
	maxFixes = 8
	manyRows = 50
)

// Fixes are the ways out of one conflict, the best first. When a name is used
// twice it stays with those whose own address it is, among them with the
// administrator, else with the first, and the others are offered next; everybody else gets the next valid own address that
// is free, and without one initials@domain. None of them makes a new conflict.
// It is empty only if nobody's initials can be written in an address.
func (s *NameSheet) Fixes(g NameGroup) []NameFix {
	if g.Problem != NameTwice {
		if f, ok := s.fix(-1, g.Rows); ok {
			return []NameFix{f}
		}
		return nil
	}
	keepers := s.keepers(g.Rows)
	var out []NameFix
	offers := min(len(keepers), maxFixes)
	if len(keepers) > manyRows {
		offers = 1
	}
	for _, k := range keepers[:offers] {
		rest := slices.DeleteFunc(slices.Clone(g.Rows), func(r int) bool { return r == k })
		if f, ok := s.fix(k, rest); ok {
			out = append(out, f)
		}
	}
	return out
}

// keepers orders the rows of one name by how well each may keep it.
func (s *NameSheet) keepers(rows []int) []int {
	out := slices.Clone(rows)
	key := FoldAddress(s.rows[rows[0]].Name)
	rank := func(row int) int {
		u, n := s.rows[row].User, 0
		if !slices.ContainsFunc(u.Emails, func(a string) bool { return FoldAddress(a) == key }) {
			n = 2
		}
		if !u.Admin {
			n++
		}
		return n
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// FixAll is the best way out of every conflict at once, and how many rows would
// still be left with a problem.
func (s *NameSheet) FixAll() (names map[int64]string, left int) {
	names = map[int64]string{}
	taken := map[string]bool{}
	for _, g := range s.Groups() {
		rows := g.Rows
		if g.Problem == NameTwice {
			keep := s.keepers(rows)[0]
			rows = slices.DeleteFunc(slices.Clone(rows), func(r int) bool { return r == keep })
		}
		for _, r := range rows {
			name, ok := s.propose(r, taken)
			if !ok {
				left++
				continue
			}
			taken[FoldAddress(name)] = true
			names[s.rows[r].User.AssociateID] = name
		}
	}
	return names, left
}

func (s *NameSheet) fix(keeps int, rows []int) (NameFix, bool) {
	f := NameFix{Keeps: keeps, Names: map[int64]string{}, Rows: rows}
	taken := map[string]bool{}
	for _, r := range rows {
		name, ok := s.propose(r, taken)
		if !ok {
			return NameFix{}, false
		}
		taken[FoldAddress(name)] = true
		f.Names[s.rows[r].User.AssociateID] = name
	}
	return f, true
}

// propose finds a name for a row that nobody has and that is not in taken: the
// name itself freed of what was pasted with it, an own address, or one made of
// the initials.
func (s *NameSheet) propose(row int, taken map[string]bool) (string, bool) {
	r := s.rows[row]
	for _, a := range append([]string{mended(r.Name)}, r.User.Emails...) {
		a = strings.TrimSpace(a)
		if ValidAddress(a) && !taken[FoldAddress(a)] && s.nobodyElse(row, a) {
			return a, true
		}
	}
	domain := domainOf(r.Name)
	if domain == "" {
		domain = s.MainDomain()
	}
	return s.numbered(row, localPart(r.Initials, false), domain, nil, func(key string) bool {
		return !taken[key] && len(s.holders[key]) == 0
	})
}

// nobodyElse tells whether no other row has the name.
func (s *NameSheet) nobodyElse(row int, name string) bool {
	all := s.holders[FoldAddress(name)]
	return len(all) == 0 || len(all) == 1 && all[0] == row
}

// numbered makes local@domain, or local2@domain and so on: the first that is
// free and that is not the address of another person. An address that was
// thought up must not be somebody else's mailbox, for the letter with which an
// account is opened goes there. next, if there is one, remembers for each local
// part where to go on, so that 20,000 people of one name do not take hours.
func (s *NameSheet) numbered(row int, local, domain string, next map[string]int, free func(key string) bool) (string, bool) {
	for n := max(1, next[local]); n <= len(s.rows)+len(s.people)+1; n++ {
		name := local
		if n > 1 {
			name += strconv.Itoa(n)
		}
		name += "@" + domain
		if !ValidAddress(name) {
			return "", false
		}
		if key := FoldAddress(name); free(key) && !s.strange(row, key) {
			if next != nil {
				next[local] = n + 1
			}
			return name, true
		}
	}
	return "", false
}

// strange tells whether the address stands on a person and not on that of the row.
func (s *NameSheet) strange(row int, key string) bool {
	return slices.ContainsFunc(s.addresses[key], func(h addressHolder) bool {
		return s.people[h.person].PersonID != s.rows[row].User.PersonID
	})
}

// mended takes away what comes along when an address is copied from a mail.
func mended(name string) string {
	name = strings.Trim(strings.Join(strings.Fields(name), ""), "<>;,'\"")
	if len(name) > 7 && strings.EqualFold(name[:7], "mailto:") {
		name = name[7:]
	}
	return name
}

// domainOf is the part behind the last @, or nothing if it is not a domain.
func domainOf(address string) string {
	_, domain, ok := strings.Cut(address[max(0, strings.LastIndexByte(address, '@')):], "@")
	if !ok || !ValidAddress("a@"+domain) {
		return ""
	}
	return domain
}

// MainDomain is the domain that most user names have, else most addresses of
// the users; with equal counts the first by alphabet. It is empty if nobody has
// a valid address.
func (s *NameSheet) MainDomain() string {
	if d := s.Domains(); len(d) > 0 {
		return d[0]
	}
	count := map[string]int{}
	for _, r := range s.rows {
		for _, a := range r.User.Emails {
			if d := strings.ToLower(domainOf(strings.TrimSpace(a))); d != "" {
				count[d]++
			}
		}
	}
	if d := byCount(count); len(d) > 0 {
		return d[0]
	}
	return ""
}

// Domains are the domains of the user names in lower case, the most used first.
func (s *NameSheet) Domains() []string {
	count := map[string]int{}
	for _, r := range s.rows {
		if d := strings.ToLower(domainOf(r.Name)); d != "" {
			count[d]++
		}
	}
	return byCount(count)
}

func byCount(count map[string]int) []string {
	out := make([]string, 0, len(count))
	for d := range count {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	})
	return out
}
