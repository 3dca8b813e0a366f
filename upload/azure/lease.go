package azure

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	blobLease "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"

	"omt/migration"
)

// Times of the lease. Looked after more often than renewed, so that it counts
// as lost here before it ends at the service and another program may take it.
const (
	leaseTime  = 60 * time.Second
	renewAfter = 20 * time.Second
	lookEvery  = 5 * time.Second
	leaseSpare = 5 * time.Second
	leaseTry   = 5 * time.Second
	// releaseTime bounds giving back: a program that is told to stop ends within
	// two seconds, and a lease that is not given back ends within a minute.
	releaseTime = 1500 * time.Millisecond
)

// lease keeps the service's lease on session.lock.
type lease struct {
	t      *Target
	client *blobLease.BlobClient
	until  time.Time // when it ends at the service, at the earliest
	sent   time.Time // when it was renewed last
	lost   chan struct{}
	cause  error // of the loss; written before lost is closed
	ctx    context.Context
	stop   context.CancelFunc
	done   chan struct{}
	once   sync.Once
	err    error
}

// Lease takes the lease on session.lock, which is made if it is not there. A
// program that was killed leaves its lease for up to a minute; on the same
// computer that is waited for.
func (t *Target) Lease(ctx context.Context, holder string) (migration.Lease, error) {
	return t.take(ctx, holder, func() (*lease, error) {
		l, err := t.acquire(ctx, "")
		if t.code(err, "LeaseAlreadyPresent") {
			l, err = t.waitForDead(ctx)
		}
		return l, err
	})
}

// take makes the lock, has get take the lease on it, and keeps it.
func (t *Target) take(ctx context.Context, holder string, get func() (*lease, error)) (migration.Lease, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := t.makeLock(ctx); err != nil {
		return nil, t.fail(ctx, "lock", lockName, err)
	}
	l, err := get()
	if err != nil {
		return nil, t.fail(ctx, "lock", lockName, err)
	}
	if err := t.sign(ctx, l, holder); err != nil {
		_, rerr := l.client.ReleaseLease(t.retrying(context.WithoutCancel(ctx), 1, leaseTry, shouldRetry), nil)
		return nil, errors.Join(t.fail(ctx, "lock", lockName, err), t.fail(context.WithoutCancel(ctx), "unlock", lockName, rerr))
	}
	l.ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	t.mu.Lock()
	t.lease = l
	t.mu.Unlock()
	t.lost.Store(false)
	ticks, stopTicks := t.opts.Tick(lookEvery)
	go l.keep(ticks, stopTicks)
	return l, nil
}

// makeLock makes session.lock without touching one that is there.
func (t *Target) makeLock(ctx context.Context) error {
	anyTag := azcore.ETagAny
	_, err := t.blob(lockName).Upload(t.sized(ctx, 0), streaming.NopCloser(bytes.NewReader(nil)), &blockblob.UploadOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &anyTag}},
	})
	if s := t.status(err); s != nil && (s.Status == http.StatusConflict || s.Status == http.StatusPreconditionFailed) {
		return nil
	}
	return err
}

// acquire takes the lease under an id that is chosen here, if the caller has
// none, so that a repetition after a lost reply finds it taken by itself.
func (t *Target) acquire(ctx context.Context, id string) (*lease, error) {
	var o blobLease.BlobClientOptions
	if id != "" {
		o.LeaseID = &id
	}
	c, err := blobLease.NewBlobClient(t.blob(lockName), &o)
	if err != nil {
		return nil, err
	}
	sent := t.now()
	if _, err := c.AcquireLease(t.retrying(ctx, maxTries, leaseTry, shouldRetry), int32(leaseTime/time.Second), nil); err != nil {
		return nil, err
	}
	// Repeated, the last try was later than sent, which errs on the safe side.
	return t.newLease(c, sent), nil
}

func (t *Target) newLease(c *blobLease.BlobClient, sent time.Time) *lease {
	return &lease{t: t, client: c, sent: sent, until: sent.Add(leaseTime), lost: make(chan struct{}), done: make(chan struct{})}
}

// now is wall time: the monotonic clock stands still while a computer sleeps,
// the lease does not.
func (t *Target) now() time.Time { return t.opts.Now().Round(0) }

// keep renews until Release, or until the lease is lost.
func (l *lease) keep(ticks <-chan time.Time, stopTicks func()) {
	defer close(l.done)
	defer stopTicks()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-ticks:
		}
		if err := l.holds(); err != nil && l.ctx.Err() == nil {
			l.cause = err
			l.t.lost.Store(true)
			close(l.lost)
			return
		}
	}
}

// holds renews the lease when it is time and tells why it is no longer ours. A
// failure that may pass is tried again at the next tick, as long as the lease
// lasts; an answer of the service that it is gone is final.
func (l *lease) holds() error {
	now := l.t.now()
	if now.Sub(l.sent) < renewAfter && !now.Before(l.sent) {
		return nil
	}
	_, err := l.client.RenewLease(l.t.retrying(l.ctx, 1, leaseTry, shouldRetry), nil)
	if err == nil {
		l.sent, l.until = now, now.Add(leaseTime)
		return nil
	}
	s := l.t.status(err)
	if s != nil && (s.Status == http.StatusConflict || s.Status == http.StatusPreconditionFailed || s.Status == http.StatusNotFound) {
		return l.t.lostError()
	}
	if l.t.now().Before(l.until.Add(-leaseSpare)) {
		return nil
	}
	// During a pause nobody else meets the end of the signature.
	if s != nil && s.Status == http.StatusForbidden && l.t.ended(s.At) {
		return l.t.refused("renew lease on", l.t.addr.shown, s)
	}
	return l.t.lostError()
}

// Cause implements migration.Explainer.
func (l *lease) Cause() error { return l.cause }

// Lost is closed when the lease ended or another has it.
func (l *lease) Lost() <-chan struct{} { return l.lost }

// Release gives the lease back. session.lock stays and says who was there last.
// A lease that was lost is not given back.
func (l *lease) Release() error {
	l.once.Do(func() {
		l.stop()
		<-l.done
		l.t.mu.Lock()
		if l.t.lease == l {
			l.t.lease = nil
		}
		l.t.mu.Unlock()
		select {
		case <-l.lost:
			return
		default:
		}
		ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
		defer cancel()
		_, err := l.client.ReleaseLease(l.t.retrying(ctx, 2, leaseTry, shouldRetry), nil)
		l.err = l.t.fail(context.Background(), "unlock", lockName, err)
	})
	return l.err
}

var _ migration.Explainer = (*lease)(nil)
