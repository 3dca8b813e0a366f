package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// errHeld is what the system's lock answers when somebody else has it.
var errHeld = errors.New("lock is held")

// lock is an open lock file. The system frees the lock when the process dies,
// however it dies; the file stays, because deleting it would let two processes
// lock two files of the same name.
type lock struct{ file *os.File }

// lockTries bounds how often the file may be exchanged while it is locked.
const lockTries = 20

// errExchanged: somebody removes the lock file again and again.
var errExchanged = errors.New("lock file is being exchanged")

// takeLock locks path for this process and writes down who holds it.
func takeLock(path string, o Options) (*lock, error) {
	f, err := lockNamed(path, lockFile)
	if err != nil {
		return nil, err
	}
	l := &lock{file: f}
	holder := LockedError{Host: o.Host, PID: o.PID, Since: o.Now().UTC().Truncate(time.Second)}
	if err := l.write(holder); err != nil {
		return nil, firstError(classify(fmt.Errorf("write lock file: %w", err)), l.release())
	}
	return l, nil
}

// lockNamed opens and locks the file that has the name. Between the two somebody
// may remove it; a lock on a file without a name would exclude nobody.
func lockNamed(path string, take func(*os.File) error) (*os.File, error) {
	for range lockTries {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open lock file: %w", err)
		}
		if err := take(f); err != nil {
			holder := readHolder(f)
			closed := f.Close()
			if errors.Is(err, errHeld) {
				return nil, holder
			}
			return nil, fmt.Errorf("lock journal: %w", firstError(err, closed))
		}
		if hasName(f, path) {
			return f, nil
		}
		if err := f.Close(); err != nil {
			return nil, fmt.Errorf("close lock file: %w", err)
		}
	}
	return nil, fmt.Errorf("lock journal: %w", errExchanged)
}

// hasName tells whether path is still the name of f.
func hasName(f *os.File, path string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(mine, there)
}

func (l *lock) write(holder LockedError) error {
	body, err := json.Marshal(holder)
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(body, 0)
	return err
}

// readHolder reads the name of the holder; the file is not ours, so what it
// says is cut to what can be shown. Unreadable gives an unknown holder.
func readHolder(f *os.File) *LockedError {
	e := &LockedError{}
	body, err := io.ReadAll(io.NewSectionReader(f, 0, 1024))
	if err != nil || json.Unmarshal(body, e) != nil {
		return &LockedError{}
	}
	e.Host = printable(e.Host)
	return e
}

// release frees the lock and closes the file. Closing alone would leave the lock
// to a child process that is just being started: it has every open file of ours
// until it has become another program.
func (l *lock) release() error { return firstError(unlockFile(l.file), l.file.Close()) }
