package azure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"omt/migration"
)

// Holder is the content of session.lock: who holds the lease, or held it last.
type Holder struct {
	Holder string    `json:"holder"`
	Host   string    `json:"host"`
	PID    int       `json:"pid"`
	Since  time.Time `json:"since"`
}

// maxHolder bounds what is read of a lock that somebody else wrote.
const maxHolder = 4 << 10

// waitForDead waits for a lease that an ended process of this computer has
// left, and fails at once if the holder is somebody else.
func (t *Target) waitForDead(ctx context.Context) (*lease, error) {
	h := t.holder(ctx)
	if h.Host != t.opts.Host || h.PID == os.Getpid() {
		return nil, heldError(h)
	}
	ticks, stop := t.opts.Tick(lookEvery)
	defer stop()
	for end := t.now().Add(leaseTime + leaseSpare); t.now().Before(end); {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ticks:
		}
		l, err := t.acquire(ctx, "")
		if !t.code(err, "LeaseAlreadyPresent") {
			return l, err
		}
	}
	return nil, heldError(h)
}

func heldError(h Holder) error {
	since := h.Since.UTC().Format(time.RFC3339)
	return migration.Fail("lock", lockName, fmt.Errorf("%w: held by %q on %q since %s", migration.ErrLeaseHeld, h.Holder, h.Host, since),
		migration.Msg("hint.azure.lease-held", "Holder", h.Holder, "Host", h.Host, "PID", h.PID, "Since", since))
}

// holder reads who holds the lease. Whoever may not read, or comes while it is
// being written, gets an unknown holder.
func (t *Target) holder(ctx context.Context) Holder {
	unknown := Holder{Holder: "?", Host: "?"}
	r, err := t.read(ctx, lockName, 0, maxHolder)
	if err != nil {
		return unknown
	}
	b, err := io.ReadAll(r)
	var h Holder
	if errors.Join(err, r.Close()) != nil || json.Unmarshal(b, &h) != nil {
		return unknown
	}
	h.Holder, h.Host = printable(h.Holder), printable(h.Host)
	return h
}

// printable keeps a foreign text from steering a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// sign writes who holds the lease.
func (t *Target) sign(ctx context.Context, l *lease, holder string) error {
	b, err := json.MarshalIndent(Holder{Holder: holder, Host: t.opts.Host, PID: os.Getpid(), Since: t.now().UTC()}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode holder: %w", err)
	}
	_, err = t.blob(lockName).Upload(t.sized(ctx, 0), streaming.NopCloser(bytes.NewReader(append(b, '\n'))), &blockblob.UploadOptions{
		AccessConditions: &blob.AccessConditions{LeaseAccessConditions: &blob.LeaseAccessConditions{LeaseID: l.client.LeaseID()}},
	})
	return err
}
