package app

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"omt/migration"
)

// Window is the wizard: header, step bar, notices, one page and the footer. It
// is the host of its pages. Its methods are called on fyne's goroutine.
type Window struct {
	win    fyne.Window
	opt    Options
	parent context.Context
	do     func(func()) // runs on fyne's goroutine; fyne.Do but in tests
	runs   *runWatch    // the guide, watched
	shared flow
	paths  Paths // as of the end of the last work

	pages map[place]*page
	at    place
	tasks tasks

	closing bool   // close when the work has stopped
	handing bool   // and go on without a window
	unblock func() // ends the blocking of the sign-out; nil if there is none
	limit   *time.Timer
	gone    bool
	asking  dialog.Dialog

	header  *fyne.Container
	heading *fyne.Container
	notices *fyne.Container
	errors  []fyne.CanvasObject          // among the notices
	told    map[string]fyne.CanvasObject // the notices by their words
	content *fyne.Container
	body    *fyne.Container
	footer  *footer
	tracing *tracer
}

// page is a view with what was built of it.
type page struct {
	view    view
	content fyne.CanvasObject
}

// size is that of the window's content at first; nothing may need more.
var size = fyne.NewSize(886, 693)

// New builds the window without showing it. All work ends when ctx does.
func New(ctx context.Context, a fyne.App, o Options) (*Window, error) {
	if o.Guide == nil {
		return nil, errors.New("open window: there is no guide")
	}
	if err := speakLanguage(firstLanguage(o.Language, a.Preferences().String(languageSetting))); err != nil {
		return nil, migration.Fail("load texts", "", err, migration.Msg("error.unknown"))
	}
	o = o.withDefaults()
	if l, ok := a.Settings().Theme().(*look); !ok || l.appearance != o.Appearance {
		a.Settings().SetTheme(newLook(o.Appearance)) // fyne reads all fonts anew then
	}
	w := &Window{parent: ctx, do: fyne.Do, opt: o, runs: &runWatch{Guide: o.Guide}, pages: map[place]*page{}}
	w.runs.guard = w.guard
	w.shared.start.Path = o.Ticket
	w.win = a.NewWindow(say(migration.Msg("window.title")))
	w.win.SetIcon(icon("app"))
	w.win.SetPadded(false)
	w.build()
	w.win.Resize(size)
	w.win.SetCloseIntercept(w.quit)
	w.bindKeys()
	if o.Trace != nil {
		w.tracing = &tracer{out: o.Trace}
	}
	return w, nil
}

// build fills the window with a new frame.
func (w *Window) build() { w.win.SetContent(w.frame()) }

// frame builds what surrounds the pages.
func (w *Window) frame() fyne.CanvasObject {
	w.header = container.New(stacked{})
	w.heading = container.New(stacked{})
	w.notices = container.NewVBox()
	w.forget()
	w.content = container.NewStack()
	w.body = container.New(noticesFirst{}, container.NewVScroll(inset(margin, w.notices)), w.content)
	w.footer = newFooter(w)
	return container.NewBorder(container.New(stacked{}, w.header, w.heading), w.footer.object, nil, nil, w.body)
}

// Show opens the window on its first page.
func (w *Window) Show() {
	w.greet()
	w.win.Show()
}

// greet shows the first page.
func (w *Window) greet() {
	w.visit(placeWelcome)
	if w.opt.Crashed != "" {
		w.notify(noticeWarning, migration.Msg("notice.crashed"), migration.Msg("notice.crashed.text", "Path", w.opt.Crashed))
	}
}

func (w *Window) guide() Guide        { return w.runs }
func (w *Window) flow() *flow         { return &w.shared }
func (w *Window) window() fyne.Window { return w.win }
func (w *Window) now() time.Time      { return w.opt.Now() }
func (w *Window) ui(f func())         { w.do(f) }

// visit shows a page, which is made when it is first seen.
func (w *Window) visit(p place) {
	make, ok := views[p]
	if !ok || w.gone {
		return
	}
	if old := w.pages[w.at]; old != nil {
		old.view.left()
	}
	pg := w.pages[p]
	if pg == nil {
		pg = &page{view: make(w)}
		pg.content = pg.view.build()
		w.pages[p] = pg
	}
	w.at = p
	w.forget()
	w.content.Objects = []fyne.CanvasObject{pg.content}
	w.content.Refresh()
	w.win.Canvas().Unfocus()
	pg.view.entered()
	w.changed()
}

// changed draws everything around the page again.
func (w *Window) changed() {
	pg := w.pages[w.at]
	if pg == nil || w.gone {
		return
	}
	f := &w.shared
	w.win.SetTitle(windowTitle(f))
	w.header.Objects = header(f)
	title, lead := pg.view.heading()
	w.heading.Objects = []fyne.CanvasObject{newStepBar(stepsOf(f, w.at)), pageHeading(title, lead, cornerOf(pg.view))}
	w.footer.show(pg.view)
	w.win.Content().Refresh() // with all that is in it
}

func windowTitle(f *flow) string {
	if f.start.Ticket == nil {
		return say(migration.Msg("window.title"))
	}
	return say(migration.Msg("window.title.company", "Company", f.start.Ticket.Company))
}

// keep stores the draft in the background. It is copied first, because the
// person goes on changing it.
func (w *Window) keep() {
	if w.shared.draft == nil {
		return
	}
	d := w.shared.draft.Clone()
	w.tasks.dropKeeps()
	w.add(&task{keeps: true, doing: migration.Msg("doing.keep"), job: func(ctx context.Context) (func(), error) {
		return nil, w.runs.Keep(ctx, d)
	}})
}
