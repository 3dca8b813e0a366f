package migration_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/bacpac"
	"omt/upload/folder"
)

// fakeFacts is a healthy installation but for what a test puts in.
type fakeFacts struct {
	places      []migration.Place
	travellers  []migration.Traveller
	preferences []migration.Preference
	registered  []string
	folders     []migration.Folder
	pathless    int64
	customs     []migration.Customisation
	err         error // of Travellers
	customsErr  error
}

func (f *fakeFacts) Places(context.Context) ([]migration.Place, error) { return f.places, nil }
func (f *fakeFacts) Travellers(context.Context) ([]migration.Traveller, error) {
	return f.travellers, f.err
}
func (f *fakeFacts) Satellites(context.Context) ([]migration.Satellite, error) { return nil, nil }
func (f *fakeFacts) AddonPreferences(context.Context) ([]migration.Preference, error) {
	return f.preferences, nil
}
func (f *fakeFacts) Registered(context.Context) ([]string, error)           { return f.registered, nil }
func (f *fakeFacts) SignedOn(context.Context) ([]migration.SignedOn, error) { return nil, nil }
func (f *fakeFacts) Folders(context.Context) ([]migration.Folder, error)    { return f.folders, nil }
func (f *fakeFacts) Pathless(_ context.Context, yield func(migration.Item) error) error {
	for i := range f.pathless {
		if err := yield(migration.Item{Row: i + 1, Reason: migration.Msg("reason.document.name")}); err != nil {
			return err
		}
	}
	return nil
}
func (f *fakeFacts) Customisations(context.Context) ([]migration.Customisation, error) {
	return f.customs, f.customsErr
}

// rightsTarget is a target with the rights that a test gives it.
type rightsTarget struct {
	migration.Target
	rights migration.Rights
}

func (r rightsTarget) Probe(context.Context) (migration.Rights, error) { return r.rights, nil }

