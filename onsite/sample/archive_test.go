package sample

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

func files(t *testing.T, o Options) (string, *Expect) {
	t.Helper()
	o, err := o.filled()
	if err != nil {
		t.Fatal(err)
	}
	e := newExpect()
	b := &fileBuilder{ctx: context.Background(), o: o, dir: t.TempDir(), world: newWorld(o.Seed, o.Users), expect: e, made: map[string]bool{}}
	if err := b.build(); err != nil {
		t.Fatal(err)
	}
	return b.dir, e
}

// table turns kept rows into maps by column name.
func table(t *testing.T, r *recorder, name string) map[int64]map[string]any {
	t.Helper()
	c, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	tab := c.Find(SchemaName, name)
	out := map[int64]map[string]any{}
	for _, row := range r.keep[name] {
		m := map[string]any{}
		for i, col := range tab.Columns {
			m[col.Name] = row[i]
		}
		out[row[0].(int64)] = m
	}
	return out
}

// The rows and the disk are compared by the rule of the archive as documented,
// written here a second time: <archive>/<associate>/<YYYY>.<1|2>/<name>, the
// appointment's associate first, then who registered it, neighbouring periods
// as a fallback. The result must be what the builder says it made.
func TestArchiveFollowsTheRule(t *testing.T) {
	o := Options{Users: 60, Documents: 1500, Missing: 40, Rows: 12_000}
	r := &recorder{keep: map[string][][]any{"document": nil, "appointment": nil, "associate": nil}}
	rowsExpect := record(t, o, r)
	dir, fileExpect := files(t, o)
	appointments, associates := table(t, r, "appointment"), table(t, r, "associate")
	got := map[migration.Outcome]int64{}
	special := map[string]int64{}
	seen := map[string]bool{}
	overridden := 0
	for id, d := range table(t, r, "document") {
		name, at := d["name"].(string), d["registered"].(time.Time)
		a := appointments[d["appointment_id"].(int64)]
		switch {
		case d["archiveProvider"].(int64) != 0:
			got[migration.OtherProvider]++
			continue
		case strings.TrimSpace(name) == "":
			special["blank-name"]++
			got[migration.WithoutPath]++
			continue
		case a == nil:
			special["no-appointment"]++
			got[migration.WithoutPath]++
			continue
		case associates[a["associate_id"].(int64)] == nil:
			special["unknown-associate"]++
			got[migration.WithoutPath]++
			continue
		}
		if a["document_id"].(int64) != id {
			t.Errorf("document %d and its appointment do not point at each other", id)
		}
		owner := associates[a["associate_id"].(int64)]["name"].(string)
		registrar := associates[d["registered_associate_id"].(int64)]["name"].(string)
		path, how := locate(dir, owner, registrar, at, name)
		if how == "" && owner != registrar {
			overridden++
		}
		if path == "" {
			got[migration.Missing]++
			continue
		}
		got[migration.Uploaded]++
		if how != "" {
			special[how]++
		}
		seen[path] = true
	}
	for outcome, n := range rowsExpect.Documents {
		if got[outcome] != n {
			t.Errorf("outcome %s: %d by the rule, builder says %d", outcome, got[outcome], n)
		}
	}
	for _, how := range []string{"blank-name", "no-appointment", "unknown-associate", "neighbour-period", "under-registrar"} {
		if special[how] != rowsExpect.Cases[how] || special[how] == 0 {
			t.Errorf("case %s: %d by the rule, builder says %d", how, special[how], rowsExpect.Cases[how])
		}
	}
	if got[migration.Missing] == 0 || rowsExpect.Cases["not-on-disk"] != got[migration.Missing] {
		t.Errorf("missing: %d by the rule, builder says %d", got[migration.Missing], rowsExpect.Cases["not-on-disk"])
	}
	if int64(len(seen)) != fileExpect.DocumentFiles.Files || got[migration.Uploaded] != int64(len(seen))+rowsExpect.Cases["shared-path"] {
		t.Errorf("%d files for %d rows, builder says %d files", len(seen), got[migration.Uploaded], fileExpect.DocumentFiles.Files)
	}
	if overridden < 20 {
		t.Errorf("only %d documents lie with the appointment's associate against the registrar", overridden)
	}
	checkRest(t, dir, seen, fileExpect)
}

