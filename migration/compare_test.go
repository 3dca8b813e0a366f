package migration_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

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

// Each field of a user that matters to a plan is named when it differs, a login is
// not; tables that have come and gone are told as that.
func TestCompareNamesFieldsAndTables(t *testing.T) {
	src := newFakeSource(3, 10, 1)
	src.users[0].LastLogin = time.Unix(100, 0)
	w := newWorld(t, src)
	w.mustRun(w.plan)
	before := src.users[0]
	for want, change := range map[string]func(*migration.User){
		"":         func(u *migration.User) { u.LastLogin = time.Unix(900, 0) },
		"initials": func(u *migration.User) { u.Initials = "HB" },
		"name":     func(u *migration.User) { u.FullName = "Hanna Berg Lie" },
		"group":    func(u *migration.User) { u.Group = "Sales" },
		"role":     func(u *migration.User) { u.Admin = false },
		"emails":   func(u *migration.User) { u.Emails = []string{"hanna@fjordlys.no", "second@fjordlys.no"} },
		"licences": func(u *migration.User) { u.Licences = nil },
	} {
		src.users[0] = before
		change(&src.users[0])
		c, err := w.compare()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range c.Users {
			got = append(got, u.What...)
		}
		if want == "" && c.UserTotal != 0 || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("%q: %+v", want, c.Users)
		}
	}
	src.users[0] = before
	added := *src.tables[2]
	added.Name = "table99"
	src.tables[2] = &added
	src.rows[added.FullName()] = []int64{1, 2, 3}
	c, err := w.compare()
	if err != nil {
		t.Fatal(err)
	}
	want := []migration.TableChange{{Change: migration.Removed, Table: "[CRM7].[table02]", Was: 10}, {Change: migration.Added, Table: "[CRM7].[table99]", Now: 3}}
	if !slices.Equal(c.Tables, want) || c.TableTotal != 2 {
		t.Errorf("tables %+v, want %+v", c.Tables, want)
	}
}
