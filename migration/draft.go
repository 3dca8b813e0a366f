package migration

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// Topic is one of the lists that the migrator opens, reviews and confirms with
// OK before anything can be sent.
type Topic string

// The topics in the order of the Checklist page.
const (
	TopicPlans         Topic = "plans"
	TopicNames         Topic = "names"
	TopicNotifications Topic = "notifications"
	TopicMailboxes     Topic = "mailboxes" // only if the customer has Service
)

// Assignment puts a person into a column of the plan board.
type Assignment struct {
	Plan         string // id of a plan of the ticket; empty is no user plan
	Confidential bool   // Confidential Activities; kept only with a plan
}

// MailAddress is an address of Customer Service in use on-site.
type MailAddress struct {
	Address string `json:"address"`
	Table   string `json:"table"` // mail_in_filter or mail_alias
}

// The choices for an address of Customer Service.
const (
	MailboxKeep = "keep" // the old address stays and is forwarded to the new one
	MailboxNew  = "new"  // the new address is used
)

// Draft is a plan in the making: what the migrator has chosen so far and which
// topics were confirmed. Its methods compute only, without input or output, so
// that pages may call them where they draw. It is not safe for several
// goroutines at once.
//
// Upload stays closed until every topic is confirmed. A change of plans opens
// the user names again, and so does a change of users in the database; what was
// chosen stays chosen.
type Draft struct {
	Ticket    *Ticket
	Users     []User        // all associates as they were last read
	Mailboxes []MailAddress // as last read; empty without Service
	Plan      *Plan

	confirmed map[Topic]bool
	kept      map[int64]PlanUser // of people without a plan: what they had before
}

// Decisions about a draft.
var (
	// ErrUnconfirmed: a topic was not confirmed yet, or a rule is broken.
	ErrUnconfirmed = errors.New("not everything was confirmed")
	// ErrDraft: what an earlier start kept cannot be read as a draft of this
	// tenant. Nothing is lost at the target: the choices are made again.
	ErrDraft = errors.New("kept choices cannot be read")
	// ErrReopened: users or addresses of the database changed since they were
	// confirmed, so that the user names must be looked at once more.
	ErrReopened = errors.New("users or addresses have changed in the database")
)

// NewDraft begins with the plan that Suggest proposes and nothing confirmed.
// Notes name the people who stay without a plan and why.
func NewDraft(t *Ticket, users []User, mail []MailAddress, who Principal, mode Mode) (*Draft, []Message) {
	p, notes := Suggest(t, users, mode)
	p.Contact = ContactOf(who, users)
	p.Notifications.SummaryTo = p.Contact.Email
	d := &Draft{Ticket: t, Users: users, Mailboxes: mail, Plan: p, confirmed: map[Topic]bool{}, kept: map[int64]PlanUser{}}
	d.matchMailboxes()
	return d, notes
}

// DraftOf begins with a plan that was made elsewhere, such as the one of an
// unfinished run that the command line started. Nothing is confirmed: nobody has
// looked at it here. The messages name who of the plan cannot be a user any more.
func DraftOf(t *Ticket, p *Plan, users []User, mail []MailAddress) (*Draft, []Message) {
	d := &Draft{Ticket: t, Users: users, Mailboxes: mail, Plan: p, confirmed: map[Topic]bool{}, kept: map[int64]PlanUser{}}
	notes := d.keepPeople(usersByID(users))
	d.matchMailboxes()
	return d, notes
}

// Clone is an independent copy, for work on another goroutine while pages go on
// with the draft. Ticket, users and addresses are shared; nobody changes those.
func (d *Draft) Clone() *Draft {
	c, p := *d, *d.Plan
	p.Users, p.RemoveAddresses, p.Mailboxes = slices.Clone(p.Users), slices.Clone(p.RemoveAddresses), slices.Clone(p.Mailboxes)
	c.Plan, c.confirmed, c.kept = &p, maps.Clone(d.confirmed), maps.Clone(d.kept)
	return &c
}

// Topics lists the topics that this migration has.
func (d *Draft) Topics() []Topic {
	out := []Topic{TopicPlans, TopicNames, TopicNotifications}
	if len(d.Mailboxes) > 0 {
		out = append(out, TopicMailboxes)
	}
	return out
}

// Candidates are the people of the board: those who can become users online.
func (d *Draft) Candidates() []User {
	var out []User
	for _, u := range d.Users {
		if u.Candidate() {
			out = append(out, u)
		}
	}
	return out
}

// Confirmed tells whether a topic was confirmed and nothing has changed since.
func (d *Draft) Confirmed(t Topic) bool { return d.confirmed[t] }

// Closed says why a topic cannot be opened yet, or nothing.
func (d *Draft) Closed(t Topic) Message {
	if t == TopicNames && !d.confirmed[TopicPlans] {
		return Msg("draft.names.first")
	}
	return Message{}
}

