package wiring

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"omt/cmd/internal/network"
	"omt/migration"
	"omt/onsite"
	"omt/upload/ticket"
)

// proxyAccount is where the keyring keeps the account at the proxy. It names
// its proxy, and no other one gets to see it.
const proxyAccount = "proxy"

// keyringLimit is how long the keyring may take to answer where nobody is there
// to unlock it.
const keyringLimit = 10 * time.Second

// rememberedProxy is the secret of proxyAccount.
type rememberedProxy struct {
	Proxy    string `json:"proxy"`
	User     string `json:"user"`
	Password string `json:"password"`
}

// out is how this session connects to what is not the database. Each call stands
// for something that a person asked for, so a proxy is asked anew.
func (s *Session) out() (*network.Network, error) {
	if s.network != nil {
		s.network.Renew()
		return s.network, nil
	}
	n, err := network.Open(network.Options{CA: s.Options.CA, Login: keptLogin})
	if err != nil {
		return nil, err
	}
	n.SignIn(s.proxy)
	s.network = n
	return n, nil
}

// keptLogin is the account of the keyring.
func keptLogin(proxy string) network.Login {
	ctx, cancel := context.WithTimeout(context.Background(), keyringLimit)
	defer cancel()
	text, ok, err := recall(ctx, proxyAccount)
	var r rememberedProxy
	if err != nil || !ok || json.Unmarshal([]byte(text), &r) != nil || !strings.EqualFold(r.Proxy, proxy) {
		return network.Login{}
	}
	return network.Login{User: r.User, Password: r.Password}
}

// keepProxy keeps the account that was given, now that the proxy took it.
func (s *Session) keepProxy(ctx context.Context, proxy string) error {
	b, err := json.Marshal(rememberedProxy{proxy, s.proxy.User, s.proxy.Password})
	if err != nil {
		return err
	}
	return store(ctx, proxyAccount, string(b))
}

// authenticator signs in to NetServer the way this computer gets out.
func (s *Session) authenticator(plain bool) (*onsite.NetServer, error) {
	n, err := s.out()
	if err != nil {
		return nil, err
	}
	return onsite.NewNetServer(s.Settings.NetServer, onsite.LoginOptions{AllowPlainHTTP: plain, Transport: n.Transport(onsite.AnswerTimeout)}), nil
}

// target opens the target of the ticket. The checks may come before there is
// one: the target is then the folder that was chosen.
func (s *Session) target(chosen string) (migration.Target, error) {
	n, err := s.out()
	if err != nil {
		return nil, err
	}
	spec := migration.TargetSpec{Kind: "folder"}
	if s.Ticket != nil {
		spec = s.Ticket.Target
	}
	return openTarget(spec, chosen, s.Host, n)
}

// TestNetwork tests the connections that the ticket and the installation of the
// options need. Either may be missing; notes say what could not be found. Nobody
// signs in and nothing secret is sent.
func TestNetwork(ctx context.Context, o Options, sec Secrets) (*migration.CheckReport, []migration.Message, error) {
	s := NewSession(o)
	s.proxy = sec.proxy()
	var err error
	if s.Ticket, err = LoadTicket(o.Ticket); s.Ticket == nil && (o.Ticket != "" || !errors.Is(err, ErrNoTicket)) {
		return nil, nil, err
	}
	var notes []migration.Message
	if err := s.locate(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		notes = append(notes, migration.HintOf(err))
		if err := s.named(); err != nil {
			return nil, nil, err
		}
	}
	l := s.Settings.Location()
	r, err := s.TestNetwork(ctx, l, nil)
	if err == nil && sec.AskProxy != nil && slices.ContainsFunc(r.Checks, asksProxyLogin) {
		r, err = s.askedProxyLogin(ctx, l, sec, r)
	}
	if err == nil && sec.Remember {
		err = s.rememberProxy(ctx, l, r)
	}
	return r, notes, err
}

// askedProxyLogin tests once more with the account that the person says, if any.
func (s *Session) askedProxyLogin(ctx context.Context, l migration.Location, sec Secrets, r *migration.CheckReport) (*migration.CheckReport, error) {
	user, password, err := sec.AskProxy()
	if err != nil || user == "" {
		return r, err
	}
	return s.ProxyLogin(ctx, l, network.Login{User: user, Password: password}, false)
}

func asksProxyLogin(c migration.CheckResult) bool { return c.Found.ID == "network.proxy.login" }

