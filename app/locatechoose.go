package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"

	"omt/migration"
)

// askInstallation shows the installations of a computer side by side. None is
// preselected: moving a test installation in place of the real one could not be
// undone.
func askInstallation(w fyne.Window, all []migration.Location, chosen func(migration.Location)) {
	var d *dialog.CustomDialog
	list := groups()
	for _, l := range all {
		var archives []string
		for _, p := range l.ArchivePaths {
			if p != "" {
				archives = append(archives, p)
			}
		}
		facts := []any{
			migration.Msg("fact.server"), l.Server, migration.Msg("fact.database"), l.Database,
			migration.Msg("fact.archive"), strings.Join(archives, "\n"),
		}
		for i, file := range originFiles(l) {
			name := migration.Msg("fact.found")
			if i > 0 {
				name = migration.Msg("fact.found.more")
			}
			facts = append(facts, name, file)
		}
		use := newPressable(noKeys{}, say(migration.Msg("button.use.installation", "Database", l.Database, "Server", l.Server)), func() {
			d.Hide()
			chosen(l)
		})
		list.Add(newBox(theme.ColorNameBackground, 10, 8, container.NewVBox(pairs(facts...), buttons(use))))
	}
	d = dialog.NewCustomWithoutButtons(say(migration.Msg("installation.title")), container.NewVScroll(list), w)
	no := leaving(newPressable(noKeys{}, say(migration.Msg("button.cancel")), d.Hide))
	d.SetButtons([]fyne.CanvasObject{no})
	d.Resize(locateSize(w)) // it may lie on that dialog, and none of it should look out
	d.Show()
	w.Canvas().Focus(no)
}

// originFiles are the places in which a location was found, each once.
func originFiles(l migration.Location) []string {
	seen, files := map[string]bool{}, []string{}
	for _, o := range l.Found {
		if !seen[o.File] {
			seen[o.File] = true
			files = append(files, o.File)
		}
	}
	return files
}
