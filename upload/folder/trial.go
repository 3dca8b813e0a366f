package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"omt/migration"
)

// Trial writes a temporary file as Put does, without giving it a name.
func (t *Target) Trial(ctx context.Context, lane int, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.lost.Load() {
		return t.lostError()
	}
	if err := t.fs.Mkdir(tempDir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return t.fail("write to", t.dir, err)
	}
	f, err := t.fs.OpenFile(t.trialName(lane), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return t.fail("write to", t.dir, err)
	}
	t.tried(lane)
	_, err = f.Write(data)
	return t.fail("write to", t.dir, errors.Join(err, f.Sync(), f.Close()))
}

// EndTrial removes the files, and the folder if nothing else lies in it.
func (t *Target) EndTrial(context.Context) error {
	t.mu.Lock()
	lanes := t.lanes
	t.lanes = nil
	t.mu.Unlock()
	var err error
	for lane := range lanes {
		if rerr := t.fs.Remove(t.trialName(lane)); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
	}
	if len(lanes) > 0 {
		t.unmake(tempDir)
	}
	return t.fail("write to", t.dir, err)
}

func (t *Target) trialName(lane int) string {
	return fmt.Sprintf("%s/%s-trial%02d%s", tempDir, t.nonce, lane, putSuffix)
}

// tried remembers what EndTrial has to remove.
func (t *Target) tried(lane int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lanes == nil {
		t.lanes = map[int]bool{}
	}
	t.lanes[lane] = true
}

var _ migration.Gauge = (*Target)(nil)
