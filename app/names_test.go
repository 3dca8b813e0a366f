package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// namesDraft has these users, each with a plan and a name.
func namesDraft(t testing.TB, users []migration.User, names ...string) *migration.Draft {
	t.Helper()
	d := sampleDraft()
	d.Users = users
	to := map[int64]migration.Assignment{}
	for _, u := range users {
		if u.Candidate() {
			to[u.AssociateID] = migration.Assignment{Plan: "sales"}
		}
	}
	d.Ticket.Plans[0].Seats = len(users)
	d.Assign(to)
	byID := map[int64]string{}
	for i, n := range names {
		byID[users[i].AssociateID] = n
	}
	d.SetNames(byID)
	if len(users) > 0 {
		if err := d.Confirm(migration.TopicPlans); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// namesOf shows the page for these users.
func namesOf(t testing.TB, users []migration.User, names ...string) (*fakeHost, *namesView) {
	t.Helper()
	h := newFakeHost(t)
	h.f.draft = namesDraft(t, users, names...)
	v := newNamesView(h).(*namesView)
	h.page(v)
	return h, v
}

// conflicts are users with every kind of conflict, and one who is none any more
// and still has the address of another.
func conflicts() (users []migration.User, names []string) {
	users = append(sampleUsers(), migration.User{
		AssociateID: 90, PersonID: 990, Initials: "OLD", Retired: true, FullName: "Old Colleague", Emails: []string{"karl.klopp@fjordlys.example"},
	})
	return users, []string{"hugo.hugg@fjordlys.example", "Hugo.Hugg@fjordlys.example", "ase.bjork", "karl.klopp@fjordlys.example", "lise.moe@fjordlys.example", ""}
}

func conflicting(t testing.TB) (*fakeHost, *namesView) {
	users, names := conflicts()
	return namesOf(t, users, names...)
}

// many are n users, some with conflicts and with long names.
func many(n int) ([]migration.User, []string) {
	users, names := make([]migration.User, n), make([]string, n)
	for i := range users {
		long := strings.Repeat("Donaudampfschifffahrtsgesellschafts", i%3)
		names[i] = fmt.Sprintf("user%d%s@fjordlys.example", i-i%40/39, strings.ToLower(long[:min(len(long), 20)]))
		users[i] = migration.User{
			AssociateID: int64(i + 1), PersonID: int64(i + 1), Initials: fmt.Sprintf("U%d", i), FullName: fmt.Sprintf("First%d %sLast%d", i%60, long, i%41),
			Company: "Fjordlys Handel AS " + long, Group: long + "Sales", Role: "User level 0", Admin: i%5 == 0, Emails: []string{names[i], "other" + names[i]},
		}
	}
	return users, names
}

func (h *fakeHost) typeKey(names ...fyne.KeyName) {
	for _, n := range names {
		h.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: n})
	}
}

func (v *namesView) shownInitials() string {
	var out []string
	for _, row := range v.order {
		out = append(out, v.sheet.Row(row).Initials)
	}
	return strings.Join(out, " ")
}

func TestNamesListsUsersWithAPlan(t *testing.T) {
	_, v := conflicting(t)
	// By full name; OLD has no plan.
	if got := v.shownInitials(); got != "AB HH HUH KK LM NN" {
		t.Errorf("shown are %s", got)
	}
	var states []string
	for at := range v.order {
		states = append(states, v.cell(at, columnState).Text)
	}
	if got := strings.Join(states, ", "); got != "Not an address, Used twice, Used twice, Taken from OLD, OK, Missing" {
		t.Errorf("states: %s", got)
	}
	if got := v.describe(1); got != "Herweis Hjart, HH, Administrator, hugo.hugg@fjordlys.example, Used twice, SalesPREM" {
		t.Errorf("a row is read as %q", got)
	}
}

