package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// after lets so much synthetic time pass.
func (q *queue) after(d time.Duration) {
	<-time.After(d)
	q.settle()
}

// inWindow opens a window on a guide inside a bubble of synthetic time.
func inWindow(t *testing.T, f func(t *testing.T, g *fakeGuide, w *Window, q *queue)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		g := newFakeGuide(t)
		w, q := open(t, g)
		f(t, g, w, q)
		end(w, q)
	})
}

func TestWorkIsDoneOneAtATime(t *testing.T) {
	inWindow(t, func(t *testing.T, _ *fakeGuide, w *Window, q *queue) {
		var order []string
		first := make(chan struct{})
		w.work(migration.Msg("doing.connect"), func(context.Context) (func(), error) {
			<-first
			order = append(order, "first")
			return func() { order = append(order, "applied") }, nil
		}, nil)
		w.work(migration.Msg("doing.login"), func(context.Context) (func(), error) {
			order = append(order, "second")
			return nil, nil
		}, nil)
		q.settle()
		if len(order) != 0 || !seen(w.win, "Connecting to the database. Please wait.") {
			t.Errorf("while the first is under way: %q, %q", order, allTexts(w.win))
		}
		if !w.footer.next.Disabled() {
			t.Error("Next is open while something is under way")
		}
		close(first)
		q.settle()
		if want := []string{"first", "applied", "second"}; !slices.Equal(order, want) {
			t.Errorf("the order was %q, want %q", order, want)
		}
		if w.footer.next.Disabled() {
			t.Error("Next stays closed")
		}
	})
}

func TestCancelStopsWithoutAnError(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		g.block["Connect"] = make(chan struct{})
		toLogin(t, w, q)
		press(t, w.win, "Cancel")
		q.settle()
		if w.tasks.current != nil || len(w.notices.Objects) != 0 {
			t.Errorf("after Cancel: %v under way, notices %q", w.tasks.current, texts(w.notices))
		}
	})
}

// upload lets the guide run until it is cancelled, as the page Upload does.
func upload(g *fakeGuide, w *Window, q *queue) {
	g.block["Run"] = make(chan struct{})
	w.work(migration.Msg("doing.connect"), func(ctx context.Context) (func(), error) {
		_, err := w.guide().Run(ctx, Upload{})
		return nil, err
	}, nil)
	q.settle()
}

func TestClosingAsksWhileAnUploadRuns(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		upload(g, w, q)
		closed := false
		w.win.SetOnClosed(func() { closed = true })
		w.quit()
		press(t, w.win, "Keep running")
		q.settle()
		if closed || w.tasks.current == nil {
			t.Fatal("Keep running stopped it")
		}
		w.quit()
		press(t, w.win, "Stop and close")
		q.settle()
		if !closed || !errors.Is(w.settle(), context.Canceled) {
			t.Errorf("closed %v with %v", closed, w.settle())
		}
	})
}

func TestClosingDoesNotWaitForEver(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		deaf := make(chan struct{})
		g.runFn = func(context.Context, Upload) (*migration.Result, error) { <-deaf; return nil, nil }
		w.work(migration.Msg("doing.connect"), func(ctx context.Context) (func(), error) {
			_, err := w.guide().Run(ctx, Upload{})
			return nil, err
		}, nil)
		q.settle()
		closed := false
		w.win.SetOnClosed(func() { closed = true })
		w.stopAndClose()
		q.after(stopLimit - time.Millisecond)
		if closed {
			t.Error("closed before the limit although the upload still ran")
		}
		q.after(2 * time.Millisecond)
		if !closed {
			t.Error("not closed after the limit")
		}
		if err := w.settle(); !errors.Is(err, errUnfinished) {
			t.Errorf("settled with %v", err)
		}
		close(deaf)
		q.settle()
	})
}

