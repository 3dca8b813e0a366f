package azure

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"omt/migration"
)

const (
	// wholeLimit is the largest object that goes in one request.
	wholeLimit = 8 << 20
	// blockSize is that of the blocks of larger ones, unless there would be too
	// many of them.
	blockSize = 8 << 20
	// maxBlocks is below the service's limit of 50,000.
	maxBlocks = 40_000
)

// Put sends up to 8 MiB in one request and more in blocks. The body is read
// once, by the request itself; only when the service finds other bytes than
// announced is it read again, to tell a body that differs here already from
// damage on the way.
func (t *Target) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if err := t.ready(ctx, path, true); err != nil {
		return err
	}
	put := t.putWhole
	if sum.Size > wholeLimit {
		put = t.putBlocks
	}
	return t.fail(ctx, "put", path, put(ctx, path, body, sum))
}

func (t *Target) putWhole(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if end, err := body.Seek(0, io.SeekEnd); err != nil || end != sum.Size {
		return &sourceError{fmt.Errorf("end at %d of %d bytes: %w", end, sum.Size, orChanged(err))}
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return &sourceError{err}
	}
	var differs error
	again := func(resp *http.Response, err error) bool {
		// An emulator has a code of its own for other bytes than announced.
		if err == nil && resp.StatusCode == http.StatusBadRequest {
			// The try is over, so nobody else reads the body now.
			differs = compare(ctx, body, sum)
		}
		return differs == nil && shouldRetry(resp, err)
	}
	_, err := t.blob(path).Upload(t.retrying(ctx, maxTries, tryTimeout(sum.Size), again), streaming.NopCloser(body), &blockblob.UploadOptions{
		TransactionalValidation: blob.TransferValidationTypeMD5(sum.MD5[:]),
		HTTPHeaders:             &blob.HTTPHeaders{BlobContentMD5: sum.MD5[:]},
	})
	return cmp.Or(differs, err)
}

// compare reads the body to its end and holds it against sum.
func compare(ctx context.Context, body io.ReadSeeker, sum migration.Sum) error {
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return &sourceError{err}
	}
	digest := md5.New()
	// One byte more than announced is enough to know that it is too long.
	n, err := io.Copy(digest, io.LimitReader(&contextReader{ctx, body}, sum.Size+1))
	if err != nil {
		return &sourceError{err}
	}
	return sameSum(n, digest.Sum(nil), sum)
}

func sameSum(n int64, digest []byte, sum migration.Sum) error {
	if n == sum.Size && bytes.Equal(digest, sum.MD5[:]) {
		return nil
	}
	return migration.Fail("compare", "body", fmt.Errorf("%w: %d bytes with MD5 %x, announced were %d with %x", migration.ErrChanged, n, digest, sum.Size, sum.MD5),
		migration.Msg("hint.azure.changed"))
}

func orChanged(err error) error {
	if err == nil {
		return migration.ErrChanged
	}
	return err
}

// contextReader ends a read when the caller gives up.
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

// buffers hold one block each.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// putBlocks sends a large object block by block, one after the other: several
// objects are sent at once, and one more block each would only cost memory. A
// block's id is its place and its MD5, so blocks that an interrupted Put of the
// same bytes left behind are used, and blocks of other bytes never are.
func (t *Target) putBlocks(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return &sourceError{err}
	}
	left, err := t.staged(ctx, path)
	if err != nil {
		return err
	}
	size := max(blockSize, (sum.Size+maxBlocks-1)/maxBlocks)
	whole := md5.New()
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	var ids []string
	at := int64(0)
	for at <= sum.Size {
		buf.Reset()
		n, err := io.Copy(io.MultiWriter(buf, whole), io.LimitReader(&contextReader{ctx, body}, size))
		if err != nil {
			return &sourceError{err}
		}
		if n == 0 {
			break
		}
		if t.lost.Load() {
			return t.lostError()
		}
		md := md5.Sum(buf.Bytes())
		id := placeID(at, md)
		if left[id] != n {
			if err := t.stageBlock(ctx, path, encodeID(id), buf.Bytes(), md); err != nil {
				return err
			}
		}
		ids = append(ids, encodeID(id))
		at += n
	}
	if err := sameSum(at, whole.Sum(nil), sum); err != nil {
		return err
	}
	_, err = t.blob(path).CommitBlockList(t.sized(ctx, listSize(len(ids))), ids, &blockblob.CommitBlockListOptions{
		HTTPHeaders: &blob.HTTPHeaders{BlobContentMD5: sum.MD5[:]},
	})
	return err
}

// placeID is 8 bytes of offset and 16 of MD5.
func placeID(at int64, md [md5.Size]byte) string {
	return string(append(binary.BigEndian.AppendUint64(nil, uint64(at)), md[:]...))
}

func encodeID(id string) string { return base64.StdEncoding.EncodeToString([]byte(id)) }

// stageBlock sends one block; the service compares its MD5.
func (t *Target) stageBlock(ctx context.Context, path, id string, data []byte, md [md5.Size]byte) error {
	_, err := t.blob(path).StageBlock(t.sized(ctx, int64(len(data))), id, streaming.NopCloser(bytes.NewReader(data)), &blockblob.StageBlockOptions{
		TransactionalValidation: blob.TransferValidationTypeMD5(md[:]),
	})
	return err
}
