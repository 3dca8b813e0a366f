package app

import (
	"context"
	"testing"
	"time"

	"omt/migration"
)

// openedWith is a target that knows an earlier run.
func openedWith(b migration.Begin) func(context.Context, string) (Target, error) {
	return func(context.Context, string) (Target, error) {
		t := sampleTarget()
		t.Earlier = Earlier{Begin: b, Mode: migration.ModeTest, Host: "OTHERPC"}
		return t, nil
	}
}

func atConfirm(t *testing.T, change func(*fakeHost)) (*fakeHost, *confirmView) {
	t.Helper()
	h := newFakeHost(t)
	h.f.draft, h.f.target, h.f.mode = nil, Target{}, ""
	if change != nil {
		change(h)
	}
	v := newConfirmView(h).(*confirmView)
	h.page(v)
	return h, v
}

func TestConfirmWantsEverything(t *testing.T) {
	h, v := atConfirm(t, nil)
	for _, step := range []struct {
		closed string
		mend   func()
	}{
		{"confirm.closed.folder", func() { v.folder.SetText(`D:\courier`) }},
		{"confirm.closed.terms", func() { v.accept.SetChecked(true) }},
		{"", func() { v.name.SetText("  ") }},
		{"confirm.fault.name", func() { v.name.SetText("Karl Klopp"); v.email.SetText("") }},
		{"confirm.fault.email", func() { v.email.SetText("karl@") }},
		{"confirm.fault.address", func() { v.email.SetText("karl@a.example"); v.phone.SetText("") }},
		{"confirm.fault.phone", func() { v.phone.SetText("call me") }},
		{"confirm.fault.number", func() { v.phone.SetText("+47 22 00 00 00") }},
		{"", func() {}},
	} {
		n := v.next()
		if n.closed.ID != step.closed || step.closed != "" && n.way == nil {
			t.Errorf("closed by %q, want %q; a way there: %v", n.closed.ID, step.closed, n.way != nil)
		}
		if step.closed != "" && step.closed[:13] == "confirm.fault" && !seen(h.win, say(n.closed)) {
			t.Errorf("%q does not stand beside its field", say(n.closed))
		}
		step.mend()
	}
	if len(h.g.called("OpenTarget")) != 0 {
		t.Error("the target was touched before Next")
	}
}

func TestConfirmWritesTheDraft(t *testing.T) {
	h, v := atConfirm(t, nil)
	v.folder.SetText(`D:\courier`)
	v.name.SetText("Åse Bjørk")
	v.email.SetText("ase@a.example")
	v.phone.SetText("22 00 00 00")
	v.language.SetSelected("norsk bokmål")
	v.mode.SetSelected("Live migration")
	v.accept.SetChecked(true)
	v.next().run()
	if len(h.visits) != 1 || h.visits[0] != placeChecklist || h.kept != 1 {
		t.Fatalf("visits %v, kept %d, errors %v", h.visits, h.kept, h.errs)
	}
	p := h.f.draft.Plan
	want := migration.Contact{Name: "Åse Bjørk", Email: "ase@a.example", Phone: "22 00 00 00"}
	if p.Contact != want || p.Language != "nb" || p.Mode != migration.ModeLive {
		t.Errorf("the plan has %+v, %q, %q", p.Contact, p.Language, p.Mode)
	}
	if p.Terms.URL != sampleTicket().TermsURL || p.Terms.Accepted != today.Format(time.RFC3339) {
		t.Errorf("the agreement is recorded as %+v", p.Terms)
	}
	// Back from the checklist nothing is opened or read a second time.
	v.entered()
	v.next().run()
	if len(h.g.called("OpenTarget")) != 1 || len(h.g.called("Draft")) != 1 {
		t.Errorf("opened %d times, read %d times", len(h.g.called("OpenTarget")), len(h.g.called("Draft")))
	}
}

func TestAgreementIsForOneMode(t *testing.T) {
	_, v := atConfirm(t, nil)
	v.accept.SetChecked(true)
	v.mode.SetSelected("Live migration")
	if v.accept.Checked {
		t.Error("what was agreed to for a test counts for a live migration")
	}
}

