package app

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// spfRecord lets SuperOffice send mail in the name of the customer's domain
// (SuperOffice Docs: Customer Service mailboxes, migrate).
const spfRecord = "v=spf1 include:_spf.online.superoffice.com ~all"

// mailboxesView asks for each address of Customer Service what becomes of it.
// What is entered counts only with OK.
type mailboxesView struct {
	h      host
	rows   []migration.Mailbox
	faults map[string]migration.Message // by old address
	first  int                          // row of the first fault, -1 without
	total  []migration.Message

	root   *fyne.Container
	list   *list
	state  *widget.Label
	whole  *paragraph // the selected row with nothing cut off
	wholes *container.Scroll
	picked int // its index, -1 without
	spf    *paragraph
	copied *widget.Label
	mail   *pressable
}

func newMailboxesView(h host) view { return &mailboxesView{h: h} }

func (v *mailboxesView) heading() (title, lead migration.Message) {
	return migration.Msg("mailboxes.title"), migration.Msg("mailboxes.lead")
}

func (v *mailboxesView) build() fyne.CanvasObject {
	v.list = newList(v.h, func() int { return len(v.rows) },
		func() fyne.CanvasObject { return newMailboxRow(v.h) },
		func(i widget.ListItemID, o fyne.CanvasObject) { v.bind(i, o.(*mailboxRow)) })
	v.list.OnSelected = func(i widget.ListItemID) { v.picked = i; v.write() }
	v.list.OnUnselected = func(widget.ListItemID) { v.picked = -1; v.write() }
	v.state, v.whole = line(""), selectable(v.h, "")
	v.wholes = container.NewVScroll(v.whole)
	v.wholes.SetMinSize(fyne.NewSize(100, 66)) // three lines; endless names scroll
	head := container.New(&mailboxColumns{}, column(20, line("")), headed("mailboxes.old"), headed("mailboxes.choice"), headed("mailboxes.new"), line(""))
	v.mail = newPressable(v.h, say(migration.Msg("mailboxes.copy.mail")), v.copyMail)
	v.copied = muted("")
	v.copied.Truncation = fyne.TextTruncateEllipsis
	v.spf = selectable(v.h, spfRecord)
	v.spf.TextStyle.Monospace = true
	v.spf.Wrapping, v.spf.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
	spf := newPressable(v.h, say(migration.Msg("mailboxes.copy.spf")), v.copySPF)
	explain := wrapped(say(migration.Msg("mailboxes.spf")))
	foot := container.NewVBox(
		container.NewBorder(nil, nil, v.mail, nil, v.copied),
		container.New(stacked{}, flush(explain), container.NewBorder(nil, nil, nil, spf, flush(v.spf))))
	table := container.NewBorder(head, container.New(stacked{}, v.wholes, v.state), nil, nil, v.list)
	v.root = container.NewStack(container.NewBorder(nil, foot, nil, nil, newBox(theme.ColorNameHeaderBackground, 4, 4, table)))
	return margined(margin, v.root)
}

func headed(id string) fyne.CanvasObject {
	l := bold(say(migration.Msg(id)))
	l.Truncation = fyne.TextTruncateEllipsis
	return l
}

// entered shows what the draft holds: whatever was not confirmed is gone.
func (v *mailboxesView) entered() {
	v.rows = nil
	if d := v.h.flow().draft; d != nil {
		v.rows = slices.Clone(d.Plan.Mailboxes)
	}
	setText(v.copied, "")
	v.picked = -1
	v.list.UnselectAll()
	v.check()
	v.list.ScrollToTop()
}

func (v *mailboxesView) left() {}

