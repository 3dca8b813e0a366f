package azure_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
	"omt/upload/azure"
	"omt/upload/uploadtest"
)

// onLine opens a target on a scripted server in a world where time passes by
// itself (synctest): no pause of these tests takes real time.
func onLine(t *testing.T, o uploadtest.BlobOptions) (*uploadtest.BlobServer, *azure.Target, string) {
	t.Helper()
	s := uploadtest.NewBlobServer(o)
	base, tr := s.ServePipe(t)
	at := s.Address(base, "c", "rcwl")
	return s, open(t, at, azure.Options{Transport: tr}), at
}

// nth lets one fault happen to the nth request of a kind.
func nth(op uploadtest.BlobOp, n int, f uploadtest.BlobFault) func(uploadtest.BlobRequest) uploadtest.BlobFault {
	return func(r uploadtest.BlobRequest) uploadtest.BlobFault {
		if r.Op == op && r.N == n {
			return f
		}
		return uploadtest.BlobFault{}
	}
}

func bytesOf(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i>>13 ^ i*7)
	}
	return b
}

// TestFaultsThatPass: each of them is tried again, after the pause that the
// service asked for, and what arrives is whole.
func TestFaultsThatPass(t *testing.T) {
	faults := map[string]uploadtest.BlobFault{
		"503":        {Status: 503, Code: "ServerBusy", RetryAfter: 7 * time.Second},
		"429":        {Status: 429, Code: "TooManyRequests", RetryAfter: 7 * time.Second},
		"500":        {Status: 500, Code: "InternalError"},
		"reset":      {Reset: true, After: 5},
		"stall":      {Stall: true, After: 5},
		"lost reply": {LostReply: true},
		"flip":       {Flip: true, After: 5},
	}
	for name, f := range faults {
		for _, op := range []uploadtest.BlobOp{uploadtest.BlobPut, uploadtest.BlobBlock, uploadtest.BlobCommit, uploadtest.BlobGet, uploadtest.BlobBlocks} {
			if f.Flip && (op == uploadtest.BlobGet || op == uploadtest.BlobBlocks) {
				continue // what is read is compared by those who know its hash
			}
			t.Run(name+" of "+string(op), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, x, _ := onLine(t, uploadtest.BlobOptions{Fault: nth(op, 1, f)})
					small, large := bytesOf(70_000), bytesOf(9<<20)
					begin := time.Now()
					must(t, put(x, "small", small))
					must(t, put(x, "large", large))
					if !bytes.Equal(read(t, x, "small"), small) || !bytes.Equal(read(t, x, "large"), large) {
						t.Error("other bytes came back")
					}
					if d := time.Since(begin); f.RetryAfter > 0 && (d < f.RetryAfter || d > 2*f.RetryAfter) || d > 2*time.Minute {
						t.Errorf("took %v, the service asked for %v", d, f.RetryAfter)
					}
					want := map[uploadtest.BlobOp]int{uploadtest.BlobPut: 1, uploadtest.BlobBlock: 2, uploadtest.BlobCommit: 1, uploadtest.BlobGet: 2, uploadtest.BlobBlocks: 1}[op] + 1
					if n := len(s.RequestsOf(op)); n != want {
						t.Errorf("%d requests, want %d", n, want)
					}
				})
			})
		}
	}
}

