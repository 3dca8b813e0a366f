package app

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// planCase is the page of the plans in one state, with so many users.
type planCase struct {
	name  string
	users int
	then  func(t *testing.T, w *Window, v *plansView)
}

func planCases() []planCase {
	return []planCase{
		{"plans-nobody", 0, nil},
		{"plans-one", 1, nil},
		{"plans", 12, func(_ *testing.T, _ *Window, v *plansView) {
			v.model.Select(11)
			v.board.Tick(11)
		}},
		{"plans-many", 2000, nil},
		{"plans-filtered", 12, func(_ *testing.T, _ *Window, v *plansView) { v.find.SetText("admin") }},
		{"plans-refused", 12, func(_ *testing.T, _ *Window, v *plansView) {
			v.clear.OnTapped()
			v.board.Move([]int64{11, 12, 13}, 3)
		}},
		{"plans-suggested", 12, func(_ *testing.T, _ *Window, v *plansView) {
			v.clear.OnTapped()
			v.propose()
		}},
		{"plans-discard", 12, func(_ *testing.T, _ *Window, v *plansView) {
			v.clear.OnTapped()
			v.cancel()
		}},
	}
}

// TestPlansLookAsDrawn compares every state with what was looked at when it was
// drawn. With OMT_PICTURES naming a folder it writes a picture of each, light
// and dark, in the first size and a larger one.
func TestPlansLookAsDrawn(t *testing.T) {
	pictures := os.Getenv("OMT_PICTURES")
	for _, c := range planCases() {
		t.Run(c.name, func(t *testing.T) {
			drawPlans(t, c, AppearanceLight, func(w *Window) {
				test.AssertRendersToMarkup(t, c.name+".xml", w.win.Canvas())
				if pictures != "" {
					picture(t, w, filepath.Join(pictures, c.name+"-light.png"))
					w.win.Resize(fyne.NewSize(1400, 900))
					picture(t, w, filepath.Join(pictures, c.name+"-large.png"))
				}
			})
			if pictures != "" {
				drawPlans(t, c, AppearanceDark, func(w *Window) {
					picture(t, w, filepath.Join(pictures, c.name+"-dark.png"))
				})
			}
		})
	}
}

// drawPlans opens the window on the page of the plans. Two of the plans have
// names that begin alike, and one user has a name that no card has room for.
func drawPlans(t *testing.T, c planCase, a Appearance, look func(*Window)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, q := openCase(t, pageCase{}, a)
		w.shared = *sampleFlow()
		ticket := w.shared.draft.Ticket
		ticket.Plans[2].Name = "SalesPREM-ServicePREM-Marketing"
		users := manyUsers(c.users)
		for i := range users {
			users[i].Licences = []string{"web"}
		}
		w.shared.draft, _ = migration.NewDraft(ticket, users, nil, samplePerson().Principal, migration.ModeTest)
		w.visit(placePlans)
		if c.then != nil {
			v := w.pages[placePlans].view.(*plansView)
			c.then(t, w, v)
			v.board.Refresh()
		}
		q.settle()
		look(w)
		end(w, q)
	})
}
