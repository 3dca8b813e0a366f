package uploadtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"omt/migration"
)

func (s *suite) lease(t *testing.T) {
	x := s.open(t)
	for range 2 {
		l, err := x.Lease(t.Context(), "run-1 on PC-7")
		must(t, err)
		if other, err := x.Lease(t.Context(), "run-2"); !errors.Is(err, migration.ErrLeaseHeld) {
			if err == nil {
				err = other.Release()
			}
			t.Fatalf("second lease: %v, want ErrLeaseHeld", err)
		}
		put(t, x, "a", []byte("written under the lease"))
		select {
		case <-l.Lost():
			t.Fatal("lease is lost")
		default:
		}
		must(t, l.Release())
		must(t, l.Release()) // does nothing
	}
	if got := paths(t, x, ""); len(got) != 1 {
		t.Errorf("listed %v, want the one object only", got)
	}
}

// leaseOther: a second program on the same place is told who is there.
func (s *suite) leaseOther(t *testing.T) {
	x := s.open(t)
	l, err := x.Lease(t.Context(), "first@PC-7")
	must(t, err)
	y := s.restart(t, x)
	_, err = y.Lease(t.Context(), "second@PC-8")
	if !errors.Is(err, migration.ErrLeaseHeld) {
		t.Fatalf("lease of a second program: %v, want ErrLeaseHeld", err)
	}
	if h := migration.HintOf(err); !strings.Contains(err.Error()+fmt.Sprint(h.Args), "first@PC-7") {
		t.Errorf("error %q with hint %v does not name the holder", err, h)
	}
	must(t, l.Release())
	l, err = y.Lease(t.Context(), "second@PC-8")
	must(t, err)
	must(t, l.Release())
}

// Ids of leases, as a caller makes them.
const (
	leaseID1 = "11111111-1111-4111-8111-111111111111"
	leaseID2 = "22222222-2222-4222-8222-222222222222"
	leaseID3 = "33333333-3333-4333-8333-333333333333"
)

// leaseAgain: a start that knows the id of the killed one before it takes the
// lease at once, and nobody else does.
func (s *suite) leaseAgain(t *testing.T) {
	x := s.open(t)
	first, ok := x.(migration.Reclaimer)
	if !ok {
		t.Skip("the lease of a killed process is free at once")
	}
	killed, err := first.LeaseAs(t.Context(), "first@PC-7", leaseID1, nil)
	must(t, err)
	y := s.restart(t, x)
	second := y.(migration.Reclaimer)
	for _, earlier := range [][]string{nil, {leaseID3}} {
		if _, err := second.LeaseAs(t.Context(), "second@PC-7", leaseID2, earlier); !errors.Is(err, migration.ErrLeaseHeld) {
			t.Fatalf("lease of a stranger with the ids %v: %v, want ErrLeaseHeld", earlier, err)
		}
	}
	l, err := second.LeaseAs(t.Context(), "second@PC-7", leaseID2, []string{leaseID3, leaseID1})
	must(t, err)
	if killed.Release() == nil {
		t.Error("what another holds now was given back")
	}
	put(t, y, "a", []byte("written under the lease"))
	if _, err := second.LeaseAs(t.Context(), "third@PC-7", leaseID3, []string{leaseID1}); !errors.Is(err, migration.ErrLeaseHeld) {
		t.Fatalf("lease under an id that was changed: %v, want ErrLeaseHeld", err)
	}
	must(t, l.Release())
	if l, err = second.LeaseAs(t.Context(), "third@PC-7", leaseID3, nil); err != nil {
		t.Fatalf("lease after it was given back: %v", err)
	}
	must(t, l.Release())
}
