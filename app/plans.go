package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/app/board"
	"omt/app/filter"
	"omt/migration"
)

// plansView is the page of the user plans: the board on which everybody is put
// into the column of a plan.
type plansView struct {
	h     host
	model *board.Model
	board *board.Board
	faces *portraits
	names *migration.NameSheet // as of this visit, for what is wrong with them

	tools   *fyne.Container
	stage   *fyne.Container // holds the board of this visit
	find    *filter.Entry
	empty   *box          // over a board that the filter has emptied
	sums    *widget.Label // people and seats
	said    *widget.Label // what became of the last act
	asking  bool          // whether to discard the changes
	why     string        // OK is closed, as the footer says it now
	move    *pressable
	undo    *pressable
	redo    *pressable
	clear   *pressable
	suggest *pressable
}

func newPlansView(h host) view {
	v := &plansView{h: h}
	v.faces = &portraits{h: h, changed: func() { v.board.Refresh() }}
	return v
}

func (v *plansView) heading() (title, lead migration.Message) {
	return migration.Msg("plans.title"), migration.Msg("plans.lead")
}

func (v *plansView) build() fyne.CanvasObject {
	v.find = filter.NewEntry(filterWords(v.h), func(q filter.Query) {
		v.board.Filter(q)
	})
	v.sums, v.said = line(""), line("")
	v.move = newPressable(v.h, say(migration.Msg("plans.move", "Count", "0")), v.moveTo)
	v.undo = newPressable(v.h, say(migration.Msg("button.undo")), v.takeBack)
	v.redo = newPressable(v.h, say(migration.Msg("button.redo")), v.repeat)
	v.suggest = newPressable(v.h, say(migration.Msg("plans.suggest")), v.propose)
	v.clear = newPressable(v.h, say(migration.Msg("plans.clear")), v.removeAll)
	v.stage = container.NewStack()
	v.empty = newBox(theme.ColorNameBackground, margin, margin, widget.NewLabel(say(migration.Msg("names.nomatch"))))
	// Two lines of buttons: beside all five the filter would have no room for a
	// name in German and Dutch.
	v.tools = container.NewBorder(nil, nil, nil, container.NewHBox(v.move, v.undo, v.redo), v.find.Object)
	top := container.NewVBox(container.NewBorder(nil, nil, nil, container.NewHBox(v.suggest, v.clear), flush(v.sums)), v.tools)
	return inset(margin, framed(top, flush(v.said), nil, nil, v.stage))
}

// filterWords are the texts of the filter of board and names.
func filterWords(k keys) filter.Words {
	return filter.Words{
		Placeholder: say(migration.Msg("filter.placeholder")),
		Clear:       say(migration.Msg("filter.clear")),
		Count: func(shown, all int) string {
			return say(migration.Msg("filter.count", "Shown", figures().Number(int64(shown)), "All", figures().Number(int64(all))))
		},
		Dialect: filterDialect(),
		Key:     func(ev *fyne.KeyEvent) { k.key(ev) },
	}
}

// entered begins with what the draft holds; the board's own undo goes back to
// there and no further, and Cancel leaves the draft as it is.
func (v *plansView) entered() {
	d := v.h.flow().draft
	v.names = migration.NewNameSheet(d.Plan, d.Ticket, d.Users)
	cards := planCards(d)
	v.model = board.New(planColumns(d.Ticket), cards, planStates(d), d.Ticket.ConfidentialSeats)
	v.model.Filter(v.find.Query())
	v.said.SetText("")
	v.board = board.NewBoard(v.model, board.Config{
		Words: v.words(), Crown: sign("crown"), Warn: icon("warning"),
		Picture: v.faces.image,
		Say:     func(text string) { v.said.SetText(clean(text)) },
		Find:    v.toFilter,
		Key:     v.h.key,
	})
	v.stage.Objects = []fyne.CanvasObject{v.board.Object, container.NewCenter(v.empty)}
	v.stage.Refresh()
	v.board.OnChanged(v.refresh)
	v.refresh()
	for s, act := range v.shortcuts() {
		v.h.window().Canvas().AddShortcut(s, func(fyne.Shortcut) { act() })
	}
	people := make([]int64, len(cards))
	for i, c := range cards {
		people[i] = c.ID()
	}
	v.faces.show(people)
}

// left ends a drag and takes the shortcuts away: on other pages they mean nothing
// or another thing.
func (v *plansView) left() {
	v.board.Leave()
	v.faces.hide()
	for s := range v.shortcuts() {
		v.h.window().Canvas().RemoveShortcut(s)
	}
}

// shortcuts are those of the board where it has not the focus, for example
// after a click on a button: what was done by mouse is taken back by hand.
func (v *plansView) shortcuts() map[fyne.Shortcut]func() {
	return map[fyne.Shortcut]func(){
		&fyne.ShortcutUndo{}:      v.takeBack,
		&fyne.ShortcutRedo{}:      v.repeat,
		&fyne.ShortcutSelectAll{}: func() { v.model.SelectShown(); v.board.Refresh() },
		&desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierControl}: v.toFilter,
	}
}

