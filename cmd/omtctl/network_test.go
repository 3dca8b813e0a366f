package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

// check --network says of container, database and NetServer which can be
// reached, and what is wrong with the others.
func TestCheckNetwork(t *testing.T) {
	in := serve(t, filepath.Join(t.TempDir(), "sample"), "--users", "20", "--documents", "20", "--rows", "3000", "--missing", "1")
	const secret = "Signature0815"
	from := func(begin time.Duration) (*installation, *httptest.Server) {
		storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != "" {
				t.Errorf("sent %s", r.URL)
			}
			w.Header().Set("x-ms-request-id", "1")
			w.WriteHeader(http.StatusBadRequest)
		}))
		t.Cleanup(storage.Close)
		at := time.Now().Add(begin).UTC()
		return in.toContainer(t, storage.URL+"/account/container?sv=2024-11-04&sr=c&sp=rcwl&st="+at.Format(time.RFC3339)+"&se="+at.Add(2*time.Hour).Format(time.RFC3339)+"&sig="+secret), storage
	}
	test := func(here *installation, more ...string) ended {
		e := here.invoke(t, append([]string{"check", "--network", "--ticket", here.Ticket, "--config", here.Config, "--json"}, more...)...)
		if strings.Contains(e.stdout+e.stderr, secret) {
			t.Errorf("the signature is shown: %s%s", e.stdout, e.stderr)
		}
		return e
	}
	valid, storage := from(-time.Hour)
	got := results(t, test(valid).mustSucceed(t))
	if len(got) != 3 || got["network-target"] != migration.CheckPassed || got["network-database"] != migration.CheckPassed || got["network-netserver"] != migration.CheckPassed {
		t.Errorf("all there: %v", got)
	}
	early, _ := from(time.Hour)
	if e := test(early); e.code != exitFailed || results(t, e)["network-target"] != migration.CheckFailed {
		t.Errorf("before its time: %d %s", e.code, e.stdout)
	}
	storage.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	e := test(valid, "--server", strings.Replace(l.Addr().String(), ":", ",", 1))
	got = results(t, e)
	if e.code != exitFailed || got["network-target"] != migration.CheckFailed || got["network-database"] != migration.CheckFailed || got["network-netserver"] != migration.CheckPassed {
		t.Errorf("two gone: %d %v", e.code, got)
	}
	// Without an installation the ticket's container alone is tested.
	e = in.invoke(t, "check", "--network", "--ticket", early.Ticket, "--config", t.TempDir())
	if e.code != exitFailed || !strings.Contains(e.stdout, "valid from") || strings.Contains(e.stdout, "NetServer") {
		t.Errorf("words: %s", e.stdout)
	}
	e = in.invoke(t, "check", "--network", "--ticket", early.Ticket, "--config", in.Config, "--ca", in.Ticket, "--json")
	if e.code != exitFailed || e.last.Hint.ID != "hint.network.ca" {
		t.Errorf("no certificates: %+v", e.last)
	}
}
