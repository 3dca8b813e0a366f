package journal

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
)

// failAt fails at the nth call of one point.
func failAt(point string, n int64, err error) func(string) error {
	var calls atomic.Int64
	return func(name string) error {
		if name == point && calls.Add(1) == n {
			return err
		}
		return nil
	}
}

func TestFailedCommitSticks(t *testing.T) {
	broken := errors.New("disk fell out")
	for point, survivors := range map[string]int{PointGroupBefore: 1, PointGroupAfter: 3} {
		t.Run(point, func(t *testing.T) {
			dir := t.TempDir()
			j := openTest(t, dir, Options{FailPoint: failAt(point, 2, broken)})
			_, err := j.Plan(t.Context(), []Object{object(1)})
			must(t, err)
			var acks []error
			done := func(err error) { acks = append(acks, err) }
			j.Ack(sent(2), done)
			j.AckMember(Member{Run: "r", Name: "m"}, &Range{Run: "r", Table: "t"}, done)
			j.Ack(sent(3), done)
			if err := j.Flush(t.Context()); !errors.Is(err, broken) {
				t.Errorf("flush: %v", err)
			}
			j.Ack(sent(4), done)
			checkSticky(t, j, broken)
			if err := j.Close(); !errors.Is(err, broken) {
				t.Errorf("Close: %v", err)
			}
			if len(acks) != 4 {
				t.Errorf("%d of 4 done functions ran", len(acks))
			}
			for _, err := range acks {
				if !errors.Is(err, broken) {
					t.Errorf("done got %v", err)
				}
			}
			j = openTest(t, dir, Options{})
			if n := len(objects(t, j, "")); n != survivors {
				t.Errorf("%d objects after reopening, want %d", n, survivors)
			}
			if m, r := len(members(t, j, "r")), len(ranges(t, j, "r")); m != r || m != (survivors-1)/2 {
				t.Errorf("%d members and %d ranges", m, r)
			}
		})
	}
}

// checkSticky calls every method after a failure.
func checkSticky(t *testing.T, j *Journal, want error) {
	t.Helper()
	ctx := context.Background()
	_, planned := j.Plan(ctx, []Object{object(9)})
	_, _, claimed := j.Claim(ctx, "f", "k", "k")
	_, _, last := j.LastRun(ctx)
	_, runs := j.Runs(ctx)
	_, _, note := j.Note(ctx, "r", "n")
	_, totals := j.Totals(ctx)
	_, owners := j.Owners(ctx)
	for name, err := range map[string]error{
		"PutRun": j.PutRun(ctx, Run{ID: "r"}), "PutNote": j.PutNote(ctx, "r", "n", nil), "Plan": planned, "Claim": claimed,
		"PlanRanges": j.PlanRanges(ctx, "r", nil), "DropParts": j.DropParts(ctx, "r"), "Flush": j.Flush(ctx),
		"LastRun": last, "Runs": runs, "Note": note, "Totals": totals, "Owners": owners,
		"Objects": j.Objects(ctx, "", func(Object) error { return nil }),
		"Ranges":  j.Ranges(ctx, "r", func(Range) error { return nil }),
		"Members": j.Members(ctx, "r", func(Member) error { return nil }),
	} {
		if !errors.Is(err, want) {
			t.Errorf("%s after a failed commit: %v", name, err)
		}
	}
}

func TestInjectedFullDisk(t *testing.T) {
	t.Log("full disk by an injected ENOSPC")
	dir := t.TempDir()
	full := fmt.Errorf("write: %w", syscall.ENOSPC)
	if _, err := Open(t.Context(), dir, testKey, Options{FailPoint: failAt(PointCreateBefore, 1, full)}); !errors.Is(err, ErrNoSpace) {
		t.Fatalf("Open: %v", err)
	}
	if found, err := Exists(dir, testKey); err != nil || found {
		t.Fatalf("a journal that was not made exists: %v, %v", found, err)
	}
	j := openTest(t, dir, Options{FailPoint: failAt(PointGroupBefore, 1, full)})
	if err := j.PutRun(t.Context(), Run{ID: "r"}); !errors.Is(err, ErrNoSpace) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("PutRun: %v", err)
	}
}

func TestCallerMistakesDoNotStick(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	var errs []error
	collect := func(err error) { errs = append(errs, err) }
	j.Ack(Object{}, collect)
	j.AckMember(Member{}, nil, collect)
	must(t, j.Flush(t.Context()))
	if len(errs) != 2 || errs[0] == nil || errs[1] == nil {
		t.Errorf("mistakes were taken: %v", errs)
	}
	if n := len(objects(t, j, "")); n != 0 {
		t.Errorf("%d objects", n)
	}
}