// Confirm marks a topic as reviewed. It fails with PlanError's faults while a
// rule of the topic is broken, and wraps ErrUnconfirmed while Closed says why.
func (d *Draft) Confirm(t Topic) error {
	if why := d.Closed(t); !why.IsZero() {
		return Fail("confirm", string(t), ErrUnconfirmed, why)
	}
	if err := PlanError(d.Faults(t)); err != nil {
		return err
	}
	if t == TopicNames {
		d.Plan.RemoveAddresses = addressesToRemove(d.Plan.Users, d.Users)
	}
	d.confirmed[t] = true
	return nil
}

// Faults are the rules of one topic that are broken, each as a message that
// names both sides of a conflict.
func (d *Draft) Faults(t Topic) []Message {
	v := newPlanCheck(d.Plan, d.Ticket, d.Users)
	switch t {
	case TopicPlans:
		v.people()
		v.seats()
	case TopicNames:
		v.names()
	case TopicNotifications:
		v.notifications()
	case TopicMailboxes:
		v.mailboxes()
	}
	return v.faults
}

// Blockers is everything that keeps the upload closed, in the order of the
// pages; empty means that it may begin. Checks are judged by CheckRecord.
func (d *Draft) Blockers() []Message {
	v := newPlanCheck(d.Plan, d.Ticket, d.Users)
	v.contact()
	out := v.faults
	for _, t := range d.Topics() {
		if !d.confirmed[t] {
			out = append(out, Msg("draft.unconfirmed."+string(t)))
		}
	}
	return out
}

// Assigned is where everybody stands now, by associate id. Candidates who are
// not in it have no user plan.
func (d *Draft) Assigned() map[int64]Assignment {
	out := make(map[int64]Assignment, len(d.Plan.Users))
	for _, u := range d.Plan.Users {
		out[u.AssociateID] = Assignment{Plan: u.Plan, Confidential: u.Confidential}
	}
	return out
}

// Assign replaces all assignments by those of the board. Whoever loses the plan
// and gets one again has the user name of before. Plans and names are open
// again if anything changed.
func (d *Draft) Assign(to map[int64]Assignment) {
	before := map[int64]PlanUser{}
	for _, u := range d.Plan.Users {
		before[u.AssociateID] = u
	}
	users, changed := []PlanUser{}, false
	for _, u := range d.Candidates() {
		a := to[u.AssociateID]
		was, had := before[u.AssociateID]
		delete(before, u.AssociateID)
		if a.Plan == "" {
			if had {
				changed = true
				d.kept[u.AssociateID] = was
			}
			continue
		}
		pu := was
		if !had {
			pu = d.returned(u)
		}
		pu.Plan, pu.Confidential = a.Plan, a.Confidential
		changed = changed || !had || pu != was
		users = append(users, pu)
	}
	if changed || len(before) > 0 {
		d.Plan.Users = users
		d.reopen(TopicPlans, TopicNames)
	}
}

// returned is the entry of somebody who gets a plan: with the user name chosen
// before, else the first valid address that nobody else uses.
func (d *Draft) returned(u User) PlanUser {
	if was, ok := d.kept[u.AssociateID]; ok {
		return was
	}
	s := suggestion{taken: map[string]bool{}}
	for _, o := range d.Plan.Users {
		s.taken[FoldAddress(o.UserName)] = true
	}
	return PlanUser{AssociateID: u.AssociateID, Initials: u.Initials, FullName: u.FullName, UserName: s.userName(u)}
}

// SetMode says whether the plan is for a test or a live migration. An agreement
// that was accepted for the other is not accepted for this one.
func (d *Draft) SetMode(m Mode) {
	if d.Plan.Mode != m {
		d.Plan.Mode, d.Plan.Terms = m, Terms{}
	}
}

// SetNames replaces user names by associate id; others keep theirs.
func (d *Draft) SetNames(names map[int64]string) {
	for i := range d.Plan.Users {
		pu := &d.Plan.Users[i]
		if n, ok := names[pu.AssociateID]; ok && strings.TrimSpace(n) != pu.UserName {
			pu.UserName = strings.TrimSpace(n)
			d.reopen(TopicNames)
		}
	}
}

// Removals are the addresses that people lose because they are the user name of
// somebody else; they are recorded in the plan when the names are confirmed.
func (d *Draft) Removals() []PlanAddress { return addressesToRemove(d.Plan.Users, d.Users) }

// SetNotifications says who gets mail when the migration is complete.
func (d *Draft) SetNotifications(n Notifications) {
	if n != d.Plan.Notifications {
		d.Plan.Notifications = n
		d.reopen(TopicNotifications)
	}
}

// SetMailboxes replaces the choices for the addresses of Customer Service.
func (d *Draft) SetMailboxes(m []Mailbox) {
	if !slices.Equal(m, d.Plan.Mailboxes) {
		d.Plan.Mailboxes = slices.Clone(m)
		d.reopen(TopicMailboxes)
	}
}

func (d *Draft) reopen(topics ...Topic) {
	for _, t := range topics {
		delete(d.confirmed, t)
	}
}
