package azure_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/azure"
	"omt/upload/uploadtest"
)

var quick = azure.Options{RetryDelay: time.Millisecond}

// TestThrottled: the pause that the service asks for is kept, and not one of
// its own choice, which would be an hour here.
func TestThrottled(t *testing.T) {
	s := newScript(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n < 5 {
			w.Header().Set("retry-after-ms", "10")
			refuse(w, http.StatusServiceUnavailable, "ServerBusy")
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	x := s.open(t, azure.Options{RetryDelay: time.Hour})
	must(t, put(x, "a", []byte("x")))
	if n := s.count("PUT"); n != 5 || x.Busy() != 4 {
		t.Errorf("%d tries, want 5; %d of them count as busy, want 4", n, x.Busy())
	}
}

// TestThrottledForGood: after five tries the caller decides; an answer that
// asks for more patience than a minute is not waited for at all.
func TestThrottledForGood(t *testing.T) {
	for _, c := range []struct {
		after string
		tries int
	}{{"", 5}, {"3600", 1}} {
		s := newScript(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
			if c.after != "" {
				w.Header().Set("Retry-After", c.after)
			}
			refuse(w, http.StatusServiceUnavailable, "ServerBusy")
		})
		err := put(s.open(t, quick), "a", []byte("x"))
		if id := migration.HintOf(err).ID; id != "hint.azure.busy" || s.count("PUT") != c.tries {
			t.Errorf("Retry-After %q: %v, hint %q, %d tries; want %d", c.after, err, id, s.count("PUT"), c.tries)
		}
	}
}

func TestNotImplementedIsNotRepeated(t *testing.T) {
	s := newScript(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusInternalServerError, "FeatureNotSupported")
	})
	if err := put(s.open(t, quick), "a", []byte("x")); err == nil || s.count("PUT") != 1 {
		t.Errorf("%v after %d tries, want an error after one", err, s.count("PUT"))
	}
}

// TestReset: a connection that breaks is tried again with the whole body.
func TestReset(t *testing.T) {
	var got []byte
	s := newScript(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n < 3 {
			_, _ = io.ReadFull(r.Body, make([]byte, 1000))
			hangUp(w)
			return
		}
		got, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusCreated)
	})
	body := make([]byte, 1<<20)
	body[1<<20-1] = 7
	must(t, put(s.open(t, quick), "a", body))
	if len(got) != len(body) || got[len(got)-1] != 7 {
		t.Errorf("%d bytes arrived at the last try, want %d", len(got), len(body))
	}
}

// TestLostReplyOfCommit: the service has put the object together and the answer
// is lost; the repetition succeeds as the service has it.
func TestLostReplyOfCommit(t *testing.T) {
	done := false
	s := newScript(t, func(n int, w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodHead:
			w.Header().Set("Content-Length", "5")
			w.WriteHeader(http.StatusOK)
		case n == 1:
			done = true
			hangUp(w)
		case !done:
			refuse(w, http.StatusBadRequest, "InvalidBlockList")
		default:
			w.WriteHeader(http.StatusCreated)
		}
	})
	must(t, s.open(t, quick).Commit(context.Background(), "p", []migration.BlockRef{{ID: "id", Size: 5, Offset: -1}}))
	if n := s.count("PUT blocklist"); n != 2 {
		t.Errorf("%d commits, want 2", n)
	}
}