// TestNamesByKeyboard walks through the page without a mouse: the first
// conflict is typed away, the next by its proposals, until OK is open.
func TestNamesByKeyboard(t *testing.T) {
	h, v := conflicting(t)
	a := v.next()
	if a.closed.ID != "plan.username.invalid" || a.closed.Args["Initials"] != "AB" {
		t.Fatalf("OK is closed by %v", a.closed)
	}
	a.way()
	h.typeKey(fyne.KeyReturn)
	for _, r := range "@x.no" {
		h.typeKey(fyne.KeyEnd)
		h.win.Canvas().Focused().TypedRune(r)
	}
	if v.sheet.Problem(2) != migration.NameInOrder {
		t.Error("what is typed is not judged before Enter")
	}
	h.typeKey(fyne.KeyReturn)
	if got := v.sheet.Row(2).Name; got != "ase.bjork@x.no" {
		t.Fatalf("the name is %q", got)
	}
	if m := v.next().closed; m.ID != "plan.username.twice" || say(m) != "HH: user name hugo.hugg@fjordlys.example is also used by HUH." {
		t.Errorf("OK is closed by %q", say(m))
	}
	h.typeKey(fyne.KeyDown)
	h.win.Canvas().Focused().TypedRune('x')
	if got := v.sheet.Row(0).Name; got != "x" {
		t.Errorf("typing on a row replaces its name; it is %q", got)
	}
	h.typeKey(fyne.KeyEscape)
	if got := v.sheet.Row(0).Name; got != "hugo.hugg@fjordlys.example" {
		t.Errorf("after Esc the name is %q", got)
	}
	h.win.Canvas().Focused().TypedRune(' ')
	h.typeKey(fyne.KeyDown, fyne.KeyReturn) // the first own address
	if got := v.sheet.Row(0).Name; got != "herweis.hjart@fjordlys.example" {
		t.Errorf("chosen was %q", got)
	}
	v.goTo(5)
	h.typeKey(fyne.KeyF2)
	test.Type(h.win.Canvas().Focused(), "nn@x.no")
	h.typeKey(fyne.KeyUp)
	if a := v.next(); !a.closed.IsZero() {
		t.Fatalf("OK is still closed: %v", a.closed)
	}
	v.next().run()
	names := map[string]string{}
	for _, u := range h.f.draft.Plan.Users {
		names[u.Initials] = u.UserName
	}
	want := map[string]string{
		"HH": "herweis.hjart@fjordlys.example", "HUH": "Hugo.Hugg@fjordlys.example", "AB": "ase.bjork@x.no",
		"KK": "karl.klopp@fjordlys.example", "LM": "lise.moe@fjordlys.example", "NN": "nn@x.no",
	}
	if !maps.Equal(names, want) {
		t.Errorf("the draft has %v", names)
	}
	if !h.f.draft.Confirmed(migration.TopicNames) || h.kept != 1 || !slices.Equal(h.visits, []place{placeChecklist}) {
		t.Errorf("confirmed %v, kept %d, visits %v", h.f.draft.Confirmed(migration.TopicNames), h.kept, h.visits)
	}
	if r := h.f.draft.Plan.RemoveAddresses; len(r) != 1 || r[0] != (migration.PlanAddress{PersonID: 990, Address: "karl.klopp@fjordlys.example"}) {
		t.Errorf("addresses to remove: %v", r)
	}
}

// TestProposalsAndUndo: each conflict is one click, and one key takes it back.
func TestProposalsAndUndo(t *testing.T) {
	h, v := conflicting(t)
	before := v.sheet.Names()
	v.panel.acceptAll()
	if v.sheet.Conflicts() != 0 || len(v.panel.groups) != 0 || !v.panel.lost || !v.panel.box.Visible() {
		t.Fatalf("%d conflicts are left", v.sheet.Conflicts())
	}
	// HUH keeps the own address, so only Karl's is taken from somebody.
	if len(v.panel.losses) != 1 || !strings.HasPrefix(v.panel.lossWords(v.panel.losses[0]), "karl.klopp@fjordlys.example is taken away from Old Colleague (OLD)") {
		t.Errorf("losses: %v", v.panel.losses)
	}
	all := v.sheet.Names()
	h.win.Canvas().Focused().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutUndo{})
	if !maps.Equal(v.sheet.Names(), before) || v.status.Text != "Taken back: all proposals." {
		t.Errorf("after undo: %v, %q", v.sheet.Names(), v.status.Text)
	}
	v.undo()
	if v.status.Text != "There is nothing to undo." {
		t.Errorf("status %q", v.status.Text)
	}
	v.redo()
	if !maps.Equal(v.sheet.Names(), all) {
		t.Error("redo did not repeat")
	}
}

