package migration_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"syscall"
	"testing"

	"omt/migration"
)

// nth fails one call, or all from one on.
type nth struct {
	mu    sync.Mutex
	calls int
	at    int
	all   bool // that call and those after it
	err   func(op, item string) error
}

// next tells whether this call fails.
func (n *nth) next(op, item string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	if n.at > 0 && (n.calls == n.at || n.all && n.calls > n.at) {
		return n.err(op, item)
	}
	return nil
}

// nthTarget fails calls of the target before they do anything.
type nthTarget struct {
	migration.Target
	n *nth
}

func (x *nthTarget) Probe(ctx context.Context) (migration.Rights, error) {
	if err := x.n.next("probe", ""); err != nil {
		return migration.Rights{}, err
	}
	return x.Target.Probe(ctx)
}

func (x *nthTarget) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if err := x.n.next("put", path); err != nil {
		return err
	}
	return x.Target.Put(ctx, path, body, sum)
}

func (x *nthTarget) Stage(ctx context.Context, path string, b migration.Block) (int64, error) {
	if err := x.n.next("stage", path); err != nil {
		return 0, err
	}
	return x.Target.Stage(ctx, path, b)
}

func (x *nthTarget) Restore(ctx context.Context, path string, kept []migration.BlockRef) ([]migration.BlockRef, error) {
	if err := x.n.next("restore", path); err != nil {
		return nil, err
	}
	return x.Target.Restore(ctx, path, kept)
}

func (x *nthTarget) Commit(ctx context.Context, path string, blocks []migration.BlockRef) error {
	if err := x.n.next("commit", path); err != nil {
		return err
	}
	return x.Target.Commit(ctx, path, blocks)
}

func (x *nthTarget) Open(ctx context.Context, path string, offset, length int64) (io.ReadCloser, error) {
	if err := x.n.next("open", path); err != nil {
		return nil, err
	}
	r, err := x.Target.Open(ctx, path, offset, length)
	if err != nil {
		return nil, err
	}
	return &nthBody{r, x.n, path}, nil
}

func (x *nthTarget) List(ctx context.Context, prefix string, yield func(migration.Object) error) error {
	if err := x.n.next("list", prefix); err != nil {
		return err
	}
	return x.Target.List(ctx, prefix, yield)
}

// nthBody is an object that is being read.
type nthBody struct {
	io.ReadCloser
	n    *nth
	path string
}

func (b *nthBody) Read(p []byte) (int, error) {
	if err := b.n.next("read", b.path); err != nil {
		return 0, err
	}
	return b.ReadCloser.Read(p)
}

func (x *nthTarget) Lease(ctx context.Context, holder string) (migration.Lease, error) {
	if err := x.n.next("lease", ""); err != nil {
		return nil, err
	}
	return x.Target.Lease(ctx, holder)
}

// nthSource fails calls of the database, or of files.
type nthSource struct {
	*fakeSource
	db, file *nth
}

func (x *nthSource) Identity(ctx context.Context) (migration.Identity, error) {
	if err := x.db.next("read identity", ""); err != nil {
		return migration.Identity{}, err
	}
	return x.fakeSource.Identity(ctx)
}

func (x *nthSource) Catalog(ctx context.Context) (*migration.Catalog, error) {
	if err := x.db.next("read catalogue", ""); err != nil {
		return nil, err
	}
	return x.fakeSource.Catalog(ctx)
}

func (x *nthSource) Count(ctx context.Context, t *migration.Table) (int64, error) {
	if err := x.db.next("count", t.FullName()); err != nil {
		return 0, err
	}
	return x.fakeSource.Count(ctx, t)
}

func (x *nthSource) Bounds(ctx context.Context, t *migration.Table, rows int64) ([]migration.Range, error) {
	if err := x.db.next("cut", t.FullName()); err != nil {
		return nil, err
	}
	return x.fakeSource.Bounds(ctx, t, rows)
}

func (x *nthSource) Rows(ctx context.Context, t *migration.Table, r migration.Range) (migration.RowReader, error) {
	if err := x.db.next("read", t.FullName()); err != nil {
		return nil, err
	}
	rows, err := x.fakeSource.Rows(ctx, t, r)
	return &nthRows{rows, x.db, t.FullName()}, err
}

func (x *nthSource) Proof(ctx context.Context) (migration.Proof, error) {
	if err := x.db.next("prove", ""); err != nil {
		return migration.Proof{}, err
	}
	return x.fakeSource.Proof(ctx)
}

func (x *nthSource) Users(ctx context.Context) ([]migration.User, error) {
	if err := x.db.next("read users", ""); err != nil {
		return nil, err
	}
	return x.fakeSource.Users(ctx)
}

func (x *nthSource) Items(ctx context.Context, k migration.ItemKind, yield func(migration.Item) error) error {
	if err := x.db.next("list", string(k)); err != nil {
		return err
	}
	return x.fakeSource.Items(ctx, k, yield)
}

func (x *nthSource) Strays(ctx context.Context) (migration.Strays, error) {
	if err := x.file.next("list", "strays"); err != nil {
		return migration.Strays{}, err
	}
	return x.fakeSource.Strays(ctx)
}

