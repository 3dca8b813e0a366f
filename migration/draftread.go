package migration

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Reread holds the draft against users and addresses that were read again. It
// says what changed: who left, whose addresses are others, whose plan was taken
// because the account cannot become a user any more. Any such change opens the
// user names again, with all choices kept; people who lost their place or the
// last administrator open the plans as well. A topic that breaks a rule now, for
// instance because a new ticket has fewer seats, is open again too.
func (d *Draft) Reread(users []User, mail []MailAddress) []Message {
	was, now := usersByID(d.Users), usersByID(users)
	notes := d.keepPeople(now)
	for _, u := range users {
		old, known := was[u.AssociateID]
		notes = append(notes, d.compare(old, u, known)...)
	}
	d.Users = users
	if !slices.Equal(mail, d.Mailboxes) {
		notes = append(notes, Msg("draft.mailboxes"))
		d.Mailboxes = mail
		d.matchMailboxes()
		d.reopen(TopicMailboxes)
	}
	return append(notes, d.reopenBroken()...)
}

// removals follow who has which address today. If other people would lose one
// than those who were shown, the names are open again.
func (d *Draft) removals() []Message {
	if !d.confirmed[TopicNames] {
		return nil
	}
	now := d.Removals()
	fold := func(in []PlanAddress) map[PlanAddress]bool {
		out := map[PlanAddress]bool{}
		for _, a := range in {
			out[PlanAddress{a.PersonID, FoldAddress(a.Address)}] = true
		}
		return out
	}
	if maps.Equal(fold(now), fold(d.Plan.RemoveAddresses)) {
		d.Plan.RemoveAddresses = now
		return nil
	}
	d.reopen(TopicNames)
	return []Message{Msg("draft.removals")}
}

func usersByID(users []User) map[int64]User {
	out := make(map[int64]User, len(users))
	for _, u := range users {
		out[u.AssociateID] = u
	}
	return out
}

// keepPeople takes out of the plan who cannot become a user any more. What was
// chosen for them stays kept: an account may be back tomorrow.
func (d *Draft) keepPeople(now map[int64]User) []Message {
	var notes []Message
	stay := []PlanUser{}
	for _, pu := range d.Plan.Users {
		u, ok := now[pu.AssociateID]
		if !ok || !u.Candidate() {
			notes = append(notes, Msg("draft.user.left", "Initials", pu.Initials, "Name", pu.FullName))
			d.kept[pu.AssociateID] = pu
			d.reopen(TopicPlans, TopicNames)
			continue
		}
		pu.Initials, pu.FullName = u.Initials, u.FullName
		stay = append(stay, pu)
	}
	d.Plan.Users = stay
	return notes
}

// compare says what is different about one account that is there now.
func (d *Draft) compare(old, u User, known bool) []Message {
	var notes []Message
	about := func(id string, topics ...Topic) {
		notes = append(notes, Msg(id, "Initials", u.Initials, "Name", u.FullName))
		d.reopen(topics...)
	}
	if !known {
		if u.Candidate() {
			about("draft.user.new", TopicPlans, TopicNames)
		}
		return notes
	}
	if !sameAddresses(old.Emails, u.Emails) {
		about("draft.user.addresses", TopicNames)
	}
	if u.Candidate() && (old.Admin != u.Admin || !old.Candidate()) {
		about("draft.user.rights", TopicPlans, TopicNames)
	}
	return notes
}

// reopenBroken opens confirmed topics that break a rule as things stand now.
func (d *Draft) reopenBroken() []Message {
	notes := d.removals()
	for _, t := range d.Topics() {
		if faults := d.Faults(t); d.confirmed[t] && len(faults) > 0 {
			notes = append(notes, faults...)
			if d.reopen(t); t == TopicPlans {
				d.reopen(TopicNames)
			}
		}
	}
	return notes
}

