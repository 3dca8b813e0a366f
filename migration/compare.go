package migration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"omt/migration/journal"
)

// Comparison is what has changed in the installation since the last uploaded
// test migration, so that the night of the live one holds no surprise. Lists
// hold at most maxListed entries; the totals count all.
type Comparison struct {
	Run   string    `json:"run"`
	Ended time.Time `json:"ended"` // when the test migration was uploaded
	// UsersUnknown: the run kept no list of users, so that Users is empty.
	UsersUnknown bool           `json:"usersUnknown,omitempty"`
	Users        []UserChange   `json:"users"`
	UserTotal    int            `json:"userTotal"`
	Tables       []TableChange  `json:"tables"`
	TableTotal   int            `json:"tableTotal"`
	Files        FileComparison `json:"files"`
}

// Change is how something differs from before.
type Change string

// The changes.
const (
	Added   Change = "added"
	Removed Change = "removed"
	Altered Change = "changed"
)

// UserChange is a person who could become a user online, then or now. What names
// the fields of User that differ.
type UserChange struct {
	Change      Change   `json:"change"`
	AssociateID int64    `json:"associateId"`
	Initials    string   `json:"initials"`
	FullName    string   `json:"fullName"`
	What        []string `json:"what,omitempty"`
}

// TableChange is a table with another number of rows.
type TableChange struct {
	Change Change `json:"change"`
	Table  string `json:"table"`
	Was    int64  `json:"was"`
	Now    int64  `json:"now"`
}

// FileComparison counts documents and other files by name, size and time; no
// file is read.
type FileComparison struct {
	Added   int64 `json:"added"`   // rows or files that the test did not have
	Removed int64 `json:"removed"` // rows or files that are no longer listed
	Found   int64 `json:"found"`   // were missing, are there now
	Lost    int64 `json:"lost"`    // were sent, are missing now
	Changed int64 `json:"changed"` // were sent, differ in size or time
}

// ErrNothingToCompare: the journal of this computer has no uploaded test migration.
var ErrNothingToCompare = errors.New("there is no uploaded test migration to compare with")

// noteUsers are the users of the database as a run found them.
const noteUsers = "users"

// Compare holds the last uploaded test migration of the journal against the
// installation of today. It only reads. ErrNothingToCompare says that there is
// none, or that a later run has begun to take its place in the journal.
func Compare(ctx context.Context, j *journal.Journal, src Source) (*Comparison, error) {
	last, found, err := j.LastRun(ctx)
	if err != nil {
		return nil, fmt.Errorf("read runs of journal: %w", err)
	}
	state := State(last.State)
	if !found || Mode(last.Mode) != ModeTest || state != StateUploaded && state != StateComplete {
		return nil, Fail("compare", "", ErrNothingToCompare, Msg("compare.none"))
	}
	set, err := settingsOf(last)
	if err != nil {
		return nil, err
	}
	// A recovery of missing files adds files; users and tables are those of the
	// run that it went on from.
	owner := last.ID
	if set.Package != "" {
		owner = set.Package
	}
	c := &Comparison{Run: last.ID, Ended: last.Ended, Users: []UserChange{}, Tables: []TableChange{}}
	for _, part := range []func(context.Context, *journal.Journal, Source, string) error{c.users, c.tables, c.files} {
		if err := part(ctx, j, src, owner); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Same tells whether nothing has changed, as far as it could be compared.
func (c *Comparison) Same() bool {
	return c.UserTotal == 0 && c.TableTotal == 0 && c.Files == FileComparison{}
}

// Total is how many documents and files differ.
func (f FileComparison) Total() int64 { return f.Added + f.Removed + f.Found + f.Lost + f.Changed }

// Summary is the comparison in one sentence.
func (c *Comparison) Summary() Message {
	when := c.Ended.UTC().Format("2006-01-02 15:04 UTC")
	if c.Same() {
		return Msg("compare.same", "When", when)
	}
	return Msg("compare.summary", "When", when, "Users", c.UserTotal, "Tables", c.TableTotal, "Files", c.Files.Total())
}

// Messages are the single changes.
func (c *Comparison) Messages() []Message {
	var out []Message
	if c.UsersUnknown {
		out = append(out, Msg("compare.users.unknown"))
	}
	for _, u := range c.Users {
		switch u.Change {
		case Added:
			out = append(out, Msg("compare.user.added", "Name", u.FullName, "User", u.Initials))
		case Removed:
			out = append(out, Msg("compare.user.removed", "Name", u.FullName, "User", u.Initials))
		default:
			out = append(out, Msg("compare.user.changed", "Name", u.FullName, "User", u.Initials, "What", strings.Join(u.What, ", ")))
		}
	}
	for _, t := range c.Tables {
		switch t.Change {
		case Added:
			out = append(out, Msg("compare.table.new", "Table", t.Table, "Now", t.Now))
		case Removed:
			out = append(out, Msg("compare.table.gone", "Table", t.Table, "Was", t.Was))
		default:
			out = append(out, Msg("compare.table", "Table", t.Table, "Was", t.Was, "Now", t.Now))
		}
	}
	if f := c.Files; f != (FileComparison{}) {
		out = append(out, Msg("compare.files", "Added", f.Added, "Removed", f.Removed, "Found", f.Found, "Lost", f.Lost, "Changed", f.Changed))
	}
	return out
}

// keepUsers stores who could become a user when the run began. A login time
// changes daily and says nothing, so it is left out.
func (m *Migration) keepUsers(ctx context.Context) error {
	users, err := m.Source.Users(ctx)
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	kept := []User{}
	for _, u := range users {
		if u.Candidate() {
			u.LastLogin = time.Time{}
			kept = append(kept, u)
		}
	}
	b, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("encode users: %w", err)
	}
	if err := m.Journal.PutNote(ctx, m.run.ID, noteUsers, b); err != nil {
		return fmt.Errorf("keep users: %w", err)
	}
	return nil
}

// compareNote reads a note of a run into v and tells whether there is one.
func compareNote(ctx context.Context, j *journal.Journal, run, name string, v any) (bool, error) {
	b, found, err := j.Note(ctx, run, name)
	if err != nil || !found {
		return false, err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, Fail("read journal note", name, errors.Join(journal.ErrDamaged, err), Msg("hint.journal.damaged", "Record", name))
	}
	return true, nil
}

func (c *Comparison) users(ctx context.Context, j *journal.Journal, src Source, run string) error {
	var kept []User
	found, err := compareNote(ctx, j, run, noteUsers, &kept)
	if err != nil {
		return fmt.Errorf("read users of journal: %w", err)
	}
	if c.UsersUnknown = !found; !found {
		return nil
	}
	now, err := src.Users(ctx)
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	was := usersByID(kept)
	add := func(change Change, u User, what ...string) {
		if c.UserTotal++; len(c.Users) < maxListed {
			c.Users = append(c.Users, UserChange{Change: change, AssociateID: u.AssociateID, Initials: u.Initials, FullName: u.FullName, What: what})
		}
	}
	for _, u := range now {
		if !u.Candidate() {
			continue
		}
		old, known := was[u.AssociateID]
		delete(was, u.AssociateID)
		if !known {
			add(Added, u)
		} else if what := userDiffers(old, u); len(what) > 0 {
			add(Altered, u, what...)
		}
	}
	for _, u := range kept {
		if _, gone := was[u.AssociateID]; gone {
			add(Removed, u)
		}
	}
	return nil
}

// userDiffers names the fields that matter to a plan.
func userDiffers(a, b User) []string {
	var out []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"initials", a.Initials == b.Initials},
		{"name", a.FullName == b.FullName},
		{"group", a.Group == b.Group},
		{"role", a.Role == b.Role && a.Admin == b.Admin},
		{"emails", sameAddresses(a.Emails, b.Emails)},
		{"licences", slices.Equal(a.Licences, b.Licences) && a.PlanName == b.PlanName},
	} {
		if !f.same {
			out = append(out, f.name)
		}
	}
	return out
}

