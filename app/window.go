package app

import (
	"context"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// Window is the first window: it opens on the ticket and shows the progress of
// the job. Its methods are called on fyne's goroutine.
type Window struct {
	win     fyne.Window
	opt     Options
	parent  context.Context
	do      func(func()) // runs on fyne's goroutine; fyne.Do but in tests
	state   State
	err     error // why it is blocked or has failed
	summary []migration.Message

	// of the running job
	cancel  context.CancelFunc
	watched chan struct{} // closed when the goroutines of the job have ended
	result  error         // of the last run; may be read once watched is closed
	pending atomic.Pointer[migration.Snapshot]
	closing bool // close when the job has stopped
	limit   *time.Timer
	gone    bool
	asking  dialog.Dialog

	root     *fyne.Container
	facts    *fyne.Container
	page     *container.Scroll
	notices  *fyne.Container
	progress *progressView
	reason   *widget.Label
	warning  *widget.Icon
	main     *widget.Button
}

// size is that of the window's content at first; nothing may need more.
var size = fyne.NewSize(886, 693)

// New builds the window without showing it. Jobs end when ctx does.
func New(ctx context.Context, a fyne.App, o Options) (*Window, error) {
	if err := loadTexts(); err != nil {
		return nil, migration.Fail("load texts", "", err, migration.Msg("error.unknown"))
	}
	o = o.withDefaults()
	a.Settings().SetTheme(newLook(o.Appearance))
	w := &Window{parent: ctx, do: fyne.Do, opt: o, err: o.Problem}
	w.win = a.NewWindow(title(o))
	w.win.SetIcon(icon("app"))
	w.win.SetPadded(false)
	w.win.SetContent(w.content())
	w.win.Resize(size)
	w.win.SetCloseIntercept(w.close)
	w.enter(first(o))
	return w, nil
}

func title(o Options) string {
	if o.Ticket == nil {
		return say(migration.Msg("window.title"))
	}
	return say(migration.Msg("window.title.company", "Company", o.Ticket.Company))
}

// first is the state that the options lead to.
func first(o Options) State {
	switch {
	case o.Ticket == nil:
		return StateNoTicket
	case o.Problem != nil, o.Job == nil:
		return StateBlocked
	}
	return StateReady
}

// content builds the frame: header, banner, page, footer.
func (w *Window) content() fyne.CanvasObject {
	top := container.New(stacked{}, header(w.opt))
	if w.opt.Banner {
		top.Add(banner())
	}
	heading := bold(say(migration.Msg("page.title")))
	heading.SizeName = theme.SizeNameHeadingText
	w.notices = container.NewVBox()
	w.progress = newProgressView()
	page := container.NewVBox(heading)
	w.facts = container.NewStack()
	if w.opt.Ticket != nil {
		w.facts.Add(facts(w.opt))
	}
	page.Add(w.facts)
	page.Add(w.notices)
	page.Add(w.progress.object)
	w.page = container.NewVScroll(newBox(theme.ColorNameBackground, margin-labelPad, 8, page))
	w.root = container.NewBorder(top, w.footer(), nil, nil, w.page)
	return w.root
}

// footer holds the one main action and, beside it, why it is closed.
func (w *Window) footer() fyne.CanvasObject {
	w.warning = widget.NewIcon(sign("warning"))
	w.reason = wrapped("")
	w.main = widget.NewButton("", w.act)
	return newBox(theme.ColorNameOverlayBackground, margin-labelPad, 8,
		container.NewBorder(nil, nil, container.NewVBox(container.NewPadded(w.warning)), container.NewVBox(w.main), w.reason))
}

// State is where the window stands.
func (w *Window) State() State { return w.state }

// Show opens the window.
func (w *Window) Show() { w.win.Show() }

// enter goes to a state and draws everything that depends on it.
func (w *Window) enter(s State) {
	w.state = s
	w.notices.RemoveAll()
	if card := outcome(s, w.err, w.summary); card != nil {
		w.notices.Add(card)
	}
	// Before a start people compare ticket and installation, from then on they
	// watch the rows; both together do not fit into a small window.
	before := s == StateNoTicket || s == StateBlocked || s == StateReady
	w.facts.Hidden = !before
	w.progress.object.Show()
	if before && s != StateReady {
		w.progress.object.Hide()
	}
	w.dress()
	w.page.ScrollToTop()
	w.root.Refresh() // cards and button have other sizes than before
	if w.opt.OnState != nil {
		w.opt.OnState(s)
	}
}

// dress sets the footer: what the button does now, or why it does nothing.
func (w *Window) dress() {
	label, why := migration.Msg("button.start"), migration.Message{}
	open, importance := false, widget.HighImportance
	switch w.state {
	case StateNoTicket:
		why = migration.Msg("closed.noticket")
	case StateBlocked:
		why = migration.Msg("closed.problem")
		if w.opt.Problem == nil && w.opt.Job == nil {
			why = migration.Msg("closed.installation")
		}
	case StateReady:
		open = true
	case StateRunning:
		label, open, importance = migration.Msg("button.stop"), true, widget.MediumImportance
	case StateStopping:
		label, why = migration.Msg("button.stop"), migration.Msg("closed.stopping")
	case StateStopped, StateFailed:
		label, why, open = migration.Msg("button.resume"), migration.Msg("notice.stopped.resume"), true
	case StateFinished:
		label, open = migration.Msg("button.close"), true
	}
	w.main.Importance = importance
	w.main.SetText(say(label))
	if open {
		w.main.Enable()
	} else {
		w.main.Disable()
	}
	w.warning.Hidden = open
	w.reason.SetText("")
	if !why.IsZero() {
		w.reason.SetText(say(why))
	}
}

// act is a click on the main button.
func (w *Window) act() {
	switch w.state {
	case StateReady, StateStopped, StateFailed:
		w.Start()
	case StateRunning:
		w.ask(false)
	case StateFinished:
		w.close()
	}
}
