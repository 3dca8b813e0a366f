package app

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"omt/migration"
)

// ticketExtension is how the name of a ticket file ends.
const ticketExtension = ".omt-ticket"

// welcomeView says what will happen, for whom the ticket is, and what was found
// on this computer.
type welcomeView struct {
	h       host
	opened  bool  // a ticket was looked for
	problem error // why the ticket cannot be used

	language *picker
	content  *fyne.Container
	scroll   *container.Scroll
}

func newWelcomeView(h host) view { return &welcomeView{h: h} }

func (v *welcomeView) heading() (title, lead migration.Message) {
	return migration.Msg("welcome.title"), migration.Msg("welcome.lead")
}

func (v *welcomeView) build() fyne.CanvasObject {
	v.language = newLanguagePicker(v.h)
	v.content = groups()
	v.scroll = pageScroll(v.content)
	return v.scroll
}

func (v *welcomeView) corner() fyne.CanvasObject { return languageCorner(v.language) }

func (v *welcomeView) entered() {
	v.h.window().SetOnDropped(v.dropped)
	if !v.opened {
		v.opened = true
		v.open(v.h.flow().start.Path)
	}
	v.draw()
}

func (v *welcomeView) left() { v.h.window().SetOnDropped(nil) }

// open reads a ticket; an empty path is the one beside the program.
func (v *welcomeView) open(path string) {
	g, h := v.h.guide(), v.h
	h.work(migration.Msg("doing.open"), func(ctx context.Context) (func(), error) {
		s, err := g.Open(ctx, path)
		return func() { v.found(s, err) }, err
	}, func(error) bool { return true })
}

// found takes over what belongs to another ticket than before.
func (v *welcomeView) found(s Start, err error) {
	if errors.Is(err, context.Canceled) {
		v.opened = v.h.flow().start.Ticket != nil
	}
	v.problem = err
	*v.h.flow() = flow{start: s, location: s.Location, kept: s.Kept, keptFor: keptAt(s.Location)}
	if s.Earlier.Begin == migration.BeginResume {
		v.h.flow().mode = s.Earlier.Mode
	}
	v.draw()
	if len(s.Notes) > 0 {
		v.h.notify(noticeWarning, append([]migration.Message{migration.Msg("welcome.notes")}, s.Notes...)...)
	}
	v.h.changed()
}

// dropped opens a ticket that was dropped on the window.
func (v *welcomeView) dropped(_ fyne.Position, files []fyne.URI) {
	if len(files) != 1 {
		v.h.notify(noticeWarning, migration.Msg("welcome.drop.one"))
		return
	}
	v.open(filepath.FromSlash(files[0].Path()))
}

func (v *welcomeView) choose() { browseFile(v.h.window(), v.open, ticketExtension) }

func (v *welcomeView) back() action { return action{} }

func (v *welcomeView) next() action {
	f := v.h.flow()
	a := action{label: migration.Msg("button.next"), run: func() { v.h.visit(placeLogin) }}
	if f.start.Earlier.Begin == migration.BeginRecovery {
		a.run = func() { v.h.visit(placeRecovery) }
	}
	switch {
	case f.start.Ticket == nil:
		a.closed, a.way = migration.Msg("closed.noticket"), v.choose
	case errors.Is(v.problem, migration.ErrExpired):
		a.closed, a.way = migration.Msg("closed.expired"), v.choose
	case v.problem != nil:
		a.closed, a.way = migration.Msg("closed.ticket"), v.choose
	}
	return a
}

// draw shows what is known.
func (v *welcomeView) draw() {
	v.content.RemoveAll()
	f := v.h.flow()
	if v.problem != nil {
		title := migration.Msg("notice.blocked")
		if f.start.Ticket == nil && errors.Is(v.problem, migration.ErrNotFound) {
			title = migration.Msg("notice.noticket")
		}
		v.content.Add(notice(v.h, "cross", say(title), []string{say(hint(v.problem))}, detail(v.problem)))
	}
	if f.start.Ticket != nil {
		if card := v.frozen(); card != nil {
			v.content.Add(card)
		}
		if card := v.earlier(); card != nil {
			v.content.Add(card)
		}
		v.content.Add(twoColumns(v.ticket(), v.installation()))
	} else {
		v.content.Add(group(migration.Msg("group.ticket"), wrapped(say(migration.Msg("ticket.none.window"))), buttons(v.chooser())))
	}
	v.content.Add(steps())
	v.content.Refresh()
	v.scroll.ScrollToTop()
}

func (v *welcomeView) chooser() fyne.CanvasObject {
	return newPressable(v.h, say(migration.Msg("button.ticket")), v.choose)
}

