package app

import (
	"fyne.io/fyne/v2"

	"omt/migration"
)

// guard asks the computer to stay awake and the window system not to sign the
// person out while an upload runs. It is called on the goroutine of the upload
// before it begins; what it returns is called when the upload has ended.
func (w *Window) guard() (release func()) {
	awake := w.opt.Awake()
	w.do(func() {
		if !w.gone {
			w.unblock = blockSignOut(w.win, say(migration.Msg("window.signout")))
		}
	})
	return func() {
		awake()
		w.do(func() {
			if w.unblock != nil {
				w.unblock()
				w.unblock = nil
			}
		})
	}
}

// announce tells the person, who may look at something else, how an upload has
// ended. It must not be called on fyne's goroutine: the session bus of Linux may
// take its time. No name from outside may be part of it, because fyne makes a
// script of it on Windows.
func announce(title, text migration.Message) {
	fyne.CurrentApp().SendNotification(fyne.NewNotification(say(title), say(text)))
}
