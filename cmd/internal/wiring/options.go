package wiring

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"omt/migration"
	"omt/upload/ticket"
)

// Version is set by the build: -ldflags "-X omt/cmd/internal/wiring.Version=...".
var Version = "0.1.0"

// Tool is the name and version that session, report and journal carry.
func Tool() string { return "omt " + Version }

// Options are what the migrator chose. Secrets come beside them (Secrets) and
// never from a flag.
type Options struct {
	Ticket      string // file; empty looks beside the executable
	Config      string // folder with the configuration files
	Target      string // folder of a folder ticket
	State       string // folder of journal and log; empty is DefaultState
	User        string // SuperOffice user name
	Server      string // overrides the configuration, as a DSN writes it
	Database    string // overrides the configuration
	DBUser      string // overrides the configuration
	Fingerprint string // SHA-256 of the database server's certificate
	OldTLS      bool   // allow TLS before 1.2 towards the database server
	CA          string // PEM file with authorities that are trusted besides the system's
	NetServer   string // base address of the web client, overrides the configuration
	PlainHTTP   bool   // allow sign-in over http to another computer
	Readers     int
	Senders     int
	Counting    time.Duration // for the expected duration, 0: the default of the checks
}

// Secrets are used for this run. What is missing comes from the keyring, and
// what is missing there is asked for.
type Secrets struct {
	DatabasePassword string `json:"databasePassword"`
	UserPassword     string `json:"userPassword"`
	// ProxyUser and ProxyPassword are the account at the proxy, if it asks.
	ProxyUser     string `json:"proxyUser"`
	ProxyPassword string `json:"proxyPassword"`
	// AskDatabase asks for the database user's password when no file tells it;
	// nil when nobody can be asked.
	AskDatabase func(user string) (string, error) `json:"-"`
	// AskUser asks for the password of the SuperOffice user; its error says that
	// nobody can be asked.
	AskUser func(user string) (string, error) `json:"-"`
	// AskProxy asks for the account at a proxy that lets nobody through without
	// one; an empty user gives none. nil when nobody can be asked.
	AskProxy func() (user, password string, err error) `json:"-"`
	// Remember keeps both in the keyring once they were taken.
	Remember bool `json:"-"`
}

// DefaultState is where journal and log live: for all administrators of the
// server on Windows, for the user elsewhere. Never a temporary folder: the
// journal must be there weeks later.
func DefaultState() (string, error) {
	if runtime.GOOS == "windows" {
		if p := os.Getenv("ProgramData"); p != "" {
			return filepath.Join(p, "omt"), nil
		}
		return "", errors.New("find state folder: ProgramData is not set")
	}
	if p := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(p) {
		return filepath.Join(p, "omt"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find state folder: %w", err)
	}
	return filepath.Join(home, ".local", "state", "omt"), nil
}

// ErrNoTicket: no ticket was given and none lies beside the program.
var ErrNoTicket = errors.New("no ticket")

// LoadTicket reads the ticket that was named, or the only one beside the
// executable. An expired ticket is returned together with its error.
func LoadTicket(path string) (*migration.Ticket, error) {
	if path == "" {
		found, err := beside()
		if err != nil {
			return nil, err
		}
		path = found
	}
	keys, err := ticket.Release()
	if err != nil {
		return nil, err
	}
	return ticket.Load(path, keys, time.Now())
}

func beside() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find program: %w", err)
	}
	found, err := ticket.Find(filepath.Dir(exe))
	if err != nil {
		return "", err
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", migration.Fail("find ticket", "", ErrNoTicket, migration.Msg("hint.ticket.beside"))
	}
	return "", migration.Fail("find ticket", "", ErrNoTicket, migration.Msg("hint.ticket.several", "Count", len(found)))
}
