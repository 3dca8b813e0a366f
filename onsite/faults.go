package onsite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"omt/migration"
)

// absent tells whether nothing stands at a path. A name that is longer than the
// file system allows cannot stand there either.
func absent(err error) bool {
	if isAny(err, lostErrors) {
		return false
	}
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG)
}

func isAny(err error, list []error) bool {
	return slices.ContainsFunc(list, func(e error) bool { return errors.Is(err, e) })
}

// unreadable says why a path cannot be read, with the system's own words. Only
// a lack of rights, a link and a name are a reason that belongs to one file.
// Anything else is false: a share that dies must stop the run, because every
// file after it would be reported as unreadable and the run called done.
func unreadable(path string, err error) (migration.Message, bool) {
	if err == nil || isAny(err, lostErrors) {
		return migration.Message{}, false
	}
	// os does not export the error of a path that leaves its root.
	if strings.Contains(err.Error(), "escapes from parent") {
		return migration.Msg("reason.file.link", "Path", path), true
	}
	if !errors.Is(err, fs.ErrPermission) && !isAny(err, fileErrors) {
		return migration.Message{}, false
	}
	return migration.Msg("reason.file.system", "Path", path, "Error", bare(err).Error()), true
}

// bare is the system's error without the path.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// lost is a path that cannot be reached now: the disk or share has a fault.
func lost(path string, err error) error {
	return migration.Fail("read", path, fmt.Errorf("%w: %w", migration.ErrSourceLost, err),
		migration.Msg("hint.archive.lost", "Path", path, "Error", bare(err).Error()))
}

// cannotOpen tells a file that is gone or may not be read from a lost share.
func cannotOpen(path string, err error) error {
	if absent(err) {
		err = fmt.Errorf("%w: %s", fs.ErrNotExist, err.Error())
		return migration.Fail("open", path, err, migration.Msg("reason.file.system", "Path", path, "Error", err.Error()))
	}
	why, ok := unreadable(path, err)
	if !ok {
		return lost(path, err)
	}
	return migration.Fail("open", path, err, why)
}

// deniedError is a folder that is there and may not be listed.
type deniedError struct {
	root     string
	elements []string
	reason   migration.Message
	err      error
}

func (e *deniedError) Error() string { return "list folder " + e.path() + ": " + e.err.Error() }
func (e *deniedError) Unwrap() error { return e.err }

func (e *deniedError) path() string {
	return filepath.Join(append([]string{e.root}, e.elements...)...)
}

// cannotList sorts the errors of a listing: nil if nothing is there, a
// deniedError if it may not be listed, else an error that stops the run.
func cannotList(root string, elements []string, err error) error {
	if absent(err) {
		return nil
	}
	d := &deniedError{root: root, elements: slices.Clone(elements), err: err}
	var ok bool
	if d.reason, ok = unreadable(d.path(), err); ok {
		return d
	}
	return lost(d.path(), err)
}

// sourceFile is a source file whose reading tells a lost share from a fault of
// the file.
type sourceFile struct {
	file *os.File
	path string
}

func (f sourceFile) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	return n, f.sort(err)
}

func (f sourceFile) Seek(offset int64, whence int) (int64, error) {
	n, err := f.file.Seek(offset, whence)
	return n, f.sort(err)
}

func (f sourceFile) Stat() (fs.FileInfo, error) {
	info, err := f.file.Stat()
	return info, f.sort(err)
}

func (f sourceFile) Close() error { return f.file.Close() }

// sort leaves the end of the file as it is, because io wants io.EOF itself.
func (f sourceFile) sort(err error) error {
	var pe *fs.PathError
	if !errors.As(err, &pe) || absent(err) {
		return err
	}
	if _, ok := unreadable(f.path, err); ok {
		return err
	}
	return lost(f.path, err)
}
