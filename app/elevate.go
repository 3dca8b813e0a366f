package app

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"

	"omt/migration"
)

// elevation is the way on where Windows refuses what it would let an
// administrator do; nil if the error is another one or the program cannot be
// started so. What was chosen is kept by the guide, so the new start goes on
// with it; passwords are asked for again.
func (w *Window) elevation(err error) fyne.CanvasObject {
	if w.opt.Elevate == nil || !errors.Is(err, migration.ErrNeedsAdministrator) {
		return nil
	}
	return buttons(newPressable(w, say(migration.Msg("button.elevate")), w.elevate))
}

func (w *Window) elevate() {
	path := w.shared.start.Path
	w.work(migration.Msg("doing.elevate"), func(context.Context) (func(), error) {
		if err := w.opt.Elevate(path); err != nil {
			return nil, err
		}
		return w.quit, nil // the other start waits for this one's end
	}, nil)
}
