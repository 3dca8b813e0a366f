package app

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/app/board"
	"omt/app/filter"
	"omt/app/table"
	"omt/migration"
)

// sheets are all own widgets.
func sheets() []sheet {
	return []sheet{
		{"sheet-controls", append(buttonSheet(), fieldSheet()...)},
		{"sheet-rows", rowSheet()},
		{"sheet-frame", frameSheet()},
		{"sheet-board", boardSheet()},
		{"sheet-table", tableSheet()},
	}
}

// made is a specimen to which things are done.
func made(state string, make func(h *fakeHost) fyne.CanvasObject, then ...func(fyne.CanvasObject)) specimen {
	return specimen{state, make, then}
}

// rested are the states of what can be focused, pointed at and closed.
func rested(make func(h *fakeHost) fyne.CanvasObject) []specimen {
	return []specimen{made("at rest", make), made("pointed at", make, hover), made("focused", make, focus), made("closed", make, off)}
}

func buttonSheet() []specimens {
	button := func(i widget.Importance) []specimen {
		return rested(func(*fakeHost) fyne.CanvasObject {
			b := newPressable(&noted{}, "Choose ticket...", func() {})
			b.Importance = i
			return b
		})
	}
	check := func(on bool) func(*fakeHost) fyne.CanvasObject {
		return func(*fakeHost) fyne.CanvasObject {
			c := newTick(&noted{}, "I have read this", nil)
			c.SetChecked(on)
			return c
		}
	}
	ticked := rested(check(true))
	for i := range ticked {
		ticked[i].state = "ticked, " + ticked[i].state
	}
	choice := func(selected string) func(*fakeHost) fyne.CanvasObject {
		return func(*fakeHost) fyne.CanvasObject {
			p := newPicker(&noted{}, []string{"Keep the address", "Use a new one"}, nil)
			if selected != "" {
				p.SetSelected(selected)
			}
			return p
		}
	}
	radio := func(*fakeHost) fyne.CanvasObject {
		r := newRadios(&noted{}, nil)
		r.offer([]string{"Test migration", "Live migration"})
		return r.object
	}
	chosen := func(*fakeHost) fyne.CanvasObject {
		r := newRadios(&noted{}, nil)
		r.offer([]string{"Test migration", "Live migration"})
		r.SetSelected("Test migration")
		return r.object
	}
	link := func(*fakeHost) fyne.CanvasObject { return newLink(&noted{}, "https://terms.example", nil) }
	copied := func(*fakeHost) fyne.CanvasObject { return selectable(&noted{}, `C:\config\omt.log`) }
	lines := []string{"Hugo Hugg", "Åse Bjørk"}
	listed := func(*fakeHost) fyne.CanvasObject {
		return newList(&noted{}, func() int { return len(lines) }, func() fyne.CanvasObject { return line("") },
			func(i widget.ListItemID, o fyne.CanvasObject) { o.(*widget.Label).SetText(lines[i]) })
	}
	tabled := func(*fakeHost) fyne.CanvasObject {
		g := newGrid(&noted{}, func() (int, int) { return 2, 2 }, func() fyne.CanvasObject { return line("") },
			func(i widget.TableCellID, o fyne.CanvasObject) { o.(*widget.Label).SetText(lines[i.Row]) })
		g.SetColumnWidth(0, 120)
		g.SetColumnWidth(1, 120)
		return g
	}
	return []specimens{
		{widget: "Button", width: 150, states: button(widget.MediumImportance)},
		{widget: "Main button", width: 150, states: button(widget.HighImportance)},
		{widget: "Button of danger", width: 150, states: button(widget.DangerImportance)},
		{widget: "Button of little weight", width: 150, states: button(widget.LowImportance)},
		{widget: "Check box", width: 180, states: append(rested(check(false)), ticked...)},
		{widget: "Radio buttons", width: 180, states: []specimen{made("at rest", radio), made("pointed at", radio, hover), made("focused", radio, focus), made("chosen", chosen), made("chosen, focused", chosen, focus)}},
		{widget: "Link", width: 180, states: []specimen{made("at rest", link), made("focused", link, focus)}},
		{widget: "Text to copy", width: 280, states: []specimen{made("at rest", copied), made("focused", copied, focus)}},
		{widget: "List", width: 280, height: 90, states: []specimen{made("at rest", listed), made("focused", listed, focus)}},
		{widget: "Table of a check", width: 280, height: 90, states: []specimen{made("at rest", tabled), made("focused", tabled, focus)}},
		{widget: "Choice", width: 180, states: append([]specimen{made("nothing chosen", choice(""))}, rested(choice("Keep the address"))...)},
	}
}

