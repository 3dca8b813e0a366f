package migration

import "time"

// Ticket is what Online Operations issue for one tenant. upload reads and
// verifies it; migration only uses a verified one. Container is a bearer
// secret: it is never copied into journal, log, report or error text.
type Ticket struct {
	Format            string       `json:"format"`
	ID                string       `json:"id"`
	Tenant            string       `json:"tenant"` // CustNNNNN
	Environment       string       `json:"environment"`
	Company           string       `json:"company"` // must equal company.ownerContactName
	Serial            string       `json:"serial"`  // must equal company.serialNo
	Plans             []TicketPlan `json:"plans"`
	ConfidentialSeats int          `json:"confidentialSeats"`
	Modes             []Mode       `json:"modes"`
	Target            TargetSpec   `json:"target"`
	MailDomain        string       `json:"mailDomain"`
	Languages         []string     `json:"languages"`
	TermsURL          string       `json:"termsUrl"`
	Freeze            FreezeSpec   `json:"freeze"`
	NotBefore         time.Time    `json:"notBefore"`
	Expires           time.Time    `json:"expires"`
	Key               string       `json:"key"` // id of the signing key
	Signature         string       `json:"signature"`

	// Demo is set by the verifier when the demo key signed it: the window then
	// shows a banner, and only folder and loopback targets are allowed.
	Demo bool `json:"-"`
}

// TicketPlan is a user plan that the online licence offers.
type TicketPlan struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Seats int    `json:"seats"`
}

// TargetSpec says where to send: kind "azureblob" with a container address or
// kind "folder", whose path the migrator chooses.
type TargetSpec struct {
	Kind      string `json:"kind"`
	Container string `json:"container,omitempty"`
}

// FreezeSpec carries the key of the no-login system event.
type FreezeSpec struct {
	EventKey string `json:"eventKey"`
}

// Mode is test or live.
type Mode string

// The two modes of a migration.
const (
	ModeTest Mode = "test"
	ModeLive Mode = "live"
)

// Allows tells whether the ticket permits the mode.
func (t *Ticket) Allows(m Mode) bool {
	for _, x := range t.Modes {
		if x == m {
			return true
		}
	}
	return false
}

// DemoSerial is the serial number of the sample installation. A ticket that is
// signed with the demo key is valid for this serial alone, so that a demo
// ticket can never move anybody's data.
const DemoSerial = "9900000042"

// DemoCompany is the company that owns the sample installation.
const DemoCompany = "Fjordlys Handel AS"
