package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// ask makes sure that a running upload is meant to stop. Going on is
// preselected.
func (v *uploadView) ask() {
	if v.asking != nil {
		return
	}
	w := v.h.window()
	d := dialog.NewCustomWithoutButtons(say(migration.Msg("ask.stop.title")), wrapped(say(migration.Msg("ask.stop.text"))), w)
	v.asking = d
	done := func() { d.Hide(); v.asking = nil }
	stay := widget.NewButton(say(migration.Msg("button.keep")), done)
	stay.Importance = widget.HighImportance
	leave := widget.NewButton(say(migration.Msg("button.stop.now")), func() { done(); v.stop() })
	d.SetButtons([]fyne.CanvasObject{container.NewHBox(leave, stay)})
	d.Resize(fyne.NewSize(520, 200))
	d.Show()
	w.Canvas().Focus(stay)
}

// stop lets the run end at a safe point.
func (v *uploadView) stop() {
	if v.state != uploadRunning {
		return
	}
	v.state = uploadStopping
	if v.cancel != nil {
		v.cancel()
	}
	v.draw()
}
