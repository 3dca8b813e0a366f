package onsite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	mssql "github.com/microsoft/go-mssqldb"

	"omt/migration"
)

// Error numbers of SQL Server that mean something to a person.
const (
	errInvalidColumn  = 207
	errInvalidObject  = 208
	errNoPermission   = 229
	errNoColumnRight  = 230
	errNoDatabase     = 916
	errNoIsolation    = 3952  // snapshot isolation is off
	errIsolationLater = 3956  // is being switched on
	errIsolationNow   = 3957  // was switched on while a transaction was open
	errInMemory       = 41332 // a memory-optimised table has no snapshot isolation of this kind
	errCannotOpen     = 4060
	errLoginFailed    = 18456
	errPasswordOld    = 18487
	errPasswordChange = 18488
)

// ErrOldTLS: the server encrypts only with a version of TLS before 1.2. A person
// may allow that with ConnectOptions.OldTLS.
var ErrOldTLS = errors.New("server offers only TLS before 1.2")

// errHandshake begins the driver's text of a handshake that failed; it passes on
// no error.
const errHandshake = "TLS Handshake failed"

// stateDenied: a server or database view that needs VIEW SERVER STATE or VIEW
// DATABASE STATE. Nothing of it is needed; it is left out.
var stateDenied = []int32{errNoPermission, errNoColumnRight, 262, 297, 300, 371}

// withoutState tells whether err is only the lack of such a permission.
func withoutState(err error) bool {
	var e mssql.Error
	if !errors.As(err, &e) {
		return false
	}
	return slices.Contains(stateDenied, e.Number) ||
		slices.ContainsFunc(e.All, func(x mssql.Error) bool { return slices.Contains(stateDenied, x.Number) })
}

// sqlError turns an error of the driver into one with sentinel and hint.
// Deadlocks, lost connections and everything unknown get neither: the caller
// reads the part again.
func (in *Installation) sqlError(op, item string, err error) error {
	if err == nil {
		return nil
	}
	var known *migration.Error
	if errors.As(err, &known) {
		return err
	}
	var tried *TriedError
	if errors.As(err, &tried) {
		return migration.Fail(op, item, err, migration.Msg("hint.sql.tried", "Server", in.settings.serverName(), "Ways", tried.list()))
	}
	if text := err.Error(); strings.Contains(text, errHandshake) && in.trust != nil && !in.trust.old {
		if strings.Contains(text, "protocol version") {
			return migration.Fail(op, item, fmt.Errorf("%w: %w", ErrOldTLS, err), migration.Msg("hint.sql.tls.old", "Server", in.settings.serverName()))
		}
		// Some servers without TLS 1.2 hang up or say nothing; so do others.
		return migration.Fail(op, item, err, migration.Msg("hint.sql.tls.ended", "Server", in.settings.serverName()))
	}
	if errors.Is(err, errSilent) {
		return migration.Fail(op, item, err, migration.Msg("hint.sql.unreachable", "Server", in.settings.serverName()))
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s %s: %w", op, item, err)
	}
	s := in.settings
	var sqlErr mssql.Error
	if errors.As(err, &sqlErr) {
		hint, sentinel := s.explain(telling(sqlErr), item)
		if sentinel != nil {
			return migration.Fail(op, item, fmt.Errorf("%w: %w", sentinel, err), hint)
		}
		return migration.Fail(op, item, err, migration.Msg("hint.sql.failed", "Server", s.serverName(), "Number", sqlErr.Number))
	}
	var dial *dialError
	if errors.As(err, &dial) {
		return migration.Fail(op, item, err, migration.Msg("hint.sql.unreachable", "Server", s.serverName()))
	}
	for _, k := range []struct{ text, hint string }{
		{"no instance matching", "hint.sql.instance"},
		{"server does not support encryption", "hint.sql.encryption"},
		{"protocol version", "hint.sql.tls"},
	} {
		if strings.Contains(err.Error(), k.text) {
			return migration.Fail(op, item, err, migration.Msg(k.hint, "Server", s.serverName(), "Instance", s.Instance))
		}
	}
	if s.User == "" && in.trust != nil && in.trust.spoken() {
		// Windows itself could not sign in; the driver has no error of its own for it.
		return migration.Fail(op, item, err, migration.Msg("hint.sql.login.windows", "Server", s.serverName()))
	}
	return migration.Fail(op, item, err, migration.Msg("hint.sql.connection", "Server", s.serverName()))
}

// number is the number of an error of the server, 0 of another one.
func number(err error) int32 {
	var e mssql.Error
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// telling is the number that says most of a chain: the driver reports the last
// error, but behind "cannot open database" the server also sends "login failed".
func telling(e mssql.Error) int32 {
	for _, x := range e.All {
		if x.Number == errCannotOpen || x.Number == errNoDatabase {
			return x.Number
		}
	}
	return e.Number
}

// explain gives hint and sentinel of an error number; both are empty for one
// that means nothing to a person.
func (s Settings) explain(number int32, item string) (migration.Message, error) {
	server := s.serverName()
	switch number {
	case errLoginFailed, errPasswordOld, errPasswordChange:
		if s.User == "" {
			return migration.Msg("hint.sql.login.windows", "Server", server), migration.ErrBadCredentials
		}
		return migration.Msg("hint.sql.login", "User", s.User, "Server", server), migration.ErrBadCredentials
	case errCannotOpen:
		return migration.Msg("hint.sql.database", "Database", s.Database, "User", s.User, "Server", server), migration.ErrNotFound
	case errNoDatabase:
		return migration.Msg("hint.sql.access", "Database", s.Database, "User", s.User), migration.ErrForbidden
	case errNoPermission, errNoColumnRight:
		return migration.Msg("hint.sql.permission", "Item", item, "User", s.User), migration.ErrForbidden
	case errInMemory:
		return migration.Msg("hint.aligned.memory", "Item", item), migration.ErrNotAligned
	case errInvalidObject, errInvalidColumn:
		return migration.Msg("hint.sql.changed", "Item", item), migration.ErrCatalogChanged
	}
	return migration.Message{}, nil
}
