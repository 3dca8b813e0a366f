package uploadtest_test

import (
	"bytes"
	"crypto/md5"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"omt/migration"
	"omt/upload/uploadtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemoryConforms(t *testing.T) {
	uploadtest.Suite(t,
		func(*testing.T) migration.Target { return uploadtest.NewMemory(uploadtest.Faults{}) },
		uploadtest.Reopen(func(_ *testing.T, old migration.Target) migration.Target {
			return old.(*uploadtest.Memory).Reopen(uploadtest.Faults{})
		}))
}

func TestFaults(t *testing.T) {
	boom := errors.New("connection reset")
	b := []byte("x")
	sum := migration.Sum{Size: 1, MD5: md5.Sum(b)}
	m := uploadtest.NewMemory(uploadtest.Faults{
		Before: uploadtest.FailNth(uploadtest.OpPut, 2, boom),
		After:  uploadtest.FailFrom(uploadtest.OpPut, 4, boom),
	})
	var got []bool
	for _, path := range []string{"1", "2", "3", "4", "5"} {
		err := m.Put(t.Context(), path, bytes.NewReader(b), sum)
		if err != nil && !errors.Is(err, boom) {
			t.Fatal(err)
		}
		r, openErr := m.Open(t.Context(), path, 0, -1)
		if openErr == nil {
			openErr = r.Close()
		}
		got = append(got, err == nil, openErr == nil)
	}
	// The second was not done; the fourth and fifth were, but their replies are lost.
	want := []bool{true, true, false, false, true, true, false, true, false, true}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("put and open worked: %v, want %v", got, want)
		}
	}
	if calls := m.CallsOf(uploadtest.OpPut); len(calls) != 5 || calls[1].Err == nil || calls[2].Path != "3" || calls[2].N != 3 {
		t.Errorf("log %v", calls)
	}
}

func TestRightsAndLostLease(t *testing.T) {
	m := uploadtest.NewMemory(uploadtest.Faults{NoRead: true, NoList: true})
	r, err := m.Probe(t.Context())
	if err != nil || r.Read || r.List || !r.Write {
		t.Errorf("rights %+v, %v", r, err)
	}
	if _, err := m.Open(t.Context(), "a", 0, -1); !errors.Is(err, migration.ErrForbidden) {
		t.Errorf("open: %v", err)
	}
	l, err := m.Lease(t.Context(), "h")
	if err != nil {
		t.Fatal(err)
	}
	m.BreakLease()
	<-l.Lost()
	if other, err := m.Reopen(uploadtest.Faults{}).Lease(t.Context(), "i"); err != nil {
		t.Errorf("lease after a break: %v", err)
	} else if err := l.Release(); err != nil || other.Release() != nil {
		t.Error("release failed")
	}
}
