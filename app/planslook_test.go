package app

import (
	"testing"

	"fyne.io/fyne/v2"

	"omt/migration"
)

// plansDraft has so many users. Two of its plans have names that begin alike, and
// one user has a name that no card has room for.
func plansDraft(n int) *migration.Draft {
	ticket := sampleTicket()
	ticket.Plans[2].Name = "SalesPREM-ServicePREM-Marketing"
	users := manyUsers(n)
	for i := range users {
		users[i].Licences = []string{"web"}
	}
	d, _ := migration.NewDraft(ticket, users, nil, samplePerson().Principal, migration.ModeTest)
	return d
}

func plansStates() []pageState {
	of := func(n int) func(*testing.T, *flow, *fakeGuide) {
		return func(t *testing.T, f *flow, g *fakeGuide) {
			f.draft = plansDraft(n)
			withPictures(t, g)
		}
	}
	then := func(act func(*plansView)) func(*testing.T, *Window, *queue) {
		return on(func(v *plansView) {
			act(v)
			v.board.Refresh()
		})
	}
	return []pageState{
		{"screen-plans", placePlans, of(40), nil},
		{"plans-nobody", placePlans, of(0), nil},
		{"plans-one", placePlans, of(1), nil},
		{"plans-2000", placePlans, of(2000), nil},
		{"plans-selected", placePlans, of(12), func(t *testing.T, w *Window, _ *queue) {
			v := w.pages[placePlans].view.(*plansView)
			v.model.Select(13)
			v.model.Flip(15)
			v.board.Tick(11)
			w.win.Canvas().Focus(boardLists(w)[1].(fyne.Focusable))
			boardLists(w)[1].(fyne.Focusable).TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		}},
		{"plans-filtered", placePlans, of(12), then(func(v *plansView) { v.find.SetText("admin") })},
		{"plans-nomatch", placePlans, of(12), then(func(v *plansView) { v.find.SetText("nobody") })},
		{"plans-refused", placePlans, of(12), then(func(v *plansView) {
			v.clear.OnTapped()
			v.board.Move([]int64{11, 12, 13}, 3)
		})},
		{"plans-menu", placePlans, of(12), then(func(v *plansView) {
			v.model.Select(13)
			v.moveTo()
		})},
		{"plans-suggested", placePlans, of(12), then(func(v *plansView) {
			v.clear.OnTapped()
			v.propose()
		})},
		{"plans-discard", placePlans, of(12), then(func(v *plansView) {
			v.clear.OnTapped()
			v.cancel()
		})},
		{"plans-dragging", placePlans, of(12), dragging(2)},
		{"plans-dragging-refused", placePlans, of(12), dragging(3)},
	}
}

// boardLists are the lists of cards that can be seen, from the left.
func boardLists(w *Window) (out []fyne.CanvasObject) {
	each(w.win, func(o fyne.CanvasObject) {
		if _, ok := o.(interface {
			parted
			fyne.Focusable
		}); ok {
			out = append(out, o)
		}
	})
	return out
}

// dragging holds two selected people over a column.
func dragging(column int) func(*testing.T, *Window, *queue) {
	return func(t *testing.T, w *Window, _ *queue) {
		v := w.pages[placePlans].view.(*plansView)
		v.model.Clear()
		v.board.Move([]int64{15}, 3)
		v.model.Select(11)
		v.model.Flip(13)
		v.board.Refresh()
		lists := boardLists(w)
		card := lists[0].(parted).Parts()[0]
		driver := fyne.CurrentApp().Driver()
		at, to := driver.AbsolutePositionForObject(card), driver.AbsolutePositionForObject(lists[column]).AddXY(100, 160)
		for _, share := range []float32{0, 0.5, 1} {
			p := fyne.NewPos(at.X+(to.X-at.X)*share, at.Y+(to.Y-at.Y)*share)
			card.(fyne.Draggable).Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: p}})
		}
	}
}
