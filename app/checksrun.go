package app

import (
	"context"
	"errors"
	"slices"
	"sync"

	"fyne.io/fyne/v2"

	"omt/migration"
)

// checkRun is the state of the checks while they are carried out. It lies in
// the flow because two pages show it, and the work goes on when one is left.
type checkRun struct {
	running bool
	begun   bool                    // they were started once; not again by themselves
	wanted  []migration.CheckID     // what this run carries out
	found   []migration.CheckResult // what it has found so far
	redraw  func()                  // of the page that is in front; may be nil
}

func (c *checkRun) draw() {
	if c.redraw != nil {
		c.redraw()
	}
}

// current is the check that is being carried out; empty if none is.
func (c *checkRun) current() migration.CheckID {
	if c.running && len(c.found) < len(c.wanted) {
		return c.wanted[len(c.found)]
	}
	return ""
}

// runChecks carries out the checks, or those of only, in the background. Each
// result is shown as it ends.
func runChecks(h host, do func(func()), only ...migration.CheckID) {
	f, g := h.flow(), h.guide()
	c := &f.checking
	if c.running {
		return
	}
	c.running, c.begun, c.found, c.wanted = true, true, nil, only
	if len(only) == 0 {
		c.wanted = migration.CheckIDs()
	}
	c.draw()
	h.changed()
	end := func() {
		c.running, c.found = false, nil
		c.draw()
		h.changed()
	}
	// Many checks end at once, and drawing them is slower: what has come meanwhile
	// is drawn together, or the window would not answer before it has caught up.
	var mu sync.Mutex
	var came []migration.CheckResult
	show := func() {
		mu.Lock()
		c.found, came = append(c.found, came...), nil
		mu.Unlock()
		c.draw()
	}
	h.quietly(migration.Msg("doing.checks"), func(ctx context.Context) (func(), error) {
		r, err := g.Check(ctx, func(one migration.CheckResult) {
			mu.Lock()
			came = append(came, one)
			first := len(came) == 1
			mu.Unlock()
			if first {
				do(show)
			}
		}, only...)
		if err != nil {
			return nil, err
		}
		return func() { f.checked(r, len(only) > 0); end() }, nil
	}, func(err error) bool {
		end()
		return errors.Is(err, context.Canceled)
	})
}

// checked takes in what was found. An acknowledgement holds for the warnings
// that were seen: others ask for a new one.
func (f *flow) checked(r *migration.CheckReport, some bool) {
	before := f.warnings()
	if some && f.checks != nil {
		f.checks.Replace(r)
	} else {
		f.checks = r
	}
	f.accepted = f.accepted && slices.Equal(before, f.warnings())
}

// warnings are the outcomes that an acknowledgement covers.
func (f *flow) warnings() []migration.CheckOutcome {
	var out []migration.CheckOutcome
	if f.checks == nil {
		return nil
	}
	for _, c := range f.checks.Checks {
		if c.State == migration.CheckWarning {
			out = append(out, migration.CheckOutcome{ID: c.ID, State: c.State, Total: c.Total})
		}
	}
	return out
}

// shownCheck is a check with its newest result, or without one yet.
type shownCheck struct {
	id      migration.CheckID
	result  *migration.CheckResult
	running bool // is being carried out
	queued  bool // will be by this run
}

// shownChecks lists what the pages show: all checks of the report, or all that
// there are before the first one has ended.
func (f *flow) shownChecks() []shownCheck {
	var out []shownCheck
	if f.checks != nil {
		for i, c := range f.checks.Checks {
			out = append(out, shownCheck{id: c.ID, result: &f.checks.Checks[i]})
		}
	} else {
		for _, id := range migration.CheckIDs() {
			out = append(out, shownCheck{id: id})
		}
	}
	c := &f.checking
	if !c.running {
		return out
	}
	for i := range out {
		s := &out[i]
		s.running = s.id == c.current()
		s.queued = !s.running && slices.Contains(c.wanted, s.id)
		for j := range c.found {
			if c.found[j].ID == s.id {
				s.result, s.running, s.queued = &c.found[j], false, false
			}
		}
	}
	return out
}

// mark is the sign of a check and the word for its state.
func (s shownCheck) mark() (fyne.Resource, migration.Message) {
	switch {
	case s.running:
		return sign("running"), migration.Msg("checks.state.running")
	case s.queued:
		return sign("waiting"), migration.Msg("checks.state.queued")
	case s.result == nil:
		return sign("waiting"), migration.Msg("checks.state.waiting")
	}
	return checkSign(s.result.State), migration.Msg("checks.state." + string(s.result.State))
}

// settled tells whether there is a result that no run is about to replace.
func (s shownCheck) settled() bool { return s.result != nil && !s.running && !s.queued }

func checkSign(s migration.CheckState) fyne.Resource {
	switch s {
	case migration.CheckPassed:
		return sign("check")
	case migration.CheckWarning:
		return sign("warning")
	}
	return sign("cross")
}

// closedByChecks says why nothing can be sent yet as far as the checks go.
func (f *flow) closedByChecks() migration.Message {
	switch {
	case f.checking.running:
		return migration.Msg("checks.closed.running")
	case f.checks == nil:
		return migration.Msg("checks.closed.none")
	case f.checks.Count(migration.CheckFailed) > 0:
		return migration.Msg("checks.closed.failed", "Count", f.checks.Count(migration.CheckFailed))
	case f.checks.Count(migration.CheckWarning) > 0 && !f.accepted:
		return migration.Msg("checks.closed.warnings", "Count", f.checks.Count(migration.CheckWarning))
	}
	return migration.Message{}
}
