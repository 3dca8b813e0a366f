package migration

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ContactOf proposes the person who signed in as contact.
func ContactOf(who Principal, users []User) Contact {
	c := Contact{Name: who.FullName}
	for _, u := range users {
		if u.AssociateID != who.AssociateID {
			continue
		}
		if c.Name == "" {
			c.Name = u.FullName
		}
		for _, a := range u.Emails {
			if c.Email == "" && ValidAddress(a) {
				c.Email = a
			}
		}
		for _, f := range u.Phones {
			if c.Phone == "" && ValidPhone(f) {
				c.Phone = f
			}
		}
	}
	return c
}

// Validate checks a plan against ticket and database. It returns every fault,
// each naming both sides of a conflict; nil means that the plan can be used.
func (p *Plan) Validate(t *Ticket, users []User) []Message {
	v := newPlanCheck(p, t, users)
	v.owner()
	v.contact()
	v.people()
	v.seats()
	v.names()
	v.removals()
	v.notifications()
	v.mailboxes()
	v.leaveOut()
	return v.faults
}

// ErrPlan: the plan breaks a rule; the messages of Validate say which.
var ErrPlan = errors.New("plan cannot be used")

// PlanFaults is ErrPlan with every fault, for those who show them all.
type PlanFaults struct{ Faults []Message }

func (e *PlanFaults) Error() string { return fmt.Sprintf("%v: %d faults", ErrPlan, len(e.Faults)) }
func (e *PlanFaults) Unwrap() error { return ErrPlan }

// PlanError turns the faults of Validate into an error, nil for none. Its hint
// is the first fault; PlanFaults in its chain has all.
func PlanError(faults []Message) error {
	if len(faults) == 0 {
		return nil
	}
	return Fail("check plan", "", &PlanFaults{Faults: faults}, faults[0])
}

type planCheck struct {
	plan   *Plan
	ticket *Ticket
	users  map[int64]User
	faults []Message
}

func newPlanCheck(p *Plan, t *Ticket, users []User) *planCheck {
	byID := map[int64]User{}
	for _, u := range users {
		byID[u.AssociateID] = u
	}
	return &planCheck{plan: p, ticket: t, users: byID}
}

func (v *planCheck) fault(id string, pairs ...any) { v.faults = append(v.faults, Msg(id, pairs...)) }

func (v *planCheck) owner() {
	p, t := v.plan, v.ticket
	if p.Tenant != t.Tenant || p.Company != t.Company || p.Serial != t.Serial {
		v.fault("plan.owner", "Company", p.Company, "Tenant", p.Tenant, "TicketCompany", t.Company, "TicketTenant", t.Tenant)
	}
	if !t.Allows(p.Mode) {
		v.fault("plan.mode", "Mode", string(p.Mode))
	}
}

// contact: Online Operations must reach somebody, and nothing is sent before
// the agreement of the ticket was accepted.
func (v *planCheck) contact() {
	c := v.plan.Contact
	if strings.TrimSpace(c.Name) == "" {
		v.fault("plan.contact.name")
	}
	if !ValidAddress(c.Email) {
		v.fault("plan.contact.email", "Email", c.Email)
	}
	if !ValidPhone(c.Phone) {
		v.fault("plan.contact.phone", "Phone", c.Phone)
	}
	if offered := v.ticket.Languages; len(offered) > 0 && !slices.Contains(offered, v.plan.Language) {
		v.fault("plan.language", "Language", v.plan.Language, "Offered", strings.Join(offered, ", "))
	}
	if v.plan.Terms.Accepted == "" || v.plan.Terms.URL != v.ticket.TermsURL {
		v.fault("plan.terms", "URL", v.ticket.TermsURL)
	}
}

// ValidPhone tells whether p can be a telephone number: at least five digits,
// and nothing that is not written in telephone numbers.
func ValidPhone(p string) bool {
	digits := 0
	for _, r := range p {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune(" +-()./", r):
			return false
		}
	}
	return digits >= 5
}

