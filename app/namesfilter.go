package app

import (
	"fyne.io/fyne/v2"

	"omt/app/filter"
	"omt/migration"
)

// nameFilter is the filter field with what the rows offer to it. Rows are made
// ready once and again when their name has changed: with thousands of them the
// making costs more than the search.
type nameFilter struct {
	entry  *filter.Entry
	query  filter.Query
	fields []filter.Fields // by row of the sheet; without texts: not made yet
	name   []string        // the user name and its state that fields were made of
}

func newNameFilter(k keys, changed func()) *nameFilter {
	f := &nameFilter{}
	f.entry = filter.NewEntry(filter.Words{
		Placeholder: say(migration.Msg("names.filter")), Clear: say(migration.Msg("names.filter.clear")),
		Count: func(shown, all int) string {
			n := figures()
			return say(migration.Msg("names.count", "Shown", n.Number(int64(shown)), "Total", n.Number(int64(all))))
		},
		Dialect: filterDialect(),
		Key:     func(ev *fyne.KeyEvent) { k.key(ev) },
	}, func(q filter.Query) { f.query = q; changed() })
	return f
}

// reset forgets the rows: there is another sheet.
func (f *nameFilter) reset(rows int) {
	f.fields, f.name = make([]filter.Fields, rows), make([]string, rows)
}

// clear lets everything through again.
func (f *nameFilter) clear() {
	if f.entry.Text() != "" {
		f.entry.SetText("")
	}
}

// matches tells whether the filter lets a row through.
func (f *nameFilter) matches(v *namesView, row int) bool {
	if f.query.Empty() {
		return true
	}
	now := v.sheet.Row(row).Name + "\n" + string(v.sheet.Problem(row))
	if f.fields[row].Texts == nil || f.name[row] != now {
		f.fields[row], f.name[row] = v.fields(row), now
	}
	return f.query.Match(f.fields[row])
}

// fields is what a row offers to the filter: all columns, and the names of
// columns that board and table share.
func (v *namesView) fields(row int) filter.Fields {
	var f filter.Fields
	f.Named = map[string][]string{}
	for col, name := range []string{
		columnID: "id", columnInitials: "initials", columnAdmin: "", columnFullName: "name", columnUserName: "user",
		columnState: "state", columnCompany: "company", columnGroup: "group", columnRole: "role", columnPlan: "plan",
	} {
		words := v.words(row, col)
		f.Texts = append(f.Texts, words)
		if name != "" {
			f.Named[name] = []string{words}
		}
	}
	if v.sheet.Row(row).User.Admin {
		f.Flags = append(f.Flags, "admin")
	}
	if v.sheet.Problem(row) != migration.NameInOrder {
		f.Flags = append(f.Flags, "conflict")
	}
	return f.Folded()
}
