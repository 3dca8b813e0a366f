package app

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// planCase is the page of the plans in one state, with so many users.
type planCase struct {
	name  string
	users int
	then  func(*plansView)
}

func planCases() []planCase {
	return []planCase{
		{"plans-nobody", 0, nil},
		{"plans-one", 1, nil},
		{"plans", 12, func(v *plansView) {
			v.model.Select(11)
			v.board.Tick(11)
		}},
		{"plans-many", 2000, nil},
		{"plans-filtered", 12, func(v *plansView) { v.find.SetText("admin") }},
		{"plans-refused", 12, func(v *plansView) {
			v.clear.OnTapped()
			v.board.Move([]int64{11, 12, 13}, 3)
		}},
		{"plans-suggested", 12, func(v *plansView) {
			v.clear.OnTapped()
			v.propose()
		}},
		{"plans-discard", 12, func(v *plansView) {
			v.clear.OnTapped()
			v.cancel()
		}},
	}
}

// draft has so many users. Two of its plans have names that begin alike, and one
// user has a name that no card has room for.
func (c planCase) draft() *migration.Draft {
	ticket := sampleTicket()
	ticket.Plans[2].Name = "SalesPREM-ServicePREM-Marketing"
	users := manyUsers(c.users)
	for i := range users {
		users[i].Licences = []string{"web"}
	}
	d, _ := migration.NewDraft(ticket, users, nil, samplePerson().Principal, migration.ModeTest)
	return d
}

// TestPlansLookAsDrawn compares every state of the page, without the frame, with
// what was looked at when it was drawn.
func TestPlansLookAsDrawn(t *testing.T) {
	drawn(t)
	for _, c := range planCases() {
		t.Run(c.name, func(t *testing.T) {
			h := newFakeHost(t)
			h.f.draft = c.draft()
			v := newPlansView(h).(*plansView)
			h.page(v)
			if c.then != nil {
				c.then(v)
				v.board.Refresh()
			}
			test.AssertRendersToMarkup(t, c.name+".xml", h.win.Canvas())
		})
	}
}
