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