func fieldSheet() []specimens {
	of := func(make func() *field, text string) func(*fakeHost) fyne.CanvasObject {
		return func(*fakeHost) fyne.CanvasObject {
			f := make()
			f.SetText(text)
			return f
		}
	}
	plain := func() *field { return newField(&noted{}, migration.Msg("login.user"), nil) }
	secret := func() *field { return newSecretField(&noted{}, migration.Msg("login.password"), nil) }
	many := func(*fakeHost) fyne.CanvasObject {
		e := newChoiceField(&noted{}, migration.Msg("login.user"), nil)
		e.SetOptions([]string{"karl.klopp@fjordlys.example"})
		return e
	}
	sought := func(text string) func(*fakeHost) fyne.CanvasObject {
		return func(*fakeHost) fyne.CanvasObject {
			e := filter.NewEntry(filterWords(&noted{}), func(filter.Query) {})
			e.SetText(text)
			e.Show(42, 310)
			return e.Object
		}
	}
	wrong := func(*fakeHost) fyne.CanvasObject {
		f := newFault()
		f.show(migration.Msg("hint.ticket.beside"))
		return f.object
	}
	return []specimens{
		{widget: "Field", width: 180, states: append([]specimen{made("empty", of(plain, "")), made("too long", of(plain, longPath))}, rested(of(plain, "KK"))...)},
		{widget: "Field of a secret", width: 180, states: rested(of(secret, "s3cret"))},
		{widget: "Field with choices", width: 220, states: rested(many)},
		{widget: "What is wrong with a field", width: 450, states: []specimen{made("told", wrong)}},
		{widget: "Filter", width: 450, states: []specimen{
			made("empty", sought("")), made("typed into", sought("admin group:sales")), made("focused", sought("admin"), focus),
		}},
	}
}

func rowSheet() []specimens {
	row := func(make func(keys, string, func()) *openRow, mark, title string, closed bool) func(*fakeHost) fyne.CanvasObject {
		return func(*fakeHost) fyne.CanvasObject {
			r := make(&noted{}, title, func() {})
			r.say(sign(mark), "2 of 12 people have a plan", closed)
			return r
		}
	}
	chosen := func(o fyne.CanvasObject) { o.(*openRow).choose(true) }
	states := func(make func(keys, string, func()) *openRow) []specimen {
		plain := row(make, "check", "User plans", false)
		return []specimen{
			made("at rest", plain), made("pointed at", plain, hover), made("focused", plain, focus), made("selected", plain, chosen),
			made("selected, focused", plain, chosen, focus), made("closed", row(make, "waiting", "User plans", true)),
			made("closed, focused", row(make, "waiting", "User plans", true), focus), made("too long", row(make, "cross", longCompany+longCompany, false)),
		}
	}
	return []specimens{
		{widget: "Row that opens a page", width: 308, states: states(newOpenRow)},
		{widget: "Row of a choice", width: 308, states: states(newChoiceRow)},
		{widget: "Row of a narrow list", width: 228, states: states(newNarrowRow)},
		{widget: "Row of a conflict", width: 474, states: conflictRows()},
		{widget: "Row of an address", width: 960, states: addressRows()},
		{widget: "Row of a file", width: 474, states: fileRows()},
	}
}

// namesOn is the list of user names with every kind of conflict.
func namesOn(h *fakeHost) *namesView {
	users, names := conflicts()
	h.f.draft = namesDraft(h.t, users, names...)
	v := newNamesView(h).(*namesView)
	v.build()
	v.entered()
	return v
}

func conflictRows() []specimen {
	of := func(n int) func(*fakeHost) fyne.CanvasObject {
		return func(h *fakeHost) fyne.CanvasObject {
			r, v := newGroupRow(&noted{}), namesOn(h)
			r.bind(v, v.sheet.Groups()[n])
			return r
		}
	}
	return []specimen{made("used twice", of(0)), made("not an address", of(1)), made("missing", of(2))}
}

func addressRows() []specimen {
	of := func(m migration.Mailbox, bad bool) func(*fakeHost) fyne.CanvasObject {
		return func(*fakeHost) fyne.CanvasObject {
			r := newMailboxRow(&noted{})
			r.show(m, "fjordlys.superoffice.example", bad)
			return r
		}
	}
	field := func(o fyne.CanvasObject) { o.(*mailboxRow).local.FocusGained() }
	return []specimen{
		made("nothing chosen", of(migration.Mailbox{Old: "support@fjordlys.example"}, true)),
		made("in order, its field focused", of(migration.Mailbox{Old: "support@fjordlys.example", Choice: migration.MailboxNew, New: "support@fjordlys.superoffice.example"}, false), field),
		made("too long", of(migration.Mailbox{Old: strings.Repeat("customer.service.", 6) + "@fjordlys.example", Choice: migration.MailboxKeep, New: strings.Repeat("long.", 20) + "@" + strings.Repeat("sub.", 20) + "example"}, true)),
	}
}

