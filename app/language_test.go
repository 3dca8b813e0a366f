package app

import (
	"context"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"omt/assets"
	"omt/migration"
)

// speaker goes to Welcome and chooses a language there, as a person does.
func speaker(w *Window, q *queue, name string) {
	w.visit(placeWelcome)
	q.settle()
	w.pages[placeWelcome].view.(*welcomeView).language.SetSelected(name)
	q.settle()
}

// TestLanguageIsChosenInTheWindow: at once all is said in it, fyne's own words
// too, what was typed and not yet kept stays, and the next window opens in it.
func TestLanguageIsChosenInTheWindow(t *testing.T) {
	t.Cleanup(func() { assets.Speak(nil) })
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		w.shared = *sampleFlow()
		w.shared.draft = nil
		w.visit(placeLogin)
		q.settle()
		w.pages[placeLogin].view.(*loginView).user.SetText("typed")
		w.visit(placeConfirm)
		q.settle()
		confirm := w.pages[placeConfirm].view.(*confirmView)
		confirm.name.SetText("Somebody Else")
		confirm.accept.SetChecked(true)
		before, opens := confirm.language.Selected, len(g.called("Open"))

		speaker(w, q, "Deutsch")
		german := assets.For("de")
		for _, id := range []string{"welcome.title", "welcome.lead", "button.help", "group.ticket"} {
			if !seen(w.win, german.Text(id, nil)) {
				t.Errorf("%q is not shown: %q", german.Text(id, nil), allTexts(w.win))
			}
		}
		if got := lang.L("Cancel"); got != "Abbrechen" {
			t.Errorf("fyne says %q", got)
		}
		if f, ok := w.win.Canvas().Focused().(*picker); !ok || f.Selected != "Deutsch" {
			t.Errorf("the focus is on %v", w.win.Canvas().Focused())
		}
		// The window opened the ticket once, on its first page.
		if n := len(g.called("Open")); n > opens+1 {
			t.Errorf("the ticket was opened %d times more", n-opens)
		}
		if got := w.pages[placeLogin].view.(*loginView).user.Text; got != "typed" {
			t.Errorf("the user name is %q", got)
		}
		w.visit(placeConfirm)
		q.settle()
		if confirm.name.Text != "Somebody Else" || !confirm.accept.Checked || confirm.language.Selected != before {
			t.Errorf("typed and chosen is now %q, %v, %q", confirm.name.Text, confirm.accept.Checked, confirm.language.Selected)
		}
		if got := fyne.CurrentApp().Preferences().String(languageSetting); got != "de" {
			t.Errorf("remembered is %q", got)
		}
		speaker(w, q, "Nederlands")
		if !seen(w.win, assets.For("nl").Text("welcome.lead", nil)) || lang.L("Cancel") != "Annuleren" {
			t.Errorf("after Dutch was chosen: %q, %q", lang.L("Cancel"), allTexts(w.win))
		}
	})
}

// TestLanguageStaysWhileSomethingIsUnderWay and says why.
func TestLanguageStaysWhileSomethingIsUnderWay(t *testing.T) {
	inWindow(t, func(t *testing.T, _ *fakeGuide, w *Window, q *queue) {
		release := make(chan struct{})
		w.quietly(migration.Msg("doing.checks"), func(context.Context) (func(), error) { <-release; return nil, nil }, nil)
		q.settle()
		speaker(w, q, "Deutsch")
		if assets.Spoken().Language() != "en" || !seen(w.win, say(migration.Msg("welcome.language.later"))) {
			t.Errorf("it speaks %s: %q", assets.Spoken().Language(), allTexts(w.win))
		}
		if got := w.pages[placeWelcome].view.(*welcomeView).language.Selected; got != "English" {
			t.Errorf("the choice shows %q", got)
		}
		close(release)
		q.settle()
	})
}

// TestFirstLanguage: the flag counts before what was chosen in the window, that
// before the languages of the computer, and English is the last resort.
func TestFirstLanguage(t *testing.T) {
	t.Setenv("LC_ALL", "")
	t.Setenv("LC_MESSAGES", "")
	for _, c := range []struct{ asked, remembered, computers, want string }{
		{"de", "nl", "sv_SE.UTF-8", "de"},
		{"", "nl", "sv_SE.UTF-8", "nl"},
		{"", "", "sv_SE.UTF-8", "sv"},
		{"", "", "fi_FI.UTF-8:nn_NO:de", "nb"},
		{"", "gone", "ja_JP", "en"},
		{"", "", "C", "en"},
		{"", "", "", "en"},
	} {
		t.Setenv("LANG", "")
		t.Setenv("LANGUAGE", c.computers)
		if got := firstLanguage(c.asked, c.remembered).Language(); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}
