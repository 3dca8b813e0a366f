package app

import (
	"context"

	"omt/migration"
)

// Guide is the migration as the pages see it; cmd builds it of the layers
// below. Every method but Progress and Paths may take long, is called on a goroutine of
// the window and never on fyne's, one at a time, and ends early with ctx. Each
// may be called again after an error. Errors carry the hint that a page shows.
// Nothing that a method returns is changed by the guide afterwards.
type Guide interface {
	// Open reads a ticket, looks for the installation and for an earlier run.
	// An empty path means the ticket beside the program. What could be read is
	// returned together with the error: an expired ticket still opens.
	Open(ctx context.Context, ticket string) (Start, error)

	// Detect reads the configuration files in a folder; empty means the usual
	// places of this computer. If there is more than one installation it is a
	// *SeveralInstallations, and the person chooses. Import and Export read and write a location.
	Detect(ctx context.Context, folder string) (migration.Location, error)
	Import(ctx context.Context, file string) (migration.Location, error)
	Export(ctx context.Context, file string, l migration.Location) error
	// Connect opens the database and reads whose it is. An unknown certificate
	// is a *CertificateQuestion; the person may connect again with its
	// fingerprint in Access.Trust. A server without TLS 1.2 is an
	// *OldTLSQuestion, which Access.OldTLS answers. Without a password in Access or in the
	// configuration that of the keyring is used; so it is for Login.
	Connect(ctx context.Context, l migration.Location, a Access) (migration.Identity, error)
	// Login proves an administrator. A password over http to another computer
	// is a *PlainQuestion, and no NetServer an error that wraps
	// migration.ErrNoNetServer, unless SignIn says that it was confirmed.
	Login(ctx context.Context, s SignIn) (Person, error)

	// Kept tells what the keyring of this computer keeps for a location, and
	// Forget removes it.
	Kept(ctx context.Context, l migration.Location) Kept
	Forget(ctx context.Context, l migration.Location) error

	// DropTicket deletes the file of a ticket, which is a secret. The ticket that
	// was read stays open until the end of the program.
	DropTicket(ctx context.Context, path string) error

	// Thaw lets the users of the connected installation in again; nobody has to
	// sign in for it. Notes say what other people had changed meanwhile and what
	// was left so. migration.ErrNotFrozen if nothing is frozen.
	Thaw(ctx context.Context) (notes []migration.Message, err error)

	// OpenTarget chooses the folder of a folder ticket (empty for a container)
	// and opens journal, log and target. From here on choices can be kept.
	OpenTarget(ctx context.Context, folder string) (Target, error)
	// Draft is what the migrator has chosen so far: that of the last start, held
	// against the users of today, or a new one. Notes say what had to change.
	Draft(ctx context.Context, mode migration.Mode) (d *migration.Draft, notes []migration.Message, err error)
	// Keep stores the draft, so that the next start goes on with it. A page that
	// may change the draft meanwhile hands over a Clone, here and to Reread.
	Keep(ctx context.Context, d *migration.Draft) error
	// Reread reads users and mailboxes again and holds the draft against them:
	// it tells what changed and what was reopened by that.
	Reread(ctx context.Context, d *migration.Draft) ([]migration.Message, error)

	// Portraits tells who has a picture: what Portrait wants, by associate. Portrait
	// reads one as it is stored, in whatever format and at most 256 KiB of it; nil if
	// it is larger or has gone. Nobody vouches for what is inside.
	Portraits(ctx context.Context) (map[int64]int64, error)
	Portrait(ctx context.Context, picture int64) ([]byte, error)

	// Check carries out the checks, or those of only; found is called on the
	// same goroutine as each one ends.
	Check(ctx context.Context, found func(migration.CheckResult), only ...migration.CheckID) (*migration.CheckReport, error)
	// ExportChecks writes the results as CSV or HTML, by the file's extension.
	ExportChecks(ctx context.Context, file string, r *migration.CheckReport) error

	// TestNetwork tries to connect to everything that the ticket and a location
	// name. Nobody has to sign in for it, and nothing secret is sent.
	TestNetwork(ctx context.Context, l migration.Location) (*migration.CheckReport, error)
	// ProxyLogin gives the account that a proxy asks for and tests the same
	// connections with it. One that is refused is given up; the results say so.
	ProxyLogin(ctx context.Context, l migration.Location, a ProxyAccount) (*migration.CheckReport, error)

	// Preview lists what a recovery of missing files would send, and candidates
	// for what is missing still.
	Preview(ctx context.Context) (*migration.RecoveryPreview, error)

	// Run uploads, or goes on with what an earlier start left. It reads users
	// again first; if that reopens a topic it fails with migration.ErrReopened,
	// and *migration.Reopened in its chain has every change. The draft is then
	// kept as it is now: Draft or Reread give it with the topics open.
	Run(ctx context.Context, u Upload) (*migration.Result, error)
	// BundlePreview tells what a support bundle would hold; it works from the
	// first page on. Bundle writes it. Masked leaves out names and addresses.
	BundlePreview(ctx context.Context, masked bool) (*migration.Bundle, error)
	Bundle(ctx context.Context, file string, masked bool) error
	// Progress is what the ticker reads while Run works; nil before there is
	// any. It never blocks and may be called on any goroutine.
	Progress() *migration.Progress
	// Paths tells where log and journal lie; empty before OpenTarget. Like
	// Progress it may be called on any goroutine.
	Paths() Paths
	// Close ends everything that was opened. It is called once, at the end.
	Close() error
}

