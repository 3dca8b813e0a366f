package app

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// step is one stop of the step bar.
type step struct {
	name  migration.Message
	state stepState
}

type stepState int

const (
	stepToCome stepState = iota
	stepCurrent
	stepDone
)

// stepsOf lists the steps of this migration and where the page stands among
// them. A recovery of missing files needs no choices, so it skips Confirm and
// Checklist; replacing a test migration goes through all of them again.
func stepsOf(f *flow, at place) []step {
	order := []place{placeWelcome, placeLogin, placeConfirm, placeChecklist, placeUpload, placeComplete}
	switch {
	case f.recovery == migration.RecoverOverwrite:
		order = []place{placeWelcome, placeRecovery, placeLogin, placeConfirm, placeChecklist, placeUpload, placeComplete}
	case f.start.Earlier.Begin == migration.BeginRecovery || f.recovery != migration.RecoverNone || at == placeRecovery:
		order = []place{placeWelcome, placeRecovery, placeLogin, placeUpload, placeComplete}
	case f.start.Earlier.Begin == migration.BeginResume && at != placeConfirm:
		order = []place{placeWelcome, placeLogin, placeUpload, placeComplete}
	}
	here := stepPlace(at)
	steps, passed := make([]step, len(order)), false
	for i, p := range order {
		s := step{name: stepName(p), state: stepDone}
		switch {
		case p == here:
			s.state, passed = stepCurrent, true
		case passed:
			s.state = stepToCome
		}
		steps[i] = s
	}
	return steps
}

// stepPlace is the step to which a page belongs.
func stepPlace(p place) place {
	switch p {
	case placeChecks, placePlans, placeNames, placeNotifications, placeMailboxes:
		return placeChecklist
	}
	return p
}

func stepName(p place) migration.Message {
	switch p {
	case placeWelcome:
		return migration.Msg("step.welcome")
	case placeRecovery:
		return migration.Msg("step.recovery")
	case placeLogin:
		return migration.Msg("step.login")
	case placeConfirm:
		return migration.Msg("step.confirm")
	case placeUpload:
		return migration.Msg("step.upload")
	case placeComplete:
		return migration.Msg("step.complete")
	}
	return migration.Msg("step.checklist")
}

// stepBar draws the steps side by side. What is done has a check mark, the
// current step a filled square, bold letters and a thick line below, what is to
// come an empty square: the difference is seen without colour.
type stepBar struct {
	widget.BaseWidget
	steps []step
}

func newStepBar(steps []step) *stepBar {
	b := &stepBar{steps: steps}
	b.ExtendBaseWidget(b)
	return b
}

// AccessibilityLabel says in one sentence where the migration stands.
func (b *stepBar) AccessibilityLabel() string {
	for i, s := range b.steps {
		if s.state == stepCurrent {
			return say(migration.Msg("step.spoken", "Number", strconv.Itoa(i+1), "Count", strconv.Itoa(len(b.steps)), "Step", say(s.name)))
		}
	}
	return ""
}

// AccessibilityRole tells that this is read, not pressed.
func (b *stepBar) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

const (
	stepHeight = 40
	stepSquare = 20
	leastGap   = 8
)

func (b *stepBar) CreateRenderer() fyne.WidgetRenderer {
	r := &stepRenderer{bar: b, ground: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil)}
	r.objects = append(r.objects, r.ground, r.line)
	for i, s := range b.steps {
		p := stepParts{
			square: canvas.NewRectangle(nil), number: canvas.NewText(strconv.Itoa(i+1), nil),
			mark: widget.NewIcon(sign("check")), name: canvas.NewText(say(s.name), nil), under: canvas.NewRectangle(nil),
		}
		p.number.Alignment = fyne.TextAlignCenter
		p.number.TextStyle.Bold = true
		p.name.TextStyle.Bold = s.state == stepCurrent
		p.mark.Hidden = s.state != stepDone
		p.under.Hidden = s.state != stepCurrent
		r.parts = append(r.parts, p)
		r.objects = append(r.objects, p.square, p.number, p.mark, p.name, p.under)
	}
	r.Refresh()
	return r
}

