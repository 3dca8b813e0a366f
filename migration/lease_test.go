package migration_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
	"omt/upload/azure"
	"omt/upload/uploadtest"
)

// killedLease is a container as a killed process leaves it: the lease is neither
// renewed nor given back.
type killedLease struct {
	*azure.Target
	sent *atomic.Int32 // documents; at the twentieth the process is killed
}

func (k killedLease) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if uploadtest.IsDocument(path) && k.sent.Add(1) >= 20 || k.sent.Load() >= 20 {
		return migration.Fail("put", path, errors.Join(errKilled, migration.ErrForbidden), migration.Msg("hint.target.readonly"))
	}
	return k.Target.Put(ctx, path, body, sum)
}

func (k killedLease) LeaseAs(ctx context.Context, holder, id string, earlier []string) (migration.Lease, error) {
	l, err := k.Target.LeaseAs(ctx, holder, id, earlier)
	return unreleased{l}, err
}

type unreleased struct{ migration.Lease }

func (unreleased) Release() error { return nil }

// errKilled ends a process of a test in the middle of its work.
var errKilled = errors.New("killed")

// TestStartAfterKillNeedNotWait: the process after a killed one sends its first
// document within five seconds, although the lease of the killed one lasts a
// minute; with the journal of another computer it waits for nothing and takes
// nothing.
func TestStartAfterKillNeedNotWait(t *testing.T) {
	onMemoryDisk(t)
	for _, c := range []struct {
		name  string
		host  string // of the second process
		again bool
	}{{"the same computer", "", true}, {"another computer", "PC-9", false}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var first time.Time
				s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Line: uploadtest.Line{RTT: 20 * time.Millisecond}, Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
					mu.Lock()
					defer mu.Unlock()
					if r.Op == uploadtest.BlobPut && uploadtest.IsDocument(r.Path) && first.IsZero() {
						first = time.Now()
					}
					return uploadtest.BlobFault{}
				}})
				base, tr := s.ServePipe(t)
				w := newWorld(t, newFakeSource(1, 20, 30))
				open := func(o azure.Options) *azure.Target {
					o.Transport = tr
					x, err := azure.Open(s.Address(base, "c", "rcwl"), o)
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = x.Close() })
					return x
				}
				never := func(time.Duration) (<-chan time.Time, func()) { return make(chan time.Time), func() {} }
				w.memory = killedLease{open(azure.Options{Host: "PC-7", Tick: never}), &atomic.Int32{}}
				if _, err := w.process(t.Context(), w.plan); !errors.Is(err, errKilled) {
					t.Fatalf("the first process ends with %v", err)
				}
				mu.Lock()
				first = time.Time{}
				mu.Unlock()
				host := "PC-7"
				if c.host != "" {
					host, w.host = c.host, c.host
				}
				w.memory = open(azure.Options{Host: host, Running: func(int) bool { return false }})
				begin := time.Now()
				_, err := w.process(t.Context(), nil)
				if !c.again {
					if !errors.Is(err, migration.ErrLeaseHeld) {
						t.Fatalf("on another computer: %v, want ErrLeaseHeld", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if after := first.Sub(begin); first.IsZero() || after > 5*time.Second {
					t.Errorf("the first document after %s", after)
				}
			})
		})
	}
}
