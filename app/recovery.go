package app

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"omt/migration"
)

// recoveryView asks what an uploaded migration is followed by: only the files
// that were missing, or everything once more. Nothing that would replace data is
// preselected.
type recoveryView struct {
	h       host
	earlier *fyne.Container
	list    *fyne.Container
	rows    map[migration.RecoveryChoice]*openRow
	offered []migration.RecoveryChoice
	chosen  migration.RecoveryChoice
}

func newRecoveryView(h host) view {
	return &recoveryView{h: h, rows: map[migration.RecoveryChoice]*openRow{}}
}

func (v *recoveryView) heading() (title, lead migration.Message) {
	lead = migration.Msg("recovery.lead")
	if len(v.offered) == 0 {
		lead = migration.Msg("recovery.lead.none") // the footer says why there is nothing to choose
	}
	return migration.Msg("recovery.title"), lead
}

func (v *recoveryView) build() fyne.CanvasObject {
	v.earlier, v.list = container.NewStack(), container.New(layout.NewCustomPaddedVBoxLayout(8))
	return container.NewVScroll(margined(margin, container.NewVBox(v.earlier, v.list)))
}

// earlierOf is what is known of earlier runs: the target knows more than this
// computer, as soon as it is open.
func (f *flow) earlierOf() Earlier {
	if f.target.Name != "" {
		return f.target.Earlier
	}
	return f.start.Earlier
}

func (v *recoveryView) entered() {
	e := v.h.flow().earlierOf()
	v.earlier.RemoveAll()
	v.earlier.Add(earlierFacts(v.h, e))
	if len(v.list.Objects) == 0 || !slices.Equal(v.offered, e.Choices) {
		v.offer(e.Choices)
	}
	if c := v.h.flow().recovery; c != migration.RecoverNone && slices.Contains(v.offered, c) {
		v.choose(c)
	} else if v.chosen == migration.RecoverNone && slices.Contains(v.offered, migration.RecoverMissing) {
		v.choose(migration.RecoverMissing)
	}
}

func (v *recoveryView) left() {}

// earlierFacts says which run was found.
func earlierFacts(h host, e Earlier) fyne.CanvasObject {
	when := e.Ended
	if when.IsZero() {
		when = e.Started
	}
	mode := ""
	if e.Mode != "" {
		mode = say(migration.Msg("mode." + string(e.Mode)))
	}
	return group(migration.Msg("recovery.earlier"), pairs(
		migration.Msg("recovery.when"), moment(h, when),
		migration.Msg("recovery.mode"), mode,
		migration.Msg("recovery.host"), e.Host,
	))
}

// moment is a time as people of this computer read it; empty if it is not known.
func moment(h host, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return figures().Moment(t.In(h.now().Location()))
}

// offer builds one radio button a choice, each with its own words below it.
func (v *recoveryView) offer(choices []migration.RecoveryChoice) {
	v.offered, v.chosen = slices.Clone(choices), migration.RecoverNone
	v.list.RemoveAll()
	clear(v.rows)
	var rows []*openRow
	for _, c := range choices {
		r := newChoiceRow(v.h, say(migration.Msg("recovery."+string(c))), func() { v.choose(c) })
		v.rows[c] = r
		rows = append(rows, r)
		v.list.Add(r)
	}
	chain(v.h, rows)
	v.mark()
}

// choose marks one of the choices; the others lose their mark.
func (v *recoveryView) choose(c migration.RecoveryChoice) {
	v.chosen = c
	v.mark()
	v.h.changed()
}

func (v *recoveryView) mark() {
	for c, r := range v.rows {
		button := theme.RadioButtonIcon()
		if c == v.chosen {
			button = theme.NewPrimaryThemedResource(theme.RadioButtonCheckedIcon())
		}
		r.say(button, say(migration.Msg("recovery."+string(c)+".help")), false)
	}
}

func (v *recoveryView) next() action {
	a := action{label: migration.Msg("button.resume"), run: v.proceed}
	switch {
	case len(v.offered) == 0:
		a.closed = migration.Msg("recovery.none")
	case v.chosen == migration.RecoverNone:
		a.closed = migration.Msg("recovery.choose")
	case v.chosen == migration.RecoverOverwrite:
		a.label, a.danger = migration.Msg("button.overwrite"), true
	}
	return a
}

// proceed takes the choice and goes on to the sign-in, or past it if somebody
// has signed in already: an earlier run may be found only at the target.
func (v *recoveryView) proceed() {
	f := v.h.flow()
	if f.recovery != v.chosen {
		f.preview, f.ticked, f.chosen = nil, nil, nil
	}
	f.recovery = v.chosen
	if v.chosen == migration.RecoverMissing {
		f.mode = f.earlierOf().Mode
	}
	v.h.visit(afterRecovery(f))
}

func afterRecovery(f *flow) place {
	switch {
	case f.person.UserName == "":
		return placeLogin
	case f.recovery == migration.RecoverMissing:
		return placeUpload
	}
	return placeConfirm
}

func (v *recoveryView) back() action {
	return action{label: migration.Msg("button.back"), run: func() { v.h.visit(placeWelcome) }}
}
