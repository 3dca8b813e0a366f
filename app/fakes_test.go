package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"omt/assets"
	"omt/migration"
)

var _ Guide = (*fakeGuide)(nil)

// fakeHost is the window as one page sees it. Work runs at once, on a goroutine
// of its own for which the test waits; with hold it runs when release is
// called. Everything that the page asked for is recorded.
type fakeHost struct {
	t    testing.TB
	g    *fakeGuide
	f    *flow
	win  fyne.Window
	hold bool

	jobs    []fakeJobOf
	doing   []migration.Message // of each work
	errs    []error             // of work, those that the page did not show itself
	visits  []place
	notices []fakeNotice
	changes int
	kept    int
	quits   int
}

type fakeJobOf struct {
	run    func(context.Context) (func(), error)
	failed func(error) bool
}

type fakeNotice struct {
	kind     noticeKind
	messages []migration.Message
}

// newFakeHost has a flow in which everything before the upload is in order.
func newFakeHost(t testing.TB) *fakeHost {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(newLook(AppearanceLight))
	w := test.NewTempWindow(t, container.NewStack())
	w.SetPadded(false)
	return &fakeHost{t: t, g: newFakeGuide(t), f: sampleFlow(), win: w}
}

func (h *fakeHost) guide() Guide        { return h.g }
func (h *fakeHost) flow() *flow         { return h.f }
func (h *fakeHost) window() fyne.Window { return h.win }
func (h *fakeHost) changed()            { h.changes++ }
func (h *fakeHost) visit(p place)       { h.visits = append(h.visits, p) }
func (h *fakeHost) keep()               { h.kept++ }
func (h *fakeHost) quit()               { h.quits++ }

func (h *fakeHost) now() time.Time { return today }
func (h *fakeHost) ui(f func())    { f() }

func (h *fakeHost) speak(*assets.Catalog) bool { return true }

// key reports no key: a page alone has no footer to press.
func (h *fakeHost) key(*fyne.KeyEvent) bool { return false }

func (h *fakeHost) notify(kind noticeKind, m ...migration.Message) {
	h.notices = append(h.notices, fakeNotice{kind, m})
}

func (h *fakeHost) quietly(doing migration.Message, job func(context.Context) (func(), error), failed func(error) bool) {
	h.work(doing, job, failed)
}

func (h *fakeHost) work(doing migration.Message, job func(context.Context) (func(), error), failed func(error) bool) {
	h.doing = append(h.doing, doing)
	h.jobs = append(h.jobs, fakeJobOf{job, failed})
	if !h.hold {
		h.release(h.t.Context())
	}
}

// release runs everything that waits and what that asks for in turn.
func (h *fakeHost) release(ctx context.Context) {
	for len(h.jobs) > 0 {
		j := h.jobs[0]
		h.jobs = h.jobs[1:]
		var apply func()
		var err error
		done := make(chan struct{})
		go func() {
			defer close(done)
			apply, err = j.run(ctx)
		}()
		<-done
		if apply != nil {
			apply()
		}
		if err != nil && (j.failed == nil || !j.failed(err)) {
			h.errs = append(h.errs, err)
		}
	}
}

// page builds a view, shows it alone in the window at the size that the frame
// leaves it at first, and enters it.
func (h *fakeHost) page(v view) fyne.CanvasObject {
	content := v.build()
	h.win.SetContent(content)
	h.win.Resize(fyne.NewSize(886, 480))
	v.entered()
	return content
}

var _ host = (*fakeHost)(nil)

var errSample = errors.New("something of the test")

func sampleTicket() *migration.Ticket {
	return &migration.Ticket{
		ID: "t-1", Tenant: "Cust12345", Environment: "production",
		Company: migration.DemoCompany, Serial: migration.DemoSerial,
		Plans: []migration.TicketPlan{
			{ID: "sales", Name: "SalesPREM", Seats: 4},
			{ID: "service", Name: "SalesPREM-ServicePREM", Seats: 3},
			{ID: "marketing", Name: "Marketing", Seats: 2},
		},
		ConfidentialSeats: 2,
		Modes:             []migration.Mode{migration.ModeTest, migration.ModeLive},
		Target:            migration.TargetSpec{Kind: "folder"},
		MailDomain:        "cust12345.online.example",
		Languages:         []string{"en", "nb", "de"},
		TermsURL:          "https://www.example.com/agreement",
		Expires:           today.Add(14 * 24 * time.Hour),
	}
}

