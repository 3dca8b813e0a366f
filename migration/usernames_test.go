package migration

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sheetOf lists users with the names that they have, all with a plan.
func sheetOf(users []User, names ...string) *NameSheet {
	p := &Plan{}
	for i, u := range users {
		p.Users = append(p.Users, PlanUser{AssociateID: u.AssociateID, Initials: u.Initials, FullName: u.FullName, Plan: "sales", UserName: names[i]})
	}
	return NewNameSheet(p, testTicket(), users)
}

func named(id int64, initials, full string, emails ...string) User {
	u := employee(id, initials, emails...)
	u.FullName = full
	return u
}

func drawSheet(t *rapid.T) *NameSheet {
	pool := []string{"", "a@x.no", "A@X.NO", "b@x.no", "c@y.de", "bad", "STRASSE@x.de", "straße@x.de", "strasse@x.de", "u1@x.no", "u2@x.no"}
	var users []User
	var names []string
	for i := range rapid.IntRange(0, 9).Draw(t, "users") {
		u := named(int64(i+1), fmt.Sprintf("U%d", i+1), rapid.SampledFrom([]string{"", "Anna Berg", "Änne Börg", "Berg, Anna", "山田", "A B (x)"}).Draw(t, "full"),
			rapid.SliceOfN(rapid.SampledFrom(pool), 0, 3).Draw(t, "emails")...)
		u.Admin = rapid.Bool().Draw(t, "admin")
		users = append(users, u)
		names = append(names, rapid.SampledFrom(pool).Draw(t, "name"))
	}
	return sheetOf(users, names...)
}

// judged compares the sheet, which judges step by step, with a look at all names.
func judged(t *rapid.T, s *NameSheet) {
	bad := 0
	for i := range s.Len() {
		want := NameInOrder
		switch n := s.Row(i).Name; {
		case n == "":
			want = NameMissing
		case !ValidAddress(n):
			want = NameInvalid
		default:
			for j := range s.Len() {
				if j != i && ValidAddress(s.Row(j).Name) && FoldAddress(n) == FoldAddress(s.Row(j).Name) {
					want = NameTwice
				}
			}
		}
		if got := s.Problem(i); got != want {
			t.Fatalf("row %d (%q) is %q, want %q", i, s.Row(i).Name, got, want)
		}
		if want != NameInOrder {
			bad++
		}
		if s.Fault(i).IsZero() != (want == NameInOrder) {
			t.Fatalf("row %d is %q and its fault %v", i, want, s.Fault(i))
		}
	}
	if bad != s.Conflicts() {
		t.Fatalf("%d conflicts, want %d", s.Conflicts(), bad)
	}
	inGroups := map[int]bool{}
	for _, g := range s.Groups() {
		for _, r := range g.Rows {
			if inGroups[r] {
				t.Fatalf("row %d is in two groups", r)
			}
			inGroups[r] = true
		}
	}
	if len(inGroups) != bad {
		t.Fatalf("%d rows are in groups, %d have a problem", len(inGroups), bad)
	}
}

// TestNameSheetJudgesAndUndoes: any sequence of edits, proposals and rules keeps
// the judgement true, and undo gives back every state in turn.
func TestNameSheetJudgesAndUndoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSheet(t)
		judged(t, s)
		states := []map[int64]string{s.Names()}
		note := func() {
			if now := s.Names(); !maps.Equal(now, states[len(states)-1]) {
				states = append(states, now)
			}
		}
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			if s.Len() == 0 {
				break
			}
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				row := rapid.IntRange(0, s.Len()-1).Draw(t, "row")
				for range rapid.IntRange(1, 3).Draw(t, "keys") {
					s.Edit(row, rapid.SampledFrom([]string{"", "a", "a@x.no", "B@x.no ", "new@x.no"}).Draw(t, "typed"))
					judged(t, s)
				}
				s.EndEdit()
			case 1:
				if g := s.Groups(); len(g) > 0 {
					for _, f := range s.Fixes(g[0])[:min(1, len(s.Fixes(g[0])))] {
						s.Apply(Msg("names.step.fix"), f.Names)
					}
				}
			case 2:
				r := NameRule{Kind: rapid.SampledFrom([]NameRuleKind{RuleFirstLast, RuleInitials, RuleDomain}).Draw(t, "kind"), Domain: "n.example"}
				before := s.Names()
				changes := s.Preview(r, allRows(s))
				if !maps.Equal(before, s.Names()) {
					t.Fatalf("a preview changed %v into %v", before, s.Names())
				}
				s.Apply(Msg("names.step.rule"), s.Changed(changes))
			case 3:
				s.Undo()
				s.Redo()
			}
			judged(t, s)
			note()
		}
		last := len(states) - 1
		for i := last; i > 0; i-- {
			if _, ok := s.Undo(); !ok {
				t.Fatalf("nothing to undo at state %d", i)
			}
			judged(t, s)
			if now := s.Names(); !maps.Equal(now, states[i-1]) {
				t.Fatalf("undo gives %v, want %v", now, states[i-1])
			}
		}
		for s.CanRedo() {
			s.Redo()
		}
		if now := s.Names(); !maps.Equal(now, states[last]) {
			t.Fatalf("redo gives %v, want %v", now, states[last])
		}
	})
}

