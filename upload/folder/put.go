package folder

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"omt/migration"
)

// putSuffix ends the names of temporary files; those of an ended process are
// removed by the next one that takes the lease.
const putSuffix = ".put"

// copyBuffer is the memory of one Put and of one read.
const copyBuffer = 256 << 10

// Put writes an object: into a temporary file, which is synced and only then
// renamed, so that no reader and no power failure ever shows half an object.
// A body that does not have the size and MD5 of sum is migration.ErrChanged.
func (t *Target) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if err := t.ready(ctx, path, true); err != nil {
		return err
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewind %s: %w", path, err)
	}
	temp := t.newTemp()
	if err := t.writeTemp(ctx, temp, body, sum); err != nil {
		return t.fail("write", path, err)
	}
	err := t.stillHeld()
	if err == nil {
		// What was assembled here before will not be what lies here.
		err = t.discard(tempName(path, receiptSuffix))
	}
	if err == nil {
		err = t.publish(temp, path)
	}
	if err != nil {
		return t.fail("write", path, errors.Join(err, t.discard(temp)))
	}
	return nil
}

// newTemp names a temporary file that no other one has, also not one that a
// killed process left.
func (t *Target) newTemp() string {
	return tempDir + "/" + t.nonce + "-" + strconv.FormatInt(t.temps.Add(1), 10) + putSuffix
}

// writeTemp writes and verifies a temporary file; on failure nothing is left.
func (t *Target) writeTemp(ctx context.Context, temp string, body io.Reader, sum migration.Sum) error {
	if err := t.makeDir(tempDir); err != nil {
		return err
	}
	f, err := t.fs.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		t.forgetDirs()
	}
	if err != nil {
		return err
	}
	err = errors.Join(fill(ctx, f, body, sum), f.Close())
	if err != nil {
		return errors.Join(err, t.discard(temp))
	}
	return nil
}

// fill copies body into f, compares it with sum, and syncs.
func fill(ctx context.Context, f File, body io.Reader, sum migration.Sum) error {
	digest := md5.New()
	// One byte more than announced is enough to see that a body is too long.
	limited := io.LimitReader(&contextReader{ctx, sourceReader{body}}, sum.Size+1)
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(f, digest)}, limited, make([]byte, copyBuffer))
	if err != nil {
		return err
	}
	if n != sum.Size || [md5.Size]byte(digest.Sum(nil)) != sum.MD5 {
		return migration.Fail("verify", "", fmt.Errorf("%w: size or MD5 differ from what was announced", migration.ErrChanged),
			migration.Msg("hint.folder.changed"))
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return sizeIs(f, sum.Size)
}

// sizeIs catches a file system that took fewer bytes than it said.
func sizeIs(f File, want int64) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != want {
		return fmt.Errorf("file has %d bytes instead of %d: %w", info.Size(), want, io.ErrShortWrite)
	}
	return nil
}

// publish gives a finished temporary file its name and makes that durable.
func (t *Target) publish(temp, path string) error {
	if err := t.makeDir(parent(path)); err != nil {
		return err
	}
	if err := t.stillHeld(); err != nil {
		return err
	}
	err := t.fs.Rename(temp, path)
	if errors.Is(err, fs.ErrNotExist) {
		t.forgetDirs()
	}
	if err != nil {
		return err
	}
	return t.syncEntry(path)
}

// syncEntry makes the name of a file that was just renamed durable.
func (t *Target) syncEntry(path string) error {
	if err := t.fs.SyncName(path); err != nil {
		return err
	}
	return t.fs.SyncDir(parent(path))
}

// discard removes a file that may not be there.
func (t *Target) discard(name string) error {
	if err := t.fs.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// sourceError is a fault of the body that the caller gave, not of this folder:
// a source file without rights must not look like a target without rights.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return "read body: " + e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

type sourceReader struct{ r io.Reader }

func (s sourceReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		err = &sourceError{err}
	}
	return n, err
}

// contextReader ends a copy between two reads when the caller gives up.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
