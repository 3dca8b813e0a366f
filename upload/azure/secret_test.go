package azure_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/azure"
)

// TestNoSecretInErrors: whatever goes wrong, the signature and the password of
// a proxy stay out of the error and of what people are told.
func TestNoSecretInErrors(t *testing.T) {
	silent := newScript(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then it is noticed that the other side has gone
		<-r.Context().Done()
	})
	tls := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	refused := closed.Addr().String()
	must(t, closed.Close())
	repeats := newScript(t, func(_ int, w http.ResponseWriter, r *http.Request) { refuse(w, 400, signature) })
	body := newScript(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte("you asked for " + r.URL.String()))
	})
	word := newScript(t, func(_ int, w http.ResponseWriter, r *http.Request) { refuse(w, 409, "pX7") })
	proxy := func(p string) func(*http.Request) (*url.URL, error) {
		u, err := url.Parse(p)
		must(t, err)
		return func(*http.Request) (*url.URL, error) { return u, nil }
	}
	// Speaks no TLS and no HTTP, and says nothing.
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = mute.Close() })
	short := &http.Transport{ResponseHeaderTimeout: 10 * time.Millisecond}
	t.Cleanup(short.CloseIdleConnections)
	for name, c := range map[string]struct {
		base string
		o    azure.Options
		hint string
	}{
		"refused":       {"http://" + refused, azure.Options{}, "hint.azure.unreachable"},
		"no answer":     {silent.server.URL, azure.Options{Transport: short}, "hint.azure.unreachable"},
		"TLS":           {tls.URL, azure.Options{}, "hint.azure.certificate"},
		"not TLS":       {"https://" + mute.Addr().String(), azure.Options{Transport: &http.Transport{TLSHandshakeTimeout: 10 * time.Millisecond}}, "hint.azure.unreachable"},
		"proxy refused": {"https://account.example", azure.Options{Proxy: proxy("http://me:hunter2@" + refused)}, "hint.azure.unreachable"},
		"proxy cannot":  {"https://account.example", azure.Options{Proxy: proxy(body.server.URL)}, "hint.azure.unreachable"},
		"proxy error": {"https://account.example", azure.Options{Proxy: func(r *http.Request) (*url.URL, error) {
			return nil, &url.Error{Op: "proxy", URL: "http://me:hunter2@proxy/?" + r.URL.RawQuery, Err: errors.New("http://me:hunter2@proxy/?" + signature)}
		}}, "hint.azure.unreachable"},
		"proxy asks": {"https://account.example", azure.Options{Proxy: proxy("http://x"), Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, fmt.Errorf("http://me:hunter2@x: %w", migration.ErrProxyLogin)
		}}, "hint.azure.proxylogin"},
		"code repeats": {repeats.server.URL, azure.Options{}, "hint.azure.failed"},
		"body repeats": {body.server.URL, azure.Options{}, "hint.azure.forbidden"},
		"short code":   {word.server.URL, azure.Options{}, "hint.azure.failed"},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.RetryDelay = time.Millisecond
			at := address(c.base)
			x := open(t, at, c.o)
			for op, err := range calls(x) {
				if err == nil && (op == "restore" || op == "probe") && c.hint == "hint.azure.forbidden" {
					continue
				}
				noSecret(t, at, err)
				if op == "put" && migration.HintOf(err).ID != c.hint {
					t.Errorf("%v with hint %q, want %q", err, migration.HintOf(err).ID, c.hint)
				}
				if op == "put" {
					t.Log(err)
				}
				noText(t, err, "hunter2")
			}
			noText(t, errors.New(x.Describe()), "sig")
		})
	}
}

// TestAddress: what is not the address of a container is refused without being
// repeated.
func TestAddress(t *testing.T) {
	for _, at := range []string{
		"", "://?sig=hunter2", "http://account.example/c?sig=hunter2", "http://localhost/c?sig=hunter2", "https://u:hunter2@account.example/c?sig=x",
		"https://account.example/?sig=hunter2", "https://account.example/c?sig=hunter2#f", "https://acc\x7fount/c?sig=hunter2", "https://account.example/c?sig=hunter2;x",
		"ftp://account.example/c?sig=hunter2", "hunter2",
	} {
		_, err := azure.Open(at, azure.Options{})
		if !errors.Is(err, azure.ErrAddress) {
			t.Errorf("%q: %v, want ErrAddress", at, err)
			continue
		}
		noText(t, err, "hunter2")
	}
	x := open(t, "https://account.example/c?sv=1&sig=hunter2", azure.Options{})
	if x.Describe() != "https://account.example/c" {
		t.Errorf("described as %q", x.Describe())
	}
}
