package app

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"omt/migration"
)

// limits are the bandwidth limits to choose from, in bytes a second; 0 is none.
var limits = []int64{0, 250e3, 500e3, 1e6, 2e6, 5e6, 10e6, 20e6, 50e6, 100e6}

// limitSetting is where the computer remembers what was typed: who limits the line
// of a customer does so again at the next start.
const limitSetting = "upload.line"

// steering is the row below the progress: pause and continue, and the bandwidth
// limit. It keeps what was chosen, because the run that it steers is there only
// a moment after its start.
type steering struct {
	h       host
	object  *fyne.Container
	pause   *pressable
	turning fyne.CanvasObject // the button with the space around it
	limit   *choiceField
	wrong   *fault
	chosen  lineRule
	paused  bool
	run     *migration.Progress // that was told last
}

// lineRule is one of a limit in bytes a second, 0 for none, and a timetable.
type lineRule struct {
	limit int64
	table migration.Timetable
}

func newSteering(h host) *steering {
	s := &steering{h: h, wrong: newFault()}
	s.pause = newPressable(h, "", s.turn)
	s.limit = newChoiceField(h, migration.Msg("upload.limit.typed"), nil)
	names := make([]string, len(limits))
	for i, l := range limits {
		names[i] = limitName(l)
	}
	s.limit.SetOptions(names)
	s.remembered()
	s.limit.OnChanged = s.typed
	s.turning = inset(labelPad, container.New(atLeast(buttonWidth), s.pause)) // a label keeps that space itself
	row := framed(nil, nil, container.NewHBox(s.turning, muted(say(migration.Msg("upload.limit")))), nil, s.limit)
	s.object = container.New(layout.NewCustomPaddedLayout(0, 0, 0, labelPad), container.NewVBox(row, inset(labelPad, s.wrong.object)))
	s.draw()
	return s
}

func limitName(l int64) string {
	if l == 0 {
		return say(migration.Msg("upload.limit.none"))
	}
	return rateWords(l)
}

// parseRule reads what can be chosen and what can be typed: a limit as the flag
// --limit has it, or a timetable, which is told by its times.
func parseRule(text string) (lineRule, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return lineRule{}, nil
	}
	for _, l := range limits {
		if text == limitName(l) {
			return lineRule{limit: l}, nil
		}
	}
	if strings.Contains(text, ":") {
		t, err := migration.ParseTimetable(figures().TimetableRead(text))
		if h := migration.HintOf(err); h.Args["Entry"] != nil {
			// What is wrong is told as it was typed.
			err = migration.Fail("read timetable", text, err, migration.Msg(h.ID, "Entry", figures().TimetableShown(fmt.Sprint(h.Args["Entry"]))))
		}
		return lineRule{table: t}, err
	}
	n, err := migration.ParseLimit(figures().TimetableRead(text))
	if err == nil && n == migration.LimitNothing {
		err = migration.Fail("read limit", text, errors.ErrUnsupported, migration.Msg("upload.limit.nothing"))
	}
	return lineRule{limit: n}, err
}

// remembered takes what was typed at an earlier start. What is no rule any more is
// none: nobody should find the page with an error that nobody has made.
func (s *steering) remembered() {
	text := fyne.CurrentApp().Preferences().String(limitSetting)
	rule, err := parseRule(text)
	if err != nil {
		rule = lineRule{}
	}
	switch {
	case rule.table != nil:
		text = figures().TimetableShown(text)
	case slices.Contains(limits, rule.limit):
		text = limitName(rule.limit)
	}
	s.chosen = rule
	s.limit.SetText(text)
}

// typed takes a rule as soon as it is one. Until then that of before holds, and
// the page says what is wrong.
func (s *steering) typed(text string) {
	rule, err := parseRule(text)
	if err != nil {
		s.wrong.show(hint(err))
		s.object.Refresh()
		return
	}
	s.wrong.show(migration.Message{})
	s.object.Refresh()
	s.chosen = rule
	// The next start may speak another language, and name limits and days in it.
	switch {
	case rule.table != nil:
		text = figures().TimetableRead(text)
	case rule.limit > 0:
		text = strconv.FormatInt(rule.limit, 10)
	default:
		text = ""
	}
	fyne.CurrentApp().Preferences().SetString(limitSetting, text)
	s.tell()
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
	if s.chosen.table != nil {
		c.SetTimetable(s.chosen.table)
	} else {
		c.SetLimit(s.chosen.limit)
	}
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
