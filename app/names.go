package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/app/table"
	"omt/migration"
)

// namesView is the list of user names. All that is done in it is done to a
// sheet; the draft gets the names with OK.
type namesView struct {
	host  host
	files fileChooser
	sheet *migration.NameSheet // nil while there is nothing to edit
	spent bool                 // sheet was confirmed or given up: the next visit begins anew

	sorted []int // all rows in the order of the table
	order  []int // those of them that the filter lets through
	sortBy int
	down   bool
	only   bool // conflicts

	table    *table.Table
	editor   *nameEditor
	filter   *nameFilter
	problems *pressable
	panel    *namesPanel
	status   *widget.Label
	empty    *paragraph
	content  fyne.CanvasObject
	here     bool                     // the page is in front
	closed   string                   // why OK is closed, as it was last shown
	signs    map[string]fyne.Resource // made once: the table compares them
}

func newNamesView(h host) view {
	return &namesView{host: h, files: dialogFiles{h}, sortBy: columnFullName}
}

func (v *namesView) heading() (title, lead migration.Message) {
	return migration.Msg("names.title"), migration.Msg("names.lead")
}

func (v *namesView) build() fyne.CanvasObject {
	v.signs = map[string]fyne.Resource{}
	for _, name := range []string{"crown", "check", "cross", "warning"} {
		v.signs[name] = sign(name)
	}
	v.filter = newNameFilter(v.host, v.refilter)
	v.problems = newPressable(v.host, "", v.toggleConflicts)
	v.table = table.New(nameColumns(), v.tableWords(), table.Source{
		Cell: v.cell, Describe: v.describe, Edit: v.edit, Menu: v.menu, Sort: v.sort, Shortcut: v.shortcut,
		Key: func(e *fyne.KeyEvent) { v.host.key(e) },
	})
	v.table.SetSorted(v.sortBy, v.down)
	v.panel = newNamesPanel(v)
	v.status = line("")
	v.status.Importance = widget.LowImportance
	v.empty = wrapped("")
	v.empty.Alignment = fyne.TextAlignCenter
	bar := container.NewBorder(nil, nil, nil, container.NewHBox(
		v.problems,
		newPressable(v.host, say(migration.Msg("names.undo")), v.undo),
		newPressable(v.host, say(migration.Msg("names.redo")), v.redo),
		newPressable(v.host, say(migration.Msg("names.rules")), v.askRule),
		v.fileButton(),
	), v.filter.entry.Object)
	rows := container.NewStack(v.table, container.NewVBox(layout.NewSpacer(), v.empty, layout.NewSpacer()))
	v.content = container.New(namesLayout{}, bar, rows, v.status, v.panel.box)
	return inset(margin, v.content)
}

// namesLayout gives the bar and the status their height, the panel at most two
// fifths of the rest, and the table what remains.
type namesLayout struct{}

func (namesLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, 0)
	for _, c := range o[:3] {
		m := c.MinSize()
		size = fyne.NewSize(max(size.Width, m.Width), size.Height+m.Height)
	}
	return size
}

func (namesLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	bar, rows, status, panel := o[0], o[1], o[2], o[3]
	gap := theme.Padding()
	put := func(o fyne.CanvasObject, y, h float32) float32 {
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		return y + h
	}
	rest := size.Height - bar.MinSize().Height - status.MinSize().Height - gap
	low := float32(0)
	if panel.Visible() {
		low = min(panel.MinSize().Height, rest*2/5)
	}
	y := put(bar, 0, bar.MinSize().Height) + gap
	y = put(rows, y, max(0, rest-low))
	y = put(status, y, status.MinSize().Height)
	put(panel, y, low)
}

// entered draws the draft. What was edited and not yet confirmed stays, also
// when users came or went in between.
func (v *namesView) entered() {
	f := v.host.flow()
	before := v.sheet
	v.sheet = nil
	if f.draft != nil && f.draft.Closed(migration.TopicNames).IsZero() {
		v.sheet = migration.NewNameSheet(f.draft.Plan, f.draft.Ticket, f.draft.Users)
		if before != nil && before.CanUndo() && !v.spent {
			v.sheet.Apply(migration.Msg("names.step.before"), before.Names())
		}
	}
	v.spent, v.here = false, true
	v.filter.reset(v.length())
	v.tell(migration.Msg("names.keys"))
	v.panel.update()
	v.resort()
	v.redraw()
	v.closed = v.reason()
	c := v.host.window().Canvas()
	for _, s := range namesShortcuts() {
		c.AddShortcut(s, v.shortcut)
	}
	if v.sheet != nil && v.sheet.Len() > 0 {
		v.table.Select(0)
		v.table.FocusRows()
	}
}

func (v *namesView) left() {
	v.here = false
	v.finishEdit()
	c := v.host.window().Canvas()
	for _, s := range namesShortcuts() {
		c.RemoveShortcut(s)
	}
}

func namesShortcuts() []fyne.Shortcut {
	return []fyne.Shortcut{&fyne.ShortcutUndo{}, &fyne.ShortcutRedo{}, findShortcut, okShortcut}
}

var (
	findShortcut = &desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierControl}
	// Enter alone edits, so OK needs another key.
	okShortcut = &desktop.CustomShortcut{KeyName: fyne.KeyReturn, Modifier: fyne.KeyModifierControl}
)

