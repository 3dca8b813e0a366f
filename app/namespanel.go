package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// namesPanel stands below the table while there is something to decide or to
// know: every conflict with all its sides and a way out, and who loses an
// address that is the user name of somebody else.
type namesPanel struct {
	view   *namesView
	box    *fyne.Container
	groups []migration.NameGroup
	losses []migration.NameLoss
	lost   bool // the list of addresses is shown, not that of conflicts

	title     *widget.Label
	other     *pressable // changes to the other list
	fixAll    *pressable
	conflicts *list
	leaving   *list
}

func newNamesPanel(v *namesView) *namesPanel {
	p := &namesPanel{view: v}
	p.title = bold("")
	p.title.Truncation = fyne.TextTruncateEllipsis
	p.other = newPressable(v.host, "", func() { p.lost = !p.lost; p.update(); v.content.Refresh() })
	p.fixAll = newPressable(v.host, say(migration.Msg("names.fix.all")), p.acceptAll)
	p.conflicts = newList(v.host, func() int { return len(p.groups) },
		func() fyne.CanvasObject { return newGroupRow(v.host) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*groupRow).bind(v, p.groups[i]) })
	p.conflicts.OnSelected = func(i widget.ListItemID) { p.conflicts.Unselect(i); v.goTo(p.groups[i].Rows[0]) }
	p.leaving = newList(v.host, func() int { return len(p.losses) },
		func() fyne.CanvasObject { return line("") },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*widget.Label).SetText(p.lossWords(p.losses[i])) })
	p.leaving.OnSelected = func(i widget.ListItemID) { p.leaving.Unselect(i); v.goTo(p.losses[i].To) }
	head := container.NewBorder(nil, nil, nil, container.NewHBox(p.other, p.fixAll), p.title)
	p.box = container.New(panelLayout{p}, head, newBox(theme.ColorNameHeaderBackground, 0, 0, container.NewStack(p.conflicts, p.leaving)))
	return p
}

// panelLayout is as high as its list would like to be; the page gives it less.
type panelLayout struct{ p *namesPanel }

func (l panelLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	head := o[0].MinSize()
	rows, high := len(l.p.groups), groupHeight()
	if l.p.lost {
		rows, high = len(l.p.losses), widget.NewLabel("").MinSize().Height
	}
	return fyne.NewSize(head.Width, head.Height+float32(rows)*(high+theme.Padding()))
}

func (l panelLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	high := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, high))
	o[1].Move(fyne.NewPos(0, high))
	o[1].Resize(fyne.NewSize(size.Width, max(0, size.Height-high)))
}

// update reads conflicts and addresses anew.
func (p *namesPanel) update() {
	p.groups, p.losses = nil, nil
	if s := p.view.sheet; s != nil {
		p.groups, p.losses = s.Groups(), s.Losses()
	}
	if len(p.groups) == 0 {
		p.lost = true
	} else if len(p.losses) == 0 {
		p.lost = false
	}
	n := figures()
	groups := say(migration.Msg("names.panel.conflicts", "Count", n.Number(int64(len(p.groups)))))
	losses := say(migration.Msg("names.panel.losses", "Count", n.Number(int64(len(p.losses)))))
	shown, hidden := groups, losses
	if p.lost {
		shown, hidden = losses, groups
	}
	p.title.SetText(shown)
	p.other.SetText(hidden)
	visible(p.other, len(p.groups) > 0 && len(p.losses) > 0)
	visible(p.fixAll, !p.lost)
	visible(p.conflicts, !p.lost)
	visible(p.leaving, p.lost)
	visible(p.box, len(p.groups)+len(p.losses) > 0)
	p.conflicts.Refresh()
	p.leaving.Refresh()
}

func visible(o fyne.CanvasObject, yes bool) {
	if yes {
		o.Show()
	} else {
		o.Hide()
	}
}

// acceptAll takes the first way out of every conflict.
func (p *namesPanel) acceptAll() {
	v := p.view
	v.finishEdit()
	names, left := v.sheet.FixAll()
	n := v.apply(migration.Msg("names.step.fixall"), names)
	v.tell(migration.Msg("names.fixed", "Count", n, "Left", left))
}

// lossWords says who loses an address to whom.
func (p *namesPanel) lossWords(l migration.NameLoss) string {
	to := p.view.sheet.Row(l.To)
	from := l.From.FullName
	if l.From.Initials != "" {
		from += " (" + l.From.Initials + ")"
	}
	return say(migration.Msg("names.loss", "Address", l.Address, "From", from, "To", to.FullName+" ("+to.Initials+")"))
}

