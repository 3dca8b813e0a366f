package folder

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"slices"

	"omt/migration"
)

var _ migration.Amender = (*Target)(nil)

// Amend implements migration.Amender.
func (t *Target) Amend(ctx context.Context, path string, old migration.BlockRef, b migration.Block) error {
	if err := t.ready(ctx, path, true); err != nil {
		return err
	}
	if md5.Sum(b.Data) != b.MD5 {
		return migration.Fail("stage", path, fmt.Errorf("%w: MD5 of block differs from what was announced", migration.ErrChanged),
			migration.Msg("hint.folder.changed"))
	}
	a := t.assembly(path)
	a.mu.Lock()
	defer a.mu.Unlock()
	return t.fail("stage", path, t.amend(a, old, b))
}

func (t *Target) amend(a *assembly, old migration.BlockRef, b migration.Block) (err error) {
	amended := migration.BlockRef{ID: b.ID, Size: int64(len(b.Data)), Offset: old.Offset, MD5: slices.Clone(b.MD5[:])}
	if known, ok := a.blocks[b.ID]; ok && b.ID != old.ID && sameRef(known, amended) {
		return nil
	}
	if known, ok := a.blocks[old.ID]; !ok || !sameRef(known, old) || known.Size != amended.Size {
		return fmt.Errorf("block %q at %d: %w", old.ID, old.Offset, errNotStaged)
	}
	f, err := t.openPartial(a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	n, err := f.WriteAt(b.Data, old.Offset)
	if err == nil && n != len(b.Data) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return err
	}
	delete(a.blocks, old.ID)
	a.blocks[b.ID] = amended
	return nil
}
