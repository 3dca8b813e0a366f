package network

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/Azure/go-ntlmssp"

	"omt/migration"
)

// tunnelLimit bounds the way through a proxy, from dialling to its last answer.
const tunnelLimit = 15 * time.Second

// maxRefusal is how much of the page is read with which a proxy asks for an
// account; what is longer costs the connection.
const maxRefusal = 256 << 10

// Schemes by which an account is shown to a proxy.
const (
	schemeBasic     = "Basic"
	schemeNTLM      = "NTLM"
	schemeNegotiate = "Negotiate" // with NTLM inside; Kerberos only by the system
)

// maxTokens bounds a sign-in by the system: NTLM takes two, Kerberos one or two.
const maxTokens = 4

// ProxyError is a proxy that does not connect. No text holds the account. With
// status 407 it is migration.ErrProxyLogin.
type ProxyError struct {
	Proxy   string // host and port
	Status  int
	Schemes []string // by which it asks for an account, with status 407
	Weighed bool     // an account was shown and refused
	System  error    // why the system could not sign in as the person who runs the program
}

func (e *ProxyError) Error() string {
	s := fmt.Sprintf("proxy %s answered %d %s", e.Proxy, e.Status, http.StatusText(e.Status))
	if len(e.Schemes) > 0 {
		s += ", asking for " + strings.Join(e.Schemes, ", ")
	}
	if e.System != nil {
		s += "; " + e.System.Error()
	}
	return s
}

// Is lets decisions be taken where this package is not known.
func (e *ProxyError) Is(target error) bool {
	return target == migration.ErrProxyLogin && e.Status == http.StatusProxyAuthRequired
}

// Via is for http.Transport: the proxy that it goes through by itself. For an
// encrypted connection there is none: DialContext makes it, because net/http
// knows Basic alone, NTLM needs several requests, and of a refusal it keeps
// nothing but the text.
func (n *Network) Via(req *http.Request) (*url.URL, error) {
	p, err := n.Proxy(req)
	if err != nil || p == nil || req.URL.Scheme != "https" || p.Scheme != "http" && p.Scheme != "https" {
		return p, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tunnels[hostPort(req.URL)] = p
	return nil, nil
}

// DialContext connects to an address, through the proxy that Via kept for it.
func (n *Network) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	n.mu.Lock()
	proxy := n.tunnels[addr]
	n.mu.Unlock()
	if proxy == nil {
		d := net.Dialer{Timeout: tunnelLimit, KeepAlive: 30 * time.Second}
		return d.DialContext(ctx, network, addr)
	}
	return n.tunnel(ctx, proxy, addr)
}

// tunnel asks without an account first: what the proxy then asks for decides
// how it is shown. The safer scheme comes first. Basic is tried after another
// one only if the password was not looked at: a wrong one that is sent twice
// locks an account the sooner.
func (n *Network) tunnel(ctx context.Context, proxy *url.URL, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, tunnelLimit)
	defer cancel()
	t := &tunnel{network: n, proxy: proxy, addr: addr}
	defer t.leave()
	resp, err := t.ask(ctx, "")
	if err != nil {
		return nil, err
	}
	refusal := &ProxyError{Proxy: t.proxy.Host, Status: resp.StatusCode, Schemes: schemes(resp.Header)}
	if resp.StatusCode == http.StatusProxyAuthRequired {
		if err := t.signIn(ctx, refusal); err != nil {
			return nil, err
		}
	}
	if refusal.Status/100 != 2 {
		return nil, refusal
	}
	return t.take(ctx)
}

// signIn shows the account by the safest scheme that the proxy offers. Without
// one, or where the proxy did not look at it, the system signs in if it can.
// What came of it stands in r.
func (t *tunnel) signIn(ctx context.Context, r *ProxyError) error {
	for _, scheme := range []string{schemeNTLM, schemeNegotiate, schemeBasic} {
		if t.proxy.User == nil || !slices.Contains(r.Schemes, scheme) {
			continue
		}
		if t.network.spent(t.proxy) {
			r.Weighed = true
			return nil
		}
		resp, judged, err := t.show(ctx, scheme)
		if err != nil {
			return err
		}
		r.Status = resp.StatusCode
		if taken := r.Status != http.StatusProxyAuthRequired; taken || judged {
			r.Weighed = !taken
			t.network.judged(t.proxy, taken)
			return nil
		}
	}
	if t.network.negotiate == nil || !slices.Contains(r.Schemes, schemeNegotiate) {
		return nil
	}
	return t.system(ctx, r)
}

// show shows the account by one scheme. judged tells whether the proxy got as
// far as to look at it.
func (t *tunnel) show(ctx context.Context, scheme string) (_ *http.Response, judged bool, _ error) {
	if scheme != schemeBasic {
		return t.ntlm(ctx, scheme)
	}
	resp, err := t.ask(ctx, schemeBasic+" "+basic(t.proxy.User))
	return resp, true, err
}

// system lets the system vouch for the person who runs the program. That it
// cannot is no error: the proxy's refusal says what is needed.
func (t *tunnel) system(ctx context.Context, r *ProxyError) error {
	talk, err := t.network.negotiate(t.proxy.Hostname())
	if err != nil {
		r.System = err
		return nil
	}
	defer talk.Close()
	var challenge []byte
	for range maxTokens {
		answer, err := talk.Next(challenge)
		if err != nil {
			r.System = err
			return nil
		}
		resp, err := t.ask(ctx, schemeNegotiate+" "+base64.StdEncoding.EncodeToString(answer))
		if err != nil {
			return err
		}
		r.Status = resp.StatusCode
		challenge = token(resp.Header, schemeNegotiate)
		if r.Status != http.StatusProxyAuthRequired || challenge == nil || t.conn == nil {
			return nil
		}
	}
	return nil
}

