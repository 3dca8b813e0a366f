package app

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// shownNotes is how many notes of a draft stand on the page; the lists
// themselves show everybody concerned.
const shownNotes = 5

// checklistView leads to the lists that are reviewed before anything is sent.
type checklistView struct {
	h       host
	do      func(func()) // runs on fyne's goroutine
	checks  *openRow
	topics  map[migration.Topic]*openRow
	list    *fyne.Container
	expect  *paragraph // how long it will take
	loading bool
}

func newChecklistView(h host) view {
	return &checklistView{h: h, do: h.ui, topics: map[migration.Topic]*openRow{}}
}

func (v *checklistView) heading() (title, lead migration.Message) {
	return migration.Msg("checklist.title"), migration.Msg("checklist.lead")
}

func (v *checklistView) build() fyne.CanvasObject {
	v.checks = newOpenRow(v.h, say(migration.Msg("checklist.checks")), func() { v.h.visit(placeChecks) })
	for _, t := range []migration.Topic{migration.TopicPlans, migration.TopicNames, migration.TopicNotifications, migration.TopicMailboxes} {
		v.topics[t] = newOpenRow(v.h, say(migration.Msg("checklist."+string(t))), func() { v.h.visit(placeOf(t)) })
	}
	v.list = container.New(layout.NewCustomPaddedVBoxLayout(8))
	v.expect = wrapped("")
	v.expect.Importance = widget.LowImportance
	return container.NewVScroll(margined(margin, container.New(stacked{}, v.list, flush(v.expect))))
}

// placeOf is the page of a topic.
func placeOf(t migration.Topic) place {
	switch t {
	case migration.TopicPlans:
		return placePlans
	case migration.TopicNames:
		return placeNames
	case migration.TopicNotifications:
		return placeNotifications
	}
	return placeMailboxes
}

// entered draws the rows, and reads the draft and carries out the checks if
// nobody has done so yet.
func (v *checklistView) entered() {
	f := v.h.flow()
	f.checking.redraw = func() { v.draw(); v.h.changed() }
	v.draw()
	if f.draft == nil && !v.loading {
		v.load()
	}
	if f.checks == nil && !f.checking.begun {
		runChecks(v.h, v.do)
	}
}

func (v *checklistView) left() { v.h.flow().checking.redraw = nil }

func (v *checklistView) load() {
	v.loading = true
	f, g := v.h.flow(), v.h.guide()
	mode := f.mode
	v.h.work(migration.Msg("doing.draft"), func(ctx context.Context) (func(), error) {
		d, notes, err := g.Draft(ctx, mode)
		if err != nil {
			return nil, err
		}
		return func() {
			v.loading, f.draft = false, d
			v.draw()
			v.h.changed()
			if len(notes) > 0 {
				v.h.notify(noticeWarning, someOf(notes)...)
			}
		}, nil
	}, func(error) bool {
		v.loading = false
		v.draw()
		return false
	})
}

// someOf keeps a long list of notes from filling the page.
func someOf(notes []migration.Message) []migration.Message {
	if len(notes) <= shownNotes {
		return notes
	}
	more := migration.Msg("checklist.more", "Count", len(notes)-shownNotes)
	return append(append([]migration.Message{}, notes[:shownNotes]...), more)
}

func (v *checklistView) draw() {
	if v.list == nil {
		return
	}
	f := v.h.flow()
	mark, words := checksRow(f)
	v.checks.say(mark, words, false)
	rows := []*openRow{v.checks}
	for _, t := range topicsOf(f.draft) {
		r := v.topics[t]
		v.drawTopic(r, f.draft, t)
		rows = append(rows, r)
	}
	words = expectWords(f.checks, v.h.now())
	setText(v.expect, words)
	v.expect.Hidden = words == ""
	if len(v.list.Objects) != len(rows) {
		v.list.RemoveAll()
		for _, r := range rows {
			v.list.Add(r)
		}
		chain(v.h, rows)
	}
}

// expectWords say how long the upload would take if it began now; empty before
// that was looked at.
func expectWords(r *migration.CheckReport, now time.Time) string {
	if r == nil {
		return ""
	}
	for _, c := range r.Checks {
		f := c.Forecast
		if f == nil {
			continue
		}
		n := figures()
		least, most := migration.Coarse(f.Least, false), migration.Coarse(f.Most, true)
		id := "checklist.estimate"
		switch {
		case f.Line == nil:
			id = "checklist.estimate.unmeasured"
		case f.Most == 0:
			id = "checklist.estimate.least"
		}
		return say(migration.Msg(id, "Files", n.Number(f.Files), "Bytes", n.Bytes(f.Bytes), "Least", duration(least), "Most", duration(most),
			"From", clockTime(now, least), "To", clockTime(now, most)))
	}
	return ""
}

// topicsOf are the rows of a draft; before it was read those that every
// migration has.
func topicsOf(d *migration.Draft) []migration.Topic {
	if d == nil {
		return (&migration.Draft{}).Topics()
	}
	return d.Topics()
}

