package wiring

import (
	"context"
	"path"
	"strings"

	"omt/onsite"
)

// settings reads the configuration and puts in what the options say instead.
func (s *Session) settings(ctx context.Context, sec Secrets) (err error) {
	o := s.Options
	if s.Settings, err = onsite.Discover(ctx, o.Config); err != nil {
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
	if sec.DatabasePassword != "" {
		s.Settings.Password = sec.DatabasePassword
	}
	if s.Settings.Password == "" && sec.AskDatabase != nil {
		if s.Settings.Password, err = sec.AskDatabase(s.Settings.User); err != nil {
			return err
		}
	}
	return nil
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