func allRows(s *NameSheet) []int {
	rows := make([]int, s.Len())
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// TestFixesMakeNoConflict: each way out ends its conflict and starts none.
func TestFixesMakeNoConflict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSheet(t)
		for _, g := range s.Groups() {
			for _, f := range s.Fixes(g) {
				before := s.Conflicts()
				s.Apply(Msg("names.step.fix"), f.Names)
				if s.Conflicts() != before-len(g.Rows) {
					t.Fatalf("%v of %v leaves %d of %d conflicts", f, g, s.Conflicts(), before)
				}
				s.Undo()
			}
		}
		names, left := s.FixAll()
		s.Apply(Msg("names.step.fix"), names)
		if s.Conflicts() != left {
			t.Fatalf("%d conflicts are left, %d were announced", s.Conflicts(), left)
		}
	})
}

func TestTheAdministratorKeepsTheName(t *testing.T) {
	admin := named(2, "HUH", "Hugo Hugg", "hugo@x.no")
	admin.Admin = true
	users := []User{named(1, "HH", "Herweis Hjart", "hugo@x.no", "taken@x.no", "herweis@x.no"), admin, named(3, "T", "Tea", "taken@x.no")}
	s := sheetOf(users, "Hugo@x.no", "hugo@x.no", "taken@x.no")
	groups := s.Groups()
	if len(groups) != 1 || !slices.Equal(groups[0].Rows, []int{0, 1}) {
		t.Fatalf("groups = %v", groups)
	}
	fixes := s.Fixes(groups[0])
	if len(fixes) != 2 || fixes[0].Keeps != 1 || fixes[0].Names[1] != "herweis@x.no" {
		t.Errorf("the administrator must keep the name and HH get the free own address: %+v", fixes)
	}
	// Hugo has no other address, so he would get his initials.
	if fixes[1].Keeps != 0 || fixes[1].Names[2] != "huh@x.no" {
		t.Errorf("the second way is %+v", fixes[1])
	}
	if m := s.Fault(0); m.ID != "plan.username.twice" || m.Args["Other"] != "HUH" {
		t.Errorf("the fault does not name the other side: %v", m)
	}
}

// TestTheOwnerKeepsTheName: nobody loses their own address to somebody who only
// was given it by mistake, not even to an administrator.
func TestTheOwnerKeepsTheName(t *testing.T) {
	admin := named(1, "HH", "Herweis Hjart", "herweis@x.no")
	admin.Admin = true
	s := sheetOf([]User{admin, named(2, "HUH", "Hugo Hugg", "hugo@x.no")}, "hugo@x.no", "hugo@x.no")
	if f := s.Fixes(s.Groups()[0]); len(f) != 2 || f[0].Keeps != 1 || f[0].Names[1] != "herweis@x.no" {
		t.Errorf("%+v", f)
	}
	if names, left := s.FixAll(); left != 0 || names[1] != "herweis@x.no" || len(names) != 1 {
		t.Errorf("all at once: %v, %d left", names, left)
	}
}

// TestThoughtUpAddressesBelongToNobody: the account of a user is opened by a
// letter to the user name, so it must not go to somebody else.
func TestThoughtUpAddressesBelongToNobody(t *testing.T) {
	users := []User{named(1, "HH", "Anna Berg"), {AssociateID: 50, PersonID: 7, Type: External, Emails: []string{"hh@x.no", "anna.berg@x.no"}}, named(2, "B", "Bo", "bo@x.no")}
	p := &Plan{Users: []PlanUser{{AssociateID: 1, Initials: "HH", FullName: "Anna Berg"}, {AssociateID: 2, Initials: "B", UserName: "bo@x.no"}}}
	s := NewNameSheet(p, testTicket(), users)
	if f := s.Fixes(s.Groups()[0]); len(f) != 1 || f[0].Names[1] != "hh2@x.no" {
		t.Errorf("the proposal is %+v", f)
	}
	if c := s.Preview(NameRule{Kind: RuleFirstLast, Domain: "x.no"}, []int{0}); len(c) != 1 || c[0].New != "anna.berg2@x.no" {
		t.Errorf("the rule gives %+v", c)
	}
}

func TestPastedAddressesAreMended(t *testing.T) {
	for in, want := range map[string]string{
		"mailto:anna@x.no": "anna@x.no", "<anna@x.no>": "anna@x.no", "anna @x.no": "anna@x.no", "anna@x.no;": "anna@x.no",
	} {
		s := sheetOf([]User{named(1, "A", "Anna")}, in)
		if f := s.Fixes(s.Groups()[0]); len(f) != 1 || f[0].Names[1] != want {
			t.Errorf("%q: %+v, want %q", in, f, want)
		}
	}
}