func (v *planCheck) people() {
	seen := map[int64]bool{}
	admin := false
	for _, pu := range v.plan.Users {
		u, ok := v.users[pu.AssociateID]
		switch {
		case !ok:
			v.fault("plan.user.unknown", "Initials", pu.Initials, "AssociateId", pu.AssociateID)
		case seen[pu.AssociateID]:
			v.fault("plan.user.twice", "Initials", pu.Initials)
		case !u.Candidate():
			v.fault("plan.user.cannot", "Initials", u.Initials)
		case u.Admin:
			admin = true
		}
		seen[pu.AssociateID] = true
	}
	if !admin {
		v.fault("plan.noadmin")
	}
}

func (v *planCheck) seats() {
	used, confidential := map[string]int{}, 0
	for _, pu := range v.plan.Users {
		used[pu.Plan]++
		if pu.Confidential {
			confidential++
		}
	}
	for _, tp := range v.ticket.Plans {
		if used[tp.ID] > tp.Seats {
			v.fault("plan.seats", "Plan", tp.Name, "Used", used[tp.ID], "Seats", tp.Seats)
		}
		delete(used, tp.ID)
	}
	for id := range used {
		v.fault("plan.unknownplan", "Plan", id)
	}
	if confidential > v.ticket.ConfidentialSeats {
		v.fault("plan.confidential", "Used", confidential, "Seats", v.ticket.ConfidentialSeats)
	}
}

// removals: nobody may lose the address that is their own user name.
func (v *planCheck) removals() {
	own := map[PlanAddress]string{}
	for _, pu := range v.plan.Users {
		own[PlanAddress{v.users[pu.AssociateID].PersonID, FoldAddress(pu.UserName)}] = pu.Initials
	}
	for _, r := range v.plan.RemoveAddresses {
		if who, ok := own[PlanAddress{r.PersonID, FoldAddress(r.Address)}]; ok {
			v.fault("plan.remove.own", "Initials", who, "Address", r.Address)
		}
	}
}

// notifications: an empty address means that no summary is wanted.
func (v *planCheck) notifications() {
	if to := v.plan.Notifications.SummaryTo; to != "" && !ValidAddress(to) {
		v.fault("plan.notifications.summary", "Address", to)
	}
}

// mailboxes: each address is either kept and forwarded or replaced, and no two
// get the same new one.
func (v *planCheck) mailboxes() {
	first := map[string]string{}
	for _, m := range v.plan.Mailboxes {
		if m.Choice != MailboxKeep && m.Choice != MailboxNew {
			v.fault("plan.mailbox.choice", "Address", m.Old)
		}
		if !ValidAddress(m.New) {
			v.fault("plan.mailbox.invalid", "Address", m.Old, "New", m.New)
			continue
		}
		key := FoldAddress(m.New)
		if other, ok := first[key]; ok {
			v.fault("plan.mailbox.twice", "Address", m.Old, "New", m.New, "Other", other)
			continue
		}
		first[key] = m.Old
	}
}

// leaveOut: each column once and in full. Whether it is there is looked at with
// the catalogue, before anything is sent.
func (v *planCheck) leaveOut() {
	seen := map[PlanColumn]bool{}
	for _, c := range v.plan.LeaveOut {
		if c.Schema == "" || c.Table == "" || c.Column == "" || seen[c] {
			v.fault("plan.leaveout.invalid", "Column", c.FullName())
		}
		seen[c] = true
	}
}

func (v *planCheck) names() {
	first := map[string]PlanUser{}
	for _, pu := range v.plan.Users {
		name := strings.TrimSpace(pu.UserName)
		switch {
		case name == "":
			v.fault("plan.username.required", "Initials", pu.Initials)
			continue
		case !ValidAddress(name):
			v.fault("plan.username.invalid", "Initials", pu.Initials, "UserName", name)
			continue
		}
		key := FoldAddress(name)
		if other, ok := first[key]; ok {
			v.fault("plan.username.twice", "Initials", pu.Initials, "UserName", name, "Other", other.Initials)
			continue
		}
		first[key] = pu
	}
}
