package migration

import "strings"

// NameRuleKind is a way to make user names of many people at once.
type NameRuleKind string

// The rules.
const (
	RuleFirstLast NameRuleKind = "firstlast" // first.last@domain, of the full name
	RuleInitials  NameRuleKind = "initials"  // initials@domain
	RuleDomain    NameRuleKind = "domain"    // another domain behind the same local part
)

// NameRule makes user names.
type NameRule struct {
	Kind   NameRuleKind
	Domain string // the new one, without @
	From   string // only RuleDomain: the domain that is replaced; empty is any
	Short  bool   // write ø, ä, å as o, a, a instead of oe, ae, aa
}

// NameChange is what a rule or a file would do to one row.
type NameChange struct {
	Row      int
	Old, New string
	// Why says what would be wrong with New, or why the rule has no name for the
	// row, which then keeps Old; zero if all is well.
	Why Message
}

// Fault says why the rule cannot be used; zero if it can.
func (r NameRule) Fault() Message {
	if domain := strings.TrimSpace(r.Domain); domainOf("a@"+domain) == "" {
		return Msg("names.rule.domain", "Domain", domain)
	}
	return Message{}
}

// Preview says what the rule would do to the rows, without doing it: only rows
// whose name would be another or for which the rule has none. first.last and
// initials number what would be the same (anna.berg2), and never take a name
// that somebody outside of rows has; whoever has the plain form already keeps
// it, so that a second use changes nothing. A replaced domain numbers nothing,
// because those mailboxes exist: what would be the same is said in Why.
// A rule with a Fault gives nothing.
func (s *NameSheet) Preview(r NameRule, rows []int) []NameChange {
	if !r.Fault().IsZero() {
		return nil
	}
	r.Domain, r.From = strings.TrimSpace(r.Domain), strings.TrimSpace(r.From)
	if r.Kind == RuleDomain {
		return s.replaced(r, rows)
	}
	left := map[string]int{} // how many rows out of reach have a name
	for key, all := range s.holders {
		left[key] = len(all)
	}
	for _, i := range rows {
		if s.problems[i] == NameInOrder || s.problems[i] == NameTwice {
			left[FoldAddress(s.rows[i].Name)]--
		}
	}
	free := func(key string) bool { return left[key] <= 0 }
	names, locals := make([]string, len(rows)), make([]string, len(rows))
	for n, i := range rows {
		locals[n] = s.local(r, i)
		key := FoldAddress(s.rows[i].Name)
		if locals[n] != "" && key == FoldAddress(locals[n]+"@"+r.Domain) && free(key) {
			names[n], left[key] = s.rows[i].Name, 1
		}
	}
	next := map[string]int{}
	for n, i := range rows {
		if names[n] != "" || locals[n] == "" {
			continue
		}
		if name, ok := s.numbered(i, locals[n], r.Domain, next, free); ok {
			names[n], left[FoldAddress(name)] = name, 1
		}
	}
	var out []NameChange
	for n, i := range rows {
		switch old := s.rows[i].Name; {
		case names[n] == "":
			out = append(out, NameChange{Row: i, Old: old, New: old, Why: Msg("names.rule.noletters", "Initials", s.rows[i].Initials)})
		case names[n] != old:
			out = append(out, NameChange{Row: i, Old: old, New: names[n]})
		}
	}
	return s.clashes(out)
}

// local is the part before the @ that a rule makes for a row.
func (s *NameSheet) local(r NameRule, row int) string {
	if r.Kind == RuleInitials {
		return localPart(s.rows[row].Initials, r.Short)
	}
	first, last := firstLast(s.rows[row].FullName)
	a, b := localPart(first, r.Short), localPart(last, r.Short)
	if a == "" || b == "" {
		return a + b
	}
	return a + "." + b
}

func (s *NameSheet) replaced(r NameRule, rows []int) []NameChange {
	var out []NameChange
	for _, i := range rows {
		old := s.rows[i].Name
		domain := domainOf(old)
		if domain == "" || r.From != "" && !strings.EqualFold(domain, r.From) {
			continue
		}
		if name := strings.TrimSuffix(old, domain) + r.Domain; name != old {
			out = append(out, NameChange{Row: i, Old: old, New: name})
		}
	}
	return s.clashes(out)
}

// clashes fills in what would be wrong with the new names once all of them
// stand: the changes are carried out, judged, and taken back.
func (s *NameSheet) clashes(changes []NameChange) []NameChange {
	for _, c := range changes {
		s.put(c.Row, c.New)
	}
	for n, c := range changes {
		if c.Why.IsZero() {
			changes[n].Why = s.Fault(c.Row)
		}
	}
	for _, c := range changes {
		s.put(c.Row, c.Old)
	}
	return changes
}

// Changed are the names of changes by associate id, for Apply. Rows for which
// there is no name keep theirs.
func (s *NameSheet) Changed(changes []NameChange) map[int64]string {
	out := make(map[int64]string, len(changes))
	for _, c := range changes {
		out[s.rows[c.Row].User.AssociateID] = c.New
	}
	return out
}

// firstLast takes the first and the last word of a full name; "Berg, Anna" is
// read the other way round, and what stands in brackets is no part of a name.
func firstLast(full string) (first, last string) {
	for {
		open := strings.IndexByte(full, '(')
		length := strings.IndexByte(full[max(open, 0):], ')')
		if open < 0 || length < 0 {
			break
		}
		full = full[:open] + " " + full[open+length+1:]
	}
	if family, given, ok := strings.Cut(full, ","); ok && strings.TrimSpace(family) != "" && strings.TrimSpace(given) != "" {
		full = given + " " + family
	}
	words := strings.Fields(full)
	if len(words) == 0 {
		return "", ""
	}
	if len(words) == 1 {
		return words[0], ""
	}
	return words[0], words[len(words)-1]
}
