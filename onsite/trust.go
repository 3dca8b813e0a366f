package onsite

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"omt/migration"
)

// CertificateError is a server whose certificate is not trusted. The person at
// the screen may compare Fingerprint with the server's and connect again with
// ConnectOptions.Fingerprint.
type CertificateError struct {
	Fingerprint string // SHA-256 in hex
	Subject     string
	Err         error
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("certificate %s is not trusted: %v", e.Fingerprint, e.Err)
}
func (e *CertificateError) Unwrap() error { return e.Err }

// errOtherCertificate: a fingerprint was confirmed and the server shows another.
var errOtherCertificate = errors.New("it is not the certificate that was confirmed")

// errNoName: there is no name that the certificate could be for.
var errNoName = errors.New("the server has no name to compare with the certificate")

// trust decides on the server's certificate and remembers the refusal, because
// the driver passes on only the text of a failed handshake.
type trust struct {
	fingerprint string
	roots       *x509.CertPool
	now         func() time.Time
	old         bool // TLS before 1.2 is allowed

	mu      sync.Mutex
	last    *CertificateError
	version uint16 // of TLS at the last handshake
}

func newTrust(o ConnectOptions) *trust {
	t := &trust{roots: o.Roots, now: o.Now, old: o.OldTLS}
	t.fingerprint = strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(o.Fingerprint))
	if t.now == nil {
		t.now = time.Now
	}
	return t
}

// config turns the standard check off only to make the same check itself in
// verify: a confirmed fingerprint must be able to replace it, nothing else.
func (t *trust) config(host string) *tls.Config {
	c := &tls.Config{
		ServerName:         host,
		InsecureSkipVerify: true,
		VerifyConnection:   func(cs tls.ConnectionState) error { return t.verify(cs, host) },
		MinVersion:         tls.VersionTLS12,
		// SQL Server expects one TLS record a packet.
		DynamicRecordSizingDisabled: true,
	}
	if t.old {
		// The suites without forward secrecy are all that some old servers have.
		c.MinVersion = tls.VersionTLS10
		c.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_256_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA}
		for _, s := range tls.CipherSuites() {
			c.CipherSuites = append(c.CipherSuites, s.ID)
		}
	}
	return c
}

// spoken tells whether a handshake was carried out.
func (t *trust) spoken() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.version != 0
}

// outdated names the version of TLS at the last handshake if it is before 1.2.
func (t *trust) outdated() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.version == 0 || t.version >= tls.VersionTLS12 {
		return ""
	}
	return tls.VersionName(t.version)
}

// verify holds the certificate against the name of the connection, which the
// driver changes when the server sends it on to another. TLS carries no name
// for an address; then host is what the certificate must be for.
func (t *trust) verify(cs tls.ConnectionState, host string) error {
	t.mu.Lock()
	t.version = cs.Version
	t.mu.Unlock()
	name := cs.ServerName
	if name == "" {
		name = host
	}
	if len(cs.PeerCertificates) == 0 {
		return errors.New("server has no certificate")
	}
	leaf := cs.PeerCertificates[0]
	sum := sha256.Sum256(leaf.Raw)
	fingerprint := hex.EncodeToString(sum[:])
	var err error
	if t.fingerprint != "" {
		if t.fingerprint == fingerprint {
			return nil
		}
		err = errOtherCertificate
	} else if name == "" {
		err = errNoName // an empty name would be checked against nothing
	} else {
		inter := x509.NewCertPool()
		for _, c := range cs.PeerCertificates[1:] {
			inter.AddCert(c)
		}
		_, err = leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: t.roots, Intermediates: inter, CurrentTime: t.now()})
	}
	if err == nil {
		return nil
	}
	refused := &CertificateError{Fingerprint: fingerprint, Subject: leaf.Subject.String(), Err: err}
	t.mu.Lock()
	t.last = refused
	t.mu.Unlock()
	return refused
}

func (t *trust) failure() *CertificateError {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

func (in *Installation) certificateError(cert *CertificateError) error {
	id := "hint.sql.certificate"
	if errors.Is(cert, errOtherCertificate) {
		id = "hint.sql.certificate.changed"
	}
	server := in.settings.serverName()
	return migration.Fail("connect", server, cert,
		migration.Msg(id, "Server", server, "Fingerprint", cert.Fingerprint, "Subject", cert.Subject))
}
