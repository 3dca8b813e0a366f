package onsite_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample"
	"omt/onsite/sample/mssql"
)

func collect(t *testing.T, in *onsite.Installation, kind migration.ItemKind) []migration.Item {
	t.Helper()
	var out []migration.Item
	err := in.Items(t.Context(), kind, func(it migration.Item) error {
		out = append(out, it)
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return out
}

// tally counts the distinct files of items and reads each of them.
func tally(t *testing.T, in *onsite.Installation, items []migration.Item) sample.Files {
	t.Helper()
	var files sample.Files
	keys, sources := map[string]bool{}, map[string]bool{}
	for _, it := range items {
		pathless := it.Outcome == migration.WithoutPath || it.Outcome == migration.OtherProvider
		if keys[it.Key] || !pathless && len(it.Elements) < 2 || it.Outcome != "" && it.Reason.IsZero() {
			t.Errorf("key again, no elements or no reason: %+v", it)
		}
		keys[it.Key] = true
		if it.Source != "" && !sources[it.Source] {
			sources[it.Source] = true
			files.Files++
			files.Bytes += it.Size
		}
		if it.Outcome != "" {
			continue
		}
		f, err := in.Open(t.Context(), it)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, f)
		if err = errors.Join(err, f.Close()); err != nil || n != it.Size || !it.Reason.IsZero() && it.Reason.ID != "warning.document.found" {
			t.Errorf("%s %s: %d bytes of %d, %v, %v", it.Kind, it.Key, n, it.Size, it.Reason, err)
		}
	}
	return files
}

func TestItems(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	if err := in.CheckPaths(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := s.in.Expect()
	service := sample.Files{Files: e.Service["text"].Files + e.Service["templates"].Files, Bytes: e.Service["text"].Bytes + e.Service["templates"].Bytes}
	want := map[migration.ItemKind]sample.Files{
		migration.KindDocument: e.DocumentFiles, migration.KindPersonal: e.Personal, migration.KindTemplate: e.Templates,
		migration.KindService: service, migration.KindAttachment: e.Attachments,
		migration.KindVersion: {Files: e.Versions.Files + e.CheckedOut.Files, Bytes: e.Versions.Bytes + e.CheckedOut.Bytes},
	}
	for _, kind := range migration.ItemKinds() {
		in.SetBatch(1000)
		items := collect(t, in, kind)
		in.SetBatch(5)
		if !reflect.DeepEqual(items, collect(t, in, kind)) {
			t.Errorf("%s: two passes with other batches differ", kind)
		}
		if got := tally(t, in, items); got != want[kind] {
			t.Errorf("%s: %+v, want %+v", kind, got, want[kind])
		}
	}
	if strays, err := in.Strays(t.Context()); err != nil || strays != e.Strays {
		t.Errorf("strays %+v %v, want %+v", strays, err, e.Strays)
	}
	stop := errors.New("stop")
	if err := in.Items(t.Context(), migration.KindDocument, func(migration.Item) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("yield's error became %v", err)
	}
}

// small is an installation with nothing but an administrator of two roles and
// one attachment in a folder.
func small(t *testing.T) (*mssql.Store, server, string) {
	t.Helper()
	s := only(t, "company associate person contact usergroup perspos role userrolelink functionrightrolelink functionright "+
		"licenseassoclink modulelicense email phone attachment attachment_location config")
	folder := t.TempDir()
	s.exec(t, "INSERT INTO CRM7.associate (associate_id, name, type) VALUES (5, 'HH', 0)")
	s.exec(t, "INSERT INTO CRM7.Role (Role_id, name) VALUES (7, 'Second'), (3, 'First')")
	s.exec(t, "INSERT INTO CRM7.UserRoleLink (UserRoleLink_id, associate_id, role_id) VALUES (1, 5, 7), (2, 5, 3), (3, 5, 99)")
	s.exec(t, "INSERT INTO CRM7.attachment (id, att_size, attachment_location_id) VALUES (12, 1, 1)")
	s.exec(t, "INSERT INTO CRM7.attachment_location (attachment_location_id, path) VALUES (1, ?), (2, '/not/used')", folder)
	s.exec(t, "INSERT INTO CRM7.config (id, attachment_path) VALUES (1, '/not/used/either')")
	s.settings.Service = onsite.ServiceSettings{}
	if err := os.WriteFile(filepath.Join(folder, "12"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.store, s, folder
}

func TestFirstRole(t *testing.T) {
	_, s, _ := small(t)
	users, err := s.connect(t).Users(t.Context())
	if err != nil || len(users) != 1 || users[0].Role != "First" {
		t.Errorf("%+v %v", users, err)
	}
}

func TestAttachmentFolders(t *testing.T) {
	store, s, folder := small(t)
	in := s.connect(t)
	if err := in.CheckPaths(t.Context()); err != nil {
		t.Error(err)
	}
	items := collect(t, in, migration.KindAttachment)
	if len(items) != 1 || items[0].Source == "" {
		t.Fatalf("%+v", items)
	}
	// Once the items are known, opening one asks nobody.
	s.srv.SetFaults(mssql.Faults{Hook: func(_ context.Context, table string, _ int64) error {
		t.Errorf("opening a file read %s", table)
		return nil
	}})
	f, err := in.Open(t.Context(), items[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	s.srv.SetFaults(mssql.Faults{})
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := in.CheckPaths(t.Context()); err == nil || !strings.Contains(err.Error(), folder) {
		t.Errorf("a location that is gone: %v", err)
	}
	again := s.connect(t)
	if err := again.Items(t.Context(), migration.KindAttachment, func(it migration.Item) error {
		t.Errorf("it became %+v", it)
		return nil
	}); err == nil || migration.HintOf(err).ID != "hint.archive.path" {
		t.Errorf("during a run: %v", err)
	}
	if err := store.Exec(t.Context(), "UPDATE CRM7.attachment SET attachment_location_id = NULL"); err != nil {
		t.Fatal(err)
	}
	if err := in.CheckPaths(t.Context()); err == nil || !strings.Contains(err.Error(), "/not/used/either") {
		t.Errorf("a configured path that is not there: %v", err)
	}
}

// TestPersonalFiles: of what lies in a person's folder mail.htm, *.sxf and copies of
// templates that allow them are sent, from each archive path, the first of a name;
// nothing else is, and nothing from the folders of the periods.
func TestPersonalFiles(t *testing.T) {
	s := only(t, "company associate person contact usergroup perspos role userrolelink doctmpl document appointment")
	one, two := t.TempDir(), t.TempDir()
	s.settings.ArchivePaths, s.settings.TemplatePath, s.settings.Service = []string{one, two}, "", onsite.ServiceSettings{}
	s.exec(t, "INSERT INTO CRM7.associate (associate_id, name, type) VALUES (5, 'HH', 0), (6, 'KK', 0)")
	for i, name := range []string{"filename=sign.html;allowPersonal=1", "filename=other.html;allowPersonal=0", "plain.html", `filename=sub\deep.html;allowPersonal=1`} {
		s.exec(t, "INSERT INTO CRM7.DocTmpl (DocTmpl_id, filename, record_type) VALUES (?, ?, 3)", i+1, name)
	}
	for root, names := range map[string]string{
		one: "HH/mail.htm HH/own.SXF HH/Sign.html HH/other.html HH/plain.html HH/note.txt HH/2020.1/mail.htm HH/deep.html ZZ/mail.htm",
		two: "HH/MAIL.HTM KK/list.sxf",
	} {
		for name := range strings.FieldsSeq(names) {
			path := filepath.Join(root, filepath.FromSlash(name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(name), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
	}
	var got []string
	for _, it := range collect(t, s.connect(t), migration.KindPersonal) {
		if rel, err := filepath.Rel(one, it.Source); err == nil && filepath.IsLocal(rel) != (it.Owner == "HH") || it.Outcome != "" {
			t.Errorf("%+v", it)
		}
		got = append(got, strings.Join(it.Elements, "/"))
	}
	if want := []string{"personal/HH/Sign.html", "personal/HH/mail.htm", "personal/HH/own.SXF", "personal/KK/list.sxf"}; !slices.Equal(got, want) {
		t.Errorf("personal files %q, want %q", got, want)
	}
}

func TestOutcomesOfRows(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	e := s.in.Expect()
	outcomes := map[migration.Outcome]int64{}
	for _, it := range collect(t, in, migration.KindDocument) {
		if it.Outcome == "" {
			it.Outcome = migration.Uploaded
		}
		outcomes[it.Outcome]++
	}
	if !reflect.DeepEqual(outcomes, e.Documents) {
		t.Errorf("documents %v, want %v", outcomes, e.Documents)
	}
	var missing, rows int64
	for _, it := range collect(t, in, migration.KindAttachment) {
		rows++
		if it.Outcome == migration.Missing {
			missing++
		}
	}
	if rows != e.AttachmentRows || missing != e.AttachmentsMissing {
		t.Errorf("attachments: %d rows, %d missing, want %d and %d", rows, missing, e.AttachmentRows, e.AttachmentsMissing)
	}
}

// only is a database with these tables alone, whose columns take NULL.
func only(t *testing.T, tables string) server {
	t.Helper()
	keep := strings.Fields(tables)
	return old(t, func(c *migration.Catalog) {
		c.Tables = slices.DeleteFunc(c.Tables, func(t *migration.Table) bool {
			return t.Schema != "CRM7" || !slices.Contains(keep, strings.ToLower(t.Name))
		})
		for _, table := range c.Tables {
			for i := range table.Columns {
				table.Columns[i].Nullable = i > 0
			}
		}
	})
}
