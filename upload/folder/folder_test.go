package folder_test

import (
	"bytes"
	"crypto/md5"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"omt/migration"
	"omt/upload/folder"
	"omt/upload/uploadtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, dir string, opts ...folder.Option) *folder.Target {
	t.Helper()
	x, err := folder.Open(dir, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func TestConforms(t *testing.T) {
	uploadtest.Suite(t,
		func(t *testing.T) migration.Target { return open(t, t.TempDir()) },
		uploadtest.Reopen(func(t *testing.T, old migration.Target) migration.Target { return open(t, old.Describe()) }))
}

func put(x migration.Target, path string, b []byte) error {
	return x.Put(context(), path, bytes.NewReader(b), migration.Sum{Size: int64(len(b)), MD5: md5.Sum(b)})
}

func stage(x migration.Target, path, id string, b []byte) (migration.BlockRef, error) {
	at, err := x.Stage(context(), path, migration.Block{ID: id, Data: b, MD5: md5.Sum(b)})
	return migration.BlockRef{ID: id, Size: int64(len(b)), Offset: at}, err
}

func sameRefs(got []migration.BlockRef, want ...migration.BlockRef) bool {
	return slices.EqualFunc(got, want, func(a, b migration.BlockRef) bool { return a.ID == b.ID && a.Size == b.Size && a.Offset == b.Offset })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, x migration.Target, path string) []byte {
	t.Helper()
	r, err := x.Open(context(), path, 0, -1)
	must(t, err)
	b, err := io.ReadAll(r)
	must(t, errors.Join(err, r.Close()))
	return b
}

// tree lists every file below dir.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	must(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	}))
	return out
}

func TestOpenFolder(t *testing.T) {
	base := t.TempDir()
	must(t, os.WriteFile(filepath.Join(base, "file"), nil, 0o600))
	for dir, want := range map[string]string{
		"":                              "hint.folder.missing",
		filepath.Join(base, "file"):     "hint.folder.is-file",
		filepath.Join(base, "none/new"): "hint.folder.missing",
	} {
		if _, err := folder.Open(dir); migration.HintOf(err).ID != want {
			t.Errorf("open %q: %v, hint %v, want %s", dir, err, migration.HintOf(err), want)
		}
	}
	x := open(t, filepath.Join(base, "new"))
	if x.Describe() != filepath.Join(base, "new") {
		t.Errorf("described as %s", x.Describe())
	}
	must(t, put(x, "a", nil))
}

// No path leads out of the folder, whatever the database says a document is
// called.
func TestPathsStayInside(t *testing.T) {
	base := t.TempDir()
	dir := filepath.Join(base, "target")
	x := open(t, dir)
	for _, path := range []string{
		"", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "./a", "a/./b", "a//b", "a/", `..\x`, `a\b`, `\\server\share`, "c:/x", "a:stream",
		"a\x00b", "a\xffb", strings.Repeat("a/", 3000) + "x", ".omt-tmp/x", ".OMT-TMP/x", ".omt-tmp-probe", "session.lock", "Session.Lock",
	} {
		_, stageErr := stage(x, path, "id", nil)
		_, restoreErr := x.Restore(context(), path, nil)
		_, openErr := x.Open(context(), path, 0, -1)
		for op, err := range map[string]error{"put": put(x, path, nil), "stage": stageErr, "restore": restoreErr, "open": openErr, "commit": x.Commit(context(), path, nil)} {
			if migration.HintOf(err).ID != "hint.folder.path" {
				t.Errorf("%s %.30q: %v", op, path, err)
			}
		}
	}
	for _, prefix := range []string{"../", "/", "a/../", ".omt-tmp/"} {
		if err := x.List(context(), prefix, func(migration.Object) error { return nil }); migration.HintOf(err).ID != "hint.folder.path" {
			t.Errorf("list %q: %v", prefix, err)
		}
	}
	if left := tree(t, base); len(left) != 0 {
		t.Errorf("files were written: %v", left)
	}
}

func TestLinksLeadNowhere(t *testing.T) {
	base := t.TempDir()
	dir, outside := filepath.Join(base, "target"), filepath.Join(base, "outside")
	must(t, errors.Join(os.Mkdir(dir, 0o700), os.Mkdir(outside, 0o700), os.WriteFile(filepath.Join(outside, "secret"), []byte("s"), 0o600)))
	for name, to := range map[string]string{"abs": outside, "rel": "../outside", "file": "../outside/secret"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip("this system makes no symbolic links: ", err)
		}
	}
	x := open(t, dir)
	for _, path := range []string{"abs/new", "rel/new", "rel/sub/new"} {
		if put(x, path, []byte("x")) == nil {
			t.Errorf("%s was written", path)
		}
	}
	for _, path := range []string{"abs/secret", "rel/secret", "file"} {
		if r, err := x.Open(context(), path, 0, -1); err == nil {
			t.Errorf("%s was read", path)
			must(t, r.Close())
		}
	}
	must(t, x.List(context(), "", func(o migration.Object) error {
		t.Errorf("%s is listed", o.Path)
		return nil
	}))
	// The link itself is replaced, not the file behind it.
	must(t, put(x, "file", []byte("new")))
	if b, err := os.ReadFile(filepath.Join(outside, "secret")); err != nil || string(b) != "s" {
		t.Errorf("file outside: %q, %v", b, err)
	}
}

