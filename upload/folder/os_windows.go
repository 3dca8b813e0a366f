package folder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// lockAt is the byte that is locked. Locks of Windows are mandatory: a locked
// byte inside the text would keep others from reading who holds the lock.
const lockAt = 1 << 30

func tryLock(f *os.File) error {
	at := windows.Overlapped{Offset: lockAt}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errLocked
	}
	if err != nil {
		return fmt.Errorf("LockFileEx: %w", err)
	}
	return nil
}

// syncDir does nothing: FlushFileBuffers refuses handles of directories. What
// was renamed is made durable by syncName.
func syncDir(*os.File) error { return nil }

// syncName makes a name that was just given durable, as far as Windows can: NTFS
// writes renames to its journal in memory first, and flushing the file also
// flushes the journal up to the rename. FAT and exFAT, and disks that keep a
// cache of their own, promise it only when the disk is ejected.
func syncName(root *os.Root, name string) error {
	f, err := root.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("open to flush: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// removeName removes a name. os.Root asks for a deletion that frees the name at
// once, and falls back to the older kind for three answers of the file system;
// shares and file systems of other makers also answer that there is no such
// function, as Wine does. Then the name is resolved below the root once more,
// which refuses links that lead out, and removed in the older way.
func removeName(root *os.Root, name string) error {
	err := root.Remove(name)
	if !errors.Is(err, windows.ERROR_INVALID_FUNCTION) && !errors.Is(err, windows.ERROR_CALL_NOT_IMPLEMENTED) {
		return err
	}
	info, serr := root.Lstat(name)
	if serr != nil {
		return errors.Join(err, serr)
	}
	if info.Mode()&os.ModeSymlink != 0 {
		return err
	}
	return os.Remove(filepath.Join(root.Name(), filepath.FromSlash(name)))
}

func freeSpace(dir string) (int64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return -1, fmt.Errorf("free space: %w", err)
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return -1, fmt.Errorf("GetDiskFreeSpaceEx: %w", err)
	}
	return int64(free), nil
}

func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}

func isReadOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

func isNotDir(err error) bool { return errors.Is(err, windows.ERROR_DIRECTORY) }

// isTooBig: FAT32 answers a file above 4 GB with a full disk on some versions
// and with this on others.
func isTooBig(err error) bool { return errors.Is(err, windows.ERROR_FILE_TOO_LARGE) }

func isNameTooLong(err error) bool {
	return errors.Is(err, windows.ERROR_FILENAME_EXCED_RANGE) || errors.Is(err, windows.ERROR_BUFFER_OVERFLOW)
}
