package migration

import (
	"errors"
	"fmt"
)

// Decisions are taken on these with errors.Is; everything that people read is
// in Error.
var (
	// ErrCompanyChanged: company name or serial number of the database differ
	// from the ticket or from the run that is being resumed.
	ErrCompanyChanged = errors.New("company name or serial number has changed since the migration was prepared")
	// ErrExpired: the ticket or its container address is past its last day.
	// Nothing is marked as failed; a new ticket continues.
	ErrExpired = errors.New("ticket has expired")
	// ErrBadCredentials: the server knows the user or not, the password is wrong.
	ErrBadCredentials = errors.New("user name or password is wrong")
	// ErrNotAdministrator: signed in, but neither admin-all nor admin-users.
	ErrNotAdministrator = errors.New("user is not an administrator")
	// ErrNoNetServer: no NetServer answered, so identity cannot be proved.
	ErrNoNetServer = errors.New("no NetServer can be reached")
	// ErrProxyLogin: the proxy between this computer and the service asks for an
	// account, or refused the one that was shown.
	ErrProxyLogin = errors.New("proxy asks for an account")
	// ErrLeaseHeld: another process works on the same target.
	ErrLeaseHeld = errors.New("target is in use by another run")
	// ErrLeaseLost: the lease on the target ended under us; all writing stops.
	ErrLeaseLost = errors.New("lease on the target was lost")
	// ErrInTheWay: something of another kind lies where an object belongs.
	ErrInTheWay = errors.New("something else lies in its place")
	// ErrNotFound: the object or row is not there.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the target or database refused for lack of rights.
	ErrForbidden = errors.New("not permitted")
	// ErrNeedsAdministrator: the system refuses a file of the installation or of
	// the program itself to this account; an administrator's would be let in.
	ErrNeedsAdministrator = errors.New("rights of an administrator are needed")
	// ErrNoSpace: the disk of the target or of the journal is full.
	ErrNoSpace = errors.New("no space left")
	// ErrChanged: a file changed while it was read; it is read again.
	ErrChanged = errors.New("changed while it was read")
	// ErrSourceLost: the disk or share of the archive cannot be reached any
	// more; it is no fault of one file, and the run stops.
	ErrSourceLost = errors.New("disk or share of the archive is lost")
	// ErrCatalogChanged: a table or column known from the catalogue is gone.
	ErrCatalogChanged = errors.New("catalogue changed while the database was read")
)

// Error is an error for people. Op is the verb and the kind of object
// ("read table"), Item the one concerned ("CRM7.contact"), Hint what to do.
// Err carries the cause and, for decisions, one of the sentinels above.
// Neither field ever holds a secret or the query of a URL.
type Error struct {
	Op   string
	Item string
	Err  error
	Hint Message
}

func (e *Error) Error() string {
	if e.Item == "" {
		return fmt.Sprintf("%s: %v", e.Op, e.Err)
	}
	return fmt.Sprintf("%s %s: %v", e.Op, e.Item, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Fail builds an Error; a nil err gives nil.
func Fail(op, item string, err error, hint Message) error {
	if err == nil {
		return nil
	}
	return &Error{Op: op, Item: item, Err: err, Hint: hint}
}

// HintOf returns the outermost hint in the chain, or the zero Message.
func HintOf(err error) Message {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return Message{}
		}
		if !e.Hint.IsZero() {
			return e.Hint
		}
		err = e.Err
	}
	return Message{}
}
