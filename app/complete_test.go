package app

import (
	"net/url"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// fullReport is a report in which every kind of line occurs.
func fullReport() *migration.Report {
	return &migration.Report{
		Consistency: migration.Consistency{Class: "live", Proved: true},
		Database:    migration.ReportDatabase{Name: "SuperOffice", Tables: 412, Rows: 1234567, Bytes: 3 << 30},
		Kinds: migration.Tallies{
			"document": {migration.Uploaded: {Count: 2990, Bytes: 8 << 30}, migration.Missing: {Count: 10}, migration.WithoutPath: {Count: 3}},
			"template": {migration.Uploaded: {Count: 40, Bytes: 3 << 20}, migration.Unchanged: {Count: 12, Bytes: 1 << 20}},
			"package":  {migration.Uploaded: {Count: 1, Bytes: 3 << 30}},
		},
		Strays:   migration.Strays{Files: 7, Bytes: 5 << 20},
		Warnings: []migration.Message{migration.Msg("warn.modules", "Count", 3)},
	}
}

func openComplete(h *fakeHost, r *migration.Report) *completeView {
	h.f.result = &migration.Result{Mode: h.f.mode, Report: r}
	v := newCompleteView(h).(*completeView)
	h.page(v)
	return v
}

// TestSummarySaysWhatWentAndWhatDidNot reads the copied text, which is what the
// page shows.
func TestSummarySaysWhatWentAndWhatDidNot(t *testing.T) {
	h := newFakeHost(t)
	openComplete(h, fullReport())
	test.Tap(button(t, h.win.Content(), "Copy summary"))
	got := fyne.CurrentApp().Clipboard().Content()
	for _, want := range []string{
		"Fjordlys Handel AS, 9900000042, tenant Cust12345, folder D:\\courier",
		"- Database: 412 tables, 1,234,567 rows, 3.0 GB",
		"- Documents: 2,990, 8.0 GB",
		"- Templates: 52, 4.0 MB; 12 of them were there already, unchanged",
		"- Documents: 10, not on disk",
		"- Documents: 3, no path can be formed",
		"- Files in the archive that no record points to: 7, 5.0 MB.",
		"- 3 views, procedures, functions, triggers and what depends on them are not part of the package.",
		"- The database package was read back from the target",
		"- Documents that were missing can be sent later",
		"- Welcome e-mail to all users; summary to karl.klopp@fjordlys.example.",
		"- Send the forwarding text to the mail provider, and have the SPF record added: v=spf1",
		"- This was a test",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the summary lacks %q:\n%s", want, got)
		}
	}
}

// TestNothingIsCalledVerifiedThatWasNot: a target that cannot be read, a
// database that moved.
func TestNothingIsCalledVerifiedThatWasNot(t *testing.T) {
	h := newFakeHost(t)
	r := fullReport()
	r.Consistency.Proved = false
	r.Warnings = []migration.Message{migration.Msg("warn.notreadback", "Path", "database/x.bacpac")}
	v := openComplete(h, r)
	got := summaryText(h.f, completeParts(h.f))
	if strings.Contains(got, "was read back from") || !strings.Contains(got, "may not be read back") || !strings.Contains(got, "is not proved") {
		t.Errorf("the summary is\n%s", got)
	}
	if len(v.page.Objects) == 0 {
		t.Error("the page is empty")
	}
}

func TestRecoveryOfMissingFilesTouchesNoDatabase(t *testing.T) {
	h := newFakeHost(t)
	h.f.recovery = migration.RecoverMissing
	r := fullReport()
	delete(r.Kinds["document"], migration.Missing)
	openComplete(h, r)
	got := summaryText(h.f, completeParts(h.f))
	if !strings.Contains(got, "The database online stays as it is.") || strings.Contains(got, "412") || strings.Contains(got, "can be sent later") || strings.Contains(got, "set your password") {
		t.Errorf("the summary is\n%s", got)
	}
}

// TestWhatIsNotProvedHasAWarning and not the sign of what was verified.
func TestWhatIsNotProvedHasAWarning(t *testing.T) {
	h := newFakeHost(t)
	for _, c := range []struct {
		read        migration.Consistency
		whole, prof string
	}{
		{migration.Consistency{Class: "snapshot", Proved: true}, "check", "check"},
		{migration.Consistency{Class: "live", Proved: true}, "warning", "check"},
		{migration.Consistency{Class: "live"}, "warning", "warning"},
	} {
		r := fullReport()
		r.Consistency = c.read
		signs := map[string]string{}
		for _, l := range verifiedPart(h.f, r).lines {
			signs[l.text] = l.sign
		}
		whole, proof := signs[say(migration.Msg("consistency."+c.read.Class))], signs[say(migration.Msg(c.read.Proof()))]
		if whole != c.whole || proof != c.prof {
			t.Errorf("%+v: signs %q and %q, want %q and %q", c.read, whole, proof, c.whole, c.prof)
		}
	}
}