// named are the servers that the options name, where no installation was found.
func (s *Session) named() error {
	s.Settings = onsite.Settings{}
	if s.Options.NetServer != "" {
		s.Settings.NetServer = netServer(s.Options.NetServer)
	}
	if s.Options.Server == "" {
		return nil
	}
	return s.Settings.SetServer(s.Options.Server)
}

func (sec Secrets) proxy() network.Login {
	return network.Login{User: sec.ProxyUser, Password: sec.ProxyPassword}
}

// ProxyLogin takes an account for the proxy and tests the connections with it.
// One that the proxy refuses is given up, so that it is not shown again; one
// that is to be remembered and cannot be is a trouble of Kept.
func (s *Session) ProxyLogin(ctx context.Context, l migration.Location, a network.Login, remember bool) (*migration.CheckReport, error) {
	n, err := s.out()
	if err != nil {
		return nil, err
	}
	s.trouble = migration.Message{}
	s.proxy = a
	n.SignIn(a)
	r, err := s.TestNetwork(ctx, l, nil)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(r.Checks, asksProxyLogin) {
		s.proxy = network.Login{}
		n.SignIn(s.proxy)
		return r, nil
	}
	if remember {
		s.trouble = migration.HintOf(s.rememberProxy(ctx, l, r))
	}
	return r, nil
}

// Proxy is the account at the proxy that was given and not refused.
func (s *Session) Proxy() network.Login { return s.proxy }

// rememberProxy keeps the account at the proxy if the tests of r went through it.
func (s *Session) rememberProxy(ctx context.Context, l migration.Location, r *migration.CheckReport) error {
	if s.proxy.User == "" {
		return nil
	}
	for _, e := range s.endpoints(l) {
		if e.URL == nil {
			continue // a database is reached without one
		}
		p, err := s.network.Proxy(&http.Request{URL: e.URL})
		if err != nil || p == nil {
			continue
		}
		if s.network.Took(p) || slices.ContainsFunc(r.Checks, func(c migration.CheckResult) bool { return c.ID == e.ID && c.State != migration.CheckFailed }) {
			return s.keepProxy(ctx, p.Host)
		}
	}
	return nil
}

// TestNetwork tests what the session's ticket and a location need; found is
// called as each test ends.
func (s *Session) TestNetwork(ctx context.Context, l migration.Location, found func(migration.CheckResult)) (*migration.CheckReport, error) {
	n, err := s.out()
	if err != nil {
		return nil, err
	}
	r := &migration.CheckReport{Taken: time.Now().UTC(), Tool: Tool(), Checks: []migration.CheckResult{}}
	t := network.Tester{Network: n}
	for _, e := range s.endpoints(l) {
		c := t.Test(ctx, e)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if found != nil {
			found(c)
		}
		r.Checks = append(r.Checks, c)
	}
	if len(r.Checks) == 0 {
		return nil, migration.Fail("test connections", "", migration.ErrNotFound, migration.Msg("network.none"))
	}
	return r, nil
}

// endpoints are the hosts and ports of the ticket and of a location, without
// the secrets of their addresses.
func (s *Session) endpoints(l migration.Location) []network.Endpoint {
	var out []network.Endpoint
	if s.Ticket != nil && s.Ticket.Target.Kind == ticket.TargetBlob {
		if u, err := url.Parse(s.Ticket.Target.Container); err == nil && u.Host != "" {
			q := u.Query()
			out = append(out, network.Endpoint{
				ID: "network-target", Title: migration.Msg("network.title.target"), URL: &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"},
				Storage: true, From: signatureDate(q.Get("st")), Till: signatureDate(q.Get("se")),
			})
		}
	}
	var set onsite.Settings
	if l.Server != "" && set.SetServer(l.Server) == nil {
		if to, err := set.Resolve(nil); err == nil { // connecting says what is wrong with an alias
			set = to
		}
		port := set.Port
		if port == 0 && set.Instance == "" {
			port = 1433 // the default instance
		}
		out = append(out, network.Endpoint{
			ID: "network-database", Title: migration.Msg("network.title.database"), Host: set.Server, Port: port, Instance: set.Instance,
			Other: set.OtherThanTCP(),
		})
	}
	if u, err := url.Parse(strings.TrimSpace(l.NetServer)); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		u.User, u.RawQuery, u.Fragment = nil, "", ""
		out = append(out, network.Endpoint{ID: "network-netserver", Title: migration.Msg("network.title.netserver"), URL: u})
	}
	return out
}

// signatureDate reads the dates of a signature in the forms that Azure
// documents; the zero time if there is none.
func signatureDate(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z", time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	return time.Time{}
}
