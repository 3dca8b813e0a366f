//go:debug x509negativeserial=1

package onsite_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	driver "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample/tds"
)

// sqlServer is a real server. The suite makes a database and a login of its
// own there, both named omt_conform_ and a random number, and drops them.
type sqlServer struct {
	config             msdsn.Config // of a login that may make databases and logins
	database, password string
	admin              *sql.DB // in the database that was made
}

// newSQLServer takes the address as go-mssqldb writes it, with the name and
// password of a login of SQL Server, which must allow such logins.
func newSQLServer(t *testing.T, address string) *sqlServer {
	t.Helper()
	config, err := msdsn.Parse(address)
	if err != nil {
		t.Fatal("OMT_TEST_SQLSERVER is not an address: its text is not shown, because it holds a password")
	}
	return &sqlServer{config: config, database: "omt_conform_" + random(t), password: "aA1-" + random(t)}
}

func random(t *testing.T) string {
	t.Helper()
	b := make([]byte, 8)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

// open gives connections of the administrator to a database.
func (s *sqlServer) open(t *testing.T, database string) *sql.DB {
	t.Helper()
	config := s.config
	config.Database = database
	db := sql.OpenDB(driver.NewConnectorConfig(config))
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func execute(t *testing.T, db *sql.DB, batches ...string) {
	t.Helper()
	for _, b := range batches {
		if _, err := db.ExecContext(t.Context(), b); err != nil {
			t.Fatalf("%.300s: %v", b, err)
		}
	}
}

func (s *sqlServer) Load(t *testing.T, w world) {
	t.Helper()
	w.catalog.Database = s.database
	name := named(s.database)
	master := s.open(t, "master")
	// Registered first: what was made before an error is dropped as well.
	t.Cleanup(func() { s.drop(t, master) })
	execute(t, master, "CREATE DATABASE "+name+" COLLATE "+w.catalog.Collation,
		"CREATE LOGIN "+name+" WITH PASSWORD = "+quotedText(s.password)+", CHECK_POLICY = OFF")
	s.admin = s.open(t, s.database)
	for _, b := range definitions(w.catalog) {
		execute(t, s.admin, b)
	}
	for _, table := range w.catalog.Tables {
		for _, b := range inserts(table, w.rows[table.FullName()]) {
			execute(t, s.admin, b)
		}
		// The rows are there: those that break a disabled constraint too.
		execute(t, s.admin, checks(table)...)
	}
	for _, table := range w.catalog.Tables {
		execute(t, s.admin, foreignKeys(table)...)
	}
	for _, m := range w.catalog.Modules {
		execute(t, s.admin, m.Definition)
	}
	// What a migration needs: to read, to see every definition, to see sizes.
	execute(t, s.admin, "CREATE USER "+name+" FOR LOGIN "+name, "ALTER ROLE db_datareader ADD MEMBER "+name,
		"GRANT VIEW DEFINITION TO "+name, "GRANT VIEW DATABASE STATE TO "+name)
}

// drop removes database and login, whichever of them were made. The test's own
// context has ended by then.
func (s *sqlServer) drop(t *testing.T, master *sql.DB) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name, text := named(s.database), quotedText(s.database)
	for _, b := range []string{
		"IF DB_ID(" + text + ") IS NOT NULL ALTER DATABASE " + name + " SET SINGLE_USER WITH ROLLBACK IMMEDIATE",
		"IF DB_ID(" + text + ") IS NOT NULL DROP DATABASE " + name,
		"IF SUSER_ID(" + text + ") IS NOT NULL DROP LOGIN " + name,
	} {
		if _, err := master.ExecContext(ctx, b); err != nil {
			t.Errorf("%s: %v", b, err)
		}
	}
}

func (s *sqlServer) Deny(t *testing.T, schema, table string) {
	t.Helper()
	execute(t, s.admin, "DENY SELECT ON "+named(schema, table)+" TO "+named(s.database))
}

// AllowSnapshot waits, as the server does, until no transaction is open in the
// database that the suite has made.
func (s *sqlServer) AllowSnapshot(t *testing.T, on bool) {
	t.Helper()
	state := map[bool]string{true: "ON", false: "OFF"}[on]
	execute(t, s.admin, "ALTER DATABASE "+named(s.database)+" SET ALLOW_SNAPSHOT_ISOLATION "+state)
}

func (s *sqlServer) Write(t *testing.T, statements ...string) {
	t.Helper()
	for _, x := range statements {
		execute(t, s.admin, strings.NewReplacer("{", "[", ".", "].[", "}", "]").Replace(x))
	}
}

// Connect trusts the certificate that the server shows, as a person does who
// compares its fingerprint.
func (s *sqlServer) Connect(t *testing.T) *onsite.Installation {
	t.Helper()
	to := server{settings: onsite.Settings{DatabaseType: "MSSQL", Server: s.config.Host, Instance: s.config.Instance, Port: int(s.config.Port),
		Database: s.database, Schema: "CRM7", User: s.database, Password: s.password}, options: onsite.ConnectOptions{LargeCell: conformLarge}}
	in, err := onsite.Connect(t.Context(), to.settings, to.options)
	var cert *onsite.CertificateError
	switch {
	case errors.As(err, &cert):
		to.options.Fingerprint = cert.Fingerprint
	case err != nil:
		t.Fatal(err)
	default:
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return to.connect(t)
}

// refused makes columns that the package cannot hold: each must be named
// before a run. The stand-in has no such types.
func (s *sqlServer) refused(t *testing.T) {
	execute(t, s.admin, "CREATE TABLE [types].[Refused] ([id] int NOT NULL, [a] sql_variant NULL, [b] hierarchyid NULL, [c] geometry NULL, [d] geography NULL)",
		"GRANT SELECT ON [types].[Empty] TO "+named(s.database))
	c, err := s.Connect(t).Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range uncarriable(c) {
		got = append(got, r.Schema+"."+r.Table+"."+r.Column+" "+r.Type)
	}
	const want = "types.Refused.a sql_variant, types.Refused.b hierarchyid, types.Refused.c geometry, types.Refused.d geography"
	if strings.Join(got, ", ") != want {
		t.Errorf("refused are %s", strings.Join(got, ", "))
	}
}

// quotedText is a literal of nvarchar. A NUL is not sent as part of a
// statement, and half of a pair cannot be.
func quotedText(s string) string {
	if !utf8.ValidString(s) {
		return "CAST(0x" + hex.EncodeToString(tds.UTF16(s)) + " AS nvarchar(max))"
	}
	s = strings.ReplaceAll(s, "'", "''")
	return "N'" + strings.ReplaceAll(s, "\x00", "' + NCHAR(0) + N'") + "'"
}

// named joins names in brackets with dots. It is written apart from the
// program's own way of quoting, which is what the suite tests.
func named(names ...string) string {
	for i, n := range names {
		names[i] = "[" + strings.Join(strings.Split(n, "]"), "]]") + "]"
	}
	return strings.Join(names, ".")
}

func of(t *migration.Table) string { return named(t.Schema, t.Name) }
