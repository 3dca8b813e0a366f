package folder_test

import (
	"io/fs"
	"sync"

	"omt/upload/folder"
)

// faultFS is the real folder with a disk that fails on demand. fail is asked
// before every operation, by name and path; the first error it gives is
// returned instead of working.
type faultFS struct {
	folder.FS
	mu    sync.Mutex
	fail  func(op, name string) error
	short bool // writes take fewer bytes than they say
	log   []string
}

func (f *faultFS) wrap(inner folder.FS) folder.FS {
	f.FS = inner
	return f
}

// set replaces what fails.
func (f *faultFS) set(fail func(op, name string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail, f.log = fail, nil
}

func (f *faultFS) ask(op, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, op+" "+name)
	if f.fail == nil {
		return nil
	}
	return f.fail(op, name)
}

func (f *faultFS) OpenFile(name string, flag int, perm fs.FileMode) (folder.File, error) {
	if err := f.ask("open", name); err != nil {
		return nil, err
	}
	inner, err := f.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &faultFile{File: inner, fs: f, name: name}, nil
}

func (f *faultFS) Mkdir(name string, perm fs.FileMode) error {
	if err := f.ask("mkdir", name); err != nil {
		return err
	}
	return f.FS.Mkdir(name, perm)
}

func (f *faultFS) Rename(from, to string) error {
	if err := f.ask("rename", to); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

func (f *faultFS) Remove(name string) error {
	if err := f.ask("remove", name); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

func (f *faultFS) SyncDir(name string) error {
	if err := f.ask("syncdir", name); err != nil {
		return err
	}
	return f.FS.SyncDir(name)
}

func (f *faultFS) SyncName(name string) error {
	if err := f.ask("syncname", name); err != nil {
		return err
	}
	return f.FS.SyncName(name)
}

func (f *faultFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := f.ask("readdir", name); err != nil {
		return nil, err
	}
	return f.FS.ReadDir(name)
}

func (f *faultFS) TryLock(file folder.File) error {
	if err := f.ask("lock", file.(*faultFile).name); err != nil {
		return err
	}
	return f.FS.TryLock(file.(*faultFile).File)
}

type faultFile struct {
	folder.File
	fs   *faultFS
	name string
}

// Write writes half of what it was given before it fails, as a full disk does.
func (f *faultFile) Write(p []byte) (int, error) {
	if err := f.fs.ask("write", f.name); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	if f.fs.short {
		_, err := f.File.Write(p[:len(p)/2])
		return len(p), err
	}
	return f.File.Write(p)
}

func (f *faultFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.fs.ask("write", f.name); err != nil {
		n, _ := f.File.WriteAt(p[:len(p)/2], off)
		return n, err
	}
	if f.fs.short {
		_, err := f.File.WriteAt(p[:len(p)/2], off)
		return len(p), err
	}
	return f.File.WriteAt(p, off)
}

func (f *faultFile) Sync() error {
	if err := f.fs.ask("sync", f.name); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *faultFile) Truncate(size int64) error {
	if err := f.fs.ask("truncate", f.name); err != nil {
		return err
	}
	return f.File.Truncate(size)
}
