package app

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// locateDialog is "Locate SuperOffice installation": everything that connecting
// needs, to be typed, read from the configuration or from a file.
type locateDialog struct {
	h      host
	done   func()
	dialog *dialog.CustomDialog

	kind     *picker
	fields   []*locateField
	password *field
	state    *fyne.Container
	all      []*pressable // closed while something is under way
	base     migration.Location
	tried    bool // something was tested
	tested   bool // the guide is connected to what the fields say
	reached  migration.Identity
	known    Access // what the person accepted: a certificate, an old encryption
	cancel   context.CancelFunc
}

// locateField is one line of the dialog and where its value belongs.
type locateField struct {
	name  migration.Message
	value func(*migration.Location) *string
	path  bool // a folder that can be browsed for
	entry *field
}

// databaseTypes are what the field offers. Only the first can be migrated; the
// guide refuses the others by their name.
var databaseTypes = []string{"MSSQL", "Oracle", "Sybase", "Gupta"}

// showLocate opens the dialog on a location; done is called after the person
// has accepted another one, which then stands in the flow.
func showLocate(h host, l migration.Location, done func()) *locateDialog {
	d := &locateDialog{h: h, done: done, state: container.NewVBox()}
	d.kind = newPicker(noKeys{}, databaseTypes, func(string) { d.tested = false })
	d.password = newSecretField(noKeys{}, migration.Msg("locate.password"), func(string) { d.tested = false })
	crm, service := d.lines()
	form := groups(
		group(migration.Msg("locate.crm"), append([]fyne.CanvasObject{namedAt(wideLabel, migration.Msg("locate.type"), d.kind)}, crm...)...),
		group(migration.Msg("locate.service"), service...))
	d.fill(l)
	d.dialog = dialog.NewCustomWithoutButtons(say(migration.Msg("locate.title")),
		container.NewBorder(nil, container.NewVBox(d.state, d.buttons()), nil, nil, container.NewVScroll(form)), h.window())
	d.dialog.Resize(locateSize(h.window()))
	d.dialog.Show()
	h.window().Canvas().Focus(d.fields[0].entry)
	if l.Server == "" && len(h.flow().start.Several) > 0 {
		askInstallation(h.window(), h.flow().start.Several, d.take)
	}
	return d
}

// locateSize is as high as the window permits.
func locateSize(w fyne.Window) fyne.Size {
	s := w.Canvas().Size()
	return fyne.NewSize(min(s.Width-32, 860), s.Height-32)
}

// lines makes the fields in the order of the dialog.
func (d *locateDialog) lines() (crm, service []fyne.CanvasObject) {
	field := func(name string, path bool, value func(*migration.Location) *string) fyne.CanvasObject {
		f := &locateField{name: migration.Msg("locate." + name), path: path, value: value}
		f.entry = newField(noKeys{}, f.name, func(string) { d.tested = false })
		d.fields = append(d.fields, f)
		var line fyne.CanvasObject = f.entry
		if path {
			browse := newPressable(noKeys{}, say(migration.Msg("button.browse")), func() {
				browseFolder(d.h.window(), f.entry.SetText)
			})
			line = container.NewBorder(nil, nil, nil, browse, f.entry)
		}
		return namedAt(wideLabel, f.name, line)
	}
	crm = []fyne.CanvasObject{
		field("server", false, func(l *migration.Location) *string { return &l.Server }),
		field("database", false, func(l *migration.Location) *string { return &l.Database }),
		field("schema", false, func(l *migration.Location) *string { return &l.Schema }),
		field("user", false, func(l *migration.Location) *string { return &l.User }),
		namedAt(wideLabel, migration.Msg("locate.password"), d.password),
		field("archive", true, func(l *migration.Location) *string { return &l.ArchivePaths[0] }),
		field("archive.second", true, func(l *migration.Location) *string { return &l.ArchivePaths[1] }),
		field("archive.third", true, func(l *migration.Location) *string { return &l.ArchivePaths[2] }),
		field("template", true, func(l *migration.Location) *string { return &l.TemplatePath }),
		field("netserver", false, func(l *migration.Location) *string { return &l.NetServer }),
	}
	service = []fyne.CanvasObject{
		field("base", true, func(l *migration.Location) *string { return &l.ServiceBase }),
		field("attachment", true, func(l *migration.Location) *string { return &l.AttachmentPath }),
		field("servicetemplate", true, func(l *migration.Location) *string { return &l.ServiceTmpl }),
		field("texts", true, func(l *migration.Location) *string { return &l.ServiceTexts }),
	}
	return crm, service
}

