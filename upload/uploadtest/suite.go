package uploadtest

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"omt/migration"
)

// Option tells Suite more about the target.
type Option func(*suite)

// Reopen lets the suite look at the same place as a second process would: the
// function opens it once more without closing old, which was killed for all the
// suite knows. Without it the checks of a restart are skipped.
func Reopen(f func(t *testing.T, old migration.Target) migration.Target) Option {
	return func(s *suite) { s.reopen = f }
}

type suite struct {
	open   func(t *testing.T) migration.Target
	reopen func(t *testing.T, old migration.Target) migration.Target
}

// Suite checks a target against its contract. open makes an empty target with
// all rights; it also sees to closing it at the end of the test.
func Suite(t *testing.T, open func(t *testing.T) migration.Target, opts ...Option) {
	s := &suite{open: open}
	for _, o := range opts {
		o(s)
	}
	for _, c := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"describe", s.describe}, {"probe", s.probe},
		{"put", s.put}, {"put replaces", s.putReplaces}, {"put verifies", s.putVerifies},
		{"put rewinds", s.putRewinds}, {"names", s.names}, {"parallel put", s.parallelPut},
		{"open ranges", s.ranges}, {"not found", s.notFound}, {"list", s.list}, {"list stops", s.listStops},
		{"stage and commit", s.assemble}, {"stage verifies", s.stageVerifies}, {"stage again", s.stageAgain},
		{"commit order", s.commitOrder}, {"commit repeats", s.commitRepeats}, {"commit replaces", s.commitReplaces},
		{"commit unknown", s.commitUnknown}, {"unlisted blocks", s.unlisted}, {"parallel stage", s.parallelStage},
		{"restore", s.restore}, {"restore a part", s.restorePart}, {"restore nothing", s.restoreNothing},
		{"restore after commit", s.restoreCommitted}, {"restore verifies", s.restoreVerifies}, {"amend", s.amend},
		{"measurement", s.trial}, {"cancelled", s.cancelled}, {"lease", s.lease}, {"lease of another", s.leaseOther},
		{"lease again", s.leaseAgain},
	} {
		t.Run(c.name, c.run)
	}
}

// restart opens the target anew or skips.
func (s *suite) restart(t *testing.T, old migration.Target) migration.Target {
	t.Helper()
	if s.reopen == nil {
		t.Skip("no way to reopen this target was given")
	}
	return s.reopen(t, old)
}

func sumOf(b []byte) migration.Sum {
	return migration.Sum{Size: int64(len(b)), MD5: md5.Sum(b), SHA256: sha256.Sum256(b)}
}

// content is n bytes that differ for each seed.
func content(seed, n int) []byte {
	b := make([]byte, n)
	x := uint32(seed)*2654435761 + 1
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, x migration.Target, path string, b []byte) {
	t.Helper()
	must(t, x.Put(t.Context(), path, bytes.NewReader(b), sumOf(b)))
}

func read(t *testing.T, x migration.Target, path string, offset, length int64) []byte {
	t.Helper()
	r, err := x.Open(t.Context(), path, offset, length)
	must(t, err)
	b, err := io.ReadAll(r)
	must(t, errors.Join(err, r.Close()))
	return b
}

func same(t *testing.T, x migration.Target, path string, want []byte) {
	t.Helper()
	if got := read(t, x, path, 0, -1); !bytes.Equal(got, want) {
		t.Fatalf("%s holds %d bytes %.20x, want %d bytes %.20x", path, len(got), got, len(want), want)
	}
}

// absent checks that neither Open nor List knows the path.
func absent(t *testing.T, x migration.Target, path string) {
	t.Helper()
	if r, err := x.Open(t.Context(), path, 0, -1); !errors.Is(err, migration.ErrNotFound) {
		if err == nil {
			err = r.Close()
		}
		t.Fatalf("open %s: %v, want ErrNotFound", path, err)
	}
	if got := paths(t, x, ""); slices.Contains(got, path) {
		t.Fatalf("%s is listed", path)
	}
}

func paths(t *testing.T, x migration.Target, prefix string) []string {
	t.Helper()
	var out []string
	must(t, x.List(t.Context(), prefix, func(o migration.Object) error {
		out = append(out, o.Path)
		return nil
	}))
	return out
}

// block makes a block; ids of one length, as the contract asks for.
func block(n int, data []byte) migration.Block {
	sum := md5.Sum(data)
	return migration.Block{ID: fmt.Sprintf("block%04d-%x", n, sum[:4]), Data: data, MD5: sum}
}

func stage(t *testing.T, x migration.Target, path string, b migration.Block) migration.BlockRef {
	t.Helper()
	offset, err := x.Stage(t.Context(), path, b)
	must(t, err)
	return migration.BlockRef{ID: b.ID, Size: int64(len(b.Data)), Offset: offset}
}

// restoreAll restores refs and checks which come back.
func restoreAll(t *testing.T, x migration.Target, path string, kept, want []migration.BlockRef) {
	t.Helper()
	got, err := x.Restore(t.Context(), path, kept)
	must(t, err)
	byID := func(r migration.BlockRef) string { return r.ID }
	if !slices.EqualFunc(sortedBy(got, byID), sortedBy(want, byID), sameRef) {
		t.Fatalf("restored %v, want %v", got, want)
	}
}

// sameRef compares what names a block; a target may know its MD5 or not.
func sameRef(a, b migration.BlockRef) bool {
	return a.ID == b.ID && a.Size == b.Size && a.Offset == b.Offset
}

func sortedBy(in []migration.BlockRef, key func(migration.BlockRef) string) []migration.BlockRef {
	out := slices.Clone(in)
	slices.SortFunc(out, func(a, b migration.BlockRef) int {
		if key(a) < key(b) {
			return -1
		}
		return 1
	})
	return out
}

// each runs f for 0 to n-1 at the same time and reports the errors.
func each(t *testing.T, n int, f func(i int) error) {
	t.Helper()
	errs := make(chan error)
	for i := range n {
		go func() { errs <- f(i) }()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func stopped(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
