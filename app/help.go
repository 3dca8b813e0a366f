package app

import (
	"net/url"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// help shows what the page is for and what its keys do.
func (w *Window) help() {
	text := migration.Msg("help." + string(w.at))
	body := container.NewVBox(wrapped(say(text)), wrapped(say(migration.Msg("help.keys"))))
	w.showDialog(migration.Msg("help.title"), body, fyne.NewSize(600, 340))
}

// showFiles says where log, journal and report lie, for whoever asks support.
func (w *Window) showFiles() {
	body := container.NewVBox()
	for _, f := range []struct {
		name migration.Message
		path string
	}{
		{migration.Msg("files.log"), w.paths.Log},
		{migration.Msg("files.journal"), w.paths.Journal},
		{migration.Msg("files.report"), w.paths.Report},
	} {
		if f.path == "" {
			continue
		}
		path := selectable(w, clean(f.path))
		path.Wrapping = fyne.TextWrapBreak
		folder := newPressable(w, say(migration.Msg("button.folder")), func() { openFolder(f.path) })
		body.Add(container.NewBorder(nil, nil, nil, container.NewVBox(folder), container.New(stacked{}, bold(say(f.name)), path)))
	}
	if len(body.Objects) == 0 {
		body.Add(wrapped(say(migration.Msg("files.none"))))
	}
	body.Add(container.NewHBox(newPressable(w, say(migration.Msg("button.bundle")), func() { w.previewBundle(true) })))
	w.showDialog(migration.Msg("files.title"), body, fyne.NewSize(680, 400))
}

// openFolder asks the system to show the folder of a file.
func openFolder(path string) {
	u := &url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Dir(path))}
	if err := fyne.CurrentApp().OpenURL(u); err != nil {
		fyne.LogError("open folder", err)
	}
}

// showDialog shows something to read with one button that has the focus.
func (w *Window) showDialog(title migration.Message, body fyne.CanvasObject, size fyne.Size) {
	d := dialog.NewCustomWithoutButtons(say(title), container.NewVScroll(body), w.win)
	ok := leaving(newPressable(noKeys{}, say(migration.Msg("button.close")), d.Hide))
	ok.Importance = widget.HighImportance
	d.SetButtons([]fyne.CanvasObject{ok})
	d.Resize(size)
	d.Show()
	w.win.Canvas().Focus(ok)
}
