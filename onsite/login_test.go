package onsite

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"omt/migration"
)

const secret = `p<&>"ss'wörd]]>`

// fakeNetServer answers REST and SOAP; handlers that are nil answer 404.
type fakeNetServer struct {
	rest, soap http.HandlerFunc
}

func (f fakeNetServer) login(t *testing.T, user, password string) (migration.Principal, error) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/SuperOffice/api/v1/User/currentPrincipal" && f.rest != nil:
			f.rest(w, r)
		case r.URL.Path == "/NetServer/Services87/SoPrincipal.svc" && f.soap != nil:
			f.soap(w, r)
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	n := NewNetServer(NetServerSettings{REST: srv.URL + "/SuperOffice", SOAP: srv.URL + "/NetServer/Services87"},
		LoginOptions{Transport: srv.Client().Transport})
	p, err := n.Login(t.Context(), user, password)
	if err != nil && (strings.Contains(err.Error(), password) || strings.Contains(fmt.Sprint(migration.HintOf(err)), password)) {
		t.Errorf("error has the password: %v", err)
	}
	return p, err
}

func restAnswer(rights ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, ok := r.BasicAuth()
		if !ok || user != "HH" || password != secret {
			w.Header().Set("WWW-Authenticate", `Negotiate, Basic realm="crm"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Associate": "HH", "AssociateId": 5, "FullName": "Hugo Hugg", "UserName": "", "FunctionRights": rights})
	}
}

func soapAnswer(t *testing.T, ok bool, rights ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		const ns = "http://www.superoffice.net/ws/crm/NetServer/Services87"
		var req struct {
			Body struct {
				Call struct {
					XMLName            xml.Name
					UserName, Password string
				} `xml:"AuthenticateUsernamePassword"`
			}
		}
		body, _ := io.ReadAll(r.Body)
		if err := xml.Unmarshal(body, &req); err != nil {
			t.Errorf("request: %v", err)
		}
		c := req.Body.Call
		if c.XMLName.Space != ns || c.UserName != "a<b" || c.Password != secret {
			t.Errorf("request %s: %+v", body, c)
		}
		if got := r.Header.Get("SOAPAction"); got != `"`+ns+`/SoPrincipal/AuthenticateUsernamePassword"` {
			t.Errorf("SOAPAction %s", got)
		}
		var list strings.Builder
		for _, x := range rights {
			list.WriteString("<a:string>" + x + "</a:string>")
		}
		fmt.Fprintf(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><Succeeded xmlns="%[1]s">true</Succeeded></s:Header>
<s:Body><AuthenticateResponse xmlns="%[1]s"><Response><Associate>HH</Associate><AssociateId>5</AssociateId><FullName>Hugo</FullName>
<FunctionRights xmlns:a="http://schemas.microsoft.com/2003/10/Serialization/Arrays">%[2]s</FunctionRights></Response>
<AuthenticationSucceeded>%[3]t</AuthenticationSucceeded></AuthenticateResponse></s:Body></s:Envelope>`, ns, list.String(), ok)
	}
}

func TestLogin(t *testing.T) {
	p, err := fakeNetServer{rest: restAnswer("admin-users")}.login(t, "HH", secret)
	if want := (migration.Principal{AssociateID: 5, UserName: "HH", FullName: "Hugo Hugg", Proved: true, Via: "rest"}); err != nil || p != want {
		t.Errorf("REST: %+v, %v", p, err)
	}
	p, err = fakeNetServer{soap: soapAnswer(t, true, "x", "admin-all")}.login(t, "a<b", secret)
	if err != nil || p.Via != "soap" || p.AssociateID != 5 {
		t.Errorf("SOAP: %+v, %v", p, err)
	}
}

// TestLoginGoesOn: an answer that did not weigh the password is not a refusal.
func TestLoginGoesOn(t *testing.T) {
	for challenge, status := range map[string]int{"Negotiate": 401, `Digest realm="Basic, or not"`: 401, "": 401, "Basic": 403, "none": 404} {
		rest := func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(status)
		}
		p, err := fakeNetServer{rest: rest, soap: soapAnswer(t, true, "admin-all")}.login(t, "a<b", secret)
		if err != nil || p.Via != "soap" {
			t.Errorf("%d %s: %+v %v", status, challenge, p, err)
		}
		if _, err := (fakeNetServer{rest: rest}).login(t, "a<b", secret); !errors.Is(err, migration.ErrNoNetServer) {
			t.Errorf("%d %s, no SOAP: %v", status, challenge, err)
		}
	}
}

