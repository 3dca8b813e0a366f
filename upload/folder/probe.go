package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"omt/migration"
)

// Probe writes, reads and removes a small file and lists the folder. Missing
// rights are an answer and no error.
func (t *Target) Probe(ctx context.Context) (migration.Rights, error) {
	r := migration.Rights{Free: -1}
	if err := ctx.Err(); err != nil {
		return r, err
	}
	_, err := t.fs.ReadDir(".")
	if r.List, err = allowed(t.fail("list", t.dir, err)); err != nil {
		return r, err
	}
	// Among the temporary files: whoever takes the lease sweeps there, so a probe
	// that is killed leaves nothing for long.
	name := t.newTemp()
	made := t.fs.Mkdir(tempDir, 0o755)
	if made == nil {
		defer t.unmake(tempDir)
	}
	if err = made; made == nil || errors.Is(made, fs.ErrExist) {
		err = t.probeWrite(name)
	}
	if r.Write, err = allowed(t.fail("write to", t.dir, err)); err != nil {
		return r, err
	}
	r.Read = r.List
	if r.Write {
		err = errors.Join(t.probeRead(name), t.fs.Remove(name))
		if r.Read, err = allowed(t.fail("read from", t.dir, err)); err != nil {
			return r, err
		}
	}
	// Some network file systems do not tell; the run then finds out by writing.
	if free, err := t.fs.Free(); err == nil {
		r.Free = free
	}
	return r, nil
}

// unmake takes a directory away that was made only to try. If it is in use by
// now it is not empty and stays, which is right and no error.
func (t *Target) unmake(dir string) {
	if t.fs.Remove(dir) == nil {
		t.forgetDirs()
	}
}

// allowed splits an error into the answer "not permitted" and real failures.
func allowed(err error) (bool, error) {
	if errors.Is(err, migration.ErrForbidden) {
		return false, nil
	}
	return err == nil, err
}

const probeText = "omt probe\n"

func (t *Target) probeWrite(name string) error {
	f, err := t.fs.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, probeText)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, t.discard(name))
	}
	return nil
}

func (t *Target) probeRead(name string) error {
	f, err := t.fs.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxHolder))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if string(b) != probeText {
		return fmt.Errorf("read back %d other bytes than were written", len(b))
	}
	return nil
}
