package migration_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"omt/assets"
	"omt/migration"
)

// evil is what a customer, or somebody who writes to one, can call a thing.
const evil = `<script src="http://evil.example/x.js">alert(1)</script>" onload='x' {{.}} javascript:x`

// hostileCertificate has something in every part of the certificate, and every
// text that comes from outside is evil.
func hostileCertificate() *migration.Report {
	at := time.Date(2026, 11, 20, 22, 30, 0, 0, time.FixedZone("", 3600))
	reason := migration.Msg("reason.unreadable", "Cause", evil)
	return &migration.Report{
		Format: migration.ReportFormat, Run: evil, Mode: migration.ModeLive, Tenant: evil, Environment: evil, Company: evil, Serial: evil, Tool: evil, Host: evil,
		Started: at, Finished: at.Add(3 * time.Hour), Identity: migration.ReportIdentity{User: evil, Via: evil},
		Consistency: migration.Consistency{Class: "aligned", Proved: true},
		Database: migration.ReportDatabase{
			Name: evil, Tables: 3, Rows: 1234567, Parts: 9, Bytes: 5 << 20, Sealed: []string{evil},
			Scripts: []migration.ReportScript{{Name: evil, Type: "view", Path: evil}},
		},
		Kinds:  migration.Tallies{"document": {migration.Uploaded: {Count: 4711, Bytes: 7 << 20}, migration.Missing: {Count: 12}}},
		Owners: []migration.OwnerTally{{Owner: evil, Count: 815, Bytes: 3 << 20}}, Strays: migration.Strays{Files: 77, Bytes: 9 << 20},
		LeftOut:  []migration.LeftOut{{Kind: "document", Key: evil, State: migration.Unreadable, Reason: &reason}},
		Users:    migration.ReportUsers{Total: 31, WithPlan: 29, Confidential: 6, Plans: []migration.ReportPlan{{ID: "sales", Name: evil, Users: 29}}},
		Warnings: []migration.Message{migration.Msg("warn.sealed", "Count", 1, "Names", evil)},
		Checks: &migration.CheckRecord{
			Taken: at, AcknowledgedBy: evil, Acknowledged: &at, Volume: &migration.Volume{Name: evil, Removable: migration.AnswerYes, Encrypted: migration.AnswerNo},
			Outcomes: []migration.CheckOutcome{{ID: migration.CheckVolume, State: migration.CheckWarning, Total: 5}},
		},
		Manifest: migration.ManifestRef{Path: evil, SHA256: strings.Repeat("ab", 32)}, Source: &migration.ReportSource{Version: evil, Server: evil},
		Verified: []migration.Message{migration.Msg("report.verified.objects")},
		Recovery: &migration.ReportRecovery{
			Choice: migration.RecoverMissing, Base: evil, Newer: 3, ChangedTotal: 1,
			Changed: []migration.ReportChanged{{Kind: "document", Target: evil, Sent: &at, Modified: at, SentSize: 1, Size: 2}},
		},
		Orphans: &migration.ReportOrphans{Total: 1, Paths: []string{evil}},
	}
}

// TestCertificateIsSelfContained: the page has a policy that lets nothing run or
// load, no script, no tag and no attribute that came with a name, and no text that
// is not in words, in every language. Style for the printer is in it.
func TestCertificateIsSelfContained(t *testing.T) {
	tag := regexp.MustCompile(`<[a-zA-Z][^>]*>`)
	attribute := regexp.MustCompile(`\s(on\w+|src|href|action|formaction|xlink:href)\s*=`)
	for _, c := range assets.All() {
		lang := c.Language()
		html, err := hostileCertificate().HTML(lang)
		if err != nil {
			t.Fatal(err)
		}
		page := string(html)
		head, _, _ := strings.Cut(page, "</head>")
		if want := `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`; !strings.Contains(head, want) {
			t.Errorf("%s: the head has no %s", lang, want)
		}
		if !strings.Contains(head, "@media print") {
			t.Errorf("%s: no style for the printer", lang)
		}
		for _, x := range tag.FindAllString(page, -1) {
			if lower := strings.ToLower(x); strings.HasPrefix(lower, "<script") || strings.HasPrefix(lower, "<link") || strings.HasPrefix(lower, "<img") || attribute.MatchString(lower) {
				t.Errorf("%s: the page has %s", lang, x)
			}
		}
		for _, bad := range []string{"<script", "ZgotmplZ", "report.", "outcome.", "kind.", "warn.", "reason.", "consistency.", "check.", "script.", "mode."} {
			if strings.Contains(strings.ReplaceAll(page, "x.js", ""), bad) {
				t.Errorf("%s: the page has %q", lang, bad)
			}
		}
		if n := strings.Count(page, "&lt;script"); n < 20 {
			t.Errorf("%s: names stand in %d places", lang, n)
		}
	}
}

