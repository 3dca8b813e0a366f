package folder

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"omt/migration"
)

// receiptSuffix ends the names of receipts. A receipt lists the blocks of a
// committed object. It closes the gap between the rename and the caller's
// journal: when the process is killed there, the next one still knows the
// blocks of the finished object and need not send a whole database again.
const receiptSuffix = ".committed"

// receipt is the content of such a file.
type receipt struct {
	Path   string               `json:"path"`
	Size   int64                `json:"size"`
	Blocks []migration.BlockRef `json:"blocks"`
}

// maxReceipt bounds a receipt: 50,000 blocks are about 5 MB.
const maxReceipt = 64 << 20

// Commit gives the assembled object its name. Blocks must stand in the order of
// their offsets. The object ends with the last block; bytes of blocks that were
// staged but are not listed stay in it where they lie before that. Repeating
// the call of a finished commit does nothing.
func (t *Target) Commit(ctx context.Context, path string, blocks []migration.BlockRef) error {
	if err := t.ready(ctx, path, true); err != nil {
		return err
	}
	if len(blocks) == 0 {
		if _, err := t.Restore(ctx, path, nil); err != nil {
			return err
		}
		return t.Put(ctx, path, bytes.NewReader(nil), migration.Sum{MD5: md5.Sum(nil)})
	}
	a := t.assembly(path)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := t.commit(ctx, a, blocks); err != nil {
		return t.fail("commit", path, err)
	}
	t.mu.Lock()
	delete(t.open, path)
	t.mu.Unlock()
	return nil
}

func (t *Target) commit(ctx context.Context, a *assembly, blocks []migration.BlockRef) error {
	if !a.begun {
		return t.commitAgain(a.path, blocks)
	}
	end, err := a.checkBlocks(blocks)
	if err != nil {
		return err
	}
	// Before the cut: a second writer would have the same partial file.
	if err := t.stillHeld(); err != nil {
		return err
	}
	if err := t.cut(a.file, end); err != nil {
		return a.forgetIfLost(err)
	}
	a.end = end
	if err := t.writeReceipt(ctx, receipt{Path: a.path, Size: end, Blocks: blocks}); err != nil {
		return err
	}
	if err := t.publish(a.file, a.path); err != nil {
		// Whether the name was given is not known; look again next time.
		return errors.Join(err, t.lookAgain(a))
	}
	return nil
}

// lookAgain finds out after a failed publish whether the partial file is still
// there, so that a repeated Commit goes on where this one stopped.
func (t *Target) lookAgain(a *assembly) error {
	if _, err := t.fs.Stat(a.file); errors.Is(err, fs.ErrNotExist) {
		a.begun = false
	} else if err != nil {
		return err
	}
	return nil
}

// commitAgain answers a commit for which nothing is being assembled: the
// receipt tells whether it is the repetition of a finished one.
func (t *Target) commitAgain(path string, blocks []migration.BlockRef) error {
	r, err := t.readReceipt(path)
	if err != nil {
		return err
	}
	if r == nil || !sameBlocks(r.Blocks, blocks) {
		return fmt.Errorf("block %q: %w", blocks[0].ID, errNotStaged)
	}
	// The repetition may come because the directory could not be synced.
	return t.syncEntry(path)
}

// takeBack makes a committed object the partial file again, because blocks are
// added to it: a run that was killed right after its commit assembles the
// object once more, with a new end. Until the next commit it is not visible.
func (t *Target) takeBack(a *assembly) error {
	if err := t.stillHeld(); err != nil {
		return err
	}
	if err := t.fs.Rename(a.path, a.file); err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		// An earlier attempt got as far as the rename and failed after it.
		if _, err := t.fs.Stat(a.file); err != nil {
			return lostFile(err)
		}
	}
	if err := errors.Join(t.fs.SyncDir(parent(a.path)), t.discard(tempName(a.path, receiptSuffix))); err != nil {
		return err
	}
	return t.cut(a.file, a.end)
}

func (t *Target) writeReceipt(ctx context.Context, r receipt) error {
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode receipt: %w", err)
	}
	temp := t.newTemp()
	sum := migration.Sum{Size: int64(len(b)), MD5: md5.Sum(b)}
	if err := t.writeTemp(ctx, temp, bytes.NewReader(b), sum); err != nil {
		return err
	}
	return t.publish(temp, tempName(r.Path, receiptSuffix))
}

// readReceipt returns the receipt of an object that is still what was
// committed, or nil. A receipt that cannot be read is none: then blocks are
// sent again, which costs time and nothing else.
func (t *Target) readReceipt(path string) (*receipt, error) {
	f, err := t.fs.OpenFile(tempName(path, receiptSuffix), os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxReceipt))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	var r receipt
	if json.Unmarshal(b, &r) != nil || r.Path != path {
		return nil, nil
	}
	info, err := t.fs.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil || info.Size() != r.Size {
		return nil, err
	}
	return &r, nil
}
