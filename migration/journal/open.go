package journal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	defaultGroup = 100
	defaultDelay = 200 * time.Millisecond
	readers      = 4
	// defaultAuditFrom records are read in a fifth of a second.
	defaultAuditFrom = 20_000
)

func (o Options) withDefaults() Options {
	if o.GroupSize <= 0 {
		o.GroupSize = defaultGroup
	}
	if o.GroupDelay <= 0 {
		o.GroupDelay = defaultDelay
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Host == "" {
		// A name that cannot be found out leaves the holder unknown, no more.
		o.Host, _ = os.Hostname()
	}
	if o.PID == 0 {
		o.PID = os.Getpid()
	}
	if o.AuditFrom <= 0 {
		o.AuditFrom = defaultAuditFrom
	}
	if o.FailPoint == nil {
		o.FailPoint = func(string) error { return nil }
	}
	if o.BeforeAudit == nil {
		o.BeforeAudit = func() {}
	}
	o.audit = o.audit.withDefaults()
	return o
}

// fileName is readable for support staff, safe on every file system, never a
// device name, and different for any two keys by its hash.
func (k Key) fileName() string {
	h := sha256.New()
	for _, s := range []string{k.Environment, k.Tenant, k.Company, k.Serial} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(k.Environment+"-"+k.Tenant+"-"+k.Serial))
	if len(safe) > 48 {
		safe = safe[:48]
	}
	return "omt-" + safe + "-" + hex.EncodeToString(h.Sum(nil)[:8]) + ".db"
}

// Exists tells whether there is a journal for the key, whole or damaged. A
// journal whose creation was cut off does not exist yet.
func Exists(dir string, k Key) (bool, error) {
	_, err := os.Lstat(filepath.Join(dir, k.fileName()))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find journal: %w", err)
	}
	return true, nil
}

// Open opens the journal of the key, or makes one. It creates dir with access
// for this user only, locks the journal until Close or the end of the process
// (LockedError if another process has it), checks it (DamagedError) and upgrades
// an older format in one transaction. ErrNewer, ErrRemote and ErrNoSpace say what
// they say; nothing is changed then. Of a large journal the records of objects
// are checked beside the work: see Whole.
func Open(ctx context.Context, dir string, k Key, o Options) (*Journal, error) {
	return open(ctx, dir, k, o.withDefaults(), steps)
}

func open(ctx context.Context, dir string, k Key, o Options, steps []step) (_ *Journal, err error) {
	path, held, err := enter(dir, k, o)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &Journal{
		path: path, opt: o, lock: held, queue: make(chan request, o.GroupSize), finished: make(chan struct{}),
		audit: audit{path: path, opt: o.audit, done: make(chan struct{}), needed: make(chan struct{})},
	}
	defer func() {
		if err != nil {
			if err = classify(err); ctx.Err() != nil {
				err = ctx.Err() // SQLite says "interrupted" only
			}
			err = fmt.Errorf("open journal: %w", err)
			// What is being closed was only read, or its failure is err itself.
			_ = j.release()
		}
	}()
	found, err := Exists(filepath.Dir(path), k)
	if err != nil {
		return nil, err
	}
	if !found {
		if err := create(ctx, path, k, o, steps); err != nil {
			return nil, err
		}
	}
	if err := j.connect(ctx, k, steps); err != nil {
		return nil, err
	}
	go j.write()
	return j, nil
}

// enter makes the folder and takes the lock.
func enter(dir string, k Key, o Options) (string, *lock, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, classify(err)
	}
	if err := refuseRemote(dir); err != nil {
		return "", nil, err
	}
	path := filepath.Join(dir, k.fileName())
	held, err := takeLock(path+".lock", o)
	return path, held, err
}

// connect opens the file that is there and checks it.
func (j *Journal) connect(ctx context.Context, k Key, steps []step) error {
	if err := checkFiles(j.path); err != nil {
		return err
	}
	var err error
	if j.db, err = database(j.path, "_pragma=journal_mode(WAL)", 1); err != nil {
		return err
	}
	conn, err := j.db.Conn(ctx)
	if err != nil {
		return unreadable(err)
	}
	j.store = newStore(conn)
	if j.read, err = database(j.path, "_pragma=query_only(1)", readers); err != nil {
		return err
	}
	return j.verify(ctx, k, steps)
}
