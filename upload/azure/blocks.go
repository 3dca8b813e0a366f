package azure

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"omt/migration"
)

// maxID is the service's limit of a block id before base64.
const maxID = 64

// listSize stands for the time that the service takes to put an object
// together: about so many bytes an entry.
func listSize(blocks int) int64 { return int64(blocks) * 500 }

// Stage sends one block under the caller's id. The order is made at Commit, so
// the offset is -1.
func (t *Target) Stage(ctx context.Context, path string, b migration.Block) (int64, error) {
	if err := t.ready(ctx, path, true); err != nil {
		return -1, err
	}
	if b.ID == "" || len(b.ID) > maxID {
		return -1, fmt.Errorf("stage %s: id of %d bytes, 1 to %d are possible", path, len(b.ID), maxID)
	}
	if sum := md5.Sum(b.Data); sum != b.MD5 {
		return -1, fmt.Errorf("stage %s: %w", path, sameSum(int64(len(b.Data)), sum[:], migration.Sum{Size: int64(len(b.Data)), MD5: b.MD5}))
	}
	if err := t.stageBlock(ctx, path, encodeID(b.ID), b.Data, b.MD5); err != nil {
		return -1, t.fail(ctx, "stage", path, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.known[path]; known != nil {
		known[b.ID] = true
	}
	return -1, nil
}

// Restore returns the blocks of kept that the service still holds, of an
// unfinished object or of the committed one. Blocks cannot be removed there;
// those that are not kept are forgotten here, so that Commit refuses them, and
// by the service at Commit or a week after the last one came. Without the right
// to read what the journal knows is believed for six days, unless a Commit of
// this target has found it wrong.
func (t *Target) Restore(ctx context.Context, path string, kept []migration.BlockRef) ([]migration.BlockRef, error) {
	if err := t.ready(ctx, path, false); err != nil {
		return nil, err
	}
	there, err := t.blockList(ctx, path)
	trust := t.lacksRight(err)
	if err != nil && !trust {
		return nil, t.fail(ctx, "restore", path, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if trust && t.forgotten(kept) {
		t.gone[path] = true
	}
	var out []migration.BlockRef
	known := map[string]bool{}
	for _, r := range kept {
		if size, ok := there[r.ID]; trust && !t.gone[path] || ok && size == r.Size {
			out = append(out, migration.BlockRef{ID: r.ID, Size: r.Size, Offset: -1})
			known[r.ID] = true
		}
	}
	t.known[path] = known
	delete(t.gone, path)
	return out, nil
}

// believed is how long after the last block of an object all are taken to be
// there. The service keeps them for a week from then; a day is left for a
// clock that is wrong and for the run that goes on with them.
const believed = 6 * 24 * time.Hour

// forgotten tells whether the service may have dropped the blocks.
func (t *Target) forgotten(blocks []migration.BlockRef) bool {
	var last time.Time
	for _, b := range blocks {
		if b.At.After(last) {
			last = b.At
		}
	}
	return !last.IsZero() && t.opts.Now().Sub(last) > believed
}

// blockList returns the blocks of an object with their sizes by id; of an id
// that is there twice the one that a Commit would take.
func (t *Target) blockList(ctx context.Context, path string) (map[string]int64, error) {
	resp, err := t.blob(path).GetBlockList(t.sized(ctx, 8<<20), blockblob.BlockListTypeAll, nil)
	if s := t.status(err); s != nil && s.Status == http.StatusNotFound && s.Code != "ContainerNotFound" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, b := range slices.Concat(resp.CommittedBlocks, resp.UncommittedBlocks) {
		if b == nil || b.Name == nil || b.Size == nil {
			continue
		}
		id, err := base64.StdEncoding.DecodeString(*b.Name)
		if err == nil {
			out[string(id)] = *b.Size
		}
	}
	return out, nil
}

// staged is blockList for a Put: without the right to read nothing is there.
func (t *Target) staged(ctx context.Context, path string) (map[string]int64, error) {
	left, err := t.blockList(ctx, path)
	if t.lacksRight(err) {
		return nil, nil
	}
	return left, err
}

// Commit makes the object of the listed blocks, in this order, and compares its
// size where that may be read. Its MD5 is not known: nobody has seen all of it.
func (t *Target) Commit(ctx context.Context, path string, blocks []migration.BlockRef) error {
	if err := t.ready(ctx, path, true); err != nil {
		return err
	}
	ids, size, err := t.list(path, blocks)
	if err != nil {
		return migration.Fail("commit", path, err, migration.Msg("hint.azure.blocks-gone", "Path", path))
	}
	_, err = t.blob(path).CommitBlockList(t.sized(ctx, listSize(len(ids))), ids, nil)
	if t.code(err, "InvalidBlockList") {
		t.mu.Lock()
		t.gone[path] = true
		t.mu.Unlock()
	}
	if err != nil {
		return t.fail(ctx, "commit", path, err)
	}
	return t.checkSize(ctx, path, size)
}

// list encodes the ids and refuses those that Restore has forgotten.
func (t *Target) list(path string, blocks []migration.BlockRef) (ids []string, size int64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.known[path]
	for _, b := range blocks {
		if known != nil && !known[b.ID] {
			return nil, 0, fmt.Errorf("block %q: %w: not staged", b.ID, migration.ErrNotFound)
		}
		ids = append(ids, encodeID(b.ID))
		size += b.Size
	}
	return ids, size, nil
}

func (t *Target) checkSize(ctx context.Context, path string, want int64) error {
	p, err := t.blob(path).GetProperties(t.sized(ctx, 0), nil)
	if t.lacksRight(err) {
		return nil
	}
	if err != nil {
		return t.fail(ctx, "check size of", path, err)
	}
	if p.ContentLength == nil || *p.ContentLength != want {
		return migration.Fail("commit", path, fmt.Errorf("object has %d bytes instead of %d", deref(p.ContentLength), want),
			migration.Msg("hint.azure.size", "Path", path))
	}
	return nil
}

func deref(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}