func (c *Comparison) tables(ctx context.Context, j *journal.Journal, src Source, run string) error {
	was := map[string]int64{}
	if _, err := compareNote(ctx, j, run, noteCounts, &was); err != nil {
		return fmt.Errorf("read counts of journal: %w", err)
	}
	catalog, err := src.Catalog(ctx)
	if err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	add := func(t TableChange) {
		if c.TableTotal++; len(c.Tables) < maxListed {
			c.Tables = append(c.Tables, t)
		}
	}
	for _, t := range catalog.Tables {
		name := tableID(t)
		old, known := was[name]
		delete(was, name)
		n, err := src.Count(ctx, t)
		switch {
		case err != nil:
			return fmt.Errorf("count rows of %s: %w", name, err)
		case !known:
			add(TableChange{Change: Added, Table: name, Now: n})
		case n != old:
			add(TableChange{Change: Altered, Table: name, Was: old, Now: n})
		}
	}
	for name, n := range was {
		add(TableChange{Change: Removed, Table: name, Was: n})
	}
	slices.SortFunc(c.Tables, func(a, b TableChange) int { return strings.Compare(a.Table, b.Table) })
	return nil
}

// files compares what is listed today with what the journal has. Objects that
// nobody listed today are found by their number, so that no list of a million
// keys is held.
func (c *Comparison) files(ctx context.Context, j *journal.Journal, src Source, _ string) error {
	var known, met int64
	totals, err := j.Totals(ctx)
	if err != nil {
		return fmt.Errorf("count objects of journal: %w", err)
	}
	for _, kind := range ItemKinds() {
		for _, t := range totals[string(kind)] {
			known += t.Count
		}
		err := src.Items(ctx, kind, func(it Item) error {
			o, found, err := j.Find(ctx, string(kind), it.Key)
			if err != nil {
				return fmt.Errorf("look up item: %w", err)
			}
			if !found {
				c.Files.Added++
				return nil
			}
			met++
			c.Files.count(o, it)
			return nil
		})
		if err != nil {
			return fmt.Errorf("list %ss: %w", kind, err)
		}
	}
	c.Files.Removed = max(0, known-met)
	return nil
}

func (f *FileComparison) count(o journal.Object, it Item) {
	switch {
	case !sent(o) && lost(Outcome(o.Outcome)) && it.Outcome == "":
		f.Found++
	case sent(o) && lost(it.Outcome):
		f.Lost++
	case sent(o) && it.Outcome == "" && o.SharedKey == "" &&
		(it.Size != o.Size || !it.Modified.IsZero() && !o.ModTime.IsZero() && !it.Modified.Equal(o.ModTime)):
		f.Changed++
	}
}