func TestCommitWithOtherSize(t *testing.T) {
	s := newScript(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.Header().Set("Content-Length", "4")
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	err := s.open(t, quick).Commit(context.Background(), "p", []migration.BlockRef{{ID: "id", Size: 5, Offset: -1}})
	if migration.HintOf(err).ID != "hint.azure.size" {
		t.Errorf("error %v, want one about the size", err)
	}
}

// TestAnswers: what an answer means. 403 means an end only if the end is over.
func TestAnswers(t *testing.T) {
	later := time.Now().Add(2 * time.Hour).UTC().Format(http.TimeFormat)
	for _, c := range []struct {
		status     int
		code, date string
		want       error
		hint       string
	}{
		{403, "AuthenticationFailed", later, migration.ErrExpired, "hint.azure.expired"},
		{403, "AuthorizationFailure", later, migration.ErrExpired, "hint.azure.expired"},
		{403, "AuthenticationFailed", "", migration.ErrForbidden, "hint.azure.signature"},
		{403, "AuthorizationPermissionMismatch", "", migration.ErrForbidden, "hint.azure.forbidden"},
		{401, "NoAuthenticationInformation", "", migration.ErrForbidden, "hint.azure.signature"},
		{404, "ContainerNotFound", "", migration.ErrNotFound, "hint.azure.no-container"},
		{404, "BlobNotFound", "", migration.ErrNotFound, "hint.azure.no-object"},
		{400, "InvalidBlockList", "", migration.ErrNotFound, "hint.azure.blocks-gone"},
		{400, "Md5Mismatch", "", nil, "hint.azure.damaged"},
		{400, "InvalidHeaderValue", "", nil, "hint.azure.failed"},
		{302, "", "", nil, "hint.azure.proxy"},
		{407, "", "", migration.ErrProxyLogin, "hint.azure.proxylogin"},
		{500, "InternalError", "", nil, "hint.azure.busy"},
	} {
		t.Run(fmt.Sprint(c.status, c.code, c.date != ""), func(t *testing.T) {
			s := newScript(t, func(_ int, w http.ResponseWriter, r *http.Request) {
				if c.date != "" {
					w.Header().Set("Date", c.date)
				}
				if c.status == 302 {
					w.Header().Set("Location", "/stolen?"+r.URL.RawQuery)
				}
				refuse(w, c.status, c.code)
			})
			err := s.open(t, quick).Commit(context.Background(), "p", []migration.BlockRef{{ID: "id", Size: 5, Offset: -1}})
			if c.want != nil && !errors.Is(err, c.want) || migration.HintOf(err).ID != c.hint {
				t.Errorf("%v with hint %q, want %v with %q", err, migration.HintOf(err).ID, c.want, c.hint)
			}
			noSecret(t, address(s.server.URL), err)
			if s.count("GET") > 0 || s.count("GET blocklist") > 0 {
				t.Error("a redirection was followed")
			}
		})
	}
}

// TestObjectReplacedWhileRead: the second window belongs to another object.
func TestObjectReplacedWhileRead(t *testing.T) {
	const window = 16 << 20
	s := newScript(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n > 1 {
			if r.Header.Get("If-Match") != `"one"` {
				t.Errorf("If-Match is %q", r.Header.Get("If-Match"))
			}
			refuse(w, http.StatusPreconditionFailed, "ConditionNotMet")
			return
		}
		w.Header().Set("ETag", `"one"`)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", window-1, 2*window))
		w.Header().Set("Content-Length", fmt.Sprint(window))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(make([]byte, window))
	})
	r, err := s.open(t, quick).Open(context.Background(), "p", 0, -1)
	must(t, err)
	n, err := io.Copy(io.Discard, r)
	if n != window || !errors.Is(err, migration.ErrChanged) {
		t.Errorf("%d bytes and %v, want %d and ErrChanged", n, err, window)
	}
	must(t, r.Close())
}

// TestReadGoesOn: a connection that breaks in the middle is taken up there.
func TestReadGoesOn(t *testing.T) {
	s := newScript(t, func(n int, w http.ResponseWriter, r *http.Request) {
		from := (n - 1) * 3
		w.Header().Set("ETag", `"one"`)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-9/10", from))
		w.Header().Set("Content-Length", fmt.Sprint(10-from))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = io.WriteString(w, "0123456789"[from:min(from+3, 10)])
	})
	if got := read(t, s.open(t, quick), "p"); string(got) != "0123456789" {
		t.Errorf("read %q", got)
	}
}

// TestOtherBytesThanAnnounced: a body whose MD5 is wrong here already is sent
// once, refused, and named as changed; the object that was there stays.
func TestOtherBytesThanAnnounced(t *testing.T) {
	for _, code := range []string{"Md5Mismatch", "InvalidOperation"} {
		s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
			if r.Path == "a" && r.Op == uploadtest.BlobPut && r.Nth > 1 && code != "Md5Mismatch" {
				return uploadtest.BlobFault{Status: http.StatusBadRequest, Code: code}
			}
			return uploadtest.BlobFault{}
		}})
		base, tr := s.ServePipe(t)
		x := open(t, s.Address(base, "c", "rcwl"), azure.Options{Transport: tr})
		data := []byte("as it was")
		must(t, put(x, "a", data))
		sum := migration.Sum{Size: int64(len(data)), MD5: md5.Sum(data)}
		err := x.Put(t.Context(), "a", bytes.NewReader([]byte("as it is!")), sum)
		if !errors.Is(err, migration.ErrChanged) {
			t.Errorf("%s: %v, want ErrChanged", code, err)
		}
		if n := len(s.RequestsOf(uploadtest.BlobPut)); n != 2 {
			t.Errorf("%s: %d requests, want one for each Put", code, n)
		}
		if got := read(t, x, "a"); !bytes.Equal(got, data) {
			t.Errorf("%s: %q is there, want %q", code, got, data)
		}
	}
}
