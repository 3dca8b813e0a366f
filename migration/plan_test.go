package migration

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func testTicket() *Ticket {
	return &Ticket{
		Tenant: "Cust12345", Company: "Fjordlys", Serial: "17", Modes: []Mode{ModeTest},
		Plans:             []TicketPlan{{ID: "sales", Name: "SalesPREM", Seats: 2}, {ID: "service", Name: "ServicePREM", Seats: 1}},
		ConfidentialSeats: 1, Languages: []string{"nb", "en"}, TermsURL: "https://terms.example/1",
	}
}

func employee(id int64, initials string, emails ...string) User {
	return User{AssociateID: id, PersonID: id + 1000, Initials: initials, FullName: "Person " + initials, Emails: emails, Licences: []string{"user", "web"}}
}

func ready(p *Plan) *Plan {
	p.Contact = Contact{Name: "Hanna Berg", Email: "hanna@x.no", Phone: "+47 22 00 00 00"}
	p.Accept("https://terms.example/1", time.Unix(1, 0))
	return p
}

func ids(ms []Message) string {
	var s []string
	for _, m := range ms {
		s = append(s, m.ID)
	}
	return strings.Join(s, " ")
}

func TestSuggestPlacesAdministratorFirst(t *testing.T) {
	admin := employee(9, "ADM", "adm@fjordlys.no")
	admin.Admin = true
	users := []User{
		employee(1, "AA", "shared@fjordlys.no", "aa@fjordlys.no"),
		employee(2, "BB", "shared@fjordlys.no", "not an address", "BB@fjordlys.no"),
		employee(3, "CC", "cc@fjordlys.no"),
		admin,
		{AssociateID: 10, Type: Resource, Initials: "CAR", Licences: []string{"user"}},
		{AssociateID: 11, Initials: "OLD", Retired: true, Licences: []string{"user"}},
	}
	users[0].PlanName = "serviceprem"
	users[1].Licences = append(users[1].Licences, "visible-for")
	p, notes := Suggest(testTicket(), users, ModeTest)
	if ids(notes) != "suggest.noseat" || notes[0].Args["Initials"] != "CC" {
		t.Errorf("notes = %v", notes)
	}
	want := map[int64]PlanUser{
		1: {1, "AA", "Person AA", "service", false, "shared@fjordlys.no"},
		2: {2, "BB", "Person BB", "sales", true, "BB@fjordlys.no"},
		9: {9, "ADM", "Person ADM", "sales", false, "adm@fjordlys.no"},
	}
	for _, u := range p.Users {
		if want[u.AssociateID] != u {
			t.Errorf("%+v, want %+v", u, want[u.AssociateID])
		}
		delete(want, u.AssociateID)
	}
	if len(want) > 0 {
		t.Errorf("not placed: %v", want)
	}
	if len(p.RemoveAddresses) != 1 || p.RemoveAddresses[0] != (PlanAddress{1002, "shared@fjordlys.no"}) {
		t.Errorf("addresses to remove = %v", p.RemoveAddresses)
	}
	if p.Language != "nb" {
		t.Errorf("language = %q", p.Language)
	}
	ready(p)
	if f := p.Validate(testTicket(), users); f != nil {
		t.Errorf("suggested plan is refused: %v", f)
	}
}

func TestValidateNamesEachFault(t *testing.T) {
	admin := employee(1, "AA", "aa@x.no")
	admin.Admin = true
	users := []User{admin, employee(2, "BB", "bb@x.no"), employee(3, "CC", "cc@x.no")}
	good := func() *Plan {
		p, _ := Suggest(testTicket(), users[:2], ModeTest)
		return ready(p)
	}
	for _, tc := range []struct {
		name   string
		change func(*Plan)
		want   string
	}{
		{"as suggested", func(*Plan) {}, ""},
		{"other company", func(p *Plan) { p.Company = "x" }, "plan.owner"},
		{"mode", func(p *Plan) { p.Mode = ModeLive }, "plan.mode"},
		{"no name", func(p *Plan) { p.Contact.Name = " " }, "plan.contact.name"},
		{"bad e-mail", func(p *Plan) { p.Contact.Email = "hanna" }, "plan.contact.email"},
		{"bad phone", func(p *Plan) { p.Contact.Phone = "call me" }, "plan.contact.phone"},
		{"not accepted", func(p *Plan) { p.Terms.Accepted = "" }, "plan.terms"},
		{"other terms", func(p *Plan) { p.Terms.URL = "https://terms.example/0" }, "plan.terms"},
		{"unknown user", func(p *Plan) { p.Users[1].AssociateID = 99 }, "plan.user.unknown"},
		{"twice", func(p *Plan) { p.Users[1].AssociateID = 1 }, "plan.user.twice"},
		{"no administrator", func(p *Plan) { p.Users = p.Users[1:] }, "plan.noadmin"},
		{"unknown plan", func(p *Plan) { p.Users[1].Plan = "gold" }, "plan.unknownplan"},
		{"seats", func(p *Plan) { p.Users[0].Plan, p.Users[1].Plan = "service", "service" }, "plan.seats"},
		{"confidential", func(p *Plan) { p.Users[0].Confidential, p.Users[1].Confidential = true, true }, "plan.confidential"},
		{"empty name", func(p *Plan) { p.Users[0].UserName = " " }, "plan.username.required"},
		{"no domain", func(p *Plan) { p.Users[0].UserName = "aa@localhost" }, "plan.username.invalid"},
		{"case only", func(p *Plan) { p.Users[0].UserName = "BB@X.NO" }, "plan.username.twice"},
	} {
		p := good()
		tc.change(p)
		if got := ids(p.Validate(testTicket(), users)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// Whatever the people are, a suggestion never breaks a rule of the plan other
// than that an administrator may be lacking.
func TestSuggestionIsValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "users")
		var users []User
		for i := range n {
			u := employee(int64(i+1), fmt.Sprint("U", i))
			u.Emails = rapid.SliceOfN(rapid.SampledFrom([]string{"a@x.no", "A@X.NO", "b@x.no", "c@y.de", "bad", "", "d@é.fr", "STRASSE@x.de", "straße@x.de"}), 0, 3).Draw(t, "emails")
			u.Admin = rapid.Bool().Draw(t, "admin")
			u.Retired = rapid.Bool().Draw(t, "retired")
			u.PlanName = rapid.SampledFrom([]string{"", "SalesPREM", "ServicePREM", "Gold"}).Draw(t, "plan")
			users = append(users, u)
		}
		p, _ := Suggest(testTicket(), users, ModeTest)
		ready(p)
		for _, f := range p.Validate(testTicket(), users) {
			if f.ID != "plan.noadmin" {
				t.Fatalf("%v", f)
			}
		}
	})
}

func TestReadPlan(t *testing.T) {
	p, _ := Suggest(testTicket(), []User{employee(1, "AA", "aa@x.no")}, ModeTest)
	b, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadPlan(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := back.Encode(); string(again) != string(b) {
		t.Errorf("read and written again it is\n%s\nwant\n%s", again, b)
	}
	for name, text := range map[string]string{
		"misspelt field": strings.Replace(string(b), `"userName"`, `"username2"`, 1),
		"cut off":        string(b[:len(b)/2]),
		"two plans":      string(b) + string(b),
		"other format":   strings.Replace(string(b), PlanFormat, "omt-plan/9", 1),
		"empty":          "",
	} {
		_, err := ReadPlan(strings.NewReader(text))
		var e *Error
		if !errors.As(err, &e) || e.Hint.IsZero() {
			t.Errorf("%s: %v, want an error with a hint", name, err)
		}
	}
}
