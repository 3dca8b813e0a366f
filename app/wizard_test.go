package app

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// wizard is the real window on a fake guide, signed in and on a page.
func wizard(t *testing.T, set func(*fakeGuide, *flow), at place) (*Window, *queue, *fakeGuide) {
	t.Helper()
	g := newFakeGuide(t)
	w, q := open(t, g)
	w.shared = *sampleFlow()
	w.shared.draft.Assign(map[int64]migration.Assignment{11: {Plan: "sales"}, 13: {Plan: "service"}, 14: {Plan: "sales"}})
	if set != nil {
		set(g, &w.shared)
	}
	w.visit(at)
	q.settle()
	return w, q, g
}

// TestFromChecklistToComplete goes the way of a test migration through the real
// window: checks, notifications, mailboxes, upload, complete.
func TestFromChecklistToComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, q, g := wizard(t, func(g *fakeGuide, f *flow) {
			confirm(t, f.draft, migration.TopicPlans, migration.TopicNames)
			g.checkFn = func(_ context.Context, _ func(migration.CheckResult), _ ...migration.CheckID) (*migration.CheckReport, error) {
				r := sampleChecks()
				r.Checks = r.Checks[:2] // one has passed, one warns
				return r, nil
			}
		}, placeChecklist)
		walk := []struct {
			way   string // the reason that is followed first
			tick  string
			press string
			to    place
		}{
			{way: "Go there", to: placeChecks},
			{tick: "I have read the warnings (1) and continue anyway", press: "Back to the checklist", to: placeChecklist},
			{way: "Go there", to: placeNotifications},
			{press: "OK", to: placeChecklist},
			{way: "Go there", to: placeMailboxes},
			{press: "OK", to: placeChecklist},
			{press: "Upload", to: placeComplete},
		}
		for _, s := range walk {
			if s.tick != "" {
				each(w.win, func(o fyne.CanvasObject) {
					if c, ok := o.(*tick); ok && c.Text == s.tick {
						test.Tap(c)
					}
				})
			}
			press(t, w.win, s.way+s.press)
			q.settle()
			if w.at != s.to {
				t.Fatalf("%s leads to %q, want %q: %q", s.way+s.press, w.at, s.to, allTexts(w.win))
			}
		}
		if len(g.called("Run")) != 1 || len(g.called("Keep")) == 0 || !seen(w.win, "Upload completed") {
			t.Errorf("%d runs, %d keeps, shown %q", len(g.called("Run")), len(g.called("Keep")), allTexts(w.win))
		}
		end(w, q)
	})
}

// TestStopWhileUploading: the window asks, the run ends at a safe point, and the
// page offers to go on.
func TestStopWhileUploading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, q, g := wizard(t, func(g *fakeGuide, f *flow) {
			f.checks = passedChecks()
			confirm(t, f.draft, f.draft.Topics()...)
			g.block["Run"] = make(chan struct{})
		}, placeUpload)
		press(t, w.win, "Stop...")
		press(t, w.win, "Keep running")
		q.settle()
		press(t, w.win, "Stop...")
		press(t, w.win, "Stop")
		q.settle()
		if !seen(w.win, "The migration was stopped") {
			t.Fatalf("shown %q", allTexts(w.win))
		}
		delete(g.block, "Run")
		press(t, w.win, "Resume")
		q.settle()
		if w.at != placeComplete {
			t.Errorf("Resume leads to %q", w.at)
		}
		if got := g.called("Run"); len(got) != 2 || got[1][0].(Upload).Draft == nil {
			t.Errorf("ran with %v", got)
		}
		end(w, q)
	})
}

// TestPagesInTheWindow: no page, with all that surrounds it, pushes the window out
// of its size.
func TestPagesInTheWindow(t *testing.T) {
	for _, c := range []struct {
		name string
		at   place
		set  func(*fakeGuide, *flow)
	}{
		{"window-checklist", placeChecklist, func(_ *fakeGuide, f *flow) { f.checks = sampleChecks() }},
		{"window-checks", placeChecks, func(_ *fakeGuide, f *flow) {
			f.checks = allChecks()
			spoil(f.checks, migration.CheckCustomisations, migration.CheckWarning, 30, 30, user)
			f.checks.Checks[len(f.checks.Checks)-1].Columns = columnsOf("kind", "name", "ask")
		}},
		{"window-notifications", placeNotifications, nil},
		{"window-mailboxes", placeMailboxes, nil},
		{"window-recovery", placeRecovery, func(_ *fakeGuide, f *flow) {
			f.target, f.start.Earlier = Target{}, earlier(migration.RecoverMissing, migration.RecoverOverwrite)
		}},
		{"window-preview", placeUpload, func(_ *fakeGuide, f *flow) {
			f.recovery, f.target.Earlier = migration.RecoverMissing, earlier(migration.RecoverMissing)
		}},
		{"window-uploading", placeUpload, func(g *fakeGuide, f *flow) {
			f.checks = passedChecks()
			confirm(t, f.draft, f.draft.Topics()...)
			g.block["Run"], g.progressFn = make(chan struct{}), half
		}},
		{"window-upload-failed", placeUpload, func(g *fakeGuide, f *flow) {
			f.checks = passedChecks()
			confirm(t, f.draft, f.draft.Topics()...)
			g.fail["Run"], g.progressFn = migration.Fail("read table", "CRM7.contact", migration.ErrNoSpace, migration.Message{}), half
		}},
		{"window-complete", placeComplete, func(g *fakeGuide, f *flow) {
			f.result = &migration.Result{Mode: f.mode, Report: fullReport()}
			g.paths.Report = `C:\ProgramData\omt\production\Cust12345\report.html`
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, q, _ := wizard(t, c.set, c.at)
				<-time.After(2 * readEvery)
				q.settle()
				if m := w.win.Content().MinSize(); m.Width > size.Width || m.Height > size.Height {
					t.Errorf("the window needs %v, it opens with %v", m, size)
				}
				end(w, q)
			})
		})
	}
}