// TestFaultsThatStay: what repeating cannot cure, or what another layer must
// decide on, ends with its own words and without the signature.
func TestFaultsThatStay(t *testing.T) {
	for name, c := range map[string]struct {
		op    uploadtest.BlobOp
		f     uploadtest.BlobFault
		hint  string
		tries int
	}{
		"flip in object": {uploadtest.BlobPut, uploadtest.BlobFault{Flip: true, After: 3}, "hint.azure.damaged", 5},
		"flip in block":  {uploadtest.BlobBlock, uploadtest.BlobFault{Flip: true, After: 3}, "hint.azure.damaged", 5},
		"flip in list":   {uploadtest.BlobCommit, uploadtest.BlobFault{Flip: true, After: 60}, "hint.azure.damaged", 5},
		"wrong length":   {uploadtest.BlobHead, uploadtest.BlobFault{Wrong: -1}, "hint.azure.size", 1},
		"forbidden":      {uploadtest.BlobPut, uploadtest.BlobFault{Status: 403, Code: "AuthorizationPermissionMismatch"}, "hint.azure.forbidden", 1},
		"busy for good":  {uploadtest.BlobPut, uploadtest.BlobFault{Status: 503, Code: "ServerBusy"}, "hint.azure.busy", 5},
		"stall for good": {uploadtest.BlobPut, uploadtest.BlobFault{Stall: true, After: 3}, "hint.azure.unreachable", 5},
		"blocks gone":    {uploadtest.BlobCommit, uploadtest.BlobFault{Status: 400, Code: "InvalidBlockList"}, "hint.azure.blocks-gone", 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, x, at := onLine(t, uploadtest.BlobOptions{Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
					if r.Op == c.op {
						return c.f
					}
					return uploadtest.BlobFault{}
				}})
				err := put(x, "a", bytesOf(70_000))
				if c.op != uploadtest.BlobPut {
					var ref migration.BlockRef
					if ref, err = stage(x, "p", "id", bytesOf(1000)); err == nil {
						err = x.Commit(t.Context(), "p", []migration.BlockRef{ref})
					}
				}
				noSecret(t, at, err)
				if id := migration.HintOf(err).ID; id != c.hint || len(s.RequestsOf(c.op)) != c.tries {
					t.Errorf("%v with hint %q after %d tries, want %q after %d", err, id, len(s.RequestsOf(c.op)), c.hint, c.tries)
				}
			})
		})
	}
}

// TestEndOfSignature: a signature that ends on the way stops everything with
// its own sentinel, by the service's clock.
func TestEndOfSignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, x, at := onLine(t, uploadtest.BlobOptions{})
		must(t, put(x, "a", []byte("one")))
		time.Sleep(2 * time.Hour)
		for op, err := range calls(x) {
			if !errors.Is(err, migration.ErrExpired) {
				t.Errorf("%s: %v, want ErrExpired", op, err)
			}
			noSecret(t, at, err)
		}
	})
}

// TestLeaseEndsWithTheSignature: a lease that nobody can renew because the signature
// has ended is not said to be another's. Who pauses a run is told so.
func TestLeaseEndsWithTheSignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, x, at := onLine(t, uploadtest.BlobOptions{})
		l, err := x.Lease(t.Context(), "h")
		must(t, err)
		<-l.Lost()
		why := l.(migration.Explainer).Cause()
		if !errors.Is(why, migration.ErrExpired) || migration.HintOf(why).ID != "hint.azure.expired" {
			t.Errorf("lost because of %v", why)
		}
		noSecret(t, at, why)
		must(t, l.Release())
	})
}

// TestReadOfDamagedAnswers: an answer that ends early is taken up where it
// ended; it never looks like the end of the object.
func TestReadOfDamagedAnswers(t *testing.T) {
	for _, f := range []uploadtest.BlobFault{{EarlyEOF: true, After: 1000}, {EarlyEOF: true}, {Stall: true, After: 1000}, {Reset: true, After: 1000}} {
		synctest.Test(t, func(t *testing.T) {
			want := bytesOf(200_000)
			s, x, _ := onLine(t, uploadtest.BlobOptions{Fault: nth(uploadtest.BlobGet, 1, f)})
			must(t, put(x, "a", want))
			begin := time.Now()
			if got := read(t, x, "a"); !bytes.Equal(got, want) {
				t.Errorf("%+v: %d other bytes came back", f, len(got))
			}
			// The bound of the whole try would be minutes.
			if d := time.Since(begin); d > time.Minute {
				t.Errorf("%+v: took %v", f, d)
			}
			if n := len(s.RequestsOf(uploadtest.BlobGet)); n != 2 {
				t.Errorf("%+v: %d requests, want 2", f, n)
			}
		})
	}
}