// groupRow is one conflict: who, what it would be cured by, and the buttons.
type groupRow struct {
	widget.BaseWidget
	sign    *widget.Icon
	what    *widget.Label
	cure    *widget.Label
	accept  *pressable
	others  *pressable
	content fyne.CanvasObject
}

func newGroupRow(k keys) *groupRow {
	r := &groupRow{sign: widget.NewIcon(sign("cross")), what: line(""), cure: line("")}
	r.cure.Importance = widget.LowImportance
	r.accept = newPressable(k, say(migration.Msg("names.fix.accept")), nil)
	r.others = newPressable(k, say(migration.Msg("names.fix.others")), nil)
	r.others.SetIcon(theme.MenuDropDownIcon())
	r.others.IconPlacement = widget.ButtonIconTrailingText
	mark := container.NewPadded(container.NewGridWrap(fyne.NewSquareSize(20), r.sign))
	second := container.NewBorder(nil, nil, nil, container.NewHBox(r.others, r.accept), r.cure)
	r.content = container.NewBorder(nil, nil, mark, nil, container.New(stacked{}, r.what, second))
	r.ExtendBaseWidget(r)
	return r
}

func (r *groupRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.content) }

// groupHeight is that of every row of conflicts: a line, and one with buttons.
func groupHeight() float32 {
	return widget.NewLabel("").MinSize().Height + widget.NewButton("", nil).MinSize().Height
}

func (r *groupRow) bind(v *namesView, g migration.NameGroup) {
	r.what.SetText(v.groupWords(g))
	fixes := v.sheet.Fixes(g)
	visible(r.accept, len(fixes) > 0)
	visible(r.others, len(fixes) > 1)
	if len(fixes) == 0 {
		r.cure.SetText(say(migration.Msg("names.fix.none")))
		return
	}
	r.cure.SetText(v.fixWords(fixes[0]))
	r.accept.OnTapped = func() { v.accept(fixes[0]) }
	r.others.OnTapped = func() {
		var items []*fyne.MenuItem
		for _, f := range fixes[1:] {
			items = append(items, fyne.NewMenuItem(v.fixWords(f), func() { v.accept(f) }))
		}
		m := widget.NewPopUpMenu(fyne.NewMenu("", items...), v.host.window().Canvas())
		m.ShowAtRelativePosition(fyne.NewPos(0, r.others.Size().Height), r.others)
		v.host.window().Canvas().Focus(m)
	}
}

// accept carries out a way out of a conflict.
func (v *namesView) accept(f migration.NameFix) {
	v.finishEdit()
	words := v.fixWords(f)
	v.apply(migration.Msg("names.step.fix", "Initials", v.sheet.Row(f.Rows[0]).Initials), f.Names)
	v.status.SetText(words)
}

// maxListed is how many people of a conflict a line names.
const maxListed = 4

// groupWords names a conflict with all its sides.
func (v *namesView) groupWords(g migration.NameGroup) string {
	var people []string
	for i, row := range g.Rows {
		if i == maxListed {
			people = append(people, say(migration.Msg("names.group.more", "Count", len(g.Rows)-i)))
			break
		}
		r := v.sheet.Row(row)
		m := migration.Msg("names.group.person", "Initials", r.Initials, "Name", r.FullName)
		if r.User.Admin {
			m = migration.Msg("names.group.admin", "Initials", r.Initials, "Name", r.FullName)
		}
		people = append(people, say(m))
	}
	name, who := v.sheet.Row(g.Rows[0]).Name, strings.Join(people, ", ")
	switch g.Problem {
	case migration.NameMissing:
		return say(migration.Msg("names.group.missing", "People", who))
	case migration.NameInvalid:
		return say(migration.Msg("names.group.invalid", "People", who, "Name", name))
	}
	return say(migration.Msg("names.group.twice", "People", who, "Name", name))
}

// fixWords says what a way out would do.
func (v *namesView) fixWords(f migration.NameFix) string {
	var parts []string
	if f.Keeps >= 0 {
		parts = append(parts, say(migration.Msg("names.fix.keeps", "Initials", v.sheet.Row(f.Keeps).Initials)))
	}
	for i, row := range f.Rows {
		if i == maxListed {
			parts = append(parts, say(migration.Msg("names.group.more", "Count", len(f.Rows)-i)))
			break
		}
		r := v.sheet.Row(row)
		parts = append(parts, say(migration.Msg("names.fix.gets", "Initials", r.Initials, "Name", f.Names[r.User.AssociateID])))
	}
	return strings.Join(parts, "; ")
}
