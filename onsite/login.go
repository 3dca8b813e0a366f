package onsite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"omt/migration"
)

const (
	// maxAnswerBytes bounds what a server may answer to a login.
	maxAnswerBytes = 1 << 20
	// AnswerTimeout bounds one request of a sign-in.
	AnswerTimeout = 20 * time.Second
)

// LoginOptions are what the configuration files do not say about a login.
type LoginOptions struct {
	// AllowPlainHTTP permits a password over http to another computer. It is
	// set only after the person has confirmed it.
	AllowPlainHTTP bool
	// Transport makes the requests; nil means the network, with the proxy of the
	// environment and without connections that outlive a login.
	Transport http.RoundTripper
	// Timeout bounds one request; 0 means 20 s.
	Timeout time.Duration
}

// PlainError is a password that would go over http to another computer. The
// person may confirm it (LoginOptions.AllowPlainHTTP) and sign in again.
type PlainError struct{ Address string } // without user, password and query

func (e *PlainError) Error() string {
	return migration.ErrForbidden.Error() + ": connection is not encrypted"
}
func (e *PlainError) Unwrap() error { return migration.ErrForbidden }

// NetServer proves who signs in, by REST (8.1 and later) or else SOAP. It
// implements migration.Authenticator.
type NetServer struct {
	settings NetServerSettings
	plain    bool
	client   *http.Client
}

// NewNetServer uses the addresses in s; either may be empty.
func NewNetServer(s NetServerSettings, o LoginOptions) *NetServer {
	if o.Timeout == 0 {
		o.Timeout = AnswerTimeout
	}
	if o.Transport == nil {
		o.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: o.Timeout}
	}
	return &NetServer{settings: s, plain: o.AllowPlainHTTP, client: &http.Client{
		Transport:     o.Transport,
		Timeout:       o.Timeout,
		CheckRedirect: sameHost,
	}}
}

// sameHost stops a redirect that would carry the password to another server,
// or over a connection that is not encrypted.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if len(via) > 5 || req.URL.Host != first.Host || req.URL.Scheme != first.Scheme {
		return errRedirect
	}
	return nil
}

var errRedirect = errors.New("redirect to another server was not followed")

// carrier is the part of SoPrincipalCarrier that a login needs.
type carrier struct {
	Associate      string
	AssociateID    int64 `json:"AssociateId"`
	UserName       string
	FullName       string
	FunctionRights []string
}

// Login asks REST first. A refusal there is final if the password was weighed;
// when REST does not answer as NetServer would, SOAP is asked. The password is in no error.
func (n *NetServer) Login(ctx context.Context, user, password string) (migration.Principal, error) {
	var tried []string
	var causes []error
	for _, way := range []struct {
		via, base string
		ask       func(context.Context, *url.URL, string, string) (carrier, error)
	}{{"rest", n.settings.REST, n.rest}, {"soap", n.settings.SOAP, n.soap}} {
		if way.base == "" {
			continue
		}
		u, err := n.check(way.base)
		if err != nil {
			return migration.Principal{}, err
		}
		tried = append(tried, u.Redacted())
		c, err := way.ask(ctx, u, user, password)
		switch {
		case err == nil:
			return admitted(c, user, way.via)
		case errors.Is(err, migration.ErrBadCredentials):
			return migration.Principal{}, migration.Fail("log in", user, err, migration.Msg("hint.login.credentials", "User", user))
		case ctx.Err() != nil:
			return migration.Principal{}, fmt.Errorf("log in: %w", ctx.Err())
		}
		causes = append(causes, fmt.Errorf("%s: %w", way.via, err))
	}
	if len(tried) == 0 {
		return migration.Principal{}, migration.Fail("log in", user, migration.ErrNoNetServer, migration.Msg("hint.login.unknown"))
	}
	err := fmt.Errorf("%w: %w", migration.ErrNoNetServer, errors.Join(causes...))
	return migration.Principal{}, migration.Fail("log in", user, err,
		migration.Msg("hint.login.netserver", "Addresses", strings.Join(tried, ", ")))
}

// check takes an address apart and refuses to send a password over plain http
// to another computer.
func (n *NetServer) check(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, migration.Fail("log in", "", fmt.Errorf("%w: address is not http", migration.ErrNoNetServer),
			migration.Msg("hint.login.unknown"))
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	if u.Scheme == "http" && !n.plain && !loopback(u.Hostname()) {
		return nil, migration.Fail("log in", u.String(), &PlainError{Address: u.String()},
			migration.Msg("hint.login.plain", "Address", u.String()))
	}
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func admitted(c carrier, user, via string) (migration.Principal, error) {
	if !slices.ContainsFunc(c.FunctionRights, func(r string) bool {
		return strings.EqualFold(r, "admin-all") || strings.EqualFold(r, "admin-users")
	}) {
		return migration.Principal{}, migration.Fail("log in", user, migration.ErrNotAdministrator,
			migration.Msg("hint.login.administrator", "User", user))
	}
	p := migration.Principal{AssociateID: c.AssociateID, UserName: c.UserName, FullName: c.FullName, Proved: true, Via: via}
	if p.UserName == "" {
		p.UserName = c.Associate
	}
	return p, nil
}

// rest asks the web client's own API who is signed in.
func (n *NetServer) rest(ctx context.Context, base *url.URL, user, password string) (carrier, error) {
	if strings.ContainsRune(user, ':') {
		return carrier{}, fmt.Errorf("%w: basic authentication has no colon in names", errors.ErrUnsupported)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base.JoinPath("api/v1/User/currentPrincipal").String(), nil)
	if err != nil {
		return carrier{}, plainError(err)
	}
	req.SetBasicAuth(user, password)
	req.Header.Set("Accept", "application/json")
	body, err := n.do(req)
	if err != nil {
		return carrier{}, err
	}
	var c carrier
	if err := json.Unmarshal(body, &c); err != nil || c.AssociateID == 0 {
		return carrier{}, errors.New("answer is not that of NetServer")
	}
	return c, nil
}

// do sends a request and reads its answer. 401 is a refusal only if the server
// takes what was sent: one that wants Windows authentication, or a proxy, says
// 401 or 403 to every password.
func (n *NetServer) do(req *http.Request) ([]byte, error) {
	resp, err := n.client.Do(req)
	if err != nil {
		return nil, plainError(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes+1))
	switch {
	case resp.StatusCode == http.StatusUnauthorized && req.Header.Get("Authorization") != "" && offersBasic(resp.Header):
		return nil, fmt.Errorf("%w: answer %d", migration.ErrBadCredentials, resp.StatusCode)
	case err != nil:
		return nil, plainError(err)
	case len(body) > maxAnswerBytes:
		return nil, errors.New("answer is too long")
	case resp.StatusCode != http.StatusOK && !(resp.StatusCode == http.StatusInternalServerError && req.Method == http.MethodPost):
		return nil, fmt.Errorf("answer %d", resp.StatusCode)
	}
	return body, nil
}

// offersBasic tells whether Basic is among the ways to sign in. One header may
// list several, with parameters between them.
func offersBasic(h http.Header) bool {
	for _, line := range h.Values("WWW-Authenticate") {
		for _, part := range strings.Split(line, ",") {
			scheme, _, _ := strings.Cut(strings.TrimSpace(part), " ")
			if strings.EqualFold(scheme, "Basic") {
				return true
			}
		}
	}
	return false
}

// plainError takes the address out of a transport's error: it may carry a
// password or a query.
func plainError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