func TestTheCounterIsAFilter(t *testing.T) {
	_, v := conflicting(t)
	test.Tap(v.problems)
	if got := v.shownInitials(); got != "AB HH HUH NN" {
		t.Errorf("shown are %s", got)
	}
	v.accept(v.sheet.Fixes(v.panel.groups[0])[0])
	if got := v.shownInitials(); got != "AB NN" {
		t.Errorf("after a proposal: %s", got)
	}
	v.panel.acceptAll()
	if got := v.shownInitials(); got != "AB HH HUH KK LM NN" || v.problems.Text != "No conflicts" {
		t.Errorf("without conflicts: %s, %q", got, v.problems.Text)
	}
}

func TestNamesFilterAndOrder(t *testing.T) {
	_, v := conflicting(t)
	for text, want := range map[string]string{
		"admin": "HH KK", "conflict -admin": "AB HUH NN", "group:support": "AB NN", "bjork": "AB", "user:hugo": "HH HUH", `"user level 2"`: "LM NN", "nobody": "",
	} {
		v.filter.entry.SetText(text)
		if got := v.shownInitials(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	// The way to a conflict leads past the filter.
	v.filter.entry.SetText("nobody")
	v.next().way()
	if got := v.shownInitials(); got != "AB HH HUH KK LM NN" || v.order[v.table.Current()] != 2 {
		t.Errorf("shown are %s, current %d", got, v.table.Current())
	}
	for col, want := range map[int]string{columnID: "HH HUH AB KK LM NN", columnState: "HH HUH AB NN KK LM", columnAdmin: "HH KK HUH AB LM NN", columnGroup: "KK LM HH HUH AB NN"} {
		if v.sort(col, false); v.shownInitials() != want {
			t.Errorf("by %d: %s, want %s", col, v.shownInitials(), want)
		}
	}
	v.sort(columnID, true)
	if got := v.shownInitials(); got != "NN LM KK AB HUH HH" {
		t.Errorf("downwards: %s", got)
	}
	if got := v.order[v.table.Current()]; got != 2 {
		t.Errorf("the current row became %d", got)
	}
}

// TestRowsStayWhileNamesAreTyped: a click that ends typing is meant for the row
// that is under it, so the rows do not move then.
func TestRowsStayWhileNamesAreTyped(t *testing.T) {
	h, v := conflicting(t)
	v.sort(columnUserName, false)
	before := v.shownInitials()
	v.edit(0, 0)
	test.Type(h.win.Canvas().Focused(), "zzz@x.no")
	v.edit(2, 0)
	h.typeKey(fyne.KeyReturn)
	if got := v.shownInitials(); got != before {
		t.Errorf("%s became %s", before, got)
	}
	if v.sort(columnUserName, false); v.shownInitials() == before {
		t.Error("sorting again did not sort")
	}
}

// TestNamesInTheFrame goes through the page in the window itself.
func TestNamesInTheFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newFakeGuide(t)
		w, q := open(t, g)
		w.shared = *sampleFlow()
		d := w.shared.draft
		d.Assign(map[int64]migration.Assignment{11: {Plan: "sales"}, 12: {Plan: "sales"}, 16: {Plan: "sales"}})
		d.SetNames(map[int64]string{11: "hugo.hugg@fjordlys.example"})
		if err := d.Confirm(migration.TopicPlans); err != nil {
			t.Fatal(err)
		}
		w.visit(placeNames)
		q.settle()
		if !seen(w.win, "HH: user name hugo.hugg@fjordlys.example is also used by HUH.") {
			t.Errorf("the reason does not stand beside OK: %q", allTexts(w.win))
		}
		press(t, w.win, "Accept all proposals")
		press(t, w.win, "OK")
		q.settle()
		if !d.Confirmed(migration.TopicNames) || len(g.called("Keep")) != 1 {
			t.Errorf("confirmed %v, kept %d times", d.Confirmed(migration.TopicNames), len(g.called("Keep")))
		}
		end(w, q)
	})
}

