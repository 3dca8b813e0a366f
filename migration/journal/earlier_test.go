package journal

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"
)

// A journal of version 1 gets its place for earlier objects and keeps the rest.
func TestUpgradeFromTheFirstVersion(t *testing.T) {
	dir := t.TempDir()
	must(t, create(t.Context(), filepath.Join(dir, testKey.fileName()), testKey, Options{}.withDefaults(), steps[:1]))
	j := openTest(t, dir, Options{})
	j.Ack(sent(1), nil)
	must(t, j.Supersede(t.Context(), Run{ID: "run-2"}))
	if _, found, err := j.Earlier(t.Context(), "document", sent(1).Key); err != nil || !found {
		t.Errorf("found %v, %v", found, err)
	}
}

func uploadedRun(t *testing.T, j *Journal, n int) {
	t.Helper()
	must(t, j.PutRun(t.Context(), Run{ID: "run-1", State: "uploaded"}))
	for i := range n {
		j.Ack(sent(i), nil)
	}
	must(t, j.Flush(t.Context()))
}

// After Supersede the objects are those of the earlier run, their paths are
// free, and a second one forgets what the first had kept.
func TestSupersede(t *testing.T) {
	const n = page + 7
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	uploadedRun(t, j, n)
	must(t, j.PutEarlier(t.Context(), []Object{{Kind: "document", Key: "old"}}))
	must(t, j.PutNote(t.Context(), "run-1", "plan", []byte("kept")))
	must(t, j.Supersede(t.Context(), Run{ID: "run-2", State: "preparing"}))
	must(t, j.Close())

	j = openTest(t, dir, Options{}) // reads and counts every record
	if left := objects(t, j, ""); len(left) != 0 {
		t.Fatalf("%d objects are left", len(left))
	}
	for _, i := range []int{0, n - 1} {
		want := sent(i)
		got, found, err := j.Earlier(t.Context(), want.Kind, want.Key)
		if err != nil || !found || !reflect.DeepEqual(got, want) {
			t.Errorf("object %d: %v, %v: %+v", i, found, err, got)
		}
		if _, found, err := j.At(t.Context(), want.Folded); err != nil || found {
			t.Errorf("path %s is still claimed: %v", want.Folded, err)
		}
	}
	if _, found, err := j.Earlier(t.Context(), "document", "old"); err != nil || found {
		t.Errorf("what was kept before is still there: %v", err)
	}
	if last, _, err := j.LastRun(t.Context()); err != nil || last.ID != "run-2" {
		t.Errorf("last run %s, %v", last.ID, err)
	}
	if body, _, err := j.Note(t.Context(), "run-1", "plan"); err != nil || string(body) != "kept" {
		t.Errorf("note %q, %v", body, err)
	}
}

// Until the run stands in the journal everything is as it was: a process that
// dies while the objects are copied leaves the uploaded run.
func TestSupersedeIsCutOff(t *testing.T) {
	broken := errors.New("broken")
	for count := int64(1); ; count++ {
		dir := t.TempDir()
		j := openTest(t, dir, Options{})
		uploadedRun(t, j, 3)
		want := objects(t, j, "")
		must(t, j.Close())
		j = openTest(t, dir, Options{FailPoint: failAt(PointGroupBefore, count, broken)})
		err := j.Supersede(t.Context(), Run{ID: "run-2"})
		if err == nil {
			if count != 4 {
				t.Errorf("%d commits, want 3", count-1)
			}
			return
		}
		_ = j.Close()
		j = openTest(t, dir, Options{})
		if last, _, err := j.LastRun(t.Context()); err != nil || last.ID != "run-1" {
			t.Errorf("after %d commits: last run %s, %v", count-1, last.ID, err)
		}
		if got := objects(t, j, ""); !reflect.DeepEqual(got, want) {
			t.Errorf("after %d commits: objects %+v", count-1, got)
		}
	}
}

func TestRenewForgetsEverything(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	uploadedRun(t, j, 3)
	must(t, j.PutEarlier(t.Context(), []Object{{Kind: "document", Key: "old"}}))
	must(t, j.Renew(t.Context(), Run{ID: "run-2"}))
	_, found, err := j.Earlier(t.Context(), "document", "old")
	if left := objects(t, j, ""); len(left) != 0 || found || err != nil {
		t.Errorf("%d objects, earlier %v, %v", len(left), found, err)
	}
	if err := j.Renew(t.Context(), Run{}); !errors.Is(err, errNoKey) {
		t.Errorf("a run without id: %v", err)
	}
	if err := j.PutEarlier(t.Context(), []Object{{Kind: "document"}}); !errors.Is(err, errNoKey) {
		t.Errorf("an object without key: %v", err)
	}
}

// Find changes nothing, unlike Plan.
func TestFindInsertsNothing(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	uploadedRun(t, j, 1)
	if o, found, err := j.Find(t.Context(), "document", sent(0).Key); err != nil || !found || o.Size != 1000 {
		t.Errorf("%v, %v, %+v", found, err, o)
	}
	if o, found, err := j.At(t.Context(), sent(0).Folded); err != nil || !found || o.Key != sent(0).Key {
		t.Errorf("%v, %v, %+v", found, err, o)
	}
	if _, found, err := j.Find(t.Context(), "document", "other"); err != nil || found {
		t.Errorf("found %v, %v", found, err)
	}
	if all := objects(t, j, ""); len(all) != 1 {
		t.Errorf("%d objects", len(all))
	}
}

// Succeed keeps what both runs have sent, the later word for each, and forgets
// what lies at a path that another object has taken.
func TestSucceed(t *testing.T) {
	ctx := t.Context()
	j := openTest(t, t.TempDir(), Options{})
	at := func(i int, path string, sum byte) Object {
		o := sent(i)
		o.Target, o.Folded, o.SHA256 = path, path, [32]byte{sum}
		return o
	}
	for i, path := range []string{"a", "b", "c", "d"} {
		j.Ack(at(i, path, 1), nil)
	}
	must(t, j.Supersede(ctx, Run{ID: "second"}))
	j.Ack(at(1, "b", 2), nil) // sent again
	j.Ack(at(4, "c", 2), nil) // takes the path of the third
	missing := object(3)      // known, and not sent
	missing.Outcome = "missing"
	j.Ack(missing, nil)
	must(t, j.Succeed(ctx, Run{ID: "third"}, func(o Object) bool { return o.Outcome == "uploaded" }))
	for i, want := range []byte{1, 2, 0, 1, 2} {
		o, found, err := j.Earlier(ctx, "document", sent(i).Key)
		if err != nil || found != (want > 0) || found && o.SHA256[0] != want {
			t.Errorf("object %d: %v, %v with %d, want %d", i, err, found, o.SHA256[0], want)
		}
	}
	if n := len(objects(t, j, "")); n != 0 {
		t.Errorf("%d objects of the run before are left", n)
	}
	if r, _, err := j.LastRun(ctx); err != nil || r.ID != "third" {
		t.Errorf("last run is %s, %v", r.ID, err)
	}
	// The ledger agrees: otherwise the next start would refuse the journal.
	dir := copyDir(t, filepath.Dir(j.Path()))
	again, err := Open(ctx, dir, testKey, Options{})
	must(t, err)
	must(t, again.Close())
}
