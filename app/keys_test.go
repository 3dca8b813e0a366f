package app

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

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
			"picker": newPicker(n, []string{"a"}, nil), "tick": newTick(n, "a", nil),
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
