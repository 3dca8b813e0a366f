package app

import (
	"strings"
	"testing"

	"omt/migration"
)

func TestPasswordsAreRememberedWhenTicked(t *testing.T) {
	h, v := atLogin(t, func(h *fakeHost) {
		h.f.location.HasPassword = false
		h.f.keptFor = keptAt(h.f.location)
	})
	v.database.SetText("dbs3cret")
	v.rememberDatabase.SetChecked(true)
	h.g.kept = Kept{Database: true, Trouble: migration.Msg("hint.keyring.long", "Limit", 2560)}
	press(t, h.win, "Connect")
	if got := h.g.called("Connect")[0][1].(Access); !got.Remember || got.Password != "dbs3cret" {
		t.Errorf("connected with %+v", got)
	}
	if len(h.notices) != 1 || h.notices[0].messages[0].ID != "hint.keyring.long" || v.rememberDatabase.Checked {
		t.Errorf("notices %v, ticked %v", h.notices, v.rememberDatabase.Checked)
	}
	v.rememberUser.SetChecked(true)
	v.fill(t)
	if got := h.g.called("Login")[0][0]; got != (SignIn{User: "KK", Password: "s3cret", Remember: true}) {
		t.Errorf("signed in with %+v", got)
	}
}

func TestRememberedPasswordsNeedNoTyping(t *testing.T) {
	h, v := atLogin(t, func(h *fakeHost) {
		h.f.location.HasPassword = false
		h.f.kept, h.f.keptFor = Kept{Database: true, User: "KK"}, keptAt(h.f.location)
	})
	if got := h.g.called("Connect"); len(got) != 1 || got[0][1] != (Access{}) {
		t.Fatalf("connected with %v", got)
	}
	if v.user.Text != "KK" || v.password.Text != "" || !strings.Contains(v.password.PlaceHolder, "Remembered") {
		t.Errorf("fields %q %q %q", v.user.Text, v.password.Text, v.password.PlaceHolder)
	}
	v.user.SetText("HH") // nobody keeps a password of hers
	if n := v.next(); n.closed.ID != "login.closed.password" {
		t.Errorf("closed by %q", n.closed.ID)
	}
	v.user.SetText("kk")
	n := v.next()
	if !n.closed.IsZero() {
		t.Fatalf("closed by %q", n.closed.ID)
	}
	n.run()
	if got := h.g.called("Login")[0][0]; got != (SignIn{User: "kk"}) {
		t.Errorf("signed in with %+v", got)
	}
	press(t, h.win, "Sign in as somebody else")
	press(t, h.win, "Remove remembered passwords")
	if h.f.kept.any() || len(h.g.called("Forget")) != 1 || v.password.PlaceHolder != "" || seen(h.win, "Remove remembered passwords") {
		t.Errorf("kept %+v, %q", h.f.kept, allTexts(h.win))
	}
}

// Another place than the one that was asked about is asked about first.
func TestKeyringIsAskedAboutAnotherPlace(t *testing.T) {
	h, v := atLogin(t, func(h *fakeHost) {
		h.f.location.HasPassword, h.f.location.Server = false, "other"
		h.g.kept = Kept{Closed: migration.Msg("keyring.none")}
	})
	if len(h.g.called("Kept")) != 1 || len(h.g.called("Connect")) != 0 {
		t.Errorf("asked %v, connected %v", h.g.called("Kept"), h.g.called("Connect"))
	}
	if !v.rememberUser.Disabled() || !seen(h.win, say(migration.Msg("keyring.none"))) {
		t.Errorf("nothing says why nothing is kept: %q", allTexts(h.win))
	}
}

func TestCompleteOffersToForget(t *testing.T) {
	h := newFakeHost(t)
	h.f.kept, h.f.result = Kept{User: "KK"}, sampleResult()
	h.page(newCompleteView(h))
	press(t, h.win, "Remove remembered passwords")
	if h.f.kept.any() || seen(h.win, "Remove remembered passwords") {
		t.Errorf("%+v, %q", h.f.kept, allTexts(h.win))
	}
}

// The ticket opens the container to whoever finds the file; it is deleted after
// a question, and the page says so.
func TestCompleteOffersToDeleteTheTicket(t *testing.T) {
	h := newFakeHost(t)
	h.f.kept, h.f.result = Kept{Proxy: true}, sampleResult()
	h.page(newCompleteView(h))
	const button = "Delete ticket file..."
	press(t, h.win, button)
	if len(h.g.called("DropTicket")) != 0 || !seen(h.win, h.f.start.Path) {
		t.Errorf("not asked: %q", allTexts(h.win))
	}
	press(t, h.win, "Delete")
	if got := h.g.called("DropTicket"); len(got) != 1 || got[0][0] != h.f.start.Path || seen(h.win, button) || !seen(h.win, "Remove remembered passwords") {
		t.Errorf("deleted %v, %q", got, allTexts(h.win))
	}
	h.f.start.Demo = &DemoHint{}
	if ticketButton(h, nil) != nil {
		t.Error("a demo's ticket is offered for deletion")
	}
}

func TestLocateAsksWhichInstallation(t *testing.T) {
	h := newFakeHost(t)
	d := showLocate(h, migration.Location{}, func() {})
	test := sampleLocation()
	test.Database = "SuperOfficeTest"
	h.g.fail["Detect"] = migration.Fail("detect", "", &SeveralInstallations{[]migration.Location{sampleLocation(), test}, errSample}, migration.Msg("hint.config.several", "Count", 2))
	press(t, h.win, "Detect installation")
	press(t, h.win, `Use SuperOfficeTest on crmserver\superoffice`)
	if got := d.location(); got.Database != "SuperOfficeTest" || got.ArchivePaths != test.ArchivePaths {
		t.Errorf("%+v", got)
	}
}
