package app

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// loginView connects to the database, shows whose it is, and has a SuperOffice
// administrator sign in. Passwords leave the fields as soon as they are used.
type loginView struct {
	h     host
	known Access // what the person accepted: a certificate, an old encryption
	tried bool   // connecting was tried with this location
	proxy bool   // a proxy before NetServer was named, and its account can be given

	user, password *field
	database       *field // password of the database, if the configuration has none
	signIn         *fyne.Container
	signedIn       *fyne.Container
	facts          *fyne.Container
	folder         *field // of the target, where an earlier run goes on

	rememberUser, rememberDatabase *tick // keep the password in the keyring
}

func newLoginView(h host) view { return &loginView{h: h} }

func (v *loginView) heading() (title, lead migration.Message) {
	return migration.Msg("login.title"), migration.Msg("login.lead")
}

func (v *loginView) build() fyne.CanvasObject {
	changed := func(string) {
		if v.password != nil {
			v.prefill()
		}
		v.h.changed()
	}
	v.rememberUser, v.rememberDatabase = newRemember(v.h), newRemember(v.h)
	v.user = newField(v.h, migration.Msg("login.user"), changed)
	v.password = newSecretField(v.h, migration.Msg("login.password"), changed)
	v.database = newSecretField(v.h, migration.Msg("login.database"), changed)
	v.folder = newField(v.h, migration.Msg("confirm.folder"), changed)
	v.signIn, v.signedIn, v.facts = groups(), groups(), groups()
	return pageScroll(twoColumns(groups(v.signIn, v.signedIn), v.facts))
}

func (v *loginView) entered() {
	f := v.h.flow()
	if v.folder.Text == "" {
		v.folder.SetText(f.start.Folder)
	}
	if f.location.Server != "" && f.keptFor != keptAt(f.location) {
		v.draw()
		v.recall(v.entered)
		return
	}
	if v.user.Text == "" {
		v.user.SetText(f.kept.User)
	}
	v.prefill()
	v.draw()
	if f.identity == (migration.Identity{}) && !v.tried && f.location.Server != "" && !v.needsPassword() {
		v.connect()
	}
	switch {
	case f.identity == (migration.Identity{}) && v.needsPassword():
		v.h.window().Canvas().Focus(v.database)
	case f.person.UserName == "":
		v.h.window().Canvas().Focus(v.user)
	}
}

func (v *loginView) left() { v.forget() }

// typed leaves out the passwords, which are gone as soon as the page is left.
func (v *loginView) typed() func() {
	user, folder := v.user.Text, v.folder.Text
	keepUser, keepDatabase := v.rememberUser.Checked, v.rememberDatabase.Checked
	return func() {
		v.user.SetText(user)
		v.folder.SetText(folder)
		v.rememberUser.SetChecked(keepUser)
		v.rememberDatabase.SetChecked(keepDatabase)
	}
}

// forget empties the fields that hold passwords.
func (v *loginView) forget() {
	v.password.SetText("")
	v.database.SetText("")
}

// needsPassword tells whether the database asks for a password that nobody has
// typed: with a user of its own and none in the configuration.
func (v *loginView) needsPassword() bool {
	l := v.h.flow().location
	return l.User != "" && !l.HasPassword && v.database.Text == "" && !v.h.flow().kept.Database
}

func (v *loginView) back() action {
	p := placeWelcome
	if v.h.flow().recovery != migration.RecoverNone {
		p = placeRecovery
	}
	return action{label: migration.Msg("button.back"), run: func() { v.h.visit(p) }}
}

func (v *loginView) next() action {
	f := v.h.flow()
	if f.person.UserName != "" {
		return action{label: migration.Msg("button.next"), run: v.proceed}
	}
	a := action{label: migration.Msg("button.login"), run: func() {
		v.login(SignIn{User: v.user.Text, Password: v.password.Text, Remember: v.rememberUser.Checked && v.password.Text != ""})
	}}
	focus := func(o fyne.Focusable) func() { return func() { v.h.window().Canvas().Focus(o) } }
	switch {
	case f.location.Server == "":
		a.closed, a.way = migration.Msg("login.closed.location"), v.locate
	case f.identity == (migration.Identity{}) && v.needsPassword():
		a.closed, a.way = migration.Msg("login.closed.database"), focus(v.database)
	case f.identity == (migration.Identity{}):
		a.closed, a.way = migration.Msg("login.closed.connect"), v.connect
	case v.user.Text == "":
		a.closed, a.way = migration.Msg("login.closed.user"), focus(v.user)
	case v.password.Text == "" && !v.userKept():
		a.closed, a.way = migration.Msg("login.closed.password"), focus(v.password)
	}
	return a
}

// connect opens the database and shows whose it is.
func (v *loginView) connect() {
	g, f := v.h.guide(), v.h.flow()
	v.tried = true
	location, access := f.location, Access{Password: v.database.Text, Trust: v.known.Trust, OldTLS: v.known.OldTLS, Remember: v.rememberDatabase.Checked && v.database.Text != ""}
	v.h.work(migration.Msg("doing.connect"), func(ctx context.Context) (func(), error) {
		id, err := g.Connect(ctx, location, access)
		if err != nil {
			return nil, err
		}
		kept := v.keptNow(ctx, access.Remember)
		return func() {
			kept()
			f.identity = id
			v.database.SetText("")
			v.rememberDatabase.SetChecked(false)
			v.prefill()
			v.draw()
			v.h.changed()
		}, nil
	}, func(err error) bool {
		return askAccess(v.h.window(), err, &v.known, nil, v.connect)
	})
}

