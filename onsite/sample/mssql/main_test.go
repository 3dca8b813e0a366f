package mssql

import (
	"context"
	"crypto/tls"
	"database/sql"
	"net"
	"path/filepath"
	"sync"
	"testing"

	mssqldb "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
	"go.uber.org/goleak"

	"omt/migration"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testLogin    = "crm"
	testPassword = "Pä55 w;rd'}"
)

// newStore makes a store that is closed with the test.
func newStore(t testing.TB, c *migration.Catalog) *Store {
	t.Helper()
	s, err := Create(t.Context(), filepath.Join(t.TempDir(), "store.db"), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// load inserts rows into one table.
func load(t testing.TB, s *Store, table *migration.Table, rows ...[]any) {
	t.Helper()
	l, err := s.Loader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := l.Insert(table, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// pipeDialer reaches a server without a port.
type pipeDialer struct {
	srv   *Server
	ctx   context.Context
	conns *sync.WaitGroup
}

func (d pipeDialer) DialContext(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	d.conns.Go(func() { d.srv.ServeConn(d.ctx, server) })
	return client, nil
}

func (d pipeDialer) HostName() string { return "pipe" }

// open serves the store over pipes and returns a pool of connections.
func open(t testing.TB, s *Store, o Options, change ...func(*msdsn.Config)) (*sql.DB, *Server) {
	t.Helper()
	o.Login, o.Password = testLogin, testPassword
	srv := NewServer(s, o)
	cfg := msdsn.Config{
		Host: "pipe", Port: 1433, User: testLogin, Password: testPassword, Database: s.Catalog().Database,
		Encryption: msdsn.EncryptionDisabled, PacketSize: 4096, Protocols: []string{"tcp"},
	}
	for _, f := range change {
		f(&cfg)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := pipeDialer{srv: srv, ctx: ctx, conns: &sync.WaitGroup{}}
	conn := mssqldb.NewConnectorConfig(cfg)
	conn.Dialer = d
	db := sql.OpenDB(conn)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		srv.Close()
		cancel()
		d.conns.Wait()
	})
	return db, srv
}

func encrypted(cert tls.Certificate, mode msdsn.Encryption) func(*msdsn.Config) {
	return func(c *msdsn.Config) {
		c.Encryption = mode
		c.TLSConfig = trust(cert)
	}
}
