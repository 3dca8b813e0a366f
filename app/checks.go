package app

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// checksWidth is that of the list of checks; the rest shows the chosen one.
const checksWidth = 300

// checksView shows what every check has found: the list on the left, the chosen
// check on the right.
type checksView struct {
	h    host
	do   func(func())
	save func(name string, done func(path string)) // asks for a file; see saveFile

	rows    map[migration.CheckID]*openRow
	order   []migration.CheckID
	list    *fyne.Container
	chosen  migration.CheckID
	picked  bool // a person chose it, so it stays chosen
	detail  *checkDetail
	total   *widget.Label
	again   *pressable
	csv     *pressable
	html    *pressable
	accept  *tick
	accepts *fyne.Container
	why     *widget.Label
}

func newChecksView(h host) view {
	v := &checksView{h: h, do: h.ui, rows: map[migration.CheckID]*openRow{}}
	v.save = func(name string, done func(string)) { saveFile(h, name, done) }
	return v
}

func (v *checksView) heading() (title, lead migration.Message) {
	return migration.Msg("checks.title"), migration.Msg("checks.lead")
}

func (v *checksView) build() fyne.CanvasObject {
	v.total = bold("")
	v.total.Truncation = fyne.TextTruncateEllipsis
	v.again = newPressable(v.h, say(migration.Msg("checks.again.all")), func() { runChecks(v.h, v.do) })
	v.csv = newPressable(v.h, say(migration.Msg("checks.csv")), func() { v.export("checks.csv") })
	v.html = newPressable(v.h, say(migration.Msg("checks.html")), func() { v.export("checks.html") })
	top := container.NewBorder(nil, nil, nil, container.NewHBox(v.again, v.csv, v.html), flush(v.total))

	v.list = container.New(stacked{})
	left := container.NewVScroll(v.list)
	v.detail = newCheckDetail(v.h, func() { runChecks(v.h, v.do, v.chosen) })
	v.accept = newTick(v.h, "", v.acknowledge)
	v.why = muted("")
	v.why.Truncation = fyne.TextTruncateEllipsis
	v.accepts = container.NewBorder(nil, nil, v.accept, nil, v.why)
	return margined(margin, framed(top, v.accepts, nil, nil,
		container.New(&sideBySide{width: checksWidth, gap: 16}, left, v.detail.object)))
}

func (v *checksView) entered() {
	v.h.flow().checking.redraw = func() { v.draw(); v.h.changed() }
	v.draw()
	if f := v.h.flow(); f.checks == nil && !f.checking.begun {
		runChecks(v.h, v.do)
	}
}

func (v *checksView) left() {
	v.h.flow().checking.redraw = nil
	v.picked = false
}

// draw shows the newest results.
func (v *checksView) draw() {
	if v.list == nil {
		return
	}
	f := v.h.flow()
	shown := f.shownChecks()
	v.arrange(shown)
	if !v.picked {
		v.chosen = worst(shown)
	}
	for _, s := range shown {
		mark, state := s.mark()
		words := say(state)
		if s.settled() {
			words = say(migration.Msg("checks.row", "State", words, "Found", say(s.result.Found)))
		}
		v.rows[s.id].say(mark, words, false)
		v.rows[s.id].choose(s.id == v.chosen)
		if s.id == v.chosen {
			v.detail.show(s, f.checking.running)
		}
	}
	v.drawTop(f)
	v.drawAccept(f)
}

// arrange builds the rows anew if the list is another one than before.
func (v *checksView) arrange(shown []shownCheck) {
	same := len(shown) == len(v.order)
	for i := 0; same && i < len(shown); i++ {
		same = shown[i].id == v.order[i]
	}
	if same {
		return
	}
	v.list.RemoveAll()
	v.order = v.order[:0]
	var rows []*openRow
	group := ""
	for _, s := range shown {
		if g := s.id.Group(); g != group {
			group = g
			heading := bold(say(migration.Msg("check.group." + g)))
			heading.Truncation = fyne.TextTruncateEllipsis
			v.list.Add(heading)
		}
		r := newNarrowRow(v.h, say(migration.Msg("check."+string(s.id)+".title")), func() { v.choose(s.id) })
		v.rows[s.id] = r
		v.order = append(v.order, s.id)
		rows = append(rows, r)
		v.list.Add(r)
	}
	chain(v.h, rows)
}

// worst is the first check that needs somebody, else the first of all.
func worst(shown []shownCheck) migration.CheckID {
	for _, want := range []migration.CheckState{migration.CheckFailed, migration.CheckWarning} {
		for _, s := range shown {
			if s.settled() && s.result.State == want {
				return s.id
			}
		}
	}
	return shown[0].id
}

func (v *checksView) choose(id migration.CheckID) {
	v.chosen, v.picked = id, true
	v.draw()
}

func (v *checksView) drawTop(f *flow) {
	n := map[migration.CheckState]int{}
	for _, s := range f.shownChecks() {
		if s.settled() {
			n[s.result.State]++
		}
	}
	words := migration.Msg("checks.total", "Passed", n[migration.CheckPassed], "Warnings", n[migration.CheckWarning], "Failed", n[migration.CheckFailed])
	if f.checks == nil && !f.checking.running {
		words = migration.Msg("checks.total.none")
	}
	setText(v.total, say(words))
	enable(v.again, !f.checking.running)
	// While there is nothing to write, the line beside says so.
	enable(v.csv, f.checks != nil)
	enable(v.html, f.checks != nil)
}

// drawAccept shows the acknowledgement, or why there is none to give.
func (v *checksView) drawAccept(f *flow) {
	warnings := len(f.warnings())
	v.accepts.Hidden = warnings == 0
	if warnings == 0 {
		return
	}
	v.accept.OnChanged = nil
	v.accept.SetText(say(migration.Msg("checks.accept", "Count", warnings)))
	v.accept.SetChecked(f.accepted)
	v.accept.OnChanged = v.acknowledge
	why := migration.Msg("checks.accept.recorded", "Name", f.person.FullName)
	open := true
	if c := f.closedByChecks(); c.ID == "checks.closed.failed" || c.ID == "checks.closed.running" {
		why, open = c, false
	}
	setText(v.why, say(why))
	enable(v.accept, open)
}

func (v *checksView) acknowledge(on bool) {
	v.h.flow().accepted = on
	v.draw()
	v.h.changed()
}

func (v *checksView) export(name string) {
	v.save(name, func(path string) {
		g, r := v.h.guide(), v.h.flow().checks
		v.h.work(migration.Msg("doing.export"), func(ctx context.Context) (func(), error) {
			if err := g.ExportChecks(ctx, path, r); err != nil {
				return nil, err
			}
			return func() { v.h.notify(noticeInfo, migration.Msg("checks.exported", "Path", path)) }, nil
		}, nil)
	})
}

// next returns to the checklist; that something is left to do is said there.
func (v *checksView) next() action {
	return action{label: migration.Msg("checks.back"), run: func() { v.h.visit(placeChecklist) }}
}

func (v *checksView) back() action { return action{} }

// enable opens or closes a widget.
func enable(w fyne.Disableable, on bool) {
	switch {
	case on && w.Disabled():
		w.Enable()
	case !on && !w.Disabled():
		w.Disable()
	}
}
