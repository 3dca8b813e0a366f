package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// consent is a box to tick with what ticking it means.
type consent struct {
	object *fyne.Container
	tick   *tick
}

func newConsent(k keys, short, meaning migration.Message, changed func(bool)) *consent {
	c := &consent{tick: newTick(k, say(short), changed)}
	words := wrapped(say(meaning))
	words.Importance = widget.LowImportance
	c.object = container.New(stacked{}, c.tick, container.New(layout.NewCustomPaddedLayout(0, 0, margin+4, 0), flush(words)))
	return c
}

// set ticks the box or takes the tick away, without telling anybody who knows.
func (c *consent) set(on bool) {
	if c.tick.Checked != on {
		c.tick.SetChecked(on)
	}
}