func TestOnlyWhatTheTicketAllows(t *testing.T) {
	h, v := atConfirm(t, func(h *fakeHost) { h.f.start.Ticket.Modes = []migration.Mode{migration.ModeLive} })
	if len(v.mode.Options) != 1 || h.f.mode != migration.ModeLive {
		t.Errorf("offered %q, chosen %q", v.mode.Options, h.f.mode)
	}
}

func TestCompanyThatChangedStops(t *testing.T) {
	h, v := atConfirm(t, nil)
	h.g.fail["OpenTarget"] = migration.Fail("open journal", "", migration.ErrCompanyChanged, migration.Message{})
	v.folder.SetText(`D:\courier`)
	v.accept.SetChecked(true)
	v.next().run()
	if len(h.errs) != 1 || len(h.visits) != 0 {
		t.Errorf("errors %v, visits %v", h.errs, h.visits)
	}
}

// Another computer has sent to this target: only the target knows.
func TestEarlierRunThatOnlyTheTargetKnows(t *testing.T) {
	for begin, want := range map[migration.Begin]place{
		migration.BeginResume: placeUpload, migration.BeginRecovery: placeRecovery,
	} {
		h, v := atConfirm(t, func(h *fakeHost) { h.g.openTargetFn = openedWith(begin) })
		v.folder.SetText(`D:\courier`)
		v.accept.SetChecked(true)
		v.next().run()
		if len(h.visits) != 1 || h.visits[0] != want || len(h.notices) != 1 || h.f.mode != migration.ModeTest {
			t.Errorf("%s leads to %v in mode %q, told %v", begin, h.visits, h.f.mode, h.notices)
		}
		if len(h.g.called("Draft")) != 0 || h.f.start.Earlier.Begin != begin {
			t.Errorf("%s: a new plan was made, or the earlier run forgotten", begin)
		}
	}
}

func TestAnAddressOfTheAgreementIsOpenedOnlyIfItIsAWebPage(t *testing.T) {
	_, v := atConfirm(t, func(h *fakeHost) { h.f.start.Ticket.TermsURL = "file:///etc/passwd" })
	if n := len(v.link.Objects); n != 1 {
		t.Errorf("%d objects, so there is a link", n)
	}
}

func TestChoicesOfTheLastStartAreRecalled(t *testing.T) {
	h, v := atConfirm(t, func(h *fakeHost) {
		h.f.start.Folder = `D:\courier`
		h.g.draftFn = func(_ context.Context, m migration.Mode) (*migration.Draft, []migration.Message, error) {
			d := sampleDraft()
			d.Plan.Contact = migration.Contact{Name: "Lise Moe", Email: "lise@a.example", Phone: "22 33 44 55"}
			d.Plan.Language = "de"
			return d, []migration.Message{migration.Msg("draft.mailboxes")}, nil
		}
	})
	if v.name.Text != "Lise Moe" || v.email.Text != "lise@a.example" || v.chosenLanguage() != "de" || !v.accept.Checked {
		t.Errorf("recalled %q, %q, %q, accepted %v", v.name.Text, v.email.Text, v.chosenLanguage(), v.accept.Checked)
	}
	v.next().run()
	if len(h.g.called("OpenTarget")) != 1 || len(h.g.called("Draft")) != 1 || len(h.visits) != 1 {
		t.Errorf("opened %v, read %v, visits %v", h.g.called("OpenTarget"), h.g.called("Draft"), h.visits)
	}
	if len(h.notices) != 1 || h.notices[0].messages[0].ID != "draft.mailboxes" {
		t.Errorf("what had to change is not told: %v", h.notices)
	}
}

// What the person typed while the last start was read is not overwritten.
func TestTypedContactStays(t *testing.T) {
	h, v := atConfirm(t, func(h *fakeHost) { h.f.start.Folder, h.hold = `D:\courier`, true })
	v.name.SetText("Typed Name")
	h.release(t.Context())
	if v.name.Text != "Typed Name" || h.f.draft == nil {
		t.Errorf("the name is %q, draft %v", v.name.Text, h.f.draft)
	}
}
