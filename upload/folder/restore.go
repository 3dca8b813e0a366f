package folder

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"omt/migration"
)

// Restore finds the blocks of kept that are still there, cuts off everything
// behind the last of them and forgets everything else. Blocks whose MD5 is known
// are read: a disk that lost power may have the length of a file and not its
// bytes. What is not kept but lies between kept blocks stays as dead bytes. The
// blocks are returned in the order of their offsets.
func (t *Target) Restore(ctx context.Context, path string, kept []migration.BlockRef) ([]migration.BlockRef, error) {
	if err := t.ready(ctx, path, true); err != nil {
		return nil, err
	}
	a := t.assembly(path)
	a.mu.Lock()
	defer a.mu.Unlock()
	out, err := t.restore(ctx, a, kept)
	return out, t.fail("restore", path, err)
}

func (t *Target) restore(ctx context.Context, a *assembly, kept []migration.BlockRef) ([]migration.BlockRef, error) {
	a.forget()
	out, err := t.intact(ctx, a.file, kept)
	if errors.Is(err, fs.ErrNotExist) {
		return t.restoreCommitted(ctx, a, kept)
	}
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, errors.Join(t.discard(a.file), t.discard(tempName(a.path, receiptSuffix)))
	}
	a.adopt(out)
	if err := t.cut(a.file, a.end); err != nil {
		return nil, a.forgetIfLost(err)
	}
	a.begun = true
	return out, nil
}

// restoreCommitted is Restore for an object that was committed already.
func (t *Target) restoreCommitted(ctx context.Context, a *assembly, kept []migration.BlockRef) ([]migration.BlockRef, error) {
	if len(kept) == 0 {
		return nil, t.discard(tempName(a.path, receiptSuffix))
	}
	r, err := t.readReceipt(a.path)
	if err != nil || r == nil {
		return nil, err
	}
	there := slices.DeleteFunc(slices.Clone(kept), func(b migration.BlockRef) bool {
		return !slices.ContainsFunc(r.Blocks, func(x migration.BlockRef) bool { return sameRef(x, b) })
	})
	out, err := t.intact(ctx, a.path, there)
	if err != nil {
		return nil, err
	}
	a.adopt(out)
	if len(out) < len(there) {
		// The object is no longer what the receipt says.
		return out, t.discard(tempName(a.path, receiptSuffix))
	}
	return out, nil
}

// adopt takes blocks over that were found in the file.
func (a *assembly) adopt(found []migration.BlockRef) {
	for _, r := range found {
		a.blocks[r.ID] = r
		a.end = max(a.end, r.Offset+r.Size)
	}
}

// intact returns the blocks that lie whole in a file, in the order of their
// offsets, so that the disk is read from front to back.
func (t *Target) intact(ctx context.Context, name string, kept []migration.BlockRef) (out []migration.BlockRef, err error) {
	f, err := t.fs.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	buf := make([]byte, copyBuffer)
	for _, r := range slices.SortedFunc(slices.Values(kept), byOffset) {
		// Compared this way round, since the sum of two wild numbers overflows.
		if r.Offset < 0 || r.Size < 0 || r.Offset > info.Size() || r.Size > info.Size()-r.Offset {
			continue
		}
		if r.MD5 != nil {
			sum, err := digestAt(ctx, f, r.Offset, r.Size, buf)
			if err != nil {
				return nil, fmt.Errorf("read block at %d: %w", r.Offset, err)
			}
			if !bytes.Equal(sum, r.MD5) {
				continue
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// digestAt is the MD5 of a part of a file.
func digestAt(ctx context.Context, f File, offset, size int64, buf []byte) ([]byte, error) {
	digest := md5.New()
	part := &contextReader{ctx, io.NewSectionReader(f, offset, size)}
	if _, err := io.CopyBuffer(struct{ io.Writer }{digest}, part, buf); err != nil {
		return nil, err
	}
	return digest.Sum(nil), nil
}
