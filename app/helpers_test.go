package app

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"go.uber.org/goleak"

	"omt/migration"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// today is the clock of all tests.
var today = time.Date(2026, 3, 14, 21, 30, 0, 0, time.UTC)

func now() time.Time { return today }

// sampleOptions is a window in which everything is in order.
func sampleOptions() Options {
	return Options{
		Ticket: &migration.Ticket{
			ID: "t-1", Tenant: "Cust12345", Environment: "production",
			Company: migration.DemoCompany, Serial: migration.DemoSerial,
			Modes: []migration.Mode{migration.ModeTest}, Expires: today.Add(14 * 24 * time.Hour),
		},
		Identity: migration.Identity{
			Company: migration.DemoCompany, Serial: migration.DemoSerial,
			Version: "8.5 or later", Database: "SuperOffice", Server: "15.0.2000.5",
		},
		Target: "folder target", Job: newFakeJob(), Now: now,
		Appearance: AppearanceLight,
	}
}

// fakeJob is a job whose end the test decides.
type fakeJob struct {
	progress *migration.Progress
	end      chan error // what Start returns
	deaf     bool       // does not stop when it is cancelled
	mu       sync.Mutex
	starts   int
}

func newFakeJob() *fakeJob {
	return &fakeJob{progress: migration.NewProgress(now), end: make(chan error)}
}

func (j *fakeJob) Start(ctx context.Context) error {
	j.mu.Lock()
	j.starts++
	j.mu.Unlock()
	cancelled := ctx.Done()
	if j.deaf {
		cancelled = nil
	}
	select {
	case err := <-j.end:
		return err
	case <-cancelled:
		return migration.Fail("run migration", "", ctx.Err(), migration.Message{})
	}
}

func (j *fakeJob) Progress() *migration.Progress { return j.progress }

func (j *fakeJob) Summary() []migration.Message {
	return []migration.Message{migration.Msg("phase.documents.all", "Items", "2,990", "Bytes", "8.3 GB")}
}

func (j *fakeJob) started() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.starts
}

// queue stands for fyne's goroutine: the test driver would run the functions
// at once on the goroutine that asks, beside the test's own.
type queue struct {
	mu    sync.Mutex
	funcs []func()
}

func (q *queue) add(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.funcs = append(q.funcs, f)
}

// settle lets every goroutine of the bubble run until it waits, and then what
// they asked of the window, until there is nothing left to do.
func (q *queue) settle() {
	for {
		synctest.Wait()
		q.mu.Lock()
		funcs := q.funcs
		q.funcs = nil
		q.mu.Unlock()
		if len(funcs) == 0 {
			return
		}
		for _, f := range funcs {
			f()
		}
	}
}

// open makes a window of the size that it has at first.
func open(t *testing.T, o Options) *Window {
	t.Helper()
	a := test.NewTempApp(t)
	w, err := New(t.Context(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	w.Show()
	w.win.Resize(size)
	return w
}

// texts collects all that can be read below an object.
func texts(o fyne.CanvasObject) []string {
	var out []string
	if !o.Visible() {
		return nil
	}
	switch o := o.(type) {
	case *widget.Label:
		return []string{o.Text}
	case *widget.Button:
		return []string{o.Text}
	case *widget.RichText:
		return []string{o.String()}
	case *fyne.Container:
		for _, c := range o.Objects {
			out = append(out, texts(c)...)
		}
	case *container.ThemeOverride:
		return texts(o.Content)
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			out = append(out, texts(c)...)
		}
	}
	return out
}

// seen tells whether a text stands in the window, dialogs included.
func (w *Window) seen(text string) bool {
	all := texts(w.win.Content())
	for _, o := range w.win.Canvas().Overlays().List() {
		all = append(all, texts(o)...)
	}
	for _, s := range all {
		if s == text {
			return true
		}
	}
	return false
}

// button finds a button by its text.
func (w *Window) button(t *testing.T, text string) *widget.Button {
	t.Helper()
	var found *widget.Button
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *widget.Button:
			if o.Text == text && o.Visible() {
				found = o
			}
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c)
			}
		}
	}
	walk(w.win.Content())
	for _, o := range w.win.Canvas().Overlays().List() {
		walk(o)
	}
	if found == nil {
		t.Fatalf("no button %q", text)
	}
	return found
}

// half is a run in the middle: each kind of row is there.
func half() *migration.Progress {
	p := migration.NewProgress(now)
	p.Of(migration.PhaseStarting).End(migration.PhaseDone)
	m := p.Of(migration.PhaseDatabase)
	m.Begin(false)
	m.Expect(60000, 0)
	m.Done(23411, 5<<20)
	m.Current("CRM7.contact")
	m = p.Of(migration.PhaseTemplates)
	m.Begin(false)
	m.Expect(40, 3<<20)
	m.Done(40, 3<<20)
	m.End(migration.PhaseDone)
	m = p.Of(migration.PhaseDocuments)
	m.Begin(false)
	m.Expect(3000, 84<<30/10)
	m.Done(392, 12<<30/10)
	m.Skip(20, 0)
	m.Current("documents/HH/2024.1/Angebot.docx")
	p.Of(migration.PhaseService).Begin(true)
	m = p.Of(migration.PhaseAttachments)
	m.Begin(false)
	m.Expect(50, 2048)
	m.Done(7, 1024)
	m.End(migration.PhaseStopped)
	return p
}

var (
	errTicket = migration.Fail("find ticket", "", migration.ErrNotFound, migration.Msg("ticket.none.help"))
	errReset  = migration.Fail("read table", "CRM7.contact", errors.New("connection reset by peer"), migration.Message{})
)