// The window goes away while the upload ends by itself: its own result is the
// answer, not that it was unfinished.
func TestResultThatCameWithTheEndOfTheWindow(t *testing.T) {
	for name, result := range map[string]error{"finished": nil, "failed": migration.ErrNoSpace} {
		t.Run(name, func(t *testing.T) {
			inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
				ending := make(chan error)
				g.runFn = func(context.Context, Upload) (*migration.Result, error) { return nil, <-ending }
				w.work(migration.Msg("doing.connect"), func(ctx context.Context) (func(), error) {
					_, err := w.guide().Run(ctx, Upload{})
					return nil, err
				}, nil)
				q.settle()
				ending <- result
				synctest.Wait()
				if err := w.settle(); !errors.Is(err, result) {
					t.Errorf("settled with %v, want %v", err, result)
				}
			})
		})
	}
}

func TestWindowWithoutAnUploadClosesAtOnce(t *testing.T) {
	inWindow(t, func(t *testing.T, _ *fakeGuide, w *Window, _ *queue) {
		closed := false
		w.win.SetOnClosed(func() { closed = true })
		w.quit()
		if !closed || w.settle() != nil {
			t.Errorf("closed %v, error %v", closed, w.settle())
		}
	})
}

func TestKeysOfTheFrame(t *testing.T) {
	inWindow(t, func(t *testing.T, _ *fakeGuide, w *Window, q *queue) {
		enter, esc, f1 := &fyne.KeyEvent{Name: fyne.KeyReturn}, &fyne.KeyEvent{Name: fyne.KeyEscape}, &fyne.KeyEvent{Name: fyne.KeyF1}
		w.win.Canvas().OnTypedKey()(enter)
		q.settle()
		if w.at != placeLogin {
			t.Fatalf("Enter leads to %q", w.at)
		}
		// The field has the focus now, so the keys come to it.
		w.win.Canvas().Focused().TypedKey(enter)
		q.settle()
		if w.at != placeLogin {
			t.Errorf("Enter leads on although Login is closed, to %q", w.at)
		}
		w.win.Canvas().Focused().TypedKey(f1)
		if !seen(w.win, "Help") || w.win.Canvas().Overlays().Top() == nil {
			t.Error("F1 in a field shows no help")
		}
		w.key(esc)
		if w.at != placeLogin || w.win.Canvas().Overlays().Top() != nil {
			t.Errorf("Esc leaves the dialog for %q, or not at all", w.at)
		}
		w.win.Canvas().Focus(loginPage(w).user)
		w.win.Canvas().Focused().TypedKey(esc)
		if w.at != placeWelcome {
			t.Errorf("Esc in a field leads to %q", w.at)
		}
	})
}

func TestTheNewestChoicesAreKept(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		wait := make(chan struct{})
		g.block["Keep"] = wait
		w.shared.draft = sampleDraft()
		for _, n := range []string{"one@a.example", "two@a.example", "three@a.example"} {
			w.shared.draft.SetNotifications(migration.Notifications{SummaryTo: n})
			w.keep()
			q.settle()
		}
		if w.footer.next.Disabled() {
			t.Error("storing closes the page")
		}
		close(wait)
		q.settle()
		var kept []string
		for _, c := range g.called("Keep") {
			kept = append(kept, c[0].(*migration.Draft).Plan.Notifications.SummaryTo)
		}
		if want := []string{"one@a.example", "three@a.example"}; !slices.Equal(kept, want) {
			t.Errorf("stored %q, want %q", kept, want)
		}
	})
}

func TestStepsOfEachWay(t *testing.T) {
	names := func(f *flow, at place) string {
		var out []string
		for _, s := range stepsOf(f, at) {
			out = append(out, strings.TrimPrefix(s.name.ID, "step.")+[]string{"", "*", "+"}[s.state])
		}
		return strings.Join(out, " ")
	}
	begin := func(b migration.Begin, r migration.RecoveryChoice) *flow {
		return &flow{start: Start{Earlier: Earlier{Begin: b}}, recovery: r}
	}
	for _, c := range []struct {
		f    *flow
		at   place
		want string
	}{
		{begin(migration.BeginInitial, ""), placeWelcome, "welcome* login confirm checklist upload complete"},
		{begin(migration.BeginInitial, ""), placeNames, "welcome+ login+ confirm+ checklist* upload complete"},
		{begin(migration.BeginInitial, ""), placeComplete, "welcome+ login+ confirm+ checklist+ upload+ complete*"},
		{begin(migration.BeginResume, ""), placeLogin, "welcome+ login* upload complete"},
		{begin(migration.BeginRecovery, ""), placeRecovery, "welcome+ recovery* login upload complete"},
		{begin(migration.BeginRecovery, migration.RecoverMissing), placeUpload, "welcome+ recovery+ login+ upload* complete"},
		{begin(migration.BeginRecovery, migration.RecoverOverwrite), placeConfirm, "welcome+ recovery+ login+ confirm* checklist upload complete"},
	} {
		if got := names(c.f, c.at); got != c.want {
			t.Errorf("at %s: %s, want %s", c.at, got, c.want)
		}
	}
}

