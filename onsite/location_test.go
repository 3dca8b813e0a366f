package onsite

import (
	"errors"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"omt/migration"
)

// root makes a path absolute on every system.
func root(elements ...string) string {
	if runtime.GOOS == "windows" {
		return `C:\` + filepath.Join(elements...)
	}
	return "/" + filepath.Join(elements...)
}

func fullSettings() Settings {
	return Settings{
		DatabaseType: "MSSQL", Server: "crm", Instance: "SALES", Database: "SuperOffice", Schema: "CRM7", User: "crm7", Password: "secret",
		ArchivePaths: []string{root("arc"), root("arc2"), root("arc3"), root("arc4")}, TemplatePath: root("tmpl"),
		Service:   ServiceSettings{BasePath: root("svc"), AttachmentPath: root("svc", "att"), TemplatePath: root("svc", "tm"), TextPath: root("svc", "tx")},
		NetServer: NetServerSettings{REST: "https://web.example/Office", SOAP: "https://crm/NetServer/Services88"},
		Found: []Origin{{"Server", "odbc.ini", 3}, {"ArchivePath2", "SuperOffice.ini", 4}, {"Schema", "", 0},
			{"Password", "config", 2}, {"Nonsense", "x", 1}},
	}
}

// Every field goes to the dialog and back; what the dialog does not show stays.
func TestLocationAndBack(t *testing.T) {
	s := fullSettings()
	l := s.Location()
	want := migration.Location{
		Format: migration.LocationFormat, DatabaseType: "MSSQL", Server: `crm\SALES`, Database: "SuperOffice", Schema: "CRM7", User: "crm7",
		ArchivePaths: [3]string{root("arc"), root("arc2"), root("arc3")}, TemplatePath: root("tmpl"), ServiceBase: root("svc"),
		AttachmentPath: root("svc", "att"), ServiceTexts: root("svc", "tx"), ServiceTmpl: root("svc", "tm"),
		NetServer: "https://crm/NetServer/Services88", HasPassword: true,
		Found: []migration.LocationOrigin{{Field: "server", File: "odbc.ini", Line: 3}, {Field: "archivePaths", File: "SuperOffice.ini", Line: 4}, {Field: "password", File: "config", Line: 2}},
	}
	if !reflect.DeepEqual(l, want) {
		t.Errorf("shown\n%+v\nwant\n%+v", l, want)
	}
	back, err := SettingsOf(l, s)
	if err != nil || !reflect.DeepEqual(back, s) {
		t.Errorf("%#v\n%#v %v", back.ArchivePaths, back, err)
	}
	// On another computer there is nothing but the location.
	other, err := SettingsOf(l, Settings{})
	if err != nil || other.Password != "" || len(other.ArchivePaths) != 3 || other.NetServer.SOAP != s.NetServer.SOAP || other.NetServer.REST != "https://crm/SuperOffice" {
		t.Errorf("%+v %v", other, err)
	}
}

// A password of a configuration file never goes where it was not found for.
func TestPasswordStaysWithItsServer(t *testing.T) {
	for name, change := range map[string]func(*migration.Location){
		"server":   func(l *migration.Location) { l.Server = "attacker.example" },
		"port":     func(l *migration.Location) { l.Server = "crm,1444" },
		"database": func(l *migration.Location) { l.Database = "Other" },
		"user":     func(l *migration.Location) { l.User = "sa" },
	} {
		l := fullSettings().Location()
		change(&l)
		if s, err := SettingsOf(l, fullSettings()); err != nil || s.Password != "" {
			t.Errorf("%s: the password would be sent, %v", name, err)
		}
	}
	l := fullSettings().Location()
	l.Server, l.Database, l.ArchivePaths[2] = "CRM\\sales", "superoffice", ""
	s, err := SettingsOf(l, fullSettings())
	if err != nil || s.Password != "secret" || !slices.Equal(s.ArchivePaths, []string{root("arc"), root("arc2")}) {
		t.Errorf("%v %v", s.ArchivePaths, err)
	}
}

func TestBadLocations(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*migration.Location)
		item   string
		hint   string
		is     error
	}{
		{"oracle", func(l *migration.Location) { l.DatabaseType = "Oracle" }, "databaseType", "hint.location.type", ErrUnsupported},
		{"server", func(l *migration.Location) { l.Server = "host,many" }, "host,many", "hint.config.server", ErrConfiguration},
		{"server with more", func(l *migration.Location) { l.Server = "host;Password=x" }, "host", "hint.config.server", ErrConfiguration},
		{"archive", func(l *migration.Location) { l.ArchivePaths[0] = "" }, "archivePaths", "hint.location.archive", ErrConfiguration},
		{"relative", func(l *migration.Location) { l.ServiceTmpl = "templates" }, "serviceTemplates", "hint.location.path", nil},
		{"address", func(l *migration.Location) { l.NetServer = "ftp://user:secret@host" }, "netServer", "hint.location.netserver", ErrConfiguration},
		{"no host", func(l *migration.Location) { l.NetServer = "crm.example" }, "netServer", "hint.location.netserver", ErrConfiguration},
	} {
		l := fullSettings().Location()
		c.change(&l)
		_, err := SettingsOf(l, Settings{})
		var e *migration.Error
		if !errors.As(err, &e) || e.Item != c.item || e.Hint.ID != c.hint || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v, hint %v", c.name, err, migration.HintOf(err).ID)
		}
	}
}

func TestSetNetServer(t *testing.T) {
	for address, want := range map[string]NetServerSettings{
		"https://web.example/SuperOffice/":        {REST: "https://web.example/SuperOffice"},
		" https://u:p@web.example/so?x=secret#y ": {REST: "https://web.example/so"},
		"http://crm:8080/Netserver/Services88/":   {REST: "http://crm:8080/SuperOffice", SOAP: "http://crm:8080/Netserver/Services88"},
	} {
		var s Settings
		if err := s.SetNetServer(address); err != nil || s.NetServer != want {
			t.Errorf("%s: %+v %v", address, s.NetServer, err)
		}
	}
}

// Customer Service's own folders are found below its base path.
func TestServiceBelowBase(t *testing.T) {
	base := put(t, map[string]string{"attachments/x": "", "text/x": ""})
	l := fullSettings().Location()
	l.ServiceBase, l.AttachmentPath, l.ServiceTexts, l.ServiceTmpl = base, "", "", ""
	s, err := SettingsOf(l, Settings{})
	want := ServiceSettings{BasePath: base, AttachmentPath: filepath.Join(base, "attachments"), TextPath: filepath.Join(base, "text")}
	if err != nil || s.Service != want {
		t.Errorf("%+v %v", s.Service, err)
	}
}
