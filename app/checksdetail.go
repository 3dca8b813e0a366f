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
	found  *widget.Label
	why    *widget.RichText
	todo   *widget.RichText
	again  *pressable
	table  *checkTable
	shown  migration.CheckID
}

func newCheckDetail(k keys, again func()) *checkDetail {
	d := &checkDetail{mark: widget.NewIcon(nil), title: bold(""), found: wrapped("")}
	d.title.SizeName = theme.SizeNameSubHeadingText
	d.title.Truncation = fyne.TextTruncateEllipsis
	d.found.Selectable = true
	d.why, d.todo = section(migration.Msg("checks.why")), section(migration.Msg("checks.todo"))
	d.again = newPressable(k, say(migration.Msg("checks.again.one")), again)
	d.table = newCheckTable()
	head := container.NewBorder(nil, nil, container.NewCenter(d.mark), d.again, d.title)
	text := container.New(stacked{}, head, d.found, d.why, d.todo)
	d.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 8),
		framed(text, nil, nil, nil, d.table.object)))
	d.object = newBox(theme.ColorNameHeaderBackground, 8, 8, d.scroll)
	return d
}

// section is a heading with a text below it, both in one block: as labels they
// would take the room of the rows.
func section(title migration.Message) *widget.RichText {
	r := widget.NewRichText(
		&widget.TextSegment{Text: say(title), Style: widget.RichTextStyleStrong},
		&widget.TextSegment{Style: widget.RichTextStyleParagraph})
	r.Segments[0].(*widget.TextSegment).Style.Inline = false
	r.Wrapping = fyne.TextWrapWord
	return r
}

// fill sets the text of a section; one without text is not shown.
func fill(s *widget.RichText, m migration.Message) {
	s.Hidden = m.IsZero()
	if text := s.Segments[1].(*widget.TextSegment); !s.Hidden && text.Text != say(m) {
		text.Text = say(m)
		s.Refresh()
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
