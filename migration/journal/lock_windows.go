//go:build windows

package journal

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockFile locks one byte far behind the content: locks are mandatory here, and
// a second process must still be able to read who holds the journal.
func lockFile(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errHeld
	}
	return err
}

// unlockFile does nothing: handles are not inherited unless somebody asks for it,
// and closing frees the lock.
func unlockFile(*os.File) error { return nil }

// syncDir does nothing: NTFS journals its folders and gives no handle to flush.
func syncDir(string) error { return nil }
