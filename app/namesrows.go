package app

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"omt/app/table"
	"omt/migration"
)

// The columns of the table.
const (
	columnID = iota
	columnInitials
	columnAdmin
	columnFullName
	columnUserName
	columnState
	columnCompany
	columnGroup
	columnRole
	columnPlan
)

// nameColumns has in front what the page is about, so that it can be seen
// without scrolling in the smallest window.
func nameColumns() []table.Column {
	title := func(m migration.Message) string { return say(m) }
	columns := []table.Column{
		columnID:       {Title: title(migration.Msg("names.column.id")), Width: 48},
		columnInitials: {Title: title(migration.Msg("names.column.initials")), Width: 72},
		columnAdmin:    {Title: title(migration.Msg("names.column.admin")), Width: 136},
		columnFullName: {Title: title(migration.Msg("names.column.fullname")), Width: 160, Wide: true},
		columnUserName: {Title: title(migration.Msg("names.column.username")), Width: 262, Edit: true, Wide: true},
		columnState:    {Title: title(migration.Msg("names.column.state")), Width: 156},
		columnCompany:  {Title: title(migration.Msg("names.column.company")), Width: 140, Wide: true},
		columnGroup:    {Title: title(migration.Msg("names.column.group")), Width: 120, Wide: true},
		columnRole:     {Title: title(migration.Msg("names.column.role")), Width: 112, Wide: true},
		columnPlan:     {Title: title(migration.Msg("names.column.plan")), Width: 144, Wide: true},
	}
	for i := range columns[columnCompany:] {
		c := &columns[columnCompany:][i]
		c.Width = max(c.Width, table.TitleWidth(c.Title)) // out of sight at first, so there is room
	}
	return columns
}

func (v *namesView) tableWords() table.Words {
	return table.Words{
		Wider: say(migration.Msg("names.column.wider")), Narrower: say(migration.Msg("names.column.narrower")),
		Fit: say(migration.Msg("names.column.fit")),
	}
}

// words is what stands in a column of a row, without signs.
func (v *namesView) words(row, col int) string {
	r := v.sheet.Row(row)
	switch col {
	case columnID:
		return idText(r.User.AssociateID)
	case columnInitials:
		return clean(r.Initials)
	case columnAdmin:
		if r.User.Admin {
			return say(migration.Msg("names.admin"))
		}
		return ""
	case columnFullName:
		return clean(r.FullName)
	case columnUserName:
		return clean(r.Name)
	case columnState:
		return v.state(row)
	case columnCompany:
		return clean(r.User.Company)
	case columnGroup:
		return clean(r.User.Group)
	case columnRole:
		return clean(r.User.Role)
	}
	return clean(r.Plan)
}

// state says in words how a user name stands.
func (v *namesView) state(row int) string {
	switch v.sheet.Problem(row) {
	case migration.NameMissing:
		return say(migration.Msg("names.state.missing"))
	case migration.NameInvalid:
		return say(migration.Msg("names.state.invalid"))
	case migration.NameTwice:
		return say(migration.Msg("names.state.twice"))
	}
	if lost := v.sheet.LossesOf(row); len(lost) > 0 {
		return say(migration.Msg("names.state.taken", "Initials", lost[0].From.Initials))
	}
	return say(migration.Msg("names.state.good"))
}

// cell is what the table draws.
func (v *namesView) cell(at, col int) table.Cell {
	row := v.order[at]
	c := table.Cell{Text: v.words(row, col)}
	switch col {
	case columnAdmin:
		if v.sheet.Row(row).User.Admin {
			c.Icon = v.signs["crown"]
		}
	case columnUserName:
		c.Menu, c.Bold = true, v.sheet.Problem(row) != migration.NameInOrder
		if c.Text == "" {
			c.Text, c.Ink = say(migration.Msg("names.empty")), theme.ColorNameDisabled
		}
	case columnState:
		switch {
		case v.sheet.Problem(row) != migration.NameInOrder:
			c.Icon, c.Ink = v.signs["cross"], theme.ColorNameError
		case len(v.sheet.LossesOf(row)) > 0:
			c.Icon, c.Ink = v.signs["warning"], theme.ColorNameWarning
		default:
			c.Icon = v.signs["check"]
		}
	case columnID, columnCompany, columnGroup, columnRole, columnPlan:
		c.Ink = theme.ColorNameDisabled
	}
	return c
}

// describe is a row as a sentence.
func (v *namesView) describe(at int) string {
	row := v.order[at]
	var parts []string
	for _, col := range []int{columnFullName, columnInitials, columnAdmin, columnUserName, columnState, columnPlan} {
		if w := v.words(row, col); w != "" {
			parts = append(parts, w)
		}
	}
	return strings.Join(parts, ", ")
}

// sort is asked for by a title.
func (v *namesView) sort(col int, down bool) {
	v.finishEdit()
	v.sortBy, v.down = col, down
	v.resort()
	v.redraw()
}

