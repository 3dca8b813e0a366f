package azure

import (
	"bytes"
	"context"
	"crypto/md5"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"omt/migration"
)

const probeText = "omt probe\n"

// Probe tries each right on .omt-tmp/probe: to list, to write blocks and whole
// objects, to read. The object is removed where that is permitted; a ticket
// need not permit it, and then the object stays. The right to create alone is
// no right to write: nothing could be staged, and session.json not replaced.
func (t *Target) Probe(ctx context.Context) (migration.Rights, error) {
	r := migration.Rights{Free: -1}
	if err := ctx.Err(); err != nil {
		return r, err
	}
	var err error
	for _, try := range []struct {
		op    string
		right *bool
		do    func(context.Context) error
	}{
		{"list", &r.List, t.probeList}, {"write to", &r.Write, t.probeWrite}, {"read from", &r.Read, t.probeRead},
	} {
		if *try.right, err = t.allowed(ctx, try.op, try.do); err != nil {
			return r, err
		}
	}
	if r.Write {
		_, err = t.allowed(ctx, "delete from", t.probeDelete)
	}
	return r, err
}

// allowed splits an error into the answer "not permitted" and real failures.
func (t *Target) allowed(ctx context.Context, op string, do func(context.Context) error) (bool, error) {
	err := do(t.sized(ctx, 0))
	if t.lacksRight(err) {
		return false, ctx.Err()
	}
	return err == nil, t.fail(ctx, op, t.addr.shown, err)
}

func (t *Target) probeList(ctx context.Context) error {
	one := int32(1)
	_, err := t.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{MaxResults: &one}).NextPage(ctx)
	return err
}

func (t *Target) probeWrite(ctx context.Context) error {
	if t.lost.Load() {
		return t.lostError()
	}
	data := []byte(probeText)
	sum := md5.Sum(data)
	if err := t.stageBlock(ctx, probeName, encodeID("probe"), data, sum); err != nil {
		return err
	}
	// The whole object drops the block that was staged.
	_, err := t.blob(probeName).Upload(ctx, streaming.NopCloser(bytes.NewReader(data)), &blockblob.UploadOptions{
		TransactionalValidation: blob.TransferValidationTypeMD5(sum[:]),
	})
	return err
}

// probeRead reads what probeWrite has written. If it could not write, the
// answer that there is no such object is given only to those who may read.
func (t *Target) probeRead(ctx context.Context) error {
	_, err := t.blob(probeName).GetProperties(ctx, nil)
	if t.absent(err) {
		return nil
	}
	return err
}

func (t *Target) probeDelete(ctx context.Context) error {
	_, err := t.blob(probeName).Delete(ctx, nil)
	if t.absent(err) {
		return nil // a second program that probes at the same time was faster
	}
	return err
}

// absent tells a missing object from a missing container. The answer to HEAD
// has no body, but the code stands in its header.
func (t *Target) absent(err error) bool {
	s := t.status(err)
	return s != nil && s.Status == 404 && s.Code != "ContainerNotFound"
}
