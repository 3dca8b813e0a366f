package azure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// maxConnections is the largest number of senders; each keeps its connection.
const maxConnections = 64

// newBase makes the connections. HTTP/1.1, because one slow object must not
// hold up others on a shared connection. Nothing is inflated on the way:
// objects are read back as they are stored.
func newBase(proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                 proxy,
		DialContext:           (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   15 * time.Second,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		MaxIdleConns:          maxConnections,
		MaxIdleConnsPerHost:   maxConnections,
		IdleConnTimeout:       60 * time.Second,
		WriteBufferSize:       64 << 10,
		DisableCompression:    true,
		Protocols:             protocols,
		ResponseHeaderTimeout: 2 * time.Minute,
	}
}

// transport sends one try. It goes to the round tripper itself and not through
// an http.Client, which would follow a redirection and hand the signature to
// whoever it points to (as address or as Referer), and which puts the whole
// address into each error.
type transport struct {
	base  http.RoundTripper
	clean cleaner
}

// Do implements policy.Transporter.
func (t *transport) Do(req *http.Request) (*http.Response, error) {
	if req.Body != nil && req.Body != http.NoBody {
		g := &guard{body: req.Body}
		defer g.detach()
		req = req.WithContext(req.Context())
		req.Body = g
	}
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, t.clean.transportError(err)
	}
	return resp, nil
}

// guard ends reading of a body when its try is over. net/http may go on reading
// after it has returned; the next try, or the caller who reuses the buffer,
// would then work on the same reader at the same time.
type guard struct {
	mu   sync.Mutex
	body io.ReadCloser
	over bool
}

var errOver = errors.New("this try is over")

func (g *guard) Read(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return 0, errOver
	}
	return g.body.Read(p)
}

func (g *guard) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return nil
	}
	return g.body.Close()
}

func (g *guard) detach() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
}

// transportError is a failure before an answer: cleaned text and what decisions
// are taken on. The chain below it ends here, since it may hold addresses.
type transportError struct {
	text string
	kind error // context.Canceled, context.DeadlineExceeded, errCertificate, or nil
}

func (e *transportError) Error() string { return e.text }
func (e *transportError) Unwrap() error { return e.kind }

// errCertificate: the server is not who it should be; repeating does not help.
var errCertificate = errors.New("certificate was not accepted")

func (c cleaner) transportError(err error) *transportError {
	var known *transportError
	if errors.As(err, &known) {
		return known
	}
	var address *url.Error
	if errors.As(err, &address) {
		err = address.Err
	}
	e := &transportError{text: c.text(err.Error())}
	var bad *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	switch {
	case errors.Is(err, context.Canceled):
		e.kind = context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		e.kind = context.DeadlineExceeded
	case errors.As(err, &bad), errors.As(err, &authority), errors.As(err, &host):
		e.kind = errCertificate
	}
	return e
}
