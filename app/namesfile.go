package app

import (
	"context"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// fileChooser asks for a file. then is called on fyne's goroutine, and not at
// all if the person thinks better of it; reading and writing is for host.work.
type fileChooser interface {
	open(then func(io.ReadCloser, error))
	save(name string, then func(io.WriteCloser, error))
}

// dialogFiles asks with fyne's dialogs.
type dialogFiles struct{ host host }

func (d dialogFiles) open(then func(io.ReadCloser, error)) {
	ask := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if r != nil || err != nil {
			then(r, err)
		}
	}, d.host.window())
	ask.SetFilter(storage.NewExtensionFileFilter([]string{".csv", ".txt"}))
	ask.Resize(dialogSize(d.host.window()))
	ask.Show()
}

func (d dialogFiles) save(name string, then func(io.WriteCloser, error)) {
	ask := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
		if w != nil || err != nil {
			then(w, err)
		}
	}, d.host.window())
	ask.SetFileName(name)
	ask.Resize(dialogSize(d.host.window()))
	ask.Show()
}

// fileButton opens the menu for files.
func (v *namesView) fileButton() fyne.CanvasObject {
	b := newPressable(v.host, say(migration.Msg("names.file")), nil)
	b.SetIcon(theme.MenuDropDownIcon())
	b.IconPlacement = widget.ButtonIconTrailingText
	b.OnTapped = func() {
		m := widget.NewPopUpMenu(fyne.NewMenu("",
			fyne.NewMenuItem(say(migration.Msg("names.export")), v.export),
			fyne.NewMenuItem(say(migration.Msg("names.import")), v.importFile),
		), v.host.window().Canvas())
		m.ShowAtRelativePosition(fyne.NewPos(0, b.Size().Height), b)
		v.host.window().Canvas().Focus(m)
	}
	return b
}

// export writes the list as it stands to a file.
func (v *namesView) export() {
	if v.length() == 0 {
		v.tell(migration.Msg("names.nobody"))
		return
	}
	v.finishEdit()
	v.files.save("user-names.csv", func(w io.WriteCloser, err error) {
		if err != nil {
			v.host.notify(noticeError, migration.Msg("hint.names.write"))
			return
		}
		sheet := v.sheet.Frozen()
		v.host.work(migration.Msg("names.doing.export"), func(context.Context) (func(), error) {
			if err := sheet.WriteCSV(w); err != nil {
				return nil, err
			}
			// What was written counts only when the file was closed.
			if err := w.Close(); err != nil {
				return nil, migration.Fail("write user names", "", err, migration.Msg("hint.names.write"))
			}
			return func() { v.tell(migration.Msg("names.exported", "Count", figures().Number(int64(sheet.Len())))) }, nil
		}, func(error) bool { w.Close(); return false })
	})
}

// importFile reads a list and shows what it would change.
func (v *namesView) importFile() {
	if v.length() == 0 {
		v.tell(migration.Msg("names.nobody"))
		return
	}
	v.finishEdit()
	v.files.open(func(r io.ReadCloser, err error) {
		if err != nil {
			v.host.notify(noticeError, migration.Msg("hint.names.read"))
			return
		}
		v.host.work(migration.Msg("names.doing.import"), func(context.Context) (func(), error) {
			defer r.Close()
			f, err := migration.ReadNames(r)
			if err != nil {
				return nil, err
			}
			return func() { v.offer(f) }, nil
		}, nil)
	})
}

// offer shows what a file would change and what is wrong with it. Nothing is
// applied before the person says so, and bad lines never are.
func (v *namesView) offer(f *migration.NameFile) {
	if v.sheet == nil || !v.here {
		return // the page was left while the file was read
	}
	in := v.sheet.Import(f)
	n := figures()
	number := func(i int) string { return n.Number(int64(i)) }
	words := container.NewVBox()
	if !in.Note.IsZero() {
		words.Add(signed("warning", say(in.Note)))
	}
	if len(in.Faults) > 0 {
		words.Add(signed("cross", say(migration.Msg("names.import.faults", "Count", number(len(in.Faults))))))
	}
	words.Add(signed("check", say(migration.Msg("names.import.good", "Good", number(in.Good), "Changes", number(len(in.Changes))))))
	list := newChangesTable(v)
	list.set(in.Changes)
	var body fyne.CanvasObject = list.table
	if len(in.Faults) > 0 {
		faults := newList(v.host, func() int { return len(in.Faults) }, func() fyne.CanvasObject { return line("") },
			func(i widget.ListItemID, o fyne.CanvasObject) { o.(*widget.Label).SetText(say(in.Faults[i])) })
		body = container.NewGridWithRows(2, faults, list.table)
		if len(in.Changes) == 0 {
			body = faults
		}
	}
	d := dialog.NewCustomWithoutButtons(say(migration.Msg("names.import.title")), container.NewBorder(words, nil, nil, nil, body), v.host.window())
	cancel := leaving(newPressable(v.host, say(migration.Msg("names.import.none")), d.Hide))
	buttons := container.NewHBox(cancel)
	if len(in.Changes) > 0 {
		label := migration.Msg("names.import.apply")
		if len(in.Faults) > 0 {
			label = migration.Msg("names.import.some", "Good", number(in.Good))
		}
		use := newPressable(v.host, say(label), func() {
			d.Hide()
			count := v.apply(migration.Msg("names.step.import"), v.sheet.Changed(in.Changes))
			v.tell(migration.Msg("names.imported", "Count", number(count)))
		})
		if len(in.Faults) == 0 {
			use.Importance = widget.HighImportance
		}
		buttons.Add(use)
	}
	d.SetButtons([]fyne.CanvasObject{buttons})
	d.Resize(dialogSize(v.host.window()))
	d.Show()
	v.host.window().Canvas().Focus(cancel)
}

// signed is a sentence with a sign before it.
func signed(signName, text string) fyne.CanvasObject {
	mark := container.NewVBox(container.NewPadded(container.NewGridWrap(fyne.NewSquareSize(20), widget.NewIcon(sign(signName)))))
	return container.NewBorder(nil, nil, mark, nil, wrapped(text))
}