// TestEditsSurviveAVisitElsewhere: a page may be left by other ways than OK and
// Cancel, and people may come and go meanwhile.
func TestEditsSurviveAVisitElsewhere(t *testing.T) {
	h, v := conflicting(t)
	v.apply(migration.Msg("names.step.edit", "Initials", "AB"), map[int64]string{13: "ase@x.no"})
	v.left()
	h.f.draft.Users = slices.Delete(slices.Clone(h.f.draft.Users), 0, 1)
	v.entered()
	if got := v.shownInitials(); got != "AB HUH KK LM NN" {
		t.Errorf("shown are %s", got)
	}
	if row, _ := v.sheet.Find(13); v.sheet.Row(row).Name != "ase@x.no" {
		t.Errorf("the edit is gone: %v", v.sheet.Names())
	}
}

func TestNamesThatCannotBeOpened(t *testing.T) {
	h, v := namesOf(t, nil)
	if a := v.next(); a.closed.ID != "draft.names.first" || a.way == nil {
		t.Errorf("without plans OK says %v", a.closed)
	} else if a.way(); !slices.Equal(h.visits, []place{placePlans}) {
		t.Errorf("the way leads to %v", h.visits)
	}
	for _, do := range []func(){v.undo, v.redo, v.askRule, v.export, v.importFile, v.toggleConflicts, v.left, v.entered} {
		do()
	}
	h.f.draft = nil
	v.entered()
	if a := v.next(); a.closed.ID != "names.unread" {
		t.Errorf("without a draft OK says %v", a.closed)
	}
}

func TestManyNames(t *testing.T) {
	drawn(t)
	for _, n := range []int{1, 2000, 20000} {
		users, names := many(n)
		_, v := namesOf(t, users, names...)
		different := map[string]bool{}
		for _, name := range names {
			different[name] = true
		}
		if want := 2 * (n - len(different)); len(v.order) != n || v.sheet.Conflicts() != want {
			t.Errorf("%d users: %d rows, %d conflicts, want %d", n, len(v.order), v.sheet.Conflicts(), want)
		}
		v.filter.entry.SetText("First7")
		v.panel.acceptAll()
		if v.sheet.Conflicts() != 0 {
			t.Errorf("%d users: %d conflicts are left", n, v.sheet.Conflicts())
		}
	}
}

func BenchmarkNames(b *testing.B) {
	for _, n := range []int{2000, 20000} {
		users, names := many(n)
		_, v := namesOf(b, users, names...)
		words := []string{"f", "fi", "first7", "first7 admin", "plan:sales", ""}
		b.Run(fmt.Sprintf("filter/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				v.filter.entry.SetText(words[i%len(words)])
			}
		})
		v.filter.entry.SetText("")
		v.edit(0, 0)
		b.Run(fmt.Sprintf("key/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				v.editor.SetText(fmt.Sprintf("typed%d@fjordlys.example", i))
			}
		})
		v.finishEdit()
		b.Run(fmt.Sprintf("sort/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				v.sort(columnFullName, i%2 == 1)
			}
		})
	}
}

// The last letters of an alphabet are in the order of each language's own rules;
// in Norwegian and Danish aa is another spelling of å.
func TestOrderOfLanguages(t *testing.T) {
	for tongue, want := range map[string]string{
		"nb": "Berit Zed Ærlig Østen Åse", "da": "Berit Zed Ærlig Østen Åse", "sv": "Aas Berit Zed Åse Ärlig Östen",
		"de": "Aas Ärlig Åse Berit Östen Zed", "en": "Aas Ärlig Åse Berit Östen Zed",
	} {
		words, c := strings.Fields(want), order(tongue)
		for i := range words[1:] {
			if c.CompareString(words[i], words[i+1]) >= 0 {
				t.Errorf("%s: %s does not stand before %s", tongue, words[i], words[i+1])
			}
		}
	}
}
