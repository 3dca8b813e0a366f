package azure_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/azure"
	"omt/upload/azure/azuretest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(x migration.Target, path string, b []byte) error {
	return x.Put(context.Background(), path, bytes.NewReader(b), migration.Sum{Size: int64(len(b)), MD5: md5.Sum(b)})
}

func stage(x migration.Target, path, id string, b []byte) (migration.BlockRef, error) {
	at, err := x.Stage(context.Background(), path, migration.Block{ID: id, Data: b, MD5: md5.Sum(b)})
	return migration.BlockRef{ID: id, Size: int64(len(b)), Offset: at}, err
}

func read(t *testing.T, x migration.Target, path string) []byte {
	t.Helper()
	r, err := x.Open(context.Background(), path, 0, -1)
	must(t, err)
	b, err := io.ReadAll(r)
	must(t, errors.Join(err, r.Close()))
	return b
}

// noSecret fails if the signature stands anywhere in the error, in whatever
// spelling, or in what people are told.
func noSecret(t *testing.T, address string, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	u, perr := url.Parse(address)
	must(t, perr)
	sig := u.Query().Get("sig")
	if len(sig) < 10 {
		t.Fatalf("the test's address has no signature")
	}
	texts := []string{err.Error()}
	for _, v := range migration.HintOf(err).Args {
		if s, ok := v.(string); ok {
			texts = append(texts, s)
		}
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		texts = append(texts, e.Error())
	}
	for _, text := range texts {
		for _, secret := range []string{sig, url.QueryEscape(sig), url.PathEscape(sig), "sig=", "se=2"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q stands in %q", secret, text)
			}
		}
	}
	if migration.HintOf(err).ID == "" && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v says nothing to people", err)
	}
}

func TestProbeFindsRights(t *testing.T) {
	a := azuretest.Start(t)
	for _, c := range []struct {
		sas               string
		read, write, list bool
		left              []string
	}{
		{"rcwld", true, true, true, nil},
		{"rcwl", true, true, true, []string{".omt-tmp/probe"}},
		{"cw", false, true, false, []string{".omt-tmp/probe"}},
		{"w", false, true, false, []string{".omt-tmp/probe"}},
		{"c", false, false, false, nil},
		{"rl", true, false, true, nil},
		{"l", false, false, true, nil},
	} {
		t.Run(c.sas, func(t *testing.T) {
			at := a.Container(t)
			x := open(t, a.Signed(t, at, c.sas, tomorrow()), azure.Options{})
			for range 2 {
				r, err := x.Probe(context.Background())
				must(t, err)
				if want := (migration.Rights{Read: c.read, Write: c.write, List: c.list, Free: -1}); r != want {
					t.Errorf("rights %+v, want %+v", r, want)
				}
			}
			if got := a.Names(t, at); !slices.Equal(got, c.left) {
				t.Errorf("probe left %q, want %q", got, c.left)
			}
		})
	}
}

