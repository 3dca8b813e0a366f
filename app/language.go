package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"omt/assets"
	"omt/migration"
)

// newLanguagePicker offers the languages of the catalogue, each by its own name,
// for whoever does not read the one that the window speaks.
func newLanguagePicker(h host) *picker {
	all := assets.All()
	names := make([]string, len(all))
	at := 0
	for i, c := range all {
		names[i] = c.Name()
		if c == assets.Spoken() {
			at = i
		}
	}
	p := newPicker(h, names, nil)
	p.SetSelectedIndex(at)
	p.OnChanged = func(string) {
		if i := p.SelectedIndex(); i >= 0 && i != at && !h.speak(all[i]) {
			p.SetSelectedIndex(at)
		}
	}
	return p
}

// languageCorner puts the picker at the right of the title of a page.
func languageCorner(p *picker) fyne.CanvasObject {
	return container.NewVBox(container.New(layout.NewCustomPaddedLayout(headingTop, 0, 0, labelPad), p))
}

// speak builds the window and its pages anew in another language and remembers
// it on this computer. Whoever is on the way keeps where they are and what they
// have typed; while something is under way, which the pages show, it stays.
func (w *Window) speak(c *assets.Catalog) bool {
	if w.tasks.busy() != nil || w.tasks.behind() != nil {
		w.notify(noticeInfo, migration.Msg("welcome.language.later"))
		return false
	}
	if err := speakLanguage(c); err != nil {
		w.notify(noticeError, migration.Msg("error.unknown"))
		fyne.LogError("speak "+c.Language(), err)
		return false
	}
	fyne.CurrentApp().Preferences().SetString(languageSetting, c.Language())
	w.build()
	// What cannot be asked for anew is carried over; everything else a page draws
	// from the flow when it is entered.
	for _, p := range w.pages {
		again := func() {}
		if t, ok := p.view.(typed); ok {
			again = t.typed()
		}
		p.content = p.view.build()
		again()
	}
	w.greet()
	if p, ok := w.pages[placeWelcome].view.(*welcomeView); ok {
		w.win.Canvas().Focus(p.language)
	}
	return true
}
