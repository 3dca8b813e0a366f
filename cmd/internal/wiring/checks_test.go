package wiring

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"omt/assets"
	"omt/migration"
	"omt/onsite/sample"
)

// checked builds a sample with defects, serves it and carries out all checks
// as omtctl does it without a ticket.
func checked(t *testing.T, defects sample.Defects, only ...migration.CheckID) (*sample.Installation, map[migration.CheckID]migration.CheckResult) {
	t.Helper()
	in, s := openChecks(t, sample.Options{Users: 40, Documents: 200, Rows: 6000, Missing: 40, Defects: defects}, filepath.Join(t.TempDir(), "target"))
	r, err := s.RunChecks(t.Context(), only...)
	if err != nil {
		t.Fatal(err)
	}
	if r.Identity.Company != in.Company || r.Identity.Serial != in.Serial {
		t.Errorf("identity %+v", r.Identity)
	}
	out := map[migration.CheckID]migration.CheckResult{}
	for _, c := range r.Checks {
		out[c.ID] = c
	}
	return in, out
}

// openChecks builds a sample, serves it and opens a session for checks on it.
func openChecks(t *testing.T, build sample.Options, target string) (*sample.Installation, *Session) {
	t.Helper()
	in, err := sample.Build(t.Context(), filepath.Join(t.TempDir(), "sample"), build)
	if err != nil {
		t.Fatal(err)
	}
	running, err := in.Serve(t.Context(), sample.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := OpenChecks(t.Context(), Options{Config: running.ConfigDir, User: in.AdminName, Fingerprint: running.Fingerprint, Target: target},
		Secrets{UserPassword: in.AdminPassword})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return in, s
}

// texts are the rows of a result without the product's own words, which is how
// the builder notes what is to be found. Moments stand in the form of English.
func texts(c migration.CheckResult) [][]string {
	var out [][]string
	for _, row := range c.Rows {
		var cells []string
		for _, cell := range row {
			switch m := cell.Message; {
			case m == nil && cell.Text != "":
				cells = append(cells, cell.Text)
			case m != nil && m.ID == "check.value":
				cells = append(cells, assets.Text(m.ID, m.Args))
			}
		}
		out = append(out, cells)
	}
	return out
}

// complete holds what every result needs: words in the catalogue without gaps,
// as many cells as headings, and a thing to do if it is not well.
func complete(t *testing.T, c migration.CheckResult) {
	t.Helper()
	say := []migration.Message{c.Title, c.Found, c.Why}
	if c.State != migration.CheckPassed {
		say = append(say, c.Todo)
	}
	say = append(say, c.Columns...)
	for _, row := range c.Rows {
		if len(row) != len(c.Columns) {
			t.Errorf("%s: %d cells under %d headings", c.ID, len(row), len(c.Columns))
		}
		for _, cell := range row {
			if cell.Message != nil {
				say = append(say, *cell.Message)
			}
		}
	}
	for _, m := range say {
		words := assets.Text(m.ID, m.Args)
		if words == "" || strings.HasPrefix(words, m.ID) || strings.Contains(words, "<no value>") {
			t.Errorf("%s: %s says %q", c.ID, m.ID, words)
		}
	}
	if int64(len(c.Rows)) != c.Total {
		t.Errorf("%s: %d rows of %d", c.ID, len(c.Rows), c.Total)
	}
}

func state(t *testing.T, c migration.CheckResult, want migration.CheckState, words string) {
	t.Helper()
	got := assets.Text(c.Found.ID, c.Found.Args)
	if c.State != want || !strings.Contains(got, words) {
		t.Errorf("%s is %s: %q, want %s and %q", c.ID, c.State, got, want, words)
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func rows(t *testing.T, in *sample.Installation, c migration.CheckResult) {
	t.Helper()
	if got, want := texts(c), in.Expect().Findings[string(c.ID)]; !reflect.DeepEqual(got, want) {
		t.Errorf("%s found\n%q\nwant\n%q", c.ID, got, want)
	}
}

// The ordinary sample: nothing that stops a migration, and every small fault of
// a real installation with exactly its rows.
func TestChecksOfOrdinarySample(t *testing.T) {
	in, got := checked(t, 0)
	if len(got) != len(migration.CheckIDs()) {
		t.Fatalf("%d checks, want %d", len(got), len(migration.CheckIDs()))
	}
	warn := []migration.CheckID{
		migration.CheckDuplicates, migration.CheckInvalid, migration.CheckLicences, migration.CheckAddresses,
		migration.CheckPathless, migration.CheckCustomisations,
	}
	for id, c := range got {
		complete(t, c)
		want := migration.CheckPassed
		if slices.Contains(warn, id) {
			want = migration.CheckWarning
		}
		// What disk a test lies on is the computer's matter.
		if c.State != want && id != migration.CheckVolume {
			t.Errorf("%s is %s, want %s: %v", id, c.State, want, c.Found)
		}
		switch id {
		case migration.CheckPathless, migration.CheckCustomisations, migration.CheckVolume:
		case migration.CheckEstimate:
			estimated(t, in.Expect(), c)
		case migration.CheckFolders, migration.CheckVersion:
			if c.Total != 0 {
				t.Errorf("%s has rows: %v", id, c.Rows)
			}
		default:
			rows(t, in, c)
		}
	}
	pathless(t, in.Expect(), got[migration.CheckPathless])
}

// estimated compares the files that were counted with those that the builder
// made, kind by kind where it counts a kind as the migration does.
func estimated(t *testing.T, e *sample.Expect, c migration.CheckResult) {
	t.Helper()
	f := c.Forecast
	if f == nil || f.Extent != migration.ExtentAll || f.Line == nil || f.Most < f.Least || f.Most == 0 {
		t.Fatalf("estimate: %+v", f)
	}
	for kind, want := range map[migration.ItemKind]int64{
		migration.KindDocument: e.Documents[migration.Uploaded], migration.KindVersion: e.Versions.Files + e.CheckedOut.Files,
		migration.KindPersonal: e.Personal.Files, migration.KindAttachment: e.Attachments.Files, migration.KindTemplate: e.Templates.Files,
	} {
		if got := f.Kinds[kind].Count; got != want {
			t.Errorf("%d files of kind %s, there are %d", got, kind, want)
		}
	}
	if got, want := f.Kinds[migration.KindVersion].Bytes, e.Versions.Bytes+e.CheckedOut.Bytes; got != want {
		t.Errorf("versions have %d bytes, there are %d", got, want)
	}
}

// pathless compares the documents, by reason, with what the builder made.
func pathless(t *testing.T, e *sample.Expect, c migration.CheckResult) {
	t.Helper()
	byReason := map[string][]string{}
	for _, row := range c.Rows {
		byReason[row[1].Message.ID] = append(byReason[row[1].Message.ID], row[0].Text)
	}
	total := int64(0)
	for reason, kind := range map[string]string{
		"reason.document.name": "blank-name", "reason.document.appointment": "no-appointment", "reason.document.associate": "unknown-associate",
	} {
		var want []string
		for _, id := range e.CaseIDs[kind] {
			want = append(want, itoa(id))
		}
		if len(want) == 0 || !slices.Equal(byReason[reason], want) {
			t.Errorf("%s: %v, want %v", reason, byReason[reason], want)
		}
		total += e.Cases[kind]
	}
	if c.Total != total || c.Total != e.Documents[migration.WithoutPath] {
		t.Errorf("%d documents without a path, want %d", c.Total, total)
	}
}

// A sample in which every check of the installation fails, each with its rows.
func TestChecksOfDefects(t *testing.T) {
	slow(t)
	in, got := checked(t, sample.DefectTravelDatabase|sample.DefectTravellers|sample.DefectSatellites|sample.DefectAddons|
		sample.DefectDictionary|sample.DefectNoAdministrator|sample.DefectFolder|sample.DefectColumns|sample.DefectCustomisations)
	for id, words := range map[migration.CheckID]string{
		migration.CheckCentral:       "not the central database",
		migration.CheckTravel:        "database of their own: 2.",
		migration.CheckSatellites:    "database: 1.",
		migration.CheckAddons:        "SentryAddonNames: 2.",
		migration.CheckDictionary:    "do not exist: y_rental, y_rental_line (2 in all)",
		migration.CheckAdministrator: "None of the users",
	} {
		complete(t, got[id])
		state(t, got[id], migration.CheckFailed, words)
		rows(t, in, got[id])
	}
	folders := got[migration.CheckFolders]
	complete(t, folders)
	state(t, folders, migration.CheckFailed, ": 1 of ")
	if want := in.ArchivePath2 + "_moved"; folders.Rows[0][0].Text != want || folders.Rows[0][1].Message.ID != "check.folder.archive" {
		t.Errorf("folders: %v", folders.Rows)
	}
	columns := got[migration.CheckColumns]
	complete(t, columns)
	state(t, columns, migration.CheckFailed, "hold: 1.")
	if w := texts(columns); !reflect.DeepEqual(w, [][]string{{"partner.Abandoned", "place", "geography"}}) {
		t.Errorf("columns: %v", w)
	}
	inventory(t, in, got[migration.CheckCustomisations])
}

// inventory: everything that the builder added is there, with the question of
// its kind, and nothing tells the secret of a webhook.
func inventory(t *testing.T, in *sample.Installation, c migration.CheckResult) {
	t.Helper()
	complete(t, c)
	kinds := map[string]int64{}
	var names []string
	for _, row := range c.Rows {
		kind := strings.TrimPrefix(row[0].Message.ID, "check.custom.")
		if row[2].Message.ID != "check.ask."+kind {
			t.Errorf("%s is asked %s", kind, row[2].Message.ID)
		}
		kinds[kind]++
		names = append(names, row[1].Text)
		if strings.Contains(row[1].Text, "secret") {
			t.Errorf("a secret is shown: %s", row[1].Text)
		}
	}
	for _, want := range in.Expect().Findings[string(c.ID)] {
		if !slices.Contains(names, want[0]) {
			t.Errorf("%q is not in the inventory", want[0])
		}
	}
	tables := in.Expect().Rows
	for kind, want := range map[string]int64{
		"extra-table": tables["CRM7.extra_tables"], "extra-field": tables["CRM7.extra_fields"], "script": tables["CRM7.ejscript"],
		"webhook": tables["CRM7.Webhook"], "view": 1, "procedure": 2, "function": 1, "trigger": 1, "partner-table": 5,
	} {
		if kinds[kind] != want || want == 0 {
			t.Errorf("%d of kind %s, want %d", kinds[kind], kind, want)
		}
	}
	if slices.Contains(names, "78") {
		t.Error("an empty system script is in the inventory")
	}
	other := in.Expect().Cases["other-provider"]
	if i := slices.IndexFunc(names, func(n string) bool { return strings.HasSuffix(n, "("+itoa(other)+")") }); other == 0 || i < 0 || kinds["plugin"] != 1 {
		t.Errorf("%d documents of another system, %d of the kind: %q", other, kinds["plugin"], names)
	}
}

func TestCheckOfOldVersion(t *testing.T) {
	slow(t)
	_, got := checked(t, sample.DefectOldVersion, migration.CheckVersion, migration.CheckDictionary)
	if len(got) != 2 {
		t.Fatalf("%d results", len(got))
	}
	c := got[migration.CheckVersion]
	complete(t, c)
	state(t, c, migration.CheckFailed, "older than 7.1")
	state(t, got[migration.CheckDictionary], migration.CheckPassed, "All tables")
}

func TestUnknownCheck(t *testing.T) {
	_, err := (&Session{}).RunChecks(context.Background(), "nonsense")
	if migration.HintOf(err).ID != "hint.check.unknown" {
		t.Errorf("%v", err)
	}
}