func (x *nthSource) Open(ctx context.Context, it migration.Item) (migration.File, error) {
	if err := x.file.next("open", it.Source); err != nil {
		return nil, err
	}
	f, err := x.fakeSource.Open(ctx, it)
	return &nthFile{f, x.file, it.Source}, err
}

type nthRows struct {
	migration.RowReader
	n     *nth
	table string
}

func (r *nthRows) Next(ctx context.Context) ([]any, error) {
	if err := r.n.next("read row of", r.table); err != nil {
		return nil, err
	}
	return r.RowReader.Next(ctx)
}

func (r *nthRows) Close() error {
	return errors.Join(r.n.next("close", r.table), r.RowReader.Close())
}

type nthFile struct {
	migration.File
	n    *nth
	path string
}

func (f *nthFile) Read(p []byte) (int, error) {
	if err := f.n.next("read", f.path); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *nthFile) Stat() (fs.FileInfo, error) {
	if err := f.n.next("stat", f.path); err != nil {
		return nil, err
	}
	return f.File.Stat()
}

// failCase is one kind of fault.
type failCase struct {
	name string
	of   string // target, database or file
	err  func(op, item string) error
	// passes: an error that comes once is lived through, wherever.
	passes bool
}

func failSource() *fakeSource {
	s := newFakeSource(2, 20, 3)
	s.addDocument(101, "BRIEF 1.docx", []byte("another one of that name"))
	s.addDocument(102, "brief 2.DOCX", s.files["mem/2"])
	return s
}

// life is a process at which call at fails, or all from it on; it returns how
// many calls there were.
func (c failCase) life(w *world, at int, all bool) (int, error) {
	ns := map[string]*nth{}
	for _, of := range []string{"target", "database", "file"} {
		ns[of] = &nth{err: c.err}
	}
	ns[c.of].at, ns[c.of].all = at, all
	w.wrap = func(tg migration.Target) migration.Target { return &nthTarget{tg, ns["target"]} }
	_, err := w.processWith(w.t.Context(), w.plan, &nthSource{w.src, ns["database"], ns["file"]})
	w.wrap = nil
	return ns[c.of].calls, err
}

// try lets a call fail and tells whether the run stopped.
func (c failCase) try(t *testing.T, at int, all bool, want map[string]string) (stopped bool) {
	w := newWorld(t, failSource())
	_, err := c.life(w, at, all)
	name := fmt.Sprintf("call %d, all %v", at, all)
	if err != nil {
		stopped = true
		if migration.HintOf(err).IsZero() {
			t.Errorf("%s: %v says nothing to people", name, err)
		}
		if w.session() == migration.StateUploaded {
			t.Errorf("%s: stopped with %v and said that all is uploaded", name, err)
		}
		if c.passes && !all {
			t.Errorf("%s: a fault that passed stopped the run: %v", name, err)
		}
		if _, err = w.process(t.Context(), nil); errors.Is(err, migration.ErrNothingToResume) {
			_, err = w.process(t.Context(), w.plan)
		}
		if err != nil {
			t.Errorf("%s: next run: %v", name, err)
			return stopped
		}
	}
	if c.name == "file, disk" && all {
		return stopped // files that nobody could read are outcomes
	}
	got := w.fingerprint()
	for k := range want {
		// A package that may not be read back is certified otherwise.
		if got[k] != want[k] && (k != "report.json" || c.name != "target, rights") {
			t.Errorf("%s: %s:\n got %s\nwant %s", name, k, got[k], want[k])
		}
	}
	return stopped
}

// TestFailEveryCall lets each call of target, database and files of a small run
// fail, once or from there on. The run goes through, or stops with words for
// people and without saying that it is uploaded; with everything well again the
// next one ends like one at which nothing failed.
func TestFailEveryCall(t *testing.T) {
	onMemoryDisk(t)
	hinted := func(cause error, hint string) func(op, item string) error {
		return func(op, item string) error {
			return migration.Fail(op, item, cause, migration.Msg(hint, "Host", "here", "Path", item))
		}
	}
	disk := func(op, item string) error {
		if op == "list" {
			return hinted(syscall.EIO, "hint.archive.list")(op, item)
		}
		return &fs.PathError{Op: op, Path: item, Err: syscall.EIO}
	}
	for _, c := range []failCase{
		{"target, line", "target", hinted(errors.New("connection reset"), "hint.azure.unreachable"), false},
		{"target, rights", "target", hinted(migration.ErrForbidden, "hint.azure.forbidden"), false},
		{"database, line", "database", hinted(io.ErrUnexpectedEOF, "hint.sql.lost"), false},
		{"file, disk", "file", disk, true},
		{"file, share", "file", hinted(migration.ErrSourceLost, "hint.archive.lost"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			whole := newWorld(t, failSource())
			total, err := c.life(whole, 0, false)
			if err != nil {
				t.Fatal(err)
			}
			want := whole.fingerprint()
			stopped := 0
			for at := 1; at <= total; at += cutStep {
				for _, all := range []bool{false, true} {
					if c.try(t, at, all, want) {
						stopped++
					}
				}
			}
			t.Logf("%d calls, %d runs of %d stopped", total, stopped, 2*((total+cutStep-1)/cutStep))
		})
	}
}
