package app

import (
	"context"
	"errors"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"omt/migration"
)

// locationExtension is how the name of an exported location ends.
const locationExtension = ".json"

// test connects with what the fields say and tells what it reached.
func (d *locateDialog) test() {
	l := d.location()
	if l.Server == "" || l.Database == "" {
		d.tell("warning", migration.Msg("locate.required"))
		return
	}
	d.tryOut(l, Access{Password: d.password.Text, Trust: d.known.Trust, OldTLS: d.known.OldTLS})
}

func (d *locateDialog) tryOut(l migration.Location, a Access) {
	g, f := d.h.guide(), d.h.flow()
	// From here on the guide may be connected elsewhere than the page says.
	f.identity, f.person, d.tried = migration.Identity{}, Person{}, true
	d.begin(migration.Msg("doing.connect"), func(ctx context.Context) (func(), error) {
		id, err := g.Connect(ctx, l, a)
		if err != nil {
			return nil, err
		}
		return func() {
			d.tested, d.reached = true, id
			d.tell("check", migration.Msg("locate.reached", "Company", id.Company, "Serial", id.Serial,
				"Version", id.Version, "Database", id.Database, "Server", l.Server))
		}, nil
	}, func(err error) bool {
		return askAccess(d.h.window(), err, &a, func(m migration.Message) { d.tell("warning", m) }, func() {
			d.known = Access{Trust: a.Trust, OldTLS: a.OldTLS}
			d.tryOut(l, a)
		})
	})
}

// connect opens the database after the dialog has closed, with a password that
// only the dialog knew.
func (d *locateDialog) connect(l migration.Location, a Access, then func(migration.Identity)) {
	g := d.h.guide()
	d.h.work(migration.Msg("doing.connect"), func(ctx context.Context) (func(), error) {
		id, err := g.Connect(ctx, l, a)
		if err != nil {
			return nil, err
		}
		return func() { then(id) }, nil
	}, func(err error) bool {
		return askAccess(d.h.window(), err, &a, nil, func() { d.connect(l, a, then) })
	})
}

// detect reads the configuration files of this computer.
func (d *locateDialog) detect() {
	g := d.h.guide()
	d.begin(migration.Msg("doing.detect"), func(ctx context.Context) (func(), error) {
		l, err := g.Detect(ctx, "")
		if err != nil {
			return nil, err
		}
		return func() { d.take(l) }, nil
	}, func(err error) bool {
		var several *SeveralInstallations
		switch {
		case errors.Is(err, context.Canceled):
			return false
		case errors.As(err, &several):
			d.tell("warning", hint(err))
			askInstallation(d.h.window(), several.Locations, d.take)
			return true
		}
		d.tell("warning", hint(err), migration.Msg("locate.detect.folder"))
		d.askFolder()
		return true
	})
}

// askFolder lets the person name the folder in which the configuration lies,
// after the usual places had none.
func (d *locateDialog) askFolder() {
	g := d.h.guide()
	browseFolder(d.h.window(), func(folder string) {
		d.begin(migration.Msg("doing.detect"), func(ctx context.Context) (func(), error) {
			l, err := g.Detect(ctx, folder)
			if err != nil {
				return nil, err
			}
			return func() { d.take(l) }, nil
		}, nil)
	})
}

// take shows a location that was found or imported, and where it was found.
func (d *locateDialog) take(l migration.Location) {
	d.fill(l)
	if len(l.Found) == 0 {
		d.tell("check", migration.Msg("locate.imported"))
		return
	}
	d.tell("check", migration.Msg("locate.detected", "File", l.Found[0].File))
}

func (d *locateDialog) importFile() { browseFile(d.h.window(), d.importFrom, locationExtension) }

// importFrom fills the fields from an exported file.
func (d *locateDialog) importFrom(file string) {
	g := d.h.guide()
	d.begin(migration.Msg("doing.import"), func(ctx context.Context) (func(), error) {
		l, err := g.Import(ctx, file)
		if err != nil {
			return nil, err
		}
		return func() { d.take(l) }, nil
	}, nil)
}

// exportFile writes the fields without any password.
func (d *locateDialog) exportFile() {
	s := dialog.NewFileSave(func(u fyne.URIWriteCloser, err error) {
		if err != nil || u == nil {
			return
		}
		file := filepath.FromSlash(u.URI().Path())
		// Only the path is wanted: the guide writes the file itself.
		_ = u.Close()
		d.export(file)
	}, d.h.window())
	s.SetFileName("superoffice-location" + locationExtension)
	s.SetFilter(storage.NewExtensionFileFilter([]string{locationExtension}))
	s.Resize(dialogSize(d.h.window()))
	s.Show()
}

func (d *locateDialog) export(file string) {
	g, l := d.h.guide(), d.location()
	d.begin(migration.Msg("doing.export"), func(ctx context.Context) (func(), error) {
		if err := g.Export(ctx, file, l); err != nil {
			return nil, err
		}
		return func() { d.tell("check", migration.Msg("locate.exported", "File", file)) }, nil
	}, nil)
}
