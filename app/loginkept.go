package app

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// keptPlace is what the keyring's entries belong to.
type keptPlace struct{ server, database, user, netServer string }

func keptAt(l migration.Location) keptPlace {
	return keptPlace{l.Server, l.Database, l.User, l.NetServer}
}

// newRemember is the tick of "remember": off at first, for most servers are used
// by several people.
func newRemember(k keys) *tick {
	return newTick(k, say(migration.Msg("login.remember")), nil)
}

// recall asks the keyring about another place than the last one.
func (v *loginView) recall(then func()) {
	g, f := v.h.guide(), v.h.flow()
	l := f.location
	v.h.work(migration.Msg("doing.keyring"), func(ctx context.Context) (func(), error) {
		k := g.Kept(ctx, l)
		return func() {
			f.kept, f.keptFor = k, keptAt(l)
			then()
		}, nil
	}, nil)
}

// prefill shows whose password is kept. The password itself stays in the
// keyring.
func (v *loginView) prefill() {
	k := v.h.flow().kept
	words := func(there bool) string {
		if there {
			return say(migration.Msg("login.remembered"))
		}
		return ""
	}
	v.password.SetPlaceHolder(words(v.userKept()))
	v.database.SetPlaceHolder(words(k.Database))
}

// userKept tells whether the password of the user in the field is kept.
func (v *loginView) userKept() bool {
	k := v.h.flow().kept
	return k.User != "" && strings.EqualFold(strings.TrimSpace(v.user.Text), k.User)
}

// rememberLine is a tick with the reason beside it if nothing can be kept here.
func rememberLine(k Kept, c *tick) fyne.CanvasObject {
	if k.Closed.IsZero() {
		c.Enable()
		return c
	}
	c.SetChecked(false)
	c.Disable()
	reason := wrapped(say(k.Closed))
	reason.Importance = widget.LowImportance
	return container.NewVBox(c, reason)
}

// keptNow reads again what is kept after a password was to be remembered, on the
// goroutine of the work that used it.
func (v *loginView) keptNow(ctx context.Context, asked bool) func() {
	if !asked {
		return func() {}
	}
	g, f := v.h.guide(), v.h.flow()
	l := f.location
	k := g.Kept(ctx, l)
	return func() {
		f.kept, f.keptFor = k, keptAt(l)
		if !k.Trouble.IsZero() {
			v.h.notify(noticeWarning, k.Trouble)
		}
	}
}

// forgetButton removes what is kept.
func forgetButton(h host, done func()) fyne.CanvasObject {
	return newPressable(h, say(migration.Msg("button.forget")), func() {
		g, f := h.guide(), h.flow()
		l := f.location
		h.work(migration.Msg("doing.forget"), func(ctx context.Context) (func(), error) {
			if err := g.Forget(ctx, l); err != nil {
				return nil, err
			}
			return func() {
				f.kept = Kept{}
				done()
				h.notify(noticeInfo, migration.Msg("login.forgotten"))
			}, nil
		}, nil)
	})
}