// TestCertificateSaysEverything: each figure of the report stands on the page.
func TestCertificateSaysEverything(t *testing.T) {
	html, err := hostileCertificate().HTML("en")
	if err != nil {
		t.Fatal(err)
	}
	page := string(html)
	for _, want := range []string{
		"2026-11-20 21:30:00 UTC", "2026-11-21 00:30:00 UTC", "asserted, not proved", "began together", "1,234,567", "4,711", "815", "77", "Users with a plan: 29 / 31", "Confidential Activities: 6", ">29<", "identity asserted",
		strings.Repeat("ab", 32), "warnings acknowledged by", "removable: yes", "encrypted: no", "compared size and MD5", "Missing files were added", "not on disk", "cannot be read", "Objects without a row",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	proved := hostileCertificate()
	proved.Identity.Proved = true
	if html, err = proved.HTML("en"); err != nil || !strings.Contains(string(html), "identity proved by sign-in") {
		t.Errorf("a proved identity is not told: %v", err)
	}
	// report.json loses nothing.
	b, err := json.Marshal(proved)
	if err != nil {
		t.Fatal(err)
	}
	var back migration.Report
	if err := json.Unmarshal(b, &back); err != nil || back.Owners[0] != proved.Owners[0] || !reflect.DeepEqual(back.Kinds, proved.Kinds) || back.Manifest != proved.Manifest || back.Users.Plans[0] != proved.Users.Plans[0] {
		t.Errorf("read back as %+v, %v", back, err)
	}
}

// TestReportCountsWhatIsThere: figures of the report by kind, by associate and by
// reason are those of the files on the disk and at the target.
func TestReportCountsWhatIsThere(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 10, 6))
	w.src.items[1].Owner, w.src.items[2].Owner = "KK", "KK"
	w.src.addDocument(50, "gone.docx", nil)
	w.src.addDocument(51, "brief 4.DOCX", w.src.files["mem/4"]) // one object with the fourth
	w.src.addDocument(52, "sharepoint.docx", nil)
	w.src.items[8].Outcome, w.src.items[8].Reason = migration.OtherProvider, migration.Msg("reason.document.provider", "Provider", 2)
	r := w.mustRun(w.plan).Report
	sizes := func(rows ...string) (n int64) {
		for _, row := range rows {
			n += int64(len(w.src.files["mem/"+row]))
		}
		return n
	}
	want := map[migration.Outcome]migration.Tally{
		migration.Uploaded: {Count: 7, Bytes: sizes("1", "2", "3", "4", "5", "6")}, migration.Missing: {Count: 1}, migration.OtherProvider: {Count: 1},
	}
	if !reflect.DeepEqual(r.Kinds["document"], want) {
		t.Errorf("documents %+v, want %+v", r.Kinds["document"], want)
	}
	owners := []migration.OwnerTally{{Owner: "ADM", Count: 5, Bytes: sizes("1", "4", "5", "6")}, {Owner: "KK", Count: 2, Bytes: sizes("2", "3")}}
	if !reflect.DeepEqual(r.Owners, owners) {
		t.Errorf("associates %+v, want %+v", r.Owners, owners)
	}
	left := map[string]migration.Outcome{}
	for _, l := range r.LeftOut {
		left[l.Key] = l.State
		if l.Reason == nil || l.Reason.IsZero() {
			t.Errorf("document %s was left out for no reason", l.Key)
		}
	}
	if !reflect.DeepEqual(left, map[string]migration.Outcome{"50": migration.Missing, "52": migration.OtherProvider}) {
		t.Errorf("left out %v", left)
	}
	if r.Strays != (migration.Strays{Files: 2, Bytes: 20}) || r.Users.WithPlan != 1 || len(r.Users.Plans) != 1 || r.Users.Plans[0].Users != 1 || !r.Identity.Proved {
		t.Errorf("strays %+v, users %+v, identity %+v", r.Strays, r.Users, r.Identity)
	}
}
