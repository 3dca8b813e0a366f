package migration_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"omt/migration"
)

// compare holds the world's journal against its source of now.
func (w *world) compare() (c *migration.Comparison, err error) {
	w.t.Helper()
	err = w.open(nil, w.src, func(m *migration.Migration) error {
		c, err = migration.Compare(context.Background(), m.Journal, m.Source)
		return err
	})
	return c, err
}

func TestCompareNeedsAnUploadedTest(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 10, 3))
	if _, err := w.compare(); !errors.Is(err, migration.ErrNothingToCompare) {
		t.Errorf("compare without a run: %v", err)
	}
	w.mustRun(w.plan)
	w.live()
	if _, err := w.compare(); !errors.Is(err, migration.ErrNothingToCompare) {
		t.Errorf("compare with a live run: %v", err)
	}
}

func TestCompareFindsEveryKindOfChange(t *testing.T) {
	src := newFakeSource(2, 10, 6)
	src.users = append(src.users, migration.User{AssociateID: 2, PersonID: 2, Initials: "OLA", FullName: "Ola Berg"})
	w := newWorld(t, src)
	there := src.items[2]
	src.items[2].Source, src.items[2].Outcome = "", migration.Missing
	w.mustRun(w.plan)
	c, err := w.compare()
	if err != nil || !c.Same() || c.UsersUnknown || c.Summary().ID != "compare.same" {
		t.Fatalf("nothing has changed, comparison says %+v, %v", c, err)
	}

	gone := src.users[1]
	src.users = slices.Clone(src.users[:1])
	src.users[0].Group = "Sales"
	src.users = append(src.users, migration.User{AssociateID: 999, Initials: "NEW", FullName: "New Person"},
		migration.User{AssociateID: 998, Initials: "RES", Type: migration.Resource})
	table := src.tables[0].FullName()
	src.rows[table] = append(src.rows[table], 1000, 1001)
	src.items[2] = there
	src.items[0].Source, src.items[0].Outcome = "", migration.Missing
	src.items = slices.Delete(src.items, 4, 5)
	src.write(2, "has grown by some bytes", 9)
	src.addDocument(50, "new.txt", []byte("new"))

	c, err = w.compare()
	if err != nil {
		t.Fatal(err)
	}
	got := map[migration.Change][]int64{}
	for _, u := range c.Users {
		got[u.Change] = append(got[u.Change], u.AssociateID)
	}
	if !slices.Equal(got[migration.Added], []int64{999}) || !slices.Equal(got[migration.Removed], []int64{gone.AssociateID}) ||
		!slices.Equal(got[migration.Altered], []int64{src.users[0].AssociateID}) {
		t.Errorf("users are %+v", c.Users)
	}
	if len(c.Tables) != 1 || c.Tables[0].Was != 10 || c.Tables[0].Now != 12 {
		t.Errorf("tables are %+v", c.Tables)
	}
	if want := (migration.FileComparison{Added: 1, Removed: 1, Found: 1, Lost: 1, Changed: 1}); c.Files != want {
		t.Errorf("files are %+v, want %+v", c.Files, want)
	}
	if c.Summary().ID != "compare.summary" || len(c.Messages()) != 5 {
		t.Errorf("words are %v, %v", c.Summary(), c.Messages())
	}
}
