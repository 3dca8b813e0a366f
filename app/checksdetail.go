package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// checkDetail shows one check whole: what was found, why it matters, what to
// do, and the rows concerned.
type checkDetail struct {
	object fyne.CanvasObject
	scroll *container.Scroll
	mark   *widget.Icon
	title  *widget.Label
	found  *paragraph
	why    *section
	todo   *section
	again  *pressable
	table  *checkTable
	shown  migration.CheckID
}

func newCheckDetail(k keys, again func()) *checkDetail {
	d := &checkDetail{mark: widget.NewIcon(nil), title: bold(""), found: selectable(k, "")}
	d.title.SizeName = theme.SizeNameSubHeadingText
	d.title.Truncation = fyne.TextTruncateEllipsis
	d.why, d.todo = newSection(migration.Msg("checks.why")), newSection(migration.Msg("checks.todo"))
	d.again = newPressable(k, say(migration.Msg("checks.again.one")), again)
	d.table = newCheckTable(k)
	head := container.NewBorder(nil, nil, container.NewCenter(d.mark), d.again, d.title)
	text := container.New(stacked{}, head, d.found, d.why.object, d.todo.object)
	d.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 8),
		framed(text, nil, nil, nil, d.table.object)))
	d.object = newBox(theme.ColorNameHeaderBackground, 8, 8, d.scroll)
	return d
}

// section is a heading with a text close below it.
type section struct {
	object *fyne.Container
	text   *paragraph
}

func newSection(title migration.Message) *section {
	s := &section{text: wrapped("")}
	// The labels keep a space around themselves, which would take the room of the rows.
	s.object = container.New(closely{}, bold(say(title)), s.text)
	return s
}

// closely lays two labels below each other without the space between them.
type closely struct{}

// shared is how much of the space between them goes: what is left parts lines.
const shared = 2*labelPad - 4

func (closely) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := stacked{}.MinSize(objects)
	return m.SubtractWidthHeight(0, shared)
}

func (closely) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	stacked{}.Layout(objects, size)
	objects[1].Move(objects[1].Position().SubtractXY(0, shared))
}

// fill sets the text of a section; one without text is not shown.
func fill(s *section, m migration.Message) {
	visible(s.object, !m.IsZero())
	if !m.IsZero() {
		setText(s.text, say(m))
	}
}

func (d *checkDetail) show(s shownCheck, running bool) {
	mark, state := s.mark()
	d.mark.SetResource(mark)
	setText(d.title, say(migration.Msg("check."+string(s.id)+".title")))
	enable(d.again, !running)
	if s.result == nil {
		setText(d.found, say(state))
		fill(d.why, migration.Msg("check."+string(s.id)+".why"))
		fill(d.todo, migration.Message{})
		d.table.show(nil)
	} else {
		setText(d.found, say(migration.Msg("checks.row", "State", say(state), "Found", say(s.result.Found))))
		fill(d.why, s.result.Why)
		fill(d.todo, s.result.Todo)
		d.table.show(s.result)
	}
	if d.shown != s.id {
		d.shown = s.id
		d.scroll.ScrollToTop()
	}
	d.scroll.Content.Refresh()
	d.scroll.Refresh()
}