// ticket is whose migration this is.
func (v *welcomeView) ticket() fyne.CanvasObject {
	f := v.h.flow()
	t := f.start.Ticket
	plans := make([]string, 0, len(t.Plans))
	for _, p := range t.Plans {
		plans = append(plans, say(migration.Msg("welcome.plan", "Plan", p.Name, "Seats", figures().Number(int64(p.Seats)))))
	}
	return group(migration.Msg("group.ticket"), pairs(
		migration.Msg("fact.company"), t.Company,
		migration.Msg("fact.serial"), t.Serial,
		migration.Msg("fact.tenant"), say(migration.Msg("header.tenant", "Tenant", t.Tenant, "Environment", t.Environment)),
		migration.Msg("fact.modes"), modeNames(t.Modes),
		migration.Msg("fact.plans"), strings.Join(plans, ", "),
		migration.Msg("fact.target"), targetName(f),
		migration.Msg("fact.expires"), moment(v.h, t.Expires),
		migration.Msg("fact.file"), f.start.Path,
	), buttons(v.chooser()), buttons(networkButton(v.h)))
}

func modeNames(modes []migration.Mode) string {
	out := make([]string, 0, len(modes))
	for _, m := range modes {
		out = append(out, say(migration.Msg("mode."+string(m))))
	}
	return strings.Join(out, ", ")
}

// targetName says where the data go as far as it is known.
func targetName(f *flow) string {
	switch {
	case f.target.Name != "":
		return f.target.Name
	case f.start.Target != "":
		return f.start.Target
	case f.start.Ticket != nil && f.start.Ticket.Target.Kind == "folder":
		return say(migration.Msg("fact.target.folder"))
	}
	return ""
}

// installation is what was found of SuperOffice on this computer, and where.
func (v *welcomeView) installation() fyne.CanvasObject {
	f := v.h.flow()
	if f.location.Server == "" && len(f.start.Several) > 0 {
		choose := newPressable(v.h, say(migration.Msg("button.choose.installation")), func() {
			showLocate(v.h, f.location, func() { v.draw(); v.h.changed() })
		})
		return group(migration.Msg("group.installation"), wrapped(say(migration.Msg("hint.config.several", "Count", len(f.start.Several)))), buttons(choose))
	}
	locate := newPressable(v.h, say(migration.Msg("button.locate")), func() {
		showLocate(v.h, f.location, func() { v.draw(); v.h.changed() })
	})
	if f.location.Server == "" {
		return group(migration.Msg("group.installation"), wrapped(say(migration.Msg("welcome.notfound"))), buttons(locate))
	}
	l := f.location
	facts := []any{
		migration.Msg("fact.server"), l.Server,
		migration.Msg("fact.database"), l.Database,
		migration.Msg("fact.archive"), l.ArchivePaths[0],
	}
	if l.ServiceBase != "" {
		facts = append(facts, migration.Msg("fact.service"), l.ServiceBase)
	}
	for i, file := range originFiles(l) {
		name := migration.Msg("fact.found")
		if i > 0 {
			name = migration.Msg("fact.found.more")
		}
		facts = append(facts, name, file)
	}
	return group(migration.Msg("group.installation"), pairs(facts...), buttons(locate))
}

// earlier says what an earlier start left and what Next will do with it.
func (v *welcomeView) earlier() fyne.CanvasObject {
	e := v.h.flow().start.Earlier
	mode := say(migration.Msg("mode." + string(e.Mode)))
	switch e.Begin {
	case migration.BeginResume:
		return notice(v.h, "running", say(migration.Msg("welcome.resume")),
			[]string{say(migration.Msg("welcome.resume.text", "Mode", mode, "Host", e.Host, "Started", moment(v.h, e.Started)))}, "")
	case migration.BeginRecovery:
		return notice(v.h, "check", say(migration.Msg("welcome.recovery")),
			[]string{say(migration.Msg("welcome.recovery.text", "Mode", mode, "Host", e.Host, "Ended", moment(v.h, e.Ended)))}, "")
	}
	return nil
}

// steps says in plain words what the wizard will ask and do.
func steps() fyne.CanvasObject {
	list := container.New(stacked{})
	for _, m := range []migration.Message{
		migration.Msg("welcome.step.login"), migration.Msg("welcome.step.confirm"), migration.Msg("welcome.step.checklist"),
		migration.Msg("welcome.step.upload"), migration.Msg("welcome.step.modes"),
	} {
		list.Add(wrapped(say(m)))
	}
	return group(migration.Msg("welcome.what"), list)
}