func basic(u *url.Userinfo) string {
	pw, _ := u.Password()
	return base64.StdEncoding.EncodeToString([]byte(u.Username() + ":" + pw))
}

// tunnel is one connection to a proxy on its way to addr.
type tunnel struct {
	network *Network
	proxy   *url.URL
	addr    string

	conn net.Conn // nil before the first request and where the proxy ended it
	read *bufio.Reader
	stop func() bool
}

// ntlm shows the account in three messages, all on one connection. judged tells
// whether the proxy got as far as to look at it.
func (t *tunnel) ntlm(ctx context.Context, scheme string) (_ *http.Response, judged bool, _ error) {
	hello, err := ntlmssp.NewNegotiateMessage("", "")
	if err != nil {
		return nil, false, fmt.Errorf("sign in at proxy: %w", err)
	}
	resp, err := t.ask(ctx, scheme+" "+base64.StdEncoding.EncodeToString(hello))
	if err != nil || resp.StatusCode != http.StatusProxyAuthRequired {
		return resp, true, err
	}
	challenge := token(resp.Header, scheme)
	if challenge == nil {
		return resp, false, nil
	}
	if t.conn == nil {
		return nil, false, fmt.Errorf("sign in at proxy %s: it ended the connection in the middle of %s", t.proxy.Host, scheme)
	}
	pw, _ := t.proxy.User.Password()
	answer, err := ntlmssp.NewAuthenticateMessage(challenge, t.proxy.User.Username(), pw, nil)
	if err != nil {
		return nil, false, fmt.Errorf("sign in at proxy %s by %s: %w", t.proxy.Host, scheme, err)
	}
	resp, err = t.ask(ctx, scheme+" "+base64.StdEncoding.EncodeToString(answer))
	return resp, true, err
}

// ask sends one CONNECT and reads the answer to its end.
func (t *tunnel) ask(ctx context.Context, authorization string) (*http.Response, error) {
	if t.conn == nil {
		if err := t.dial(ctx); err != nil {
			return nil, err
		}
	}
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: t.addr}, Host: t.addr, Header: http.Header{"Proxy-Connection": {"Keep-Alive"}}}
	if authorization != "" {
		req.Header.Set("Proxy-Authorization", authorization)
	}
	err := req.Write(t.conn)
	var resp *http.Response
	if err == nil {
		resp, err = http.ReadResponse(t.read, req)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, fmt.Errorf("ask proxy %s for %s: %w", t.proxy.Host, t.addr, err)
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	// The next message of NTLM belongs to the same connection, so a proxy of
	// HTTP/1.0 that says nothing of its end is taken to keep it.
	ends := strings.EqualFold(resp.Header.Get("Proxy-Connection"), "close") || strings.EqualFold(resp.Header.Get("Connection"), "close") || resp.ContentLength < 0 && resp.Close
	if !ends {
		n, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxRefusal))
		ends = err != nil || n == maxRefusal
	}
	if ends {
		t.leave()
	}
	return resp, nil
}

func (t *tunnel) dial(ctx context.Context) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", hostPort(t.proxy))
	if err != nil {
		return err
	}
	if t.proxy.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: t.network.roots, ServerName: t.proxy.Hostname()})
	}
	t.conn, t.read = conn, bufio.NewReader(conn)
	t.stop = context.AfterFunc(ctx, func() { _ = conn.Close() }) // the request then fails
	return nil
}

// leave closes the connection, if there is one.
func (t *tunnel) leave() {
	if t.conn != nil {
		t.stop()
		_ = t.conn.Close() // nothing of use went over it
		t.conn = nil
	}
}

// take hands the connection over.
func (t *tunnel) take(ctx context.Context) (net.Conn, error) {
	if !t.stop() {
		return nil, fmt.Errorf("ask proxy %s for %s: %w", t.proxy.Host, t.addr, ctx.Err())
	}
	conn, read := t.conn, t.read
	t.conn = nil
	if read.Buffered() == 0 {
		return conn, nil
	}
	return &ahead{conn, read}, nil
}

// ahead is a connection of which something was read with the proxy's answer.
type ahead struct {
	net.Conn
	read *bufio.Reader
}

func (a *ahead) Read(p []byte) (int, error) { return a.read.Read(p) }

// known are the names of schemes; what else looks like one is a part of another.
var known = []string{schemeNTLM, schemeNegotiate, "Kerberos", "Digest", "Bearer", schemeBasic}

// schemes are those by which a proxy asks for an account.
func schemes(h http.Header) []string {
	var out []string
	for _, value := range h.Values("Proxy-Authenticate") {
		for part := range strings.SplitSeq(value, ",") {
			name, _, _ := strings.Cut(strings.TrimSpace(part), " ")
			i := slices.IndexFunc(known, func(s string) bool { return strings.EqualFold(s, name) })
			if i >= 0 && !slices.Contains(out, known[i]) {
				out = append(out, known[i])
			}
		}
	}
	return out
}

// token is what a proxy sends with a scheme; nil if there is none.
func token(h http.Header, scheme string) []byte {
	for _, value := range h.Values("Proxy-Authenticate") {
		for part := range strings.SplitSeq(value, ",") {
			name, text, _ := strings.Cut(strings.TrimSpace(part), " ")
			if b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text)); strings.EqualFold(name, scheme) && err == nil && len(b) > 0 {
				return b
			}
		}
	}
	return nil
}
