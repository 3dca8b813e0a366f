package app

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// endless are users whose every name is too long for its place.
func endless(t testing.TB) (*fakeHost, *namesView) {
	users := sampleUsers()
	for i := range users {
		u := &users[i]
		u.Initials = strings.Repeat("WMW", 8) + u.Initials
		u.FullName, u.Company = strings.Repeat("Donaudampfschiff ", 9), strings.Repeat("Rechtsschutzversicherungsgesellschaften", 3)
		u.Group, u.Role = u.Company, u.Company
		u.Emails = []string{strings.Repeat("w", 40) + u.Initials + "@" + strings.Repeat("long.", 20) + "example", "ok@x.no"}
	}
	users[1].Emails = users[0].Emails
	return namesOf(t, users, users[0].Emails[0], users[0].Emails[0])
}

func imported(t testing.TB) (*fakeHost, *namesView) {
	h, v := conflicting(t)
	f, err := migration.ReadNames(strings.NewReader("id;user name\n13;ase@x.no\n12;hugo@x.no\nx;a\n99;b@c.no\n14;no\xe5\n"))
	if err != nil {
		t.Fatal(err)
	}
	v.offer(f)
	return h, v
}

// namesStates are the states of the page that look different.
var namesStates = map[string]func(testing.TB) (*fakeHost, *namesView){
	"names-conflicts": conflicting,
	"names-nobody":    func(t testing.TB) (*fakeHost, *namesView) { return namesOf(t, nil) },
	"names-one":       func(t testing.TB) (*fakeHost, *namesView) { return namesOf(t, sampleUsers()[:1]) },
	"names-endless":   endless,
	"names-import":    imported,
	"names-many": func(t testing.TB) (*fakeHost, *namesView) {
		users, names := many(2000)
		return namesOf(t, users, names...)
	},
	"names-editing": func(t testing.TB) (*fakeHost, *namesView) {
		h, v := conflicting(t)
		v.edit(1, 0)
		v.editor.SetText("herweis@")
		return h, v
	},
	"names-menu": func(t testing.TB) (*fakeHost, *namesView) {
		h, v := conflicting(t)
		v.menu(1, v.table.CellPosition(1, columnUserName))
		return h, v
	},
	"names-nomatch": func(t testing.TB) (*fakeHost, *namesView) {
		h, v := conflicting(t)
		v.filter.entry.SetText("nobody")
		return h, v
	},
	"names-solved": func(t testing.TB) (*fakeHost, *namesView) {
		h, v := conflicting(t)
		v.panel.acceptAll()
		return h, v
	},
	"names-rule": func(t testing.TB) (*fakeHost, *namesView) {
		h, v := conflicting(t)
		v.askRule()
		return h, v
	},
}

// TestNamesLookAsDrawn compares every state with what was looked at when it was
// drawn.
func TestNamesLookAsDrawn(t *testing.T) {
	drawn(t)
	for name, open := range namesStates {
		t.Run(name, func(t *testing.T) {
			h, _ := open(t)
			test.AssertRendersToMarkup(t, name+".xml", h.win.Canvas())
		})
	}
}

// TestNamesFit: neither endless names nor the longer words of other languages
// make the page wider or higher than the smallest window leaves it.
func TestNamesFit(t *testing.T) {
	drawn(t)
	for _, words := range []float64{1, 1.6} {
		for name, open := range namesStates {
			t.Run(name, func(t *testing.T) {
				stretch(t, words)
				h, _ := open(t)
				if m := h.win.Content().MinSize(); m.Width > size.Width || m.Height > 400 {
					t.Errorf("words times %.1f: the page needs %v", words, m)
				}
				for _, o := range h.win.Canvas().Overlays().List() {
					if m := o.MinSize(); m.Width > size.Width || m.Height > size.Height-48 {
						t.Errorf("words times %.1f: the dialog needs %v", words, m)
					}
				}
			})
		}
	}
}
