package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"omt/app/table"
	"omt/migration"
)

// changesTable shows what a rule or a file would do: old and new name of each
// row, and what would be wrong then.
type changesTable struct {
	view    *namesView
	changes []migration.NameChange
	table   *table.Table
}

func newChangesTable(v *namesView) *changesTable {
	c := &changesTable{view: v}
	column := func(m migration.Message, width float32) table.Column {
		return table.Column{Title: say(m), Width: width, Fixed: true}
	}
	c.table = table.New([]table.Column{
		column(migration.Msg("names.column.initials"), 72),
		column(migration.Msg("names.column.fullname"), 132),
		column(migration.Msg("names.preview.old"), 200),
		column(migration.Msg("names.preview.new"), 232),
		column(migration.Msg("names.preview.why"), 400),
	}, v.tableWords(), table.Source{
		Cell: c.cell, Describe: c.describe,
		Key: func(e *fyne.KeyEvent) { v.host.key(e) },
	})
	return c
}

// set shows other changes; those with something wrong come first.
func (c *changesTable) set(changes []migration.NameChange) {
	c.changes = c.changes[:0]
	for _, wrong := range []bool{true, false} {
		for _, n := range changes {
			if n.Why.IsZero() != wrong {
				c.changes = append(c.changes, n)
			}
		}
	}
	c.table.SetLength(len(c.changes))
}

// wrong counts the changes with something wrong.
func (c *changesTable) wrong() int {
	n := 0
	for _, ch := range c.changes {
		if !ch.Why.IsZero() {
			n++
		}
	}
	return n
}

func (c *changesTable) cell(at, col int) table.Cell {
	n := c.changes[at]
	r := c.view.sheet.Row(n.Row)
	switch col {
	case 0:
		return table.Cell{Text: clean(r.Initials)}
	case 1:
		return table.Cell{Text: clean(r.FullName)}
	case 2:
		return table.Cell{Text: clean(n.Old), Ink: theme.ColorNameDisabled}
	case 3:
		return table.Cell{Text: clean(n.New), Bold: true}
	}
	if n.Why.IsZero() {
		return table.Cell{Icon: c.view.signs["check"], Text: say(migration.Msg("names.state.good"))}
	}
	return table.Cell{Icon: c.view.signs["cross"], Ink: theme.ColorNameError, Text: say(n.Why)}
}

func (c *changesTable) describe(at int) string {
	n := c.changes[at]
	why := n.Why
	if why.IsZero() {
		why = migration.Msg("names.state.good")
	}
	return say(migration.Msg("names.preview.line", "Initials", c.view.sheet.Row(n.Row).Initials, "Old", n.Old, "New", n.New, "State", say(why)))
}
