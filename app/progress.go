package app

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// nameWidth holds the longest name of a phase in all languages; a longer one is
// cut.
const nameWidth = 144

// phaseRow is one row of the progress: sign, name, words, rate, bar. The words take
// a second line where they need it: large counts of what was left out and of what
// an earlier run has sent are what nobody may miss.
type phaseRow struct {
	sign  *widget.Icon
	words *paragraph
	speed *widget.Label
	right fyne.CanvasObject // the column of speed, while the phase runs
	line  *fyne.Container
	bar   *bar
	last  migration.PhaseProgress
	rate  int64 // bytes a second, 0 if there is none to tell
}

// progressView is the rows of all phases, the overall bar and what can be said
// about the time. It is touched on the window's goroutine only.
type progressView struct {
	rows      map[migration.Phase]*phaseRow
	total     *bar
	percent   *widget.Label
	status    *paragraph
	rate      *widget.Label
	current   *paragraph
	words     *fyne.Container // status and rate
	overall   overall
	estimator *migration.Estimator
	now       func() time.Time // of the person, for the hour of the end
	at        time.Duration    // of the last reading
	held      migration.Estimate
	heldAt    time.Duration
	idle      time.Duration // how long of it the run was paused
	object    *fyne.Container
}

// holdRange is how long a range stays as it is: one that changes with every
// file cannot be read.
const holdRange = 5 * time.Second

func newProgressView(now func() time.Time) *progressView {
	v := &progressView{
		rows: map[migration.Phase]*phaseRow{}, total: newBar(10),
		percent: bold(""), status: wrapped(""), rate: line(""), current: wrapped(""),
		estimator: migration.NewEstimator(), now: now,
	}
	v.current.Importance = widget.LowImportance
	v.rate.Alignment = fyne.TextAlignTrailing
	// The labels keep a space around themselves; half of it is enough between rows.
	list := container.New(layout.NewCustomPaddedVBoxLayout(-4))
	for _, ph := range migration.Phases() {
		r := &phaseRow{sign: widget.NewIcon(sign("waiting")), words: wrapped(""), speed: line(""), bar: newBar(4)}
		r.speed.Alignment = fyne.TextAlignTrailing
		// The space that a label keeps at its end goes beyond the bar.
		r.right = container.New(layout.NewCustomPaddedLayout(0, 0, 0, -labelPad), column(rateWidth, r.speed))
		r.last.State = -1 // draws the first reading whatever it is
		v.rows[ph] = r
		name := column(nameWidth, line(say(phaseName(ph))))
		beside := fyne.NewSize(r.sign.MinSize().Width, name.MinSize().Height) // the first line of two
		mark := container.New(layout.NewGridWrapLayout(beside), r.sign)
		r.line = container.NewBorder(nil, nil, container.NewHBox(mark, name), r.right, r.words)
		list.Add(container.New(stacked{}, r.line, r.bar))
	}
	v.words = container.New(twoLines{}, v.status, v.rate)
	v.object = container.NewVBox(
		inset(labelPad, list),
		container.NewBorder(nil, nil, bold(say(migration.Msg("progress.overall"))), v.percent,
			container.NewVBox(layout.NewSpacer(), v.total, layout.NewSpacer())),
		v.words,
		v.current)
	v.show(migration.NewProgress(func() time.Time { return time.Time{} }).Snapshot())
	return v
}

// reset forgets speed and time of an earlier start: the next one has a clock of
// its own. The overall bar stays where it was, because nothing was lost.
func (v *progressView) reset() {
	v.estimator, v.held, v.idle = migration.NewEstimator(), migration.Estimate{}, 0
}

// steady keeps the range of a moment ago in an estimate.
func (v *progressView) steady(e migration.Estimate, at time.Duration) migration.Estimate {
	if e.Known && v.held.Known && at-v.heldAt < holdRange {
		e.Least, e.Most = v.held.Least, v.held.Most
		return e
	}
	v.held, v.heldAt = e, at
	return e
}

// rest takes away what only holds while something runs: nothing may look as if
// it went on.
func (v *progressView) rest() {
	v.tell("", 0, "")
	for _, r := range v.rows {
		p := r.last
		if p.State == migration.PhaseRunning {
			p.State, p.Counting = migration.PhaseStopped, false
		}
		r.show(p, 0)
	}
}

