//go:build unix

package folder

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// tryLock uses flock and not fcntl: fcntl locks vanish when any descriptor of
// the file is closed in the process, and do not exclude the own process.
func tryLock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errLocked
	}
	if err != nil {
		return fmt.Errorf("flock: %w", err)
	}
	return nil
}

// syncDir makes the entries of a directory durable. Some network file systems
// refuse to sync a directory; their server writes entries on its own account,
// and an error here would stop every migration to such a share.
func syncDir(f *os.File) error {
	if err := f.Sync(); err != nil && !cannotSync(err) {
		return err
	}
	return nil
}

// cannotSync tells whether the file system has no such operation.
func cannotSync(err error) bool {
	return errors.Is(err, unix.EINVAL) || errors.Is(err, errors.ErrUnsupported)
}

// syncName does nothing: syncing the directory makes the new name durable.
func syncName(*os.Root, string) error { return nil }

func removeName(root *os.Root, name string) error { return root.Remove(name) }

func freeSpace(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return -1, fmt.Errorf("statfs: %w", err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

func isFull(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)
}

func isReadOnly(err error) bool { return errors.Is(err, unix.EROFS) }

func isNotDir(err error) bool { return errors.Is(err, unix.ENOTDIR) }

func isTooBig(err error) bool { return errors.Is(err, unix.EFBIG) }

func isNameTooLong(err error) bool { return errors.Is(err, unix.ENAMETOOLONG) }
