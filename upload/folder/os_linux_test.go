package folder_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"omt/upload/folder"
)

// Some file systems have no sync for directories, /proc for one. That is no
// fault of the disk; every other error is.
func TestDirectoriesThatCannotBeSynced(t *testing.T) {
	f, err := os.Open("/proc")
	must(t, err)
	if err := f.Sync(); !errors.Is(err, unix.EINVAL) {
		t.Skipf("/proc answers %v here, so there is no such file system to try", err)
	}
	must(t, folder.SyncDirOf(f))
	must(t, f.Close())
	if err := folder.SyncDirOf(f); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("sync of a closed directory: %v", err)
	}
}
