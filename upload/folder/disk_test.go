package folder_test

import (
	gocontext "context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/upload/folder"
)

func context() gocontext.Context { return gocontext.Background() }

var errDisk = errors.New("input/output error")

// on fails one operation on names that end in suffix.
func on(op, suffix string, err error) func(string, string) error {
	return func(o, name string) error {
		if o == op && strings.HasSuffix(name, suffix) {
			return &fs.PathError{Op: o, Path: name, Err: err}
		}
		return nil
	}
}

// Whatever step of a Put fails, the object before it stays whole, the error says
// what is wrong, nothing is left over, and the repetition works.
func TestPutOnAFailingDisk(t *testing.T) {
	for _, step := range []struct{ op, suffix string }{
		{"mkdir", ".omt-tmp"}, {"open", ".put"}, {"write", ".put"}, {"sync", ".put"}, {"mkdir", "docs"}, {"syncdir", "docs"}, {"rename", "docs/a"}, {"syncname", "docs/a"}, {"syncdir", "."},
	} {
		for name, c := range map[string]struct {
			err, want error
			hint      string
		}{
			"full":      {full, migration.ErrNoSpace, "hint.folder.full"},
			"forbidden": {fs.ErrPermission, migration.ErrForbidden, "hint.folder.forbidden"},
			"read-only": {readOnly, migration.ErrForbidden, "hint.folder.forbidden"},
			"too big":   {tooBig, tooBig, "hint.folder.too-big"},
			"too long":  {tooLong, tooLong, "hint.folder.name-too-long"},
			"broken":    {errDisk, errDisk, "hint.folder.failed"},
		} {
			t.Run(step.op+" "+step.suffix+" "+name, func(t *testing.T) {
				dir := t.TempDir()
				disk := &faultFS{}
				x := open(t, dir, folder.WithFS(disk.wrap))
				disk.set(on(step.op, step.suffix, c.err))
				err := put(x, "docs/a", []byte("some bytes"))
				if !errors.Is(err, c.want) || migration.HintOf(err).ID != c.hint {
					t.Fatalf("error %v, hint %v; want %v, %s", err, migration.HintOf(err), c.want, c.hint)
				}
				if left := tree(t, dir); len(left) != 0 && !slices.Equal(left, []string{"docs/a"}) {
					t.Errorf("left over: %v", left)
				}
				disk.set(nil)
				must(t, put(x, "docs/a", []byte("some bytes")))
				if got := read(t, x, "docs/a"); string(got) != "some bytes" {
					t.Errorf("read %q", got)
				}
				disk.set(on(step.op, step.suffix, c.err))
				if err := put(x, "docs/a", []byte("newer")); err == nil && step.op != "mkdir" && step.suffix != "." {
					t.Error("failure was swallowed")
				}
				if got := string(read(t, x, "docs/a")); got != "some bytes" && got != "newer" {
					t.Errorf("after a failed replacement: %q", got)
				}
				disk.set(nil)
			})
		}
	}
}

// A body that cannot be read says nothing about the folder.
func TestPutOfAnUnreadableBody(t *testing.T) {
	x := open(t, t.TempDir())
	err := x.Put(context(), "a", unreadable{}, migration.Sum{Size: 5})
	if !errors.Is(err, fs.ErrPermission) || errors.Is(err, migration.ErrForbidden) || !migration.HintOf(err).IsZero() {
		t.Errorf("error %v, hint %v", err, migration.HintOf(err))
	}
}

type unreadable struct{}

func (unreadable) Read([]byte) (int, error)       { return 0, fs.ErrPermission }
func (unreadable) Seek(int64, int) (int64, error) { return 0, nil }

// A file system that takes fewer bytes than it says is caught by the size.
func TestShortWrites(t *testing.T) {
	disk := &faultFS{}
	x := open(t, t.TempDir(), folder.WithFS(disk.wrap))
	disk.short = true
	if err := put(x, "a", []byte("twelve bytes")); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("put: %v", err)
	}
	if _, err := stage(x, "o", "1", []byte("twelve bytes")); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("stage: %v", err)
	}
	disk.short = false
	if _, err := x.Open(context(), "a", 0, -1); !errors.Is(err, migration.ErrNotFound) {
		t.Errorf("object after a short write: %v", err)
	}
	ref, err := stage(x, "o", "1", []byte("twelve bytes"))
	must(t, err)
	must(t, x.Commit(context(), "o", []migration.BlockRef{ref}))
	if got := read(t, x, "o"); string(got) != "twelve bytes" {
		t.Errorf("committed %q", got)
	}
}

// A block that could not be written or synced is not there; the next one takes
// its place and no byte of it stays.
func TestStageOnAFailingDisk(t *testing.T) {
	for _, op := range []string{"open", "write", "sync"} {
		disk := &faultFS{}
		x := open(t, t.TempDir(), folder.WithFS(disk.wrap))
		one, err := stage(x, "o", "1", []byte("first"))
		must(t, err)
		disk.set(on(op, ".partial", full))
		if _, err := stage(x, "o", "2", []byte("a long second block")); !errors.Is(err, migration.ErrNoSpace) {
			t.Errorf("%s: %v", op, err)
		}
		disk.set(nil)
		two, err := stage(x, "o", "3", []byte("third"))
		must(t, err)
		if two.Offset != 5 {
			t.Errorf("%s: next block at %d, want 5", op, two.Offset)
		}
		must(t, x.Commit(context(), "o", []migration.BlockRef{one, two}))
		if got := read(t, x, "o"); string(got) != "firstthird" {
			t.Errorf("%s: committed %q", op, got)
		}
	}
}