// fill shows a location.
func (d *locateDialog) fill(l migration.Location) {
	d.base = l
	if l.DatabaseType == "" {
		l.DatabaseType = databaseTypes[0]
	}
	d.kind.SetSelected(l.DatabaseType)
	for _, f := range d.fields {
		f.entry.SetText(*f.value(&l))
	}
	hint := ""
	if l.HasPassword {
		hint = say(migration.Msg("locate.password.known"))
	}
	d.password.SetPlaceHolder(hint)
	d.password.SetText("") // it was for the location before
	d.tested = false
}

// location reads the fields. Where each value was found is forgotten as soon as
// one of them is another; so is the password of the configuration when it was
// for another server or user.
func (d *locateDialog) location() migration.Location {
	l := d.base
	l.Format, l.DatabaseType = migration.LocationFormat, d.kind.Selected
	for _, f := range d.fields {
		v := f.value(&l)
		if *v != f.entry.Text {
			*v, l.Found = f.entry.Text, nil
		}
	}
	if l.Server != d.base.Server || l.User != d.base.User || l.Database != d.base.Database {
		l.HasPassword = false
	}
	return l
}

func (d *locateDialog) buttons() fyne.CanvasObject {
	button := func(m migration.Message, tapped func()) *pressable {
		b := newPressable(noKeys{}, say(m), tapped)
		d.all = append(d.all, b)
		return b
	}
	ok := button(migration.Msg("button.use"), d.use)
	ok.Importance = widget.HighImportance
	left := container.NewHBox(
		button(migration.Msg("button.import"), d.importFile), button(migration.Msg("button.export"), d.exportFile),
		button(migration.Msg("button.detect"), d.detect), button(migration.Msg("button.test"), d.test))
	right := container.NewHBox(leaving(button(migration.Msg("button.cancel"), d.leave)), ok)
	return container.NewBorder(nil, nil, left, right)
}

// leave closes the dialog without taking anything over. If something was tested
// the guide is connected to that now, so the page has to connect again.
func (d *locateDialog) leave() {
	d.hide()
	if d.tried {
		d.done()
	}
}

func (d *locateDialog) hide() {
	d.password.SetText("")
	d.dialog.Hide()
	if d.cancel != nil {
		d.cancel()
	}
}

// use takes the fields over.
func (d *locateDialog) use() {
	l := d.location()
	if l.Server == "" || l.Database == "" {
		d.tell("warning", migration.Msg("locate.required"))
		return
	}
	f := d.h.flow()
	f.location = l
	typed, tested := d.password.Text, d.tested
	f.person, f.identity = Person{}, migration.Identity{}
	if tested {
		f.identity = d.reached
	}
	d.hide()
	if typed != "" && !tested {
		d.connect(l, Access{Password: typed, Trust: d.known.Trust, OldTLS: d.known.OldTLS}, func(id migration.Identity) { f.identity = id; d.done() })
		return
	}
	d.done()
}

// tell shows one line above the buttons; a dialog hides the notices of the page.
func (d *locateDialog) tell(name string, m ...migration.Message) {
	words := ""
	for i, one := range m {
		if i > 0 {
			words += " "
		}
		words += say(one)
	}
	d.state.Objects = []fyne.CanvasObject{container.NewBorder(nil, nil,
		container.NewVBox(container.NewPadded(widget.NewIcon(sign(name)))), nil, wrapped(words))}
	d.state.Refresh()
	d.dialog.Refresh()
}

// begin does something for the dialog: its buttons are closed meanwhile, but
// for Cancel, and errors are told inside it.
func (d *locateDialog) begin(doing migration.Message, job func(context.Context) (func(), error), failed func(error) bool) {
	for _, b := range d.all {
		if b.Text != say(migration.Msg("button.cancel")) {
			b.Disable()
		}
	}
	end := func() {
		d.cancel = nil
		for _, b := range d.all {
			b.Enable()
		}
	}
	d.tell("running", migration.Msg("busy.doing", "Doing", say(doing)))
	stopped, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	d.h.work(doing, func(ctx context.Context) (func(), error) {
		ctx, release := context.WithCancel(ctx)
		defer release()
		defer context.AfterFunc(stopped, release)()
		apply, err := job(ctx)
		if err != nil {
			return end, err
		}
		return func() { end(); apply() }, nil
	}, func(err error) bool {
		if (failed == nil || !failed(err)) && !errors.Is(err, context.Canceled) {
			d.tell("cross", hint(err))
		}
		return true
	})
}
