package app

import (
	"errors"
	"fmt"
	"testing"

	"omt/migration"
)

func networkResults() []migration.CheckResult {
	step := migration.Msg("network.step.answer")
	return []migration.CheckResult{
		{Title: migration.Msg("network.title.target"), State: migration.CheckFailed,
			Found: migration.Msg("network.certificate", "Host", "customer.blob.core.windows.net", "Subject", "CN=customer.blob.core.windows.net", "Issuer", "CN=Company Inspection CA,O=Company"),
			Todo:  migration.Msg("network.certificate.todo", "Host", "customer.blob.core.windows.net", "Issuer", "CN=Company Inspection CA,O=Company"),
			Rows:  [][]migration.Cell{{{Message: &step}, {Text: "400 Bad\x1b Request"}}}},
		{Title: migration.Msg("network.title.database"), State: migration.CheckPassed, Found: migration.Msg("network.reached", "Address", "crm01:1433")},
		{Title: migration.Msg("network.title.netserver"), State: migration.CheckWarning,
			Found: migration.Msg("network.clock", "Here", "12:00", "There", "15:00"), Todo: migration.Msg("network.clock.todo")},
	}
}

func TestConnectionsAreTestedFromTheFirstPage(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		g.network = networkResults()
		press(t, w.win, "Test connections")
		q.settle()
		for _, words := range []string{"Container of the ticket", "crm01:1433 can be reached.", "Set the clock. Signatures and certificates are valid only at certain times.",
			say(networkResults()[0].Todo)} {
			if !seen(w.win, words) {
				t.Errorf("%q is not said: %q", words, allTexts(w.win))
			}
		}
		press(t, w.win, "Test again")
		q.settle()
		if n := len(g.called("TestNetwork")); n != 2 {
			t.Errorf("tested %d times", n)
		}
		press(t, w.win, "Close")
		g.fail["TestNetwork"] = migration.Fail("test connections", "", migration.ErrNotFound, migration.Msg("network.none"))
		press(t, w.win, "Test connections")
		q.settle()
		if !seen(w.win, say(migration.Msg("network.none"))) {
			t.Errorf("the error is not shown: %q", allTexts(w.win))
		}
	})
	if got := networkSteps(networkResults()[0]); got != "Answer: 400 Bad  Request" {
		t.Errorf("steps %q", got)
	}
}

func deniedSample() error {
	return migration.Fail("write to", `C:\config`, fmt.Errorf("%w: denied", migration.ErrNeedsAdministrator), migration.Msg("hint.freeze.config", "Path", `C:\config`))
}

// Where Windows refuses what an administrator may do, the way on is a button;
// elsewhere, and for other errors, there is none.
func TestRestartAsAdministratorIsOffered(t *testing.T) {
	denied := deniedSample()
	const button = "Restart as administrator"
	inWindow(t, func(t *testing.T, _ *fakeGuide, w *Window, q *queue) {
		w.showError(migration.Msg("doing.upload"), denied)
		if seen(w.win, button) {
			t.Error("offered where it cannot be done")
		}
		w.dropErrors()
		var tickets []string
		declined := errors.New("declined")
		w.opt.Elevate = func(ticket string) error { tickets = append(tickets, ticket); return declined }
		w.showError(migration.Msg("doing.upload"), errors.New("another"))
		if seen(w.win, button) {
			t.Error("offered for another error")
		}
		w.showError(migration.Msg("doing.upload"), denied)
		press(t, w.win, button)
		q.settle()
		if len(tickets) != 1 || tickets[0] != w.shared.start.Path || w.gone {
			t.Errorf("started with %q, closed %v", tickets, w.gone)
		}
		declined = nil
		w.showError(migration.Msg("doing.upload"), denied)
		press(t, w.win, button)
		q.settle()
		if !w.gone {
			t.Error("this start did not end for the other one")
		}
	})
}