// TestLettersAsInPassports: ICAO Doc 9303-3, section 6, table A.
func TestLettersAsInPassports(t *testing.T) {
	for in, want := range map[string]string{
		"Ølle": "oelle", "Bjørk": "bjoerk", "Åse": "aase", "Ærø": "aeroe", "Müller": "mueller", "Straße": "strasse",
		"Jürgen-Öz": "juergen-oez", "Łukasz": "lukasz", "Þór": "thor", "Đorđe": "dorde", "José": "jose", "O'Brien": "obrien",
		"Ǆ": "dz", "İpek": "ipek", "Ａnna": "anna", "a\u0308rger": "aerger", "日本": "", "- -": "", "Ĳsbrand": "ijsbrand",
	} {
		if got := localPart(in, false); got != want {
			t.Errorf("%q is written %q, want %q", in, got, want)
		}
	}
	if got := localPart("Bjørk Åäü", true); got != "bjorkaau" {
		t.Errorf("short: %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		local := localPart(rapid.String().Draw(t, "name"), rapid.Bool().Draw(t, "short"))
		if local != "" && !ValidAddress(local+"@x.no") {
			t.Fatalf("%q is no local part", local)
		}
	})
}

func TestRules(t *testing.T) {
	users := []User{
		named(1, "AB", "Anna Maria Berg"), named(2, "BA", "Berg, Anna"), named(3, "ØH", "Øystein Hjørt (extern)"),
		named(4, "YT", "山田"), named(5, "EX", "Anna Berg"),
	}
	s := sheetOf(users, "x@old.no", "Anna.Berg@new.no", "y@old.no", "z@old.no", "e@third.no")
	rows := []int{0, 1, 2, 3}
	for _, c := range []struct {
		rule NameRule
		want string
	}{
		{NameRule{Kind: RuleFirstLast, Domain: "new.no"}, "0 anna.berg2@new.no; 2 oeystein.hjoert@new.no; 3 z@old.no names.rule.noletters"},
		{NameRule{Kind: RuleFirstLast, Domain: "new.no", Short: true}, "0 anna.berg2@new.no; 2 oystein.hjort@new.no; 3 z@old.no names.rule.noletters"},
		{NameRule{Kind: RuleInitials, Domain: "third.no"}, "0 ab@third.no; 1 ba@third.no; 2 oeh@third.no; 3 yt@third.no"},
		{NameRule{Kind: RuleDomain, From: "old.no", Domain: "new.no"}, "0 x@new.no; 2 y@new.no; 3 z@new.no"},
		{NameRule{Kind: RuleDomain, Domain: "third.no"}, "0 x@third.no; 1 Anna.Berg@third.no; 2 y@third.no; 3 z@third.no"},
		{NameRule{Kind: RuleDomain, Domain: "no domain"}, ""},
	} {
		var got []string
		for _, n := range s.Preview(c.rule, rows) {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%d %s %s", n.Row, n.New, n.Why.ID)))
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%+v gives\n%v, want\n%v", c.rule, strings.Join(got, "; "), c.want)
		}
	}
	s = sheetOf(users[:2], "a@old.no", "a@new.no")
	if c := s.Preview(NameRule{Kind: RuleDomain, Domain: "new.no"}, []int{0, 1}); len(c) != 1 || c[0].Why.Args["Other"] != "BA" {
		t.Errorf("a replaced domain must say what would be the same: %+v", c)
	}
}

// TestRulesAgainChangeNothing: the numbers stay with those who have them.
func TestRulesAgainChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSheet(t)
		r := NameRule{Kind: rapid.SampledFrom([]NameRuleKind{RuleFirstLast, RuleInitials}).Draw(t, "kind"), Domain: "X.no"}
		rows := slices.DeleteFunc(allRows(s), func(int) bool { return rapid.Bool().Draw(t, "out") })
		before := s.Conflicts()
		s.Apply(Msg("names.step.rule"), s.Changed(s.Preview(r, rows)))
		if s.Conflicts() > before {
			t.Fatalf("the rule made %d conflicts of %d", s.Conflicts(), before)
		}
		for _, c := range s.Preview(r, rows) {
			if c.Old != c.New {
				t.Fatalf("a second use changes %q into %q", c.Old, c.New)
			}
		}
	})
}

// TestLossesAreTheRemovalsOfThePlan: the page shows who loses an address; the
// plan records the same.
func TestLossesAreTheRemovalsOfThePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSheet(t)
		var placed []PlanUser
		for i := range s.Len() {
			r := s.Row(i)
			placed = append(placed, PlanUser{AssociateID: r.User.AssociateID, UserName: r.Name})
		}
		want := map[PlanAddress]bool{}
		for _, a := range addressesToRemove(placed, s.people) {
			if a.Address != "" {
				want[a] = true
			}
		}
		got := map[PlanAddress]bool{}
		for _, l := range s.Losses() {
			a := PlanAddress{PersonID: l.From.PersonID, Address: l.Address}
			if got[a] {
				t.Fatalf("%v is listed twice", a)
			}
			got[a] = true
		}
		if s.Conflicts() == 0 && !maps.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
