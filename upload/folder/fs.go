package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// FS is the directory as this package uses it. Names are slash-separated,
// relative, and "." is the directory itself. Nothing outside the directory can
// be reached through it. Tests put failing disks here.
type FS interface {
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	Mkdir(name string, perm fs.FileMode) error
	Rename(from, to string) error
	Remove(name string) error
	Stat(name string) (fs.FileInfo, error)
	Lstat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	// SyncDir makes created, renamed and removed entries of a directory durable.
	SyncDir(name string) error
	// SyncName makes the name that a file was just renamed to durable, where
	// syncing its directory does not.
	SyncName(name string) error
	// Free is the number of bytes that may still be written, -1 if unknown.
	Free() (int64, error)
	// TryLock takes an exclusive lock on f that the system frees when the
	// process ends; errLocked if another process or opening holds it.
	TryLock(f File) error
	Close() error
}

// File is an open file of FS.
type File interface {
	io.ReadWriteSeeker
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
}

// errLocked: somebody else holds the lock.
var errLocked = errors.New("locked by another process")

// diskFS is the real directory. os.Root resolves every name below it and
// refuses links that lead out, also when a link is exchanged meanwhile.
type diskFS struct {
	root *os.Root
}

func openDisk(dir string) (FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	return diskFS{root}, nil
}

func (d diskFS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	// A nil *os.File must not become a File that is not nil.
	f, err := d.root.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d diskFS) Mkdir(name string, perm fs.FileMode) error { return d.root.Mkdir(name, perm) }
func (d diskFS) Rename(from, to string) error              { return d.root.Rename(from, to) }
func (d diskFS) Remove(name string) error                  { return removeName(d.root, name) }
func (d diskFS) Stat(name string) (fs.FileInfo, error)     { return d.root.Stat(name) }
func (d diskFS) Lstat(name string) (fs.FileInfo, error)    { return d.root.Lstat(name) }
func (d diskFS) Close() error                              { return d.root.Close() }
func (d diskFS) Free() (int64, error)                      { return freeSpace(d.root.Name()) }

func (d diskFS) ReadDir(name string) ([]fs.DirEntry, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

func (d diskFS) SyncDir(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(syncDir(f), f.Close())
}

func (d diskFS) SyncName(name string) error { return syncName(d.root, name) }

func (d diskFS) TryLock(f File) error {
	file, ok := f.(*os.File)
	if !ok {
		return errors.New("lock: not a file of this folder")
	}
	return tryLock(file)
}
