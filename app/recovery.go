package app

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// recoveryView asks what an uploaded migration is followed by: only the files
// that were missing, or everything once more. Nothing that would replace data is
// preselected.
type recoveryView struct {
	h       host
	earlier *fyne.Container
	list    *fyne.Container
	groups  map[migration.RecoveryChoice]*widget.RadioGroup
	offered []migration.RecoveryChoice
	chosen  migration.RecoveryChoice
}

func newRecoveryView(h host) view {
	return &recoveryView{h: h, groups: map[migration.RecoveryChoice]*widget.RadioGroup{}}
}

func (v *recoveryView) heading() (title, lead migration.Message) {
	return migration.Msg("recovery.title"), migration.Msg("recovery.lead")
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
	v.earlier.Add(earlierFacts(e))
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
func earlierFacts(e Earlier) fyne.CanvasObject {
	when := e.Ended
	if when.IsZero() {
		when = e.Started
	}
	mode := ""
	if e.Mode != "" {
		mode = say(migration.Msg("mode." + string(e.Mode)))
	}
	return group(migration.Msg("recovery.earlier"), pairs(
		migration.Msg("recovery.when"), moment(when),
		migration.Msg("recovery.mode"), mode,
		migration.Msg("recovery.host"), e.Host,
	))
}

// moment is a time as people of this computer read it; empty if it is not known.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(dateFormat)
}

// offer builds one radio button a choice, each with its own words below it.
func (v *recoveryView) offer(choices []migration.RecoveryChoice) {
	v.offered, v.chosen = slices.Clone(choices), migration.RecoverNone
	v.list.RemoveAll()
	clear(v.groups)
	for _, c := range choices {
		title := say(migration.Msg("recovery." + string(c)))
		g := widget.NewRadioGroup([]string{title}, nil)
		g.Required = true
		g.OnChanged = func(string) { v.choose(c) }
		v.groups[c] = g
		text := wrapped(say(migration.Msg("recovery." + string(c) + ".help")))
		card := container.New(stacked{}, g, container.NewBorder(nil, nil, column(24, line("")), nil, text))
		v.list.Add(newBox(theme.ColorNameOverlayBackground, 8, 8, card))
	}
	if len(choices) == 0 {
		v.list.Add(wrapped(say(migration.Msg("recovery.none"))))
	}
}

// choose marks one of the choices; the others lose their mark.
func (v *recoveryView) choose(c migration.RecoveryChoice) {
	v.chosen = c
	for other, g := range v.groups {
		want := ""
		if other == c {
			want = g.Options[0]
		}
		if g.Selected != want {
			changed := g.OnChanged
			g.OnChanged = nil
			g.SetSelected(want)
			g.OnChanged = changed
		}
	}
	v.h.changed()
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
		f.preview, f.ticked = nil, nil
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
