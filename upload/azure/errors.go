package azure

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"omt/migration"
)

// statusError is an answer of the service that is an error: its status, code
// and request id, which support asks for. The body is not repeated: for a
// refused signature it holds what was signed.
type statusError struct {
	Status  int
	Code    string
	Request string
	At      time.Time // Date of the answer; zero if there is none
	After   time.Duration
}

// Pause implements migration.Pauser: what the service asked for.
func (e *statusError) Pause() time.Duration { return e.After }

func (e *statusError) Error() string {
	s := fmt.Sprintf("storage answers %d", e.Status)
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Request != "" {
		s += " (request " + e.Request + ")"
	}
	return s
}

// status finds the answer in an error of the SDK, or nil.
func (t *Target) status(err error) *statusError {
	var known *statusError
	if errors.As(err, &known) {
		return known
	}
	var r *azcore.ResponseError
	if !errors.As(err, &r) {
		return nil
	}
	e := &statusError{Status: r.StatusCode, Code: t.addr.clean.word(r.ErrorCode)}
	if r.RawResponse != nil {
		e.Request = t.addr.clean.word(r.RawResponse.Header.Get("x-ms-request-id"))
		if at, err := http.ParseTime(r.RawResponse.Header.Get("Date")); err == nil {
			e.At = at
		}
		if n, err := strconv.Atoi(r.RawResponse.Header.Get("Retry-After")); err == nil && n > 0 {
			e.After = time.Duration(min(n, 24*60*60)) * time.Second
		}
	}
	return e
}

// code tells whether the error is an answer with one of these codes.
func (t *Target) code(err error, codes ...string) bool {
	e := t.status(err)
	if e == nil {
		return false
	}
	for _, c := range codes {
		if e.Code == c {
			return true
		}
	}
	return false
}

// lacksRight tells a right that this ticket does not have from access that was
// withdrawn or has ended.
func (t *Target) lacksRight(err error) bool {
	s := t.status(err)
	return s != nil && s.Status == http.StatusForbidden && s.Code != "AuthenticationFailed" && !t.ended(s.At)
}

// fail gives an error of the SDK its sentinel and hint and takes everything
// secret out of it. ctx is the caller's: its end is no fault of the target.
func (t *Target) fail(ctx context.Context, op, item string, err error) error {
	var done *migration.Error
	var source *sourceError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s %s: %w", op, item, ctx.Err())
	case errors.As(err, &done), errors.As(err, &source):
		return fmt.Errorf("%s %s: %w", op, item, err)
	}
	if s := t.status(err); s != nil {
		return t.refused(op, item, s)
	}
	e := t.addr.clean.transportError(err)
	hint := migration.Msg("hint.azure.unreachable", "Host", t.addr.shown)
	switch {
	case errors.Is(e, errCertificate):
		hint = migration.Msg("hint.azure.certificate", "Host", t.addr.shown)
	case errors.Is(e, migration.ErrProxyLogin):
		hint = migration.Msg("hint.azure.proxylogin")
	}
	return migration.Fail(op, item, e, hint)
}

// refused turns an answer into a decision.
func (t *Target) refused(op, item string, s *statusError) error {
	with := func(sentinel error, id string, args ...any) error {
		err := error(s)
		if sentinel != nil {
			err = fmt.Errorf("%w: %w", sentinel, s)
		}
		return migration.Fail(op, item, err, migration.Msg(id, args...))
	}
	switch {
	case s.Status == http.StatusForbidden && t.ended(s.At):
		return with(migration.ErrExpired, "hint.azure.expired", "Until", t.addr.expires.UTC().Format("2006-01-02 15:04 UTC"))
	case s.Status == http.StatusForbidden && s.Code == "AuthenticationFailed", s.Status == http.StatusUnauthorized:
		return with(migration.ErrForbidden, "hint.azure.signature", "Target", t.addr.shown)
	case s.Status == http.StatusForbidden:
		return with(migration.ErrForbidden, "hint.azure.forbidden", "Target", t.addr.shown)
	case s.Status == http.StatusNotFound && (s.Code == "ContainerNotFound" || s.Code == "ResourceNotFound"):
		return with(migration.ErrNotFound, "hint.azure.no-container", "Target", t.addr.shown)
	case s.Status == http.StatusNotFound:
		return with(migration.ErrNotFound, "hint.azure.no-object", "Path", item)
	case s.Code == "InvalidBlockList":
		return with(migration.ErrNotFound, "hint.azure.blocks-gone", "Path", item)
	case s.Code == "Md5Mismatch":
		return with(nil, "hint.azure.damaged")
	case s.Status == http.StatusProxyAuthRequired:
		return with(migration.ErrProxyLogin, "hint.azure.proxylogin")
	case s.Status >= 300 && s.Status < 400:
		return with(nil, "hint.azure.proxy", "Status", s.Status)
	case s.Status == http.StatusTooManyRequests, s.Status >= 500:
		return with(nil, "hint.azure.busy", "Status", s.Status)
	}
	return with(nil, "hint.azure.failed", "Status", s.Status, "Code", s.Code)
}

// ended tells whether the signature is past its end by the service's clock, or
// by this computer's if the answer has no date. The codes do not tell: the
// service says AuthenticationFailed, an emulator AuthorizationFailure, to a
// signature that has ended and to one that was never valid.
func (t *Target) ended(at time.Time) bool {
	if t.addr.expires.IsZero() {
		return false
	}
	if at.IsZero() {
		at = t.opts.Now()
	}
	return !at.Before(t.addr.expires)
}

// sourceError is a fault of the body that was to be sent.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return "read body: " + e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

func (t *Target) lostError() error {
	return migration.Fail("write to", t.addr.shown, migration.ErrLeaseLost, migration.Msg("hint.azure.lease-lost", "Target", t.addr.shown))
}
