package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver"

	"omt/migration"
)

// id names the program to the window system and its settings folder.
const id = "omt.desktop"

// ErrNoWindow: the window system or its OpenGL cannot be used.
var ErrNoWindow = errors.New("no window can be opened")

// ErrHandOver: the window was closed so that the upload goes on without it.
var ErrHandOver = errors.New("the upload goes on without a window")

// errUnfinished: the window was closed while the upload still ran.
var errUnfinished = errors.New("closed before the upload had ended")

// metadata is what FyneApp.toml says for fyne's own tools, which a plain build
// does not read.
func metadata(o Options) fyne.AppMetadata {
	return fyne.AppMetadata{
		ID: id, Name: "omt", Version: o.Version, Icon: icon("app"),
		Migrations: map[string]bool{"fyneDo": trustThreads},
	}
}

// Run shows the window and returns when it has been closed: with the error of
// the last upload, ErrNoWindow if there could be no window, nil if all went
// well or nothing was uploaded. It must be called from main's goroutine,
// because window systems insist on it. When ctx ends, an upload is stopped as
// if the person had closed the window. The guide is left open: whoever made it
// closes it.
func Run(ctx context.Context, o Options) error {
	if err := display(); err != nil {
		return err
	}
	fyneapp.SetMetadata(metadata(o))
	a := fyneapp.NewWithID(id)
	// Work gets a context of its own: at the end of ctx it is stopped by the
	// window, which then knows that this was no failure.
	w, err := New(context.WithoutCancel(ctx), a, o)
	if err != nil {
		return err
	}
	var guard error
	a.Lifecycle().SetOnStarted(func() {
		if !native(w.win) {
			guard = migration.Fail("open window", "", ErrNoWindow, migration.Msg("hint.window.opengl"))
			a.Quit()
		}
	})
	release := context.AfterFunc(ctx, func() { w.do(w.stopAndClose) })
	defer release()
	defer w.listen()()
	defer w.trace()()
	defer w.watchPauses()()
	if err := show(w); err != nil {
		return err
	}
	a.Run()
	if guard != nil {
		return guard
	}
	return w.ending()
}

// ending is what Run returns once the window has gone.
func (w *Window) ending() error {
	err := w.settle()
	if w.handing && (errors.Is(err, errUnfinished) || errors.Is(err, context.Canceled)) {
		return ErrHandOver
	}
	return err
}

// listen brings the window to the front whenever the program was started once
// more, until what it returns is called.
func (w *Window) listen() (stop func()) {
	if w.opt.Front == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-w.opt.Front:
				w.do(func() {
					if !w.gone {
						w.win.Show()
						w.win.RequestFocus()
					}
				})
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

// show opens the window. Fyne panics when a display is named but does not
// answer, and a stack trace tells people nothing.
func show(w *Window) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = migration.Fail("open window", "", fmt.Errorf("%w: %v", ErrNoWindow, r), migration.Msg("hint.window.display"))
		}
	}()
	w.Show()
	return nil
}

// settle waits for the goroutine of the work after the window has gone, within
// stopLimit, and tells what became of the upload.
func (w *Window) settle() error {
	if w.tasks.current == nil {
		return w.runs.outcome()
	}
	running := w.runs.running.Load()
	w.tasks.cancel()
	select {
	case <-w.tasks.ended:
		// It may have ended by itself while the window went away: then its own
		// result counts, a finished upload above all.
		if err := w.runs.outcome(); !running || !errors.Is(err, context.Canceled) {
			return err
		}
	case <-time.After(stopLimit):
		if !running {
			return w.runs.outcome()
		}
	}
	return migration.Fail("run migration", "", errUnfinished, migration.Msg("notice.stopped.resume"))
}

// native tells whether the window really exists. Without OpenGL 2.1 (remote
// desktop to a server, virtual machines without a graphics card) fyne logs the
// failure and goes on without a window, which would look like nothing at all.
func native(w fyne.Window) bool {
	n, ok := w.(driver.NativeWindow)
	if !ok {
		return true
	}
	there := true
	n.RunNative(func(c any) {
		switch c := c.(type) {
		case driver.WindowsWindowContext:
			there = c.HWND != 0
		case driver.X11WindowContext:
			there = c.WindowHandle != 0
		case driver.WaylandWindowContext:
			there = c.WaylandSurface != 0
		}
	})
	return there
}
