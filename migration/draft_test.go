package migration

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func draftTicket() *Ticket {
	t := testTicket()
	t.Plans = []TicketPlan{{ID: "sales", Name: "SalesPREM", Seats: 3}, {ID: "service", Name: "ServicePREM", Seats: 2}}
	t.MailDomain = "new.example"
	return t
}

// crew are five candidates, the first an administrator, and a retired one.
func crew() []User {
	users := []User{
		employee(1, "AA", "aa@x.no", "a.a@x.no"), employee(2, "BB", "bb@x.no"), employee(3, "CC", "cc@x.no"),
		employee(4, "DD", "dd@x.no", "aa@x.no"), employee(5, "EE"), employee(6, "OLD", "old@x.no"),
	}
	users[0].Admin, users[5].Retired = true, true
	return users
}

var oldMail = []MailAddress{{"support@a.example", "mail_in_filter"}, {"support@b.example", "mail_alias"}}

func newTestDraft(t interface{ Fatalf(string, ...any) }) *Draft {
	d, notes := NewDraft(draftTicket(), crew(), oldMail, Principal{AssociateID: 1, FullName: "Anna"}, ModeTest)
	if ids(notes) != "suggest.noaddress" {
		t.Fatalf("notes %v", notes)
	}
	return d
}

func confirmAll(t interface{ Fatalf(string, ...any) }, d *Draft) {
	ready(d.Plan)
	for _, topic := range d.Topics() {
		if err := d.Confirm(topic); err != nil {
			t.Fatalf("confirm %s: %v", topic, err)
		}
	}
	if err := d.Ready(); err != nil {
		t.Fatalf("%v", err)
	}
}

func TestNewDraftIsClosed(t *testing.T) {
	d := newTestDraft(t)
	if got := ids(d.Blockers()); got != "plan.contact.phone plan.terms draft.unconfirmed.plans draft.unconfirmed.names draft.unconfirmed.notifications draft.unconfirmed.mailboxes" {
		t.Errorf("blockers %s", got)
	}
	if d.Plan.Contact.Name != "Anna" || d.Plan.Contact.Email != "aa@x.no" || d.Plan.Notifications != (Notifications{Welcome: true, SummaryTo: "aa@x.no"}) {
		t.Errorf("%+v %+v", d.Plan.Contact, d.Plan.Notifications)
	}
	err := d.Confirm(TopicNames)
	if !errors.Is(err, ErrUnconfirmed) || HintOf(err).ID != "draft.names.first" || d.Confirmed(TopicNames) {
		t.Errorf("names before plans: %v", err)
	}
	if err := d.Ready(); !errors.Is(err, ErrUnconfirmed) || HintOf(err).ID != "plan.contact.phone" {
		t.Errorf("%v", err)
	}
	confirmAll(t, d)
	if faults := d.Plan.Validate(d.Ticket, d.Users); len(faults) > 0 {
		t.Errorf("a draft without blockers has faults: %v", faults)
	}
	if d.Mailboxes = nil; len(d.Topics()) != 3 {
		t.Errorf("without Customer Service: %v", d.Topics())
	}
}

// A language that the ticket does not offer closes the upload.
func TestLanguageOfTheTicket(t *testing.T) {
	d := newTestDraft(t)
	confirmAll(t, d)
	d.Plan.Language = "tlh"
	if b := d.Blockers(); ids(b) != "plan.language" || b[0].Args["Offered"] != "nb, en" {
		t.Errorf("%v", b)
	}
}

// An agreement to a test migration is none to a live one.
func TestModeChangesAgreement(t *testing.T) {
	d := newTestDraft(t)
	d.Ticket.Modes = []Mode{ModeTest, ModeLive}
	confirmAll(t, d)
	if d.SetMode(ModeTest); d.Ready() != nil {
		t.Error("the same mode closes the upload")
	}
	if d.SetMode(ModeLive); ids(d.Blockers()) != "plan.terms" {
		t.Errorf("%v", d.Blockers())
	}
}

