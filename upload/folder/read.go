package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"omt/migration"
)

// Open reads an object from offset; length -1 reads to its end. Reading past
// the end gives fewer bytes.
func (t *Target) Open(ctx context.Context, path string, offset, length int64) (io.ReadCloser, error) {
	if err := t.ready(ctx, path, false); err != nil {
		return nil, err
	}
	if offset < 0 || length < -1 {
		return nil, fmt.Errorf("open %s: no such range %d+%d", path, offset, length)
	}
	f, err := t.openObject(path)
	if err != nil {
		return nil, t.fail("open", path, err)
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, t.fail("open", path, errors.Join(err, f.Close()))
	}
	var r io.Reader = &contextReader{ctx, f}
	if length >= 0 {
		r = io.LimitReader(r, length)
	}
	return struct {
		io.Reader
		io.Closer
	}{r, f}, nil
}

// openObject opens a regular file; everything else is no object.
func (t *Target) openObject(path string) (File, error) {
	// Before opening: a named pipe would block the caller for ever.
	info, err := t.fs.Stat(path)
	if err != nil {
		return nil, notFound(err)
	}
	if !info.Mode().IsRegular() {
		return nil, migration.ErrNotFound
	}
	f, err := t.fs.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, notFound(err)
	}
	return f, nil
}

// notFound turns the errors by which systems say that a path leads nowhere.
func notFound(err error) error {
	if errors.Is(err, fs.ErrNotExist) || isNotDir(err) {
		return fmt.Errorf("%w: %w", migration.ErrNotFound, err)
	}
	return err
}

// List yields the objects whose path begins with prefix, in the byte order of
// their paths. One directory is in memory at a time on each level.
func (t *Target) List(ctx context.Context, prefix string, yield func(migration.Object) error) error {
	start := "."
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		start = prefix[:i]
	}
	if start != "." {
		if err := checkPath(start); err != nil {
			return err
		}
	}
	return t.walk(ctx, start, prefix, yield)
}

// walk visits one directory. Objects sort by their whole path: "a.txt" stands
// before "a/b", so a directory takes its place with the slash.
func (t *Target) walk(ctx context.Context, dir, prefix string, yield func(migration.Object) error) error {
	entries, err := t.fs.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || isNotDir(err) {
		return nil // nothing there, or gone while we looked
	}
	if err != nil {
		return t.fail("list", dir, err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(sortName(a), sortName(b)) })
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := e.Name()
		if dir != "." {
			path = dir + "/" + path
		}
		switch {
		case checkElements(path) != "":
			continue // the target's own files
		case e.IsDir():
			if s := path + "/"; !strings.HasPrefix(s, prefix) && !strings.HasPrefix(prefix, s) {
				continue
			}
			err = t.walk(ctx, path, prefix, yield)
		case e.Type().IsRegular() && strings.HasPrefix(path, prefix):
			err = t.yield(path, yield)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func sortName(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

func (t *Target) yield(path string, yield func(migration.Object) error) error {
	info, err := t.fs.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return t.fail("list", path, err)
	}
	return yield(migration.Object{Path: path, Size: info.Size(), Modified: info.ModTime()})
}
