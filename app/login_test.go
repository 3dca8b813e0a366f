package app

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// atLogin shows Login before anything is connected.
func atLogin(t *testing.T, change func(*fakeHost)) (*fakeHost, *loginView) {
	t.Helper()
	h := newFakeHost(t)
	h.f.identity, h.f.person, h.f.target = migration.Identity{}, Person{}, Target{}
	if change != nil {
		change(h)
	}
	v := newLoginView(h).(*loginView)
	h.page(v)
	return h, v
}

// fill types user and password and presses Login.
func (v *loginView) fill(t *testing.T) {
	t.Helper()
	v.user.SetText("KK")
	v.password.SetText("s3cret")
	n := v.next()
	if !n.closed.IsZero() {
		t.Fatalf("Login is closed: %s", say(n.closed))
	}
	n.run()
}

func TestLoginConnectsByItselfAndLeadsOn(t *testing.T) {
	h, v := atLogin(t, nil)
	if !seen(h.win, migration.DemoCompany) || len(h.g.called("Connect")) != 1 {
		t.Fatalf("not connected: %q", allTexts(h.win))
	}
	if n := v.next(); n.closed.ID != "login.closed.user" || n.way == nil {
		t.Errorf("closed by %q", n.closed.ID)
	}
	v.fill(t)
	if got := h.g.called("Login")[0][0]; got != (SignIn{User: "KK", Password: "s3cret"}) {
		t.Errorf("signed in with %+v", got)
	}
	if len(h.visits) != 1 || h.visits[0] != placeConfirm || h.f.person.FullName != "Karl Klopp" {
		t.Errorf("leads to %v as %q", h.visits, h.f.person.FullName)
	}
	if v.password.Text != "" {
		t.Error("the password stays in its field")
	}
}

func TestWrongPasswordStaysOnThePage(t *testing.T) {
	h, v := atLogin(t, nil)
	h.g.fail["Login"] = migration.Fail("sign in", "KK", migration.ErrBadCredentials, migration.Message{})
	v.fill(t)
	if len(h.errs) != 1 || len(h.visits) != 0 || v.password.Text != "" || v.user.Text != "KK" {
		t.Errorf("errors %v, visits %v, fields %q %q", h.errs, h.visits, v.user.Text, v.password.Text)
	}
	if h.win.Canvas().Focused() != v.password {
		t.Error("the password has not the focus")
	}
}

func TestUnknownCertificateAsksFirst(t *testing.T) {
	fingerprint := strings.Repeat("ab", 32)
	h, v := atLogin(t, func(h *fakeHost) {
		h.g.fail["Connect"] = &CertificateQuestion{Server: "crmserver", Subject: "CN=self", Fingerprint: fingerprint, Err: errSample}
	})
	if !seen(h.win, strings.Repeat("ABAB ", 7)+"ABAB\n"+strings.Repeat("ABAB ", 7)+"ABAB") {
		t.Fatalf("the fingerprint is not shown in groups: %q", allTexts(h.win))
	}
	press(t, h.win, "Cancel")
	if n := len(h.g.called("Connect")); n != 1 {
		t.Fatalf("connected %d times although it was refused", n)
	}
	v.connect()
	delete(h.g.fail, "Connect")
	press(t, h.win, "It is the right one")
	calls := h.g.called("Connect")
	if got := calls[len(calls)-1][1].(Access).Trust; got != fingerprint || h.f.identity.Company == "" {
		t.Errorf("trusted %q, connected to %q", got, h.f.identity.Company)
	}
}

func TestOldEncryptionAsksFirst(t *testing.T) {
	h, v := atLogin(t, func(h *fakeHost) {
		h.g.fail["Connect"] = &OldTLSQuestion{Server: "crmserver", Err: errSample}
	})
	if !seen(h.win, "Outdated encryption") || len(h.errs) != 0 {
		t.Fatalf("no question: %q, %v", allTexts(h.win), h.errs)
	}
	press(t, h.win, "Cancel")
	if n := len(h.g.called("Connect")); n != 1 {
		t.Fatalf("connected %d times although it was refused", n)
	}
	v.known.Trust = "ab12"
	v.connect()
	delete(h.g.fail, "Connect")
	press(t, h.win, "Connect all the same")
	calls := h.g.called("Connect")
	if got := calls[len(calls)-1][1].(Access); !got.OldTLS || got.Trust != "ab12" || h.f.identity.Company == "" {
		t.Errorf("connected with %+v to %q", got, h.f.identity.Company)
	}
}

