package azure

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"omt/migration"
)

// window is how much is asked for at once. A request for a whole package would
// have no useful bound in time: it ends when the package was read, however slow.
const window = 16 << 20

// Open reads an object in windows. That it is the same object from beginning to
// end is assured by its ETag: replaced in between, the read fails with
// ErrChanged. Beyond the end there is nothing to read and no error.
func (t *Target) Open(ctx context.Context, path string, offset, length int64) (io.ReadCloser, error) {
	if err := t.ready(ctx, path, false); err != nil {
		return nil, err
	}
	return t.read(ctx, path, offset, length)
}

func (t *Target) read(ctx context.Context, path string, offset, length int64) (io.ReadCloser, error) {
	if offset < 0 || length < -1 {
		return nil, fmt.Errorf("open %s: no such range", path)
	}
	r := &reader{ctx: ctx, t: t, path: path, offset: offset, left: length}
	if err := r.next(); err != nil {
		return nil, err
	}
	return r, nil
}

// reader is used by one goroutine.
type reader struct {
	ctx    context.Context
	t      *Target
	path   string
	offset int64 // of the next byte
	left   int64 // bytes still to be read, -1 until the size is known
	body   io.ReadCloser
	etag   *azcore.ETag
}

// next asks for the next window.
func (r *reader) next() error {
	// One byte at least, so that an object that is not there is noticed.
	count := int64(window)
	if r.left >= 0 {
		count = min(count, max(r.left, 1))
	}
	o := &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: r.offset, Count: count}}
	if r.etag != nil {
		o.AccessConditions = &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: r.etag}}
	}
	ctx := r.t.sized(r.ctx, count)
	resp, err := r.t.blob(r.path).DownloadStream(ctx, o)
	if s := r.t.status(err); s != nil && s.Status == http.StatusRequestedRangeNotSatisfiable {
		r.left, r.body = 0, http.NoBody
		return nil
	}
	if r.t.code(err, "ConditionNotMet") {
		return migration.Fail("read", r.path, fmt.Errorf("%w: %w", migration.ErrChanged, r.t.status(err)), migration.Msg("hint.azure.replaced", "Path", r.path))
	}
	if err != nil {
		return r.t.fail(r.ctx, "read", r.path, err)
	}
	r.body = resp.NewRetryReader(ctx, &blob.RetryReaderOptions{MaxRetries: maxTries - 1, EarlyCloseAsError: true})
	r.etag = resp.ETag
	total, err := totalOf(resp.ContentRange)
	if err != nil {
		return fmt.Errorf("read %s: %w", r.path, err)
	}
	if r.left < 0 || r.left > total-r.offset {
		r.left = max(total-r.offset, 0)
	}
	return nil
}

// totalOf reads the size of the object out of "bytes 0-9/100".
func totalOf(contentRange *string) (int64, error) {
	if contentRange == nil {
		return 0, fmt.Errorf("storage has answered with no range")
	}
	_, total, _ := strings.Cut(*contentRange, "/")
	n, err := strconv.ParseInt(total, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("storage has answered with an unreadable range")
	}
	return n, nil
}

func (r *reader) Read(p []byte) (int, error) {
	for {
		if err := r.ctx.Err(); err != nil {
			return 0, err
		}
		if r.left == 0 {
			return 0, io.EOF
		}
		if r.body == nil {
			if err := r.next(); err != nil {
				return 0, err
			}
			continue
		}
		n, err := r.body.Read(p[:min(int64(len(p)), r.left)])
		r.offset += int64(n)
		r.left -= int64(n)
		if err == io.EOF {
			err = r.endWindow()
		}
		if n > 0 || err != nil {
			return n, r.t.fail(r.ctx, "read", r.path, err)
		}
	}
}

func (r *reader) endWindow() error {
	err := r.body.Close()
	r.body = nil
	return err
}

// Close ends reading, also before the end.
func (r *reader) Close() error {
	r.left = 0
	if r.body == nil {
		return nil
	}
	return r.endWindow()
}

// List yields objects page by page as the service orders them.
func (t *Target) List(ctx context.Context, prefix string, yield func(migration.Object) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o := &container.ListBlobsFlatOptions{}
	if prefix != "" {
		o.Prefix = &prefix
	}
	pages := t.container.NewListBlobsFlatPager(o)
	for pages.More() {
		page, err := pages.NextPage(t.sized(ctx, 4<<20))
		if err != nil {
			return t.fail(ctx, "list", t.addr.shown, err)
		}
		if page.Segment == nil {
			continue
		}
		for _, item := range page.Segment.BlobItems {
			if item == nil || item.Name == nil || item.Properties == nil || own(*item.Name) {
				continue
			}
			if err := yield(object(item)); err != nil {
				return err
			}
		}
	}
	return nil
}

func object(item *container.BlobItem) migration.Object {
	o := migration.Object{Path: *item.Name, Size: deref(item.Properties.ContentLength), MD5: item.Properties.ContentMD5}
	if at := item.Properties.LastModified; at != nil {
		o.Modified = *at
	}
	return o
}
