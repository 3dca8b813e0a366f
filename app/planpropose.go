package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/app/board"
	"omt/migration"
)

// proposal is what Suggest would make of the board, and what changes by it.
type proposal struct {
	states map[int64]board.State
	lines  []string // one for each card that would move, then the notes
	moves  int
}

// proposed works the suggestion out; it computes only.
func (v *plansView) proposed() proposal {
	d := v.h.flow().draft
	plan, notes := migration.Suggest(d.Ticket, d.Users, d.Plan.Mode)
	p := proposal{states: planStates(&migration.Draft{Ticket: d.Ticket, Plan: plan})}
	columns := v.model.Columns()
	for _, c := range planCards(d) {
		from, to := v.model.State(c.ID()), p.states[c.ID()]
		if from == to {
			continue
		}
		p.moves++
		p.lines = append(p.lines, say(migration.Msg("plans.propose.line",
			"Name", c.Title(), "From", placing(columns, from), "To", placing(columns, to))))
	}
	for _, n := range notes {
		p.lines = append(p.lines, say(n))
	}
	return p
}

// placing is where somebody is in words, with the right of the box.
func placing(columns []board.Column, s board.State) string {
	text := columns[s.Column].Title
	if s.Ticked {
		text += " + " + say(migration.Msg("plans.confidential"))
	}
	return text
}

// proposeSize is that of the dialog, within the smallest window.
var proposeSize = fyne.NewSize(760, 420)

// tall gives each line that is wider than the list the height of all its rows:
// cut off, it would not say whom it is about or why.
func tall(list *list, lines []string, width float32) {
	row := wrapped("")
	row.Resize(fyne.NewSize(width, 0))
	for i, text := range lines {
		if fyne.MeasureText(text, theme.TextSize(), row.TextStyle).Width > width-2*theme.InnerPadding() {
			row.SetText(text)
			list.SetItemHeight(i, row.MinSize().Height)
		}
	}
}

// propose shows what the suggestion would change before it does so.
func (v *plansView) propose() {
	p := v.proposed()
	list := newList(v.h,
		func() int { return len(p.lines) },
		func() fyne.CanvasObject { return wrapped("") },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*paragraph).SetText(p.lines[i]) },
	)
	list.HideSeparators = true
	tall(list, p.lines, proposeSize.Width-32) // without the edges of the dialog
	words := wrapped(say(migration.Msg("plans.propose.text", "Count", figures().Number(int64(p.moves)))))
	d := dialog.NewCustomWithoutButtons(say(migration.Msg("plans.propose.title")), container.NewBorder(words, nil, nil, nil, list), v.h.window())
	leave := leaving(newPressable(noKeys{}, say(migration.Msg("button.cancel")), d.Hide))
	apply := newPressable(noKeys{}, say(migration.Msg("plans.propose.apply")), func() {
		d.Hide()
		v.model.Replace(p.states)
		v.board.Refresh()
	})
	apply.Importance = widget.HighImportance
	buttons := []fyne.CanvasObject{container.NewHBox(leave, apply)}
	if p.moves == 0 {
		buttons = []fyne.CanvasObject{leave}
	}
	d.SetButtons(buttons)
	d.Resize(proposeSize)
	d.Show()
}
