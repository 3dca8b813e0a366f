package app

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"omt/app/ring"
	"omt/migration"
)

func idText(id int64) string { return strconv.FormatInt(id, 10) }

// nameEditor is the field that lies over a cell while its name is typed. What
// is typed is judged at once; the row stays where it is, so that it does not run away
// under the hands.
type nameEditor struct {
	widget.Entry
	view    *namesView
	row     int
	focused bool
}

// CreateRenderer draws the editor with the ring of a field.
func (e *nameEditor) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(e, e.Entry.CreateRenderer(), func() bool { return e.focused })
}

// edit opens the editor on a row of the table. typed replaces the name.
func (v *namesView) edit(at int, typed rune) {
	v.finishEdit()
	v.table.Select(at)
	row := v.order[at]
	e := &nameEditor{view: v, row: row}
	e.ExtendBaseWidget(e)
	e.Text = v.sheet.Row(row).Name
	e.OnChanged = e.typed
	v.editor = e
	v.table.OpenEditor(at, columnUserName, e)
	v.host.window().Canvas().Focus(e)
	if typed != 0 {
		e.SetText("")
		e.TypedRune(typed)
		return
	}
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// typed is each change of the text.
func (e *nameEditor) typed(text string) {
	v := e.view
	v.sheet.Edit(e.row, text)
	v.table.Redraw()
	v.panel.update()
	v.counts()
	m := v.sheet.Fault(e.row)
	if m.IsZero() {
		m = migration.Msg("names.editing")
	}
	v.tell(m)
	v.announce()
}

func (e *nameEditor) FocusGained() { e.focused = true; e.Entry.FocusGained() }

func (e *nameEditor) FocusLost() {
	e.focused = false
	e.Entry.FocusLost()
	if e.view.editor == e {
		e.view.finishEdit()
	}
}

func (e *nameEditor) TypedKey(k *fyne.KeyEvent) {
	v := e.view
	switch k.Name {
	case fyne.KeyEscape:
		v.sheet.CancelEdit()
		v.finishEdit()
		v.table.FocusRows()
	case fyne.KeyReturn, fyne.KeyEnter:
		v.table.FocusRows()
	case fyne.KeyUp, fyne.KeyDown:
		step := 1
		if k.Name == fyne.KeyUp {
			step = -1
		}
		v.table.FocusRows()
		v.table.Select(max(0, v.table.Current()+step))
	case fyne.KeyF1:
		v.host.key(k)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut: Alt and Down opens the addresses to choose from, as in a
// drop-down list; the rest is the entry's.
func (e *nameEditor) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*desktop.CustomShortcut); ok && c.KeyName == fyne.KeyDown && c.Modifier == fyne.KeyModifierAlt {
		at := e.view.position(e.row)
		e.view.menu(at, e.view.table.CellPosition(at, columnUserName))
		return
	}
	if s.ShortcutName() == okShortcut.ShortcutName() {
		e.view.shortcut(s)
		return
	}
	e.Entry.TypedShortcut(s)
}

// closeEditor takes the editor away without drawing anything else.
func (v *namesView) closeEditor() bool {
	if v.editor == nil {
		return false
	}
	v.editor = nil
	v.sheet.EndEdit()
	v.table.CloseEditor()
	return true
}

// finishEdit ends typing; the name is what was typed. The rows keep their order
// until somebody sorts or filters: the click that ended the typing is meant for
// what was under the pointer.
func (v *namesView) finishEdit() {
	if !v.closeEditor() {
		return
	}
	v.panel.update()
	if v.only && v.sheet.Conflicts() == 0 {
		v.only = false
		v.refilter()
	}
	v.counts()
	v.redraw()
	v.announce()
	v.tell(migration.Msg("names.keys"))
}

// menu offers a row its own addresses.
func (v *namesView) menu(at int, where fyne.Position) {
	row := v.order[at]
	r := v.sheet.Row(row)
	var items []*fyne.MenuItem
	for _, a := range r.User.Emails {
		if !migration.ValidAddress(a) {
			continue
		}
		text := clean(a)
		if migration.FoldAddress(a) == migration.FoldAddress(r.Name) {
			text = say(migration.Msg("names.menu.now", "Address", a))
		}
		items = append(items, fyne.NewMenuItem(text, func() {
			v.apply(migration.Msg("names.step.edit", "Initials", r.Initials), map[int64]string{r.User.AssociateID: a})
			v.goTo(row)
		}))
	}
	items = append(items, fyne.NewMenuItem(say(migration.Msg("names.menu.type")), func() {
		if at := v.position(row); at >= 0 {
			v.edit(at, 0)
		}
	}))
	m := widget.NewPopUpMenu(fyne.NewMenu("", items...), v.host.window().Canvas())
	m.ShowAtPosition(where)
	v.host.window().Canvas().Focus(m)
}