// TestWhatIsSent: one request for a file of up to 8 MiB, blocks above, an MD5
// with each body, the MD5 of the whole kept with each object, a condition on the
// making of the lock and on nothing else, and no checksum that changes what is
// stored.
func TestWhatIsSent(t *testing.T) {
	s := uploadtest.NewBlobServer(uploadtest.BlobOptions{})
	x := open(t, s.Address(s.Serve(t), "c", "rcwl"), azure.Options{})
	l, err := x.Lease(t.Context(), "h")
	must(t, err)
	_, err = x.Probe(t.Context())
	must(t, err)
	for path, n := range map[string]int{"none": 0, "limit": 8 << 20, "above": 8<<20 + 1} {
		must(t, put(x, path, bytesOf(n)))
		must(t, put(x, path, bytesOf(n)))
	}
	must(t, l.Release())
	perPath := map[string]map[uploadtest.BlobOp]int{}
	made := 0 // locks that were made only where none is
	for _, r := range s.Requests() {
		if perPath[r.Path] == nil {
			perPath[r.Path] = map[uploadtest.BlobOp]int{}
		}
		perPath[r.Path][r.Op]++
		if r.Header.Get("If-None-Match") == "*" {
			made++
		}
		whole := r.Op == uploadtest.BlobPut || r.Op == uploadtest.BlobCommit
		if _, ours := map[string]bool{"none": true, "limit": true, "above": true}[r.Path]; ours && whole && r.Header.Get("x-ms-blob-content-md5") == "" {
			t.Errorf("%s %s leaves no MD5 with the object", r.Op, r.Path)
		}
		if r.Size > 0 && r.Header.Get("Content-MD5") == "" {
			t.Errorf("%s %s has no MD5", r.Op, r.Path)
		}
		for name := range r.Header {
			if n := strings.ToLower(name); strings.Contains(n, "crc64") || strings.Contains(n, "structured") ||
				strings.HasPrefix(n, "if-") && (r.Path != "session.lock" || r.Op != uploadtest.BlobPut || n != "if-none-match") {
				t.Errorf("%s %s has %s", r.Op, r.Path, name)
			}
		}
	}
	if made != 1 {
		t.Errorf("%d requests ask for nothing to be there, want the one that makes the lock", made)
	}
	for path, want := range map[string][3]int{"none": {2, 0, 0}, "limit": {2, 0, 0}, "above": {0, 2, 2}} {
		// The blocks of the same bytes that are there are not sent again.
		got := perPath[path]
		if n := [3]int{got[uploadtest.BlobPut], got[uploadtest.BlobBlock], got[uploadtest.BlobCommit]}; n != want {
			t.Errorf("%s: %v objects, blocks and lists were sent, want %v", path, n, want)
		}
	}
}

// TestChangedFileRestarts: what an interrupted Put has staged is used as far as
// the file still has these bytes, and never mixed with others.
func TestChangedFileRestarts(t *testing.T) {
	for name, c := range map[string]struct {
		change int // which byte
		blocks int // sent by the second Put, of three
	}{"same": {-1, 1}, "first block": {0, 2}, "both": {-2, 3}} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
				if r.Op == uploadtest.BlobBlock && r.N == 3 {
					cancel()
					return uploadtest.BlobFault{Reset: true}
				}
				return uploadtest.BlobFault{}
			}})
			x := open(t, s.Address(s.Serve(t), "c", "rcwl"), quick)
			data := bytesOf(20 << 20)
			sum := migration.Sum{Size: int64(len(data)), MD5: md5.Sum(data)}
			if err := x.Put(ctx, "a", bytes.NewReader(data), sum); !errors.Is(err, context.Canceled) {
				t.Fatalf("cut put: %v", err)
			}
			switch c.change {
			case 0:
				data[0] ^= 1
			case -2:
				data[0] ^= 1
				data[9<<20] ^= 1
			}
			before := len(s.RequestsOf(uploadtest.BlobBlock))
			must(t, put(x, "a", data))
			if n := len(s.RequestsOf(uploadtest.BlobBlock)) - before; n != c.blocks {
				t.Errorf("%d blocks were sent, want %d", n, c.blocks)
			}
			if !bytes.Equal(s.Objects("c")["a"], data) {
				t.Error("other bytes arrived")
			}
		})
	}
}

