package folder_test

import (
	"bytes"
	gocontext "context"
	"crypto/md5"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"weak"

	"omt/migration"
	"omt/upload/folder"
)

// Something on the computer takes the partial file away or cuts it: what was
// staged is gone, and is never filled up with zeros.
func TestPartialFileDamagedMeanwhile(t *testing.T) {
	one, two, three := []byte("first block"), []byte("second block"), []byte("third block")
	for name, damage := range map[string]func(file string) error{
		"gone":            os.Remove,
		"empty":           func(f string) error { return os.Truncate(f, 0) },
		"one byte short":  func(f string) error { return os.Truncate(f, int64(len(one)+len(two)-1)) },
		"folder was gone": func(f string) error { return os.RemoveAll(filepath.Dir(f)) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, stageFirst := range []bool{true, false} {
				dir := t.TempDir()
				x := open(t, dir)
				a, err := stage(x, "db/o", "1", one)
				must(t, err)
				b, err := stage(x, "db/o", "2", two)
				must(t, err)
				must(t, damage(filepath.Join(dir, onlyPartial(t, dir))))
				if stageFirst {
					if _, err := stage(x, "db/o", "3", three); !errors.Is(err, migration.ErrNotFound) {
						t.Fatalf("stage: %v, want ErrNotFound", err)
					}
				}
				if err := x.Commit(context(), "db/o", []migration.BlockRef{a, b}); !errors.Is(err, migration.ErrNotFound) {
					t.Fatalf("commit: %v, want ErrNotFound", err)
				}
				if _, err := x.Open(context(), "db/o", 0, -1); !errors.Is(err, migration.ErrNotFound) {
					t.Fatalf("after a refused commit: %v", err)
				}
				// All is staged again, as the contract says.
				var refs []migration.BlockRef
				for id, data := range [][]byte{one, two, three} {
					ref, err := stage(x, "db/o", strconv.Itoa(id+1), data)
					must(t, err)
					refs = append(refs, ref)
				}
				must(t, x.Commit(context(), "db/o", refs))
				if got := read(t, x, "db/o"); string(got) != "first blocksecond blockthird block" {
					t.Errorf("committed %q", got)
				}
			}
		})
	}
}

// A block whose bytes are others than those that were staged is not restored,
// though the file has its length: in the partial file as in a committed object.
func TestRestoreReadsTheBytes(t *testing.T) {
	for _, committed := range []bool{false, true} {
		dir := t.TempDir()
		x := open(t, dir)
		var refs []migration.BlockRef
		for i, text := range []string{"first", "second", "third"} {
			ref, err := stage(x, "o", strconv.Itoa(i), []byte(text))
			must(t, err)
			sum := md5.Sum([]byte(text))
			ref.MD5 = sum[:]
			refs = append(refs, ref)
		}
		file := filepath.Join(dir, onlyPartial(t, dir))
		if committed {
			must(t, x.Commit(context(), "o", refs))
			file = filepath.Join(dir, "o")
		}
		f, err := os.OpenFile(file, os.O_WRONLY, 0)
		must(t, err)
		_, err = f.WriteAt(make([]byte, 6), 5)
		must(t, errors.Join(err, f.Close()))
		y := open(t, dir)
		got, err := y.Restore(context(), "o", refs)
		if err != nil || !sameRefs(got, refs[0], refs[2]) {
			t.Fatalf("committed %v: restored %v, %v; want the first and the third", committed, got, err)
		}
		again, err := stage(y, "o", "1", []byte("second"))
		must(t, err)
		must(t, y.Commit(context(), "o", []migration.BlockRef{refs[0], refs[2], again}))
		if got := read(t, y, "o"); string(got) != "first\x00\x00\x00\x00\x00\x00thirdsecond" {
			t.Errorf("committed %v: %q", committed, got)
		}
		ctx, cancel := gocontext.WithCancel(context())
		cancel()
		if _, err := open(t, dir).Restore(ctx, "o", refs); !errors.Is(err, gocontext.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
}

// Whatever step of taking a committed object back fails, the repetition goes on.
func TestTakeBackOnAFailingDisk(t *testing.T) {
	for _, step := range []struct{ op, suffix string }{
		{"rename", ".partial"}, {"syncdir", "."}, {"remove", ".committed"}, {"open", ".partial"}, {"truncate", ".partial"}, {"sync", ".partial"}, {"syncdir", ".omt-tmp"},
	} {
		t.Run(step.op+" "+step.suffix, func(t *testing.T) {
			dir := t.TempDir()
			x := open(t, dir)
			one, err := stage(x, "o", "1", []byte("first"))
			must(t, err)
			two, err := stage(x, "o", "2", []byte("second"))
			must(t, err)
			must(t, x.Commit(context(), "o", []migration.BlockRef{one, two}))
			disk := &faultFS{}
			y := open(t, dir, folder.WithFS(disk.wrap))
			got, err := y.Restore(context(), "o", []migration.BlockRef{one})
			if err != nil || !sameRefs(got, one) {
				t.Fatalf("restored %v, %v", got, err)
			}
			must(t, put(y, "other", nil)) // the directories are known
			disk.set(on(step.op, step.suffix, errDisk))
			if _, err := stage(y, "o", "3", []byte("third")); !errors.Is(err, errDisk) {
				t.Fatalf("stage: %v", err)
			}
			disk.set(nil)
			three, err := stage(y, "o", "3", []byte("third"))
			must(t, err)
			must(t, y.Commit(context(), "o", []migration.BlockRef{one, three}))
			if got := read(t, y, "o"); string(got) != "firstthird" {
				t.Errorf("committed %q", got)
			}
		})
	}
}

// TestAmendOnAFailingDisk: an amendment that a full disk broke is repeated.
func TestAmendOnAFailingDisk(t *testing.T) {
	head := []byte("header")
	amended := migration.Block{ID: "h", Data: head, MD5: md5.Sum(head)}
	for _, op := range []string{"write", "sync", "open"} {
		disk := &faultFS{}
		x := open(t, t.TempDir(), folder.WithFS(disk.wrap))
		room, err := stage(x, "o", "r", make([]byte, len(head)))
		must(t, err)
		data, err := stage(x, "o", "d", []byte("data"))
		must(t, err)
		disk.set(on(op, ".partial", errDisk))
		if err := x.Amend(context(), "o", room, amended); !errors.Is(err, errDisk) {
			t.Fatalf("%s: %v", op, err)
		}
		disk.set(nil)
		must(t, x.Amend(context(), "o", room, amended))
		room.ID = "h"
		must(t, x.Commit(context(), "o", []migration.BlockRef{room, data}))
		if got := read(t, x, "o"); string(got) != "headerdata" {
			t.Errorf("%s: committed %q", op, got)
		}
	}
}

// TestBlocksAreNotKept: what was staged is on the disk and no longer in memory,
// or a run would grow with its package.
func TestBlocksAreNotKept(t *testing.T) {
	x := open(t, t.TempDir())
	kept := func() weak.Pointer[byte] {
		data := bytes.Repeat([]byte("block"), 1<<18)
		_, err := stage(x, "p", "id-1", data)
		must(t, err)
		return weak.Make(&data[0])
	}()
	runtime.GC()
	if kept.Value() != nil {
		t.Error("a staged block is still held")
	}
	must(t, x.Close())
}
