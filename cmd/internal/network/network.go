// Package network says how this computer gets out: through which proxy, and by
// which certificate authorities others are believed. Test tells, for each host
// and port that a migration needs, how far a connection comes and what stops
// it. What is sent over a connection does not belong here.
package network

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-ieproxy"

	"omt/migration"
)

// maxAuthorityBytes bounds a file of certificates: all that a system trusts
// are a few hundred kilobytes.
const maxAuthorityBytes = 4 << 20

// errNoAuthority: a file holds no certificate.
var errNoAuthority = errors.New("no certificate in PEM form")

// Login is an account at a proxy: user, DOMAIN\user or user@domain.
type Login struct{ User, Password string }

// Options are what a person knows of the network and the system does not.
type Options struct {
	// CA is a PEM file with certificate authorities that are trusted besides
	// those of the system; empty: none.
	CA string
	// Proxy finds the proxy for a request; nil: that of the environment
	// (HTTPS_PROXY), else of the system's settings.
	Proxy func(*http.Request) (*url.URL, error)
	// Login is asked for each proxy ("host:port") that has no account in its own
	// address; nil: none.
	Login func(proxy string) Login
	// Negotiate begins a sign-in at the proxy of that host name as the person who
	// runs the program; nil: what the system has, which is only Windows.
	Negotiate func(host string) (Negotiation, error)
}

// Negotiation is one sign-in by the scheme Negotiate, which may be Kerberos.
type Negotiation interface {
	// Next answers what the proxy said, nothing at first, with a token for it.
	Next(challenge []byte) (token []byte, err error)
	Close() error
}

// Network is safe for use by several goroutines.
type Network struct {
	roots     *x509.CertPool // nil: the system's
	find      func(*http.Request) (*url.URL, error)
	login     func(string) Login
	negotiate func(string) (Negotiation, error) // nil: no such sign-in

	mu      sync.Mutex
	given   Login               // by SignIn
	known   map[string]found    // by scheme and host
	tunnels map[string]*url.URL // proxies, by the host and port behind them
	verdict map[string]verdict  // what proxies said to an account, by their host and port
}

type found struct {
	proxy *url.URL
	err   error
}

// Open reads the file of certificate authorities and nothing else.
func Open(o Options) (*Network, error) {
	n := &Network{
		find: o.Proxy, login: o.Login, negotiate: o.Negotiate,
		known: map[string]found{}, tunnels: map[string]*url.URL{}, verdict: map[string]verdict{},
	}
	if n.find == nil {
		n.find = system
	}
	if n.negotiate == nil {
		n.negotiate = systemNegotiate
	}
	if o.CA == "" {
		return n, nil
	}
	var err error
	if n.roots, err = authorities(o.CA); err != nil {
		return nil, migration.Fail("read certificates of", o.CA, err, migration.Msg("hint.network.ca", "Path", o.CA))
	}
	return n, nil
}

// system is asked late: reading Windows' settings takes a moment, and a program
// that never connects does not need them.
func system(req *http.Request) (*url.URL, error) { return ieproxy.GetProxyFunc()(req) }

func authorities(path string) (*x509.CertPool, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, maxAuthorityBytes))
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the system's authorities: %w", err)
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errNoAuthority
	}
	return pool, nil
}

// Roots are the trusted authorities; nil means the system's.
func (n *Network) Roots() *x509.CertPool { return n.roots }

// SignIn gives the account for every proxy, in place of those of addresses and
// of Options.Login; an empty one takes it back. It counts from the next
// connection on.
func (n *Network) SignIn(l Login) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.given = l
	n.renew()
}

// Renew lets proxies be looked for, and an account that was refused be shown
// once more: a person has asked for another try.
func (n *Network) Renew() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.renew()
}

func (n *Network) renew() {
	clear(n.known)
	clear(n.verdict)
}

// Proxy finds the proxy for a request, with the account if there is one. A host
// is asked about once: a script that finds the proxy takes time, and a migration
// makes a million requests. The script is shown scheme and host alone, since the
// rest of an address may be a secret.
func (n *Network) Proxy(req *http.Request) (*url.URL, error) {
	bare := &url.URL{Scheme: req.URL.Scheme, Host: req.URL.Host, Path: "/"}
	n.mu.Lock()
	defer n.mu.Unlock()
	f, ok := n.known[bare.String()]
	if !ok {
		f.proxy, f.err = n.find(&http.Request{Method: http.MethodGet, URL: bare, Host: bare.Host})
		if f.proxy != nil {
			f.proxy = n.withAccount(f.proxy)
		}
		n.known[bare.String()] = f
	}
	return f.proxy, f.err
}

func (n *Network) withAccount(proxy *url.URL) *url.URL {
	l := n.given
	if l.User == "" && proxy.User == nil && n.login != nil {
		l = n.login(proxy.Host)
	}
	if l.User == "" {
		return proxy
	}
	with := *proxy
	with.User = url.UserPassword(l.User, l.Password)
	return &with
}

// Transport makes connections that end with their request: for sign-ins and
// tests, not for uploads.
func (n *Network) Transport(limit time.Duration) *http.Transport {
	return &http.Transport{
		Proxy: n.Via, DialContext: n.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: limit, ResponseHeaderTimeout: limit,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: n.roots},
	}
}
