package azure

import (
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// sumBody gives each request with a body an MD5 that the service compares: the
// SDK can do so for objects and blocks, but not for the list of blocks, and a
// bit that flips there would name other blocks.
type sumBody struct{}

// Do implements policy.Policy.
func (sumBody) Do(req *policy.Request) (*http.Response, error) {
	body := req.Body()
	if body == nil || summed(req.Raw().Header) {
		return req.Next()
	}
	digest := md5.New()
	if _, err := io.Copy(digest, body); err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	if err := req.RewindBody(); err != nil {
		return nil, fmt.Errorf("rewind request: %w", err)
	}
	req.Raw().Header.Set("Content-MD5", base64.StdEncoding.EncodeToString(digest.Sum(nil)))
	return req.Next()
}

// summed tells whether the SDK has given the request its MD5. It writes the name
// in a spelling of its own, which Header.Get does not find; a second value
// beside it is a header that the service refuses.
func summed(h http.Header) bool {
	for name, values := range h {
		if strings.EqualFold(name, "Content-MD5") && len(values) > 0 {
			return true
		}
	}
	return false
}

// gate stands before every try: a request that was waiting to be repeated when
// the lease was lost is not sent any more. The lease's own requests pass.
type gate struct{ t *Target }

// Do implements policy.Policy.
func (g gate) Do(req *policy.Request) (*http.Response, error) {
	r := req.Raw()
	writes := r.Method != http.MethodGet && r.Method != http.MethodHead
	// The lock is written before the lease can be taken.
	ofLease := r.URL.Query().Get("comp") == "lease" || r.URL.Path == g.t.lockPath
	if writes && g.t.lost.Load() && !ofLease {
		return nil, &stopError{g.t.lostError()}
	}
	resp, err := req.Next()
	if err == nil && (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable) {
		g.t.busy.Add(1)
	}
	return resp, err
}

// Busy implements migration.Throttler.
func (t *Target) Busy() int64 { return t.busy.Load() }

// stopError is an error that the SDK does not repeat.
type stopError struct{ error }

// NonRetriable marks it for the SDK.
func (*stopError) NonRetriable() {}

func (e *stopError) Unwrap() error { return e.error }

// errStalled: a body stood still.
var errStalled = errors.New("no bytes have moved for too long")
