package app

import (
	"context"
	"errors"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// TestComputerStaysAwakeWhileItUploads and no longer, also if it fails.
func TestComputerStaysAwakeWhileItUploads(t *testing.T) {
	for _, end := range []error{nil, errSample} {
		inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
			held, asked := 0, 0
			w.opt.Awake = func() func() { held++; asked++; return func() { held-- } }
			ending := make(chan struct{})
			g.runFn = func(context.Context, Upload) (*migration.Result, error) { <-ending; return nil, end }
			w.work(migration.Msg("doing.upload"), func(ctx context.Context) (func(), error) {
				_, err := w.guide().Run(ctx, Upload{})
				return nil, err
			}, nil)
			q.settle()
			if held != 1 || w.unblock == nil {
				t.Errorf("while it uploads: held %d, sign-out blocked %v", held, w.unblock != nil)
			}
			close(ending)
			q.settle()
			if held != 0 || asked != 1 || w.unblock != nil {
				t.Errorf("after it: held %d, asked %d, sign-out blocked %v", held, asked, w.unblock != nil)
			}
		})
	}
}

func TestTheEndIsAnnounced(t *testing.T) {
	for title, fail := range map[string]error{"The upload is complete": nil, "The upload has stopped": errLine} {
		h := confirmed(t)
		h.g.fail["Run"] = fail
		test.AssertNotificationSent(t, fyne.NewNotification(title, say(map[bool]migration.Message{
			true: migration.Msg("upload.ended.text"), false: migration.Msg("upload.failed.text"),
		}[fail == nil])), func() { openUpload(h) })
	}
	// Whoever stops it knows that it has stopped.
	h := confirmed(t)
	h.g.fail["Run"] = migration.Fail("run migration", "", context.Canceled, migration.Message{})
	test.AssertNotificationSent(t, nil, func() { openUpload(h) })
}

func TestSecondStartBringsTheWindowToTheFront(t *testing.T) {
	inWindow(t, func(t *testing.T, _ *fakeGuide, w *Window, q *queue) {
		front := make(chan struct{})
		w.opt.Front = front
		seen := &asked{Window: w.win}
		w.win = seen
		stop := w.listen()
		front <- struct{}{}
		q.settle()
		stop()
		if seen.front != 1 {
			t.Errorf("the window was brought to the front %d times", seen.front)
		}
	})
}

// asked counts how often a window was to come to the front.
type asked struct {
	fyne.Window
	front int
}

func (a *asked) RequestFocus() { a.front++ }

func TestCrashIsTold(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, _ *Window, _ *queue) {
		w, q := open(t, g, func(o *Options) { o.Crashed = "/state/crash-1.log" })
		if !seen(w.win, "omt ended unexpectedly the last time") {
			t.Errorf("nothing is said: %q", allTexts(w.win))
		}
		end(w, q)
	})
}

// TestGoingOnWithoutAWindow stops the upload and tells who closed the window
// what it wants; it is not offered where nobody could go on.
func TestGoingOnWithoutAWindow(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		upload(g, w, q)
		w.quit()
		if seen(w.win, "Go on without a window") {
			t.Error("it is offered although nobody can go on")
		}
		w.hideQuestion()
		w.opt.HandOver = true
		w.quit()
		press(t, w.win, "Go on without a window")
		q.settle()
		if !w.gone || !errors.Is(w.ending(), ErrHandOver) {
			t.Errorf("gone %v with %v", w.gone, w.ending())
		}
	})
}