// Two old addresses with one local part cannot both become the same new one.
func TestMailboxProposals(t *testing.T) {
	d := newTestDraft(t)
	got := func() string {
		var s []string
		for _, m := range d.Plan.Mailboxes {
			s = append(s, m.Old+">"+m.New+":"+m.Choice)
		}
		return strings.Join(s, " ")
	}
	if want := "support@a.example>support@new.example:keep support@b.example>support-2@new.example:keep"; got() != want {
		t.Errorf("%s", got())
	}
	d.SetMailboxes([]Mailbox{{"support@a.example", "help@new.example", MailboxNew}, {"support@b.example", "sales@new.example", MailboxKeep}})
	confirmAll(t, d)
	notes := d.Reread(crew(), []MailAddress{{"sales@c.example", "mail_alias"}, {"Support@A.example", "mail_in_filter"}, {"support@a.example", "mail_alias"}, {"support@b.example", "mail_alias"}})
	if ids(notes) != "draft.mailboxes" || d.Confirmed(TopicMailboxes) || !d.Confirmed(TopicNames) {
		t.Errorf("%v", notes)
	}
	if want := "sales@c.example>sales-2@new.example:keep support@a.example>help@new.example:new support@b.example>sales@new.example:keep"; got() != want {
		t.Errorf("%s", got())
	}
	if len(d.Faults(TopicMailboxes)) > 0 {
		t.Errorf("%v", d.Faults(TopicMailboxes))
	}
}

// Every message of Reread, with the topics that it opens.
func TestReread(t *testing.T) {
	all := []Topic{TopicPlans, TopicNames, TopicNotifications, TopicMailboxes}
	for _, c := range []struct {
		name   string
		change func([]User) []User
		mail   []MailAddress
		notes  string
		open   []Topic
	}{
		{"nothing", func(u []User) []User { return u }, oldMail, "", nil},
		{"order of addresses", func(u []User) []User { slices.Reverse(u[0].Emails); u[1].Emails[0] = "BB@x.no"; return u }, oldMail, "", nil},
		{"left", func(u []User) []User { return slices.Delete(u, 1, 2) }, oldMail, "draft.user.left", []Topic{TopicPlans, TopicNames}},
		{"retired", func(u []User) []User { u[1].Retired = true; return u }, oldMail, "draft.user.left", []Topic{TopicPlans, TopicNames}},
		{"nobody of the plan retired", func(u []User) []User { u[4].Retired = true; return u }, oldMail, "", nil},
		{"new", func(u []User) []User { return append(u, employee(7, "FF", "ff@x.no")) }, oldMail, "draft.user.new", []Topic{TopicPlans, TopicNames}},
		{"new external", func(u []User) []User {
			return append(u, User{AssociateID: 7, PersonID: 1007, Type: External, Emails: []string{"f@x.no"}})
		}, oldMail, "", nil},
		{"new external with somebody's user name", func(u []User) []User {
			return append(u, User{AssociateID: 7, PersonID: 1007, Type: External, Emails: []string{"BB@x.no"}})
		}, oldMail, "draft.removals", []Topic{TopicNames}},
		{"other letters of an address that is lost", func(u []User) []User { u[3].Emails[1] = "AA@x.no"; return u }, oldMail, "", nil},
		{"back again", func(u []User) []User { u[5].Retired = false; return u }, oldMail, "draft.user.rights", []Topic{TopicPlans, TopicNames}},
		{"addresses", func(u []User) []User { u[1].Emails = append(u[1].Emails, "b@x.no"); return u }, oldMail, "draft.user.addresses", []Topic{TopicNames}},
		{"rights", func(u []User) []User { u[1].Admin = true; return u }, oldMail, "draft.user.rights", []Topic{TopicPlans, TopicNames}},
		{"address and right of the last administrator", func(u []User) []User { u[0].Admin, u[0].Emails = false, []string{"aa@x.no"}; return u }, oldMail,
			"draft.user.addresses draft.user.rights", []Topic{TopicPlans, TopicNames}},
		{"mailboxes", func(u []User) []User { return u }, oldMail[:1], "draft.mailboxes", []Topic{TopicMailboxes}},
	} {
		d := newTestDraft(t)
		confirmAll(t, d)
		before := d.Clone()
		notes := d.Reread(c.change(crew()), c.mail)
		if ids(notes) != c.notes {
			t.Errorf("%s: %v", c.name, notes)
		}
		for _, topic := range all {
			if d.Confirmed(topic) == slices.Contains(c.open, topic) {
				t.Errorf("%s: %s confirmed is %v", c.name, topic, d.Confirmed(topic))
			}
		}
		for _, pu := range d.Plan.Users {
			if !slices.Contains(before.Plan.Users, pu) {
				t.Errorf("%s: %+v was not chosen", c.name, pu)
			}
		}
	}
}