// Start is what is known before anybody has signed in.
type Start struct {
	Ticket   *migration.Ticket // nil if there is none or it could not be read
	Path     string            // of the ticket file
	Location migration.Location
	Located  bool // Location was found on this computer
	// Several are the installations to choose from if more than one was found;
	// Location is then empty or that of the last start.
	Several []migration.Location
	// Kept is what the keyring keeps for Location.
	Kept Kept
	// Folder is the target folder of the last start with this ticket, to be
	// proposed again.
	Folder  string
	Target  string // as Target.Describe says it; empty until a folder is chosen
	Earlier Earlier
	// Notes are what could not be found out and why: a configuration file that is
	// broken, a journal that another start holds. None of them ends the guide.
	Notes []migration.Message
	// Frozen says that an earlier start has stopped users of this installation,
	// as the journal of this computer knows it.
	Frozen migration.FrozenState
	// Demo is set when the sample installation is served: the page of the login
	// shows how to sign in to it.
	Demo *DemoHint
}

// DemoHint is the administrator of the sample installation. Both are published
// and open nothing else.
type DemoHint struct{ User, Password string }

// Earlier is what a start finds of earlier ones. Choices are the ways on after
// an uploaded run, in the order of the page.
type Earlier = migration.Earlier

// Access is what connecting needs besides the location.
type Access struct {
	Password string // of the database user; empty uses the configuration's
	Trust    string // fingerprint of a certificate that the person accepted
	OldTLS   bool   // the person allowed TLS before 1.2
	Remember bool   // keep Password in the keyring once the database took it
}

// SignIn is a login of a SuperOffice administrator.
type SignIn struct {
	User, Password string
	AllowPlain     bool // a password over http was confirmed
	Assert         bool // without NetServer: identity by name only was confirmed
	Remember       bool // keep Password in the keyring once NetServer took it
}

// ProxyAccount is an account at the proxy; of a domain as DOMAIN\user.
type ProxyAccount struct {
	User, Password string
	Remember       bool // keep both in the keyring once the proxy took them
}

// Kept is what a keyring keeps, without the secrets.
type Kept struct {
	Database bool              // the password of the database user
	User     string            // of SuperOffice, whose password is kept; empty if none is
	Proxy    bool              // the account at the proxy
	Closed   migration.Message // why nothing can be kept here, for example without a keyring
	Trouble  migration.Message // why the last password that was to be kept was not
}

// any tells whether there is something to remove.
func (k Kept) any() bool { return k.Database || k.Proxy || k.User != "" }

// SeveralInstallations is an error that asks which installation is meant.
type SeveralInstallations struct {
	Locations []migration.Location
	Err       error
}

func (q *SeveralInstallations) Error() string { return q.Err.Error() }
func (q *SeveralInstallations) Unwrap() error { return q.Err }

// Person is who signed in, with the addresses to choose from on Confirm.
type Person struct {
	migration.Principal
	Emails []string
	Phones []string
}

// Target is where the data go.
type Target struct {
	Name   string // as Target.Describe says it, without secrets
	Rights migration.Rights
	// Earlier is what the journal or the target itself tells; it replaces that
	// of Start, which only saw this computer.
	Earlier Earlier
	// Notes are what was done that people must know: a damaged journal was put
	// aside.
	Notes []migration.Message
}

// Upload is what Run does. The zero value goes on with an unfinished run, or
// repeats the last order of this window if that failed before it became one.
type Upload struct {
	Draft    *migration.Draft       // nil on a resume and a recovery of missing files
	Checks   *migration.CheckReport // with Draft
	Accepted bool                   // the warnings of Checks were acknowledged
	Recovery migration.RecoveryChoice
	Changed  []string // ids of changed items of the preview that are sent as well
	// Confirmed are files that the person has chosen for rows of the preview that
	// are missing still: Candidate.Source by MissingRow.ID.
	Confirmed map[string]string
	// Snapshot allows a live migration to read the tables from a database snapshot,
	// which is made on the server.
	Snapshot bool
	// KeepParts allows a resume to keep what was read of tables that may have
	// changed since.
	KeepParts bool
}

// Paths are files that support may ask for.
type Paths struct{ Log, Journal, Report string }

// CertificateQuestion is an error that asks whether a server's certificate is
// the right one.
type CertificateQuestion struct {
	Server, Subject, Fingerprint string
	Err                          error
}

func (q *CertificateQuestion) Error() string { return q.Err.Error() }
func (q *CertificateQuestion) Unwrap() error { return q.Err }

// OldTLSQuestion is an error that asks whether a server may be reached with an
// outdated encryption.
type OldTLSQuestion struct {
	Server string
	Err    error
}

func (q *OldTLSQuestion) Error() string { return q.Err.Error() }
func (q *OldTLSQuestion) Unwrap() error { return q.Err }

// PlainQuestion is an error that asks whether a password may go over http.
type PlainQuestion struct {
	Address string
	Err     error
}

func (q *PlainQuestion) Error() string { return q.Err.Error() }
func (q *PlainQuestion) Unwrap() error { return q.Err }
