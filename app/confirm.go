package app

import (
	"context"
	"net/url"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"omt/migration"
)

// confirmView asks who is answerable, in which mode and to where, and for the
// agreement. Nothing has been sent before it, and nothing is sent by it.
type confirmView struct {
	h       host
	contact migration.Contact // last put into the fields by us, not typed
	// recalled tells that the choices of the last start were looked for, notes
	// are what had to change in them.
	recalled bool
	notes    []migration.Message

	opened string // folder that was opened
	isOpen bool   // the target was opened

	name         *field
	email, phone *choiceField
	language     *picker
	mode         *radios
	effects      *paragraph
	stops        *fyne.Container // whom a live migration stops
	snapshot     *consent
	accept       *tick
	link         *fyne.Container
	folder       *field
	faults       [3]*fault
	owner        *fyne.Container
	target       *fyne.Container
	modes        *fyne.Container
}

func newConfirmView(h host) view { return &confirmView{h: h} }

func (v *confirmView) heading() (title, lead migration.Message) {
	return migration.Msg("confirm.title"), migration.Msg("confirm.lead")
}

func (v *confirmView) build() fyne.CanvasObject {
	changed := func(string) { v.changed() }
	v.name = newField(v.h, migration.Msg("confirm.name"), changed)
	v.email, v.phone = newChoiceField(v.h, migration.Msg("confirm.email"), changed), newChoiceField(v.h, migration.Msg("confirm.phone"), changed)
	v.language = newPicker(v.h, nil, changed)
	v.mode = newRadios(v.h, changed)
	v.effects, v.stops = wrapped(""), container.New(stacked{})
	v.snapshot = newConsent(v.h, migration.Msg("confirm.snapshot"), migration.Msg("confirm.snapshot.text"), func(on bool) { v.h.flow().snapshot = on })
	v.accept = newTick(v.h, say(migration.Msg("confirm.accept")), func(bool) { v.changed() })
	v.folder = newField(v.h, migration.Msg("confirm.folder"), changed)
	v.owner, v.target, v.modes, v.link = container.NewVBox(), container.NewVBox(), container.NewVBox(), container.NewVBox()
	for i := range v.faults {
		v.faults[i] = newFault()
	}
	// Set closer than elsewhere, so that the agreement is seen without scrolling.
	who := group(migration.Msg("confirm.who"), container.New(layout.NewCustomPaddedVBoxLayout(1), v.owner,
		named(migration.Msg("confirm.name"), v.name), v.faults[0].object,
		named(migration.Msg("confirm.email"), v.email), v.faults[1].object,
		named(migration.Msg("confirm.phone"), v.phone), v.faults[2].object,
		named(migration.Msg("confirm.language"), v.language)))
	agreement := group(migration.Msg("confirm.agreement"), v.link, v.accept)
	mode := group(migration.Msg("confirm.mode"), v.modes, v.mode.object, v.effects, v.stops, v.snapshot.object)
	return pageScroll(twoColumns(groups(who, agreement), groups(mode, v.target)))
}

func (v *confirmView) left() {}

func (v *confirmView) typed() func() {
	name, email, phone, folder := v.name.Text, v.email.Text, v.phone.Text, v.folder.Text
	language, accepted := v.language.Selected, v.accept.Checked
	return func() {
		v.name.SetText(name)
		v.email.SetText(email)
		v.phone.SetText(phone)
		v.folder.SetText(folder)
		v.language.Selected = language // of the options that are drawn next
		v.accept.SetChecked(accepted)
	}
}

// entered puts in what is known; what the person typed stays.
func (v *confirmView) entered() {
	f := v.h.flow()
	t := f.start.Ticket
	v.owner.Objects = []fyne.CanvasObject{pairs(
		migration.Msg("fact.company"), f.identity.Company, migration.Msg("fact.serial"), f.identity.Serial)}
	v.email.SetOptions(f.person.Emails)
	v.phone.SetOptions(f.person.Phones)
	known := migration.Contact{Name: f.person.FullName, Email: first(f.person.Emails), Phone: first(f.person.Phones)}
	if f.draft != nil {
		known = f.draft.Plan.Contact
	}
	v.put(known)
	v.drawLanguages(t)
	v.drawModes(t)
	if v.folder.Text == "" {
		v.folder.SetText(f.start.Folder)
	}
	if f.draft != nil && f.draft.Plan.Terms.Accepted != "" {
		v.accept.SetChecked(true)
	}
	v.drawAgreement(t)
	v.draw()
	v.focus()
	if v.isFolder() && f.start.Folder != "" && f.draft == nil && !v.recalled {
		v.recalled = true
		v.recall()
	}
}

