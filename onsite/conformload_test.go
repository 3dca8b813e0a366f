package onsite_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"omt/onsite"
	"omt/onsite/sample/mssql"
)

// conformServer is a database server that the suite is run against.
type conformServer interface {
	// Load makes the database with its rows, once; what it makes is gone when
	// the test has ended, however it ends.
	Load(t *testing.T, w world)
	// Deny takes the right to read a table from the login.
	Deny(t *testing.T, schema, table string)
	// AllowSnapshot sets whether transactions of level SNAPSHOT may read the
	// database that Load has made, for connections that are opened afterwards.
	AllowSnapshot(t *testing.T, on bool)
	// Write carries out statements on another connection. A table stands in them
	// as {schema.name}.
	Write(t *testing.T, statements ...string)
	// Connect opens the database as a migration does, with a login that may
	// read.
	Connect(t *testing.T) *onsite.Installation
}

// standIn is the sample's server, loaded by its own interface.
type standIn struct {
	store    *mssql.Store
	denied   []string
	snapshot bool
}

func (s *standIn) Load(t *testing.T, w world) {
	t.Helper()
	w.catalog.Database = "conform"
	store, err := mssql.Create(t.Context(), filepath.Join(t.TempDir(), "conform.db"), w.catalog)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	s.store = store
	l, err := store.Loader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range w.catalog.Tables {
		for _, row := range w.rows[table.FullName()] {
			if err := l.Insert(table, row); err != nil {
				t.Error(err)
			}
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func (s *standIn) Deny(_ *testing.T, schema, table string) {
	s.denied = append(s.denied, schema+"."+table)
}

func (s *standIn) AllowSnapshot(_ *testing.T, on bool) { s.snapshot = on }

func (s *standIn) Write(t *testing.T, statements ...string) {
	t.Helper()
	for _, x := range statements {
		// Tables of other schemas lie in the one of SuperOffice's, by both names.
		x = strings.NewReplacer("{CRM7.", `CRM7."`, "{", `CRM7."`, "}", `"`).Replace(x)
		if err := s.store.Exec(t.Context(), x); err != nil {
			t.Fatalf("%s: %v", x, err)
		}
	}
}

func (s *standIn) Connect(t *testing.T) *onsite.Installation {
	t.Helper()
	const login, password = "omt", "stands in"
	cert, fingerprint := certificate()
	srv := mssql.NewServer(s.store, mssql.Options{Login: login, Password: password, Cert: cert, Denied: s.denied, AllowSnapshot: s.snapshot})
	ctx, cancel := context.WithCancel(context.Background())
	p := &pipes{srv: srv, ctx: ctx}
	t.Cleanup(func() {
		srv.Close()
		cancel()
		p.conns.Wait()
	})
	return server{
		settings: onsite.Settings{DatabaseType: "MSSQL", Server: "crm01", Database: "conform", Schema: "CRM7", User: login, Password: password},
		options:  onsite.ConnectOptions{Fingerprint: fingerprint, Dialer: p, LargeCell: conformLarge},
	}.connect(t)
}
