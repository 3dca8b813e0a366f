package migration

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// PlanFormat names the format of plan.json, see upload/FORMAT.md.
const PlanFormat = "omt-plan/1"

// Plan is everything the migrator decides: it travels to the receiving side as
// plan.json, because the on-site database is never written.
type Plan struct {
	Format          string        `json:"format"`
	Tenant          string        `json:"tenant"`
	Company         string        `json:"company"`
	Serial          string        `json:"serial"`
	Mode            Mode          `json:"mode"`
	Language        string        `json:"language"`
	Contact         Contact       `json:"contact"`
	Terms           Terms         `json:"terms"`
	Users           []PlanUser    `json:"users"` // only those who get a user plan
	RemoveAddresses []PlanAddress `json:"removeAddresses"`
	Notifications   Notifications `json:"notifications"`
	Mailboxes       []Mailbox     `json:"mailboxes"`
	// LeaveOut are columns that do not travel, most often because the package
	// has no form for their type. Nothing is ever left out that is not here.
	LeaveOut []PlanColumn `json:"leaveOut,omitempty"`
}

// Contact is whom Online Operations ask about this migration.
type Contact struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

// Terms records which agreement was accepted and when; empty if not yet.
type Terms struct {
	URL      string `json:"url"`
	Accepted string `json:"accepted"` // RFC 3339, UTC
}

// PlanUser is a user online: who, with which user plan and user name.
type PlanUser struct {
	AssociateID  int64  `json:"associateId"`
	Initials     string `json:"initials"`
	FullName     string `json:"fullName"`
	Plan         string `json:"plan"`         // id of a plan of the ticket
	Confidential bool   `json:"confidential"` // Confidential Activities
	UserName     string `json:"userName"`     // e-mail address
}

// PlanAddress is an address that leaves a person, because it is the user name
// of somebody else.
type PlanAddress struct {
	PersonID int64  `json:"personId"`
	Address  string `json:"address"`
}

// Notifications says who gets mail when the migration is complete.
type Notifications struct {
	Welcome   bool   `json:"welcome"`
	SummaryTo string `json:"summaryTo"`
}

// Mailbox is the choice for one address of Customer Service: "keep" the old
// one and forward it, or use the "new" one.
type Mailbox struct {
	Old    string `json:"old"`
	New    string `json:"new"`
	Choice string `json:"choice"`
}

// maxPlanFile bounds what is read as a plan: 20,000 users are about 5 MB.
const maxPlanFile = 64 << 20

// ReadPlan reads a plan.json that a person may have edited. Unknown fields are
// an error, since they are most often a misspelt known one.
func ReadPlan(r io.Reader) (*Plan, error) {
	d := json.NewDecoder(io.LimitReader(r, maxPlanFile))
	d.DisallowUnknownFields()
	var p Plan
	if err := d.Decode(&p); err != nil {
		return nil, Fail("read plan", describeOffset(d, err), err, Msg("hint.plan.syntax"))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, Fail("read plan", describeOffset(d, nil), errors.New("text after the end of the plan"), Msg("hint.plan.syntax"))
	}
	if p.Format != PlanFormat {
		return nil, Fail("read plan", "format", fmt.Errorf("is %q, want %q", p.Format, PlanFormat), Msg("hint.plan.format"))
	}
	return &p, nil
}

func describeOffset(d *json.Decoder, err error) string {
	var s *json.SyntaxError
	if errors.As(err, &s) {
		return fmt.Sprintf("at byte %d", s.Offset)
	}
	return fmt.Sprintf("at byte %d", d.InputOffset())
}

// Encode writes the plan as indented JSON, the same bytes for the same plan.
func (p *Plan) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	return append(b, '\n'), nil
}

// Accept records that the agreement of the ticket was accepted.
func (p *Plan) Accept(url string, at time.Time) {
	p.Terms = Terms{URL: url, Accepted: at.UTC().Format(time.RFC3339)}
}