// Whatever step of a Commit fails, the repetition finishes it.
func TestCommitOnAFailingDisk(t *testing.T) {
	for _, step := range []struct{ op, suffix string }{
		{"truncate", ".partial"}, {"sync", ".partial"}, {"write", ".put"}, {"rename", ".committed"}, {"mkdir", "db"}, {"rename", "db/o"}, {"syncname", "db/o"}, {"syncdir", "db"},
	} {
		t.Run(step.op+" "+step.suffix, func(t *testing.T) {
			dir := t.TempDir()
			disk := &faultFS{}
			x := open(t, dir, folder.WithFS(disk.wrap))
			one, err := stage(x, "db/o", "1", []byte("first"))
			must(t, err)
			two, err := stage(x, "db/o", "2", []byte("second"))
			must(t, err)
			disk.set(on(step.op, step.suffix, errDisk))
			if err := x.Commit(context(), "db/o", []migration.BlockRef{one, two}); !errors.Is(err, errDisk) {
				t.Fatalf("commit: %v", err)
			}
			disk.set(nil)
			must(t, x.Commit(context(), "db/o", []migration.BlockRef{one, two}))
			if got := read(t, x, "db/o"); string(got) != "firstsecond" {
				t.Errorf("committed %q", got)
			}
			// The same with a restart in between.
			disk.set(nil)
			y := open(t, dir)
			got, err := y.Restore(context(), "db/o", []migration.BlockRef{one, two})
			if err != nil || len(got) != 2 {
				t.Fatalf("restored %v, %v", got, err)
			}
			must(t, y.Commit(context(), "db/o", got))
		})
	}
}

// The order of a Put is what makes it durable: bytes, then name, then entry.
func TestPutSyncsBeforeItShows(t *testing.T) {
	disk := &faultFS{}
	x := open(t, t.TempDir(), folder.WithFS(disk.wrap))
	disk.set(nil)
	must(t, put(x, "a/b/c", []byte("x")))
	var order []string
	for _, line := range disk.log {
		if strings.HasSuffix(line, ".put") {
			line = strings.Fields(line)[0] + " temp"
		}
		order = append(order, line)
	}
	var got []string
	for _, want := range []string{"write temp", "sync temp", "mkdir a", "syncdir .", "mkdir a/b", "syncdir a", "rename a/b/c", "syncname a/b/c", "syncdir a/b"} {
		i := slices.Index(order, want)
		if i < 0 {
			t.Fatalf("%q did not happen after %v: %v", want, got, disk.log)
		}
		got, order = append(got, want), order[i+1:]
	}
}

func TestProbeRights(t *testing.T) {
	dir := t.TempDir()
	disk := &faultFS{}
	x := open(t, dir, folder.WithFS(disk.wrap))
	r, err := x.Probe(context())
	if err != nil || !r.Read || !r.Write || !r.List || r.Free <= 0 {
		t.Errorf("rights %+v, %v", r, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 0 {
		t.Errorf("probe left %v, %v", entries, err)
	}
	disk.set(func(op, name string) error {
		if op == "open" && name != "." {
			return readOnly
		}
		return nil
	})
	if r, err = x.Probe(context()); err != nil || !r.Read || r.Write || !r.List {
		t.Errorf("read-only: rights %+v, %v", r, err)
	}
	disk.set(on("readdir", ".", fs.ErrPermission))
	if r, err = x.Probe(context()); err != nil || !r.Write || r.List {
		t.Errorf("not listable: rights %+v, %v", r, err)
	}
	for _, op := range []string{"write", "sync"} {
		disk.set(func(o, _ string) error {
			if o == op {
				return full
			}
			return nil
		})
		if _, err = x.Probe(context()); !errors.Is(err, migration.ErrNoSpace) {
			t.Errorf("full disk at %s: %v", op, err)
		}
	}
	disk.set(nil)
	if left := tree(t, dir); len(left) != 0 {
		t.Errorf("probe left %v", left)
	}
}

// A probe that was killed after its write leaves its file where the next holder
// of the lease sweeps, and never beside the objects.
func TestKilledProbeIsSwept(t *testing.T) {
	dir := t.TempDir()
	disk := &faultFS{}
	x := open(t, dir, folder.WithFS(disk.wrap))
	disk.set(func(op, _ string) error {
		if op == "remove" {
			return errDisk
		}
		return nil
	})
	if _, err := x.Probe(context()); !errors.Is(err, errDisk) {
		t.Fatalf("probe that cannot remove its file: %v", err)
	}
	if left := tree(t, dir); len(left) != 1 || !strings.HasPrefix(left[0], ".omt-tmp/") {
		t.Fatalf("left over: %v, want one file in .omt-tmp", left)
	}
	l, err := open(t, dir).Lease(context(), "next")
	must(t, err)
	if left := tree(t, dir); !slices.Equal(left, []string{"session.lock"}) {
		t.Errorf("after the next lease: %v", left)
	}
	must(t, l.Release())
}

// A directory that disappears under the program costs one failed attempt.
func TestDirectoryRemovedMeanwhile(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir)
	must(t, put(x, "a/b", []byte("x")))
	must(t, errors.Join(os.RemoveAll(dir+"/a"), os.RemoveAll(dir+"/.omt-tmp")))
	for range 3 {
		if err := put(x, "a/b", []byte("y")); err == nil {
			break
		}
	}
	if got := read(t, x, "a/b"); string(got) != "y" {
		t.Errorf("read %q", got)
	}
}
