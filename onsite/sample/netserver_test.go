package sample

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func testServer(t *testing.T, noREST bool) (*httptest.Server, *Installation) {
	t.Helper()
	o, err := Options{}.filled()
	if err != nil {
		t.Fatal(err)
	}
	in := newInstallation(t.TempDir(), o, newExpect())
	s := httptest.NewServer((&netServer{logins: in.Logins, noREST: noREST}).handler())
	t.Cleanup(func() {
		s.Client().CloseIdleConnections()
		s.Close()
	})
	return s, in
}

func rest(t *testing.T, s *httptest.Server, user, password string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/SuperOffice/api/v1/User/currentPrincipal", nil)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if resp.StatusCode != http.StatusNotFound {
		if err := json.Unmarshal(body, &out); err != nil {
			t.Fatalf("answer %q: %v", body, err)
		}
	}
	if resp.StatusCode == http.StatusUnauthorized && !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Basic ") {
		t.Error("401 without a Basic challenge")
	}
	return resp.StatusCode, out
}

func TestCurrentPrincipal(t *testing.T) {
	s, in := testServer(t, false)
	rights := map[string]string{"ADM0": "admin-all", "UADM": "admin-users", "KNO": ""}
	if len(in.Logins) != 3 || in.AdminName != "ADM0" {
		t.Fatalf("logins %+v", in.Logins)
	}
	for _, l := range in.Logins {
		status, p := rest(t, s, l.User, l.Password)
		if status != http.StatusOK || p["Associate"] != l.User || p["FullName"] != l.FullName || p["AssociateId"].(float64) < 1 || p["UserType"] == "" {
			t.Errorf("%s: %d %v", l.User, status, p)
		}
		var got []string
		for _, r := range p["FunctionRights"].([]any) {
			got = append(got, r.(string))
		}
		if want := rights[l.User]; want != "" && !slices.Contains(got, want) {
			t.Errorf("%s: rights %v, want %s", l.User, got, want)
		} else if want == "" && (slices.Contains(got, "admin-all") || slices.Contains(got, "admin-users")) {
			t.Errorf("%s is an administrator: %v", l.User, got)
		}
	}
	for _, bad := range [][2]string{{"ADM0", "wrong"}, {"nobody", in.AdminPassword}, {"", ""}, {"ADM0", ""}} {
		if status, _ := rest(t, s, bad[0], bad[1]); status != http.StatusUnauthorized {
			t.Errorf("%v: status %d, want 401", bad, status)
		}
	}
	mail := in.Logins[0].user.emails[0]
	if status, _ := rest(t, s, mail, in.AdminPassword); status != http.StatusOK {
		t.Errorf("e-mail address as user name: status %d", status)
	}
}

func soapCall(t *testing.T, s *httptest.Server, services, version, body string) (int, string, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/NetServer/"+services+"/SoPrincipal.svc", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", version)
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(out)
}

// soapRequest is the request as documented, with its odd ApplicationToken
// between Envelope and Body.
func soapRequest(ns, services, user, password string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="%s" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:SoPrincipal="http://www.superoffice.net/ws/crm/NetServer/%s">
 <SoPrincipal:ApplicationToken>1234567-1234-9876</SoPrincipal:ApplicationToken>
 <SOAP-ENV:Body><SoPrincipal:AuthenticateUsernamePassword>
  <SoPrincipal:UserName xsi:type="xsd:string">%s</SoPrincipal:UserName><SoPrincipal:Password xsi:type="xsd:string">%s</SoPrincipal:Password>
 </SoPrincipal:AuthenticateUsernamePassword></SOAP-ENV:Body></SOAP-ENV:Envelope>`, ns, services, user, password)
}

func TestSoapLogin(t *testing.T) {
	s, in := testServer(t, true)
	if status, _ := rest(t, s, in.AdminName, in.AdminPassword); status != http.StatusNotFound {
		t.Errorf("REST of an old NetServer: status %d, want 404", status)
	}
	type answer struct {
		Associate string   `xml:"Body>AuthenticateResponse>Response>Associate"`
		Rights    []string `xml:"Body>AuthenticateResponse>Response>FunctionRights>string"`
		Ticket    string   `xml:"Body>AuthenticateResponse>Credentials>Ticket"`
		Succeeded string   `xml:"Body>AuthenticateResponse>AuthenticationSucceeded"`
	}
	for _, v := range [][3]string{{"text/xml; charset=utf-8", soap11, "Services84"}, {"application/soap+xml", soap12, "Services88"}} {
		status, kind, body := soapCall(t, s, v[2], v[0], soapRequest(v[1], v[2], in.AdminName, in.AdminPassword))
		var a answer
		if err := xml.Unmarshal([]byte(body), &a); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if status != http.StatusOK || a.Succeeded != "true" || a.Associate != "ADM0" || !slices.Contains(a.Rights, "admin-all") || !strings.HasPrefix(a.Ticket, "7T:") {
			t.Errorf("%s: %d %+v", v[2], status, a)
		}
		if !strings.HasPrefix(kind, strings.Split(v[0], ";")[0]) || !strings.Contains(body, v[1]) {
			t.Errorf("answer to %s came as %s", v[0], kind)
		}
		_, _, body = soapCall(t, s, v[2], v[0], soapRequest(v[1], v[2], in.AdminName, "wrong"))
		a = answer{}
		if err := xml.Unmarshal([]byte(body), &a); err != nil || a.Succeeded != "false" || a.Associate != "" || a.Ticket != "" {
			t.Errorf("wrong password: %+v %v", a, err)
		}
	}
}

func TestSoapRefuses(t *testing.T) {
	s, _ := testServer(t, false)
	for name, body := range map[string]string{
		"not xml": "hello", "no envelope": "<a/>", "other operation": `<e:Envelope xmlns:e="` + soap11 + `"><e:Body><GetSystemInfo/></e:Body></e:Envelope>`,
		"other version": soapRequest(soap11, "Services84", "a", "b"),
	} {
		status, _, out := soapCall(t, s, "Services88", "text/xml", body)
		if status != http.StatusInternalServerError || !strings.Contains(out, "faultstring") {
			t.Errorf("%s: %d %s, want a fault", name, status, out)
		}
	}
	if status, _, _ := soapCall(t, s, "Services99", "text/xml", "<a/>"); status != http.StatusNotFound {
		t.Errorf("Services99: status %d", status)
	}
	if status, _, _ := soapCall(t, s, "Services88", "text/xml", string(bytes.Repeat([]byte("x"), maxRequest+1))); status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: status %d", status)
	}
}