// sameAddresses tells whether two people lists have the same addresses, in any
// order: SuperOffice does not promise one.
func sameAddresses(a, b []string) bool {
	fold := func(in []string) []string {
		out := make([]string, len(in))
		for i, s := range in {
			out[i] = FoldAddress(s)
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(fold(a), fold(b))
}

// matchMailboxes makes one choice an address of today and keeps those that were
// made. A new address forwards to the same local part at the tenant's domain.
func (d *Draft) matchMailboxes() {
	chosen, taken := map[string]Mailbox{}, map[string]bool{}
	for _, m := range d.Plan.Mailboxes {
		chosen[FoldAddress(m.Old)] = m
	}
	for _, a := range d.Mailboxes {
		if m, ok := chosen[FoldAddress(a.Address)]; ok {
			taken[FoldAddress(m.New)] = true
		}
	}
	out, seen := []Mailbox{}, map[string]bool{}
	for _, a := range d.Mailboxes {
		key := FoldAddress(a.Address)
		if seen[key] {
			continue
		}
		seen[key] = true
		m, ok := chosen[key]
		if !ok {
			m = Mailbox{Old: a.Address, New: proposeMailbox(a.Address, d.Ticket.MailDomain, taken), Choice: MailboxKeep}
		}
		out = append(out, m)
	}
	d.Plan.Mailboxes = out
}

// proposeMailbox gives the address at the new domain with the old local part.
// support@a and support@b cannot both be support@new: the second becomes
// support-2. taken holds the folded addresses that were given.
func proposeMailbox(old, domain string, taken map[string]bool) string {
	local, _, _ := strings.Cut(strings.TrimSpace(old), "@")
	for n := 1; ; n++ {
		address := local + "@" + domain
		if n > 1 {
			address = local + "-" + strconv.Itoa(n) + "@" + domain
		}
		if key := FoldAddress(address); !taken[key] {
			taken[key] = true
			return address
		}
	}
}

// draftFile is what Encode writes. Users and addresses are in it, so that the
// next start can tell what changed in between.
type draftFile struct {
	Format    string             `json:"format"`
	Plan      *Plan              `json:"plan"`
	Users     []User             `json:"users"`
	Mailboxes []MailAddress      `json:"mailboxes"`
	Confirmed []Topic            `json:"confirmed"`
	Kept      map[int64]PlanUser `json:"kept"`
}

const draftFormat = "omt-draft/1"

// Encode writes the draft for the journal; ReadDraft reads it.
func (d *Draft) Encode() ([]byte, error) {
	f := draftFile{Format: draftFormat, Plan: d.Plan, Users: d.Users, Mailboxes: d.Mailboxes, Confirmed: []Topic{}, Kept: d.kept}
	for _, t := range d.Topics() {
		if d.confirmed[t] {
			f.Confirmed = append(f.Confirmed, t)
		}
	}
	b, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode draft: %w", err)
	}
	return b, nil
}

// ReadDraft reads what Encode wrote; what cannot be read wraps ErrDraft. So does
// a draft of another tenant or company, which is ErrCompanyChanged besides: its
// choices are not this customer's.
func ReadDraft(b []byte, t *Ticket) (*Draft, error) {
	refuse := func(item string, err error) error {
		return Fail("read draft", item, fmt.Errorf("%w: %w", ErrDraft, err), Msg("hint.draft"))
	}
	var f draftFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, refuse("", err)
	}
	if f.Format != draftFormat || f.Plan == nil {
		return nil, refuse("format", errors.New("is not "+draftFormat))
	}
	if f.Plan.Tenant != t.Tenant {
		return nil, refuse(f.Plan.Tenant, ErrCompanyChanged)
	}
	if err := checkOwner("draft", f.Plan.Company, f.Plan.Serial, t.Company, t.Serial); err != nil {
		return nil, refuse("owner", err)
	}
	d := &Draft{Ticket: t, Users: f.Users, Mailboxes: f.Mailboxes, Plan: f.Plan, confirmed: map[Topic]bool{}, kept: f.Kept}
	if d.kept == nil {
		d.kept = map[int64]PlanUser{}
	}
	for _, c := range f.Confirmed {
		d.confirmed[c] = true
	}
	return d, nil
}