func TestWriteOnly(t *testing.T) {
	a := azuretest.Start(t)
	at := a.Container(t)
	address := a.Signed(t, at, "cw", tomorrow())
	x := open(t, address, azure.Options{})
	l, err := x.Lease(context.Background(), "first")
	must(t, err)
	y := open(t, address, azure.Options{})
	_, err = y.Lease(context.Background(), "second")
	if !errors.Is(err, migration.ErrLeaseHeld) {
		t.Errorf("second lease: %v, want ErrLeaseHeld", err)
	}
	must(t, put(x, "a", []byte("one")))
	must(t, put(x, "a", []byte("two")))
	large := bytes.Repeat([]byte("0123456789abcdef"), 9<<16)
	must(t, put(x, "large", large))
	_, err = x.Open(context.Background(), "a", 0, -1)
	if !errors.Is(err, migration.ErrForbidden) {
		t.Errorf("open: %v, want ErrForbidden", err)
	}
	noSecret(t, address, err)
	err = x.List(context.Background(), "", func(migration.Object) error { return nil })
	if !errors.Is(err, migration.ErrForbidden) {
		t.Errorf("list: %v, want ErrForbidden", err)
	}
	one, err := stage(x, "p", "id-1", []byte("first block"))
	must(t, err)
	gone := migration.BlockRef{ID: "id-9", Size: 3, Offset: -1}
	// What cannot be seen is believed, until a commit shows that it is wrong.
	both := []migration.BlockRef{one, gone}
	kept, err := x.Restore(context.Background(), "p", both)
	must(t, err)
	if len(kept) != 2 || kept[0].ID != one.ID || kept[1].ID != gone.ID {
		t.Fatalf("restored %v, want %v", kept, both)
	}
	err = x.Commit(context.Background(), "p", both)
	if !errors.Is(err, migration.ErrNotFound) {
		t.Errorf("commit of a block that is gone: %v, want ErrNotFound", err)
	}
	noSecret(t, address, err)
	if kept, err = x.Restore(context.Background(), "p", both); err != nil || len(kept) != 0 {
		t.Errorf("restored %v, %v after blocks were found missing; all must be sent again", kept, err)
	}
	one, err = stage(x, "p", "id-1", []byte("first block"))
	must(t, err)
	// Six days after the last block none is believed to be there any more.
	now := time.Now()
	for age, want := range map[time.Duration]int{6*24*time.Hour - time.Minute: 2, 6*24*time.Hour + time.Minute: 0} {
		late := open(t, address, azure.Options{Now: func() time.Time { return now }})
		old := []migration.BlockRef{{ID: one.ID, Size: one.Size, Offset: -1, At: now.Add(-age - 24*time.Hour)}, {ID: "id-2", Size: 3, Offset: -1, At: now.Add(-age)}}
		if kept, err := late.Restore(context.Background(), "p", old); err != nil || len(kept) != want {
			t.Errorf("after %v: %d blocks, %v; want %d", age, len(kept), err, want)
		}
	}
	must(t, x.Commit(context.Background(), "p", []migration.BlockRef{one}))
	must(t, l.Release())
	full := open(t, a.Signed(t, at, "rl", tomorrow()), azure.Options{})
	for path, want := range map[string][]byte{"a": []byte("two"), "p": []byte("first block"), "large": large} {
		if got := read(t, full, path); !bytes.Equal(got, want) {
			t.Errorf("%s holds %d bytes, want %d", path, len(got), len(want))
		}
	}
}

// TestCreateOnly: such a ticket can put new objects and nothing else.
func TestCreateOnly(t *testing.T) {
	a := azuretest.Start(t)
	address := a.Signed(t, a.Container(t), "c", tomorrow())
	x := open(t, address, azure.Options{})
	must(t, put(x, "a", []byte("one")))
	_, err := stage(x, "p", "id-1", []byte("block"))
	if !errors.Is(err, migration.ErrForbidden) {
		t.Errorf("stage: %v, want ErrForbidden", err)
	}
	noSecret(t, address, err)
	if err := put(x, "a", []byte("two")); !errors.Is(err, migration.ErrForbidden) {
		t.Errorf("replace: %v, want ErrForbidden", err)
	}
}

// calls runs everything that a target can do.
func calls(x migration.Target) map[string]error {
	ctx := context.Background()
	b := []byte("data")
	out := map[string]error{"put": put(x, "a", b)}
	_, out["stage"] = stage(x, "p", "id", b)
	_, out["restore"] = x.Restore(ctx, "p", []migration.BlockRef{{ID: "id", Size: 4}})
	out["commit"] = x.Commit(ctx, "p", nil)
	_, out["open"] = x.Open(ctx, "a", 0, -1)
	out["list"] = x.List(ctx, "", func(migration.Object) error { return nil })
	_, out["probe"] = x.Probe(ctx)
	_, out["lease"] = x.Lease(ctx, "h")
	out["put large"] = put(x, "l", make([]byte, 9<<20))
	return out
}

func TestExpiredSignature(t *testing.T) {
	a := azuretest.Start(t)
	address := a.Signed(t, a.Container(t), "rcwl", time.Now().Add(-time.Hour))
	x := open(t, address, azure.Options{})
	for name, err := range calls(x) {
		if !errors.Is(err, migration.ErrExpired) {
			t.Errorf("%s: %v, want ErrExpired", name, err)
		}
		noSecret(t, address, err)
	}
}

func TestForgedSignature(t *testing.T) {
	a := azuretest.Start(t)
	address := strings.Replace(a.Signed(t, a.Container(t), "rcwl", tomorrow()), "sp=rcwl", "sp=racwl", 1)
	x := open(t, address, azure.Options{})
	for name, err := range calls(x) {
		// These two take it for a right that is missing: unlike the service, the
		// emulator says the same to both.
		if (name == "probe" || name == "restore") && err == nil {
			continue
		}
		if !errors.Is(err, migration.ErrForbidden) {
			t.Errorf("%s: %v, want ErrForbidden", name, err)
		}
		noSecret(t, address, err)
	}
}

