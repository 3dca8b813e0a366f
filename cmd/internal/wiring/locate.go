package wiring

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"omt/migration"
	"omt/onsite"
)

// SeveralError: more than one installation was found. Which one is to be moved
// is for a person to say; ConnectAt takes any of them.
type SeveralError struct{ Locations []migration.Location }

func (e *SeveralError) Error() string {
	return fmt.Sprintf("find installation: there are %d", len(e.Locations))
}

// Detect reads the configuration files below a folder; empty means the one of
// Options.Config or else the usual places of this computer. Passwords that stand
// there stay in the session. What was read is returned with an error; several
// installations are a *SeveralError.
func (s *Session) Detect(ctx context.Context, folder string) (migration.Location, error) {
	l, _, err := s.detect(ctx, folder)
	return l, err
}

// detect is Detect with notes on what else could not be read.
func (s *Session) detect(ctx context.Context, folder string) (migration.Location, []migration.Message, error) {
	if folder == "" {
		folder = s.Options.Config
	}
	found, err := find(ctx, folder)
	s.found = found.Installations
	switch {
	case len(s.found) == 0:
		return migration.Location{}, found.Notes, err
	case err == nil && len(s.found) > 1:
		err = migration.Fail("find installation", "", &SeveralError{locations(s.found)},
			migration.Msg("hint.config.several", "Count", len(s.found)))
		return migration.Location{}, found.Notes, err
	}
	return s.found[0].Location(), found.Notes, err
}

func locations(sets []onsite.Settings) []migration.Location {
	var out []migration.Location
	for _, set := range sets {
		out = append(out, set.Location())
	}
	return out
}

// find looks in one folder, which is one installation, or in the usual places.
func find(ctx context.Context, folder string) (onsite.Finding, error) {
	if folder == "" {
		return onsite.Find(ctx, onsite.ThisComputer())
	}
	s, err := onsite.Discover(ctx, folder)
	return onsite.Finding{Installations: []onsite.Settings{s}}, err
}

// Found is an installation with the places in which its values stand.
type Found struct {
	migration.Location
	HasPassword bool     `json:"hasPassword"` // of the database, in the clear
	Origins     []Origin `json:"origins"`
}

// Origin is the file or registry key of a field. Line is 0 if unknown.
type Origin struct {
	Field string `json:"field"`
	File  string `json:"file"`
	Line  int    `json:"line,omitempty"`
}

// Files lists each place of the origins once.
func (f Found) Files() []string {
	var out []string
	for _, o := range f.Origins {
		if !slices.Contains(out, o.File) {
			out = append(out, o.File)
		}
	}
	return out
}

// FindAll tells what Detect would find, without choosing.
func FindAll(ctx context.Context, folder string) ([]Found, []migration.Message, error) {
	found, err := find(ctx, folder)
	if err != nil {
		return nil, found.Notes, err
	}
	var out []Found
	for _, l := range locations(found.Installations) {
		one := Found{Location: l, HasPassword: l.HasPassword}
		for _, o := range l.Found {
			one.Origins = append(one.Origins, Origin(o))
		}
		out = append(out, one)
	}
	return out, found.Notes, nil
}

// foundAt are the settings of the configuration files that a location was made
// of: the only ones, else those with its database, else with its archive.
func (s *Session) foundAt(l migration.Location) onsite.Settings {
	if len(s.found) == 1 {
		return s.found[0]
	}
	for _, fits := range []func(migration.Location) bool{
		func(was migration.Location) bool { return sameDatabase(was, l) && was.ArchivePaths == l.ArchivePaths },
		func(was migration.Location) bool { return sameDatabase(was, l) },
		func(was migration.Location) bool { return was.ArchivePaths == l.ArchivePaths },
	} {
		for _, set := range s.found {
			if fits(set.Location()) {
				return set
			}
		}
	}
	return onsite.Settings{}
}

func sameDatabase(a, b migration.Location) bool {
	return strings.EqualFold(a.Server, b.Server) && strings.EqualFold(a.Database, b.Database)
}

// ImportLocation reads a location that somebody exported. It has no password:
// that of the configuration files is used if they name the same database.
func (s *Session) ImportLocation(file string) (migration.Location, error) {
	f, err := os.Open(file)
	if err != nil {
		return migration.Location{}, migration.Fail("open", file, err, migration.Msg("hint.config.unreadable", "Path", file))
	}
	defer f.Close()
	l, err := migration.ReadLocation(f)
	if err != nil {
		return migration.Location{}, err
	}
	return s.withPassword(l), nil
}

// withPassword says whether the configuration files tell the password for it.
func (s *Session) withPassword(l migration.Location) migration.Location {
	set, err := onsite.SettingsOf(l, s.foundAt(l))
	l.HasPassword = err == nil && set.Password != ""
	return l
}

// ExportLocation writes a location for ImportLocation, readable for whoever runs
// the program.
func ExportLocation(file string, l migration.Location) error {
	b, err := l.Encode()
	if err == nil {
		err = writeFile(file, b)
	}
	return migration.Fail("write location", file, err, migration.Msg("hint.location.export", "Path", file))
}

// Access is what connecting needs besides the location.
type Access struct {
	Password    string // of the database user; empty uses the configuration's, else the keyring's
	Fingerprint string // of a certificate that the person accepted
	OldTLS      bool   // the person allowed TLS before 1.2
	Remember    bool   // keep Password in the keyring once the database took it
}

// ConnectAt opens the database of a location in place of an earlier one and
// holds company and serial against the ticket. Folders are not looked at: the
// checks name those that cannot be read, and a run does not start with them.
func (s *Session) ConnectAt(ctx context.Context, l migration.Location, a Access) (migration.Identity, error) {
	if s.Ticket == nil {
		return migration.Identity{}, migration.Fail("connect", "", ErrNoTicket, migration.Msg("hint.ticket.beside"))
	}
	set, err := onsite.SettingsOf(l, s.foundAt(l))
	if err != nil {
		return migration.Identity{}, err
	}
	switch {
	case a.Password != "":
		set.Password = a.Password
	case set.Password == "":
		set.Password = databasePassword(ctx, set)
	}
	s.Principal = migration.Principal{}
	if err := s.closePart(partSource); err != nil {
		return migration.Identity{}, err
	}
	s.Settings, s.Source, s.Identity = set, nil, migration.Identity{}
	if a.Fingerprint == "" {
		a.Fingerprint = s.Options.Fingerprint
	}
	if err := s.reach(ctx, a.Fingerprint, a.OldTLS || s.Options.OldTLS); err != nil {
		return migration.Identity{}, err
	}
	s.Identity, err = migration.Guard(ctx, s.Source, s.Ticket)
	if err != nil {
		return s.Identity, s.unreach(err)
	}
	s.located = l
	if a.Remember && a.Password != "" {
		s.keepDatabase(ctx, a.Password)
	}
	return s.Identity, nil
}

// unreach closes a database that was opened and may not be used.
func (s *Session) unreach(cause error) error {
	s.Source = nil
	if err := s.closePart(partSource); err != nil {
		s.Log.Warn("close database that was refused: " + err.Error())
	}
	return cause
}