func checker(t *testing.T) (*migration.Checker, *fakeSource, *fakeFacts) {
	src := newFakeSource(3, 5, 2)
	src.identity.Release, src.identity.Version = "8.1", "8.1 or later"
	facts := &fakeFacts{places: []migration.Place{{}}, registered: []string{"Table00", "TABLE01", "table02"}}
	target, err := folder.Open(t.TempDir(), folder.WithVolume(func(dir string) migration.Volume {
		return migration.Volume{Name: dir, Removable: migration.AnswerNo, Encrypted: migration.AnswerYes}
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	return &migration.Checker{
		Source: src, Facts: facts, Packager: bacpac.New(), Target: target, Tool: "omt test", Now: time.Now,
		Principal: migration.Principal{AssociateID: 1, UserName: "ADM", Proved: true},
	}, src, facts
}

func one(t *testing.T, c *migration.Checker, id migration.CheckID) migration.CheckResult {
	t.Helper()
	r, err := c.Run(t.Context(), id)
	if err != nil || len(r.Checks) != 1 || r.Checks[0].ID != id {
		t.Fatalf("%s alone: %+v %v", id, r, err)
	}
	return r.Checks[0]
}

func TestHealthyInstallationPasses(t *testing.T) {
	c, _, _ := checker(t)
	r, err := c.Run(t.Context())
	if err != nil || len(r.Checks) != len(migration.CheckIDs()) {
		t.Fatalf("%d results, %v", len(r.Checks), err)
	}
	for _, k := range r.Checks {
		if k.State != migration.CheckPassed || !k.Todo.IsZero() {
			t.Errorf("%s is %s: %v", k.ID, k.State, k.Found)
		}
	}
	if r.Err() != nil {
		t.Error(r.Err())
	}
	c.Target = nil
	if r, err = c.Run(t.Context()); err != nil || len(r.Checks) != len(migration.CheckIDs())-4 {
		t.Errorf("without a target: %d results, %v", len(r.Checks), err)
	}
}

// What a state depends on beyond rows: one change to a healthy installation each.
func TestStateOfChecks(t *testing.T) {
	for _, tc := range []struct {
		name   string
		id     migration.CheckID
		change func(*migration.Checker, *fakeSource, *fakeFacts)
		state  migration.CheckState
		found  string
		total  int64
	}{
		{"old", migration.CheckVersion, func(_ *migration.Checker, s *fakeSource, _ *fakeFacts) { s.identity.Release = "" }, migration.CheckFailed, "check.version.found", 1},
		{"no place", migration.CheckCentral, func(_ *migration.Checker, _ *fakeSource, f *fakeFacts) { f.places = nil }, migration.CheckWarning, "check.central.unknown", 0},
		{"travel database", migration.CheckCentral, func(_ *migration.Checker, _ *fakeSource, f *fakeFacts) {
			f.places = []migration.Place{{CurrentID: 17}}
		}, migration.CheckFailed, "check.central.found", 1},
		{"nobody signed in", migration.CheckAdministrator, func(c *migration.Checker, _ *fakeSource, _ *fakeFacts) { c.Principal = migration.Principal{} }, migration.CheckFailed, "check.administrator.nobody", 1},
		{"asserted", migration.CheckAdministrator, func(c *migration.Checker, _ *fakeSource, _ *fakeFacts) { c.Principal.Proved = false }, migration.CheckWarning, "check.administrator.asserted", 1},
		{"retired administrator", migration.CheckAdministrator, func(_ *migration.Checker, s *fakeSource, _ *fakeFacts) { s.users[0].Retired = true }, migration.CheckFailed, "check.administrator.none", 0},
		{"same address twice on one person", migration.CheckDuplicates, func(_ *migration.Checker, s *fakeSource, _ *fakeFacts) {
			s.users[0].Emails = []string{"a@x.no", "A@x.no "}
		}, migration.CheckPassed, "check.duplicates.passed", 0},
		{"address of a former user", migration.CheckDuplicates, func(_ *migration.Checker, s *fakeSource, _ *fakeFacts) {
			s.users = append(s.users, migration.User{AssociateID: 2, Retired: true, Emails: s.users[0].Emails})
		}, migration.CheckPassed, "check.duplicates.passed", 0},
		{"same address in other letters", migration.CheckDuplicates, func(_ *migration.Checker, s *fakeSource, _ *fakeFacts) {
			s.users = append(s.users, migration.User{AssociateID: 2, Emails: []string{" HANNA@Fjordlys.no"}})
		}, migration.CheckWarning, "check.duplicates.found", 1},
		{"table of another schema", migration.CheckDictionary, func(_ *migration.Checker, s *fakeSource, f *fakeFacts) {
			s.tables[2].Schema = "dbo"
		}, migration.CheckFailed, "check.dictionary.found", 1},
		{"partner table in SuperOffice's schema", migration.CheckCustomisations, func(_ *migration.Checker, _ *fakeSource, f *fakeFacts) {
			f.registered = f.registered[:2]
		}, migration.CheckWarning, "check.customisations.found", 1},
		{"no list of tables", migration.CheckCustomisations, func(_ *migration.Checker, _ *fakeSource, f *fakeFacts) { f.registered = nil }, migration.CheckPassed, "check.customisations.passed", 0},
		{"extra table", migration.CheckCustomisations, func(_ *migration.Checker, _ *fakeSource, f *fakeFacts) {
			f.registered, f.customs = f.registered[:2], []migration.Customisation{{Kind: migration.CustomExtraTable, Name: "x", Table: "TABLE02"}}
		}, migration.CheckWarning, "check.customisations.found", 1},
		{"read-only target", migration.CheckRights, func(c *migration.Checker, _ *fakeSource, _ *fakeFacts) {
			c.Target = rightsTarget{c.Target, migration.Rights{Read: true, List: true, Free: -1}}
		}, migration.CheckFailed, "check.rights.readonly", 1},
		{"write-only target", migration.CheckRights, func(c *migration.Checker, _ *fakeSource, _ *fakeFacts) {
			c.Target = rightsTarget{c.Target, migration.Rights{Write: true, Free: -1}}
		}, migration.CheckWarning, "check.rights.found", 2},
		{"free space unknown", migration.CheckSpace, func(c *migration.Checker, _ *fakeSource, _ *fakeFacts) {
			c.Target = rightsTarget{c.Target, migration.Rights{Write: true, Free: -1}}
		}, migration.CheckPassed, "check.space.unknown", 0},
		{"little space", migration.CheckSpace, func(c *migration.Checker, s *fakeSource, _ *fakeFacts) {
			s.sizeKB = 2
			c.Target = rightsTarget{c.Target, migration.Rights{Write: true, Free: 2047}}
		}, migration.CheckWarning, "check.space.found", 0},
		{"enough space", migration.CheckSpace, func(c *migration.Checker, s *fakeSource, _ *fakeFacts) {
			s.sizeKB = 2
			c.Target = rightsTarget{c.Target, migration.Rights{Write: true, Free: 2048}}
		}, migration.CheckPassed, "check.space.passed", 0},
		{"unreadable folder that only the database names", migration.CheckFolders, func(_ *migration.Checker, _ *fakeSource, f *fakeFacts) {
			f.folders = []migration.Folder{{Path: "/a", Kind: "archive"}, {Path: `C:\CS`, Kind: "service", Guessed: true, Reason: migration.Msg("reason.file.system")}}
		}, migration.CheckWarning, "check.folders.found", 1},
		{"unreadable folder", migration.CheckFolders, func(_ *migration.Checker, _ *fakeSource, f *fakeFacts) {
			f.folders = []migration.Folder{{Path: "/a", Kind: "archive"}, {Path: "/b", Kind: "archive", Reason: migration.Msg("reason.file.system")}}
		}, migration.CheckFailed, "check.folders.found", 1},
	} {
		c, src, facts := checker(t)
		tc.change(c, src, facts)
		got := one(t, c, tc.id)
		if got.State != tc.state || got.Found.ID != tc.found || got.Total != tc.total {
			t.Errorf("%s: %s, %s, %d rows; want %s, %s, %d", tc.name, got.State, got.Found.ID, got.Total, tc.state, tc.found, tc.total)
		}
	}
}

// A check that cannot be carried out says why and does not stop the others.
func TestCheckThatCannotBeCarriedOut(t *testing.T) {
	c, _, facts := checker(t)
	facts.err = migration.Fail("read travellers", "", migration.ErrForbidden, migration.Msg("hint.sql.permission", "Item", "traveller", "User", "crm7"))
	r, err := c.Run(t.Context())
	if err != nil || r.Count(migration.CheckFailed) != 1 || r.Count(migration.CheckPassed) != len(migration.CheckIDs())-1 {
		t.Fatalf("%+v %v", r, err)
	}
	i := slices.IndexFunc(r.Checks, func(k migration.CheckResult) bool { return k.State == migration.CheckFailed })
	if k := r.Checks[i]; k.ID != migration.CheckTravel || k.Todo.ID != "hint.sql.permission" || k.Found.ID != "check.error" {
		t.Errorf("%+v", k)
	}
	if err := r.Err(); !errors.Is(err, migration.ErrForbidden) || migration.HintOf(err).ID != "hint.sql.permission" {
		t.Errorf("%v", err)
	}
	facts.customsErr = errors.New("invalid column name")
	if k := one(t, c, migration.CheckCustomisations); k.State != migration.CheckWarning || k.Found.ID != "check.error" || k.Found.Args["Error"] != "invalid column name" {
		t.Errorf("an inventory that cannot be made: %+v", k)
	}
	facts.err = nil
	again, err := c.Run(t.Context(), migration.CheckTravel)
	if err != nil {
		t.Fatal(err)
	}
	if r.Replace(again); r.Count(migration.CheckFailed) != 0 || r.Err() != nil || len(r.Checks) != len(migration.CheckIDs()) {
		t.Errorf("after the check was carried out again: %v", r.Err())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A list of many rows is cut, its total is not.
func TestRowsAreBounded(t *testing.T) {
	c, _, facts := checker(t)
	facts.pathless = 2500
	got := one(t, c, migration.CheckPathless)
	if len(got.Rows) != 1000 || got.Total != 2500 || got.Found.Args["Name"] != int64(2500) {
		t.Errorf("%d rows of %d: %v", len(got.Rows), got.Total, got.Found)
	}
	html, err := (&migration.CheckReport{Checks: []migration.CheckResult{got}}).HTML("en")
	if err != nil || !bytes.Contains(html, []byte("1,000 of 2,500 are shown")) {
		t.Errorf("the page does not say that rows are left out: %v", err)
	}
}

// hostile are values that somebody put into the database to reach whoever
// opens the list.
var hostile = []string{
	"=cmd|'/c calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1", "a,\"b\"\r\nc", "<script>alert(1)</script>",
}

func hostileReport(t *testing.T) *migration.CheckReport {
	t.Helper()
	c, _, facts := checker(t)
	for i, v := range hostile {
		facts.preferences = append(facts.preferences, migration.Preference{ID: int64(i + 1), User: v, Section: "plain", Key: v})
	}
	r, err := c.Run(t.Context(), migration.CheckAddons)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCSVQuotesFormulas(t *testing.T) {
	var b bytes.Buffer
	if err := hostileReport(t).CSV(&b, "en"); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(b.String(), "\xef\xbb\xbf")
	if !marked {
		t.Error("no mark of UTF-8: Excel would read Windows-1252")
	}
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2+len(hostile) {
		t.Fatalf("%d lines, want %d", len(lines), 2+len(hostile))
	}
	if got := lines[0]; got[0] != "addons" || got[2] != "failed" || got[3] != "result" || got[7] != fmt.Sprint(len(hostile)) {
		t.Errorf("result line %q", got)
	}
	for i, line := range lines[2:] {
		want := hostile[i]
		if i < 8 {
			want = "'" + want
		}
		// A line end inside a cell is read as \n, a lone \r is not written.
		want = strings.ReplaceAll(want, "\r", "")
		if line[0] != "addons" || line[3] != "row" || line[4] != fmt.Sprint(i+1) || line[5] != want || line[6] != "plain" || line[7] != want {
			t.Errorf("row %q, want %q", line, want)
		}
	}
}

func TestCheckPageIsSelfContained(t *testing.T) {
	html, err := hostileReport(t).HTML("en")
	if err != nil {
		t.Fatal(err)
	}
	page := string(html)
	for _, bad := range []string{"<script", "http:", "https:", "src=", "{{", "check."} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, want := range []string{"&lt;script&gt;", "SentryAddonNames", "SentryAddonNames: 10.", "Fjordlys"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, fs.ErrClosed }

func TestCSVSaysThatItFailed(t *testing.T) {
	if err := hostileReport(t).CSV(brokenWriter{}, "en"); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("%v", err)
	}
}
