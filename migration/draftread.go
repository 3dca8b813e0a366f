package migration

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Reread holds the draft against users and addresses that were read again. It
// says what changed: who left, whose addresses are others, whose plan was taken
// because the account cannot become a user any more. Any such change opens the
// user names again, with all choices kept; people who lost their place or the
// last administrator open the plans as well.
func (d *Draft) Reread(users []User, mail []MailAddress) []Message {
	var notes []Message
	now := map[int64]User{}
	for _, u := range users {
		now[u.AssociateID] = u
	}
	was := map[int64]User{}
	for _, u := range d.Users {
		was[u.AssociateID] = u
	}
	stay := []PlanUser{}
	for _, pu := range d.Plan.Users {
		u, ok := now[pu.AssociateID]
		if !ok || !u.Candidate() {
			notes = append(notes, Msg("draft.user.left", "Initials", pu.Initials, "Name", pu.FullName))
			d.reopen(TopicPlans, TopicNames)
			continue
		}
		pu.Initials, pu.FullName = u.Initials, u.FullName
		stay = append(stay, pu)
	}
	for _, u := range users {
		old, known := was[u.AssociateID]
		switch {
		case !known && u.Candidate():
			notes = append(notes, Msg("draft.user.new", "Initials", u.Initials, "Name", u.FullName))
			d.reopen(TopicPlans, TopicNames)
		case known && !sameAddresses(old.Emails, u.Emails):
			notes = append(notes, Msg("draft.user.addresses", "Initials", u.Initials, "Name", u.FullName))
			d.reopen(TopicNames)
		case known && u.Candidate() && (old.Admin != u.Admin || !old.Candidate()):
			notes = append(notes, Msg("draft.user.rights", "Initials", u.Initials, "Name", u.FullName))
			d.reopen(TopicPlans, TopicNames)
		}
	}
	d.Users, d.Plan.Users = users, stay
	if !slices.Equal(mail, d.Mailboxes) {
		notes = append(notes, Msg("draft.mailboxes"))
		d.Mailboxes = mail
		d.matchMailboxes()
		d.reopen(TopicMailboxes)
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
	chosen := map[string]Mailbox{}
	for _, m := range d.Plan.Mailboxes {
		chosen[FoldAddress(m.Old)] = m
	}
	out := []Mailbox{}
	for _, a := range d.Mailboxes {
		key := FoldAddress(a.Address)
		m, ok := chosen[key]
		if !ok {
			local, _, _ := strings.Cut(a.Address, "@")
			m = Mailbox{Old: a.Address, New: local + "@" + d.Ticket.MailDomain, Choice: MailboxKeep}
		}
		if !slices.ContainsFunc(out, func(o Mailbox) bool { return FoldAddress(o.Old) == key }) {
			out = append(out, m)
		}
	}
	d.Plan.Mailboxes = out
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

// ReadDraft reads what Encode wrote. A draft of another tenant or company is
// refused with ErrCompanyChanged: its choices are not this customer's.
func ReadDraft(b []byte, t *Ticket) (*Draft, error) {
	var f draftFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, Fail("read draft", "", err, Msg("hint.draft"))
	}
	if f.Format != draftFormat || f.Plan == nil {
		return nil, Fail("read draft", "format", errors.New("is not "+draftFormat), Msg("hint.draft"))
	}
	if f.Plan.Tenant != t.Tenant {
		return nil, Fail("read draft", f.Plan.Tenant, ErrCompanyChanged, Msg("hint.draft"))
	}
	if err := checkOwner("draft", f.Plan.Company, f.Plan.Serial, t.Company, t.Serial); err != nil {
		return nil, err
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
