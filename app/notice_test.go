package app

import (
	"strings"
	"testing"

	"omt/migration"
)

func TestErrorIsTakenAwayByTheNextAttempt(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		g.fail["Connect"] = migration.Fail("connect", "crmserver", errSample, migration.Msg("error.nospace"))
		toLogin(t, w, q)
		if !seen(w.win, "This did not work: Connecting to the database") || seen(w.win, "connect crmserver: something of the test") {
			t.Fatalf("the error is not told in words alone: %q", allTexts(w.win))
		}
		press(t, w.win, "More")
		if !seen(w.win, "connect crmserver: something of the test") {
			t.Error("More does not show the details")
		}
		delete(g.fail, "Connect")
		press(t, w.win, "Connect")
		q.settle()
		if len(w.notices.Objects) != 0 {
			t.Errorf("the error still stands: %q", texts(w.notices))
		}
	})
}

func TestAnEndIsTakenAwayByTheNextAttempt(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		w.notify(noticeWarning, migration.Msg("notice.crashed"))
		w.notify(noticeEnded, migration.Msg("notice.stopped"))
		if !seen(w.win, say(migration.Msg("notice.stopped"))) {
			t.Fatalf("the end is not told: %q", texts(w.notices))
		}
		upload(g, w, q)
		if len(w.notices.Objects) != 1 || !seen(w.win, say(migration.Msg("notice.crashed"))) {
			t.Errorf("while it runs again the window says %q", texts(w.notices))
		}
	})
}

func TestToldTwiceIsOneNotice(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		w.visit(placeLogin)
		for _, path := range []string{"a.csv", "b.csv", "a.csv"} {
			w.notify(noticeInfo, migration.Msg("checks.exported", "Path", path))
		}
		got := strings.Join(texts(w.notices), " ")
		if len(w.notices.Objects) != 2 || strings.Index(got, "b.csv") > strings.Index(got, "a.csv") {
			t.Errorf("the window says %q", got)
		}
		w.visit(placeWelcome)
		w.notify(noticeInfo, migration.Msg("checks.exported", "Path", "a.csv"))
		if len(w.notices.Objects) != 1 {
			t.Errorf("on another page the window says %q", texts(w.notices))
		}
	})
}
