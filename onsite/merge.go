package onsite

import (
	"strings"

	"omt/migration"
)

// merger fills Settings from the files found.
type merger struct {
	s       Settings
	lookups []DSNLookup
}

func (m *merger) merge(f configFiles) (Settings, error) {
	// Customer Service comes before what is read from the first of its files.
	steps := []func(configFiles) error{m.types, m.service, m.database, m.credentials, m.archive}
	for _, step := range steps {
		if err := step(f); err != nil {
			return m.s, err
		}
	}
	if len(m.s.ArchivePaths) == 0 {
		return m.s, missingKey(f.first(), "ArchivePath")
	}
	if m.s.Server == "" || m.s.Database == "" {
		return m.s, missingKey(f.first(), "Datapath")
	}
	return m.s, nil
}

// first names the file in which a missing key was expected.
func (f configFiles) first() string {
	for _, list := range [][]entries{f.ini, f.user, f.config, f.service} {
		if len(list) > 0 {
			return list[0].file
		}
	}
	return ""
}

const (
	sectionDatabase  = "SuperOffice/Data/Database"
	sectionExplicit  = "SuperOffice/Data/Explicit"
	sectionDocuments = "SuperOffice/Documents"
)

// types refuses Oracle and others before anything else is looked at.
func (m *merger) types(f configFiles) error {
	for _, e := range f.config {
		if x, ok := e.get(sectionDatabase, "DatabaseMajor"); ok {
			if err := checkType(e.file, x.line, x.value); err != nil {
				return err
			}
		}
	}
	for _, e := range f.service {
		if x, ok := e.get("", "dbType"); ok {
			if err := checkType(e.file, x.line, x.value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *merger) found(field, file string, line int) {
	m.s.Found = append(m.s.Found, Origin{Field: field, File: file, Line: line})
}

// database: the data source names server and database; what SuperOffice.config
// says of them is overridden and counts only without a data source.
func (m *merger) database(f configFiles) error {
	if err := m.schema(f); err != nil {
		return err
	}
	name, file, line, err := m.dsnName(f)
	if err != nil {
		return err
	}
	if name != "" {
		d, ok, err := m.lookup(name)
		if err != nil {
			return err
		}
		if ok {
			if err := m.s.SetServer(d.Server); err != nil {
				return err
			}
			m.s.Database = d.Database
			m.found("Server", d.Origin.File, d.Origin.Line)
			m.found("Database", d.Origin.File, d.Origin.Line)
		}
	}
	if m.s.Server == "" || m.s.Database == "" {
		if err := m.databaseOfConfig(f); err != nil {
			return err
		}
	}
	if name != "" && m.s.Server == "" {
		return migration.Fail("find data source", name, migration.ErrNotFound,
			migration.Msg("hint.config.dsn", "DSN", name, "File", file, "Line", line))
	}
	return nil
}

func (m *merger) schema(f configFiles) error {
	m.s.Schema = DefaultSchema
	for _, src := range []struct {
		files        []entries
		section, key string
	}{{f.ini, "SuperOffice", "GlobalPrefix"}, {f.user, "SuperOffice", "GlobalPrefix"}, {f.config, sectionDatabase, "TablePrefix"}} {
		x, file, err := agree(src.files, src.section, src.key)
		if err != nil {
			return err
		}
		if x.value != "" {
			m.s.Schema = x.value
			m.found("Schema", file, x.line)
			return nil
		}
	}
	m.found("Schema", "", 0)
	return nil
}

// dsnName: SuperOffice.ini has Datapath=ODBC:name, the Customer Service file
// has the name alone as dbDatabase.
func (m *merger) dsnName(f configFiles) (name, file string, line int, err error) {
	x, file, err := agree(f.ini, "SuperOffice", "Datapath")
	// What one person has set for herself counts only where nobody else says it.
	if err == nil && x.value == "" {
		x, file, err = agree(f.user, "SuperOffice", "Datapath")
	}
	if err != nil {
		return "", "", 0, err
	}
	if x.value != "" {
		kind, name, ok := strings.Cut(x.value, ":")
		if !ok || !strings.EqualFold(kind, "ODBC") || name == "" {
			return "", "", 0, badConfig(file, x.line, "Datapath is not ODBC: and the name of a data source")
		}
		return name, file, x.line, nil
	}
	for _, e := range f.service {
		if x, ok := e.get("", "dbDatabase"); ok && x.value != "" {
			return x.value, e.file, x.line, nil
		}
	}
	return "", "", 0, nil
}

func (m *merger) lookup(name string) (DSN, bool, error) {
	for _, l := range m.lookups {
		d, ok, err := l.LookupDSN(name)
		if err != nil || ok {
			return d, ok, err
		}
	}
	return DSN{}, false, nil
}

func (m *merger) databaseOfConfig(f configFiles) error {
	if m.s.Server == "" {
		x, file, err := agree(f.config, sectionDatabase, "Server")
		if err != nil {
			return err
		}
		if x.value != "" {
			if err := m.s.SetServer(x.value); err != nil {
				return err
			}
			m.found("Server", file, x.line)
		}
	}
	x, file, err := agree(f.config, sectionDatabase, "Database")
	if err != nil || m.s.Database != "" || x.value == "" {
		return err
	}
	m.s.Database = x.value
	m.found("Database", file, x.line)
	return nil
}

// credentials: SuperOffice.config if its password is in clear text, else the
// Customer Service file, which always has it so.
func (m *merger) credentials(f configFiles) error {
	for _, e := range f.config {
		user, _ := e.get(sectionExplicit, "DBUser")
		password, _ := e.get(sectionExplicit, "DBPassword")
		switch {
		case user.value == "" || password.value == "":
			continue
		case encrypted(password.value):
			m.s.PasswordEncrypted = true
			continue
		}
		m.s.User, m.s.Password, m.s.PasswordEncrypted = user.value, password.value, false
		m.found("User", e.file, user.line)
		m.found("Password", e.file, password.line)
		return nil
	}
	for _, e := range f.service {
		user, _ := e.get("", "dbUsername")
		password, _ := e.get("", "dbPassword")
		if user.value == "" || password.value == "" {
			continue
		}
		m.s.User, m.s.Password, m.s.PasswordEncrypted = user.value, password.value, false
		m.found("User", e.file, user.line)
		m.found("Password", e.file, password.line)
		return nil
	}
	return nil
}
