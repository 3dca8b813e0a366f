package migration_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
	"omt/migration/journal"
	"omt/upload/azure"
	"omt/upload/uploadtest"
)

// onServer puts a container of the scripted server in place of the folder of a
// world. What arrives is saved into the folder by arrived.
func (w *world) onServer(s *uploadtest.BlobServer) {
	w.t.Helper()
	base, tr := s.ServePipe(w.t)
	x, err := azure.Open(s.Address(base, "c", "rcwl"), azure.Options{Transport: tr})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = x.Close() }) // a lease that was cut off cannot be given back
	w.memory = x
}

// arrived saves what the container holds for a comparison.
func (w *world) arrived(s *uploadtest.BlobServer) {
	w.t.Helper()
	w.target = filepath.Join(w.t.TempDir(), "arrived")
	if err := s.Save("c", w.target); err != nil {
		w.t.Fatal(err)
	}
}

// A run through the engine to a storage service at which every eighth request
// fails in one way ends equal to a run at which nothing fails, or stops with
// words for people; then the next one ends equal.
func TestRunThroughFaults(t *testing.T) {
	source := func() *fakeSource { return newFakeSource(2, 40, 12) }
	server := uploadtest.NewBlobServer(uploadtest.BlobOptions{})
	whole := newWorld(t, source())
	whole.onServer(server)
	whole.mustRun(whole.plan)
	whole.arrived(server)
	want := whole.fingerprint()
	for name, c := range map[string]struct {
		fault uploadtest.BlobFault
		stops bool
	}{
		"503":          {uploadtest.BlobFault{Status: 503, Code: "ServerBusy"}, false},
		"429":          {uploadtest.BlobFault{Status: 429, Code: "TooManyRequests"}, false},
		"reset":        {uploadtest.BlobFault{Reset: true, After: 10}, false},
		"early EOF":    {uploadtest.BlobFault{EarlyEOF: true, After: 10}, false},
		"lost reply":   {uploadtest.BlobFault{LostReply: true}, false},
		"flip":         {uploadtest.BlobFault{Flip: true, After: 10}, false},
		"stall":        {uploadtest.BlobFault{Stall: true, After: 10}, false},
		"wrong length": {uploadtest.BlobFault{Wrong: -1}, true},
		"403":          {uploadtest.BlobFault{Status: 403, Code: "AuthenticationFailed"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				n, healed := 0, false
				s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
					mu.Lock()
					defer mu.Unlock()
					moves := r.Op == uploadtest.BlobPut || r.Op == uploadtest.BlobBlock || r.Op == uploadtest.BlobCommit || r.Op == uploadtest.BlobGet || r.Op == uploadtest.BlobHead && c.fault.Wrong != 0
					if !moves || healed {
						return uploadtest.BlobFault{}
					}
					if n++; n%8 != 7 && c.fault.Wrong == 0 {
						return uploadtest.BlobFault{}
					}
					return c.fault
				}})
				w := newWorld(t, source())
				w.onServer(s)
				_, err := w.process(context.Background(), w.plan)
				if err != nil && migration.HintOf(err).ID == "" {
					t.Errorf("%v says nothing to people", err)
				}
				if (err != nil) != c.stops {
					t.Errorf("run ended with %v, want a stop: %v", err, c.stops)
				}
				if err != nil {
					if strings.Contains(fmt.Sprint(err), "sig=") {
						t.Errorf("%v holds the signature", err)
					}
					mu.Lock()
					healed = true
					mu.Unlock()
					plan := w.plan
					if _, err = w.process(context.Background(), nil); errors.Is(err, migration.ErrNothingToResume) {
						_, err = w.process(context.Background(), plan)
					}
					if err != nil {
						t.Fatalf("next run: %v", err)
					}
				}
				w.arrived(s)
				w.sameAs(want)
			})
		})
	}
}

// What the journal knew when the process ended is not sent again: counted in
// the log of the server and not by the engine itself.
func TestServerSeesNothingTwice(t *testing.T) {
	for _, at := range []int{4, 11, 19, 27, 35} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			documents := 0
			var mu sync.Mutex
			s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
				mu.Lock()
				defer mu.Unlock()
				if r.Op != uploadtest.BlobPut || !strings.HasPrefix(r.Path, "documents/") {
					return uploadtest.BlobFault{}
				}
				if documents++; documents == at {
					cancel()
					return uploadtest.BlobFault{LostReply: true}
				}
				return uploadtest.BlobFault{}
			}})
			w := newWorld(t, newFakeSource(2, 40, 40))
			w.onServer(s)
			if _, err := w.process(ctx, w.plan); !errors.Is(err, context.Canceled) {
				t.Fatalf("run was not cut: %v", err)
			}
			before := sentDocuments(s)
			res, err := w.process(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			again := 0
			after := sentDocuments(s)
			for path, n := range after {
				if before[path] > 0 && n > before[path] {
					again++
				}
			}
			if len(after) != 40 || int(res.Counts.Skipped) != len(before)-again {
				t.Errorf("%d documents arrived; the journal knew %d of %d and %d were sent again", len(after), res.Counts.Skipped, len(before), again)
			}
			// Those in flight: as many as there are senders.
			if again > 3 {
				t.Errorf("%d documents were sent again, at most 3 may be", again)
			}
		})
	}
}