func sampleUsers() []migration.User {
	user := func(id int64, initials, name, group, role string, admin bool, mail ...string) migration.User {
		return migration.User{
			AssociateID: id, PersonID: 1000 + id, Initials: initials, Type: migration.Employee, FullName: name,
			Company: migration.DemoCompany, Group: group, Role: role, Admin: admin, Emails: mail,
			Phones: []string{"+47 22 00 00 0" + string(rune('0'+id%10))}, LastLogin: today.Add(-time.Duration(id) * 24 * time.Hour),
		}
	}
	return []migration.User{
		user(11, "HH", "Herweis Hjart", "Sales", "User level 0", true, "herweis.hjart@fjordlys.example", "hh@fjordlys.example"),
		user(12, "HUH", "Hugo Hugg", "Sales", "User level 1", false, "hugo.hugg@fjordlys.example"),
		user(13, "AB", "Åse Bjørk", "Support", "User level 1", false, "ase.bjork@fjordlys.example"),
		user(14, "KK", "Karl Klopp", "Management", "User level 0", true, "karl.klopp@fjordlys.example"),
		user(15, "LM", "Lise Moe", "Marketing", "User level 2", false, "lise.moe@fjordlys.example"),
		user(16, "NN", "Nils Nordmann", "Support", "User level 2", false),
	}
}

func sampleMailboxes() []migration.MailAddress {
	return []migration.MailAddress{
		{Address: "support@fjordlys.example", Table: "mail_in_filter"},
		{Address: "sales@fjordlys.example", Table: "mail_alias"},
	}
}

func sampleLocation() migration.Location {
	return migration.Location{
		Format: migration.LocationFormat, DatabaseType: "MSSQL", Server: `crmserver\superoffice`, Database: "SuperOffice",
		Schema: "CRM7", User: "crm7", ArchivePaths: [3]string{`\\crmserver\so_arc`}, TemplatePath: `\\crmserver\so_arc\template`,
		NetServer: "https://crm.fjordlys.example/superoffice", HasPassword: true,
		Found: []migration.LocationOrigin{
			{Field: "server", File: `C:\Program Files\SuperOffice\SuperOffice.ini`, Line: 12},
			{Field: "archivePath1", File: `C:\Program Files\SuperOffice\SuperOffice.config`, Line: 40},
		},
	}
}

func sampleIdentity() migration.Identity {
	return migration.Identity{
		Company: migration.DemoCompany, Serial: migration.DemoSerial, Version: "8.5 or later", Release: "8.1",
		Database: "SuperOffice", Server: "15.0.2000.5",
	}
}

func samplePerson() Person {
	return Person{
		Principal: migration.Principal{AssociateID: 14, UserName: "KK", FullName: "Karl Klopp", Proved: true, Via: "rest"},
		Emails:    []string{"karl.klopp@fjordlys.example", "karl@private.example"},
		Phones:    []string{"+47 22 00 00 04", "+47 900 00 004"},
	}
}

func sampleTarget() Target {
	return Target{
		Name: `folder D:\courier`, Rights: migration.Rights{Read: true, Write: true, List: true, Free: 400 << 30},
		Earlier: Earlier{Begin: migration.BeginInitial},
	}
}

func sampleStart() Start {
	return Start{
		Ticket: sampleTicket(), Path: `C:\omt\fjordlys.omt-ticket`, Location: sampleLocation(), Located: true,
		Earlier: Earlier{Begin: migration.BeginInitial},
	}
}

func sampleDraft() *migration.Draft {
	d, _ := migration.NewDraft(sampleTicket(), sampleUsers(), sampleMailboxes(), samplePerson().Principal, migration.ModeTest)
	d.Plan.Contact.Phone = samplePerson().Phones[0]
	d.Plan.Language = "en"
	d.Plan.Accept(sampleTicket().TermsURL, today)
	return d
}