// locate searches as the archive plug-in does and says which fallback it took.
func locate(dir, owner, registrar string, at time.Time, name string) (path, how string) {
	half := func(t time.Time) string {
		n := 2
		if t.Month() < 8 {
			n = 1
		}
		return fmt.Sprintf("%d.%d", t.Year(), n)
	}
	before, after := half(at.AddDate(0, 0, -1)), half(at.AddDate(0, 0, 1))
	for _, try := range [][3]string{{owner, half(at), ""}, {owner, before, "neighbour-period"}, {owner, after, "neighbour-period"}, {registrar, half(at), "under-registrar"}} {
		for _, root := range []string{"so_arc", "so_arc_old"} {
			p := filepath.Join(dir, root, try[0], try[1], name)
			if _, err := os.Stat(p); err == nil {
				return p, try[2]
			}
		}
	}
	return "", ""
}

var versionName = regexp.MustCompile(`-\d{3}\.docx$`)

// checkRest sorts every other file of the archive by its place and compares.
func checkRest(t *testing.T, dir string, documents map[string]bool, e *Expect) {
	t.Helper()
	var versions, working, personal, templates, other, strays int64
	for _, root := range []string{"so_arc", "so_arc_old"} {
		base := filepath.Join(dir, root)
		err := filepath.WalkDir(base, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || documents[p] {
				return err
			}
			rel, err := filepath.Rel(base, p)
			parts := strings.Split(filepath.ToSlash(rel), "/")
			switch {
			case parts[0] == "Data", parts[0] == "Scripts", parts[0] == "Template" && parts[1] == "Travel":
				other++
			case parts[0] == "Template":
				templates++
			case len(parts) == 2:
				personal++
			case len(parts) == 4 && versionName.MatchString(rel):
				versions++
			case len(parts) == 4:
				working++
			default:
				strays++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		kind      string
		got, want int64
	}{
		{"versions", versions, e.Versions.Files}, {"working copies", working, e.CheckedOut.Files}, {"personal", personal, e.Personal.Files},
		{"templates", templates, e.Templates.Files}, {"other", other, e.Other.Files}, {"strays", strays, e.Strays.Files},
	} {
		if x.got != x.want || x.got == 0 {
			t.Errorf("%s: %d on disk, builder says %d", x.kind, x.got, x.want)
		}
	}
}

func TestDefaultArchiveSize(t *testing.T) {
	if testing.Short() {
		t.Skip("writes some 80 MB")
	}
	dir, e := files(t, Options{})
	if n := e.DocumentFiles.Bytes; n < 40<<20 || n > 150<<20 {
		t.Errorf("archive has %d bytes", n)
	}
	big := 0
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Size() > 9<<20 && info.Size() < 12<<20 {
			big++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if big < 2 {
		t.Errorf("%d files of 9 to 12 MiB, want two", big)
	}
}

func TestFilesFollowFromSeed(t *testing.T) {
	digest := func(seed int64) [32]byte {
		dir, _ := files(t, Options{Users: 30, Documents: 120, Seed: seed})
		h := sha256.New()
		err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(dir, p)
			if err != nil {
				return err
			}
			data, err := os.ReadFile(p)
			info, statErr := d.Info()
			if err != nil || statErr != nil {
				return err
			}
			fmt.Fprintf(h, "%s %x %v\n", rel, sha256.Sum256(data), info.ModTime().UTC())
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return [32]byte(h.Sum(nil))
	}
	one := digest(1)
	if digest(1) != one {
		t.Error("the same seed gave other files")
	}
	if digest(2) == one {
		t.Error("another seed gave the same files")
	}
}

func TestAttachmentsCrossFolders(t *testing.T) {
	dir, e := files(t, Options{Users: 30, Documents: 300})
	for folder, first := range map[string]int64{"folder0": 0, "folder1": 10_000} {
		list, err := os.ReadDir(filepath.Join(serviceDir(dir), "attachments", folder))
		if err != nil || len(list) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(list), err)
		}
		for _, f := range list {
			var id int64
			if _, err := fmt.Sscan(f.Name(), &id); err != nil || id < first || id >= first+10_000 {
				t.Errorf("%s holds %s", folder, f.Name())
			}
		}
	}
	if e.AttachmentsMissing == 0 || e.Attachments.Files+e.AttachmentsMissing != e.AttachmentRows {
		t.Errorf("attachments: %+v files, %d missing of %d", e.Attachments, e.AttachmentsMissing, e.AttachmentRows)
	}
}

func TestPeriods(t *testing.T) {
	for day, want := range map[string]string{"2002-07-31": "2002.1", "2002-08-01": "2002.2", "2002-12-31": "2002.2", "2003-01-01": "2003.1"} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := period(at); got != want {
			t.Errorf("%s: got %s, want %s", day, got, want)
		}
	}
}