// sentDocuments counts by path how often the server did what a PUT asked for.
func sentDocuments(s *uploadtest.BlobServer) map[string]int {
	out := map[string]int{}
	for _, r := range s.RequestsOf(uploadtest.BlobPut) {
		if r.Worked && strings.HasPrefix(r.Path, "documents/") {
			out[r.Path]++
		}
	}
	return out
}

// A run that is told to stop while the service answers nothing any more ends
// within two seconds; the next one completes it.
func TestStopsWhileServiceStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var mu sync.Mutex
		stalls := false
		var told time.Time
		s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
			mu.Lock()
			defer mu.Unlock()
			if r.Op == uploadtest.BlobPut && strings.HasPrefix(r.Path, "documents/") && r.N > 8 && told.IsZero() {
				stalls, told = true, time.Now().Add(time.Second)
				time.AfterFunc(time.Second, cancel)
			}
			return uploadtest.BlobFault{Stall: stalls}
		}})
		w := newWorld(t, newFakeSource(2, 40, 30))
		w.onServer(s)
		if _, err := w.process(ctx, w.plan); !errors.Is(err, context.Canceled) {
			t.Errorf("run ended with %v, want Canceled", err)
		}
		mu.Lock()
		if d := time.Since(told); told.IsZero() || d < 0 || d > 2*time.Second {
			t.Errorf("the run ended %v after it was told to", d)
		}
		stalls = false
		mu.Unlock()
		// The lease could not be given back; it ends by itself.
		time.Sleep(time.Minute)
		if _, err := w.process(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
}

// TestSignatureEndsOnTheWay: a signature that ends in the middle of a run stops it
// with that reason. No document is judged by it, and with a new signature of the same
// container the next start goes on where it stood and ends equal to a run that
// nothing stopped.
func TestSignatureEndsOnTheWay(t *testing.T) {
	source := func() *fakeSource { return newFakeSource(2, 40, 12) }
	whole := newWorld(t, source())
	whole.mustRun(whole.plan)
	want := whole.fingerprint()
	synctest.Test(t, func(t *testing.T) {
		s := uploadtest.NewBlobServer(uploadtest.BlobOptions{})
		base, tr := s.ServePipe(t)
		open := func() *azure.Target {
			x, err := azure.Open(s.Address(base, "c", "rcwl"), azure.Options{Transport: tr}) // ends in an hour
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		w := newWorld(t, source())
		first := open()
		w.memory = first
		var control *migration.Control
		_, err := w.steered(t.Context(), func(p *migration.Progress) {
			control = p.Control()
			time.AfterFunc(50*time.Minute, func() { control.SetLimit(0) })
			control.SetLimit(1) // 1200 bytes of documents alone take 20 minutes
			time.AfterFunc(10*time.Minute, control.Pause)
			time.AfterFunc(2*time.Hour, control.Continue)
		})
		if !errors.Is(err, migration.ErrExpired) || migration.HintOf(err).ID != "hint.azure.expired" || strings.Contains(err.Error(), "sig=") {
			t.Fatalf("the run ended with %v and hint %q", err, migration.HintOf(err).ID)
		}
		_ = first.Close() // its lease cannot be given back
		outcomes := map[string]int{}
		err = w.open(nil, w.src, func(m *migration.Migration) error {
			return m.Journal.Objects(t.Context(), "", func(o journal.Object) error {
				outcomes[o.Outcome]++
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if outcomes[string(migration.Uploaded)] == 0 || len(outcomes) > 2 || outcomes[""]+outcomes[string(migration.Uploaded)] != 12 {
			t.Errorf("outcomes %v: some were sent, the others are only planned", outcomes)
		}
		time.Sleep(time.Minute) // the lease has ended
		before := len(sentDocuments(s))
		second := open()
		w.memory = second
		res, err := w.steered(t.Context(), nil)
		if err != nil || int(res.Counts.Skipped) < before-3 || res.Begin != migration.BeginResume {
			t.Fatalf("the next start: %v, %+v, %d documents had arrived", err, res, before)
		}
		if err := second.Close(); err != nil {
			t.Error(err)
		}
		w.arrived(s)
		w.sameAs(want)
	})
}