// order compares texts as a language does. The library has a table for Norwegian
// nynorsk and none for bokmål, whose order is the same; asked for "nb" it puts å
// between a and b.
func order(tongue string) *collate.Collator {
	if tongue == "nb" {
		tongue = "nn"
	}
	return collate.New(language.Make(tongue), collate.IgnoreCase)
}

// resort puts all rows in order. Texts are compared as the language of the
// window does it: in Norwegian å comes last.
func (v *namesView) resort() {
	if v.sheet == nil {
		v.sorted = nil
		v.refilter()
		return
	}
	n := v.sheet.Len()
	v.sorted = make([]int, n)
	keys := make([][]byte, n)
	var buf collate.Buffer
	c := order(figures().Language())
	for row := range n {
		v.sorted[row] = row
		if v.sortBy != columnID && v.sortBy != columnState && v.sortBy != columnAdmin {
			keys[row] = c.KeyFromString(&buf, v.words(row, v.sortBy))
		}
	}
	compare := func(a, b int) int { return bytes.Compare(keys[a], keys[b]) }
	switch v.sortBy {
	case columnID:
		compare = func(a, b int) int {
			return cmp.Compare(v.sheet.Row(a).User.AssociateID, v.sheet.Row(b).User.AssociateID)
		}
	case columnState:
		compare = func(a, b int) int { return cmp.Compare(v.weight(a), v.weight(b)) }
	case columnAdmin:
		compare = func(a, b int) int { return cmp.Compare(adminFirst(v.sheet.Row(a)), adminFirst(v.sheet.Row(b))) }
	}
	slices.SortStableFunc(v.sorted, func(a, b int) int {
		if v.down {
			a, b = b, a
		}
		return compare(a, b)
	})
	v.refilter()
}

// weight orders states: what must be mended comes first.
func (v *namesView) weight(row int) int {
	switch {
	case v.sheet.Problem(row) == migration.NameTwice:
		return 0
	case v.sheet.Problem(row) != migration.NameInOrder:
		return 1
	case len(v.sheet.LossesOf(row)) > 0:
		return 2
	}
	return 3
}

func adminFirst(r migration.NameRow) int {
	if r.User.Admin {
		return 0
	}
	return 1
}

// refilter chooses the rows that are shown; the current row stays the current
// one if it is still among them.
func (v *namesView) refilter() {
	v.closeEditor()
	current := -1
	if at := v.table.Current(); at >= 0 && at < len(v.order) {
		current = v.order[at]
	}
	v.order = v.order[:0]
	for _, row := range v.sorted {
		if v.only && v.sheet.Problem(row) == migration.NameInOrder {
			continue
		}
		if v.filter.matches(v, row) {
			v.order = append(v.order, row)
		}
	}
	v.table.SetLength(len(v.order))
	if at := v.position(current); at >= 0 && at != v.table.Current() {
		v.table.Select(at)
	}
	v.counts()
}

// counts writes how many rows are shown and how many have a conflict.
func (v *namesView) counts() {
	v.filter.entry.Show(len(v.order), v.length())
	if v.sheet == nil {
		v.problems.Hide()
		v.saySoIfEmpty()
		return
	}
	conflicts := figures().Number(int64(len(v.panel.groups)))
	v.problems.Show()
	switch {
	case v.sheet.Conflicts() == 0:
		v.problems.Text, v.problems.Icon, v.problems.Importance = say(migration.Msg("names.conflicts.none")), sign("check"), widget.MediumImportance
	case v.only:
		v.problems.Text, v.problems.Icon, v.problems.Importance = say(migration.Msg("names.conflicts.only", "Count", conflicts)), sign("cross"), widget.HighImportance
	default:
		v.problems.Text, v.problems.Icon, v.problems.Importance = say(migration.Msg("names.conflicts", "Count", conflicts)), sign("cross"), widget.MediumImportance
	}
	v.problems.Refresh()
	v.saySoIfEmpty()
}

func (v *namesView) saySoIfEmpty() {
	switch {
	case v.sheet == nil:
		v.empty.SetText(v.reason())
	case len(v.order) > 0:
		v.empty.SetText("")
	case v.sheet.Len() == 0:
		v.empty.SetText(say(migration.Msg("names.nobody")))
	default:
		v.empty.SetText(say(migration.Msg("names.nomatch")))
	}
}

// toggleConflicts makes the counter a filter, and back.
func (v *namesView) toggleConflicts() {
	if v.sheet == nil || v.sheet.Conflicts() == 0 && !v.only {
		v.tell(migration.Msg("names.conflicts.none"))
		return
	}
	v.finishEdit()
	v.only = !v.only
	v.refilter()
	v.table.Redraw()
}

// redraw draws the table and gives the panel the room that it needs now.
func (v *namesView) redraw() {
	v.table.Redraw()
	v.content.Refresh()
}