// sampleChecks has one check of each state, in the words of the catalogue.
func sampleChecks() *migration.CheckReport {
	row := func(id migration.CheckID, group string, s migration.CheckState, found string) migration.CheckResult {
		at := "check." + string(id) + "."
		r := migration.CheckResult{ID: id, Group: group, State: s, Title: migration.Msg(at + "title"),
			Found: migration.Msg(at+found, "Count", "2", "User", "KK", "Version", "8.5"), Why: migration.Msg(at + "why")}
		if s != migration.CheckPassed {
			r.Todo = migration.Msg(at + "todo")
			r.Columns = []migration.Message{migration.Msg("check.column.user"), migration.Msg("check.column.name")}
			r.Rows = [][]migration.Cell{{{Text: "NN"}, {Text: "Nils Nordmann"}}, {{Text: "AB"}, {Text: "Åse Bjørk"}}}
			r.Total = 2
		}
		return r
	}
	return &migration.CheckReport{Taken: today, Tool: "omt test", Identity: sampleIdentity(), Checks: []migration.CheckResult{
		row(migration.CheckAdministrator, "users", migration.CheckPassed, "passed"),
		row(migration.CheckAddresses, "users", migration.CheckWarning, "found"),
		row(migration.CheckAddons, "installation", migration.CheckFailed, "found"),
	}}
}

func samplePreview() *migration.RecoveryPreview {
	item := func(id, path string) migration.RecoveryItem {
		return migration.RecoveryItem{ID: id, Kind: migration.KindDocument, Target: "documents/" + path,
			Source: `\\crmserver\so_arc\` + path, Size: 48 << 10, Modified: today.Add(-time.Hour)}
	}
	return &migration.RecoveryPreview{
		Run: "r-1", Ended: today.Add(-14 * 24 * time.Hour), Missing: 12,
		Found: []migration.RecoveryItem{item("document:1", "HH/2024.1/Angebot.docx"), item("document:2", "KK/2023.2/Brev.docx")}, FoundBytes: 96 << 10, FoundTotal: 2,
		Changed: []migration.RecoveryItem{item("document:3", "HH/2024.1/Liste.xlsx")}, ChangedTotal: 1, Newer: 5,
	}
}

// sampleCandidates are two missing rows, the first with two files.
func sampleCandidates() []migration.MissingRow {
	file := func(path string, fits ...migration.Fit) migration.Candidate {
		return migration.Candidate{Source: `\\crmserver\so_arc\` + path, Size: 48 << 10, Modified: today.Add(-time.Hour), Fits: fits}
	}
	return []migration.MissingRow{
		{ID: "document/7", Kind: migration.KindDocument, Target: "documents/HH/2024.1/Rahmenvertrag Instandhaltungsdienstleistungen.docx", Candidates: []migration.Candidate{
			file(`HH\2021.2\RAHMENVERTRAG INSTANDHALTUNGSDIENSTLEISTUNGEN.docx`, migration.FitName, migration.FitCase, migration.FitPeriod),
			file(`KK\2024.1\Rahmenvertrag Instandhaltungsdienstleistungen.docx`, migration.FitName, migration.FitOwner),
		}},
		{ID: "document/8", Kind: migration.KindDocument, Target: "documents/HH/2023.1/Brev 8.doc", Candidates: []migration.Candidate{
			file(`HH\2023.1\Kopi av dokument nr. 8.doc`, migration.FitID, migration.FitFolder),
		}},
	}
}

func sampleResult() *migration.Result {
	return &migration.Result{Run: "r-1", Mode: migration.ModeTest, Begin: migration.BeginInitial, Report: &migration.Report{}}
}

func sampleFlow() *flow {
	s := sampleStart()
	return &flow{
		start: s, location: s.Location, identity: sampleIdentity(), person: samplePerson(), target: sampleTarget(),
		mode: migration.ModeTest, draft: sampleDraft(), keptFor: keptAt(s.Location),
	}
}