func TestContainerIsGone(t *testing.T) {
	a := azuretest.Start(t)
	address := a.Signed(t, a.URL+"/nothere", "rcwl", tomorrow())
	x := open(t, address, azure.Options{})
	for name, err := range calls(x) {
		if !errors.Is(err, migration.ErrNotFound) || migration.HintOf(err).ID != "hint.azure.no-container" {
			t.Errorf("%s: %v with hint %v, want ErrNotFound and no-container", name, err, migration.HintOf(err))
		}
		noSecret(t, address, err)
	}
}

// counter counts the requests of a kind that go out.
type counter struct {
	mu     sync.Mutex
	blocks int
	onPut  func(n int) // before the nth block
}

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Query().Get("comp") == "block" {
		c.mu.Lock()
		c.blocks++
		n := c.blocks
		c.mu.Unlock()
		if c.onPut != nil {
			c.onPut(n)
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestLargePutGoesOn: a large object keeps its MD5, and what an interrupted Put
// has sent is not sent again, unless the file has other bytes now.
func TestLargePutGoesOn(t *testing.T) {
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	a := azuretest.Start(t)
	data := make([]byte, 20<<20+5)
	for i := range data {
		data[i] = byte(i >> 12 * 7)
	}
	sum := migration.Sum{Size: int64(len(data)), MD5: md5.Sum(data)}
	address := a.Signed(t, a.Container(t), "rcwl", tomorrow())
	ctx, cancel := context.WithCancel(context.Background())
	first := &counter{onPut: func(n int) {
		if n == 3 {
			cancel()
		}
	}}
	err := open(t, address, azure.Options{Transport: first}).Put(ctx, "v", bytes.NewReader(data), sum)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled put: %v", err)
	}
	second := &counter{}
	x := open(t, address, azure.Options{Transport: second})
	must(t, x.Put(context.Background(), "v", bytes.NewReader(data), sum))
	if second.blocks != 1 {
		t.Errorf("%d blocks were sent again, want the last one of three", second.blocks)
	}
	if !bytes.Equal(read(t, x, "v"), data) {
		t.Error("other bytes came back")
	}
	must(t, x.List(context.Background(), "v", func(o migration.Object) error {
		if !bytes.Equal(o.MD5, sum.MD5[:]) || o.Size != sum.Size {
			t.Errorf("listed %d bytes with MD5 %x, want %d with %x", o.Size, o.MD5, sum.Size, sum.MD5)
		}
		return nil
	}))
	wrong := sum
	wrong.MD5[0] ^= 1
	if err := x.Put(context.Background(), "w", bytes.NewReader(data), wrong); !errors.Is(err, migration.ErrChanged) {
		t.Errorf("wrong MD5: %v, want ErrChanged", err)
	}
	if _, err := x.Open(context.Background(), "w", 0, -1); !errors.Is(err, migration.ErrNotFound) {
		t.Errorf("refused object: %v, want ErrNotFound", err)
	}
}

// TestBrokenLease: the owner of the container breaks the lease; the holder
// notices at its next renewal and writes nothing any more.
func TestBrokenLease(t *testing.T) {
	a := azuretest.Start(t)
	at := a.Container(t)
	clock := newClock()
	x := open(t, a.Signed(t, at, "rcwl", tomorrow()), clock.options())
	l, err := x.Lease(context.Background(), "first")
	must(t, err)
	clock.pass(25*time.Second, l.Lost())
	must(t, put(x, "a", []byte("under the lease")))
	a.BreakLease(t, at, "session.lock")
	clock.pass(25*time.Second, l.Lost())
	<-l.Lost()
	if err := put(x, "a", []byte("late")); !errors.Is(err, migration.ErrLeaseLost) {
		t.Errorf("put: %v, want ErrLeaseLost", err)
	}
	if _, err := stage(x, "p", "id", []byte("late")); !errors.Is(err, migration.ErrLeaseLost) {
		t.Errorf("stage: %v, want ErrLeaseLost", err)
	}
	must(t, l.Release())
	again, err := x.Lease(context.Background(), "again")
	must(t, err)
	must(t, put(x, "a", []byte("under the new one")))
	must(t, again.Release())
}
