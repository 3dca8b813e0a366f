package folder

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"

	"omt/migration"
)

// partialSuffix ends the names of files in which objects are assembled.
const partialSuffix = ".partial"

// assembly is an object that is being put together in its partial file. Blocks
// lie in the order of their arrival. What lies beyond end is a torn block.
type assembly struct {
	mu     sync.Mutex // one writer an object
	path   string
	file   string // name of the partial file
	begun  bool   // end and the file are known
	end    int64
	blocks map[string]migration.BlockRef
}

func (t *Target) assembly(path string) *assembly {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.open[path]
	if a == nil {
		a = &assembly{path: path, file: tempName(path, partialSuffix), blocks: map[string]migration.BlockRef{}}
		t.open[path] = a
	}
	return a
}

// Stage appends a block and syncs it. It returns the offset of the block in the
// object. A block that is already there with the same bytes is not written
// again; other bytes under the same id are appended and take the id over.
func (t *Target) Stage(ctx context.Context, path string, b migration.Block) (int64, error) {
	if err := t.ready(ctx, path, true); err != nil {
		return 0, err
	}
	if md5.Sum(b.Data) != b.MD5 {
		return 0, migration.Fail("stage", path, fmt.Errorf("%w: MD5 of block differs from what was announced", migration.ErrChanged),
			migration.Msg("hint.folder.changed"))
	}
	a := t.assembly(path)
	a.mu.Lock()
	defer a.mu.Unlock()
	offset, err := t.stage(a, b)
	return offset, t.fail("stage", path, err)
}

func (t *Target) stage(a *assembly, b migration.Block) (offset int64, err error) {
	f, err := t.openPartial(a)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if old, ok := a.blocks[b.ID]; ok && old.Size == int64(len(b.Data)) {
		same, err := holds(f, old.Offset, b)
		if err != nil || same {
			return old.Offset, err
		}
	}
	// Written at end and not appended: after a failure end stays, and the next
	// block lies over the torn one.
	n, err := f.WriteAt(b.Data, a.end)
	if err != nil {
		return 0, err
	}
	if n != len(b.Data) {
		return 0, io.ErrShortWrite
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() < a.end+int64(n) {
		return 0, fmt.Errorf("file has %d bytes instead of %d: %w", info.Size(), a.end+int64(n), io.ErrShortWrite)
	}
	offset = a.end
	a.end += int64(n)
	// A copy: a slice of the array would hold the whole block in memory.
	a.blocks[b.ID] = migration.BlockRef{ID: b.ID, Size: int64(n), Offset: offset, MD5: slices.Clone(b.MD5[:])}
	return offset, nil
}

// holds tells whether the block lies at offset.
func holds(f File, offset int64, b migration.Block) (bool, error) {
	digest := md5.New()
	_, err := io.Copy(digest, io.NewSectionReader(f, offset, int64(len(b.Data))))
	return [md5.Size]byte(digest.Sum(nil)) == b.MD5, err
}

// openPartial opens the partial file, makes it if there is none, and takes a
// committed object back when its blocks were restored. A file of an earlier
// process that was not restored begins anew.
func (t *Target) openPartial(a *assembly) (File, error) {
	if a.begun {
		return t.reopenPartial(a)
	}
	if err := t.makeDir(tempDir); err != nil {
		return nil, err
	}
	flag := os.O_RDWR | os.O_CREATE | os.O_TRUNC
	if len(a.blocks) > 0 {
		if err := t.takeBack(a); err != nil {
			return nil, a.forgetIfLost(err)
		}
		flag = os.O_RDWR
	}
	f, err := t.fs.OpenFile(a.file, flag, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		t.forgetDirs()
	}
	if err != nil {
		return nil, err
	}
	// The entry of the file must be as durable as the blocks in it.
	if err := t.fs.SyncDir(tempDir); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	a.begun = true
	return f, nil
}

// reopenPartial opens the file of an assembly that was begun. Something else on
// the computer may have taken it away or cut it, a virus scanner for one. Made
// again, or written behind its end, it would hold zeros where staged blocks
// were, and a commit would show them as the object.
func (t *Target) reopenPartial(a *assembly) (File, error) {
	f, err := t.fs.OpenFile(a.file, os.O_RDWR, 0)
	if err != nil {
		t.forgetDirs()
		return nil, a.forgetIfLost(lostFile(err))
	}
	if err := reaches(f, a.end); err != nil {
		return nil, errors.Join(a.forgetIfLost(err), f.Close())
	}
	return f, nil
}

// reaches tells whether a file has at least size bytes; if not, blocks of it
// are not staged any more.
func reaches(f File, size int64) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < size {
		return fmt.Errorf("%w: partial file has %d of %d bytes", errNotStaged, info.Size(), size)
	}
	return nil
}

// lostFile says of a partial file that is not there that nothing is staged.
func lostFile(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: partial file is gone", errNotStaged)
	}
	return err
}

// forget makes the next block begin the object anew.
func (a *assembly) forget() {
	a.begun, a.end, a.blocks = false, 0, map[string]migration.BlockRef{}
}

func (a *assembly) forgetIfLost(err error) error {
	if errors.Is(err, errNotStaged) {
		a.forget()
	}
	return err
}

// cut truncates a file and makes that durable. It never lengthens one.
func (t *Target) cut(name string, size int64) error {
	f, err := t.fs.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.forgetDirs()
		return lostFile(err)
	}
	if err := reaches(f, size); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Truncate(size); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

// checkBlocks refuses a list that is not what lies in the partial file: unknown
// or moved blocks, and any order but that of the offsets. It returns the end of
// the last block.
func (a *assembly) checkBlocks(blocks []migration.BlockRef) (int64, error) {
	end := int64(0)
	for _, b := range blocks {
		if known, ok := a.blocks[b.ID]; !ok || !sameRef(known, b) {
			return 0, fmt.Errorf("block %q at %d: %w", b.ID, b.Offset, errNotStaged)
		}
		if b.Offset < end {
			return 0, fmt.Errorf("block %q at %d stands before the end of the one listed before it", b.ID, b.Offset)
		}
		end = b.Offset + b.Size
	}
	return end, nil
}

var errNotStaged = fmt.Errorf("%w: not staged", migration.ErrNotFound)

// sameRef tells whether two references mean the same block. An MD5 that one of
// them does not know is no difference.
func sameRef(a, b migration.BlockRef) bool {
	return a.ID == b.ID && a.Size == b.Size && a.Offset == b.Offset && (a.MD5 == nil || b.MD5 == nil || bytes.Equal(a.MD5, b.MD5))
}

// byOffset orders blocks as they lie in the object; empty ones stand before the
// block that begins where they do.
func byOffset(a, b migration.BlockRef) int {
	return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Size, b.Size), cmp.Compare(a.ID, b.ID))
}

// sameBlocks tells whether two lists are equal without regard to order.
func sameBlocks(a, b []migration.BlockRef) bool {
	return slices.EqualFunc(slices.SortedFunc(slices.Values(a), byOffset), slices.SortedFunc(slices.Values(b), byOffset), sameRef)
}
