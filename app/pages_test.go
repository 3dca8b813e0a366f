package app

import (
	"context"
	"strings"
	"testing"

	"omt/migration"
)

// longCompany is as long as names of companies really get.
const longCompany = "Donaudampfschifffahrtsgesellschaftskapitän AS"

// longPath is as long as paths to archives get on file servers.
var longPath = `\\fileserver01.corporate.example\departments\` + strings.Repeat(`customer-relationship-management\`, 4) + "so_arc"

// pageCase is a page in one state, reached as a person reaches it.
type pageCase struct {
	name  string
	guide func(*fakeGuide)
	then  func(t *testing.T, w *Window, q *queue)
}

// pageCases are the states of the frame and of the pages that belong to it.
func pageCases() []pageCase {
	start := func(change func(*Start)) func(*fakeGuide) {
		return func(g *fakeGuide) { g.openFn = startWith(change, nil) }
	}
	return []pageCase{
		{"welcome", nil, nil},
		{"welcome-busy", func(g *fakeGuide) { g.block["Open"] = make(chan struct{}) }, nil},
		{"welcome-no-ticket", func(g *fakeGuide) {
			g.fail["Open"] = migration.Fail("find ticket", "", migration.ErrNotFound, migration.Msg("hint.ticket.beside"))
		}, nil},
		{"welcome-expired", func(g *fakeGuide) {
			g.openFn = startWith(nil, migration.Fail("open ticket", "t-1", migration.ErrExpired, migration.Msg("hint.ticket.expired", "Until", "2026-03-01 00:00 UTC")))
		}, nil},
		{"welcome-long", start(func(s *Start) {
			s.Ticket.Company, s.Ticket.Demo = longCompany, true
			s.Path = longPath + `\ticket.omt-ticket`
			s.Location.ArchivePaths[0] = longPath
			s.Location.Found = []migration.LocationOrigin{{Field: "server", File: longPath + `\SuperOffice.ini`}}
		}), nil},
		{"welcome-not-found", start(func(s *Start) { s.Location, s.Located = migration.Location{}, false }), nil},
		{"welcome-resume", start(func(s *Start) {
			s.Earlier = Earlier{Begin: migration.BeginResume, Mode: migration.ModeLive, Started: today, Host: "CRMSERVER"}
		}), nil},
		{"welcome-recovery", start(func(s *Start) {
			s.Earlier = Earlier{Begin: migration.BeginRecovery, Mode: migration.ModeTest, Ended: today, Host: "CRMSERVER"}
		}), nil},
		{"welcome-frozen", start(func(s *Start) { s.Frozen = frozenState() }), nil},
		{"welcome-help", nil, func(_ *testing.T, w *Window, _ *queue) { w.help() }},
		{"login", nil, func(t *testing.T, w *Window, q *queue) { toLogin(t, w, q) }},
		{"login-remembered", start(func(s *Start) {
			s.Location.HasPassword = false
			s.Kept = Kept{Database: true, User: "KK"}
		}), func(t *testing.T, w *Window, q *queue) { toLogin(t, w, q) }},
		{"login-no-keyring", start(func(s *Start) {
			s.Location.HasPassword = false
			s.Kept = Kept{Closed: migration.Msg("keyring.none")}
		}), func(t *testing.T, w *Window, q *queue) { toLogin(t, w, q) }},
		{"welcome-several", start(several), nil},
		{"locate-several", start(several), func(t *testing.T, w *Window, q *queue) {
			press(t, w.win, say(migration.Msg("button.choose.installation")))
			q.settle()
		}},
		{"welcome-network", func(g *fakeGuide) { g.network = networkResults() }, func(t *testing.T, w *Window, q *queue) {
			press(t, w.win, say(migration.Msg("button.network")))
			q.settle()
		}},
		{"welcome-proxy", func(g *fakeGuide) { g.network = proxyAsks() }, func(t *testing.T, w *Window, q *queue) {
			press(t, w.win, say(migration.Msg("button.network")))
			q.settle()
		}},
		{"welcome-proxy-refused", func(g *fakeGuide) {
			g.network, g.kept = proxyAsks(), Kept{Closed: migration.Msg("keyring.none")}
		}, func(t *testing.T, w *Window, q *queue) {
			press(t, w.win, say(migration.Msg("button.network")))
			q.settle()
			user, password := proxyFields(w)
			user.SetText(`FJORDLYS\karl.klopp`)
			password.SetText("wrong")
			password.OnSubmitted("")
			q.settle()
		}},
		{"welcome-proxy-error", nil, func(_ *testing.T, w *Window, _ *queue) {
			w.showError(migration.Msg("doing.upload"), proxyFailure())
		}},
		{"welcome-elevate", nil, func(_ *testing.T, w *Window, _ *queue) {
			w.opt.Elevate = func(string) error { return nil }
			w.showError(migration.Msg("doing.upload"), deniedSample())
		}},
		{"login-filled", nil, func(t *testing.T, w *Window, q *queue) { signIn(t, w, q, false) }},
		{"login-wrong", func(g *fakeGuide) {
			g.fail["Login"] = migration.Fail("sign in", "KK", migration.ErrBadCredentials, migration.Msg("error.credentials"))
		}, func(t *testing.T, w *Window, q *queue) { signIn(t, w, q, true) }},
		{"login-certificate", func(g *fakeGuide) {
			g.fail["Connect"] = &CertificateQuestion{Server: `crmserver\superoffice`, Subject: "CN=SSL_Self_Signed_Fallback",
				Fingerprint: strings.Repeat("0A1B2C3D", 8), Err: errSample}
		}, func(t *testing.T, w *Window, q *queue) { toLogin(t, w, q) }},
		{"login-oldtls", func(g *fakeGuide) {
			g.fail["Connect"] = &OldTLSQuestion{Server: `crmserver\superoffice`, Err: errSample}
		}, func(t *testing.T, w *Window, q *queue) { toLogin(t, w, q) }},
		{"login-plain", func(g *fakeGuide) {
			g.fail["Login"] = &PlainQuestion{Address: "http://crm.fjordlys.example/superoffice", Err: errSample}
		}, func(t *testing.T, w *Window, q *queue) { signIn(t, w, q, true) }},
		{"login-asserted", func(g *fakeGuide) {
			g.fail["Login"] = migration.Fail("sign in", "KK", migration.ErrNoNetServer, migration.Msg("error.netserver"))
		}, func(t *testing.T, w *Window, q *queue) { signIn(t, w, q, true) }},
		{"login-long", start(func(s *Start) {
			s.Ticket.Company = longCompany
			s.Location.Server, s.Location.NetServer, s.Location.HasPassword = strings.Repeat("database-server.", 5)+"example", "https://"+strings.Repeat("customer-relationship.", 4)+"example/superoffice", false
		}), func(t *testing.T, w *Window, q *queue) { toLogin(t, w, q) }},
		{"locate", nil, func(t *testing.T, w *Window, q *queue) {
			toLogin(t, w, q)
			press(t, w.win, say(migration.Msg("button.change")))
		}},
		{"locate-tested", nil, func(t *testing.T, w *Window, q *queue) {
			toLogin(t, w, q)
			press(t, w.win, say(migration.Msg("button.change")))
			press(t, w.win, say(migration.Msg("button.test")))
			q.settle()
		}},
		{"confirm", nil, func(t *testing.T, w *Window, q *queue) { toConfirm(t, w, q) }},
		{"confirm-live-long", start(func(s *Start) { s.Ticket.Company, s.Folder = longCompany, longPath }),
			func(t *testing.T, w *Window, q *queue) {
				toConfirm(t, w, q)
				confirmPage(w).mode.SetSelected(say(migration.Msg("mode.live")))
				confirmPage(w).name.SetText("")
				confirmPage(w).email.SetText("karl")
				confirmPage(w).phone.SetText("none")
			}},
		{"confirm-container", start(func(s *Start) {
			s.Ticket.Target.Kind, s.Target = "azureblob", "container cust12345 at omtdata.blob.core.windows.net"
			s.Ticket.Modes = []migration.Mode{migration.ModeTest}
		}), func(t *testing.T, w *Window, q *queue) { toConfirm(t, w, q) }},
	}
}

// several finds two installations, one with long names.
func several(s *Start) {
	test := sampleLocation()
	test.Database, test.ArchivePaths[0] = "SuperOfficeTest", longPath
	s.Several = []migration.Location{s.Location, test}
	s.Location, s.Located = migration.Location{}, false
}

// startWith changes what the sample start finds.
func startWith(change func(*Start), err error) func(context.Context, string) (Start, error) {
	return func(context.Context, string) (Start, error) {
		s := sampleStart()
		if change != nil {
			change(&s)
		}
		return s, err
	}
}

func toLogin(t *testing.T, w *Window, q *queue) {
	t.Helper()
	press(t, w.win, say(migration.Msg("button.next")))
	q.settle()
}

func loginPage(w *Window) *loginView { return w.pages[placeLogin].view.(*loginView) }

func confirmPage(w *Window) *confirmView { return w.pages[placeConfirm].view.(*confirmView) }

// signIn fills the fields of Login and, if told, presses the button.
func signIn(t *testing.T, w *Window, q *queue, pressed bool) {
	t.Helper()
	toLogin(t, w, q)
	typeInto(w, loginPage(w).user, "KK")
	typeInto(w, loginPage(w).password, "s3cret")
	if pressed {
		press(t, w.win, say(migration.Msg("button.login")))
		q.settle()
	}
}

// typeInto types into a field of the window: the one before loses the focus.
func typeInto(w *Window, f *field, text string) {
	w.win.Canvas().Focus(f)
	for _, r := range text {
		f.TypedRune(r)
	}
}

func toConfirm(t *testing.T, w *Window, q *queue) {
	t.Helper()
	signIn(t, w, q, true)
	if w.at != placeConfirm {
		t.Fatalf("after the sign-in the window shows %q: %q", w.at, allTexts(w.win))
	}
}

func openCase(t *testing.T, c pageCase, a Appearance) (*Window, *queue) {
	t.Helper()
	g := newFakeGuide(t)
	if c.guide != nil {
		c.guide(g)
	}
	w, q := open(t, g, func(o *Options) { o.Appearance = a })
	if c.then != nil {
		c.then(t, w, q)
	}
	q.settle()
	return w, q
}

// end stops what a test left under way.
func end(w *Window, q *queue) {
	w.stop()
	q.settle()
}
