package journal

import (
	"context"
	"errors"
	"os"
	"testing"
)

// beside opens a journal, however small, as a large one is opened.
var beside = Options{AuditFrom: 1}

// besideTheWork opens a copy of a journal, waits for its audit and returns what
// is in it. Open, the audit or the reading may find damage.
func besideTheWork(t testing.TB, dir string) (everything, error) {
	t.Helper()
	j, err := Open(context.Background(), copyDir(t, dir), testKey, beside)
	if err != nil {
		return everything{}, err
	}
	if err := j.Whole(context.Background()); err != nil {
		if cerr := j.Close(); !errors.Is(cerr, ErrDamaged) {
			t.Errorf("the audit says %v, Close says %v", err, cerr)
		}
		return everything{}, err
	}
	e := readAll(t, j)
	must(t, j.Close())
	return e, nil
}

// TestDamageFoundBesideTheWork: what only all records together show does not keep
// a large journal from opening. It ends the work, and the next start is told
// before it begins.
func TestDamageFoundBesideTheWork(t *testing.T) {
	for name, statement := range map[string]string{
		"row lost":       "DELETE FROM objects WHERE key='doc-000002'",
		"claim lost":     "DELETE FROM claims WHERE key='doc-000002'",
		"record changed": "UPDATE objects SET outcome='uploadee' WHERE key='doc-000004'",
		"earlier came":   "INSERT INTO earlier SELECT * FROM objects WHERE key='doc-000001'",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := openTest(t, dir, Options{})
			fillSome(t, j, 8)
			must(t, j.Close())
			foreign(t, j.Path(), statement)
			j, err := Open(t.Context(), dir, testKey, beside)
			must(t, err)
			known, err := j.Plan(t.Context(), []Object{object(1)}) // a record that is whole
			if err == nil && known[0].Outcome != "uploaded" {
				t.Errorf("a whole record reads %+v", known[0])
			}
			if err := j.Whole(t.Context()); !errors.Is(err, ErrDamaged) {
				t.Fatalf("the audit says %v", err)
			}
			var acked error
			j.Ack(sent(30), func(err error) { acked = err })
			if err := j.Flush(t.Context()); !errors.Is(err, ErrDamaged) || !errors.Is(acked, ErrDamaged) {
				t.Errorf("after it was found: %v, %v", err, acked)
			}
			if err := j.Close(); !errors.Is(err, ErrDamaged) {
				t.Errorf("Close: %v", err)
			}
			for range 2 { // being refused changes nothing
				if _, err := Open(t.Context(), dir, testKey, beside); !errors.Is(err, ErrDamaged) {
					t.Fatalf("the next start: %v", err)
				}
			}
			aside, err := SetAside(dir, testKey, Options{})
			must(t, err)
			if _, err := os.Stat(aside + suspectSuffix); err != nil {
				t.Errorf("set aside: %v", err)
			}
			must(t, openTest(t, dir, beside).Whole(t.Context()))
		})
	}
}

// TestAuditEndsWithTheJournal: closing does not wait for the end of an audit, and
// one that was closed is not taken for damage.
func TestAuditEndsWithTheJournal(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	fillSome(t, j, 5)
	must(t, j.Close())
	for _, at := range []int{1, 2, 4} {
		readings := 0
		j := openAudited(t, dir, auditOptions{page: 2}, func(j *Journal) {
			if readings++; readings == at {
				j.audit.cancel()
			}
		})
		if err := j.Whole(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("closed in reading %d: %v", at, err)
		}
		must(t, j.Close())
		if doubt, err := suspected(j.Path()); err != nil || doubt {
			t.Errorf("a journal that was closed is suspect: %v, %v", doubt, err)
		}
	}
}

// TestWhatNeedsAllRecordsWaits: sums, and what empties tables, come after the
// audit.
func TestWhatNeedsAllRecordsWaits(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	fillSome(t, j, 5)
	j.audit.err = damaged("ledger objects", "a record is gone")
	defer func() { j.audit.err = nil }()
	ctx := t.Context()
	_, totals := j.Totals(ctx)
	_, owners := j.Owners(ctx)
	for name, err := range map[string]error{
		"Totals": totals, "Owners": owners, "Supersede": j.Supersede(ctx, Run{ID: "next"}), "Renew": j.Renew(ctx, Run{ID: "next"}),
		"Succeed": j.Succeed(ctx, Run{ID: "next"}, func(Object) bool { return true }),
	} {
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(objects(t, j, "")); n != 5 {
		t.Errorf("%d of 5 objects are left", n)
	}
}

// TestAcquitted: a suspect journal that is whole, for example a copy that somebody
// has put back, is read in full once and then trusted again.
func TestAcquitted(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	fillSome(t, j, 5)
	want := readAll(t, j)
	j.suspect(damaged("objects", "for a test"))
	must(t, j.Close())
	if doubt, err := suspected(j.Path()); err != nil || !doubt {
		t.Fatalf("suspect: %v, %v", doubt, err)
	}
	j, err := Open(t.Context(), dir, testKey, beside)
	must(t, err)
	if j.audit.running() {
		t.Error("a suspect journal was opened before it was read")
	}
	if got := readAll(t, j); len(got.Objects) != len(want.Objects) {
		t.Errorf("%d objects", len(got.Objects))
	}
	must(t, j.Close())
	if doubt, err := suspected(j.Path()); err != nil || doubt {
		t.Errorf("it is still suspect: %v, %v", doubt, err)
	}
}
