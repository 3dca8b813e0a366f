package journal

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
)

// The synthetic later versions: 4 adds a table, 5 rewrites every note.
var laterSteps = []step{
	steps[0], steps[1], steps[2],
	{4, func(_ context.Context, s *store) error { return s.exec("CREATE TABLE extra(x INTEGER) STRICT") }},
	{5, func(ctx context.Context, s *store) error {
		var notes []record
		err := scan(ctx, s.conn, noteTable, "", nil, func(r record, _ int64) error {
			notes = append(notes, append(record(nil), r...))
			return nil
		})
		for _, r := range notes {
			r[2] = append([]byte("v5:"), r[2].([]byte)...)
			err = firstError(err, s.put(noteTable, r))
		}
		return err
	}},
}

func openSteps(t *testing.T, dir string, o Options, steps []step) (*Journal, error) {
	t.Helper()
	return open(context.Background(), dir, testKey, o.withDefaults(), steps)
}

func TestUpgradeOfAnOlderVersion(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	fillSome(t, j, 10)
	must(t, j.PutNote(t.Context(), "r", "plan", []byte("body")))
	want := readAll(t, j)
	must(t, j.Close())

	for range 2 { // the second time there is nothing left to do
		j, err := openSteps(t, dir, Options{}, laterSteps)
		must(t, err)
		want.Note = "v5:body"
		if got := readAll(t, j); !reflect.DeepEqual(got, want) {
			t.Errorf("after the upgrade: %+v", got)
		}
		must(t, j.Close())
	}
	_, err := Open(t.Context(), dir, testKey, Options{})
	if !errors.Is(err, ErrNewer) || errors.Is(err, ErrDamaged) {
		t.Errorf("a newer version: %v", err)
	}
	j, err = openSteps(t, dir, Options{}, laterSteps)
	must(t, err)
	must(t, j.Close())
}

func TestFailedUpgradeChangesNothing(t *testing.T) {
	broken := errors.New("broken step")
	failing := append(laterSteps[:4:4], step{5, func(_ context.Context, s *store) error {
		return firstError(s.exec("DELETE FROM objects"), broken)
	}})
	forgetful := append(laterSteps[:4:4], step{5, func(_ context.Context, s *store) error {
		return s.exec("DELETE FROM objects") // without the ledger
	}})
	for name, c := range map[string]struct {
		steps []step
		fail  func(string) error
		want  error
	}{
		"step fails":          {failing, nil, broken},
		"step loses records":  {forgetful, nil, ErrDamaged},
		"fails before commit": {laterSteps, failAt(PointUpgradeBefore, 1, broken), broken},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := openTest(t, dir, Options{})
			fillSome(t, j, 10)
			want := readAll(t, j)
			must(t, j.Close())
			if _, err := openSteps(t, dir, Options{FailPoint: c.fail}, c.steps); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			got, err := reopen(t, dir) // with the version of today
			must(t, err)
			if !reflect.DeepEqual(got, want) {
				t.Error("the old journal changed")
			}
		})
	}
}

// A member of version 2 has no digest and stays readable with one.
func TestUpgradeKeepsMembers(t *testing.T) {
	dir := t.TempDir()
	j, err := openSteps(t, dir, Options{}, steps[:2])
	must(t, err)
	m := Member{Run: "r", Name: "a", Table: "t", Rows: 3, SHA256: [32]byte{1}, Offset: -1}
	must(t, j.do(t.Context(), func(s *store) error {
		r := m.record()
		return s.put(memberTable1, r[:len(r)-1])
	}))
	must(t, j.Close())
	again, err := Open(t.Context(), dir, testKey, Options{})
	must(t, err)
	var got []Member
	must(t, again.Members(t.Context(), "r", func(m Member) error { got = append(got, m); return nil }))
	must(t, again.Close())
	if len(got) != 1 || got[0] != m {
		t.Errorf("members after the upgrade: %+v", got)
	}
}

func TestStepsAreInOrder(t *testing.T) {
	for i, s := range steps {
		if s.version != i+1 {
			t.Errorf("step %d has version %d", i, s.version)
		}
	}
}

func TestObjectsNeverSort(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	for _, where := range []string{"", "WHERE kind='d'", `WHERE kind='d' AND ("row","key")>(1,'a')`, `WHERE (kind,"row","key")>('d',1,'a')`} {
		query := fmt.Sprintf("EXPLAIN QUERY PLAN SELECT * FROM objects INDEXED BY objects_order %s ORDER BY %s LIMIT 5", where, objectOrder)
		var id, parent, unused int
		var detail string
		must(t, j.read.QueryRow(query).Scan(&id, &parent, &unused, &detail))
		if where != "" && detail[:6] != "SEARCH" {
			t.Errorf("%q: %s", where, detail)
		}
		t.Logf("%s", detail)
		rows, err := j.read.Query(query)
		must(t, err)
		lines := 0
		for rows.Next() {
			lines++
		}
		must(t, rows.Close())
		if lines != 1 {
			t.Errorf("%q needs a temporary b-tree", where)
		}
	}
}
