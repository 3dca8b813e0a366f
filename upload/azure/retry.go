package azure

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"omt/migration"
)

const (
	// maxTries is how often a request is sent before its error is returned.
	maxTries = 5
	// tryBase and slowest bound one try: a line that moves less than 50 KB/s is
	// taken as dead. azcore has no bound of its own.
	tryBase = 30 * time.Second
	slowest = 50_000
	// maxDelay is the longest Retry-After that is waited for here; beyond it the
	// caller decides.
	maxDelay = 60 * time.Second
)

// tryTimeout is how long one try may take for so many bytes.
func tryTimeout(size int64) time.Duration {
	return tryBase + time.Duration(size)*time.Second/slowest
}

// sized gives the requests made with the context the repetition that suits a
// body or answer of so many bytes.
func (t *Target) sized(ctx context.Context, size int64) context.Context {
	return t.retrying(ctx, maxTries, tryTimeout(size), shouldRetry)
}

func (t *Target) retrying(ctx context.Context, tries int32, timeout time.Duration, again func(*http.Response, error) bool) context.Context {
	o := policy.RetryOptions{
		MaxRetries: tries - 1, TryTimeout: timeout, RetryDelay: t.opts.RetryDelay, MaxRetryDelay: maxDelay, ShouldRetry: again,
	}
	if o.MaxRetries == 0 {
		o.MaxRetries = -1 // for azcore 0 means its default
	}
	return policy.WithRetryOptions(ctx, o)
}

var transient = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
	http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// shouldRetry is azcore's list without what repeating cannot cure: Azurite says
// 500 to what it does not implement, which would look like a hang. Bytes that
// were damaged on the way are sent again; Put does not repeat a body that
// differs from its MD5 here already.
func shouldRetry(resp *http.Response, err error) bool {
	if err != nil {
		return !errors.Is(err, errCertificate) && !errors.Is(err, migration.ErrProxyLogin)
	}
	if resp.StatusCode == http.StatusBadRequest && resp.Header.Get("x-ms-error-code") == "Md5Mismatch" {
		return true
	}
	return slices.Contains(transient, resp.StatusCode) && resp.Header.Get("x-ms-error-code") != "FeatureNotSupported"
}
