package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"omt/migration"
)

// limits are the bandwidth limits to choose from, in bytes a second; 0 is none.
var limits = []int64{0, 250e3, 500e3, 1e6, 2e6, 5e6, 10e6, 20e6, 50e6, 100e6}

// limitSetting is where the computer remembers the limit: who limits the line of
// a customer does so again at the next start.
const limitSetting = "upload.limit"

// steering is the row below the progress: pause and continue, and the bandwidth
// limit. It keeps what was chosen, because the run that it steers is there only
// a moment after its start.
type steering struct {
	h      host
	object *fyne.Container
	pause  *pressable
	limit  *picker
	chosen int64
	paused bool
	run    *migration.Progress // that was told last
}

func newSteering(h host) *steering {
	s := &steering{h: h}
	s.pause = newPressable(h, "", s.turn)
	names := make([]string, len(limits))
	for i, l := range limits {
		names[i] = limitName(l)
	}
	s.limit = newPicker(h, names, nil)
	s.choose(int64(fyne.CurrentApp().Preferences().Int(limitSetting)))
	s.limit.OnChanged = func(string) {
		s.chosen = limits[max(s.limit.SelectedIndex(), 0)]
		fyne.CurrentApp().Preferences().SetInt(limitSetting, int(s.chosen))
		s.tell()
	}
	s.object = container.NewHBox(container.New(atLeast(buttonWidth), s.pause), layout.NewSpacer(), muted(say(migration.Msg("upload.limit"))), s.limit)
	s.draw()
	return s
}

func limitName(l int64) string {
	if l == 0 {
		return say(migration.Msg("upload.limit.none"))
	}
	return rateWords(l)
}

// choose selects a limit; one that is not among those to choose from is none.
func (s *steering) choose(l int64) {
	s.chosen = 0
	for i, known := range limits {
		if known == l {
			s.chosen = l
			s.limit.SetSelectedIndex(i)
			return
		}
	}
	s.limit.SetSelectedIndex(0)
}

// turn is the button: pause, or go on.
func (s *steering) turn() {
	s.paused = !s.paused
	s.tell()
	s.draw()
}

// reset is called before a run begins: it is not paused.
func (s *steering) reset() {
	s.paused, s.run = false, nil
	s.draw()
}

// follow tells a run what was chosen before it was there.
func (s *steering) follow(p *migration.Progress) {
	if s.run == p {
		return
	}
	s.run = p
	s.tell()
}

// tell hands what was chosen to the run. It neither waits nor reads.
func (s *steering) tell() {
	if s.run == nil {
		return
	}
	c := s.run.Control()
	c.SetLimit(s.chosen)
	if s.paused {
		c.Pause()
		return
	}
	c.Continue()
}

func (s *steering) draw() {
	label := migration.Msg("button.pause")
	if s.paused {
		label = migration.Msg("button.continue")
	}
	s.pause.SetText(say(label))
}