// shortcut is what the page does by Ctrl and a letter, wherever the keyboard is.
func (v *namesView) shortcut(s fyne.Shortcut) {
	switch s.ShortcutName() {
	case (&fyne.ShortcutUndo{}).ShortcutName():
		v.undo()
	case (&fyne.ShortcutRedo{}).ShortcutName():
		v.redo()
	case findShortcut.ShortcutName():
		v.host.window().Canvas().Focus(v.filter.entry.Input())
	case okShortcut.ShortcutName():
		v.finishEdit()
		if a := v.next(); a.closed.IsZero() {
			a.run()
		} else if a.way != nil {
			a.way()
		}
	default:
		// The table has the keyboard; what it does not know is for the window.
		if c, ok := v.host.window().Canvas().(fyne.Shortcutable); ok {
			c.TypedShortcut(s)
		}
	}
}

func (v *namesView) next() action {
	a := action{label: migration.Msg("button.ok"), run: v.confirm}
	d := v.host.flow().draft
	switch {
	case d == nil:
		a.closed = migration.Msg("names.unread")
	case v.sheet == nil:
		a.closed, a.way = d.Closed(migration.TopicNames), func() { v.host.visit(placePlans) }
	case v.sheet.Conflicts() > 0:
		row := v.firstConflict()
		a.closed, a.way = v.sheet.Fault(row), func() { v.goTo(row) }
	}
	return a
}

func (v *namesView) back() action {
	return action{label: migration.Msg("button.cancel"), run: v.cancel}
}

func (v *namesView) confirm() {
	v.finishEdit()
	if !v.next().closed.IsZero() {
		return
	}
	d := v.host.flow().draft
	d.SetNames(v.sheet.Names())
	if err := d.Confirm(migration.TopicNames); err != nil {
		v.host.notify(noticeError, hint(err))
		return
	}
	v.spent = true
	v.host.keep()
	v.host.visit(placeChecklist)
}

// cancel leaves the names as the draft has them. Work is not thrown away by one
// wrong click.
func (v *namesView) cancel() {
	v.finishEdit()
	leave := func() { v.spent = true; v.host.visit(placeChecklist) }
	if v.sheet == nil || !v.sheet.CanUndo() {
		leave()
		return
	}
	d := dialog.NewCustomWithoutButtons(say(migration.Msg("names.cancel.title")), wrapped(say(migration.Msg("names.cancel.text"))), v.host.window())
	stay := leaving(newPressable(v.host, say(migration.Msg("names.cancel.stay")), d.Hide))
	stay.Importance = widget.HighImportance
	drop := newPressable(v.host, say(migration.Msg("names.cancel.drop")), func() { d.Hide(); leave() })
	d.SetButtons([]fyne.CanvasObject{container.NewHBox(drop, stay)})
	d.Resize(fyne.NewSize(480, 180))
	d.Show()
	v.host.window().Canvas().Focus(stay)
}

// length is the number of users.
func (v *namesView) length() int {
	if v.sheet == nil {
		return 0
	}
	return v.sheet.Len()
}

// firstConflict is the topmost row of the table with a problem, filtered or not.
func (v *namesView) firstConflict() int {
	for _, row := range v.sorted {
		if v.sheet.Problem(row) != migration.NameInOrder {
			return row
		}
	}
	return -1
}

// goTo brings a row into sight and gives it the keyboard; a filter that hides
// it is taken away.
func (v *namesView) goTo(row int) {
	at := v.position(row)
	if at < 0 {
		v.only = false
		v.filter.clear()
		v.refilter()
		at = v.position(row)
	}
	v.table.Select(at)
	v.table.FocusRows()
}

func (v *namesView) position(row int) int {
	for at, r := range v.order {
		if r == row {
			return at
		}
	}
	return -1
}

// tell puts what has just happened below the table.
func (v *namesView) tell(m migration.Message) { v.status.SetText(say(m)) }

// apply changes names as one step and draws what came of it.
func (v *namesView) apply(step migration.Message, names map[int64]string) int {
	v.finishEdit()
	n := v.sheet.Apply(step, names)
	v.changed()
	return n
}

// changed draws the page after names have changed.
func (v *namesView) changed() {
	if v.only && v.sheet.Conflicts() == 0 {
		v.only = false
	}
	v.panel.update()
	v.resort()
	v.redraw()
	v.announce()
}

// reason is why OK is closed, in words; empty if it is open.
func (v *namesView) reason() string {
	if m := v.next().closed; !m.IsZero() {
		return say(m)
	}
	return ""
}

// announce has the footer drawn again if OK is closed for another reason: that
// draws the whole window, which is too much for every key.
func (v *namesView) announce() {
	if why := v.reason(); why != v.closed {
		v.closed = why
		v.host.changed()
	}
}

func (v *namesView) undo() { v.step((*migration.NameSheet).Undo, "names.undone", "names.undo.none") }
func (v *namesView) redo() { v.step((*migration.NameSheet).Redo, "names.redone", "names.redo.none") }

func (v *namesView) step(do func(*migration.NameSheet) (migration.Message, bool), done, none string) {
	if v.sheet == nil {
		return
	}
	v.finishEdit()
	what, ok := do(v.sheet)
	if !ok {
		v.tell(migration.Message{ID: none})
		return
	}
	v.changed()
	v.tell(migration.Message{ID: done, Args: map[string]any{"Step": say(what)}})
}