// focus begins where something is missing: in the first field with a fault, else
// at the agreement. Where the person already is, it stays.
func (v *confirmView) focus() {
	c := v.h.window().Canvas()
	if c.Focused() != nil {
		return
	}
	for i, m := range v.contactFaults() {
		if !m.IsZero() {
			c.Focus([]fyne.Focusable{v.name, v.email, v.phone}[i])
			return
		}
	}
	c.Focus(v.accept)
}

// put fills the fields that hold what was put there before.
func (v *confirmView) put(c migration.Contact) {
	if v.name.Text == v.contact.Name {
		v.name.SetText(c.Name)
	}
	if v.email.Text == v.contact.Email {
		v.email.SetText(c.Email)
	}
	if v.phone.Text == v.contact.Phone {
		v.phone.SetText(c.Phone)
	}
	v.contact = c
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func (v *confirmView) drawLanguages(t *migration.Ticket) {
	chosen := v.chosenLanguage()
	if f := v.h.flow(); chosen == "" && f.draft != nil {
		chosen = f.draft.Plan.Language
	}
	v.language.Options = nil
	for _, l := range t.Languages {
		v.language.Options = append(v.language.Options, languageName(l))
	}
	if chosen == "" {
		chosen = first(t.Languages)
	}
	v.language.SetSelected(languageName(chosen))
}

// chosenLanguage is the tag of the selected name.
func (v *confirmView) chosenLanguage() string {
	for _, l := range v.h.flow().start.Ticket.Languages {
		if languageName(l) == v.language.Selected {
			return l
		}
	}
	return ""
}

// drawModes offers what the ticket allows; the safe one is preselected.
func (v *confirmView) drawModes(t *migration.Ticket) {
	var options []string
	for _, m := range []migration.Mode{migration.ModeTest, migration.ModeLive} {
		if t.Allows(m) {
			options = append(options, say(migration.Msg("mode."+string(m))))
		}
	}
	v.mode.offer(options)
	f := v.h.flow()
	if f.mode == "" && len(v.mode.Options) > 0 {
		f.mode = migration.ModeLive
		if t.Allows(migration.ModeTest) {
			f.mode = migration.ModeTest
		}
	}
	v.mode.SetSelected(say(migration.Msg("mode." + string(f.mode))))
	v.modes.Objects = nil
	if len(v.mode.Options) == 1 {
		v.modes.Add(wrapped(say(migration.Msg("confirm.mode.only", "Mode", v.mode.Options[0]))))
	}
}

func (v *confirmView) drawAgreement(t *migration.Ticket) {
	v.link.Objects = []fyne.CanvasObject{wrapped(say(migration.Msg("confirm.agreement.text", "Company", t.Company)))}
	// Only a web page is opened: the address comes from a file.
	if u, err := url.Parse(t.TermsURL); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		v.link.Add(newLink(v.h, clean(t.TermsURL), u))
	}
}

// changed takes over what was typed or chosen.
func (v *confirmView) changed() {
	f := v.h.flow()
	for _, m := range []migration.Mode{migration.ModeTest, migration.ModeLive} {
		if m != f.mode && v.mode.Selected == say(migration.Msg("mode."+string(m))) {
			// What was agreed to for one mode is not agreed to for the other.
			f.mode = m
			v.accept.SetChecked(false)
			v.snapshot.set(false)
		}
	}
	v.draw()
	v.h.changed()
}