func (v *plansView) toFilter() { v.h.window().Canvas().Focus(v.find.Input()) }

// refresh draws what stands around the board.
func (v *plansView) refresh() {
	shown, all := v.model.Shown()
	v.find.Show(shown, all)
	reveal(v.empty, shown == 0 && all > 0)
	seats := 0
	for _, p := range v.h.flow().draft.Ticket.Plans {
		seats += p.Seats
	}
	ticked, boxes := v.model.Ticks()
	n := figures()
	v.sums.SetText(say(migration.Msg("plans.sums", "Users", n.Number(int64(all)), "Seats", n.Number(int64(seats)),
		"Used", n.Number(int64(all-v.model.Used(0))), "Ticked", n.Number(int64(ticked)), "Boxes", n.Number(int64(boxes)))))
	selected := len(v.model.Selected())
	v.move.SetText(say(migration.Msg("plans.move", "Count", n.Number(int64(selected)))))
	v.tools.Refresh() // the first label has grown or shrunk
	// The frame draws everything again: only when the footer says something else.
	why := ""
	if f := v.fault(); !f.IsZero() {
		why = say(f)
	}
	if why != v.why {
		v.why = why
		v.h.changed()
	}
}

// The buttons above the board are always open: one for which there is nothing to
// do says so when it is pressed, as on the page of the user names.

func (v *plansView) takeBack() {
	if !v.model.CanUndo() {
		v.tell(migration.Msg("names.undo.none"))
		return
	}
	v.board.Undo()
}

func (v *plansView) repeat() {
	if !v.model.CanRedo() {
		v.tell(migration.Msg("names.redo.none"))
		return
	}
	v.board.Redo()
}

func (v *plansView) removeAll() {
	if _, all := v.model.Shown(); v.model.Used(0) == all {
		v.tell(migration.Msg("plans.clear.none"))
		return
	}
	v.model.Clear()
	v.board.Refresh()
}

func (v *plansView) tell(m migration.Message) { v.said.SetText(say(m)) }

// moveTo opens the menu of the columns for the selected people.
func (v *plansView) moveTo() {
	if len(v.model.Selected()) == 0 {
		v.tell(migration.Msg("plans.move.none"))
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(v.move)
	menu := fyne.NewMenu("", v.board.Items(v.model.Selected())...)
	widget.ShowPopUpMenuAtPosition(menu, v.h.window().Canvas(), at.AddXY(0, v.move.Size().Height))
}

func (v *plansView) next() action {
	return action{label: migration.Msg("button.ok"), run: v.confirm, closed: v.fault()}
}

func (v *plansView) back() action {
	return action{label: migration.Msg("button.cancel"), run: v.cancel}
}

// cancel leaves the draft as it is. It asks if there is work to lose: Esc and
// Alt+Left lead here as well, and are pressed by mistake.
func (v *plansView) cancel() {
	if v.asking {
		return
	}
	if !v.model.CanUndo() {
		v.h.visit(placeChecklist)
		return
	}
	d := dialog.NewCustomWithoutButtons(say(migration.Msg("plans.discard.title")), wrapped(say(migration.Msg("plans.discard.text"))), v.h.window())
	v.asking = true
	d.SetOnClosed(func() { v.asking = false })
	leave := newPressable(noKeys{}, say(migration.Msg("plans.discard")), func() {
		d.Hide()
		v.h.visit(placeChecklist)
	})
	stay := leaving(newPressable(noKeys{}, say(migration.Msg("plans.stay")), d.Hide))
	stay.Importance = widget.HighImportance
	d.SetButtons([]fyne.CanvasObject{container.NewHBox(leave, stay)})
	d.Resize(fyne.NewSize(520, 200))
	d.Show()
	v.h.window().Canvas().Focus(stay)
}

// fault is the first rule that the board breaks, in the words of the plan.
func (v *plansView) fault() migration.Message {
	if v.model == nil {
		return migration.Msg("plan.noadmin")
	}
	for i, c := range v.model.Columns() {
		if i > 0 && v.model.Used(i) > c.Seats {
			return migration.Msg("plan.seats", "Plan", c.Title, "Used", v.model.Used(i), "Seats", c.Seats)
		}
	}
	if ticked, boxes := v.model.Ticks(); ticked > boxes {
		return migration.Msg("plan.confidential", "Used", ticked, "Seats", boxes)
	}
	if v.model.Crowned() == 0 {
		return migration.Msg("plan.noadmin")
	}
	return migration.Message{}
}

// confirm hands the board to the draft.
func (v *plansView) confirm() {
	d := v.h.flow().draft
	to := map[int64]migration.Assignment{}
	for id, s := range v.model.States() {
		to[id] = migration.Assignment{Plan: v.model.Columns()[s.Column].ID, Confidential: s.Ticked}
	}
	d.Assign(to)
	if err := d.Confirm(migration.TopicPlans); err != nil {
		v.h.notify(noticeError, hint(err))
		return
	}
	v.h.keep()
	v.h.visit(placeChecklist)
}