func TestTraceNamesWhatCanBeClicked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		g := newFakeGuide(t)
		w, q := open(t, g, func(o *Options) { o.Trace = &out })
		stop := w.trace()
		q.after(2 * traceEvery)
		signIn(t, w, q, false)
		q.after(2 * traceEvery)
		n := strings.Count(out.String(), "\n")
		q.after(5 * traceEvery)
		if strings.Count(out.String(), "\n") != n {
			t.Error("lines are written although nothing changes")
		}
		stop()
		q.settle()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		var last traceLine
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
			t.Fatal(err)
		}
		if last.Page != placeLogin || last.Closed != "" {
			t.Errorf("the last line is %+v", last)
		}
		if strings.Contains(out.String(), "s3cret") {
			t.Error("the trace holds a password")
		}
		i := slices.IndexFunc(last.Items, func(i traceItem) bool { return i.Kind == "button" && i.Label == "Login" && !i.Disabled })
		if i < 0 {
			t.Fatalf("Login is not among %+v", last.Items)
		}
		item, scale := last.Items[i], w.win.Canvas().Scale()
		test.TapCanvas(w.win.Canvas(), fyne.NewPos(float32(item.X)/scale, float32(item.Y)/scale))
		q.settle()
		if len(g.called("Login")) != 1 {
			t.Error("a click at the place that the trace names does not press Login")
		}
		w.help()
		if d := w.looks(); !d.Dialog || len(d.Items) != 1 || d.Items[0].Label != "Close" {
			t.Errorf("a dialog is open, and the trace has %+v", d)
		}
		end(w, q)
	})
}

// TestNothingIsPushedOut: neither endless names nor the longer words of another
// language may make the window wider or taller than it opens.
func TestNothingIsPushedOut(t *testing.T) {
	drawn(t)
	for _, c := range pageCases() {
		t.Run(c.name, func(t *testing.T) {
			for _, words := range []float64{1, 1.6} {
				if words > 1 && c.then != nil {
					continue // the way there is found by the words themselves
				}
				synctest.Test(t, func(t *testing.T) {
					stretch(t, words)
					w, q := openCase(t, c, AppearanceLight)
					m := w.win.Content().MinSize()
					if m.Width > size.Width || m.Height > size.Height {
						t.Errorf("the window needs %v, it opens with %v", m, size)
					}
					end(w, q)
				})
			}
		})
	}
}

// TestTheWayToWhatClosesTheButton: beside the reason stands a button that leads to
// what is to be done.
func TestTheWayToWhatClosesTheButton(t *testing.T) {
	inWindow(t, func(t *testing.T, _ *fakeGuide, w *Window, q *queue) {
		w.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn})
		q.settle()
		if w.at != placeLogin || !seen(w.win, say(migration.Msg("login.closed.user"))) {
			t.Fatalf("at %q without a reason: %q", w.at, w.footer.reason.Text)
		}
		w.win.Canvas().Unfocus()
		press(t, w.win, "Go there")
		if w.win.Canvas().Focused() != fyne.Focusable(loginPage(w).user) {
			t.Errorf("the way leads to %T", w.win.Canvas().Focused())
		}
		loginPage(w).user.SetText("KK")
		press(t, w.win, "Go there")
		if w.win.Canvas().Focused() != fyne.Focusable(loginPage(w).password) || !seen(w.win, say(migration.Msg("login.closed.password"))) {
			t.Errorf("the next way leads to %T because of %q", w.win.Canvas().Focused(), w.footer.reason.Text)
		}
		loginPage(w).password.SetText("s3cret")
		if w.footer.way.Visible() || w.footer.next.Disabled() {
			t.Error("nothing closes the button, and yet there is a way")
		}
	})
}