func TestPasswordOverHTTPAsksFirst(t *testing.T) {
	h, v := atLogin(t, nil)
	h.g.fail["Login"] = &PlainQuestion{Address: "http://crm", Err: errSample}
	v.fill(t)
	if len(h.errs) != 0 || !seen(h.win, "Send the password unprotected?") {
		t.Fatalf("no question: %v", h.errs)
	}
	delete(h.g.fail, "Login")
	press(t, h.win, "Send it anyway")
	if got := h.g.called("Login")[1][0]; got != (SignIn{User: "KK", Password: "s3cret", AllowPlain: true}) {
		t.Errorf("signed in with %+v", got)
	}
}

func TestIdentityIsAssertedOnlyAfterAConfirmation(t *testing.T) {
	h, v := atLogin(t, nil)
	h.g.fail["Login"] = migration.Fail("sign in", "KK", migration.ErrNoNetServer, migration.Message{})
	v.fill(t)
	press(t, h.win, "Cancel")
	if len(h.visits) != 0 || len(h.g.called("Login")) != 1 {
		t.Fatalf("refused, yet it went on to %v", h.visits)
	}
	v.fill(t)
	delete(h.g.fail, "Login")
	press(t, h.win, "Go on without proof")
	if got := h.g.called("Login")[2][0].(SignIn); !got.Assert || len(h.visits) != 1 {
		t.Errorf("signed in with %+v, visits %v", got, h.visits)
	}
}

func TestDatabasePasswordIsAskedForAndForgotten(t *testing.T) {
	h, v := atLogin(t, func(h *fakeHost) { h.f.location.HasPassword = false })
	if len(h.g.called("Connect")) != 0 {
		t.Fatal("connected without a password")
	}
	if n := v.next(); n.closed.ID != "login.closed.database" {
		t.Errorf("closed by %q", n.closed.ID)
	}
	test.Type(v.database, "dbs3cret")
	press(t, h.win, "Connect")
	if got := h.g.called("Connect")[0][1].(Access).Password; got != "dbs3cret" || v.database.Text != "" {
		t.Errorf("connected with %q; the field holds %q", got, v.database.Text)
	}
}

func TestPasswordsAreForgottenWhenThePageIsLeft(t *testing.T) {
	_, v := atLogin(t, nil)
	v.password.SetText("s3cret")
	v.database.SetText("dbs3cret")
	v.left()
	if v.password.Text != "" || v.database.Text != "" {
		t.Error("a password stays in its field")
	}
}

func TestAResumeGoesStraightToTheUpload(t *testing.T) {
	for name, set := range map[string]func(*flow){
		"resume":   func(f *flow) { f.start.Earlier.Begin = migration.BeginResume },
		"recovery": func(f *flow) { f.start.Earlier.Begin, f.recovery = migration.BeginRecovery, migration.RecoverMissing },
	} {
		h, v := atLogin(t, func(h *fakeHost) {
			set(h.f)
			h.f.start.Folder = `D:\courier`
			h.g.openTargetFn = nil
			begin := h.f.start.Earlier.Begin
			h.g.openTargetFn = openedWith(begin)
		})
		v.fill(t)
		if calls := h.g.called("OpenTarget"); len(calls) != 1 || calls[0][0] != `D:\courier` {
			t.Errorf("%s: opened %v", name, calls)
		}
		if len(h.visits) != 1 || h.visits[0] != placeUpload {
			t.Errorf("%s leads to %v", name, h.visits)
		}
	}
}

func TestAReplacedTestIsConfirmedAnew(t *testing.T) {
	h, v := atLogin(t, func(h *fakeHost) {
		h.f.start.Earlier.Begin, h.f.recovery = migration.BeginRecovery, migration.RecoverOverwrite
	})
	v.fill(t)
	if len(h.visits) != 1 || h.visits[0] != placeConfirm {
		t.Errorf("leads to %v", h.visits)
	}
}

// TestLoginNeedsAPlaceToConnectTo: where no installation was found the way leads to
// the dialog in which it is named.
func TestLoginNeedsAPlaceToConnectTo(t *testing.T) {
	h, v := atLogin(t, func(h *fakeHost) { h.f.location = migration.Location{} })
	n := v.next()
	if n.closed.ID != "login.closed.location" || len(h.g.called("Connect")) != 0 {
		t.Fatalf("closed by %q, connected %d times", n.closed.ID, len(h.g.called("Connect")))
	}
	n.way()
	if !seen(h.win, say(migration.Msg("locate.title"))) {
		t.Errorf("the way shows %q", allTexts(h.win))
	}
}
