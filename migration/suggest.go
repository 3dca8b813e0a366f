package migration

import (
	"net/mail"
	"slices"
	"strings"

	"golang.org/x/text/cases"
)

// confidentialLicence is the on-site licence behind the checkbox
// Confidential Activities (source: SoLicenseNames, name visible-for).
const confidentialLicence = "visible-for"

// loginLicences let a user sign in before user plans existed (6.x and 7.x).
var loginLicences = []string{"user", "web", "windows"}

// Candidate tells whether an associate can become a user online: an employee
// who is not retired. Resources, externals and system users never sign in.
func (u User) Candidate() bool { return u.Type == Employee && !u.Retired }

// Suggest makes a first plan from the on-site licences: everybody keeps the
// user plan of the same name while seats last, else the first plan of the
// ticket with a free seat; administrators are placed first, so that one of
// them always has a plan. The user name is the best valid address that nobody
// else has. Whoever ends without a plan is named in the messages.
func Suggest(t *Ticket, users []User, mode Mode) (*Plan, []Message) {
	p := &Plan{
		Format: PlanFormat, Tenant: t.Tenant, Company: t.Company, Serial: t.Serial, Mode: mode,
		Users: []PlanUser{}, RemoveAddresses: []PlanAddress{}, Mailboxes: []Mailbox{},
		Notifications: Notifications{Welcome: true},
	}
	if len(t.Languages) > 0 {
		p.Language = t.Languages[0]
	}
	s := suggestion{ticket: t, left: map[string]int{}, taken: map[string]bool{}, confidential: t.ConfidentialSeats}
	for _, tp := range t.Plans {
		s.left[tp.ID] = tp.Seats
	}
	var notes []Message
	for _, u := range placingOrder(users) {
		pu, why := s.place(u)
		if !why.IsZero() {
			notes = append(notes, why)
			continue
		}
		if pu.Plan != "" {
			p.Users = append(p.Users, pu)
		}
	}
	slices.SortFunc(p.Users, func(a, b PlanUser) int { return int(a.AssociateID - b.AssociateID) })
	p.RemoveAddresses = addressesToRemove(p.Users, users)
	return p, notes
}

func placingOrder(users []User) []User {
	var out []User
	for _, u := range users {
		if u.Candidate() {
			out = append(out, u)
		}
	}
	slices.SortStableFunc(out, func(a, b User) int {
		switch {
		case a.Admin != b.Admin:
			if a.Admin {
				return -1
			}
			return 1
		default:
			return int(a.AssociateID - b.AssociateID)
		}
	})
	return out
}

type suggestion struct {
	ticket       *Ticket
	left         map[string]int
	taken        map[string]bool
	confidential int
}

// place gives a user a plan, or nothing without a note for someone who had no
// licence on-site, or a note that says why a licensed user stays without one.
func (s *suggestion) place(u User) (PlanUser, Message) {
	if !licensed(u) {
		return PlanUser{}, Message{}
	}
	name := s.userName(u)
	if name == "" {
		return PlanUser{}, Msg("suggest.noaddress", "Initials", u.Initials, "Name", u.FullName)
	}
	plan := s.seat(u)
	if plan == "" {
		return PlanUser{}, Msg("suggest.noseat", "Initials", u.Initials, "Name", u.FullName)
	}
	s.left[plan]--
	s.taken[FoldAddress(name)] = true
	pu := PlanUser{AssociateID: u.AssociateID, Initials: u.Initials, FullName: u.FullName, Plan: plan, UserName: name}
	if s.confidential > 0 && slices.Contains(u.Licences, confidentialLicence) {
		pu.Confidential = true
		s.confidential--
	}
	return pu, Message{}
}

func licensed(u User) bool {
	if u.PlanName != "" {
		return true
	}
	for _, l := range u.Licences {
		if slices.Contains(loginLicences, l) {
			return true
		}
	}
	return false
}

func (s *suggestion) userName(u User) string {
	for _, a := range u.Emails {
		a = strings.TrimSpace(a)
		if ValidAddress(a) && !s.taken[FoldAddress(a)] {
			return a
		}
	}
	return ""
}

func (s *suggestion) seat(u User) string {
	for _, tp := range s.ticket.Plans {
		if strings.EqualFold(tp.Name, u.PlanName) && s.left[tp.ID] > 0 {
			return tp.ID
		}
	}
	for _, tp := range s.ticket.Plans {
		if s.left[tp.ID] > 0 {
			return tp.ID
		}
	}
	return ""
}

// addressesToRemove lists the addresses that other people share with a user
// name: online they belong to the user alone.
func addressesToRemove(placed []PlanUser, users []User) []PlanAddress {
	person := map[int64]int64{}
	for _, u := range users {
		person[u.AssociateID] = u.PersonID
	}
	owner := map[string]int64{}
	for _, p := range placed {
		owner[FoldAddress(p.UserName)] = person[p.AssociateID]
	}
	out := []PlanAddress{}
	seen := map[PlanAddress]bool{}
	for _, u := range users {
		for _, a := range u.Emails {
			// One person may have several associates, a retired one for example:
			// the address stays with the person.
			id, ok := owner[FoldAddress(a)]
			r := PlanAddress{PersonID: u.PersonID, Address: a}
			if ok && id != u.PersonID && u.PersonID != 0 && !seen[r] {
				seen[r] = true
				out = append(out, r)
			}
		}
	}
	return out
}

// FoldAddress gives the form in which two addresses are the same user name:
// Unicode case folding of the trimmed address.
func FoldAddress(a string) string { return cases.Fold().String(strings.TrimSpace(a)) }

// ValidAddress tells whether a is an e-mail address that can be a user name:
// one plain address (RFC 5322) without a display name, with a dotted domain,
// at most 254 bytes (RFC 5321).
func ValidAddress(a string) bool {
	if len(a) > 254 || strings.ContainsAny(a, " \t\r\n") {
		return false
	}
	p, err := mail.ParseAddress(a)
	if err != nil || p.Address != a {
		return false
	}
	_, domain, _ := strings.Cut(a[strings.LastIndexByte(a, '@'):], "@")
	dot := strings.LastIndexByte(domain, '.')
	return dot > 0 && dot < len(domain)-1
}