func TestLoginRefused(t *testing.T) {
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code); _, _ = io.WriteString(w, body) }
	}
	fault := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode></s:Fault></s:Body></s:Envelope>`
	for _, c := range []struct {
		name string
		srv  fakeNetServer
		user string
		is   error
		hint string
	}{
		{"wrong password", fakeNetServer{rest: restAnswer()}, "XX", migration.ErrBadCredentials, "hint.login.credentials"},
		{"not administrator", fakeNetServer{rest: restAnswer("allow-export")}, "HH", migration.ErrNotAdministrator, "hint.login.administrator"},
		{"soap wrong", fakeNetServer{soap: soapAnswer(t, false)}, "a<b", migration.ErrBadCredentials, "hint.login.credentials"},
		{"soap not administrator", fakeNetServer{soap: soapAnswer(t, true, "admin-lists")}, "a<b", migration.ErrNotAdministrator, "hint.login.administrator"},
		{"nothing there", fakeNetServer{}, "HH", migration.ErrNoNetServer, "hint.login.netserver"},
		{"another page", fakeNetServer{rest: status(200, "<html>welcome</html>")}, "HH", migration.ErrNoNetServer, "hint.login.netserver"},
		{"empty json", fakeNetServer{rest: status(200, "{}")}, "HH", migration.ErrNoNetServer, "hint.login.netserver"},
		{"too long", fakeNetServer{rest: status(200, strings.Repeat(" ", maxAnswerBytes+1))}, "HH", migration.ErrNoNetServer, "hint.login.netserver"},
		{"fault", fakeNetServer{soap: status(500, fault)}, "HH", migration.ErrNoNetServer, "hint.login.netserver"},
	} {
		_, err := c.srv.login(t, c.user, secret)
		if !errors.Is(err, c.is) || migration.HintOf(err).ID != c.hint {
			t.Errorf("%s: %v, hint %s", c.name, err, migration.HintOf(err).ID)
		}
	}
}

func TestLoginPlainHTTP(t *testing.T) {
	asked := false
	round := roundTrip(func(*http.Request) (*http.Response, error) {
		asked = true
		return nil, errors.New("no network")
	})
	for base, allow := range map[string]bool{"http://crm01/SuperOffice": false, "http://[::1]/SuperOffice": true, "http://127.0.0.2/x": true, "http://localhost:80/x": true, "https://crm01/x": true} {
		asked = false
		_, err := NewNetServer(NetServerSettings{REST: base}, LoginOptions{Transport: round}).Login(t.Context(), "u", "pw")
		if asked != allow || err == nil || (!allow && migration.HintOf(err).ID != "hint.login.plain") {
			t.Errorf("%s: asked %v, %v", base, asked, err)
		}
	}
	asked = false
	_, err := NewNetServer(NetServerSettings{REST: "http://name:pass@crm01/x?secret=1"}, LoginOptions{Transport: round, AllowPlainHTTP: true}).Login(t.Context(), "u", "pw")
	if !asked || strings.Contains(err.Error(), "pass@") || strings.Contains(err.Error(), "secret=1") {
		t.Errorf("allowed: asked %v, %v", asked, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestLoginRedirect(t *testing.T) {
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s came with %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer thief.Close()
	_, err := fakeNetServer{
		rest: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
		},
		soap: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
		},
	}.login(t, "HH", secret)
	if !errors.Is(err, migration.ErrNoNetServer) {
		t.Errorf("redirect: %v", err)
	}
}

func TestLoginUnknown(t *testing.T) {
	_, err := NewNetServer(NetServerSettings{}, LoginOptions{}).Login(t.Context(), "u", "p")
	if !errors.Is(err, migration.ErrNoNetServer) || migration.HintOf(err).ID != "hint.login.unknown" {
		t.Errorf("%v", err)
	}
}

func FuzzReadSOAP(f *testing.F) {
	f.Add([]byte(`<Envelope><Body><AuthenticateResponse><AuthenticationSucceeded>true</AuthenticationSucceeded></AuthenticateResponse></Body></Envelope>`))
	f.Add([]byte(`<a`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := readSOAP(data); err == nil && c.AssociateID == 0 {
			t.Fatalf("signed in as nobody: %+v", c)
		}
	})
}
