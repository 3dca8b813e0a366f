package folder

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"omt/migration"
)

// Target is a folder as migration.Target. It is safe for use by several
// goroutines.
type Target struct {
	dir   string
	fs    FS
	host  string
	nonce string // tells this opening's temporary files from all others
	clock func() time.Time
	tick  func() (<-chan time.Time, func())

	volume func(dir string) migration.Volume

	temps atomic.Int64 // numbers temporary files
	lost  atomic.Bool  // the lease ended under us: nothing is written any more

	mu     sync.Mutex
	synced map[string]bool      // directories whose entry is known to be durable
	open   map[string]*assembly // objects being assembled, by path
	lease  *lease
	lanes  map[int]bool // what Trial has written
}

// Option changes how a Target works; tests use them.
type Option func(*Target)

// WithFS replaces the file system of the directory.
func WithFS(wrap func(FS) FS) Option { return func(t *Target) { t.fs = wrap(t.fs) } }

// WithClock replaces the time source that stands in the lock file.
func WithClock(now func() time.Time) Option { return func(t *Target) { t.clock = now } }

// WithTicks replaces the ticker by which the lease looks at its lock file.
func WithTicks(c <-chan time.Time) Option {
	return func(t *Target) { t.tick = func() (<-chan time.Time, func()) { return c, func() {} } }
}

// leaseCheck is how often a holder looks whether the lock file is still its
// own: as often as a blob lease is renewed.
const leaseCheck = 20 * time.Second

// Open opens the target at dir. A missing directory is created if the one
// above it exists: a misspelt path must not become a new tree somewhere.
// Errors wrap migration.ErrNotFound, ErrForbidden or ErrNoSpace and carry a
// hint.
func Open(dir string, opts ...Option) (*Target, error) {
	abs, err := filepath.Abs(dir)
	if err != nil || dir == "" {
		return nil, migration.Fail("open folder", dir, errors.Join(errors.New("not a path"), err), migration.Msg("hint.folder.missing", "Folder", dir))
	}
	t := &Target{
		dir: abs, clock: time.Now, volume: volumeOf, synced: map[string]bool{".": true}, open: map[string]*assembly{},
		tick: func() (<-chan time.Time, func()) {
			ticker := time.NewTicker(leaseCheck)
			return ticker.C, ticker.Stop
		},
	}
	t.nonce = rand.Text()
	// The name only tells people which computer holds the lease.
	if t.host, err = os.Hostname(); err != nil {
		t.host = "unknown"
	}
	if err := t.prepare(); err != nil {
		return nil, err
	}
	if t.fs, err = openDisk(abs); err != nil {
		return nil, t.fail("open folder", abs, err)
	}
	for _, o := range opts {
		o(t)
	}
	return t, nil
}

// prepare makes sure that dir is a directory.
func (t *Target) prepare() error {
	info, err := os.Stat(t.dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return migration.Fail("open folder", t.dir, errors.New("is a file"), migration.Msg("hint.folder.is-file", "Folder", t.dir))
	case !errors.Is(err, fs.ErrNotExist):
		return t.fail("open folder", t.dir, err)
	}
	err = os.Mkdir(t.dir, 0o755)
	if errors.Is(err, fs.ErrNotExist) {
		return migration.Fail("create folder", t.dir, fmt.Errorf("%w: %w", migration.ErrNotFound, err), migration.Msg("hint.folder.missing", "Folder", t.dir))
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return t.fail("create folder", t.dir, err)
	}
	return nil
}

// Describe returns the absolute path of the folder.
func (t *Target) Describe() string { return t.dir }

// Close releases the lease if it is held and closes the directory. Assemblies
// stay and can be restored.
func (t *Target) Close() error {
	t.mu.Lock()
	l := t.lease
	t.mu.Unlock()
	var err error
	if l != nil {
		err = l.Release()
	}
	return errors.Join(err, t.fs.Close())
}

// ready refuses work on a bad path, for a cancelled caller, and any writing
// after the lease was lost.
func (t *Target) ready(ctx context.Context, path string, write bool) error {
	if err := checkPath(path); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if write && t.lost.Load() {
		return t.lostError()
	}
	return nil
}

// makeDir creates dir with all above it and makes their entries durable. Each
// directory is looked at once a run: without the sync a power failure could
// take away a whole directory of objects that were reported as written.
func (t *Target) makeDir(dir string) error {
	t.mu.Lock()
	done := t.synced[dir]
	t.mu.Unlock()
	if done {
		return nil
	}
	above := parent(dir)
	if err := t.makeDir(above); err != nil {
		return err
	}
	if err := t.fs.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := t.fs.SyncDir(above); err != nil {
		return err
	}
	t.mu.Lock()
	t.synced[dir] = true
	t.mu.Unlock()
	return nil
}

// forgetDirs makes the next makeDir look again: somebody removed a directory
// while we worked.
func (t *Target) forgetDirs() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.synced = map[string]bool{".": true}
}