func (v *checklistView) drawTopic(r *openRow, d *migration.Draft, t migration.Topic) {
	if d == nil {
		id := "checklist.unread"
		if v.loading {
			id = "checklist.reading"
		}
		r.say(sign("waiting"), say(migration.Msg(id)), true)
		return
	}
	if why := d.Closed(t); !why.IsZero() {
		r.say(sign("lock"), say(migration.Msg("checklist.closed", "Reason", say(why))), true)
		return
	}
	if d.Confirmed(t) {
		r.say(sign("check"), say(migration.Msg("checklist.confirmed", "Words", say(topicWords(d, t)))), false)
		return
	}
	if faults := d.Faults(t); len(faults) > 0 {
		words := say(migration.Msg("checklist.attention", "Words", say(faults[0])))
		if n := len(faults) - 1; n > 0 {
			words = say(migration.Msg("checklist.attention.more", "Words", words, "Count", n))
		}
		r.say(sign("warning"), words, false)
		return
	}
	r.say(theme.NewPrimaryThemedResource(icon("review")), say(migration.Msg("checklist.review", "Words", say(topicWords(d, t)))), false)
}

// topicWords says in short what was chosen.
func topicWords(d *migration.Draft, t migration.Topic) migration.Message {
	n := figures()
	switch t {
	case migration.TopicPlans:
		return migration.Msg("checklist.plans.words", "Users", n.Number(int64(len(d.Plan.Users))), "All", n.Number(int64(len(d.Candidates()))))
	case migration.TopicNames:
		return migration.Msg("checklist.names.words", "Users", n.Number(int64(len(d.Plan.Users))))
	case migration.TopicNotifications:
		return notificationWords(d.Plan.Notifications)
	}
	keep := 0
	for _, m := range d.Plan.Mailboxes {
		if m.Choice == migration.MailboxKeep {
			keep++
		}
	}
	return migration.Msg("checklist.mailboxes.words", "Count", n.Number(int64(len(d.Plan.Mailboxes))), "Keep", n.Number(int64(keep)))
}

// checksRow is the row of all checks together.
func checksRow(f *flow) (fyne.Resource, string) {
	c := &f.checking
	if c.running {
		words := migration.Msg("checklist.checks.running", "Done", len(c.found), "All", len(c.wanted))
		return sign("running"), say(words)
	}
	if f.checks == nil {
		return sign("waiting"), say(migration.Msg("checklist.checks.none"))
	}
	failed, warnings := f.checks.Count(migration.CheckFailed), f.checks.Count(migration.CheckWarning)
	switch {
	case failed > 0:
		return sign("cross"), say(migration.Msg("checklist.checks.failed", "Count", failed, "First", firstCheck(f, migration.CheckFailed)))
	case warnings > 0 && !f.accepted:
		return sign("warning"), say(migration.Msg("checklist.checks.warnings", "Count", warnings, "First", firstCheck(f, migration.CheckWarning)))
	case warnings > 0:
		return sign("check"), say(migration.Msg("checklist.checks.accepted", "Count", warnings))
	}
	return sign("check"), say(migration.Msg("checklist.checks.passed", "Count", len(f.checks.Checks)))
}

// firstCheck is what the first check that ended so has found.
func firstCheck(f *flow, s migration.CheckState) string {
	for _, c := range f.checks.Checks {
		if c.State == s {
			return say(c.Found)
		}
	}
	return ""
}

func (v *checklistView) back() action {
	return action{label: migration.Msg("button.back"), run: func() { v.h.visit(placeConfirm) }}
}

// next is closed until nothing stands against it, with the way to the first
// thing that does.
func (v *checklistView) next() action {
	a := action{label: migration.Msg("button.upload"), run: func() { v.h.visit(placeUpload) }}
	a.closed, a.way = v.closed()
	return a
}

func (v *checklistView) closed() (migration.Message, func()) {
	f := v.h.flow()
	if f.draft == nil {
		if v.loading {
			return migration.Msg("checklist.reading"), nil
		}
		return migration.Msg("checklist.unread"), v.load
	}
	blockers := f.draft.Blockers()
	if len(blockers) > 0 {
		if p := placeOfBlocker(blockers[0]); p == placeConfirm {
			return blockers[0], func() { v.h.visit(p) }
		}
	}
	if why := f.closedByChecks(); !why.IsZero() {
		return why, func() { v.h.visit(placeChecks) }
	}
	if len(blockers) > 0 {
		return blockers[0], func() { v.h.visit(placeOfBlocker(blockers[0])) }
	}
	return migration.Message{}, nil
}

// placeOfBlocker is the page where a blocker of the draft can be mended: one of
// a topic is draft.unconfirmed.<topic>, the others concern contact and agreement.
func placeOfBlocker(m migration.Message) place {
	for _, t := range []migration.Topic{migration.TopicPlans, migration.TopicNames, migration.TopicNotifications, migration.TopicMailboxes} {
		if m.ID == "draft.unconfirmed."+string(t) {
			return placeOf(t)
		}
	}
	return placeConfirm
}