type stepParts struct {
	square, under *canvas.Rectangle
	number, name  *canvas.Text
	mark          *widget.Icon
}

type stepRenderer struct {
	bar          *stepBar
	ground, line *canvas.Rectangle
	parts        []stepParts
	objects      []fyne.CanvasObject
}

// Layout gives every step the width of its words and shares the rest equally. In
// a window too narrow for all words only the current step keeps them.
func (r *stepRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.line.Move(fyne.NewPos(0, size.Height-1))
	r.line.Resize(fyne.NewSize(size.Width, 1))
	gaps := float32(max(len(r.parts)-1, 1))
	natural := r.natural(false)
	if natural+gaps*leastGap > size.Width-2*margin {
		natural = r.natural(true)
	}
	gap := max((size.Width-2*margin-natural)/gaps, leastGap)
	x, mid := float32(margin), (size.Height-stepSquare)/2
	for _, p := range r.parts {
		left := x
		if !p.mark.Hidden {
			p.mark.Move(fyne.NewPos(x, mid))
			p.mark.Resize(fyne.NewSize(stepSquare, stepSquare))
			x += stepSquare
		}
		p.square.Move(fyne.NewPos(x, mid))
		p.square.Resize(fyne.NewSize(stepSquare, stepSquare))
		p.number.Move(fyne.NewPos(x, mid))
		p.number.Resize(fyne.NewSize(stepSquare, stepSquare))
		x += stepSquare
		if p.name.Hidden {
			x += gap
			continue
		}
		x += 6
		m := p.name.MinSize()
		p.name.Move(fyne.NewPos(x, (size.Height-m.Height)/2))
		p.name.Resize(m)
		x += m.Width
		p.under.Move(fyne.NewPos(left, size.Height-4))
		p.under.Resize(fyne.NewSize(x-left, 4))
		x += gap
	}
}

// natural is the width that the steps take by themselves, with all words or with
// those of the current one alone.
func (r *stepRenderer) natural(narrow bool) (width float32) {
	for _, p := range r.parts {
		p.name.Hidden = narrow && p.under.Hidden
		width += p.width()
	}
	return width
}

func (p stepParts) width() float32 {
	w := float32(stepSquare)
	if !p.name.Hidden {
		w += 6 + p.name.MinSize().Width
	}
	if !p.mark.Hidden {
		w += stepSquare
	}
	return w
}

func (r *stepRenderer) MinSize() fyne.Size { return fyne.NewSize(0, stepHeight) }

func (r *stepRenderer) Refresh() {
	b := r.bar
	r.ground.FillColor = colour(b, theme.ColorNameHeaderBackground)
	r.line.FillColor = colour(b, theme.ColorNameSeparator)
	for i, p := range r.parts {
		ink, square, edge := theme.ColorNameForeground, theme.ColorNameHeaderBackground, theme.ColorNameHeaderBackground
		number := theme.ColorNameForeground
		switch b.steps[i].state {
		case stepCurrent:
			square, edge, number = theme.ColorNamePrimary, theme.ColorNamePrimary, theme.ColorNameForegroundOnPrimary
		case stepToCome:
			ink, edge, number = theme.ColorNamePlaceHolder, theme.ColorNamePlaceHolder, theme.ColorNamePlaceHolder
		}
		p.square.FillColor, p.square.StrokeColor, p.square.StrokeWidth = colour(b, square), colour(b, edge), 1
		p.number.Color, p.number.TextSize = colour(b, number), b.Theme().Size(theme.SizeNameCaptionText)
		p.name.Color, p.name.TextSize = colour(b, ink), b.Theme().Size(theme.SizeNameText)
		p.under.FillColor = colour(b, theme.ColorNamePrimary)
	}
	r.Layout(b.Size())
	canvas.Refresh(b)
}

func (r *stepRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *stepRenderer) Destroy() {}
