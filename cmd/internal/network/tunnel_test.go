package network

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"omt/migration"
)

// Account and key are the example of MS-NLMP, section 4.2.4.1.1: the key is
// what NTOWFv2 gives for this user, domain and password.
const (
	ntlmUser     = `Domain\User`
	ntlmPassword = "Password"
	ntlmKey      = "0c868a403bfd7a93a3001ef22ef02e3f"
)

// standIn is a proxy that lets nobody through without a sign-in by one of the
// schemes. NTLM belongs to the connection, as it does in a real one.
type standIn struct {
	t         *testing.T
	schemes   string // value of Proxy-Authenticate
	ticket    string // Kerberos of the system that is taken
	kerberos, // Negotiate does not understand NTLM
	ends bool // the connection ends after a refusal without a challenge
	longPage bool

	mu     sync.Mutex
	asked  []string // the first word of each Proxy-Authorization
	busy   bool     // refuses everybody who signs in with NTLM
	serves sync.WaitGroup
}

func (s *standIn) start() *url.URL {
	l := do(net.Listen("tcp", "127.0.0.1:0"))(s.t)
	ctx, stop := context.WithCancel(context.Background())
	s.serves.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(ctx, func() { c.Close() })
			s.serves.Go(func() { s.serve(c) })
		}
	})
	s.t.Cleanup(func() { l.Close(); stop(); s.serves.Wait() })
	return do(url.Parse("http://" + l.Addr().String()))(s.t)
}

func (s *standIn) serve(c net.Conn) {
	defer c.Close()
	read := bufio.NewReader(c)
	var challenge []byte // sent on this connection
	for {
		req, err := http.ReadRequest(read)
		if err != nil {
			return
		}
		if req.Method != http.MethodConnect || req.Host == "" {
			s.t.Errorf("proxy got %s %s", req.Method, req.Host)
		}
		scheme, text, _ := strings.Cut(req.Header.Get("Proxy-Authorization"), " ")
		s.mu.Lock()
		s.asked = append(s.asked, scheme)
		busy := s.busy
		s.mu.Unlock()
		data, _ := base64.StdEncoding.DecodeString(text)
		answer := s.schemes
		switch {
		case scheme == schemeBasic && string(data) == ntlmUser+":"+ntlmPassword,
			challenge != nil && bytes.HasPrefix(data, []byte("NTLMSSP\x00\x03")) && !busy && s.proves(data, challenge):
			s.pass(c, read, req.Host)
			return
		case s.ticket != "" && scheme == schemeNegotiate && string(data) == s.ticket:
			s.pass(c, read, req.Host)
			return
		case s.ticket != "" && scheme == schemeNegotiate && string(data) == "hello": // asks for one more token
			answer = scheme + " " + base64.StdEncoding.EncodeToString([]byte("realm"))
		case bytes.HasPrefix(data, []byte("NTLMSSP\x00\x01")) && !(s.kerberos && scheme == schemeNegotiate):
			challenge = []byte("\x01\x23\x45\x67\x89\xab\xcd\xef")
			answer = scheme + " " + base64.StdEncoding.EncodeToString(challengeMessage(challenge))
		default:
			challenge = nil
		}
		body, more := "sign in", ""
		if s.longPage && challenge == nil {
			body = strings.Repeat("x", 2*maxRefusal)
		}
		if s.ends && challenge == nil {
			more = "Proxy-Connection: close\r\n"
		}
		fmt.Fprintf(c, "HTTP/1.1 407 Sign in\r\nProxy-Authenticate: %s\r\n%sContent-Length: %d\r\n\r\n%s",
			strings.ReplaceAll(answer, "; ", "\r\nProxy-Authenticate: "), more, len(body), body)
		if more != "" {
			return
		}
	}
}

