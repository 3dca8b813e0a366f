package journal

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Decisions are taken on these with errors.Is.
var (
	// ErrLocked: another process has the journal open; see LockedError.
	ErrLocked = errors.New("journal is in use")
	// ErrDamaged: the file is not what was committed; see DamagedError. It is
	// never repaired in place: SetAside moves it away and a new one is built.
	ErrDamaged = errors.New("journal is damaged")
	// ErrNewer: a later version of the program wrote the file.
	ErrNewer = errors.New("journal was written by a newer version")
	// ErrNoSpace: the disk of the journal is full.
	ErrNoSpace = errors.New("no space left for the journal")
	// ErrClosed: the journal was closed before the call.
	ErrClosed = errors.New("journal is closed")
	// ErrRemote: the folder lies on a network file system.
	ErrRemote = errors.New("journal cannot lie on a network path")
)

// LockedError names who has the journal open; fields are empty if unknown.
type LockedError struct {
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

func (e *LockedError) Error() string {
	if e.Host == "" {
		return ErrLocked.Error() + " by an unknown process"
	}
	return fmt.Sprintf("%v by process %d on %s since %s", ErrLocked, e.PID, e.Host, e.Since.UTC().Format(time.RFC3339))
}

// Unwrap makes errors.Is(err, ErrLocked) true.
func (e *LockedError) Unwrap() error { return ErrLocked }

// DamagedError names the record or check that failed.
type DamagedError struct {
	Record string // table and key, or the check
	Detail string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%v: %s: %s", ErrDamaged, e.Record, e.Detail)
}

// Unwrap makes errors.Is(err, ErrDamaged) true.
func (e *DamagedError) Unwrap() error { return ErrDamaged }

func damaged(record, format string, args ...any) error {
	return &DamagedError{Record: record, Detail: fmt.Sprintf(format, args...)}
}

// classify gives SQLite's result codes the sentinels that callers decide on.
// SQLite reports a full disk while it grows the shared-memory file with a code
// of its own, not with SQLITE_FULL.
func classify(err error) error {
	if err == nil || errors.Is(err, ErrDamaged) || errors.Is(err, ErrNoSpace) {
		return err
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return err
	}
	switch {
	case se.Code()&0xff == sqlite3.SQLITE_FULL, se.Code() == sqlite3.SQLITE_IOERR_SHMSIZE:
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	case se.Code()&0xff == sqlite3.SQLITE_CORRUPT, se.Code()&0xff == sqlite3.SQLITE_NOTADB:
		return broken(err)
	}
	return err
}

// broken is the damage that SQLite itself has met.
func broken(err error) error {
	return fmt.Errorf("%w: %w", damaged("structure", "it cannot be read"), err)
}

// unreadable is classify for the checks at Open: the statements are our own and
// were right when the file was made, so an SQL error there is a broken schema.
func unreadable(err error) error {
	err = classify(err)
	var se *sqlite.Error
	if errors.Is(err, ErrDamaged) || !errors.As(err, &se) {
		return err
	}
	switch se.Code() & 0xff {
	case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_SCHEMA, sqlite3.SQLITE_TOOBIG:
		return broken(err)
	}
	// A record that leads to a page which the file does not have. A disk that
	// cannot be read has other codes.
	if se.Code() == sqlite3.SQLITE_IOERR_SHORT_READ {
		return broken(err)
	}
	return err
}

// printable keeps text of unknown origin on one short line.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 100 {
		s = string(r[:100])
	}
	return s
}