// TestLeaseOnServer: renewed every 20 s it is kept for an hour; lost, not even
// a request that waits to be repeated is sent any more.
func TestLeaseOnServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, x, _ := onLine(t, uploadtest.BlobOptions{Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
			if r.Path == "late" {
				return uploadtest.BlobFault{Status: 503, Code: "ServerBusy", RetryAfter: 50 * time.Second}
			}
			return uploadtest.BlobFault{}
		}})
		l, err := x.Lease(t.Context(), "h")
		must(t, err)
		time.Sleep(10*time.Minute + time.Second)
		renewed := 0
		for _, r := range s.RequestsOf(uploadtest.BlobLease) {
			if r.Lease == "renew" {
				renewed++
			}
		}
		if renewed != 30 {
			t.Errorf("renewed %d times in ten minutes, want 30", renewed)
		}
		s.BreakLease("c", "session.lock")
		if err := put(x, "late", []byte("x")); !errors.Is(err, migration.ErrLeaseLost) {
			t.Errorf("put: %v, want ErrLeaseLost", err)
		}
		<-l.Lost()
		if n := len(s.RequestsOf(uploadtest.BlobPut)); n != 3 { // make and sign the lock
			t.Errorf("%d objects were put, want 3", n)
		}
		must(t, l.Release())
	})
}

// TestStopsWithinTwoSeconds: whatever stands still, who gives up gets away, and
// so does the lease.
func TestStopsWithinTwoSeconds(t *testing.T) {
	for name, after := range map[string]int64{"at once": 0, "in the body": 1000} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stalls := false
				s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(uploadtest.BlobRequest) uploadtest.BlobFault {
					return uploadtest.BlobFault{Stall: stalls, After: after}
				}})
				base, tr := s.ServePipe(t)
				x := open(t, s.Address(base, "c", "rcwl"), azure.Options{Transport: tr})
				must(t, put(x, "old", bytesOf(50_000)))
				l, err := x.Lease(t.Context(), "h")
				must(t, err)
				stalls = true
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				if err := x.Put(ctx, "a", bytes.NewReader(bytesOf(50_000)), sumOf(bytesOf(50_000))); !errors.Is(err, context.Canceled) {
					t.Errorf("put: %v, want Canceled", err)
				}
				begin := time.Now()
				if err := l.Release(); err == nil {
					t.Error("a lease that could not be given back was given back")
				}
				if d := time.Since(begin); d > 2*time.Second {
					t.Errorf("stopping took %v", d)
				}
			})
		})
	}
}

func sumOf(b []byte) migration.Sum { return migration.Sum{Size: int64(len(b)), MD5: md5.Sum(b)} }

// TestSimulatedLine: the line carries what it is made to carry.
func TestSimulatedLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, x, _ := onLine(t, uploadtest.BlobOptions{Line: uploadtest.Line{RTT: 50 * time.Millisecond, Rate: 12_500_000}})
		begin := time.Now()
		must(t, put(x, "a", bytesOf(1_250_000)))
		if d := time.Since(begin); d != 200*time.Millisecond { // handshake, round trip, 0.1 s of bytes
			t.Errorf("took %v, want 200ms", d)
		}
		if r, err := x.Open(t.Context(), "a", 0, -1); err != nil {
			t.Error(err)
		} else if _, err := io.Copy(io.Discard, r); err != nil || r.Close() != nil {
			t.Error(err)
		}
	})
}

// TestBlockOfAnotherSizeIsNotKept: a block that the service holds under the id that
// the journal knows, but with another size, is not the one that was staged.
func TestBlockOfAnotherSizeIsNotKept(t *testing.T) {
	s := uploadtest.NewBlobServer(uploadtest.BlobOptions{})
	base, tr := s.ServePipe(t)
	x, err := azure.Open(s.Address(base, "c", "rcwl"), azure.Options{Transport: tr})
	must(t, err)
	defer func() { must(t, x.Close()) }()
	a, err := stage(x, "p", "a", []byte("four"))
	must(t, err)
	b, err := stage(x, "p", "b", []byte("seven b"))
	must(t, err)
	b.Size++
	kept, err := x.Restore(context.Background(), "p", []migration.BlockRef{a, b})
	if err != nil || len(kept) != 1 || kept[0].ID != "a" {
		t.Errorf("kept %+v, %v", kept, err)
	}
}