// draw shows faults, consequences and target as they are now.
func (v *confirmView) draw() {
	faults := v.contactFaults()
	for i, f := range v.faults {
		f.show(faults[i])
	}
	f := v.h.flow()
	v.effects.SetText("")
	if f.mode != "" {
		v.effects.SetText(say(migration.Msg("confirm.effects." + string(f.mode))))
	}
	// Everybody whom a live migration stops is named before it is chosen.
	v.stops.RemoveAll()
	v.stops.Hidden = f.mode != migration.ModeLive
	if !v.stops.Hidden {
		for _, m := range migration.Stops(f.start.Ticket) {
			v.stops.Add(newState(false, m, m))
		}
	}
	v.snapshot.object.Hidden = v.stops.Hidden
	v.snapshot.set(f.snapshot)
	v.drawTarget()
}

// contactFaults says what is wrong with name, e-mail and phone.
func (v *confirmView) contactFaults() [3]migration.Message {
	var out [3]migration.Message
	if strings.TrimSpace(v.name.Text) == "" {
		out[0] = migration.Msg("confirm.fault.name")
	}
	switch mail := strings.TrimSpace(v.email.Text); {
	case mail == "":
		out[1] = migration.Msg("confirm.fault.email")
	case !migration.ValidAddress(mail):
		out[1] = migration.Msg("confirm.fault.address")
	}
	switch phone := strings.TrimSpace(v.phone.Text); {
	case phone == "":
		out[2] = migration.Msg("confirm.fault.phone")
	case !migration.ValidPhone(phone):
		out[2] = migration.Msg("confirm.fault.number")
	}
	return out
}

func (v *confirmView) back() action {
	return action{label: migration.Msg("button.back"), run: func() { v.h.visit(placeLogin) }}
}

func (v *confirmView) next() action {
	a := action{label: migration.Msg("button.checklist"), run: v.confirm}
	focus := func(o fyne.Focusable) func() { return func() { v.h.window().Canvas().Focus(o) } }
	for i, m := range v.contactFaults() {
		if !m.IsZero() {
			a.closed, a.way = m, focus([]fyne.Focusable{v.name, v.email, v.phone}[i])
			return a
		}
	}
	switch {
	case v.isFolder() && strings.TrimSpace(v.folder.Text) == "":
		a.closed, a.way = migration.Msg("confirm.closed.folder"), v.browse
	case !v.accept.Checked:
		a.closed, a.way = migration.Msg("confirm.closed.terms"), focus(v.accept)
	}
	return a
}

// confirm opens the target, looks there for earlier runs, and goes on with the
// choices of the last start or with new ones.
func (v *confirmView) confirm() {
	g, f := v.h.guide(), v.h.flow()
	folder, opened, mode := strings.TrimSpace(v.folder.Text), v.targetOpen(), f.mode
	draft, notes := f.draft, v.notes
	if draft != nil && draft.Plan.Mode != mode {
		draft, notes = nil, nil
	}
	v.h.work(migration.Msg("doing.target"), func(ctx context.Context) (func(), error) {
		t := f.target
		if !opened {
			var err error
			if t, err = g.OpenTarget(ctx, folder); err != nil {
				return nil, err
			}
		}
		show := func() { v.arrived(t, folder) }
		if elsewhere(f, t) {
			return func() { show(); leadOn(v.h) }, nil
		}
		if draft == nil {
			var err error
			if draft, notes, err = g.Draft(ctx, mode); err != nil {
				return show, err
			}
		}
		return func() { show(); v.accepted(draft, notes) }, nil
	}, nil)
}

// accepted writes the page into the draft and goes on to the checklist.
func (v *confirmView) accepted(d *migration.Draft, notes []migration.Message) {
	f := v.h.flow()
	f.draft, v.notes = d, nil
	d.Plan.Contact = migration.Contact{
		Name: strings.TrimSpace(v.name.Text), Email: strings.TrimSpace(v.email.Text), Phone: strings.TrimSpace(v.phone.Text),
	}
	v.contact = d.Plan.Contact
	d.Plan.Language, d.Plan.Mode = v.chosenLanguage(), f.mode
	if url := f.start.Ticket.TermsURL; d.Plan.Terms.Accepted == "" || d.Plan.Terms.URL != url {
		d.Plan.Accept(url, v.h.now())
	}
	v.h.keep()
	v.h.visit(placeChecklist)
	tellTarget(v.h)
	v.h.notify(noticeInfo, notes...)
}
