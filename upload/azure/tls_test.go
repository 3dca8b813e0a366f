package azure_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/azure"
)

// TestOldTLSIsRefused: towards the cloud nothing older than TLS 1.2 is spoken, even
// if the certificate is trusted. No request, and with it no signature, is sent.
func TestOldTLSIsRefused(t *testing.T) {
	for version, taken := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			var asked atomic.Int32
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(http.StatusCreated)
			}))
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.TLS = &tls.Config{MinVersion: version, MaxVersion: version}
			s.StartTLS()
			t.Cleanup(s.Close)
			roots := x509.NewCertPool()
			roots.AddCert(s.Certificate())
			err := put(open(t, address(s.URL), azure.Options{Roots: roots, RetryDelay: time.Millisecond}), "a", []byte("data"))
			if (err == nil) != taken || (asked.Load() > 0) != taken || err != nil && migration.HintOf(err).ID != "hint.azure.unreachable" {
				t.Errorf("%d requests, %v", asked.Load(), err)
			}
		})
	}
}
