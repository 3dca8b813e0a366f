package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// footer is the line at the bottom: help and log on the left, the two buttons
// that lead on and back on the right, and between them either what is under way
// or why the main button is closed, with a way to where that can be mended.
type footer struct {
	w      *Window
	object fyne.CanvasObject
	sign   *widget.Icon
	reason *paragraph
	way    *pressable
	cancel *pressable
	back   *pressable
	next   *pressable
	middle *fyne.Container
	right  *fyne.Container
	now    struct{ back, next action }
}

func newFooter(w *Window) *footer {
	f := &footer{w: w, sign: widget.NewIcon(sign("warning")), reason: wrapped("")}
	f.way = newPressable(w, say(migration.Msg("button.way")), nil)
	f.cancel = newPressable(w, "", w.cancelWork)
	f.back = newPressable(w, "", func() { f.press(f.now.back) })
	f.next = newPressable(w, "", func() { f.press(f.now.next) })
	help := newPressable(w, say(migration.Msg("button.help")), w.help)
	log := newPressable(w, say(migration.Msg("button.log")), w.showFiles)
	help.Importance, log.Importance = widget.LowImportance, widget.LowImportance
	left := container.NewHBox(help, log)
	f.way.Importance = widget.LowImportance
	f.middle = container.NewBorder(nil, nil, centred(f.sign), nil, container.New(reasonFirst{}, f.reason, f.way, f.cancel))
	f.right = container.NewHBox(container.New(atLeast(buttonWidth), f.back), container.New(atLeast(buttonWidth), f.next))
	line := container.NewBorder(nil, nil, centred(left), centred(f.right), f.middle)
	// The words of the buttons at the left begin at the margin, the edge of the
	// button at the right ends there.
	f.object = newBox(theme.ColorNameHeaderBackground, 0, 8,
		container.New(layout.NewCustomPaddedLayout(0, 0, margin-labelPad, margin), line))
	return f
}

// reasonWord is the longest word that the line has room for, reasonAll are three
// lines of words in the smallest window.
const reasonWord, reasonAll = 40, 150

// centred keeps an object at its own height in the middle of the line.
func centred(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVBox(layout.NewSpacer(), o, layout.NewSpacer())
}

// show draws what the page says about its buttons.
func (f *footer) show(v view) {
	f.now.back, f.now.next = v.back(), v.next()
	busy := f.w.tasks.busy()
	f.dress(f.back, f.now.back, busy != nil, widget.MediumImportance)
	f.dress(f.next, f.now.next, busy != nil, widget.HighImportance)
	behind := f.w.tasks.behind()
	f.way.Hidden, f.cancel.Hidden = true, busy == nil && (behind == nil || f.w.tasks.stopping)
	text := ""
	if behind != nil {
		f.cancel.SetText(say(migration.Msg("button.stop.quiet")))
	}
	switch {
	case busy != nil:
		f.sign.SetResource(sign("running"))
		text = f.w.busyWords(busy)
		label := migration.Msg("button.cancel")
		switch {
		case f.w.uploading():
			label = migration.Msg("button.stop")
		case behind != nil:
			label = migration.Msg("button.stop.quiet") // what waits begins then
		}
		f.cancel.SetText(say(label))
		if f.w.tasks.stopping {
			text = say(migration.Msg("closed.stopping"))
			f.cancel.Hidden = true
		}
	case !f.now.next.closed.IsZero():
		f.sign.SetResource(sign("warning"))
		text = say(f.now.next.closed)
		f.way.Hidden = f.now.next.way == nil
		f.way.OnTapped = f.now.next.way
	case behind != nil:
		f.sign.SetResource(sign("running"))
		text = say(migration.Msg("busy.quiet", "Doing", say(behind.doing)))
	}
	f.sign.Hidden = text == ""
	f.reason.SetText(shorter(text, reasonWord, reasonAll)) // the page shows it whole
	f.object.Refresh()
}

// dress sets one button; while something is under way both are closed, and the
// words beside them say what that is.
func (f *footer) dress(b *pressable, a action, busy bool, importance widget.Importance) {
	b.Hidden = a.label.IsZero()
	if b.Hidden {
		return
	}
	b.Importance = importance
	if a.danger {
		b.Importance = widget.DangerImportance
	}
	b.SetText(say(a.label))
	if busy || !a.closed.IsZero() || a.run == nil {
		b.Disable()
	} else {
		b.Enable()
	}
}

// press carries an action out if it is open and nothing is under way.
func (f *footer) press(a action) bool {
	if a.run == nil || a.label.IsZero() || !a.closed.IsZero() || f.w.tasks.busy() != nil {
		return false
	}
	a.run()
	return true
}

// buttonWidth keeps the two main buttons at one size for short words.
const buttonWidth = 96

// atLeast gives one object a smallest width.
type atLeast float32

func (w atLeast) MinSize(objects []fyne.CanvasObject) fyne.Size {
	if !objects[0].Visible() {
		return fyne.Size{}
	}
	m := objects[0].MinSize()
	return fyne.NewSize(max(m.Width, float32(w)), m.Height)
}

func (atLeast) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }

// reasonFirst puts words at the left and the buttons that belong to them right
// behind; words too long for the line are wrapped, all in the middle of the
// height.
type reasonFirst struct{}

func (reasonFirst) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

func (reasonFirst) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	after := float32(0)
	for _, o := range objects[1:] {
		if o.Visible() {
			after += o.MinSize().Width
		}
	}
	reason := objects[0]
	width := min(natural(reason), size.Width-after)
	reason.Resize(fyne.NewSize(width, size.Height)) // the height follows from the width
	h := min(reason.MinSize().Height, size.Height)
	reason.Resize(fyne.NewSize(width, h))
	reason.Move(fyne.NewPos(0, (size.Height-h)/2))
	x := width
	for _, o := range objects[1:] {
		if o.Visible() {
			m := o.MinSize()
			o.Resize(m)
			o.Move(fyne.NewPos(x, (size.Height-m.Height)/2))
			x += m.Width
		}
	}
}