// show draws a reading; rows that say the same as before are left alone.
func (v *progressView) show(s migration.Snapshot) {
	if s.Elapsed < v.at {
		v.reset() // a run that goes on counts from zero again
	}
	if s.Status.Paused || s.Status.Waiting {
		v.idle += s.Elapsed - v.at // a pause says nothing about the speed
	}
	v.at = s.Elapsed
	worked := s
	worked.Elapsed -= v.idle
	e := v.steady(v.estimator.Read(worked), s.Elapsed)
	if s.Status.Paused || s.Status.Waiting {
		e.Rate, e.Rates = 0, nil
	}
	current := troubleWords(s.Status.Trouble, v.now())
	// What went wrong and what to do is read to its end; the name of a file need
	// not be.
	wrap, cut := fyne.TextWrapOff, fyne.TextTruncateEllipsis
	if current != "" {
		wrap, cut = fyne.TextWrapWord, fyne.TextTruncateOff
	}
	if v.current.Wrapping != wrap {
		v.current.Wrapping, v.current.Truncation = wrap, cut
		v.current.Refresh()
	}
	for _, p := range s.Phases {
		r := v.rows[p.Phase]
		if r == nil {
			continue
		}
		if p.State == migration.PhaseRunning && p.Current != "" && s.Status.Trouble == nil {
			current = say(migration.Msg("progress.current", "Phase", say(phaseName(p.Phase)), "Item", p.Current))
		}
		p.Current = ""
		if rate := e.Rates[p.Phase]; r.last != p || r.rate != rate {
			r.show(p, rate)
		}
	}
	value := v.overall.update(s)
	v.total.set(value, theme.ColorNamePrimary)
	setText(v.percent, say(migration.Msg("progress.percent", "Percent", figures().Number(int64(value*100)))))
	v.tell(statusWords(s, e, v.now()), e.Rate, current)
}

// tell writes the lines below the overall bar.
func (v *progressView) tell(status string, rate int64, current string) {
	setText(v.status, status)
	words := ""
	if status != "" && rate > 0 {
		words = rateWords(rate)
	}
	setText(v.rate, words)
	setText(v.current, current)
}

// twoLines gives the first label the height of two lines whether it needs them
// or not, so that nothing below it moves while the words change, and the second
// one a column at its right.
type twoLines struct{}

const rateWidth = 110

func (twoLines) MinSize(objects []fyne.CanvasObject) fyne.Size {
	one := objects[1].MinSize().Height
	return fyne.NewSize(2*rateWidth, 2*one-2*labelPad)
}

func (twoLines) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(fyne.NewSize(size.Width-rateWidth, size.Height))
	objects[1].Move(fyne.NewPos(size.Width-rateWidth, 0))
	objects[1].Resize(fyne.NewSize(rateWidth, objects[1].MinSize().Height))
}

func (r *phaseRow) show(p migration.PhaseProgress, rate int64) {
	name, fill := "waiting", theme.ColorNamePrimary
	switch p.State {
	case migration.PhaseRunning:
		name = "running"
	case migration.PhaseDone:
		name, fill = "check", theme.ColorNameSuccess
		if p.Items < p.TotalItems || p.Left > 0 {
			name, fill = "warning", theme.ColorNameWarning
		}
	case migration.PhaseStopped:
		name, fill = "warning", theme.ColorNameWarning
	}
	if p.State != r.last.State || p.State == migration.PhaseDone {
		r.sign.SetResource(sign(name))
	}
	r.bar.set(fraction(p), fill)
	speed := ""
	if rate > 0 {
		speed = rateWords(rate)
	}
	if runs := p.State == migration.PhaseRunning; runs != r.right.Visible() {
		reveal(r.right, runs)
		r.line.Refresh() // the words have more room, or less
	}
	setText(r.words, phaseWords(p))
	setText(r.speed, speed)
	r.last, r.rate = p, rate
}

// setText spares a repaint of the whole window when nothing changed.
func setText(l written, text string) {
	if l.AccessibilityLabel() != text {
		l.SetText(text)
	}
}
