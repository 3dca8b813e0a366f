package app

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"omt/app/clip"
	"omt/migration"
)

// noted is a frame that remembers which keys came to it.
type noted struct{ got []fyne.KeyName }

func (n *noted) key(ev *fyne.KeyEvent) bool {
	n.got = append(n.got, ev.Name)
	return true
}

// fyne gives a key to the widget with the focus alone: each must pass on those
// of the frame, or Enter, Esc and F1 are dead while it has the focus.
func TestWidgetsPassTheKeysOfTheFrameOn(t *testing.T) {
	inWindow(t, func(t *testing.T, _ *fakeGuide, _ *Window, _ *queue) {
		n := &noted{}
		for name, w := range map[string]fyne.Focusable{
			"field": newField(n, migration.Msg("confirm.name"), nil), "choice": newChoiceField(n, migration.Msg("confirm.email"), nil),
			"picker": newPicker(n, []string{"a"}, nil), "tick": newTick(n, "a", nil), "link": newLink(n, "a", nil),
			"radio": &radio{keys: n},
		} {
			n.got = nil
			for _, k := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyEscape, fyne.KeyF1} {
				w.TypedKey(&fyne.KeyEvent{Name: k})
			}
			if len(n.got) != 3 {
				t.Errorf("%s passes on %v", name, n.got)
			}
		}
	})
}

func TestConfirmBeginsAtTheAgreement(t *testing.T) {
	inWindow(t, func(t *testing.T, _ *fakeGuide, w *Window, q *queue) {
		signIn(t, w, q, true)
		w.visit(placeConfirm)
		q.settle()
		if _, ok := w.win.Canvas().Focused().(*tick); !ok {
			t.Errorf("the focus is on %T", w.win.Canvas().Focused())
		}
	})
}

// TestFieldsAndTicksAreSpoken: a secret is not.
func TestFieldsAndTicksAreSpoken(t *testing.T) {
	inWindow(t, func(t *testing.T, _ *fakeGuide, _ *Window, _ *queue) {
		n := &noted{}
		user, secret := newField(n, migration.Msg("login.user"), nil), newSecretField(n, migration.Msg("login.password"), nil)
		choice := newPicker(n, []string{"one"}, nil)
		many := newChoiceField(n, migration.Msg("confirm.email"), nil)
		box := newTick(n, "I have read it", nil)
		spoken := func() string {
			var out []string
			for _, a := range []fyne.Accessible{user, secret, choice, many, box} {
				out = append(out, a.AccessibilityLabel())
			}
			return strings.Join(out, "; ")
		}
		if got, want := spoken(), "User name; Password; ; E-mail; I have read it, not ticked"; got != want {
			t.Errorf("empty: %q, want %q", got, want)
		}
		user.SetText("KK")
		secret.SetText("s3cret")
		choice.SetSelected("one")
		many.SetText("kk@x.no")
		box.SetChecked(true)
		if got, want := spoken(), "User name: KK; Password; one; E-mail: kk@x.no; I have read it, ticked"; got != want {
			t.Errorf("filled: %q, want %q", got, want)
		}
	})
}

// TestRadioButtonsByKey: one choice is chosen by Space, the next by an arrow, the
// focus goes along, no further than the ends, and the keys of the frame work.
func TestRadioButtonsByKey(t *testing.T) {
	h := newFakeHost(t)
	var told []string
	k := &noted{}
	r := newRadios(k, func(s string) { told = append(told, s) })
	r.offer([]string{"Test migration", "Live migration"})
	h.win.SetContent(r.object)
	c := h.win.Canvas()
	c.FocusNext()
	press := func(names ...fyne.KeyName) {
		for _, n := range names {
			c.Focused().TypedKey(&fyne.KeyEvent{Name: n})
		}
	}
	press(fyne.KeySpace, fyne.KeyUp, fyne.KeyDown, fyne.KeyDown)
	if want := []string{"Test migration", "Live migration"}; !slices.Equal(told, want) || c.Focused() != fyne.Focusable(r.object.Objects[1].(*radio)) {
		t.Errorf("told %q, want %q; the focus is on %v", told, want, c.Focused())
	}
	if a := r.object.Objects[1].(*radio).AccessibilityLabel(); a != "Live migration, chosen" {
		t.Errorf("it says %q", a)
	}
	press(fyne.KeyReturn, fyne.KeyF1)
	if len(k.got) != 2 || len(told) != 2 {
		t.Errorf("the frame got %v, and %q was told", k.got, told)
	}
	test.Tap(r.object.Objects[0].(*radio))
	if r.Selected != "Test migration" || r.object.Objects[1].(*radio).chosen {
		t.Error("a click chose nothing, or both")
	}
}

// TestLinkByKey: Space opens it.
func TestLinkByKey(t *testing.T) {
	newFakeHost(t)
	opened := 0
	l := newLink(&noted{}, "https://terms.example", nil)
	l.OnTapped = func() { opened++ }
	l.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if opened != 1 {
		t.Errorf("opened %d times", opened)
	}
}

// TestFieldsTakeNoBook: a document that is pasted by mistake is cut, and a choice
// opened by its arrow is taken by key.
func TestFieldsTakeNoBook(t *testing.T) {
	h := newFakeHost(t)
	f, e := newField(&noted{}, migration.Msg("confirm.name"), nil), newChoiceField(&noted{}, migration.Msg("confirm.email"), nil)
	e.SetOptions([]string{"a@b.example", "c@d.example"})
	h.win.SetContent(container.NewVBox(f, e))
	h.win.Resize(fyne.NewSize(300, 300))
	fyne.CurrentApp().Clipboard().SetContent(strings.Repeat("å", 10000))
	paste := &fyne.ShortcutPaste{Clipboard: fyne.CurrentApp().Clipboard()}
	f.TypedShortcut(paste)
	e.TypedShortcut(paste)
	for name, text := range map[string]string{"field": f.Text, "choice": e.Text} {
		if len([]rune(text)) != clip.Longest {
			t.Errorf("%s holds %d letters", name, len([]rune(text)))
		}
	}
	c := h.win.Canvas()
	c.Focus(e.ActionItem.(*pressable))
	for _, n := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn} {
		c.Focused().TypedKey(&fyne.KeyEvent{Name: n})
	}
	if e.Text != "c@d.example" || c.Overlays().Top() != nil {
		t.Errorf("chosen %q", e.Text)
	}
}
