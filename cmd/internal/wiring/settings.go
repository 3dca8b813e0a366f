package wiring

import (
	"context"
	"path"
	"strings"

	"omt/migration"
	"omt/onsite"
)

// settings finds the installation and the passwords for it.
func (s *Session) settings(ctx context.Context, sec *Secrets) error {
	s.proxy = sec.proxy()
	if err := s.locate(ctx); err != nil {
		return err
	}
	return s.passwords(ctx, sec)
}

// locate reads the configuration and puts in what the options say instead.
func (s *Session) locate(ctx context.Context) (err error) {
	o := s.Options
	if s.Settings, err = s.choose(ctx); err != nil {
		return err
	}
	if o.Server != "" {
		if err := s.Settings.SetServer(o.Server); err != nil {
			return err
		}
	}
	if o.Database != "" {
		s.Settings.Database = o.Database
	}
	if o.DBUser != "" {
		s.Settings.User = o.DBUser
	}
	if o.NetServer != "" {
		s.Settings.NetServer = netServer(o.NetServer)
	}
	return nil
}

// passwords takes what was given, else what the files tell, else what the
// keyring keeps, else what the person says.
func (s *Session) passwords(ctx context.Context, sec *Secrets) (err error) {
	if sec.DatabasePassword != "" {
		s.Settings.Password = sec.DatabasePassword
	}
	if s.Settings.Password == "" {
		s.Settings.Password = databasePassword(ctx, s.Settings)
	}
	if s.Settings.Password == "" && s.Settings.User != "" && sec.AskDatabase != nil {
		if s.Settings.Password, err = sec.AskDatabase(s.Settings.User); err != nil {
			return err
		}
		sec.DatabasePassword = s.Settings.Password
	}
	if sec.UserPassword != "" {
		return nil
	}
	if sec.UserPassword = userPassword(ctx, s.Settings, s.Options.User); sec.UserPassword == "" && sec.AskUser != nil {
		sec.UserPassword, err = sec.AskUser(s.Options.User)
	}
	return err
}

// rememberSecrets keeps the passwords that were given, now that both were taken.
func (s *Session) rememberSecrets(ctx context.Context, sec Secrets) error {
	if !sec.Remember {
		return nil
	}
	if sec.DatabasePassword != "" {
		s.keepDatabase(ctx, sec.DatabasePassword)
	}
	if s.trouble.IsZero() {
		s.keepSignIn(ctx, s.Options.User, sec.UserPassword)
	}
	if s.trouble.IsZero() {
		return nil
	}
	return migration.Fail("remember passwords", "", errNotRemembered, s.trouble)
}

// choose finds the installation that the options mean. Of several, server and
// database must name one.
func (s *Session) choose(ctx context.Context) (onsite.Settings, error) {
	found, err := find(ctx, s.Options.Config)
	s.Notes = append(s.Notes, found.Notes...)
	if err != nil {
		return onsite.Settings{}, err
	}
	var fit []onsite.Settings
	for _, set := range found.Installations {
		want := set
		if s.Options.Server != "" {
			if err := want.SetServer(s.Options.Server); err != nil {
				return onsite.Settings{}, err
			}
		}
		if want.SameServer(set) && (s.Options.Database == "" || strings.EqualFold(s.Options.Database, set.Database)) {
			fit = append(fit, set)
		}
	}
	switch {
	case len(found.Installations) == 1:
		return found.Installations[0], nil
	case len(fit) == 1:
		return fit[0], nil
	}
	return onsite.Settings{}, migration.Fail("find installation", "", &SeveralError{locations(found.Installations)},
		migration.Msg("hint.find.several", "Count", len(found.Installations)))
}

// netServer tells the address of the services (.../Services88, SOAP) from that
// of the web client (REST). One that was given replaces both of the
// configuration, so that no password goes where nobody asked it to go.
func netServer(address string) onsite.NetServerSettings {
	if strings.Contains(path.Base(strings.TrimRight(address, "/")), "Services") {
		return onsite.NetServerSettings{SOAP: strings.TrimRight(address, "/")}
	}
	return onsite.NetServerSettings{REST: strings.TrimRight(address, "/")}
}
