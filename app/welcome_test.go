package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"omt/migration"
)

func TestWelcomeLeadsToWhereTheMigrationStands(t *testing.T) {
	for begin, want := range map[migration.Begin]place{
		migration.BeginInitial: placeLogin, migration.BeginResume: placeLogin, migration.BeginRecovery: placeRecovery,
	} {
		h := newFakeHost(t)
		h.f = &flow{}
		h.g.openFn = startWith(func(s *Start) { s.Earlier = Earlier{Begin: begin, Mode: migration.ModeLive} }, nil)
		v := newWelcomeView(h)
		h.page(v)
		n := v.next()
		if n.run == nil || !n.closed.IsZero() {
			t.Fatalf("%s: Next is closed: %v", begin, n.closed)
		}
		n.run()
		if len(h.visits) != 1 || h.visits[0] != want {
			t.Errorf("%s leads to %v, want %s", begin, h.visits, want)
		}
	}
}

func TestWelcomeStaysClosedWithoutAUsableTicket(t *testing.T) {
	expired := migration.Fail("open ticket", "t-1", migration.ErrExpired, migration.Message{})
	tampered := migration.Fail("open ticket", "", errSample, migration.Msg("hint.ticket.signature"))
	for name, c := range map[string]struct {
		err    error
		ticket bool
		closed string
	}{
		"none":     {migration.Fail("find ticket", "", migration.ErrNotFound, migration.Message{}), false, "closed.noticket"},
		"several":  {migration.Fail("find ticket", "", errSample, migration.Msg("hint.ticket.several", "Count", 2)), false, "closed.noticket"},
		"tampered": {tampered, false, "closed.noticket"},
		"expired":  {expired, true, "closed.expired"},
		"not yet":  {migration.Fail("open ticket", "", errSample, migration.Msg("hint.ticket.not-yet", "From", "2026-04-01")), true, "closed.ticket"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFakeHost(t)
			h.f = &flow{}
			h.g.openFn = startWith(func(s *Start) {
				if !c.ticket {
					s.Ticket = nil
				}
			}, c.err)
			v := newWelcomeView(h)
			h.page(v)
			n := v.next()
			if n.closed.ID != c.closed || n.way == nil {
				t.Errorf("closed by %q, a way there: %v; want %q", n.closed.ID, n.way != nil, c.closed)
			}
			if !seen(h.win, say(hint(c.err))) {
				t.Errorf("the page does not say %q", say(hint(c.err)))
			}
			if len(h.errs) != 0 {
				t.Errorf("the window shows it a second time: %v", h.errs)
			}
		})
	}
}

func TestTicketDroppedOnTheWindow(t *testing.T) {
	h := newFakeHost(t)
	v := newWelcomeView(h).(*welcomeView)
	h.page(v)
	first, second := storage.NewFileURI("/tickets/a.omt-ticket"), storage.NewFileURI("/tickets/b.omt-ticket")
	v.dropped(fyne.Position{}, []fyne.URI{first, second})
	if len(h.notices) != 1 || len(h.g.called("Open")) != 1 {
		t.Fatalf("two files: notices %v, opened %v", h.notices, h.g.called("Open"))
	}
	h.f.identity, h.f.person = sampleIdentity(), samplePerson()
	v.dropped(fyne.Position{}, []fyne.URI{first})
	calls := h.g.called("Open")
	if len(calls) != 2 || calls[1][0] != "/tickets/a.omt-ticket" {
		t.Errorf("opened %v", calls)
	}
	if h.f.person.UserName != "" || h.f.identity.Company != "" {
		t.Error("the sign-in of the ticket before is still valid")
	}
}

func TestWelcomeOpensTheTicketOnce(t *testing.T) {
	h := newFakeHost(t)
	v := newWelcomeView(h)
	h.page(v)
	v.left()
	v.entered()
	if n := len(h.g.called("Open")); n != 1 {
		t.Errorf("opened %d times", n)
	}
}