// A block that was cut off by a power failure lies behind the last kept one and
// disappears.
func TestTornTail(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir)
	one, err := stage(x, "o", "1", []byte("first"))
	must(t, err)
	two, err := stage(x, "o", "2", []byte("second"))
	must(t, err)
	partial := filepath.Join(dir, onlyPartial(t, dir))
	f, err := os.OpenFile(partial, os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	_, err = f.WriteString("torn third blo")
	must(t, errors.Join(err, f.Close()))

	y := open(t, dir)
	got, err := y.Restore(context(), "o", []migration.BlockRef{one, two})
	if err != nil || !sameRefs(got, one, two) {
		t.Fatalf("restored %v, %v", got, err)
	}
	if info, err := os.Stat(partial); err != nil || info.Size() != 11 {
		t.Errorf("after restore: %v, %v; want 11 bytes", info.Size(), err)
	}
	three, err := stage(y, "o", "3", []byte("third"))
	must(t, err)
	must(t, y.Commit(context(), "o", []migration.BlockRef{one, two, three}))
	if got := read(t, y, "o"); string(got) != "firstsecondthird" {
		t.Errorf("committed %q", got)
	}

	// A file that lost its end: only blocks that are whole come back.
	one, err = stage(y, "p", "1", []byte("first"))
	must(t, err)
	two, err = stage(y, "p", "2", []byte("second"))
	must(t, err)
	must(t, os.Truncate(filepath.Join(dir, onlyPartial(t, dir)), 8))
	z := open(t, dir)
	got, err = z.Restore(context(), "p", []migration.BlockRef{one, two, {ID: "x", Offset: -5, Size: 3}, {ID: "y", Offset: 2, Size: 1<<63 - 1}})
	if err != nil || !sameRefs(got, one) {
		t.Errorf("restored %v, %v; want the first only", got, err)
	}
}

func onlyPartial(t *testing.T, dir string) string {
	t.Helper()
	var out []string
	for _, p := range tree(t, dir) {
		if strings.HasSuffix(p, ".partial") {
			out = append(out, p)
		}
	}
	if len(out) != 1 {
		t.Fatalf("partial files: %v, want one", out)
	}
	return out[0]
}

// Without Restore nothing of an earlier process is taken over.
func TestStageWithoutRestoreBeginsAnew(t *testing.T) {
	dir := t.TempDir()
	_, err := stage(open(t, dir), "o", "1", []byte("of the first process"))
	must(t, err)
	y := open(t, dir)
	ref, err := stage(y, "o", "2", []byte("new"))
	must(t, err)
	must(t, y.Commit(context(), "o", []migration.BlockRef{ref}))
	if got := read(t, y, "o"); string(got) != "new" {
		t.Errorf("committed %q", got)
	}
}

func TestDeadBytesStay(t *testing.T) {
	x := open(t, t.TempDir())
	a, err := stage(x, "o", "a", []byte("AAA"))
	must(t, err)
	_, err = stage(x, "o", "b", []byte("bb"))
	must(t, err)
	c, err := stage(x, "o", "c", []byte("CCC"))
	must(t, err)
	must(t, x.Commit(context(), "o", []migration.BlockRef{a, c}))
	if got := read(t, x, "o"); string(got) != "AAAbbCCC" {
		t.Errorf("committed %q", got)
	}
}

// The same id with other bytes takes the id over; the old bytes are dead.
func TestIDWithOtherBytes(t *testing.T) {
	x := open(t, t.TempDir())
	_, err := stage(x, "o", "a", []byte("old"))
	must(t, err)
	ref, err := stage(x, "o", "a", []byte("new"))
	must(t, err)
	if ref.Offset != 3 {
		t.Errorf("offset %d", ref.Offset)
	}
	must(t, x.Commit(context(), "o", []migration.BlockRef{ref}))
	if got := read(t, x, "o"); string(got) != "oldnew" {
		t.Errorf("committed %q", got)
	}
}

// TestSomethingElseInTheWay: a file where a folder belongs, or a folder where a file
// does, is no fault of the disk, and trying again does not move it.
func TestSomethingElseInTheWay(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir)
	must(t, os.WriteFile(filepath.Join(dir, "documents"), []byte("x"), 0o600))
	must(t, os.MkdirAll(filepath.Join(dir, "plan.json", "x"), 0o700))
	must(t, os.Mkdir(filepath.Join(dir, "session.lock"), 0o700))
	_, lease := x.Lease(context(), "omt")
	for path, err := range map[string]error{"documents/A/1": put(x, "documents/A/1", []byte("b")), "plan.json": put(x, "plan.json", []byte("b")), "session.lock": lease} {
		if h := migration.HintOf(err); !errors.Is(err, migration.ErrInTheWay) || h.ID != "hint.folder.in-the-way" || h.Args["Path"] != path {
			t.Errorf("%s: %v, %+v", path, err, h)
		}
	}
	must(t, os.RemoveAll(filepath.Join(dir, "plan.json")))
	must(t, put(x, "plan.json", []byte("b")))
}
