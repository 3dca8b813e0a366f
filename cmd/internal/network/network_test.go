package network

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

// now is the time of all tests.
var now = time.Now().UTC().Truncate(time.Second)

// authority makes a certificate authority and one certificate of it.
func authority(t *testing.T, issuer string, change func(*x509.Certificate)) (tls.Certificate, []byte) {
	t.Helper()
	sign := func(c, parent *x509.Certificate, key any) ([]byte, *ecdsa.PrivateKey) {
		own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if key == nil {
			key = own
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &own.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		return der, own
	}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: issuer}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	caDER, caKey := sign(ca, ca, nil)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "storage.test"}, DNSNames: []string{"storage.test"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}
	if change != nil {
		change(leaf)
	}
	der, key := sign(leaf, ca, caKey)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
}

// serve answers as the storage service does, unless change says otherwise.
func serve(t *testing.T, cert tls.Certificate, change func(*httptest.Server), header map[string]string) *url.URL {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" || r.Header.Get("Authorization") != "" {
			t.Errorf("a secret was sent: %s", r.URL)
		}
		w.Header().Set("x-ms-request-id", "1")
		for k, v := range header {
			w.Header().Set(k, v)
			if v == "" {
				w.Header()[http.CanonicalHeaderKey(k)] = nil
			}
		}
		w.WriteHeader(http.StatusBadRequest)
	}))
	s.Config.ErrorLog = nil
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	if change != nil {
		change(s)
	}
	s.Config.ErrorLog = discard
	s.StartTLS()
	t.Cleanup(s.Close)
	return do(url.Parse(s.URL))(t)
}

