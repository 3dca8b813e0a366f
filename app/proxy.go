package app

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// asksProxyLogin tells whether a connection waits for an account at the proxy.
func asksProxyLogin(c migration.CheckResult) bool { return c.Found.ID == "network.proxy.login" }

// proxyForm asks for the account at the proxy. The password leaves it as soon as
// it is used.
type proxyForm struct {
	h              host
	close          func() // the dialog around it
	user, password *field
	remember       *tick
	send           *pressable
	reason         *paragraph // why send is closed
	object         fyne.CanvasObject
}

// newProxyForm is nil where no proxy asks. refused says that one was given and
// not taken.
func newProxyForm(h host, r *migration.CheckReport, k Kept, refused bool) *proxyForm {
	if !slices.ContainsFunc(r.Checks, asksProxyLogin) {
		return nil
	}
	f := &proxyForm{h: h, remember: newRemember(noKeys{}), reason: wrapped(say(migration.Msg("proxy.closed")))}
	f.reason.Importance = widget.LowImportance
	f.send = newPressable(noKeys{}, say(migration.Msg("proxy.send")), f.signIn)
	f.send.Importance = widget.HighImportance
	typed := func(string) { f.open() }
	f.user = newField(noKeys{}, migration.Msg("login.user"), typed)
	f.password = newSecretField(noKeys{}, migration.Msg("login.password"), typed)
	f.user.OnSubmitted = func(string) { h.window().Canvas().Focus(f.password) }
	f.password.OnSubmitted = func(string) { f.signIn() }
	wrong := newFault()
	if refused {
		wrong.show(migration.Msg("proxy.refused"))
	}
	f.object = group(migration.Msg("proxy.title"), wrong.object, wrapped(say(migration.Msg("proxy.text"))),
		named(migration.Msg("login.user"), f.user), named(migration.Msg("login.password"), f.password),
		rememberLine(k, f.remember), container.NewBorder(nil, nil, buttons(f.send), nil, f.reason))
	f.open()
	return f
}

// first is the field that is typed into next.
func (f *proxyForm) first() fyne.Focusable {
	if f.user.Text != "" {
		return f.password
	}
	return f.user
}

func (f *proxyForm) complete() bool {
	return strings.TrimSpace(f.user.Text) != "" && f.password.Text != ""
}

// open opens the button, or says beside it why it is closed.
func (f *proxyForm) open() {
	if f.complete() {
		f.send.Enable()
		f.reason.Hide()
		return
	}
	f.send.Disable()
	f.reason.Show()
}

func (f *proxyForm) signIn() {
	if !f.complete() {
		return
	}
	h, g, flow := f.h, f.h.guide(), f.h.flow()
	l := flow.location
	a := ProxyAccount{User: strings.TrimSpace(f.user.Text), Password: f.password.Text, Remember: f.remember.Checked}
	f.password.SetText("")
	f.close()
	h.work(migration.Msg("doing.proxy"), func(ctx context.Context) (func(), error) {
		r, err := g.ProxyLogin(ctx, l, a)
		if err != nil {
			return nil, err
		}
		k := g.Kept(ctx, l)
		return func() {
			flow.kept, flow.keptFor = k, keptAt(l)
			if a.Remember && !k.Trouble.IsZero() {
				h.notify(noticeWarning, k.Trouble)
			}
			again := newProxyForm(h, r, k, true)
			if again != nil {
				again.user.SetText(a.User)
			}
			showNetwork(h, r, again)
		}, nil
	}, nil)
}

// proxyWay is the way on where a proxy asks for an account in the middle of
// something else; nil for other errors.
func (w *Window) proxyWay(err error) fyne.CanvasObject {
	if !errors.Is(err, migration.ErrProxyLogin) {
		return nil
	}
	return buttons(newPressable(w, say(migration.Msg("button.proxy")), func() { testNetwork(w) }))
}