// login proves who the person is. The password leaves the field at once; it is
// kept only as long as a question about how to send it is open.
func (v *loginView) login(s SignIn) {
	g, f := v.h.guide(), v.h.flow()
	v.password.SetText("")
	v.h.work(migration.Msg("doing.login"), func(ctx context.Context) (func(), error) {
		p, err := g.Login(ctx, s)
		if err != nil {
			return nil, err
		}
		kept := v.keptNow(ctx, s.Remember)
		return func() {
			kept()
			v.rememberUser.SetChecked(false)
			f.person = p
			v.prefill()
			v.draw()
			v.proceed()
		}, nil
	}, func(err error) bool {
		var q *PlainQuestion
		switch {
		case errors.Is(err, migration.ErrProxyLogin) && !v.proxy:
			v.proxy = true // who goes on without is asked what follows
			return false
		case errors.As(err, &q):
			askPlain(v.h.window(), q, func() { s.AllowPlain = true; v.login(s) })
		case errors.Is(err, migration.ErrNoNetServer) && !s.Assert:
			askAsserted(v.h.window(), s.User, hint(err), func() { s.Assert = true; v.login(s) })
		default:
			v.h.window().Canvas().Focus(v.password)
			return false
		}
		return true
	})
}

// proceed goes on to Confirm, or where an earlier run stands.
func (v *loginView) proceed() {
	f := v.h.flow()
	switch {
	case f.recovery == migration.RecoverMissing, f.recovery == migration.RecoverNone && f.start.Earlier.Begin == migration.BeginResume:
		openTarget(v.h, v.folder.Text, func() { v.h.visit(placeUpload) })
	default:
		v.h.visit(placeConfirm)
	}
}

// locate opens the dialog with the connection details.
func (v *loginView) locate() {
	showLocate(v.h, v.h.flow().location, func() {
		v.known, v.tried = Access{}, false
		v.entered()
		v.h.changed()
	})
}

// draw shows fields and facts as they are now.
func (v *loginView) draw() {
	f := v.h.flow()
	v.signIn.Hidden, v.signedIn.Hidden = f.person.UserName != "", f.person.UserName == ""
	v.drawSignIn()
	id, l := f.identity, f.location
	v.facts.Objects = []fyne.CanvasObject{group(migration.Msg("login.whose"), pairs(
		migration.Msg("fact.owner"), id.Company,
		migration.Msg("fact.serial"), id.Serial,
		migration.Msg("fact.version"), figures().Local(id.Version),
	))}
	details := pairs(migration.Msg("fact.server"), l.Server, migration.Msg("fact.database"), l.Database,
		migration.Msg("fact.netserver"), l.NetServer)
	change := newPressable(v.h, say(migration.Msg("button.change")), v.locate)
	connect := newPressable(v.h, say(migration.Msg("button.connect")), v.connect)
	state := newState(id != migration.Identity{}, migration.Msg("login.connected"), migration.Msg("login.notconnected"))
	items := []fyne.CanvasObject{state}
	if l.User != "" && !l.HasPassword {
		items = append(items, namedAt(wideLabel-40, migration.Msg("login.database"), v.database), rememberLine(f.kept, v.rememberDatabase))
	}
	items = append(items, details, buttons(change, connect))
	if f.start.Earlier.Begin != migration.BeginInitial && f.start.Ticket != nil && f.start.Ticket.Target.Kind == "folder" {
		items = append(items, named(migration.Msg("confirm.folder"), folderField(v.h, v.folder)))
	}
	v.facts.Add(group(migration.Msg("login.connection"), items...))
	v.facts.Refresh()
}

// drawSignIn shows the two fields, or who has signed in.
func (v *loginView) drawSignIn() {
	f := v.h.flow()
	items := []fyne.CanvasObject{
		wrapped(say(migration.Msg("login.administrator"))),
		named(migration.Msg("login.user"), v.user), named(migration.Msg("login.password"), v.password),
	}
	if f.location.NetServer != "" {
		items = append(items, rememberLine(f.kept, v.rememberUser))
	}
	forget := forgetButton(v.h, func() { v.prefill(); v.draw(); v.h.changed() })
	if f.kept.any() {
		items = append(items, buttons(forget))
	}
	if demo := f.start.Demo; demo != nil {
		fill := newPressable(v.h, say(migration.Msg("button.demo")), func() {
			v.user.SetText(demo.User)
			v.password.SetText(demo.Password)
		})
		items = append(items, wrapped(say(migration.Msg("login.demo", "User", demo.User))), buttons(fill))
	}
	v.signIn.Objects = []fyne.CanvasObject{group(migration.Msg("login.signin"), items...)}
	v.signIn.Refresh()
	words := migration.Msg("login.proved", "Name", f.person.FullName, "User", f.person.UserName)
	if !f.person.Proved {
		words = migration.Msg("login.asserted", "Name", f.person.FullName, "User", f.person.UserName)
	}
	other := newPressable(v.h, say(migration.Msg("button.other")), func() {
		f.person = Person{}
		v.draw()
		v.h.changed()
		v.h.window().Canvas().Focus(v.user)
	})
	v.signedIn.Objects = []fyne.CanvasObject{group(migration.Msg("login.signin"),
		newState(f.person.Proved, words, words), buttons(other))}
	v.signedIn.Refresh()
}

// newState is a sentence with the sign of what it says.
func newState(good bool, yes, no migration.Message) fyne.CanvasObject {
	name, text := "warning", no
	if good {
		name, text = "check", yes
	}
	return container.NewBorder(nil, nil, container.NewVBox(container.NewPadded(widget.NewIcon(sign(name)))), nil, wrapped(say(text)))
}
