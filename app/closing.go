package app

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// quit is what the window system asks for when the person closes the window. An
// upload asks first; anything else that is under way is cancelled.
func (w *Window) quit() {
	switch {
	case w.tasks.current == nil:
		w.shut()
	case w.uploading() && !w.tasks.stopping:
		w.ask(true)
	default:
		w.stopAndClose()
	}
}

// uploading tells whether what is under way is an upload, also in the moment
// before its goroutine has begun: it is stopped after a question, never at once.
func (w *Window) uploading() bool {
	b := w.tasks.busy()
	return w.runs.running.Load() || b != nil && b.doing.ID == "doing.upload"
}

// busyWords say what is under way, or that an upload waits: of one that sends
// nothing nobody should think that it does.
func (w *Window) busyWords(k *task) string {
	if pg := w.pages[w.at]; pg != nil {
		if v, ok := pg.view.(*uploadView); ok && v.rests() {
			return say(migration.Msg("busy.waiting"))
		}
	}
	return say(migration.Msg("busy.doing", "Doing", say(k.doing)))
}

// cancelWork is the button of the footer while something is under way.
func (w *Window) cancelWork() {
	if w.uploading() {
		w.ask(false)
		return
	}
	if q := &w.tasks; q.behind() != nil {
		// What the person waits for begins as soon as the quiet work has stopped.
		waiting := q.waiting
		w.stop()
		q.waiting = waiting
		w.changed()
		return
	}
	w.stop()
}

// ask makes sure that a running upload is meant to stop. Going on is preselected.
func (w *Window) ask(closing bool) {
	if w.asking != nil {
		return
	}
	text, act := migration.Msg("ask.stop.text"), migration.Msg("button.stop.now")
	if closing {
		text, act = migration.Msg("ask.close.text"), migration.Msg("button.stop.close")
	}
	if closing && w.opt.HandOver {
		text = migration.Msg("ask.close.handover")
	}
	d := dialog.NewCustomWithoutButtons(say(migration.Msg("ask.stop.title")), wrapped(say(text)), w.win)
	w.asking = d
	stay := leaving(newPressable(noKeys{}, say(migration.Msg("button.keep")), w.hideQuestion))
	stay.Importance = widget.HighImportance
	leave := newPressable(noKeys{}, say(act), func() {
		w.hideQuestion()
		if closing {
			w.stopAndClose()
			return
		}
		w.stop()
	})
	all := container.NewHBox(leave, stay)
	if closing && w.opt.HandOver {
		all.Objects = slices.Insert(all.Objects, 1, fyne.CanvasObject(newPressable(noKeys{}, say(migration.Msg("button.handover")), func() {
			w.hideQuestion()
			w.handing = true
			w.stopAndClose()
		})))
	}
	d.SetButtons([]fyne.CanvasObject{all})
	d.Resize(fyne.NewSize(560, 220))
	d.Show()
	w.win.Canvas().Focus(stay)
}

// hideQuestion takes the question away, also when the work ended by itself.
func (w *Window) hideQuestion() {
	if w.asking != nil {
		w.asking.Hide()
		w.asking = nil
	}
}

// stopAndClose cancels the work and closes the window as soon as it has reached
// a safe point, at the latest after stopLimit.
func (w *Window) stopAndClose() {
	if w.tasks.current == nil {
		w.shut()
		return
	}
	if !w.closing {
		w.closing = true
		w.limit = time.AfterFunc(stopLimit, func() { w.do(w.shut) })
	}
	w.stop()
}

// shut closes the window. Work that did not stop in time ends with the process:
// what it had not committed is sent again by the next start. Closing again does
// nothing: the work may still end after its window.
func (w *Window) shut() {
	if w.gone {
		return
	}
	if pg := w.pages[w.at]; pg != nil {
		pg.view.left()
	}
	w.gone = true
	if w.limit != nil {
		w.limit.Stop()
	}
	w.win.SetCloseIntercept(nil)
	w.win.Close()
}
