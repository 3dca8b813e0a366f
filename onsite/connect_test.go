package onsite_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample/mssql"
)

type refuse struct{}

func (refuse) DialContext(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("connection refused")
}

func TestConnectRefused(t *testing.T) {
	s := newServer(t, nil)
	plain := newServer(t, func(o *mssql.Options) { o.Cert = tls.Certificate{} })
	_, fingerprint := certificate()
	for _, c := range []struct {
		name   string
		server server
		change func(*onsite.Settings, *onsite.ConnectOptions)
		is     error
		hint   string
	}{
		{"password", s, func(s *onsite.Settings, _ *onsite.ConnectOptions) { s.Password = "wrong-one" }, migration.ErrBadCredentials, "hint.sql.login"},
		{"database", s, func(s *onsite.Settings, _ *onsite.ConnectOptions) { s.Database = "Elsewhere" }, migration.ErrNotFound, "hint.sql.database"},
		{"unreachable", s, func(s *onsite.Settings, o *onsite.ConnectOptions) { s.Port, o.Dialer = 1433, refuse{} }, nil, "hint.sql.unreachable"},
		{"certificate", s, func(_ *onsite.Settings, o *onsite.ConnectOptions) { o.Fingerprint = "" }, nil, "hint.sql.certificate"},
		{"other certificate", s, func(_ *onsite.Settings, o *onsite.ConnectOptions) { o.Fingerprint = strings.Repeat("ab", 32) }, nil, "hint.sql.certificate.changed"},
		{"no encryption", plain, func(*onsite.Settings, *onsite.ConnectOptions) {}, nil, "hint.sql.encryption"},
		{"no password", s, func(s *onsite.Settings, _ *onsite.ConnectOptions) { s.Password = "" }, onsite.ErrConfiguration, "hint.connect.missing"},
		{"oracle", s, func(s *onsite.Settings, _ *onsite.ConnectOptions) { s.DatabaseType = "Oracle" }, onsite.ErrUnsupported, "hint.config.dbtype"},
	} {
		settings, options := c.server.settings, c.server.options
		c.change(&settings, &options)
		in, err := onsite.Connect(t.Context(), settings, options)
		if err == nil {
			t.Errorf("%s: connected", c.name)
			in.Close()
			continue
		}
		if c.is != nil && !errors.Is(err, c.is) || migration.HintOf(err).ID != c.hint {
			t.Errorf("%s: %v, hint %s", c.name, err, migration.HintOf(err).ID)
		}
		if settings.Password != "" && strings.Contains(fmt.Sprintf("%v %+v %#v", err, settings, settings), settings.Password) {
			t.Errorf("%s: the password is in a text", c.name)
		}
		var cert *onsite.CertificateError
		if strings.HasPrefix(c.hint, "hint.sql.certificate") && (!errors.As(err, &cert) || cert.Fingerprint != fingerprint) {
			t.Errorf("%s: no fingerprint in %v", c.name, err)
		}
	}
	roots := x509.NewCertPool()
	cert, _ := certificate()
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(leaf)
	s.options.Fingerprint, s.options.Roots = "", roots
	s.connect(t)
	s.options.Now = func() time.Time { return time.Date(2070, 1, 1, 0, 0, 0, 0, time.UTC) }
	if _, err := onsite.Connect(t.Context(), s.settings, s.options); migration.HintOf(err).ID != "hint.sql.certificate" {
		t.Errorf("expired certificate: %v", err)
	}
	s.options.Now = nil
	s.settings.Schema = "CRM9"
	if _, err := s.connect(t).Identity(t.Context()); !errors.Is(err, migration.ErrNotFound) || migration.HintOf(err).ID != "hint.sql.table" {
		t.Errorf("wrong schema: %v", err)
	}
}

// TestConnectByAddress: TLS carries no name for an address, so the certificate
// must be held against the address itself.
func TestConnectByAddress(t *testing.T) {
	s := newServer(t, nil)
	roots := x509.NewCertPool()
	cert, _ := certificate() // for crm01 and 192.0.2.7
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(leaf)
	s.options.Fingerprint, s.options.Roots, s.settings.Port = "", roots, 1433
	s.settings.Server = "192.0.2.8"
	if in, err := onsite.Connect(t.Context(), s.settings, s.options); migration.HintOf(err).ID != "hint.sql.certificate" {
		t.Errorf("certificate for another address: %v %v", in, err)
	}
	s.settings.Server = "192.0.2.7"
	s.connect(t)
}

// silent accepts a connection and never says a word.
type silent struct {
	conns []net.Conn
	after func()
}

func (s *silent) DialContext(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	s.conns = append(s.conns, server)
	if s.after != nil {
		s.after()
	}
	return client, nil
}

func TestConnectSilentServer(t *testing.T) {
	s := newServer(t, nil)
	d := &silent{}
	defer func() {
		for _, c := range d.conns {
			c.Close()
		}
	}()
	s.settings.Port = 1433 // no other way
	s.options.Dialer, s.options.Timeout = d, 20*time.Millisecond
	if _, err := onsite.Connect(t.Context(), s.settings, s.options); migration.HintOf(err).ID != "hint.sql.unreachable" {
		t.Errorf("silent server: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d.after, s.options.Timeout = cancel, time.Hour
	if _, err := onsite.Connect(ctx, s.settings, s.options); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
