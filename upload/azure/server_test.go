package azure_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/azure"
)

// signature looks like a real one: its spelling in an address differs from it.
const signature = "pX7+zq/Kk0S3cret9bWf2/Qa=="

// script is a storage service that answers as a test says and does nothing.
// What it is asked is kept.
type script struct {
	mu     sync.Mutex
	asked  []string // method and comp, or x-ms-lease-action
	answer func(n int, w http.ResponseWriter, r *http.Request)
	server *httptest.Server
}

func newScript(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *script {
	t.Helper()
	s := &script{answer: answer}
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind := r.Method
		for _, more := range []string{r.URL.Query().Get("comp"), r.Header.Get("x-ms-lease-action")} {
			if more != "" {
				kind += " " + more
			}
		}
		s.mu.Lock()
		s.asked = append(s.asked, kind)
		n := 0
		for _, k := range s.asked {
			if k == kind {
				n++
			}
		}
		s.mu.Unlock()
		s.answer(n, w, r)
	}))
	t.Cleanup(s.server.Close)
	return s
}

// count tells how often something was asked.
func (s *script) count(kind string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, k := range s.asked {
		if k == kind {
			n++
		}
	}
	return n
}

func address(base string) string {
	return base + "/account/container?sv=2025-01-05&se=" + url.QueryEscape(time.Now().Add(time.Hour).UTC().Format(time.RFC3339)) +
		"&sr=c&sp=rcwl&sig=" + url.QueryEscape(signature)
}

func (s *script) open(t *testing.T, o azure.Options) *azure.Target {
	t.Helper()
	return open(t, address(s.server.URL), o)
}

// refuse answers with an error as the service does.
func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("x-ms-error-code", code)
	w.Header().Set("x-ms-request-id", "0f1e2d3c-0000-0001-0002-000000000000")
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`<?xml version="1.0"?><Error><Code>` + code + `</Code></Error>`))
}

// hangUp ends the connection with no answer.
func hangUp(w http.ResponseWriter) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = c.Close()
	}
}

// noText fails if the text stands in the error or in what people are told.
func noText(t *testing.T, err error, secret string) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), secret) {
			t.Errorf("%q stands in %q", secret, e)
		}
	}
	for _, v := range migration.HintOf(err).Args {
		if s, ok := v.(string); ok && strings.Contains(s, secret) {
			t.Errorf("%q stands in the hint: %q", secret, s)
		}
	}
}
