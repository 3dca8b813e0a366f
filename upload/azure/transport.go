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

	"omt/migration"
)

// maxConnections is the largest number of senders; each keeps its connection.
const maxConnections = 64

// newBase makes the connections. HTTP/1.1, because one slow object must not
// hold up others on a shared connection. Nothing is inflated on the way:
// objects are read back as they are stored.
func newBase(o Options) *http.Transport {
	proxy, dial := o.Proxy, o.Dial
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	if dial == nil {
		dial = (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                 proxy,
		DialContext:           dial,
		TLSHandshakeTimeout:   15 * time.Second,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots},
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
	stall time.Duration
}

// Do implements policy.Transporter. A try whose body stands still is ended
// here: the time that a large object may take in all is minutes.
func (t *transport) Do(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	watch := newWatchdog(t.stall, func() { cancel(errStalled) })
	req = req.WithContext(ctx)
	if req.Body != nil && req.Body != http.NoBody {
		g := &guard{ctx: ctx, body: req.Body, watch: watch}
		defer g.detach()
		req.Body = g
	}
	resp, err := t.base.RoundTrip(req)
	watch.rest()
	if err != nil {
		stalled := errors.Is(context.Cause(ctx), errStalled)
		cancel(nil)
		if stalled {
			return nil, &transportError{text: errStalled.Error()}
		}
		return nil, t.clean.transportError(err)
	}
	resp.Body = &watchedBody{ReadCloser: resp.Body, ctx: ctx, cancel: cancel, watch: watch}
	return resp, nil
}

// stallTime is how long a body may stand still.
const stallTime = 30 * time.Second

// watchdog calls bark when nothing has moved for a while. It sleeps until the
// first move, and while it is not known that anything should move.
type watchdog struct {
	limit time.Duration
	timer *time.Timer
}

func newWatchdog(limit time.Duration, bark func()) *watchdog {
	w := &watchdog{limit: limit, timer: time.AfterFunc(limit, bark)}
	w.rest()
	return w
}

func (w *watchdog) moved() { w.timer.Reset(w.limit) }
func (w *watchdog) rest()  { w.timer.Stop() }

// watchedBody is an answer that is being read. It is watched only while
// somebody waits for bytes: the reader may take its time.
type watchedBody struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	watch  *watchdog
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.watch.moved()
	n, err := b.ReadCloser.Read(p)
	b.watch.rest()
	if err != nil && err != io.EOF && errors.Is(context.Cause(b.ctx), errStalled) {
		err = &transportError{text: errStalled.Error()}
	}
	return n, err
}

func (b *watchedBody) Close() error {
	b.watch.rest()
	defer b.cancel(nil)
	return b.ReadCloser.Close()
}

// guard ends reading of a body when its try is over. net/http may go on reading
// after it has returned; the next try, or the caller who reuses the buffer,
// would then work on the same reader at the same time. Of a cancelled try
// nothing more is sent either: net/http notices the end late, and on a fast line
// the object would arrive whole although the caller gave it up.
type guard struct {
	ctx   context.Context
	mu    sync.Mutex
	body  io.ReadCloser
	over  bool
	watch *watchdog
}

var errOver = errors.New("this try is over")

func (g *guard) Read(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return 0, errOver
	}
	if err := g.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := g.body.Read(p)
	if err != nil {
		g.watch.rest() // what follows is the service's work, which has a bound of its own
	} else {
		g.watch.moved()
	}
	return n, err
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
	g.watch.rest()
}

// transportError is a failure before an answer: cleaned text and what decisions
// are taken on. The chain below it ends here, since it may hold addresses.
type transportError struct {
	text string
	kind error // context.Canceled, context.DeadlineExceeded, errCertificate, migration.ErrProxyLogin, or nil
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
	case errors.Is(err, migration.ErrProxyLogin):
		e.kind = migration.ErrProxyLogin
	}
	return e
}
