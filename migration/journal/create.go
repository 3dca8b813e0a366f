package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// create builds a new journal beside its place and renames it there when it is
// complete. So a file that is there and empty or half made is never taken for a
// new one: it is damage, and what the earlier run did is not forgotten silently.
func create(ctx context.Context, path string, k Key, o Options, steps []step) error {
	draft := path + ".new"
	// A log without its journal comes from a SetAside or from a creation that
	// was cut off. SQLite would replay it into the new file.
	for _, p := range []string{draft, draft + "-journal", path + "-wal", path + "-shm"} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove unfinished journal: %w", err)
		}
	}
	// SQLite would make the file readable for everybody; its log files inherit
	// the permissions of this one.
	if err := touch(draft); err != nil {
		return fmt.Errorf("create journal: %w", err)
	}
	if err := fill(ctx, draft, k, o, steps); err != nil {
		return fmt.Errorf("create journal: %w", err)
	}
	if err := touch(path + "-wal"); err != nil {
		return fmt.Errorf("create log: %w", err)
	}
	if err := os.Rename(draft, path); err != nil {
		return fmt.Errorf("create journal: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// fill writes schema and identity in one transaction.
func fill(ctx context.Context, path string, k Key, o Options, steps []step) (err error) {
	db, err := database(path, "_pragma=journal_mode(DELETE)", 1)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	s := newStore(conn)
	defer func() { err = firstError(err, s.close()) }()
	return s.transact(o.FailPoint, PointCreateBefore, PointCreateAfter, func() error {
		if err := setPragma(ctx, conn, "application_id", applicationID); err != nil {
			return err
		}
		if err := s.upgrade(ctx, 0, steps); err != nil {
			return err
		}
		for name, value := range k.meta() {
			if err := s.put(metaTable, record{name, []byte(value)}); err != nil {
				return err
			}
		}
		return s.put(metaTable, record{"created", []byte(encodeTime(o.Now()))})
	})
}

func (k Key) meta() map[string]string {
	return map[string]string{"environment": k.Environment, "tenant": k.Tenant, "company": k.Company, "serial": k.Serial}
}

// upgrade runs the steps after version from, inside the caller's transaction.
func (s *store) upgrade(ctx context.Context, from int64, steps []step) error {
	for _, st := range steps {
		if int64(st.version) <= from {
			continue
		}
		if err := st.apply(ctx, s); err != nil {
			return fmt.Errorf("upgrade journal to version %d: %w", st.version, err)
		}
		if err := setPragma(ctx, s.conn, "user_version", int64(st.version)); err != nil {
			return err
		}
		if err := s.put(metaTable, versionRecord(st.version)); err != nil {
			return err
		}
	}
	sum, err := schemaSum(ctx, s.conn)
	if err != nil {
		return err
	}
	return s.put(metaTable, record{"schema", sum})
}

func versionRecord(v int) record { return record{"version", fmt.Append(nil, v)} }

// SetAside moves a journal that cannot be used out of the way, with its log,
// so that a new one can be built and support can still look at the old one. It
// returns the new path, or an empty one if there was no journal.
func SetAside(dir string, k Key, o Options) (_ string, err error) {
	o = o.withDefaults()
	path, held, err := enter(dir, k, o)
	if err != nil {
		return "", fmt.Errorf("set journal aside: %w", err)
	}
	defer func() { err = firstError(err, held.release()) }()
	to := path + ".damaged-" + o.Now().UTC().Format("20060102T150405.000000000Z")
	moved := ""
	// The log goes first: a crash in between leaves a journal without its log,
	// which is refused as damaged, and never a new journal with an old log.
	// What makes the file suspect goes last: without it a damage might not be seen.
	for _, suffix := range []string{"-wal", "-shm", "", suspectSuffix} {
		switch err := os.Rename(path+suffix, to+suffix); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return "", fmt.Errorf("set journal aside: %w", err)
		case suffix == "":
			moved = to
		}
	}
	return moved, syncDir(filepath.Dir(path))
}
