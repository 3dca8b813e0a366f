package network

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"omt/migration"
)

// ask makes one request without a secret: any answer will do.
func (k *test) ask(ctx context.Context) {
	u := *k.endpoint.URL
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return // the address was taken apart before
	}
	tr := k.Network.Transport(stepLimit)
	defer tr.CloseIdleConnections()
	begin := k.now()
	resp, err := tr.RoundTrip(req)
	if err != nil {
		k.refused(err)
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // an error page
	k.answer(resp, begin)
}

// refused tells what stands between this computer and the service.
func (k *test) refused(err error) {
	host := k.endpoint.URL.Hostname()
	var bad *tls.CertificateVerificationError
	var proxy *ProxyError
	switch {
	case errors.As(err, &proxy) && proxy.Status == http.StatusProxyAuthRequired:
		k.account(proxy)
	case proxy != nil:
		k.row(migration.Msg("network.step.proxy"), text(http.StatusText(proxy.Status)))
		k.end(migration.CheckFailed, migration.Msg("network.proxy.refused", "Status", proxy.Status, "Host", host), migration.Msg("network.proxy.refused.todo", "Address", k.shown()))
	case errors.As(err, &bad):
		k.distrust(bad)
	case oldTLS(err):
		k.row(migration.Msg("network.step.encryption"), text(plain(err)))
		k.end(migration.CheckFailed, migration.Msg("network.tls", "Host", host), migration.Msg("network.tls.todo", "Host", host))
	default:
		k.row(migration.Msg("network.step.answer"), text(plain(err)))
		k.end(migration.CheckFailed, migration.Msg("network.broken", "Address", k.shown()), migration.Msg("network.broken.todo", "Host", host))
	}
}

// account says what kind of account the proxy asks for, and whether one of it
// can be given.
func (k *test) account(asks *ProxyError) {
	names := strings.Join(asks.Schemes, ", ")
	if len(asks.Schemes) > 0 {
		k.row(migration.Msg("network.step.proxy"), text(names))
	}
	if asks.System != nil {
		k.row(migration.Msg("network.step.proxy"), text(asks.System.Error()))
	}
	p, err := k.Network.Proxy(&http.Request{URL: k.endpoint.URL})
	none := err != nil || p == nil || p.User == nil // no account was given yet
	offers := func(scheme string) bool { return slices.Contains(asks.Schemes, scheme) }
	switch {
	case len(asks.Schemes) == 0, asks.Weighed, offers(schemeBasic), offers(schemeNTLM), none && offers(schemeNegotiate):
		k.end(migration.CheckFailed, migration.Msg("network.proxy.login"), migration.Msg("network.proxy.login.todo"))
	case offers(schemeNegotiate):
		k.end(migration.CheckFailed, migration.Msg("network.proxy.kerberos", "Schemes", names),
			migration.Msg("network.proxy.kerberos.todo", "Address", k.shown()))
	default:
		k.end(migration.CheckFailed, migration.Msg("network.proxy.scheme", "Schemes", names),
			migration.Msg("network.proxy.scheme.todo", "Address", k.shown()))
	}
}

// oldTLS: crypto/tls has no error of its own for a version that it refuses.
func oldTLS(err error) bool {
	return strings.Contains(err.Error(), "protocol version not supported") || strings.Contains(err.Error(), "unsupported protocol version")
}

// distrust names the certificate that was seen: of a proxy that looks into
// encrypted connections, it tells whose that is.
func (k *test) distrust(bad *tls.CertificateVerificationError) {
	host := k.endpoint.URL.Hostname()
	if len(bad.UnverifiedCertificates) == 0 {
		k.end(migration.CheckFailed, migration.Msg("network.broken", "Address", k.shown()), migration.Msg("network.broken.todo", "Host", host))
		return
	}
	c := bad.UnverifiedCertificates[0]
	k.certificate(c)
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(bad.Err, &name):
		k.end(migration.CheckFailed, migration.Msg("network.certificate.name", "Host", host, "Subject", subject(c)),
			migration.Msg("network.certificate.name.todo", "Host", host))
	case errors.As(bad.Err, &invalid) && invalid.Reason == x509.Expired:
		k.end(migration.CheckFailed, migration.Msg("network.certificate.dates", "Host", host, "From", day(c.NotBefore), "Till", day(c.NotAfter)),
			migration.Msg("network.certificate.dates.todo", "Now", day(k.now())))
	default:
		k.end(migration.CheckFailed, migration.Msg("network.certificate", "Host", host, "Subject", subject(c), "Issuer", c.Issuer.String()),
			migration.Msg("network.certificate.todo", "Host", host, "Issuer", c.Issuer.String()))
	}
}

// certificate shows who vouches for the other side, trusted or not: an issuer
// that is the customer's own is a proxy that looks into the connection.
func (k *test) certificate(c *x509.Certificate) {
	sum := sha256.Sum256(c.Raw)
	k.row(migration.Msg("network.step.certificate"), words(migration.Msg("network.certificate.seen",
		"Subject", subject(c), "Issuer", c.Issuer.String(), "Till", day(c.NotAfter), "Fingerprint", hex.EncodeToString(sum[:]))))
}

func subject(c *x509.Certificate) string {
	if s := c.Subject.String(); s != "" {
		return s
	}
	return strings.Join(c.DNSNames, ", ")
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
