package azure

import (
	"context"
	"net/http"
	"os"

	blobLease "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"

	"omt/migration"
)

// LeaseAs takes the lease under an id that the caller has recorded before. If it
// is held under one of the earlier ids, the process that held it was the caller's
// own and is gone: the lease is changed to the new id, by which whoever still held
// it would lose it, and there is nothing to wait for. A holder that session.lock
// names and that still runs, here or elsewhere, keeps it.
func (t *Target) LeaseAs(ctx context.Context, holder, id string, earlier []string) (migration.Lease, error) {
	return t.take(ctx, holder, func() (*lease, error) {
		l, err := t.acquire(ctx, id)
		if !t.code(err, "LeaseAlreadyPresent") {
			return l, err
		}
		if len(earlier) > 0 && !t.alive(ctx) {
			for _, e := range earlier {
				if l, err := t.change(ctx, e, id); !t.foreign(err) {
					return l, err
				}
			}
		}
		return t.waitForDead(ctx)
	})
}

// alive tells whether session.lock names a process that may still hold the lease:
// one of another computer, or one of this that runs. Where it may not be read the
// ids alone decide.
func (t *Target) alive(ctx context.Context) bool {
	h := t.holder(ctx)
	switch {
	case h.Host == "?":
		return false
	case h.Host != t.opts.Host:
		return true
	}
	return h.PID != os.Getpid() && t.opts.Running(h.PID)
}

// change gives a lease that is held under one id another one and its full time.
func (t *Target) change(ctx context.Context, from, to string) (*lease, error) {
	c, err := blobLease.NewBlobClient(t.blob(lockName), &blobLease.BlobClientOptions{LeaseID: &from})
	if err != nil {
		return nil, err
	}
	tries := t.retrying(ctx, maxTries, leaseTry, shouldRetry)
	if _, err := c.ChangeLease(tries, to, nil); err != nil {
		return nil, err
	}
	sent := t.now()
	if _, err := c.RenewLease(tries, nil); err != nil {
		return nil, err
	}
	return t.newLease(c, sent), nil
}

// foreign tells that an id is not that of the lease.
func (t *Target) foreign(err error) bool {
	s := t.status(err)
	return s != nil && (s.Status == http.StatusConflict || s.Status == http.StatusPreconditionFailed)
}

var _ migration.Reclaimer = (*Target)(nil)