func fileRows() []specimen {
	of := func(checks, ticked bool, source string) func(*fakeHost) fyne.CanvasObject {
		return func(h *fakeHost) fyne.CanvasObject {
			r := newFileRow(h, checks)
			r.show(migration.RecoveryItem{ID: "document:1", Kind: migration.KindDocument, Source: source, Size: 48 << 10, Modified: today.Add(-time.Hour), Sent: today.Add(-240 * time.Hour), SentSize: 40 << 10}, ticked, nil, nil)
			return r
		}
	}
	short := `\\crmserver\so_arc\HH\2024.1\Angebot.docx`
	return []specimen{
		made("to be read", of(false, false, short)), made("to be ticked", of(true, false, short)), made("ticked", of(true, true, short)),
		made("ticked, its box focused", of(true, true, short), focus), made("too long", of(true, false, longPath+`\Angebot.docx`)),
	}
}

func frameSheet() []specimens {
	told := func(mark, details string) func(*fakeHost) fyne.CanvasObject {
		return func(*fakeHost) fyne.CanvasObject {
			return notice(&noted{}, mark, "The list was stored", []string{"What happened, what it means and what to do, in words that take more than one line of this card."}, details)
		}
	}
	detailed := func(h *fakeHost) fyne.CanvasObject {
		o := told("cross", "open file: access is denied")(h)
		walk(o, func(o fyne.CanvasObject) {
			if b, ok := o.(*pressable); ok {
				b.OnTapped()
			}
		})
		return o
	}
	steps := func(at place) func(*fakeHost) fyne.CanvasObject {
		return func(h *fakeHost) fyne.CanvasObject { return newStepBar(stepsOf(h.f, at)) }
	}
	modes := func(m migration.Mode) func(*fakeHost) fyne.CanvasObject {
		return func(*fakeHost) fyne.CanvasObject { return badge(m) }
	}
	meter := func(value float64, fill fyne.ThemeColorName) func(*fakeHost) fyne.CanvasObject {
		return func(*fakeHost) fyne.CanvasObject {
			b := newBar(10)
			b.set(value, fill)
			return b
		}
	}
	return []specimens{
		{widget: "Notice", width: 308, paper: true, states: []specimen{made("news", told("check", "")), made("warning", told("warning", "")),
			made("error", told("cross", "exit 5")), made("error, with its details", detailed)}},
		{widget: "Step bar", width: 960, states: []specimen{made("at the first", steps(placeWelcome)), made("in the middle", steps(placeChecklist)), made("at the last", steps(placeComplete))}},
		{widget: "Mode", width: 228, states: []specimen{made("open", modes("")), made("test", modes(migration.ModeTest)), made("live", modes(migration.ModeLive))}},
		{widget: "Meter", width: 228, states: []specimen{made("nothing", meter(0, theme.ColorNamePrimary)), made("some", meter(0.4, theme.ColorNamePrimary)),
			made("done", meter(1, theme.ColorNameSuccess)), made("with something left", meter(0.9, theme.ColorNameWarning))}},
		{widget: "Foot of the window", width: 960, states: footStates()},
		{widget: "Phases of an upload", width: 474, states: phaseStates()},
	}
}

// told is a page that says something about its buttons.
type footed struct {
	view
	n, b action
}

func (f footed) next() action { return f.n }
func (f footed) back() action { return f.b }

func footStates() []specimen {
	of := func(n action, set func(*tasks)) func(*fakeHost) fyne.CanvasObject {
		return func(h *fakeHost) fyne.CanvasObject {
			w := &Window{runs: &runWatch{Guide: h.g}}
			if set != nil {
				set(&w.tasks)
			}
			f := newFooter(w)
			f.show(footed{n: n, b: action{label: migration.Msg("button.back"), run: func() {}}})
			return f.object
		}
	}
	next := action{label: migration.Msg("button.next"), run: func() {}}
	closed := next
	closed.closed, closed.way = migration.Msg("plan.noadmin"), func() {}
	stop := action{label: migration.Msg("button.upload"), run: func() {}, danger: true}
	work := func(quiet bool) func(*tasks) {
		return func(t *tasks) { t.current = &task{doing: migration.Msg("doing.upload"), quiet: quiet} }
	}
	return []specimen{
		made("everything open", of(next, nil)), made("closed, with the reason and a way there", of(closed, nil)), made("of danger", of(stop, nil)),
		made("something is waited for", of(next, work(false))), made("something goes on behind", of(next, work(true))),
	}
}

func phaseStates() []specimen {
	of := func(p *migration.Progress) func(*fakeHost) fyne.CanvasObject {
		return func(*fakeHost) fyne.CanvasObject {
			v := newProgressView(now)
			v.show(p.Snapshot())
			return v.object
		}
	}
	return []specimen{made("nothing begun", of(migration.NewProgress(now))), made("one of each state", of(half()))}
}

