package app

import (
	"strings"
	"testing"

	"omt/migration"
)

// pageState is a page of the whole window in one state: what is known before the
// page is entered, and what is done on it then.
type pageState struct {
	name string
	at   place
	set  func(t *testing.T, f *flow, g *fakeGuide)
	then func(t *testing.T, w *Window, q *queue)
}

// framed is the state with the frame around it, after a sign-in.
func (s pageState) framed() pageCase {
	return pageCase{s.name, nil, func(t *testing.T, w *Window, q *queue) {
		w.shared = *sampleFlow()
		if s.set != nil {
			s.set(t, &w.shared, w.runs.Guide.(*fakeGuide))
		}
		w.visit(s.at)
		q.settle()
		if s.then != nil {
			s.then(t, w, q)
		}
	}}
}

// on does something on the page that is shown.
func on[V view](act func(V)) func(*testing.T, *Window, *queue) {
	return func(_ *testing.T, w *Window, q *queue) {
		act(w.pages[w.at].view.(V))
		q.settle()
	}
}

// screens are all pages in their frame, in the states that matter.
func screens() []pageCase {
	all := pageCases()
	for _, of := range [][]pageState{
		checklistStates(), checksStates(), plansStates(), namesStates(), notificationsStates(), mailboxesStates(),
		recoveryStates(), previewStates(), uploadStates(), completeStates(), windowStates(),
	} {
		for _, s := range of {
			all = append(all, s.framed())
		}
	}
	return all
}

// main tells whether a state is the one that a page is usually seen in.
func (c pageCase) main() bool {
	switch c.name {
	case "welcome", "login-filled", "confirm", "locate":
		return true
	}
	return strings.HasPrefix(c.name, "screen-") || strings.HasPrefix(c.name, "sheet-")
}

// uploadable has everything confirmed, so that the upload begins by itself.
func uploadable(t *testing.T, f *flow, _ *fakeGuide) {
	f.checks, f.accepted = passedChecks(), true
	f.draft = readyDraft(t)
}

// readyDraft is a draft in which all has been confirmed.
func readyDraft(t *testing.T) *migration.Draft {
	t.Helper()
	h := &fakeHost{t: t, g: newFakeGuide(t), f: sampleFlow()}
	confirm(t, assigned(h), h.f.draft.Topics()...)
	return h.f.draft
}

// windowStates are what the window itself puts in front of a page.
func windowStates() []pageState {
	uploading := func(t *testing.T, f *flow, g *fakeGuide) {
		uploadable(t, f, g)
		g.block["Run"] = make(chan struct{})
	}
	return []pageState{
		{"ask-stop", placeUpload, uploading, func(_ *testing.T, w *Window, _ *queue) { w.ask(false) }},
		{"ask-close", placeUpload, uploading, func(_ *testing.T, w *Window, _ *queue) { w.opt.HandOver = true; w.quit() }},
		{"log", placeChecklist, func(_ *testing.T, _ *flow, g *fakeGuide) {
			g.paths = Paths{Log: `C:\ProgramData\omt\omt.log`, Journal: `C:\ProgramData\omt\production\Cust12345\9900000042.db`, Report: longPath + `\report.html`}
		}, func(_ *testing.T, w *Window, _ *queue) { w.showFiles() }},
		{"bundle", placeChecklist, nil, func(_ *testing.T, w *Window, q *queue) { w.previewBundle(true); q.settle() }},
		{"crashed", placeWelcome, nil, func(_ *testing.T, w *Window, q *queue) {
			w.opt.Crashed = `C:\ProgramData\omt\crash.log`
			w.greet()
		}},
		{"error-more", placeChecklist, nil, func(t *testing.T, w *Window, _ *queue) {
			w.showError(migration.Msg("doing.upload"), deniedSample())
			press(t, w.win, say(migration.Msg("button.more")))
		}},
	}
}
