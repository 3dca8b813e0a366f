package wiring

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"omt/cmd/internal/network"
	"omt/migration"
	"omt/upload/ticket"
)

// The proxy's account is kept only when it was of use, goes to that proxy
// alone, and is removed with the other passwords.
func TestProxyAccountIsKept(t *testing.T) {
	keyring.MockInit()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pw, _ := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth(); pw != "Proxy-0815" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		w.Header().Set("x-ms-request-id", "1")
		w.WriteHeader(http.StatusBadRequest)
	}))
	defer proxy.Close()
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	test := func(l network.Login) (*Session, *migration.CheckReport, error) {
		s := NewSession(Options{})
		s.proxy = l
		// Plain http, so that the proxy itself can answer as the service.
		s.Ticket = &migration.Ticket{Target: migration.TargetSpec{Kind: ticket.TargetBlob, Container: "http://storage.test/c?sig=geheim&se=2099-01-01"}}
		s.network, err = network.Open(network.Options{Proxy: http.ProxyURL(at), Login: keptLogin})
		if err != nil {
			t.Fatal(err)
		}
		s.network.SignIn(l)
		r, err := s.TestNetwork(t.Context(), migration.Location{}, nil)
		if err == nil {
			err = s.rememberProxy(t.Context(), migration.Location{Server: "crm01"}, r)
		}
		return s, r, err
	}
	kept := func(s *Session) bool { return s.Kept(t.Context(), migration.Location{}).Proxy }
	s, r, err := test(network.Login{User: "anna", Password: "wrong"})
	if err != nil || r.Checks[0].State != migration.CheckFailed || r.Checks[0].Found.ID != "network.proxy.login" || kept(s) {
		t.Errorf("wrong password: %+v %v", r, err)
	}
	if s, r, err = test(network.Login{User: "anna", Password: "Proxy-0815"}); err != nil || r.Checks[0].State != migration.CheckPassed || !kept(s) {
		t.Errorf("right password: %+v %v", r, err)
	}
	if _, r, err = test(network.Login{}); err != nil || r.Checks[0].State != migration.CheckPassed {
		t.Errorf("from the keyring: %+v %v", r, err)
	}
	if l := keptLogin("other:8080"); l != (network.Login{}) {
		t.Errorf("another proxy gets %+v", l)
	}
	if err := s.Forget(t.Context(), migration.Location{}); err != nil || kept(s) {
		t.Errorf("not removed: %v", err)
	}
}

// An account that the window was given is given up when the proxy refuses it,
// else it goes to omtctl too; it is kept only if that was asked for.
func TestProxyLogin(t *testing.T) {
	keyring.MockInit()
	var shown []string // passwords
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pw, ok := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth()
		if shown = append(shown, pw); ok && pw == "Proxy-0815" {
			w.Header().Set("x-ms-request-id", "1")
			return
		}
		w.Header().Set("Proxy-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer proxy.Close()
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSession(Options{})
	s.Ticket = &migration.Ticket{Target: migration.TargetSpec{Kind: ticket.TargetBlob, Container: "http://storage.test/c?sig=geheim&se=2099-01-01"}}
	if s.network, err = network.Open(network.Options{Proxy: http.ProxyURL(at), Login: keptLogin}); err != nil {
		t.Fatal(err)
	}
	l := migration.Location{}
	r, err := s.ProxyLogin(t.Context(), l, network.Login{User: "anna", Password: "wrong"}, true)
	if err != nil || r.Checks[0].Found.ID != "network.proxy.login" || s.Proxy() != (network.Login{}) || s.Kept(t.Context(), l).Proxy {
		t.Errorf("wrong password: %+v %v, kept %+v", r, err, s.Proxy())
	}
	shown = nil
	if _, err = s.TestNetwork(t.Context(), l, nil); err != nil || slices.Contains(shown, "wrong") {
		t.Errorf("shown again: %q %v", shown, err)
	}
	right := network.Login{User: "anna", Password: "Proxy-0815"}
	if r, err = s.ProxyLogin(t.Context(), l, right, false); err != nil || r.Checks[0].State != migration.CheckPassed || s.Proxy() != right || s.Kept(t.Context(), l).Proxy {
		t.Errorf("right password: %+v %v", r, err)
	}
	if _, err = s.ProxyLogin(t.Context(), l, right, true); err != nil || !s.Kept(t.Context(), l).Proxy || !s.Kept(t.Context(), l).Trouble.IsZero() {
		t.Errorf("not kept: %+v %v", s.Kept(t.Context(), l), err)
	}
	// At a terminal the person is asked, and may have nothing to say.
	s.network.SignIn(network.Login{})
	if err := s.Forget(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	for user, state := range map[string]migration.CheckState{"": migration.CheckFailed, "anna": migration.CheckPassed} {
		r, err := s.TestNetwork(t.Context(), l, nil)
		if err != nil || !asksProxyLogin(r.Checks[0]) {
			t.Fatalf("%+v %v", r, err)
		}
		ask := Secrets{AskProxy: func() (string, string, error) { return user, "Proxy-0815", nil }}
		if r, err = s.askedProxyLogin(t.Context(), l, ask, r); err != nil || r.Checks[0].State != state {
			t.Errorf("asked, %q: %+v %v", user, r, err)
		}
		s.network.SignIn(network.Login{})
	}
	keyring.MockInitWithError(errors.New("no keyring"))
	t.Cleanup(keyring.MockInit)
	if _, err = s.ProxyLogin(t.Context(), l, right, true); err != nil || s.Kept(t.Context(), l).Trouble.ID != "hint.keyring.store" {
		t.Errorf("without a keyring: %+v %v", s.Kept(t.Context(), l), err)
	}
}

func TestEndpoints(t *testing.T) {
	s := NewSession(Options{})
	s.Ticket = &migration.Ticket{Target: migration.TargetSpec{
		Kind: ticket.TargetBlob, Container: "https://acc.blob.core.windows.net/c?sv=1&st=2026-01-02T03:04:05Z&se=2026-02-03&sig=geheim",
	}}
	l := migration.Location{Server: "tcp:crm01", NetServer: "https://user:geheim@web/NetServer/Services88?x=geheim"}
	got := s.endpoints(l)
	if len(got) != 3 || got[0].URL.String() != "https://acc.blob.core.windows.net/" || got[1].Host != "crm01" || got[1].Port != 1433 ||
		got[2].URL.String() != "https://web/NetServer/Services88" {
		t.Errorf("%+v", got)
	}
	if !got[0].From.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) || !got[0].Till.Equal(time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("signature from %v till %v", got[0].From, got[0].Till)
	}
	l.Server = `crm01\SO`
	if e := s.endpoints(l)[1]; e.Instance != "SO" || e.Port != 0 {
		t.Errorf("%+v", e)
	}
	s.Ticket = nil
	if _, err := s.TestNetwork(t.Context(), migration.Location{}, nil); migration.HintOf(err).ID != "network.none" {
		t.Errorf("nothing to test: %v", err)
	}
}

// A named file that cannot be used ends what would go out without it.
func TestAuthorityThatCannotBeRead(t *testing.T) {
	s := NewSession(Options{CA: "no such file"})
	if _, err := s.TestNetwork(t.Context(), migration.Location{Server: "x"}, nil); migration.HintOf(err).ID != "hint.network.ca" {
		t.Errorf("%v", err)
	}
}

func TestTestNetworkIsCancelled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = NewSession(Options{}).TestNetwork(ctx, migration.Location{Server: strings.Replace(l.Addr().String(), ":", ",", 1)}, nil)
	if err == nil {
		t.Error("it went on")
	}
}