func boardSheet() []specimens {
	// One board has cards of each kind: with a crown, with a ticked box, with a
	// picture, with names that are too long.
	var b *board.Board
	of := func(act func(*board.Model)) func(*fakeHost) fyne.CanvasObject {
		return func(h *fakeHost) fyne.CanvasObject {
			h.f.draft = plansDraft(12)
			h.f.draft.Users[1].FullName, h.f.draft.Users[1].Company = longCompany+" "+longCompany, longCompany
			withPictures(h.t, h.g)
			v := newPlansView(h).(*plansView)
			v.build()
			v.entered()
			v.model.Clear()
			act(v.model)
			v.board.Refresh()
			b = v.board
			return b.Object
		}
	}
	card := func(n int, act func(fyne.CanvasObject)) func(fyne.CanvasObject) {
		return func(o fyne.CanvasObject) { act(boardCards(o)[n]) }
	}
	lists := func(n int, act func(fyne.Focusable)) func(fyne.CanvasObject) {
		return func(o fyne.CanvasObject) {
			var all []fyne.Focusable
			walk(o, func(o fyne.CanvasObject) {
				if f, ok := o.(interface {
					parted
					fyne.Focusable
				}); ok {
					all = append(all, f)
				}
			})
			act(all[n])
		}
	}
	stand := lists(0, func(f fyne.Focusable) {
		f.FocusGained()
		f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	})
	assigned := func(m *board.Model) {
		_ = m.Move([]int64{14, 16}, 2)
		_ = m.Move([]int64{15, 101}, 3)
		_ = m.Tick(14)
	}
	empty := lists(1, func(f fyne.Focusable) { f.FocusGained() })
	two := func(m *board.Model) { assigned(m); m.Select(11); m.Flip(13) }
	// Two selected cards are held over a column.
	held := func(column int) func(fyne.CanvasObject) {
		return func(o fyne.CanvasObject) {
			driver := fyne.CurrentApp().Driver()
			card := boardCards(o)[0]
			at, to := driver.AbsolutePositionForObject(card), driver.AbsolutePositionForObject(o).AddXY(240*float32(column)+110, 330)
			for _, p := range []fyne.Position{at, to} {
				card.(fyne.Draggable).Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: p}})
			}
		}
	}
	return []specimens{
		{widget: "Board", width: 960, height: 420, paper: true, states: []specimen{
			made("at rest, a card pointed at", of(assigned), card(0, hover)),
			made("two selected, the keyboard on a third", of(func(m *board.Model) { assigned(m); m.Select(11); m.Flip(14) }), stand),
			made("the keyboard on a selected card", of(func(m *board.Model) { m.SelectShown() }), stand),
			made("the keyboard on a column without cards", of(assigned), empty),
			made("held over a column that has room", of(two), held(1)),
			made("held over a column that has none", of(two), held(3)),
		}},
	}
}

// boardCards are the cards that can be seen, from the left and from the top.
func boardCards(o fyne.CanvasObject) (out []fyne.CanvasObject) {
	walk(o, func(o fyne.CanvasObject) {
		if c, ok := o.(interface {
			labelled
			fyne.Draggable
		}); ok && c.Label() != "" {
			out = append(out, o)
		}
	})
	return out
}

func tableSheet() []specimens {
	of := func(act func(*namesView)) func(*fakeHost) fyne.CanvasObject {
		return func(h *fakeHost) fyne.CanvasObject {
			v := namesOn(h)
			act(v)
			return v.table
		}
	}
	part := func(n int, act func(fyne.Focusable)) func(fyne.CanvasObject) {
		return func(o fyne.CanvasObject) {
			var all []fyne.Focusable
			walk(o, func(o fyne.CanvasObject) {
				if f, ok := o.(fyne.Focusable); ok {
					all = append(all, f)
				}
			})
			act(all[n])
		}
	}
	gain := func(f fyne.Focusable) { f.FocusGained() }
	var v *namesView
	none := func(v *namesView) { v.table.Select(-1) }
	return []specimens{{widget: "Table", width: 960, height: 7 * table.RowHeight, states: []specimen{
		made("at rest", of(none)),
		made("a row chosen", of(func(v *namesView) { v.table.Select(1) })),
		made("a row chosen, the keyboard on it", of(func(v *namesView) { v.table.Select(1) }), part(1, gain)),
		made("the keyboard on a title", of(none), part(0, gain)),
		made("typed into, and wrong", of(func(n *namesView) { v = n }), func(fyne.CanvasObject) { v.edit(1, 0); v.editor.SetText("herweis@") }),
	}}}
}
