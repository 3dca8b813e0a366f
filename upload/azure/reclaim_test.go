package azure_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"omt/migration"
	"omt/upload/azure"
	"omt/upload/uploadtest"
)

const (
	id1 = "11111111-1111-4111-8111-111111111111"
	id2 = "22222222-2222-4222-8222-222222222222"
)

// signAs writes session.lock as the holder of the lease id1.
func signAs(t *testing.T, container string, h azure.Holder) {
	t.Helper()
	u, err := url.Parse(container)
	must(t, err)
	u.Path += "/session.lock"
	c, err := blockblob.NewClientWithNoCredential(u.String(), nil)
	must(t, err)
	b, err := json.Marshal(h)
	must(t, err)
	id := id1
	_, err = c.UploadBuffer(context.Background(), b, &blockblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{LeaseAccessConditions: &blob.LeaseAccessConditions{LeaseID: &id}},
	})
	must(t, err)
}

// The lease of a killed process is taken over by whoever knows its id, unless
// session.lock names another computer or a process that runs; the one from which
// it is taken writes no more. A reply that is lost on the way does no harm.
func TestLeaseOfOwnKilledProcess(t *testing.T) {
	for _, c := range []struct {
		name    string
		host    string
		running bool
		lose    bool // the reply to the change is lost
		ok      bool
	}{
		{"killed", "PC-7", false, false, true}, {"killed, and a reply is lost", "PC-7", false, true, true},
		{"still running", "PC-7", true, false, false}, {"another computer", "PC-8", false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var changes atomic.Int32
			s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
				if r.Lease == "change" {
					return uploadtest.BlobFault{LostReply: changes.Add(1) == 1 && c.lose}
				}
				return uploadtest.BlobFault{}
			}})
			base := s.Serve(t)
			old := newClock()
			o := old.options()
			o.Host = c.host
			x := open(t, s.Address(base, "c", "rcwl"), o)
			before, err := x.LeaseAs(context.Background(), "first", id1, nil)
			must(t, err)
			// The lock names this very process, which counts as gone.
			if c.running {
				signAs(t, s.Address(base, "c", "rcwl"), azure.Holder{Holder: "first", Host: c.host, PID: os.Getppid(), Since: old.Now()})
			}
			now := newClock()
			o = now.options()
			o.Host, o.Running = "PC-7", func(int) bool { return c.running }
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer cancel()
			if c.ok {
				ctx = context.Background()
			}
			y := open(t, s.Address(base, "c", "rcwl"), o)
			l, err := y.LeaseAs(ctx, "second", id2, []string{id1})
			if !c.ok {
				if err == nil {
					t.Fatal("it was taken")
				}
				if !errors.Is(err, migration.ErrLeaseHeld) && !errors.Is(err, context.DeadlineExceeded) {
					t.Fatal(err)
				}
				if changes.Load() != 0 {
					t.Error("it was tried to be taken")
				}
				return
			}
			must(t, err)
			must(t, put(y, "a", []byte("ours")))
			old.pass(21*time.Second, before.Lost())
			<-before.Lost()
			if err := put(x, "a", []byte("late")); !errors.Is(err, migration.ErrLeaseLost) {
				t.Errorf("the one before writes: %v", err)
			}
			now.pass(21*time.Second, l.Lost())
			must(t, put(y, "a", []byte("still ours")))
			must(t, l.Release())
		})
	}
}