func do[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func direct(*http.Request) (*url.URL, error) { return nil, nil }

// file is removed by itself: t.TempDir's way is not known to every Windows.
func file(t *testing.T, data []byte) string {
	t.Helper()
	f := do(os.CreateTemp("", "omt-ca-*.pem"))(t)
	t.Cleanup(func() { _ = os.Remove(f.Name()) })
	_, err := f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

func opened(t *testing.T, o Options) *Network {
	t.Helper()
	if o.Proxy == nil {
		o.Proxy = direct
	}
	return do(Open(o))(t)
}

func (k *Tester) at(t *testing.T, u *url.URL, change func(*Endpoint)) migration.CheckResult {
	t.Helper()
	e := Endpoint{ID: "network-target", URL: u, Storage: true}
	if change != nil {
		change(&e)
	}
	return k.Test(t.Context(), e)
}

// shown is all that a result says.
func shown(r migration.CheckResult) string {
	var b strings.Builder
	for _, row := range r.Rows {
		for _, c := range row {
			b.WriteString(c.Text + " ")
			if c.Message != nil {
				b.WriteString(c.Message.ID + " ")
				for _, v := range c.Message.Args {
					if s, ok := v.(string); ok {
						b.WriteString(s + " ")
					}
				}
			}
		}
	}
	return b.String()
}

func want(t *testing.T, what string, r migration.CheckResult, state migration.CheckState, id string, rows ...string) {
	t.Helper()
	if r.State != state || r.Found.ID != id || state != migration.CheckPassed && r.Todo.IsZero() {
		t.Errorf("%s: %s %v, todo %v", what, r.State, r.Found, r.Todo)
	}
	for _, s := range rows {
		if !strings.Contains(shown(r), s) {
			t.Errorf("%s: %q is not said: %s", what, s, shown(r))
		}
	}
}

func TestCertificates(t *testing.T) {
	cert, ca := authority(t, "Company Inspection CA", nil)
	u := serve(t, cert, nil, nil)
	trusting := &Tester{Network: opened(t, Options{CA: file(t, ca)})}
	r := trusting.at(t, u, nil)
	want(t, "trusted", r, migration.CheckPassed, "network.reached", "network.direct", "IPv4", "TLS 1.3", "Company Inspection CA", "400")

	r = (&Tester{Network: opened(t, Options{})}).at(t, u, nil)
	want(t, "not trusted", r, migration.CheckFailed, "network.certificate", "CN=storage.test", "CN=Company Inspection CA")
	if r.Todo.Args["Issuer"] != "CN=Company Inspection CA" {
		t.Errorf("who has issued it is not said: %v", r.Todo)
	}
	// The name in the address is not the one of the certificate.
	named, ca2 := authority(t, "CA", func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.test"} })
	r = (&Tester{Network: opened(t, Options{CA: file(t, ca2)})}).at(t, serve(t, named, nil, nil), nil)
	want(t, "other name", r, migration.CheckFailed, "network.certificate.name")

	old, ca3 := authority(t, "CA", func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Minute) })
	r = (&Tester{Network: opened(t, Options{CA: file(t, ca3)})}).at(t, serve(t, old, nil, nil), nil)
	want(t, "expired", r, migration.CheckFailed, "network.certificate.dates")

	weak := serve(t, cert, func(s *httptest.Server) { s.TLS.MinVersion, s.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, nil)
	want(t, "TLS 1.1", trusting.at(t, weak, nil), migration.CheckFailed, "network.tls")
}

func TestAuthorityFiles(t *testing.T) {
	for what, path := range map[string]string{"no file": filepath.Join(t.TempDir(), "none"), "no certificate": file(t, []byte("x"))} {
		if _, err := Open(Options{CA: path}); migration.HintOf(err).ID != "hint.network.ca" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestClockAndSignature(t *testing.T) {
	cert, ca := authority(t, "CA", nil)
	net := opened(t, Options{CA: file(t, ca)})
	at := func(server time.Time) *url.URL {
		return serve(t, cert, nil, map[string]string{"Date": server.Format(http.TimeFormat)})
	}
	right := at(now)
	window := func(from, till time.Duration) func(*Endpoint) {
		return func(e *Endpoint) { e.From, e.Till = now.Add(from), now.Add(till) }
	}
	clock := func(d time.Duration) *Tester {
		return &Tester{Network: net, Now: func() time.Time { return now.Add(d) }}
	}
	want(t, "good", clock(0).at(t, right, window(-time.Hour, time.Hour)), migration.CheckPassed, "network.reached", "network.clock.apart")
	want(t, "not yet", clock(0).at(t, right, window(time.Minute, time.Hour)), migration.CheckFailed, "network.early")
	want(t, "over", clock(0).at(t, right, window(-2*time.Hour, -time.Hour)), migration.CheckFailed, "network.ended")
	// Only the service's clock says whether a signature is valid.
	ahead := clock(3*time.Hour).at(t, right, window(-time.Hour, time.Hour))
	want(t, "three hours ahead", ahead, migration.CheckWarning, "network.clock")
	behind := clock(-3*time.Hour).at(t, right, window(-time.Hour, time.Hour))
	want(t, "three hours behind", behind, migration.CheckWarning, "network.clock")
	want(t, "four minutes", clock(4*time.Minute).at(t, right, nil), migration.CheckPassed, "network.reached")
	silent := serve(t, cert, nil, map[string]string{"Date": ""})
	want(t, "no date", clock(0).at(t, silent, window(-2*time.Hour, -time.Hour)), migration.CheckFailed, "network.ended")
}

func TestStranger(t *testing.T) {
	cert, ca := authority(t, "CA", nil)
	u := serve(t, cert, nil, map[string]string{"x-ms-request-id": ""})
	k := &Tester{Network: opened(t, Options{CA: file(t, ca)})}
	want(t, "a page", k.at(t, u, nil), migration.CheckFailed, "network.stranger")
	want(t, "no storage", k.at(t, u, func(e *Endpoint) { e.Storage = false }), migration.CheckPassed, "network.reached")
}

func TestNamesAndPorts(t *testing.T) {
	l := do(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	k := &Tester{Network: opened(t, Options{}), Resolve: func(_ context.Context, name string) ([]netip.Addr, error) {
		switch name {
		case "both": // the first family has nobody, as a broken tunnel
			return []netip.Addr{netip.MustParseAddr("::ffff:127.0.0.1"), netip.MustParseAddr("::1")}, nil
		case "none":
			return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
		}
		return nil, nil
	}}
	tcp := func(host string, port int) migration.CheckResult {
		return k.Test(t.Context(), Endpoint{ID: "network-database", Host: host, Port: port})
	}
	want(t, "IPv6 has nobody", tcp("both", port), migration.CheckPassed, "network.reached", "IPv4", "IPv6")
	want(t, "no such name", tcp("none", port), migration.CheckFailed, "network.name", "no such host")
	want(t, "no address", tcp("empty", port), migration.CheckFailed, "network.name")
	l.Close()
	other := k.Test(t.Context(), Endpoint{Host: "127.0.0.1", Port: port, Other: true})
	want(t, "closed port, reached otherwise", other, migration.CheckWarning, "network.silent", "refused")
	if other.Todo.ID != "network.other.todo" {
		t.Errorf("reached otherwise: %v", other.Todo)
	}
	want(t, "closed port", tcp("127.0.0.1", port), migration.CheckFailed, "network.silent", "refused")
	want(t, "name of a service", k.at(t, do(url.Parse("https://none/c?sig=secret"))(t), nil), migration.CheckFailed, "network.name")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := k.Test(ctx, Endpoint{Host: "127.0.0.1", Port: port})
	want(t, "cancelled", r, migration.CheckFailed, "network.silent")
}

func TestConnectionThatEnds(t *testing.T) {
	l := do(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	k := &Tester{Network: opened(t, Options{})}
	want(t, "ended", k.at(t, do(url.Parse("https://"+l.Addr().String()))(t), nil), migration.CheckFailed, "network.broken")
}

func TestBrowser(t *testing.T) {
	cert, _ := authority(t, "CA", nil)
	sql := serve(t, cert, nil, nil) // any port will do
	udp := do(net.ListenPacket("udp", "127.0.0.1:0"))(t)
	defer udp.Close()
	go func() {
		b := make([]byte, 100)
		for {
			n, from, err := udp.ReadFrom(b)
			if err != nil {
				return
			}
			answer := "ServerName;CRM;InstanceName;SO;IsClustered;No;Version;15.0;"
			if string(b[:n]) == "\x04SO\x00" {
				answer += "tcp;" + sql.Port() + ";"
			}
			_, _ = udp.WriteTo(append([]byte{5, byte(len(answer)), 0}, answer+";"...), from)
		}
	}()
	k := &Tester{Network: opened(t, Options{}), BrowserPort: udp.LocalAddr().(*net.UDPAddr).Port}
	e := Endpoint{ID: "network-database", Host: "127.0.0.1", Instance: "SO"}
	want(t, "named instance", k.Test(t.Context(), e), migration.CheckPassed, "network.reached", "network.browser.port")
	e.Instance = "PIPES"
	want(t, "without TCP", k.Test(t.Context(), e), migration.CheckFailed, "network.browser.instance")
	udp.Close()
	want(t, "no Browser", k.Test(t.Context(), e), migration.CheckFailed, "network.browser", "refused")
}

// proxy passes connections on to whoever signs in.
func proxy(t *testing.T, user, password string, refuse int) *url.URL {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, pw, _ := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth()
		switch {
		case refuse != 0:
			w.WriteHeader(refuse)
			return
		case user != "" && (who != user || pw != password):
			w.Header().Set("Proxy-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		case r.Method != http.MethodConnect:
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		to, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer to.Close()
		from, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer from.Close()
		_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(to, from); to.Close() }()
		_, _ = io.Copy(from, to)
	}))
	t.Cleanup(s.Close)
	return do(url.Parse(s.URL))(t)
}

func TestProxies(t *testing.T) {
	cert, ca := authority(t, "CA", nil)
	u := serve(t, cert, nil, nil)
	through := func(p *url.URL, l Login) *Tester {
		return &Tester{Network: opened(t, Options{CA: file(t, ca), Proxy: http.ProxyURL(p), Login: func(string) Login { return l }})}
	}
	open := proxy(t, "", "", 0)
	want(t, "open proxy", through(open, Login{}).at(t, u, nil), migration.CheckPassed, "network.reached", open.Host)
	closed := proxy(t, "anna", "Proxy-0815", 0)
	want(t, "without login", through(closed, Login{}).at(t, u, nil), migration.CheckFailed, "network.proxy.login")
	want(t, "wrong login", through(closed, Login{"anna", "x"}).at(t, u, nil), migration.CheckFailed, "network.proxy.login")
	r := through(closed, Login{"anna", "Proxy-0815"}).at(t, u, nil)
	want(t, "login", r, migration.CheckPassed, "network.reached")
	if strings.Contains(shown(r), "0815") {
		t.Errorf("the password is shown: %s", shown(r))
	}
	want(t, "refused", through(proxy(t, "", "", 403), Login{}).at(t, u, nil), migration.CheckFailed, "network.proxy.refused", "Forbidden")
	gone := do(url.Parse("http://127.0.0.1:1"))(t)
	want(t, "no proxy", through(gone, Login{}).at(t, u, nil), migration.CheckFailed, "network.silent")
	broken := &Tester{Network: opened(t, Options{Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("no script") }})}
	want(t, "settings", broken.at(t, u, nil), migration.CheckFailed, "network.proxy.unknown")
}

// A script that finds the proxy never sees the signature, and is asked once for
// a host.
func TestProxyIsAskedWithoutSecrets(t *testing.T) {
	var asked []string
	n := opened(t, Options{Proxy: func(r *http.Request) (*url.URL, error) {
		asked = append(asked, r.URL.String())
		return url.Parse("http://own:pw@proxy:8080")
	}, Login: func(string) Login { return Login{"other", "x"} }})
	for range 3 {
		p, err := n.Proxy(do(http.NewRequestWithContext(t.Context(), http.MethodPut, "https://host/c/file?sig=secret", nil))(t))
		if err != nil || p.User.Username() != "own" {
			t.Errorf("%v %v", p, err)
		}
	}
	if len(asked) != 1 || asked[0] != "https://host/" {
		t.Errorf("asked %v", asked)
	}
}