// Who comes back has the plan and the name of before, after Assign.
func TestChoicesAreKept(t *testing.T) {
	d := newTestDraft(t)
	d.SetNames(map[int64]string{2: " my.own@x.no "})
	confirmAll(t, d)
	gone := crew()
	gone[1].Retired = true
	d.Reread(gone, oldMail)
	if _, there := d.Assigned()[2]; there {
		t.Fatal("a retired user has a plan")
	}
	if notes := d.Reread(crew(), oldMail); ids(notes) != "draft.user.rights" {
		t.Errorf("%v", notes)
	}
	to := d.Assigned()
	to[2] = Assignment{Plan: "service", Confidential: true}
	d.Assign(to)
	i := slices.IndexFunc(d.Plan.Users, func(u PlanUser) bool { return u.AssociateID == 2 })
	if u := d.Plan.Users[i]; u.UserName != "my.own@x.no" || u.Plan != "service" || !u.Confidential {
		t.Errorf("%+v", u)
	}
}

// A new ticket with fewer seats opens the plans of a draft that was confirmed.
func TestNewTicketReopens(t *testing.T) {
	d := newTestDraft(t)
	confirmAll(t, d)
	b, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	small := draftTicket()
	small.Plans[0].Seats = 1
	again, err := ReadDraft(b, small)
	if err != nil {
		t.Fatal(err)
	}
	if notes := again.Reread(crew(), oldMail); ids(notes) != "plan.seats" || again.Confirmed(TopicPlans) || again.Confirmed(TopicNames) {
		t.Errorf("%v", notes)
	}
}

