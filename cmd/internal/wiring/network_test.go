package wiring

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
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
		s.network, err = network.Open(network.Options{Proxy: http.ProxyURL(at), Login: s.proxyLogin})
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.TestNetwork(t.Context(), migration.Location{}, nil)
		if err == nil {
			err = s.rememberProxy(t.Context(), r)
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
	if l := s.proxyLogin("other:8080"); l.User != "anna" { // what was given goes anywhere
		t.Errorf("%+v", l)
	}
	if l := NewSession(Options{}).proxyLogin("other:8080"); l != (network.Login{}) {
		t.Errorf("another proxy gets %+v", l)
	}
	if err := s.Forget(t.Context(), migration.Location{}); err != nil || kept(s) {
		t.Errorf("not removed: %v", err)
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
