package app

import (
	"os"
	"slices"
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

func TestMain(m *testing.M) {
	// The window speaks the language of the computer, the tests read English.
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if err := os.Setenv(name, "en_US.UTF-8"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

// today is the clock of all tests.
var today = time.Date(2026, 3, 14, 21, 30, 0, 0, time.UTC)

func now() time.Time { return today }

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

// common is the app of all windows of a test that opens hundreds; nil elsewhere.
var common fyne.App

// inOneApp is for such tests. Each app, and each theme, reads fyne's fonts anew,
// and what shapes the letters never lets go of a font: 5 MB a window.
func inOneApp(t *testing.T) {
	t.Helper()
	common = test.NewTempApp(t)
	t.Cleanup(func() { common = nil })
}

// open makes a window of the size that it has at first, with everything that
// its goroutines ask of it in the queue. It must run inside a bubble of
// synthetic time.
func open(t *testing.T, g Guide, set ...func(*Options)) (*Window, *queue) {
	t.Helper()
	a := common
	if a == nil {
		a = test.NewTempApp(t)
	}
	o := Options{Guide: g, Now: now, Appearance: AppearanceLight}
	for _, s := range set {
		s(&o)
	}
	w, err := New(t.Context(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	q := &queue{}
	w.do = q.add
	w.Show()
	w.win.Resize(size)
	q.settle()
	return w, q
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
	case *paragraph:
		return []string{o.Text}
	case *widget.Button:
		return []string{o.Text}
	case *pressable:
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

// seen tells whether a text stands in a window, dialogs included.
func seen(w fyne.Window, text string) bool {
	return slices.Contains(allTexts(w), text)
}

func allTexts(w fyne.Window) []string {
	all := texts(w.Content())
	for _, o := range w.Canvas().Overlays().List() {
		all = append(all, texts(o)...)
	}
	return all
}

// each calls f for everything that can be seen in a window, dialogs included.
func each(w fyne.Window, f func(fyne.CanvasObject)) {
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if !o.Visible() {
			return
		}
		f(o)
		switch o := o.(type) {
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
	walk(w.Content())
	for _, o := range w.Canvas().Overlays().List() {
		walk(o)
	}
}

// press taps the button of that text, the one in front if there are several.
func press(t *testing.T, w fyne.Window, text string) {
	t.Helper()
	var found fyne.Tappable
	each(w, func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *widget.Button:
			if o.Text == text && !o.Disabled() {
				found = o
			}
		case *pressable:
			if o.Text == text && !o.Disabled() {
				found = o
			}
		}
	})
	if found == nil {
		t.Fatalf("no open button %q among %q", text, allTexts(w))
	}
	test.Tap(found)
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

// drawn leaves a test that only builds and draws pages to the run without race
// detector.
func drawn(t *testing.T) {
	t.Helper()
	if underRace {
		t.Skip("pages are drawn by one goroutine: looked at without the race detector")
	}
}
