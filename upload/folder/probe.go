package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	name := tempDir + "-probe-" + t.nonce
	err = t.probeWrite(name)
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
