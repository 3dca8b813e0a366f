package app

import (
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// uploadState is where the upload stands. While it runs the window itself offers
// to stop it, and asks before it does.
type uploadState string

const (
	uploadWaiting  uploadState = "waiting" // for the person, before the first start
	uploadRunning  uploadState = "running"
	uploadStopped  uploadState = "stopped" // by the person; can go on
	uploadFailed   uploadState = "failed"  // by an error; can go on
	uploadFinished uploadState = "finished"
)

// readEvery is how often progress is read: five times a second is smooth and
// leaves a server without a graphics card time for its work.
const readEvery = 200 * time.Millisecond

// uploadView starts the upload and shows its progress. Before a recovery of
// missing files it shows what would be sent.
type uploadView struct {
	h     host
	do    func(func())  // runs on fyne's goroutine
	every time.Duration // between two readings of the progress

	state    uploadState
	resumes  bool // a run was begun in this window, so the next start goes on
	pending  atomic.Pointer[migration.Snapshot]
	looking  bool // for the preview
	seen     bool // a reading of this run was shown
	resting  bool // by it: paused, or the timetable lets nothing pass
	root     *fyne.Container
	rows     *container.Scroll
	ready    *paragraph
	hint     *paragraph
	progress *progressView
	steer    *steering
	keep     *consent
	preview  *previewList
}

func newUploadView(h host) view {
	return &uploadView{h: h, do: h.ui, every: readEvery, state: uploadWaiting}
}

func (v *uploadView) heading() (title, lead migration.Message) {
	if v.previewing() {
		lead = migration.Msg("upload.preview.lead")
		if p := v.h.flow().preview; p == nil || p.FoundTotal == 0 {
			lead = migration.Msg("upload.lead.ready") // there is no list yet of what would be sent
		}
		return migration.Msg("upload.preview.title"), lead
	}
	lead = migration.Msg("upload.lead")
	switch {
	case v.state == uploadWaiting:
		lead = migration.Msg("upload.lead.ready")
	case v.state == uploadStopped, v.state == uploadFailed, v.rests():
		lead = migration.Msg("upload.lead.stopped")
	case v.h.flow().recovery == migration.RecoverMissing:
		lead = migration.Msg("upload.lead.missing")
	}
	return migration.Msg("upload.title"), lead
}

func (v *uploadView) build() fyne.CanvasObject {
	v.ready = wrapped("")
	v.hint = wrapped(say(migration.Msg("upload.signout")))
	v.hint.Importance = widget.LowImportance
	v.progress = newProgressView(v.h.now)
	v.steer = newSteering(v.h)
	v.keep = newConsent(v.h, migration.Msg("upload.keep"), migration.Msg("upload.keep.text"), func(on bool) { v.h.flow().keepParts = on })
	v.preview = newPreviewList(v.h, func(ticked []string) {
		v.h.flow().ticked = ticked
		v.h.changed()
	}, func(chosen map[string]string) {
		v.h.flow().chosen = chosen
		v.draw()
	}, v.look)
	v.rows = container.NewVScroll(margined(margin-labelPad, container.NewVBox(v.ready, v.progress.object, v.keep.object, v.steer.object, v.hint)))
	v.root = container.NewStack(v.rows, v.preview.object)
	return v.root
}

// previewing tells whether the page shows what would be sent instead of rows.
func (v *uploadView) previewing() bool {
	return v.state == uploadWaiting && !v.resumes && v.h.flow().recovery == migration.RecoverMissing
}

// rests tells whether the run is under way and sends nothing, because it was told
// so.
func (v *uploadView) rests() bool { return v.state == uploadRunning && v.resting }

// entered begins the upload if the checklist led here: its button said so. What
// nobody has agreed to on that page waits for a button of this one.
func (v *uploadView) entered() {
	f := v.h.flow()
	if v.state == uploadFinished {
		return
	}
	switch {
	case v.previewing() && f.preview == nil && !v.looking:
		v.look()
	case v.state == uploadWaiting && f.recovery != migration.RecoverMissing && f.draft != nil && len(f.draft.Blockers()) == 0 && f.closedByChecks().IsZero():
		v.start()
	}
	v.draw()
}

func (v *uploadView) left() {}

// draw shows what belongs to the state.
func (v *uploadView) draw() {
	if v.root == nil {
		return
	}
	previewing := v.previewing()
	reveal(v.rows, !previewing)
	reveal(v.preview.object, previewing)
	if previewing {
		v.preview.show(v.h.flow().preview, v.h.flow().ticked, v.h.flow().chosen)
	}
	v.ready.Hidden = v.state != uploadWaiting || previewing
	if !v.ready.Hidden {
		setText(v.ready, say(readyWords(v.h)))
	}
	reveal(v.progress.words, v.state == uploadRunning)
	reveal(v.progress.current, v.state == uploadRunning)
	reveal(v.keep.object, v.resuming())
	v.hint.Hidden = v.state != uploadRunning
	reveal(v.steer.turning, v.state == uploadRunning)
	reveal(v.steer.object, v.state != uploadFinished)
	v.root.Refresh()
	v.h.changed()
}

// resuming tells whether the next start goes on with tables that were read
// before.
func (v *uploadView) resuming() bool {
	f := v.h.flow()
	switch {
	case f.recovery == migration.RecoverMissing:
		return false
	case v.state == uploadWaiting:
		return f.earlierOf().Begin == migration.BeginResume
	}
	return v.state == uploadStopped || v.state == uploadFailed
}

// readyWords say what the button will do.
func readyWords(h host) migration.Message {
	f := h.flow()
	e := f.earlierOf()
	if e.Begin == migration.BeginResume {
		if e.Started.IsZero() || e.Host == "" {
			return migration.Msg("upload.ready.resume")
		}
		return migration.Msg("upload.ready.resume.from", "When", moment(h, e.Started), "Host", e.Host)
	}
	return migration.Msg("upload.ready", "Target", f.target.Name)
}

func (v *uploadView) next() action {
	switch v.state {
	case uploadRunning:
		return action{}
	case uploadStopped, uploadFailed:
		return action{label: migration.Msg("button.resume"), run: v.start}
	case uploadFinished:
		return action{label: migration.Msg("button.next"), run: func() { v.h.visit(placeComplete) }}
	}
	if v.previewing() {
		return v.nextOfPreview()
	}
	if v.h.flow().earlierOf().Begin == migration.BeginResume {
		return action{label: migration.Msg("button.resume"), run: v.start}
	}
	a := action{label: migration.Msg("button.upload"), run: v.start}
	if d := v.h.flow().draft; d == nil || len(d.Blockers()) > 0 || !v.h.flow().closedByChecks().IsZero() {
		a.closed = migration.Msg("upload.closed.checklist")
		a.way = func() { v.h.visit(placeChecklist) }
	}
	return a
}

// nextOfPreview is closed while there is nothing to send.
func (v *uploadView) nextOfPreview() action {
	f := v.h.flow()
	a := action{label: migration.Msg("button.send.missing"), run: v.start}
	switch {
	case v.looking:
		a.closed = migration.Msg("upload.preview.looking")
	case f.preview == nil:
		a.closed, a.way = migration.Msg("upload.preview.unread"), v.look
	case f.preview.FoundTotal == 0 && len(f.ticked)+len(f.chosen) == 0:
		a.closed = migration.Msg("upload.preview.nothing")
	}
	return a
}

// back leads away only before anything has begun: what is under way is stopped
// by its own button.
func (v *uploadView) back() action {
	if v.state != uploadWaiting || v.resumes {
		return action{}
	}
	to := placeChecklist
	if f := v.h.flow(); f.recovery == migration.RecoverMissing || f.draft == nil {
		to = placeLogin
	}
	return action{label: migration.Msg("button.back"), run: func() { v.h.visit(to) }}
}

// reveal shows or hides an object.
func reveal(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
		return
	}
	o.Hide()
}
