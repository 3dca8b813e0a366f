package app

import (
	"strings"
	"testing"
	"testing/synctest"

	"omt/migration"
)

// endless are users whose every name is too long for its place.
func endless() (users []migration.User, names []string) {
	users = sampleUsers()
	for i := range users {
		u := &users[i]
		u.Initials = strings.Repeat("WMW", 8) + u.Initials
		u.FullName, u.Company = strings.Repeat("Donaudampfschiff ", 9), strings.Repeat("Rechtsschutzversicherungsgesellschaften", 3)
		u.Group, u.Role = u.Company, u.Company
		u.Emails = []string{strings.Repeat("w", 40) + u.Initials + "@" + strings.Repeat("long.", 20) + "example", "ok@x.no"}
	}
	users[1].Emails = users[0].Emails
	return users, []string{users[0].Emails[0], users[0].Emails[0]}
}

// namesStates are the states of the page that look different.
func namesStates() []pageState {
	of := func(users []migration.User, names ...string) func(*testing.T, *flow, *fakeGuide) {
		return func(t *testing.T, f *flow, _ *fakeGuide) { f.draft = namesDraft(t, users, names...) }
	}
	users, names := conflicts()
	wrong := of(users, names...)
	users, names = many(2000)
	crowd := of(users, names...)
	users, names = endless()
	return []pageState{
		{"screen-names", placeNames, wrong, nil},
		{"names-confirmed", placeNames, uploadable, nil},
		{"names-nobody", placeNames, of(nil), nil},
		{"names-one", placeNames, of(sampleUsers()[:1]), nil},
		{"names-many-long", placeNames, crowd, nil},
		{"names-endless-long", placeNames, of(users, names...), nil},
		{"names-import", placeNames, wrong, func(t *testing.T, w *Window, _ *queue) {
			f, err := migration.ReadNames(strings.NewReader("id;user name\n13;ase@x.no\n12;hugo@x.no\nx;a\n99;b@c.no\n14;no\xe5\n"))
			if err != nil {
				t.Fatal(err)
			}
			w.pages[placeNames].view.(*namesView).offer(f)
		}},
		{"names-editing", placeNames, wrong, on(func(v *namesView) {
			v.edit(1, 0)
			v.editor.SetText("herweis@")
		})},
		{"names-menu", placeNames, wrong, on(func(v *namesView) { v.menu(1, v.table.CellPosition(1, columnUserName)) })},
		{"names-nomatch", placeNames, wrong, on(func(v *namesView) { v.filter.entry.SetText("nobody") })},
		{"names-solved", placeNames, wrong, on(func(v *namesView) { v.panel.acceptAll() })},
		{"names-rule", placeNames, wrong, on(func(v *namesView) { v.askRule() })},
	}
}

// TestNamesFit: neither endless names nor words that are longer than in any
// language make the page or a dialog larger than the smallest window.
func TestNamesFit(t *testing.T) {
	drawn(t)
	for _, s := range namesStates() {
		t.Run(s.name, func(t *testing.T) {
			stretch(t, 1.6)
			synctest.Test(t, func(t *testing.T) {
				w, q := openCase(t, s.framed(), AppearanceLight)
				needsNoMore(t, w)
				end(w, q)
			})
		})
	}
}
