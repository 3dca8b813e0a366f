package app

import (
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"omt/migration"
)

// saveFile asks where to write the list of checks and hands on the path. The
// name proposes name and extension; nothing happens if the dialog is left.
func saveFile(h host, name string, done func(path string)) {
	failed := func() { h.notify(noticeError, migration.Msg("hint.check.export", "Path", name)) }
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		if err != nil {
			failed()
			return
		}
		if file == nil {
			return
		}
		// The dialog has made the file; whoever writes it opens it by its path,
		// and says what is wrong if that fails.
		path := filepath.FromSlash(file.URI().Path())
		if err := file.Close(); err != nil {
			failed()
			return
		}
		done(path)
	}, h.window())
	d.SetFileName(name)
	d.SetFilter(storage.NewExtensionFileFilter([]string{filepath.Ext(name)}))
	d.Resize(fyne.NewSize(760, 560))
	d.Show()
}
