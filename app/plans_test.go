package app

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"omt/app/filter"
	"omt/migration"
)

// plansPage is the page of the plans with the people of the fakes.
func plansPage(t *testing.T) (*fakeHost, *plansView) {
	t.Helper()
	h := newFakeHost(t)
	users := sampleUsers()
	for i := range users {
		users[i].Licences = []string{"web"}
	}
	h.f.draft, _ = migration.NewDraft(sampleTicket(), users, nil, samplePerson().Principal, migration.ModeTest)
	v := newPlansView(h).(*plansView)
	h.page(v)
	return h, v
}

func TestPlansConfirm(t *testing.T) {
	h, v := plansPage(t)
	if a := v.next(); !a.closed.IsZero() {
		t.Fatalf("OK is closed at first: %v", a.closed)
	}
	v.board.Move([]int64{11, 14}, 2)
	if err := v.model.Tick(11); err != nil {
		t.Fatal(err)
	}
	v.next().run()
	got := h.f.draft.Assigned()
	if got[11] != (migration.Assignment{Plan: "service", Confidential: true}) || got[14].Plan != "service" {
		t.Errorf("draft has %+v and %+v", got[11], got[14])
	}
	if !h.f.draft.Confirmed(migration.TopicPlans) || h.kept != 1 || !slices.Equal(h.visits, []place{placeChecklist}) {
		t.Errorf("confirmed %v, kept %d, visits %v", h.f.draft.Confirmed(migration.TopicPlans), h.kept, h.visits)
	}
}

func TestPlansClosed(t *testing.T) {
	h, v := plansPage(t)
	before := h.f.draft.Assigned()
	v.clear.OnTapped()
	if a := v.next(); a.closed.ID != "plan.noadmin" {
		t.Errorf("nobody has a plan, OK says %v", a.closed)
	}
	v.board.Undo()
	if a := v.next(); !a.closed.IsZero() {
		t.Errorf("after undo OK says %v", a.closed)
	}
	v.board.Move([]int64{13}, 3)
	v.back().run()
	if len(h.visits) != 0 {
		t.Error("Cancel lost a change without a question")
	}
	v.back().run() // a second press asks no second time
	press(t, h.win, "Go on editing")
	if h.win.Canvas().Overlays().Top() != nil || v.model.State(13).Column != 3 {
		t.Error("going on lost the change or left a question open")
	}
	v.back().run()
	press(t, h.win, "Discard changes")
	if fmt.Sprint(h.f.draft.Assigned()) != fmt.Sprint(before) || h.kept != 0 || !slices.Equal(h.visits, []place{placeChecklist}) {
		t.Errorf("Cancel changed the draft, or went to %v", h.visits)
	}
}

// TestPlansTooMany: a draft of before may hold more than a new ticket offers.
func TestPlansTooMany(t *testing.T) {
	h := newFakeHost(t)
	h.f.draft.Ticket.Plans[0].Seats = 0
	h.f.draft.Assign(map[int64]migration.Assignment{11: {Plan: "sales"}, 12: {Plan: "sales"}})
	v := newPlansView(h).(*plansView)
	h.page(v)
	if a := v.next(); a.closed.ID != "plan.seats" || a.closed.Args["Used"] != 2 {
		t.Errorf("OK says %v", a.closed)
	}
}

func TestPlansRefused(t *testing.T) {
	_, v := plansPage(t)
	v.model.Clear()
	v.board.Move([]int64{11, 12, 13}, 3)
	if v.model.Used(3) != 0 || !strings.Contains(v.said.Text, "2 seats") {
		t.Errorf("three into two: %d, said %q", v.model.Used(3), v.said.Text)
	}
}

func TestPlansFilter(t *testing.T) {
	_, v := plansPage(t)
	used := v.model.Used(1)
	v.find.SetText("admin group:management")
	if shown, _ := v.model.Shown(); shown != 1 || v.model.Used(1) != used {
		t.Errorf("%d are shown, first plan has %d of %d", shown, v.model.Used(1), used)
	}
}

func TestPlansPropose(t *testing.T) {
	h, v := plansPage(t)
	v.model.Clear()
	v.propose()
	press(t, h.win, "Apply")
	want := planStates(&migration.Draft{Ticket: h.f.draft.Ticket, Plan: h.f.draft.Plan})
	if fmt.Sprint(v.model.States()) != fmt.Sprint(want) {
		t.Errorf("suggestion applied: %v, want %v", v.model.States(), want)
	}
	v.board.Undo()
	if len(v.model.States()) != 0 {
		t.Errorf("one undo left %v", v.model.States())
	}
}

