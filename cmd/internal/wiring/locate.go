package wiring

import (
	"context"
	"os"

	"omt/migration"
	"omt/onsite"
)

// Detect reads the configuration files below a folder; empty means the one of
// Options.Config or else the usual places of this computer. A password that
// stands there stays in the session. What was read is returned with an error.
func (s *Session) Detect(ctx context.Context, folder string) (migration.Location, error) {
	if folder == "" {
		folder = s.Options.Config
	}
	var err error
	if folder == "" {
		s.found, err = onsite.DiscoverUsual(ctx)
	} else {
		s.found, err = onsite.Discover(ctx, folder)
	}
	return s.found.Location(), err
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
	set, err := onsite.SettingsOf(l, s.found)
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
	Password    string // of the database user; empty uses the configuration's
	Fingerprint string // of a certificate that the person accepted
}

// ConnectAt opens the database of a location in place of an earlier one and
// holds company and serial against the ticket. Folders are not looked at: the
// checks name those that cannot be read, and a run does not start with them.
func (s *Session) ConnectAt(ctx context.Context, l migration.Location, a Access) (migration.Identity, error) {
	if s.Ticket == nil {
		return migration.Identity{}, migration.Fail("connect", "", ErrNoTicket, migration.Msg("hint.ticket.beside"))
	}
	set, err := onsite.SettingsOf(l, s.found)
	if err != nil {
		return migration.Identity{}, err
	}
	if a.Password != "" {
		set.Password = a.Password
	}
	s.Principal = migration.Principal{}
	if err := s.closePart(partSource); err != nil {
		return migration.Identity{}, err
	}
	s.Settings, s.Source, s.Identity = set, nil, migration.Identity{}
	if a.Fingerprint == "" {
		a.Fingerprint = s.Options.Fingerprint
	}
	if err := s.reach(ctx, a.Fingerprint); err != nil {
		return migration.Identity{}, err
	}
	s.Identity, err = migration.Guard(ctx, s.Source, s.Ticket)
	if err != nil {
		return s.Identity, s.unreach(err)
	}
	s.located = l
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