// check holds the rows against the rules without changing the draft.
func (v *mailboxesView) check() {
	v.faults, v.first, v.total = map[string]migration.Message{}, -1, nil
	if d := v.h.flow().draft; d != nil {
		trial, plan := *d, *d.Plan
		plan.Mailboxes = v.rows
		trial.Plan = &plan
		v.total = trial.Faults(migration.TopicMailboxes)
	}
	for _, m := range v.total {
		old, _ := m.Args["Address"].(string)
		v.faults[old] = m
	}
	keep := 0
	for i, r := range v.rows {
		if _, bad := v.faults[r.Old]; bad && v.first < 0 {
			v.first = i
		}
		if r.Choice == migration.MailboxKeep {
			keep++
		}
	}
	n := figures()
	setText(v.state, say(migration.Msg("mailboxes.state", "Count", n.Number(int64(len(v.rows))),
		"Keep", n.Number(int64(keep)), "Faults", n.Number(int64(len(v.total))))))
	enable(v.mail, keep > 0)
	if keep == 0 {
		setText(v.copied, say(migration.Msg("mailboxes.nothing")))
	}
	v.write()
	v.list.Refresh()
	v.h.changed()
}

// write shows the selected row whole, with what is wrong in it.
func (v *mailboxesView) write() {
	picked := v.picked >= 0 && v.picked < len(v.rows)
	reveal(v.wholes, picked)
	if picked {
		m := v.rows[v.picked]
		text := say(migration.Msg("mailboxes.mail.line", "Old", m.Old, "New", m.New))
		if why, bad := v.faults[m.Old]; bad {
			text += "\n" + say(why)
		}
		setText(v.whole, text)
	}
	if v.root != nil {
		v.root.Refresh()
	}
	if picked {
		v.list.ScrollTo(v.picked) // the list has become shorter
	}
}

// bind shows row i in a widget that showed another one before.
func (v *mailboxesView) bind(i int, r *mailboxRow) {
	m := v.rows[i]
	fault, bad := v.faults[m.Old]
	r.show(m, v.domain(), bad)
	if bad {
		r.explain = fault
	}
	r.chosen = func(choice string) {
		v.rows[i].Choice = choice
		v.check()
	}
	r.named = func(local string) {
		v.rows[i].New = strings.TrimSpace(local) + "@" + v.domain()
		v.check()
	}
}

func (v *mailboxesView) domain() string {
	if t := v.h.flow().start.Ticket; t != nil {
		return t.MailDomain
	}
	return ""
}

func (v *mailboxesView) next() action {
	a := action{label: migration.Msg("button.ok"), run: v.confirm}
	switch {
	case v.h.flow().draft == nil:
		a.closed = migration.Msg("checklist.unread")
	case len(v.total) > 0:
		a.closed, a.way = v.total[0], v.toFault
	}
	return a
}

// toFault goes to the first row with a fault.
func (v *mailboxesView) toFault() {
	if v.first >= 0 {
		v.list.ScrollTo(v.first)
		v.list.Select(v.first)
	}
}

func (v *mailboxesView) confirm() {
	d := v.h.flow().draft
	d.SetMailboxes(v.rows)
	if err := d.Confirm(migration.TopicMailboxes); err != nil {
		v.h.notify(noticeError, hint(err))
		return
	}
	v.h.keep()
	v.h.visit(placeChecklist)
}

func (v *mailboxesView) back() action {
	return action{label: migration.Msg("button.cancel"), run: func() { v.h.visit(placeChecklist) }}
}

// forwarding is the text for whoever runs the customer's mail: one line an
// address that is kept.
func forwarding(rows []migration.Mailbox) string {
	var b strings.Builder
	b.WriteString(say(migration.Msg("mailboxes.mail.intro")) + "\n\n")
	for _, m := range rows {
		if m.Choice == migration.MailboxKeep {
			b.WriteString(say(migration.Msg("mailboxes.mail.line", "Old", m.Old, "New", m.New)) + "\n")
		}
	}
	b.WriteString("\n" + say(migration.Msg("mailboxes.mail.end")) + "\n")
	return b.String()
}

func (v *mailboxesView) copyMail() {
	fyne.CurrentApp().Clipboard().SetContent(forwarding(v.rows))
	v.copied.SetText(say(migration.Msg("mailboxes.copied.mail")))
}

func (v *mailboxesView) copySPF() {
	fyne.CurrentApp().Clipboard().SetContent(spfRecord)
	v.copied.SetText(say(migration.Msg("mailboxes.copied.spf")))
}