// TestBoxOfCardsIsNamedWhole: in no language is the name of the right cut off on
// the narrowest card.
func TestBoxOfCardsIsNamedWhole(t *testing.T) {
	for _, language := range screenLanguages() {
		t.Run(language, func(t *testing.T) {
			speak(t, language)
			h, _ := plansPage(t)
			var found bool
			each(h.win, func(o fyne.CanvasObject) {
				text, ok := o.(*canvas.Text)
				found = found || ok && text.Text == say(migration.Msg("plans.confidential"))
			})
			if !found {
				t.Error("the name of the box is cut off")
			}
		})
	}
}

// TestCardsAreSpokenInSentences: everything that a card shows, and what is wrong
// with the user name, which stands on another page.
func TestCardsAreSpokenInSentences(t *testing.T) {
	h := newFakeHost(t)
	users := sampleUsers()
	for i := range users {
		users[i].Licences = []string{"web"}
	}
	users[1].Emails = users[0].Emails // Hugo has Herweis's address
	users[2].Emails = []string{"no address"}
	h.f.draft, _ = migration.NewDraft(sampleTicket(), users, nil, samplePerson().Principal, migration.ModeTest)
	to := h.f.draft.Assigned()
	to[11], to[12] = migration.Assignment{Plan: "sales", Confidential: true}, migration.Assignment{Plan: "sales"}
	to[13], to[16] = migration.Assignment{Plan: "service"}, migration.Assignment{Plan: "service"}
	delete(to, 15)
	h.f.draft.Assign(to)
	h.f.draft.SetNames(map[int64]string{11: "hh@a.example", 12: "HH@a.example", 13: "no address", 14: "kk@a.example", 16: ""})
	v := newPlansView(h).(*plansView)
	h.page(v)
	for id, want := range map[int64]string{
		11: "Herweis Hjart, administrator, plan SalesPREM, Confidential Activities, user name used twice",
		12: "Hugo Hugg, plan SalesPREM, user name used twice",
		13: "Åse Bjørk, plan SalesPREM-ServicePREM, user name not valid",
		15: "Lise Moe, plan No user plan",
		16: "Nils Nordmann, plan SalesPREM-ServicePREM, no user name",
	} {
		s := v.model.State(id)
		column, row := v.model.Row(id)
		if got := v.spoken(v.model.At(column, row), v.model.Columns()[s.Column].Title, s.Ticked); got != want {
			t.Errorf("spoken %q, want %q", got, want)
		}
	}
}

func manyUsers(n int) []migration.User {
	users := sampleUsers()
	users[1].FullName = "Maximiliane Donaudampfschifffahrtsgesellschaft von Hohenzollern"
	users[1].Group = "Rechtsschutzversicherungsgesellschaften Nordwest"
	for i := len(users); i < n; i++ {
		u := users[i%6]
		u.AssociateID, u.Initials = int64(100+i), fmt.Sprint("U", i)
		users = append(users, u)
	}
	return users[:min(n, len(users))]
}

// TestFilterSpeaksTheLanguage: no word stands for two things, and every word of
// the syntax that the window proposes is one that the filter knows.
func TestFilterSpeaksTheLanguage(t *testing.T) {
	syntax := regexp.MustCompile(`([\pL-]+):([\pL.]+)`)
	for _, language := range screenLanguages() {
		speak(t, language)
		of := map[string]string{}
		for _, own := range filterOwn {
			words := strings.Fields(say(migration.Msg("filter.word." + own)))
			if len(words) == 0 {
				t.Errorf("%s: no word for %q", language, own)
			}
			for _, w := range words {
				if before, twice := of[filter.Fold(w)]; twice {
					t.Errorf("%s: %q is %s and %s", language, w, before, own)
				}
				of[filter.Fold(w)] = own
			}
		}
		known := filterDialect()
		for _, id := range []string{"names.filter", "help.names", "help.plans", "filter.placeholder"} {
			text := strings.TrimPrefix(say(migration.Msg(id)), "Filter:") // the name of the field
			for _, m := range syntax.FindAllStringSubmatch(text, -1) {
				own := known[filter.Fold(m[1])]
				if own == "" || own == "plan" && m[2] != "..." && known[filter.Fold(m[2])] != filter.None {
					t.Errorf("%s: %s proposes %q, which the filter does not know", language, id, m[0])
				}
			}
		}
	}
}

// A button for which there is nothing to do says so instead of being closed
// without a reason.
func TestPlansButtonsSayWhy(t *testing.T) {
	_, v := plansPage(t)
	press := func(b *pressable, want string) {
		t.Helper()
		v.said.SetText("")
		if b.Disabled() {
			t.Errorf("%q is closed", b.Text)
		}
		b.OnTapped()
		if want != "" {
			want = say(migration.Msg(want))
		}
		if v.said.Text != want {
			t.Errorf("%q says %q", b.Text, v.said.Text)
		}
	}
	press(v.move, "plans.move.none")
	press(v.undo, "names.undo.none")
	press(v.redo, "names.redo.none")
	press(v.clear, "")
	press(v.clear, "plans.clear.none")
	press(v.undo, "")
}
