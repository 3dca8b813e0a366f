package app

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// proxyAsks is a proxy that lets nobody through without an account.
func proxyAsks() []migration.CheckResult {
	step := migration.Msg("network.step.proxy")
	return []migration.CheckResult{
		{Title: migration.Msg("network.title.target"), State: migration.CheckFailed, Found: migration.Msg("network.proxy.login"),
			Todo: migration.Msg("network.proxy.login.todo"), Rows: [][]migration.Cell{{{Message: &step}, {Text: "Negotiate, NTLM"}}}},
		networkResults()[1],
	}
}

// proxyFields are the two fields of the dialog in front.
func proxyFields(w *Window) (user, password *field) {
	each(w.win, func(o fyne.CanvasObject) {
		if f, ok := o.(*field); ok {
			if f.Password {
				password = f
			} else {
				user = f
			}
		}
	})
	return user, password
}

func TestProxyAccountIsAskedFor(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		g.network = proxyAsks()
		g.proxyFn = func(a ProxyAccount) []migration.CheckResult {
			if a.Password != "Proxy-0815" {
				return proxyAsks()
			}
			return networkResults()[1:2]
		}
		press(t, w.win, "Test connections")
		q.settle()
		user, password := proxyFields(w)
		closed := say(migration.Msg("proxy.closed"))
		if user == nil || password == nil || !seen(w.win, closed) {
			t.Fatalf("no fields, or no reason: %q", allTexts(w.win))
		}
		if seen(w.win, say(migration.Msg("network.proxy.login.todo"))) {
			t.Error("the window sends people to another program")
		}
		if w.win.Canvas().Focused() != fyne.Focusable(user) {
			t.Error("the field is not ready to be typed into")
		}
		password.OnSubmitted("") // Enter, with nothing typed
		q.settle()
		if len(g.called("ProxyLogin")) != 0 {
			t.Fatal("signed in with nothing")
		}
		test.Type(user, ` FJORDLYS\kk `)
		test.Type(password, "wrong")
		if seen(w.win, closed) {
			t.Error("the reason stays although all is typed")
		}
		typed := user.Text
		if user.SetText(" "); !seen(w.win, closed) {
			t.Error("closed again without the reason")
		}
		user.SetText(typed)
		press(t, w.win, "Sign in at the proxy")
		q.settle()
		if password.Text != "" || !seen(w.win, say(migration.Msg("proxy.refused"))) {
			t.Errorf("after a wrong password: %q", allTexts(w.win))
		}
		user, password = proxyFields(w)
		if user.Text != `FJORDLYS\kk` {
			t.Errorf("the user has to be typed again: %q", user.Text)
		}
		g.kept = Kept{Proxy: true, Trouble: migration.Msg("hint.keyring.store")}
		each(w.win, func(o fyne.CanvasObject) {
			if c, ok := o.(*tick); ok {
				c.SetChecked(true)
			}
		})
		test.Type(password, "Proxy-0815")
		password.OnSubmitted("")
		q.settle()
		calls := g.called("ProxyLogin")
		if want := (ProxyAccount{User: `FJORDLYS\kk`, Password: "Proxy-0815", Remember: true}); len(calls) != 2 || calls[1][1] != want {
			t.Errorf("signed in with %v", calls)
		}
		if user, _ := proxyFields(w); user != nil || !seen(w.win, "crm01:1433 can be reached.") || !seen(w.win, say(g.kept.Trouble)) || !w.shared.kept.any() {
			t.Errorf("after it was taken: %q, kept %+v", allTexts(w.win), w.shared.kept)
		}
	})
}

// Without a keyring the tick is closed, and the reason stands below it.
func TestProxyAccountWithoutKeyring(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		g.network, g.kept = proxyAsks(), Kept{Closed: migration.Msg("keyring.none")}
		press(t, w.win, "Test connections")
		q.settle()
		if !seen(w.win, say(g.kept.Closed)) {
			t.Errorf("%q", allTexts(w.win))
		}
	})
}

// What fails at a proxy in the middle of an upload leads to the same fields.
func TestErrorOfAProxyLeadsToItsAccount(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		w.showError(migration.Msg("doing.upload"), errSample)
		if seen(w.win, "Account at the proxy") {
			t.Error("offered for another error")
		}
		w.showError(migration.Msg("doing.upload"), proxyFailure())
		g.network = proxyAsks()
		press(t, w.win, "Account at the proxy")
		q.settle()
		if user, _ := proxyFields(w); user == nil {
			t.Errorf("no fields: %q", allTexts(w.win))
		}
	})
}

// A proxy before NetServer is named first; who has no account for it can go on
// without a proof, as where nobody answers.
func TestLoginBehindAProxy(t *testing.T) {
	h, v := atLogin(t, nil)
	h.g.fail["Login"] = fmt.Errorf("%w: %w", migration.ErrNoNetServer, migration.ErrProxyLogin)
	v.fill(t)
	if len(h.errs) != 1 || seen(h.win, say(migration.Msg("asserted.accept"))) {
		t.Errorf("first: %v, %q", h.errs, allTexts(h.win))
	}
	v.fill(t)
	if len(h.errs) != 1 || !seen(h.win, say(migration.Msg("asserted.accept"))) {
		t.Errorf("then: %v, %q", h.errs, allTexts(h.win))
	}
}

func proxyFailure() error {
	return migration.Fail("write to", "container", fmt.Errorf("%w: 407", migration.ErrProxyLogin), migration.Msg("hint.azure.proxylogin"))
}
