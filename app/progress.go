package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// nameWidth holds the longest name of a phase in the languages to come; a
// longer one is cut.
const nameWidth = 190

// phaseRow is one row of the progress: sign, name, words, bar.
type phaseRow struct {
	sign  *widget.Icon
	words *widget.Label
	bar   *bar
	last  migration.PhaseProgress
}

// progressView is the rows of all phases and the overall bar. It is touched on
// the window's goroutine only.
type progressView struct {
	rows    map[migration.Phase]*phaseRow
	total   *bar
	percent *widget.Label
	current *widget.Label
	overall overall
	object  *fyne.Container
}

func newProgressView() *progressView {
	v := &progressView{
		rows: map[migration.Phase]*phaseRow{}, total: newBar(10),
		percent: bold(""), current: line(""),
	}
	v.current.Importance = widget.LowImportance
	list := container.New(layout.NewCustomPaddedVBoxLayout(2))
	for _, ph := range migration.Phases() {
		r := &phaseRow{sign: widget.NewIcon(sign("waiting")), words: line(""), bar: newBar(4)}
		r.last.State = -1 // draws the first reading whatever it is
		v.rows[ph] = r
		name := column(nameWidth, line(say(phaseName(ph))))
		list.Add(container.New(stacked{},
			container.NewBorder(nil, nil, container.NewHBox(r.sign, name), nil, r.words), r.bar))
	}
	v.object = container.NewVBox(
		inset(labelPad, list),
		container.NewBorder(nil, nil, bold(say(migration.Msg("progress.overall"))), v.percent,
			container.NewVBox(layout.NewSpacer(), v.total, layout.NewSpacer())),
		v.current)
	v.show(migration.NewProgress(zeroTime).Snapshot())
	return v
}

// show draws a reading; rows that say the same as before are left alone.
func (v *progressView) show(s migration.Snapshot) {
	current := ""
	for _, p := range s.Phases {
		r := v.rows[p.Phase]
		if r == nil {
			continue
		}
		if p.State == migration.PhaseRunning && p.Current != "" {
			current = say(migration.Msg("progress.current", "Phase", say(phaseName(p.Phase)), "Item", p.Current))
		}
		name := p.Current
		p.Current = ""
		if r.last != p {
			r.show(p)
		}
		r.last = p
		p.Current = name
	}
	value := v.overall.update(s)
	v.total.set(value, theme.ColorNamePrimary)
	setText(v.percent, say(migration.Msg("progress.percent", "Percent", figures().Number(int64(value*100)))))
	setText(v.current, current)
	if v.current.Visible() != (current != "") {
		v.current.Hidden = current == ""
		v.object.Refresh()
	}
}

func (r *phaseRow) show(p migration.PhaseProgress) {
	name, fill := "waiting", theme.ColorNamePrimary
	switch p.State {
	case migration.PhaseRunning:
		name = "running"
	case migration.PhaseDone:
		name, fill = "check", theme.ColorNameSuccess
		if p.Items < p.TotalItems {
			name, fill = "warning", theme.ColorNameWarning
		}
	case migration.PhaseStopped:
		name, fill = "warning", theme.ColorNameWarning
	}
	if p.State != r.last.State || p.State == migration.PhaseDone {
		r.sign.SetResource(sign(name))
	}
	r.bar.set(fraction(p), fill)
	setText(r.words, phaseWords(p))
}

// setText spares a repaint of the whole window when nothing changed.
func setText(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}