func TestReadDraftRefuses(t *testing.T) {
	b, err := newTestDraft(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text   string
		change func(*Ticket)
		is     error
	}{
		"tenant":  {string(b), func(t *Ticket) { t.Tenant = "Cust2" }, ErrCompanyChanged},
		"serial":  {string(b), func(t *Ticket) { t.Serial = "18" }, ErrCompanyChanged},
		"format":  {strings.Replace(string(b), draftFormat, "omt-draft/9", 1), func(*Ticket) {}, nil},
		"cut off": {string(b[:len(b)/2]), func(*Ticket) {}, nil},
		"no plan": {`{"format":"omt-draft/1"}`, func(*Ticket) {}, nil},
	} {
		tk := draftTicket()
		c.change(tk)
		if _, err := ReadDraft([]byte(c.text), tk); !errors.Is(err, ErrDraft) || c.is != nil && !errors.Is(err, c.is) || HintOf(err).ID != "hint.draft" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The plan of a run that the command line began is looked at once more.
func TestDraftOfPlan(t *testing.T) {
	p := newTestDraft(t).Plan
	users := crew()
	users[2].Retired = true
	d, notes := DraftOf(draftTicket(), p, users, oldMail[:1])
	if ids(notes) != "draft.user.left" || len(d.Plan.Mailboxes) != 1 || len(d.Plan.Users) != 3 || d.Confirmed(TopicPlans) {
		t.Errorf("%v %+v", notes, d.Plan)
	}
}

// model is what any sequence of actions must leave: seats as counted by hand,
// names as they were set last, topics closed by their own actions alone.
func TestDraftProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newTestDraft(t)
		ready(d.Plan)
		users := crew()
		names := map[int64]string{}
		for _, u := range d.Plan.Users {
			names[u.AssociateID] = u.UserName
		}
		t.Repeat(map[string]func(*rapid.T){
			"assign": func(t *rapid.T) {
				to := map[int64]Assignment{}
				for _, u := range users {
					to[u.AssociateID] = Assignment{rapid.SampledFrom([]string{"", "sales", "service", "gone"}).Draw(t, "plan"), rapid.Bool().Draw(t, "confidential")}
				}
				was := d.Clone()
				d.Assign(to)
				if same := reflect.DeepEqual(was.Assigned(), d.Assigned()); same != (was.Confirmed(TopicPlans) == d.Confirmed(TopicPlans)) && was.Confirmed(TopicPlans) {
					t.Fatalf("same %v, plans confirmed %v", same, d.Confirmed(TopicPlans))
				}
				for id, a := range to {
					if got := d.Assigned()[id]; a.Plan == "" && got != (Assignment{}) || a.Plan != "" && slices.ContainsFunc(d.Candidates(), func(u User) bool { return u.AssociateID == id }) && got != a {
						t.Fatalf("%d is %+v, want %+v", id, got, a)
					}
				}
			},
			"names": func(t *rapid.T) {
				id := rapid.Int64Range(1, 6).Draw(t, "id")
				name := rapid.SampledFrom([]string{"aa@x.no", "Bb@X.no", "nonsense", "new@x.no", ""}).Draw(t, "name")
				if _, has := d.Assigned()[id]; has {
					names[id] = name
				}
				d.SetNames(map[int64]string{id: name})
			},
			"confirm": func(t *rapid.T) {
				topic := rapid.SampledFrom(d.Topics()).Draw(t, "topic")
				faults, closed := d.Faults(topic), d.Closed(topic)
				err := d.Confirm(topic)
				if (err == nil) != (len(faults) == 0 && closed.IsZero()) {
					t.Fatalf("%s: %v with %v", topic, err, faults)
				}
			},
			"reread": func(t *rapid.T) {
				users = crew()
				for i := range users {
					users[i].Retired = rapid.Bool().Draw(t, "retired")
					users[i].Admin = rapid.Bool().Draw(t, "admin")
				}
				d.Reread(users, oldMail[:rapid.IntRange(0, 2).Draw(t, "mail")])
			},
			"encode": func(t *rapid.T) {
				b, err := d.Encode()
				if err != nil {
					t.Fatal(err)
				}
				again, err := ReadDraft(b, d.Ticket)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(d.Plan, again.Plan) || !reflect.DeepEqual(d.kept, again.kept) || len(d.Blockers()) != len(again.Blockers()) {
					t.Fatalf("\n%+v\n%+v", d, again)
				}
				d = again
			},
			"": func(t *rapid.T) { invariant(t, d, names) },
		})
	})
}

func invariant(t *rapid.T, d *Draft, names map[int64]string) {
	used, confidential := map[string]int{}, 0
	for _, u := range d.Plan.Users {
		used[u.Plan]++
		if u.Confidential {
			confidential++
		}
		if want, set := names[u.AssociateID]; set && want != u.UserName {
			t.Fatalf("%s has the name %q, chosen was %q", u.Initials, u.UserName, want)
		}
		names[u.AssociateID] = u.UserName
	}
	over := used["sales"] > 3 || used["service"] > 2 || used["gone"] > 0 || confidential > d.Ticket.ConfidentialSeats
	told := slices.ContainsFunc(d.Faults(TopicPlans), func(m Message) bool {
		return m.ID == "plan.seats" || m.ID == "plan.unknownplan" || m.ID == "plan.confidential"
	})
	if over != told {
		t.Fatalf("seats %v, confidential %d: %v", used, confidential, d.Faults(TopicPlans))
	}
	if d.Confirmed(TopicNames) && !d.Confirmed(TopicPlans) {
		t.Fatal("names are confirmed and plans are not")
	}
	for _, topic := range d.Topics() {
		if d.Confirmed(topic) && len(d.Faults(topic)) > 0 {
			t.Fatalf("%s is confirmed with %v", topic, d.Faults(topic))
		}
	}
	if d.Ready() == nil {
		if faults := d.Plan.Validate(d.Ticket, d.Users); len(faults) > 0 {
			t.Fatalf("ready, but %v", faults)
		}
	}
	if a := d.Clone(); a.Plan == d.Plan || !reflect.DeepEqual(a.Plan, d.Plan) {
		t.Fatal("a clone is no copy")
	}
}