// TestWhatARecoveryLeavesOpen: files that changed since, rows that came later.
func TestWhatARecoveryLeavesOpen(t *testing.T) {
	h := newFakeHost(t)
	r := fullReport()
	r.Recovery = &migration.ReportRecovery{ChangedTotal: 4321, Newer: 5678}
	openComplete(h, r)
	got := summaryText(h.f, completeParts(h.f))
	for _, want := range []string{say(migration.Msg("complete.changed", "Count", "4,321")), say(migration.Msg("complete.newer", "Count", "5,678"))} {
		if !strings.Contains(got, want) {
			t.Errorf("the summary lacks %q:\n%s", want, got)
		}
	}
	r.Recovery = &migration.ReportRecovery{}
	if got := summaryText(h.f, completeParts(h.f)); strings.Contains(got, say(migration.Msg("complete.changed", "Count", "0"))) {
		t.Errorf("nothing changed, and yet it says\n%s", got)
	}
}

// TestEveryReasonToLeaveAFileOut is counted on the page, with its words, and a long
// list of warnings is cut with a number of how many more there are.
func TestEveryReasonToLeaveAFileOut(t *testing.T) {
	h := newFakeHost(t)
	r := fullReport()
	reasons := migration.Tallies{"document": {}}
	for i, o := range leftOutcomes() {
		reasons["document"][o] = migration.Tally{Count: int64(1000 * (i + 1))}
	}
	r.Kinds = reasons
	r.Warnings = nil
	for range 9 {
		r.Warnings = append(r.Warnings, migration.Msg("warn.modules", "Count", 3))
	}
	openComplete(h, r)
	got := summaryText(h.f, completeParts(h.f))
	for i, o := range leftOutcomes() {
		if want := figures().Number(int64(1000*(i+1))) + ", " + say(migration.Msg("outcome."+string(o))); !strings.Contains(got, want) {
			t.Errorf("the summary lacks %q:\n%s", want, got)
		}
	}
	if n := strings.Count(got, say(migration.Msg("warn.modules", "Count", 3))); n != shownNotes || !strings.Contains(got, say(migration.Msg("checklist.more", "Count", 9-shownNotes))) {
		t.Errorf("of 9 warnings %d are listed:\n%s", n, got)
	}
	if !strings.Contains(got, say(migration.Msg("complete.outcome.left", "Count", "15,000"))) {
		t.Errorf("the outcome is\n%s", got)
	}
}

// TestCopyIsTold in the place of the path; where there is no report here, the line
// says where it lies.
func TestCopyIsTold(t *testing.T) {
	h := newFakeHost(t)
	h.g.paths.Report = `C:\omt\report.html`
	v := openComplete(h, fullReport())
	if !seen(h.win, h.g.paths.Report) {
		t.Errorf("the path of the report is not shown: %q", allTexts(h.win))
	}
	test.Tap(button(t, h.win.Content(), "Copy summary"))
	if !seen(h.win, say(migration.Msg("complete.copied"))) || seen(h.win, h.g.paths.Report) {
		t.Errorf("after the copy it shows %q", allTexts(h.win))
	}
	h.g.paths.Report = ""
	v.entered()
	if !seen(h.win, say(migration.Msg("complete.report.target"))) || seen(h.win, "Open report") {
		t.Errorf("without a report it shows %q", allTexts(h.win))
	}
}

func TestReportIsOpened(t *testing.T) {
	h := newFakeHost(t)
	h.g.paths.Report = `\\server\share\omt\report one.html`
	v := newCompleteView(h).(*completeView)
	var opened *url.URL
	var fail error
	v.open = func(u *url.URL) error { opened = u; return fail }
	h.page(v)
	test.Tap(button(t, h.win.Content(), "Open report"))
	if opened == nil || opened.String() != "file://server/share/omt/report%20one.html" {
		t.Errorf("opened %v", opened)
	}
	fail = errSample
	test.Tap(button(t, h.win.Content(), "Open report"))
	if len(h.notices) != 1 || h.notices[0].messages[0].Args["Path"] != h.g.paths.Report {
		t.Errorf("told %v", h.notices)
	}
	v.next().run()
	if h.quits != 1 {
		t.Error("Close does not close")
	}
}

func TestAddressOfAFile(t *testing.T) {
	for path, want := range map[string]string{
		`C:\Users\Karl Klopp\report.html`: "file:///C:/Users/Karl%20Klopp/report.html",
		"/home/karl/report#1.html":        "file:///home/karl/report%231.html",
		`\\server\share\report.html`:      "file://server/share/report.html",
	} {
		if got := fileURL(path).String(); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

func completeStates() []pageState {
	ended := func(r *migration.Report, also func(f *flow, g *fakeGuide)) func(*testing.T, *flow, *fakeGuide) {
		return func(_ *testing.T, f *flow, g *fakeGuide) {
			if also != nil {
				also(f, g)
			}
			f.result = &migration.Result{Mode: f.mode, Report: r}
		}
	}
	return []pageState{
		{"screen-complete", placeComplete, ended(fullReport(), nil), nil},
		{"complete-long", placeComplete, ended(fullReport(), func(_ *flow, g *fakeGuide) {
			g.paths.Report = `C:\ProgramData\omt\production\Cust12345\` + long + `\report.html`
		}), nil},
		{"complete-missing", placeComplete, ended(fullReport(), func(f *flow, _ *fakeGuide) { f.recovery = migration.RecoverMissing }), nil},
		{"complete-live", placeComplete, ended(fullReport(), func(f *flow, _ *fakeGuide) { f.mode = migration.ModeLive }), nil},
		{"complete-empty", placeComplete, ended(nil, nil), nil},
	}
}
