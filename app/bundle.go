package app

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// bundleName is what the file for support is called at first.
const bundleName = "omt-support.zip"

// previewBundle gathers what support needs and shows it before anything is
// written. Unmasked is gathered anew, so that the preview never shows less than
// what is given away.
func (w *Window) previewBundle(masked bool) {
	w.closeOverlays()
	w.work(migration.Msg("doing.bundle"), func(ctx context.Context) (func(), error) {
		b, err := w.runs.BundlePreview(ctx, masked)
		if err != nil {
			return nil, err
		}
		return func() { w.showBundle(b) }, nil
	}, nil)
}

// closeOverlays takes away the dialog from which the next one is opened.
func (w *Window) closeOverlays() {
	for top := w.win.Canvas().Overlays().Top(); top != nil; top = w.win.Canvas().Overlays().Top() {
		w.win.Canvas().Overlays().Remove(top)
	}
}

func (w *Window) showBundle(b *migration.Bundle) {
	about := migration.Msg("bundle.masked")
	if !b.Masked {
		about = migration.Msg("bundle.unmasked")
	}
	names := newTick(noKeys{}, say(migration.Msg("bundle.names")), nil)
	names.Checked = !b.Masked
	body := container.NewVBox(wrapped(say(about)), names)
	for _, f := range b.Files {
		body.Add(bold(say(migration.Msg("bundle.file", "Name", f.Name, "Bytes", figures().Bytes(f.Size)))))
		body.Add(wrapped(say(f.About)))
		body.Add(more(noKeys{}, cleanLines(f.Head)))
	}
	d := dialog.NewCustomWithoutButtons(say(migration.Msg("bundle.title")), container.NewVScroll(body), w.win)
	names.OnChanged = func(on bool) { d.Hide(); w.previewBundle(!on) }
	save := newPressable(w, say(migration.Msg("button.save")), func() { d.Hide(); saveFile(w, bundleName, func(path string) { w.saveBundle(path, b.Masked) }) })
	save.Importance = widget.HighImportance
	d.SetButtons([]fyne.CanvasObject{leaving(newPressable(noKeys{}, say(migration.Msg("button.close")), d.Hide)), save})
	d.Resize(fyne.NewSize(720, 520))
	d.Show()
	w.win.Canvas().Focus(save)
}

// saveBundle writes what was previewed.
func (w *Window) saveBundle(path string, masked bool) {
	w.work(migration.Msg("doing.bundle"), func(ctx context.Context) (func(), error) {
		if err := w.runs.Bundle(ctx, path, masked); err != nil {
			return nil, err
		}
		return func() { w.notify(noticeInfo, migration.Msg("bundle.written", "Path", path)) }, nil
	}, nil)
}
