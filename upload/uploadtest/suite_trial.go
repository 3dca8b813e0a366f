package uploadtest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"golang.org/x/sync/errgroup"

	"omt/migration"
)

// trial: a measurement leaves no object and harms none, also one that was broken
// off, and may be made again.
func (s *suite) trial(t *testing.T) {
	x := s.open(t)
	g, ok := x.(migration.Gauge)
	if !ok {
		t.Skip("this target cannot be measured")
	}
	put(t, x, "a", []byte("was here before"))
	must(t, g.EndTrial(t.Context()))
	for range 2 {
		for _, size := range []int{1, 1 << 10, 300 << 10} {
			var group errgroup.Group
			for lane := range 8 {
				group.Go(func() error { return g.Trial(t.Context(), lane, bytes.Repeat([]byte{byte(lane)}, size)) })
			}
			must(t, group.Wait())
		}
		must(t, g.EndTrial(t.Context()))
		if _, err := x.Probe(t.Context()); err != nil {
			t.Fatalf("probe after a measurement: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	must(t, g.Trial(ctx, 3, []byte("broken off")))
	cancel()
	if err := g.Trial(ctx, 3, []byte("late")); !errors.Is(err, context.Canceled) {
		t.Errorf("trial of a caller who gave up: %v", err)
	}
	must(t, g.EndTrial(t.Context()))
	if got := paths(t, x, ""); len(got) != 1 || got[0] != "a" {
		t.Errorf("listed %v, want the one object only", got)
	}
	same(t, x, "a", []byte("was here before"))
}
