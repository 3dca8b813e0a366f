package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRealFullDisk fills a tiny file system under the journal. Where it cannot
// be mounted, TestInjectedFullDisk stands in.
func TestRealFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("omt-test", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no tmpfs can be mounted here (%v): the full disk is injected only", err)
	}
	t.Log("full disk by a tmpfs of 1 MiB")
	// Detached even if the test fails with files open: no mount may stay behind.
	t.Cleanup(func() { must(t, unix.Unmount(disk, unix.MNT_DETACH)) })
	dir := filepath.Join(disk, "state")
	j, err := Open(context.Background(), dir, testKey, Options{})
	must(t, err)
	acked, failed := 0, error(nil)
	for i := 0; i < 20_000 && j.failed() == nil; i++ {
		j.Ack(sent(i), func(err error) {
			if err == nil && failed != nil {
				t.Error("acknowledged after a failure")
			}
			if failed = err; err == nil {
				acked++
			}
		})
	}
	if err := j.Flush(context.Background()); !errors.Is(err, ErrNoSpace) {
		t.Fatalf("flush on a full disk: %v", err)
	}
	if err := j.Close(); !errors.Is(err, ErrNoSpace) || acked == 0 {
		t.Fatalf("close after %d: %v", acked, err)
	}
	filler(t, disk)
	other := testKey
	other.Serial = "2"
	if _, err := Open(context.Background(), dir, other, Options{}); !errors.Is(err, ErrNoSpace) {
		t.Errorf("Open on a full disk: %v", err)
	}
	must(t, unix.Mount("omt-test", disk, "tmpfs", unix.MS_REMOUNT, "size=64m"))
	j = openTest(t, dir, Options{})
	got := objects(t, j, "")
	if len(got) != acked {
		t.Errorf("%d objects, %d were acknowledged", len(got), acked)
	}
	for i, o := range got {
		if !reflect.DeepEqual(o, sent(i)) {
			t.Fatalf("object %d is %+v", i, o)
		}
	}
	j.Ack(sent(len(got)), nil)
	must(t, j.Close())
}

// filler takes the last bytes of a file system.
func filler(t *testing.T, disk string) {
	t.Helper()
	f, err := os.Create(filepath.Join(disk, "filler"))
	must(t, err)
	for _, size := range []int{4096, 1} {
		for {
			if _, err := f.Write(make([]byte, size)); err != nil {
				break
			}
		}
	}
	_ = f.Close()
}
