package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// notificationsView asks who gets mail when the migration is complete. What is
// entered counts only with OK.
type notificationsView struct {
	h       host
	welcome *tick
	summary *tick
	to      *field
}

func newNotificationsView(h host) view { return &notificationsView{h: h} }

func (v *notificationsView) heading() (title, lead migration.Message) {
	return migration.Msg("notifications.title"), migration.Msg("notifications.lead")
}

func (v *notificationsView) build() fyne.CanvasObject {
	v.welcome = newTick(v.h, say(migration.Msg("notifications.welcome")), func(bool) { v.h.changed() })
	v.summary = newTick(v.h, say(migration.Msg("notifications.summary")), func(bool) { v.changed() })
	v.to = newField(v.h, migration.Msg("notifications.summary"), func(string) { v.h.changed() })
	v.to.SetPlaceHolder(say(migration.Msg("notifications.placeholder")))
	address := container.NewBorder(nil, nil, column(24, line("")), nil, container.New(atMost(420), v.to))
	return container.NewVScroll(margined(margin, container.NewVBox(
		v.welcome, indented(say(migration.Msg("notifications.welcome.help"))),
		v.summary, indented(say(migration.Msg("notifications.summary.help"))), address)))
}

// indented is what explains the control above it.
func indented(text string) fyne.CanvasObject {
	l := wrapped(text)
	l.Importance = widget.LowImportance
	return container.NewBorder(nil, nil, column(24, line("")), nil, l)
}

// atMost keeps a field from becoming wider than anything that goes into it.
type atMost float32

func (w atMost) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := objects[0].MinSize()
	return fyne.NewSize(min(m.Width, float32(w)), m.Height)
}

func (w atMost) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(fyne.NewSize(min(size.Width, float32(w)), size.Height))
}

// entered shows what the draft holds: whatever was not confirmed is gone.
func (v *notificationsView) entered() {
	d := v.h.flow().draft
	if d == nil {
		return
	}
	n := d.Plan.Notifications
	v.welcome.SetChecked(n.Welcome)
	v.summary.SetChecked(n.SummaryTo != "")
	v.to.SetText(n.SummaryTo)
	if n.SummaryTo == "" {
		v.to.SetText(d.Plan.Contact.Email)
	}
	v.changed()
}

func (v *notificationsView) left() {}

func (v *notificationsView) changed() {
	enable(v.to, v.summary.Checked)
	v.h.changed()
}

// chosen is what the controls say now.
func (v *notificationsView) chosen() migration.Notifications {
	n := migration.Notifications{Welcome: v.welcome.Checked}
	if v.summary.Checked {
		n.SummaryTo = strings.TrimSpace(v.to.Text)
	}
	return n
}

func (v *notificationsView) next() action {
	a := action{label: migration.Msg("button.ok"), run: v.confirm}
	f := v.h.flow()
	switch {
	case f.draft == nil:
		a.closed = migration.Msg("checklist.unread")
	case v.summary.Checked && strings.TrimSpace(v.to.Text) == "":
		a.closed, a.way = migration.Msg("notifications.empty"), v.focus
	default:
		if faults := notificationFaults(f.draft, v.chosen()); len(faults) > 0 {
			a.closed, a.way = faults[0], v.focus
		}
	}
	return a
}

// notificationFaults holds a choice against the rules without changing the draft.
func notificationFaults(d *migration.Draft, n migration.Notifications) []migration.Message {
	trial, plan := *d, *d.Plan
	plan.Notifications = n
	trial.Plan = &plan
	return trial.Faults(migration.TopicNotifications)
}

func (v *notificationsView) focus() { v.h.window().Canvas().Focus(v.to) }

func (v *notificationsView) confirm() {
	d := v.h.flow().draft
	d.SetNotifications(v.chosen())
	if err := d.Confirm(migration.TopicNotifications); err != nil {
		v.h.notify(noticeError, hint(err))
		return
	}
	v.h.keep()
	v.h.visit(placeChecklist)
}

func (v *notificationsView) back() action {
	return action{label: migration.Msg("button.cancel"), run: func() { v.h.visit(placeChecklist) }}
}

// notificationWords says in short who gets mail.
func notificationWords(n migration.Notifications) migration.Message {
	switch {
	case n.Welcome && n.SummaryTo != "":
		return migration.Msg("notifications.words.both", "Address", n.SummaryTo)
	case n.Welcome:
		return migration.Msg("notifications.words.welcome")
	case n.SummaryTo != "":
		return migration.Msg("notifications.words.summary", "Address", n.SummaryTo)
	}
	return migration.Msg("notifications.words.none")
}
