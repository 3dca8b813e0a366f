package onsite_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"omt/onsite"
	"omt/onsite/sample"
	"omt/onsite/sample/mssql"
)

// bench is the sample installation, built once for all tests of this file.
var bench = sync.OnceValues(func() (*sample.Installation, error) {
	return sample.Build(context.Background(), filepath.Join(benchDir, "sample"), sample.Options{Users: 40, Documents: 300, Rows: 6_000, Missing: 40, Seed: 3})
})

// pipes reaches a server without a port.
type pipes struct {
	srv   *mssql.Server
	ctx   context.Context
	conns sync.WaitGroup
}

func (p *pipes) DialContext(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p.conns.Go(func() { p.srv.ServeConn(p.ctx, server) })
	return client, nil
}

// certificate makes one that nobody trusts, and its fingerprint.
var certificate = sync.OnceValues(func() (tls.Certificate, string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "crm01"}, DNSNames: []string{"crm01"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 7)},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, hex.EncodeToString(sum[:])
})

// server is a stand-in with its settings and the options to reach it.
type server struct {
	in       *sample.Installation
	store    *mssql.Store
	old      *mssql.Store // of a server that old made
	srv      *mssql.Server
	settings onsite.Settings
	options  onsite.ConnectOptions
}

func newServer(t *testing.T, change func(*mssql.Options)) server {
	t.Helper()
	in, err := bench()
	if err != nil {
		t.Fatal(err)
	}
	store, err := mssql.Open(t.Context(), filepath.Join(in.Dir, "database", "superoffice.db"))
	if err != nil {
		t.Fatal(err)
	}
	cert, fingerprint := certificate()
	o := mssql.Options{Login: in.DBLogin, Password: in.DBPassword, Cert: cert}
	if change != nil {
		change(&o)
	}
	srv := mssql.NewServer(store, o)
	ctx, cancel := context.WithCancel(context.Background())
	p := &pipes{srv: srv, ctx: ctx}
	t.Cleanup(func() {
		srv.Close()
		cancel()
		p.conns.Wait()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return server{in: in, store: store, srv: srv, options: onsite.ConnectOptions{Fingerprint: fingerprint, Dialer: p}, settings: onsite.Settings{
		DatabaseType: "MSSQL", Server: "crm01", Database: in.Database, Schema: strings.ToLower(in.Schema), User: in.DBLogin, Password: in.DBPassword,
		ArchivePaths: []string{in.ArchivePath, in.ArchivePath2}, TemplatePath: in.TemplatePath,
		Service: onsite.ServiceSettings{BasePath: in.ServiceDir, AttachmentPath: filepath.Join(in.ServiceDir, "attachments"),
			TemplatePath: filepath.Join(in.ServiceDir, "templates"), TextPath: filepath.Join(in.ServiceDir, "text")},
	}}
}

func (s server) connect(t *testing.T) *onsite.Installation {
	t.Helper()
	in, err := onsite.Connect(t.Context(), s.settings, s.options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	return in
}
