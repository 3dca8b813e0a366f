package onsite_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/onsite"
)

// facts reads everything that the checks ask for.
func facts(t *testing.T, in *onsite.Installation) map[string]int {
	t.Helper()
	n := map[string]int{}
	count := func(name string, found int, err error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		n[name] = found
	}
	places, err := in.Places(t.Context())
	count("places", len(places), err)
	travellers, err := in.Travellers(t.Context())
	count("travellers", len(travellers), err)
	satellites, err := in.Satellites(t.Context())
	count("satellites", len(satellites), err)
	preferences, err := in.AddonPreferences(t.Context())
	count("preferences", len(preferences), err)
	registered, err := in.Registered(t.Context())
	count("registered", len(registered), err)
	signedOn, err := in.SignedOn(t.Context())
	count("signed on", len(signedOn), err)
	customs, err := in.Customisations(t.Context())
	count("customisations", len(customs), err)
	pathless := 0
	err = in.Pathless(t.Context(), func(migration.Item) error { pathless++; return nil })
	count("pathless", pathless, err)
	return n
}

// A version that lacks the tables has nothing that stands in the way.
func TestFactsOfOlderVersion(t *testing.T) {
	in := old(t, func(c *migration.Catalog) {
		c.Modules = nil
		c.Tables = slices.DeleteFunc(c.Tables, func(t *migration.Table) bool {
			return t.Schema != "CRM7" || !slices.Contains(known, strings.ToLower(t.Name))
		})
	}).connect(t)
	for name, n := range facts(t, in) {
		if n != 0 {
			t.Errorf("%s: %d", name, n)
		}
	}
}

// Before the computer was kept, users who are signed on are found all the same.
func TestSignedOnWithoutComputer(t *testing.T) {
	s := old(t, func(c *migration.Catalog) {
		c.Tables = slices.DeleteFunc(c.Tables, func(t *migration.Table) bool {
			return t.Schema != "CRM7" || !slices.Contains(append(known, "activeuser"), strings.ToLower(t.Name))
		})
		users := c.Find("CRM7", "activeuser")
		users.Columns = slices.DeleteFunc(users.Columns, func(x migration.Column) bool { return x.Name == "computerName" })
		for i := range users.Columns {
			users.Columns[i].Nullable = i > 0
		}
	})
	if err := s.old.Exec(t.Context(), "INSERT INTO CRM7.activeuser (activeuser_id) VALUES (7)"); err != nil {
		t.Fatal(err)
	}
	got, err := s.connect(t).SignedOn(t.Context())
	if err != nil || len(got) != 1 || got[0] != (migration.SignedOn{ID: 7}) {
		t.Errorf("%+v %v", got, err)
	}
}

func TestFactsOfSample(t *testing.T) {
	s := newServer(t, nil)
	e := s.in.Expect()
	got := facts(t, s.connect(t))
	want := map[string]int{
		"places": 1, "travellers": 0, "satellites": 0, "preferences": 0, "signed on": int(e.Rows["CRM7.activeuser"]),
		"registered": int(e.Rows["CRM7.sequence"]), "pathless": int(e.Documents[migration.WithoutPath]),
	}
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%s: %d, want %d", name, got[name], n)
		}
	}
}

func TestFolders(t *testing.T) {
	s := newServer(t, nil)
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	s.settings.ArchivePaths = []string{s.in.ArchivePath, empty, file, filepath.Join(dir, "gone"), "relative"}
	want := map[string]string{file: "reason.file.system", filepath.Join(dir, "gone"): "reason.file.system", "relative": "reason.folder.relative"}
	if os.Geteuid() != 0 && runtime.GOOS != "windows" {
		locked := filepath.Join(dir, "locked")
		if err := os.Mkdir(locked, 0o000); err != nil {
			t.Fatal(err)
		}
		s.settings.ArchivePaths = append(s.settings.ArchivePaths, locked)
		want[locked] = "reason.file.system"
	}
	in := s.connect(t)
	folders, err := in.Folders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, f := range folders {
		kinds[f.Kind]++
		if f.Reason.ID != want[f.Path] {
			t.Errorf("%s: %v, want %q", f.Path, f.Reason, want[f.Path])
		}
	}
	if kinds["archive"] != len(s.settings.ArchivePaths) || kinds["templates"] != 1 || kinds["service"] != 3 || kinds["attachments"] != 1 {
		t.Errorf("%v", kinds)
	}
	s.settings.ArchivePaths = nil
	s.settings.Service = onsite.ServiceSettings{}
	if _, err := s.connect(t).Folders(t.Context()); migration.HintOf(err).ID != "hint.archive.none" || !errors.Is(err, onsite.ErrConfiguration) {
		t.Errorf("without an archive path: %v", err)
	}
}

// What only the database names, and what cannot be read from here, is named:
// its files would count as missing.
func TestFoldersOfDatabase(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "attachments")
	s := old(t, func(c *migration.Catalog) {
		c.Modules = nil
		c.Tables = slices.DeleteFunc(c.Tables, func(t *migration.Table) bool {
			return t.Schema != "CRM7" || !slices.Contains(append(known, "attachment_location"), strings.ToLower(t.Name))
		})
		for _, name := range []string{"config", "attachment_location"} {
			table := c.Find("CRM7", name)
			for i := range table.Columns {
				table.Columns[i].Nullable = i > 0
			}
		}
	})
	for _, q := range []string{
		"INSERT INTO CRM7.config (id, text_path, attachment_path, template_path) VALUES (1, ?, ?, '')",
		"INSERT INTO CRM7.attachment_location (attachment_location_id, path) VALUES (1, ?), (2, ?)",
	} {
		if err := s.old.Exec(t.Context(), q, s.in.ServiceDir, gone); err != nil {
			t.Fatal(err)
		}
	}
	s.settings.Service = onsite.ServiceSettings{}
	guessed := func() (out []string) {
		folders, err := s.connect(t).Folders(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range folders {
			if f.Guessed {
				out = append(out, f.Kind+" "+f.Path+" "+f.Reason.ID)
			}
		}
		return out
	}
	if got, want := guessed(), []string{"attachments " + gone + " reason.file.system"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	// Another path in the configuration stands in for it.
	s.settings.Service.AttachmentPath = s.in.ServiceDir
	if got := guessed(); len(got) != 0 {
		t.Errorf("although it is configured: %q", got)
	}
}
