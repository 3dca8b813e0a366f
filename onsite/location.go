package onsite

import (
	"errors"
	"path/filepath"
	"strings"

	"omt/migration"
)

// locationFields are the names of migration.Location's fields for those of
// Origin.
var locationFields = map[string]string{
	"Server": "server", "Database": "database", "Schema": "schema", "User": "user", "Password": "password",
	"ArchivePath": "archivePaths", "ArchivePath1": "archivePaths", "ArchivePath2": "archivePaths", "ArchivePath3": "archivePaths",
	"TemplatePath": "templatePath", "Service": "serviceBase", "NetServer": "netServer",
}

// Location shows the settings as the manual dialog does, without the password.
func (s Settings) Location() migration.Location {
	l := migration.Location{
		Format: migration.LocationFormat, DatabaseType: s.DatabaseType, Database: s.Database, Schema: s.Schema, User: s.User,
		TemplatePath: s.TemplatePath, ServiceBase: s.Service.BasePath, AttachmentPath: s.Service.AttachmentPath,
		ServiceTexts: s.Service.TextPath, ServiceTmpl: s.Service.TemplatePath, NetServer: s.NetServer.address(),
		HasPassword: s.Password != "",
	}
	if s.Server != "" {
		l.Server = s.dsnName()
	}
	copy(l.ArchivePaths[:], s.ArchivePaths)
	for _, o := range s.Found {
		if field := locationFields[o.Field]; field != "" && o.File != "" {
			l.Found = append(l.Found, migration.LocationOrigin{Field: field, File: o.File, Line: o.Line})
		}
	}
	return l
}

// address is the one from which SetNetServer makes both.
func (n NetServerSettings) address() string {
	if n.SOAP != "" {
		return n.SOAP
	}
	return n.REST
}

// SettingsOf makes settings of a location. found are those of Discover, or
// none: what the dialog does not show comes from there, as far as the location
// still says the same. A password of the configuration is used only with the
// server, database and user that it was found for, so that it never goes to
// another computer. Each bad field is an error that names it.
func SettingsOf(l migration.Location, found Settings) (Settings, error) {
	if err := checkLocation(l); err != nil {
		return Settings{}, err
	}
	was := found.Location()
	s := Settings{
		DatabaseType: "MSSQL", Database: strings.TrimSpace(l.Database), Schema: strings.TrimSpace(l.Schema), User: strings.TrimSpace(l.User),
		TemplatePath: l.TemplatePath, Found: found.Found,
		Service: ServiceSettings{BasePath: l.ServiceBase, AttachmentPath: l.AttachmentPath, TemplatePath: l.ServiceTmpl, TextPath: l.ServiceTexts},
	}
	if s.Schema == "" {
		s.Schema = DefaultSchema
	}
	if l.Server != "" {
		if err := s.SetServer(l.Server); err != nil {
			return Settings{}, err
		}
	}
	for _, p := range l.ArchivePaths {
		if p != "" {
			s.ArchivePaths = append(s.ArchivePaths, p)
		}
	}
	if l.ArchivePaths == was.ArchivePaths && len(found.ArchivePaths) > len(s.ArchivePaths) {
		s.ArchivePaths = found.ArchivePaths
	}
	s.Service.fill()
	if err := s.locateNetServer(l.NetServer, was.NetServer, found.NetServer); err != nil {
		return Settings{}, err
	}
	if s.SameServer(found) && strings.EqualFold(s.Database, found.Database) && s.User == found.User {
		s.Password, s.PasswordEncrypted = found.Password, found.PasswordEncrypted
	}
	return s, nil
}

func (s *Settings) locateNetServer(address, was string, found NetServerSettings) error {
	switch address = strings.TrimSpace(address); address {
	case "":
		return nil
	case was:
		s.NetServer = found
		return nil
	}
	return migration.Fail("read location", "netServer", s.SetNetServer(address), migration.Msg("hint.location.netserver"))
}

// checkLocation refuses other databases by name, and folders that would depend
// on where the program was started.
func checkLocation(l migration.Location) error {
	if err := checkType("", 0, l.DatabaseType); err != nil {
		return migration.Fail("read location", "databaseType", err, migration.Msg("hint.location.type", "Type", l.DatabaseType))
	}
	if l.ArchivePaths[0] == "" {
		return migration.Fail("read location", "archivePaths", ErrConfiguration, migration.Msg("hint.location.archive"))
	}
	for _, f := range []struct{ field, path string }{
		{"archivePaths", l.ArchivePaths[0]}, {"archivePaths", l.ArchivePaths[1]}, {"archivePaths", l.ArchivePaths[2]},
		{"templatePath", l.TemplatePath}, {"serviceBase", l.ServiceBase}, {"attachmentPath", l.AttachmentPath},
		{"serviceTexts", l.ServiceTexts}, {"serviceTemplates", l.ServiceTmpl},
	} {
		if f.path != "" && !filepath.IsAbs(f.path) {
			return migration.Fail("read location", f.field, errors.New("path is not absolute"), migration.Msg("hint.location.path", "Path", f.path))
		}
	}
	return nil
}

// fill finds the folders of Customer Service that are not named below its base
// path, where its installer makes them.
func (s *ServiceSettings) fill() {
	if s.BasePath == "" {
		return
	}
	for _, f := range []struct {
		path *string
		name string
	}{{&s.AttachmentPath, "attachments"}, {&s.TemplatePath, "templates"}, {&s.TextPath, "text"}} {
		if *f.path == "" {
			*f.path = firstFolder([]string{filepath.Join(s.BasePath, f.name)})
		}
	}
}