func (s *standIn) pass(c net.Conn, read io.Reader, host string) {
	to, err := net.Dial("tcp", host)
	if err != nil {
		fmt.Fprint(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return
	}
	defer to.Close()
	fmt.Fprint(c, "HTTP/1.1 200 Connection established\r\n\r\n")
	s.serves.Go(func() { _, _ = io.Copy(to, read); to.Close() })
	_, _ = io.Copy(c, to)
}

// challengeMessage is the second message, MS-NLMP section 2.2.1.2.
func challengeMessage(challenge []byte) []byte {
	name := utf16le("Domain")
	info := append(binary.LittleEndian.AppendUint32(nil, 2|uint32(len(name))<<16), name...) // MsvAvNbDomainName
	info = append(info, 0, 0, 0, 0)                                                         // MsvAvEOL
	const header = 48
	b := append([]byte("NTLMSSP\x00"), 2, 0, 0, 0)
	field := func(length, offset int) {
		b = binary.LittleEndian.AppendUint16(b, uint16(length))
		b = binary.LittleEndian.AppendUint16(b, uint16(length))
		b = binary.LittleEndian.AppendUint32(b, uint32(offset))
	}
	field(len(name), header)
	// UNICODE, REQUEST_TARGET, NTLM, TARGET_TYPE_DOMAIN, EXTENDED_SESSIONSECURITY, TARGET_INFO
	b = binary.LittleEndian.AppendUint32(b, 0x1|0x4|0x200|0x10000|0x80000|0x800000)
	b = append(append(b, challenge...), make([]byte, 8)...)
	field(len(info), header+len(name))
	return append(append(b, name...), info...)
}

func utf16le(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// proves checks the third message: NTProofStr is HMAC-MD5 over the challenge and
// the rest of the response, MS-NLMP section 3.3.2.
func (s *standIn) proves(message, challenge []byte) bool {
	field := func(at int) []byte {
		length, offset := int(binary.LittleEndian.Uint16(message[at:])), int(binary.LittleEndian.Uint32(message[at+4:]))
		return message[offset : offset+length]
	}
	response, domain, user := field(20), field(28), field(36)
	if !bytes.Equal(domain, utf16le("Domain")) || !bytes.Equal(user, utf16le("User")) || len(response) < 16 {
		return false
	}
	key, err := hex.DecodeString(ntlmKey)
	if err != nil {
		s.t.Error(err)
	}
	mac := hmac.New(md5.New, key)
	mac.Write(challenge)
	mac.Write(response[16:])
	return hmac.Equal(mac.Sum(nil), response[:16])
}

// signedIn stands for the sign-in of Windows, which answers what a proxy has said.
type signedIn struct {
	answers map[string]string
	closed  int
	host    string
}

var errSystem = errors.New("nobody is signed in to a domain")

func (s *signedIn) begin(host string) (Negotiation, error) {
	s.host = host
	if s.answers == nil {
		return nil, errSystem
	}
	return s, nil
}

func (s *signedIn) Next(challenge []byte) ([]byte, error) {
	a, ok := s.answers[string(challenge)]
	if !ok {
		return nil, errSystem
	}
	return []byte(a), nil
}

func (s *signedIn) Close() error { s.closed++; return nil }

// meeting is one proxy, the account that is given for it, what the test of a
// connection says and which schemes the proxy was shown.
type meeting struct {
	name  string
	proxy *standIn
	login Login
	found string // empty: it is passed
	asked string
}

func (m meeting) try(t *testing.T, u *url.URL, bundle string, system *signedIn) migration.CheckResult {
	t.Helper()
	m.proxy.t = t
	k := &Tester{Network: opened(t, Options{
		CA: bundle, Proxy: http.ProxyURL(m.proxy.start()), Login: func(string) Login { return m.login }, Negotiate: system.begin,
	})}
	r := k.at(t, u, nil)
	if m.found == "" {
		want(t, m.name, r, migration.CheckPassed, "network.reached")
	} else {
		want(t, m.name, r, migration.CheckFailed, m.found)
	}
	m.proxy.mu.Lock()
	defer m.proxy.mu.Unlock()
	if got := strings.Join(m.proxy.asked, " "); got != m.asked {
		t.Errorf("%s: the proxy was shown %q, want %q", m.name, got, m.asked)
	}
	return r
}

// Where a proxy asks for Kerberos, the system signs in as the person who runs
// the program: without an account, and where the one that was given is of no use.
func TestProxySystemSignIn(t *testing.T) {
	cert, ca := authority(t, "CA", nil)
	u, bundle := serve(t, cert, nil, nil), file(t, ca)
	one, two := map[string]string{"": "ticket"}, map[string]string{"": "hello", "realm": "ticket"}
	for _, c := range []struct {
		meeting
		system *signedIn
	}{
		{meeting{"ticket", &standIn{schemes: "Negotiate", ticket: "ticket"}, Login{}, "", " Negotiate"}, &signedIn{answers: one}},
		{meeting{"two tokens", &standIn{schemes: "Negotiate; NTLM", ticket: "ticket"}, Login{}, "", " Negotiate Negotiate"}, &signedIn{answers: two}},
		{meeting{"ends after the first refusal", &standIn{schemes: "Negotiate", ticket: "ticket", ends: true}, Login{}, "", " Negotiate"}, &signedIn{answers: one}},
		{meeting{"ends in the middle", &standIn{schemes: "Negotiate", ticket: "ticket", ends: true}, Login{}, "network.proxy.login", " Negotiate"}, &signedIn{answers: two}},
		{meeting{"account of no use", &standIn{schemes: "Negotiate", ticket: "ticket", kerberos: true}, Login{ntlmUser, ntlmPassword}, "", " Negotiate Negotiate"}, &signedIn{answers: one}},
		{meeting{"account first", &standIn{schemes: "Negotiate", ticket: "ticket"}, Login{ntlmUser, ntlmPassword}, "", " Negotiate Negotiate"}, &signedIn{answers: one}},
		{meeting{"wrong account", &standIn{schemes: "Negotiate", ticket: "ticket"}, Login{ntlmUser, "x"}, "network.proxy.login", " Negotiate Negotiate"}, &signedIn{answers: one}},
		{meeting{"not let through", &standIn{schemes: "Negotiate", ticket: "another"}, Login{}, "network.proxy.login", " Negotiate"}, &signedIn{answers: one}},
		{meeting{"without end", &standIn{schemes: "Negotiate", ticket: "another"}, Login{}, "network.proxy.login", " Negotiate Negotiate Negotiate Negotiate"}, &signedIn{answers: map[string]string{"": "hello", "realm": "hello"}}},
		{meeting{"no domain", &standIn{schemes: "Negotiate", ticket: "ticket"}, Login{}, "network.proxy.login", ""}, &signedIn{}},
		{meeting{"not asked for", &standIn{schemes: `Basic realm="x"`}, Login{}, "network.proxy.login", ""}, &signedIn{answers: one}},
	} {
		r := c.try(t, u, bundle, c.system)
		if begun := c.system.host != "" && c.system.answers != nil; begun != (c.system.closed == 1) || begun && c.system.host != "127.0.0.1" {
			t.Errorf("%s: of %q, closed %d times", c.name, c.system.host, c.system.closed)
		}
		if c.name == "no domain" {
			want(t, c.name, r, migration.CheckFailed, c.found, errSystem.Error())
		}
	}
}

// An account that the proxy has refused is not shown again until a person asks
// for it. One that was taken before may be refused now and then.
func TestProxyRefusalIsNotRepeated(t *testing.T) {
	cert, ca := authority(t, "CA", nil)
	u := serve(t, cert, nil, nil)
	s := &standIn{t: t, schemes: "NTLM"}
	given := Login{ntlmUser, "old"}
	n := opened(t, Options{CA: file(t, ca), Proxy: http.ProxyURL(s.start()), Login: func(string) Login { return given }, Negotiate: (&signedIn{}).begin})
	tr := n.Transport(stepLimit)
	try := func() (shown int, err error) {
		s.mu.Lock()
		s.asked = nil
		s.mu.Unlock()
		resp, err := tr.RoundTrip(do(http.NewRequestWithContext(t.Context(), http.MethodGet, u.String(), nil))(t))
		if err == nil {
			resp.Body.Close()
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return strings.Count(strings.Join(s.asked, " "), "NTLM"), err
	}
	if shown, err := try(); shown != 2 || !errors.Is(err, migration.ErrProxyLogin) {
		t.Errorf("first: %d %v", shown, err)
	}
	for range 3 {
		if shown, err := try(); shown != 0 || !errors.Is(err, migration.ErrProxyLogin) {
			t.Errorf("again: %d %v", shown, err)
		}
	}
	n.Renew()
	if shown, _ := try(); shown != 2 {
		t.Errorf("asked for by a person: shown %d times", shown)
	}
	n.SignIn(Login{ntlmUser, ntlmPassword})
	if shown, err := try(); shown != 2 || err != nil {
		t.Errorf("another account: %d %v", shown, err)
	}
	if p := do(n.Proxy(&http.Request{URL: u}))(t); !n.Took(p) {
		t.Error("it is not known that the proxy took it")
	}
	s.mu.Lock()
	s.busy = true
	s.mu.Unlock()
	for i := range maxRefusals {
		if shown, err := try(); shown != 2 || err == nil {
			t.Errorf("refusal %d of a good account: shown %d times, %v", i, shown, err)
		}
	}
	if shown, _ := try(); shown != 0 {
		t.Errorf("refused %d times in a row, and shown still", maxRefusals)
	}
}

func TestProxySchemes(t *testing.T) {
	cert, ca := authority(t, "CA", nil)
	u, bundle := serve(t, cert, nil, nil), file(t, ca)
	right := Login{ntlmUser, ntlmPassword}
	for _, c := range []meeting{
		{"NTLM", &standIn{schemes: "NTLM"}, right, "", " NTLM NTLM"},
		{"NTLM, ends after the first refusal", &standIn{schemes: "NTLM", ends: true}, right, "", " NTLM NTLM"},
		{"NTLM with a long page", &standIn{schemes: "NTLM", longPage: true}, right, "", " NTLM NTLM"},
		{"the safest of three", &standIn{schemes: `Negotiate; NTLM; Basic realm="x, y"`}, right, "", " NTLM NTLM"},
		{"in one line", &standIn{schemes: `Basic realm="x", NTLM`}, right, "", " NTLM NTLM"},
		{"Negotiate", &standIn{schemes: "Negotiate"}, right, "", " Negotiate Negotiate"},
		{"Negotiate, wrong password", &standIn{schemes: "Negotiate"}, Login{ntlmUser, "wrong"}, "network.proxy.login", " Negotiate Negotiate"},
		{"Basic", &standIn{schemes: `Basic realm="x"`}, right, "", " Basic"},
		{"Kerberos or Basic", &standIn{schemes: `Negotiate; Basic realm="x"`, kerberos: true}, right, "", " Negotiate Basic"},
		{"Kerberos alone", &standIn{schemes: "Negotiate", kerberos: true}, right, "network.proxy.kerberos", " Negotiate"},
		{"Digest", &standIn{schemes: `Digest realm="x", nonce="NTLM"`}, right, "network.proxy.scheme", ""},
		// A wrong password is sent once: twice would lock the account the sooner.
		{"wrong password", &standIn{schemes: `NTLM; Basic realm="x"`}, Login{ntlmUser, "wrong"}, "network.proxy.login", " NTLM NTLM"},
		{"no account", &standIn{schemes: "NTLM"}, Login{}, "network.proxy.login", ""},
		{"no account, Negotiate", &standIn{schemes: "Negotiate"}, Login{}, "network.proxy.login", ""},
	} {
		r := c.try(t, u, bundle, &signedIn{})
		if text := shown(r); c.login.Password != "" && strings.Contains(text, c.login.Password) {
			t.Errorf("%s: the password is shown: %s", c.name, text)
		}
	}
}

// A transport of an upload goes through the same proxy, and what fails there
// names neither account nor address.
func TestTunnelOfTransport(t *testing.T) {
	cert, ca := authority(t, "CA", nil)
	u := serve(t, cert, nil, nil)
	s := &standIn{t: t, schemes: "NTLM"}
	n := opened(t, Options{CA: file(t, ca), Proxy: http.ProxyURL(s.start()), Login: func(string) Login { return Login{ntlmUser, ntlmPassword} }, Negotiate: (&signedIn{}).begin})
	tr := n.Transport(stepLimit)
	for range 2 { // each connection signs in by itself
		req := do(http.NewRequestWithContext(t.Context(), http.MethodGet, u.String(), nil))(t)
		resp := do(tr.RoundTrip(req))(t)
		resp.Body.Close()
	}
	s.mu.Lock()
	asked := len(s.asked)
	s.mu.Unlock()
	if asked != 6 {
		t.Errorf("the proxy was asked %d times", asked)
	}
	gone := do(url.Parse("https://127.0.0.1:1/"))(t)
	_, err := tr.RoundTrip(do(http.NewRequestWithContext(t.Context(), http.MethodGet, gone.String(), nil))(t))
	var e *ProxyError
	if !errors.As(err, &e) || e.Status != http.StatusBadGateway || strings.Contains(err.Error(), ntlmPassword) {
		t.Errorf("nobody behind the proxy: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.DialContext(ctx, "tcp", u.Host); err == nil {
		t.Error("cancelled, and went on")
	}
}
