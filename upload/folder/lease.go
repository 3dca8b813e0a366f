package folder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"omt/migration"
)

// Holder is the content of session.lock: who holds the lease. It says something
// only while the file is locked.
type Holder struct {
	Holder string    `json:"holder"`
	Host   string    `json:"host"`
	PID    int       `json:"pid"`
	Since  time.Time `json:"since"`
}

// maxHolder bounds what is read of a lock file that somebody else wrote.
const maxHolder = 4 << 10

// lease holds the locked file. A goroutine looks from time to time whether the
// folder still has this file under its name: when somebody removes it, a second
// program could lock a new one.
type lease struct {
	target *Target
	file   File
	lost   chan struct{}
	stop   chan struct{}
	done   chan struct{}
	losing sync.Once // closes lost
	once   sync.Once // releases
	err    error
}

// Lease locks session.lock and writes who holds it. The system frees the lock
// when the process ends in whatever way.
func (t *Target) Lease(ctx context.Context, holder string) (migration.Lease, error) {
	f, err := t.lock(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(t.sign(f, holder), t.sweep()); err != nil {
		return nil, errors.Join(t.fail("lock", lockName, err), f.Close())
	}
	l := &lease{target: t, file: f, lost: make(chan struct{}), stop: make(chan struct{}), done: make(chan struct{})}
	t.mu.Lock()
	t.lease = l
	t.mu.Unlock()
	t.lost.Store(false)
	ticks, stopTicks := t.tick()
	go l.watch(ticks, stopTicks)
	return l, nil
}

// lockTries bounds how often the lock file may be exchanged while it is locked.
const lockTries = 20

// lock opens and locks session.lock. Between the two somebody may remove the
// file; then a lock on a file without a name would exclude nobody.
func (t *Target) lock(ctx context.Context) (File, error) {
	for range lockTries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f, err := t.fs.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, t.fail("lock", lockName, err)
		}
		if err := t.fs.TryLock(f); err != nil {
			err = t.lockError(f, err)
			return nil, errors.Join(err, f.Close())
		}
		named, err := t.hasName(f)
		if err == nil && named {
			return f, nil
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, t.fail("lock", lockName, err)
		}
	}
	return nil, t.lostError()
}

// hasName tells whether session.lock is still the name of f.
func (t *Target) hasName(f File) (bool, error) {
	mine, err := f.Stat()
	if err != nil {
		return false, err
	}
	there, err := t.fs.Stat(lockName)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(mine, there), err
}

func (t *Target) lockError(f File, err error) error {
	if !errors.Is(err, errLocked) {
		return t.fail("lock", lockName, err)
	}
	h := readHolder(f)
	return migration.Fail("lock", lockName, fmt.Errorf("%w: held by %q on %q since %s", migration.ErrLeaseHeld, h.Holder, h.Host, h.Since.UTC().Format(time.RFC3339)),
		migration.Msg("hint.folder.lease-held", "Holder", h.Holder, "Host", h.Host, "PID", h.PID, "Since", h.Since.UTC().Format(time.RFC3339)))
}

// readHolder reads who holds the lock. A file that is just being written gives
// an empty holder.
func readHolder(f File) Holder {
	var h Holder
	b, err := io.ReadAll(io.NewSectionReader(f, 0, maxHolder))
	if err != nil || json.Unmarshal(b, &h) != nil {
		return Holder{Holder: "unknown"}
	}
	return h
}

// sign writes the holder into the locked file.
func (t *Target) sign(f File, holder string) error {
	b, err := json.MarshalIndent(Holder{Holder: holder, Host: t.host, PID: os.Getpid(), Since: t.clock().UTC()}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode holder: %w", err)
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	if _, err := f.WriteAt(append(b, '\n'), 0); err != nil {
		return err
	}
	return f.Sync()
}

// sweep removes what writes of ended processes left. Whoever holds the lease is
// the only writer, so a temporary file that is not of this opening is dead.
func (t *Target) sweep() error {
	entries, err := t.fs.ReadDir(tempDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), putSuffix) || strings.HasPrefix(e.Name(), t.nonce) {
			continue
		}
		if err := t.discard(tempDir + "/" + e.Name()); err != nil {
			return err
		}
	}
	return nil
}

// watch ends with Release, or when the lock file is no longer ours.
func (l *lease) watch(ticks <-chan time.Time, stopTicks func()) {
	defer close(l.done)
	defer stopTicks()
	for {
		select {
		case <-l.stop:
			return
		case <-ticks:
			// Whoever cannot look cannot know, so this too ends the lease.
			if named, err := l.target.hasName(l.file); err != nil || !named {
				l.lose()
				return
			}
		}
	}
}

// lose stops all writing.
func (l *lease) lose() {
	l.target.lost.Store(true)
	l.losing.Do(func() { close(l.lost) })
}

// stillHeld looks at the lock file right before something becomes visible: in
// the time up to the next tick two programs would show objects here. Without a
// lease there is nothing to lose.
func (t *Target) stillHeld() error {
	t.mu.Lock()
	l := t.lease
	t.mu.Unlock()
	if l == nil {
		return nil
	}
	named, err := t.hasName(l.file)
	if err != nil {
		return err
	}
	if !named {
		l.lose()
		return t.lostError()
	}
	return nil
}

// Lost is closed when the lock file was removed or replaced.
func (l *lease) Lost() <-chan struct{} { return l.lost }

// Cause implements migration.Explainer.
func (l *lease) Cause() error { return l.target.lostError() }

// Release frees the lock and empties the file. The file stays: removing it
// would let a second program lock a name that a third one makes anew.
func (l *lease) Release() error {
	l.once.Do(func() {
		close(l.stop)
		<-l.done
		l.target.mu.Lock()
		l.target.lease = nil
		l.target.mu.Unlock()
		l.err = l.target.fail("unlock", lockName, errors.Join(l.file.Truncate(0), l.file.Close()))
	})
	return l.err
}

func (t *Target) lostError() error {
	return migration.Fail("write to", t.dir, migration.ErrLeaseLost, migration.Msg("hint.folder.lease-lost", "Folder", t.dir))
}

var _ migration.Explainer = (*lease)(nil)
