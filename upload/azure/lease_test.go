package azure_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/azure"
)

// leased answers as a service that grants the lease; renew says what renewing
// is answered.
func leased(t *testing.T, renew func(w http.ResponseWriter)) *script {
	return newScript(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("x-ms-lease-action") {
		case "renew":
			renew(w)
		case "release":
			w.WriteHeader(http.StatusOK)
		default:
			w.WriteHeader(http.StatusCreated)
		}
	})
}

// TestLeaseTakenByAnother: one answer that it is gone ends all writing.
func TestLeaseTakenByAnother(t *testing.T) {
	for code, status := range map[string]int{
		"LeaseIdMismatchWithLeaseOperation": http.StatusConflict, "LeaseNotPresentWithLeaseOperation": http.StatusConflict, "BlobNotFound": http.StatusNotFound,
	} {
		clock := newClock()
		s := leased(t, func(w http.ResponseWriter) { refuse(w, status, code) })
		x := s.open(t, clock.options())
		l, err := x.Lease(context.Background(), "h")
		must(t, err)
		clock.pass(21*time.Second, l.Lost())
		<-l.Lost()
		if why := l.(migration.Explainer).Cause(); !errors.Is(why, migration.ErrLeaseLost) || migration.HintOf(why).ID != "hint.azure.lease-lost" {
			t.Errorf("%s: lost because of %v", code, why)
		}
		if err := put(x, "a", []byte("late")); !errors.Is(err, migration.ErrLeaseLost) {
			t.Errorf("%s: put: %v, want ErrLeaseLost", code, err)
		}
		if s.count("PUT lease renew") != 1 || s.count("PUT") != 2 { // make and sign the lock
			t.Errorf("%s: asked %v", code, s.asked)
		}
		must(t, l.Release())
	}
}

// TestLeaseRidesOut: while the service is away the lease is kept as long as it
// lasts, and lost before another could have it.
func TestLeaseRidesOut(t *testing.T) {
	var up atomic.Bool
	clock := newClock()
	s := leased(t, func(w http.ResponseWriter) {
		if up.Load() {
			w.WriteHeader(http.StatusOK)
			return
		}
		refuse(w, http.StatusServiceUnavailable, "ServerBusy")
	})
	x := s.open(t, clock.options())
	l, err := x.Lease(context.Background(), "h")
	must(t, err)
	alive := func(after string) {
		t.Helper()
		select {
		case <-l.Lost():
			t.Fatal("lost " + after)
		default:
		}
	}
	clock.pass(10*time.Second, l.Lost())
	if n := s.count("PUT lease renew"); n != 0 {
		t.Errorf("renewed %d times in the first ten seconds", n)
	}
	clock.pass(20*time.Second, l.Lost())
	clock.pass(20*time.Second, l.Lost())
	alive("after 50 s")
	up.Store(true)
	clock.pass(time.Second, l.Lost())
	up.Store(false)
	clock.pass(53*time.Second, l.Lost())
	alive("53 s after it was renewed")
	must(t, put(x, "a", []byte("still ours")))
	clock.pass(3*time.Second, l.Lost())
	<-l.Lost()
	must(t, l.Release())
}

// TestLeaseOfEndedProcess: what a killed process of this computer has left is
// waited for; another computer's lease is not.
func TestLeaseOfEndedProcess(t *testing.T) {
	for _, c := range []struct {
		host  string
		after int // how many attempts find the lease held
		tries int
		ok    bool
	}{{"PC-7", 4, 5, true}, {"PC-7", 1000, 0, false}, {"PC-8", 1000, 1, false}} {
		clock := newClock()
		holder, err := json.Marshal(azure.Holder{Holder: "omt on PC-7\x1b[2J", Host: c.host, PID: os.Getpid() + 1, Since: clock.Now()})
		must(t, err)
		s := newScript(t, func(n int, w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodGet:
				w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(holder)-1, len(holder)))
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(holder)
			case r.Header.Get("x-ms-lease-action") == "acquire" && n <= c.after:
				refuse(w, http.StatusConflict, "LeaseAlreadyPresent")
			case r.Header.Get("x-ms-lease-action") == "release":
				w.WriteHeader(http.StatusOK)
			default:
				w.WriteHeader(http.StatusCreated)
			}
		})
		o := clock.options()
		o.Host = "PC-7"
		stop := make(chan struct{})
		fed := make(chan struct{})
		go func() {
			defer close(fed)
			clock.feed(5*time.Second, stop)
		}()
		l, err := s.open(t, o).Lease(context.Background(), "h")
		close(stop)
		<-fed
		if !c.ok {
			if !errors.Is(err, migration.ErrLeaseHeld) {
				t.Errorf("%+v: %v, want ErrLeaseHeld", c, err)
			}
			noText(t, err, "\x1b")
			if n := s.count("PUT lease acquire"); c.tries > 0 && n != c.tries {
				t.Errorf("%+v: %d tries", c, n)
			}
			continue
		}
		must(t, err)
		if n := s.count("PUT lease acquire"); n != c.tries {
			t.Errorf("%+v: %d tries", c, n)
		}
		must(t, l.Release())
	}
}

// TestReleaseSaysWhatFailed and Close gives back what is still held.
func TestReleaseSaysWhatFailed(t *testing.T) {
	s := newScript(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("x-ms-lease-action") == "release" {
			refuse(w, http.StatusConflict, "LeaseIdMismatchWithLeaseOperation")
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	x, err := azure.Open(address(s.server.URL), quick)
	must(t, err)
	l, err := x.Lease(context.Background(), "h")
	must(t, err)
	if err := l.Release(); err == nil {
		t.Error("a lease that could not be given back was given back")
	}
	must(t, x.Close())
	if n := s.count("PUT lease release"); n != 1 {
		t.Errorf("released %d times", n)
	}
}
