package onsite

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

func TestPeriod(t *testing.T) {
	for date, want := range map[string]string{
		"2020-01-01T00:00:00Z": "2020.1 2019.2", "2020-04-05T12:00:00Z": "2020.1", "2020-07-31T23:30:00Z": "2020.1 2020.2",
		"2020-08-01T00:10:00Z": "2020.2 2020.1", "2020-12-31T11:00:00Z": "2020.2 2021.1", "2020-12-31T09:00:00Z": "2020.2",
		"1760-01-01T20:00:00Z": "1760.1",
	} {
		at, err := time.Parse(time.RFC3339, date)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(documentRow{registered: at}.periods(), " "); got != want {
			t.Errorf("%s: %s, want %s", date, got, want)
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, bad := range []string{
		"..", ".", "...", ".. ", " ", "", `..\x.doc`, "../x.doc", `\\server\share\x`, "/etc/passwd", `C:\x`, "C:x", "a/b", "file.doc:stream",
		"con", "NUL.txt", "Com1.doc", "lpt9", "aux .doc", "COM².txt", "a\x00b", "a\nb", "a\x7f", "a?b", "a*b", `a"b`, "a|b", "<a>", "\xff", strings.Repeat("x", 256),
	} {
		if checkName(bad).IsZero() {
			t.Errorf("%q was allowed", bad)
		}
	}
	for _, good := range []string{"Brief.doc", "Notat 5.", "name[1].doc", "100% rabatt.xlsx", "契約書.pdf", "console.txt", "com10.txt", "..hidden", "a..b", strings.Repeat("ø", 255)} {
		if why := checkName(good); !why.IsZero() {
			t.Errorf("%q was refused: %v", good, why)
		}
	}
}

func FuzzCheckName(f *testing.F) {
	for _, s := range []string{"..", `a\..\..\b`, "CON", "a:b", "ok.doc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !checkName(name).IsZero() {
			return
		}
		if !filepath.IsLocal(name) || filepath.Base(name) != name || filepath.Dir(filepath.Join("root", name)) != "root" {
			t.Fatalf("%q leads elsewhere", name)
		}
	})
}

var may2020 = time.Date(2020, 5, 17, 10, 0, 0, 0, time.UTC)

func row(name string) documentRow {
	return documentRow{id: 7, name: name, registered: may2020, dated: true, appointmentID: 9, appointment: true, ownerID: 1, owner: "HH", registrarID: 2, registrar: "REG"}
}

func TestOutcome(t *testing.T) {
	with := func(change func(*documentRow)) documentRow {
		d := row("a.doc")
		change(&d)
		return d
	}
	for _, c := range []struct {
		name    string
		row     documentRow
		outcome migration.Outcome
		reason  string
		owners  string
	}{
		{"plain", row("a.doc"), "", "", "HH REG"},
		{"same associate", with(func(d *documentRow) { d.registrar = "hh" }), "", "", "HH"},
		{"owner not set", with(func(d *documentRow) { d.ownerID, d.owner = 0, "" }), "", "", "REG"},
		{"blank", row(" \t"), migration.WithoutPath, "reason.document.name", ""},
		{"no appointment row", with(func(d *documentRow) { d.appointment = false }), migration.WithoutPath, "reason.document.appointment", ""},
		{"no appointment", with(func(d *documentRow) { d.appointmentID, d.appointment = 0, false }), migration.WithoutPath, "reason.document.appointment", ""},
		{"unknown associate", with(func(d *documentRow) { d.owner = "" }), migration.WithoutPath, "reason.document.associate", ""},
		{"unknown registrar", with(func(d *documentRow) { d.registrar = "" }), "", "", "HH"},
		{"no date", with(func(d *documentRow) { d.dated = false }), migration.WithoutPath, "reason.document.date", ""},
		{"provider", with(func(d *documentRow) { d.provider, d.name = 2, "" }), migration.OtherProvider, "reason.document.provider", ""},
	} {
		outcome, reason, owners := c.row.outcome()
		if outcome != c.outcome || reason.ID != c.reason || strings.Join(owners, " ") != c.owners {
			t.Errorf("%s: %q %q %v", c.name, outcome, reason.ID, owners)
		}
	}
}

// archive makes two archive paths from relative names and opens them.
func archive(t *testing.T, one, two map[string]string) (*Installation, Settings) {
	t.Helper()
	s := Settings{ArchivePaths: []string{put(t, one), put(t, two)}, Schema: DefaultSchema}
	in := &Installation{settings: s, files: newFiles(s)}
	t.Cleanup(func() {
		if err := in.files.close(); err != nil {
			t.Error(err)
		}
	})
	return in, s
}

func TestDocumentSearch(t *testing.T) {
	in, s := archive(t, map[string]string{
		"HH/2020.1/a.doc": "first", "REG/2020.1/a.doc": "registrar", "REG/2020.1/only.doc": "registrar", "hh/2020.1/lower folder.doc": "x",
		"HH/2020.1/Brøk.DOC": "other case", "HH/2020.1/stripped": "dot", "HH/2020.2/late.doc": "neighbour", "HH/2020.1/folder.doc/x": "",
	}, map[string]string{"HH/2020.1/a.doc": "second", "HH/2020.1/old.doc": "second", "HH/2020.1/folder2.doc": "second"})
	if err := os.Mkdir(filepath.Join(s.ArchivePaths[0], "HH", "2020.1", "folder2.doc"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a.doc": "first", "only.doc": "registrar", "brØk.doc": "other case", "stripped.": "dot", "old.doc": "second", "folder2.doc": "second", "lower folder.doc": "x",
	} {
		it, err := in.files.finder().document(row(name))
		if err != nil || it.Outcome != "" {
			t.Errorf("%s: %v %v", name, it, err)
			continue
		}
		if got := strings.Join(it.Elements, "|"); got != "documents|HH|2020.1|"+name {
			t.Errorf("%s goes to %s", name, got)
		}
		f, err := in.Open(t.Context(), it)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		data, err := io.ReadAll(f)
		if err != nil || string(data) != want || it.Size != int64(len(want)) {
			t.Errorf("%s: %q %v, size %d", name, data, err, it.Size)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	for name, want := range map[string]migration.Outcome{
		"gone.doc": migration.Missing, "late.doc": migration.Missing, "folder.doc": migration.Unreadable,
		`..\..\secret.txt`: migration.Unreadable, "NUL": migration.Unreadable,
	} {
		it, err := in.files.finder().document(row(name))
		if err != nil || it.Outcome != want || it.Reason.IsZero() {
			t.Errorf("%s: %+v %v, want %s", name, it, err, want)
		}
	}
	d := row("late.doc")
	d.registered = time.Date(2020, 7, 31, 23, 0, 0, 0, time.UTC)
	if it, err := in.files.finder().document(d); err != nil || it.Source == "" || it.Elements[2] != "2020.1" {
		t.Errorf("neighbour: %+v %v", it, err)
	}
	d = row("a.doc")
	d.owner = ".."
	if it, err := in.files.finder().document(d); err != nil || it.Outcome != migration.Unreadable {
		t.Errorf("owner ..: %+v %v", it, err)
	}
}

func TestDocumentLinks(t *testing.T) {
	in, s := archive(t, map[string]string{"HH/2020.1/real.doc": "x"}, nil)
	outside := put(t, map[string]string{"secret.txt": "secret"})
	folder := filepath.Join(s.ArchivePaths[0], "HH", "2020.1")
	for name, target := range map[string]string{"out.doc": filepath.Join(outside, "secret.txt"), "in.doc": "real.doc", "dir": outside} {
		if err := os.Symlink(target, filepath.Join(folder, name)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	it, err := in.files.finder().document(row("out.doc"))
	if err != nil || it.Outcome != migration.Unreadable || it.Reason.ID != "reason.file.link" {
		t.Errorf("link out of the archive: %+v %v", it, err)
	}
	if it, err = in.files.finder().document(row("in.doc")); err != nil || it.Outcome != "" {
		t.Errorf("link inside: %+v %v", it, err)
	}
	for _, source := range []string{filepath.Join(folder, "out.doc"), filepath.Join(outside, "secret.txt"), filepath.Join(folder, "dir", "secret.txt"), folder + "/../../../x", "/etc/passwd"} {
		f, err := in.Open(t.Context(), migration.Item{Kind: migration.KindDocument, Source: source})
		if err == nil {
			t.Errorf("%s was opened", source)
			f.Close()
		}
	}
	_, err = in.Open(t.Context(), migration.Item{Kind: migration.KindDocument, Source: filepath.Join(folder, "gone.doc")})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("gone file: %v", err)
	}
}

func TestArchiveGone(t *testing.T) {
	in, s := archive(t, map[string]string{"HH/2020.1/a.doc": "x"}, nil)
	fd := in.files.finder()
	if it, err := fd.document(row("no.doc")); err != nil || it.Outcome != migration.Missing {
		t.Fatalf("missing: %+v %v", it, err)
	}
	if err := os.RemoveAll(s.ArchivePaths[0]); err != nil {
		t.Fatal(err)
	}
	if it, err := fd.document(row("no.doc")); err == nil || migration.HintOf(err).ID != "hint.archive.path" {
		t.Errorf("a share that went away gave %+v, %v", it, err)
	}
	if err := in.CheckPaths(t.Context()); err == nil || !strings.Contains(err.Error(), s.ArchivePaths[0]) {
		t.Errorf("CheckPaths: %v", err)
	}
}

func TestVersions(t *testing.T) {
	in, _ := archive(t, map[string]string{
		"HH/2020.1/brief.doc": "now", "HH/2020.1/brief/brief-001.doc": "v1", "HH/2020.1/brief/Brief-1002.DOC": "v2", "HH/2020.1/brief/brief.doc": "copy",
		"HH/2020.1/brief/brief-01.doc": "no", "HH/2020.1/brief/brief-001.txt": "no", "HH/2020.1/brief/other.doc": "no", "HH/2020.1/brief/brief-00x.doc": "no",
	}, map[string]string{"HH/2020.1/brief/brief-001.doc": "hidden by the first", "HH/2020.1/brief/brief-003.doc": "v3"})
	var got []string
	err := in.files.finder().versionsOf(row("brief.doc"), []string{"HH", "REG"}, func(it migration.Item) error {
		got = append(got, it.Key+" "+strings.Join(it.Elements, "/"))
		return nil
	})
	want := "7/Brief-1002.DOC documents/HH/2020.1/brief/Brief-1002.DOC;7/brief-001.doc documents/HH/2020.1/brief/brief-001.doc;" +
		"7/brief.doc documents/HH/2020.1/brief/brief.doc;7/brief-003.doc documents/HH/2020.1/brief/brief-003.doc"
	if err != nil || strings.Join(got, ";") != want {
		t.Errorf("%v\n got %s\nwant %s", err, strings.Join(got, ";"), want)
	}
}

func TestTemplateName(t *testing.T) {
	for in, want := range map[string]string{
		"brief.dotx": "brief.dotx", `merge\a b.dotx`: "merge|a b.dotx", "filename=x.html;allowPersonal=1": "x.html!", "FileName=x.html;allowPersonal=0": "x.html",
		"a=b.dot": "a=b.dot", "": "", `..\x.dot`: "..|x.dot", "/etc/x": "etc|x",
	} {
		elements, personal := templateName(in)
		got := strings.Join(elements, "|")
		if personal {
			got += "!"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestTemplates(t *testing.T) {
	in, _ := archive(t, map[string]string{
		"TEMPLATE/a.dotx": "all", "TEMPLATE/NO/a.dotx": "norsk", "TEMPLATE/GE/sub/b.dotx": "deutsch", "TEMPLATE/Travel/p.db": "no", "TEMPLATE/global.dotm": "macro",
	}, nil)
	fd := in.files.finder()
	root, prefix, err := fd.templateFolder()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	w := templateWalk{fd: fd, root: root, prefix: prefix, seen: map[string]bool{}, yield: func(it migration.Item) error {
		got = append(got, it.Key+" "+string(it.Outcome))
		return nil
	}}
	if w.languages, err = fd.languages(root, prefix); err != nil {
		t.Fatal(err)
	}
	for i, r := range []templateRow{
		{filename: "A.dotx", kind: 2}, {filename: "a.dotx", kind: 2}, {filename: `sub\b.dotx`, kind: 2}, {filename: "gone.dot", kind: 2},
		{filename: "gone.dot", kind: 2, provider: 5}, {filename: "guid", kind: 2, plugin: true}, {filename: " ", kind: 1}, {filename: "", kind: 2}, {filename: "../a.dotx", kind: 2},
	} {
		r.id = int64(i + 1)
		if err := w.row(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.others(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "NO/A.dotx ;A.dotx ;GE/sub/b.dotx ;gone.dot missing;row:6 other-provider;row:8 without-path;../a.dotx unreadable;global.dotm "
	if strings.Join(got, ";") != want {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, ";"), want)
	}
}

func TestAttachment(t *testing.T) {
	in, s := archive(t, map[string]string{"12": "direct", "folder1/10001": "folder"}, map[string]string{"12": "located"})
	folders := serviceFolders{attachments: s.ArchivePaths[:1], locations: map[int64]string{3: s.ArchivePaths[1]}}
	folders.reachable = folders.attachments
	fd := in.files.finder()
	for _, c := range []struct {
		row     attachmentRow
		path    string
		outcome migration.Outcome
		reason  string
	}{
		{attachmentRow{12, 6, 0}, filepath.Join(s.ArchivePaths[0], "12"), "", ""},
		{attachmentRow{12, 7, 3}, filepath.Join(s.ArchivePaths[1], "12"), "", ""},
		{attachmentRow{10001, 6, 3}, filepath.Join(s.ArchivePaths[0], "folder1", "10001"), "", ""},
		{attachmentRow{12, 99, 0}, filepath.Join(s.ArchivePaths[0], "12"), "", "warning.attachment.size"},
		{attachmentRow{13, 6, 9}, "", migration.Missing, "reason.attachment.missing"},
	} {
		it, err := fd.attachment(c.row, folders)
		if err != nil || it.Source != c.path || it.Outcome != c.outcome || it.Reason.ID != c.reason {
			t.Errorf("%v: %+v %v", c.row, it, err)
		}
	}
}

func TestAttachmentFolderGone(t *testing.T) {
	in, s := archive(t, map[string]string{"12": "direct"}, nil)
	away := filepath.Join(s.ArchivePaths[0], "away")
	fd := in.files.finder()
	for name, f := range map[string]serviceFolders{
		"location": {attachments: s.ArchivePaths[:1], reachable: s.ArchivePaths[:1], locations: map[int64]string{3: away}},
		"config":   {attachments: []string{away}},
	} {
		if it, err := fd.attachment(attachmentRow{12, 6, 3}, f); err == nil || migration.HintOf(err).ID != "hint.archive.path" || !strings.Contains(err.Error(), away) {
			t.Errorf("%s: %+v %v", name, it, err)
		}
	}
	located := serviceFolders{attachments: []string{away}, locations: map[int64]string{3: s.ArchivePaths[0]}}
	if it, err := fd.attachment(attachmentRow{13, 6, 3}, located); err != nil || it.Outcome != migration.Missing {
		t.Errorf("another folder, to which the row does not refer: %+v %v", it, err)
	}
}

func TestServiceFilesStaySecret(t *testing.T) {
	root := put(t, map[string]string{
		"cs/config": "dbPassword=x", "cs/old/Config": "dbPassword=y", "cs/bin/prog": "x", "cs/log/a.log": "x", "cs/attachments/1": "x",
		"cs/text/bin/kept": "x", "cs/configuration": "x", "a/b": "x", "a-b": "x",
	})
	s := Settings{ArchivePaths: []string{root}, Service: ServiceSettings{BasePath: filepath.Join(root, "CS")}}
	in := &Installation{settings: s, files: newFiles(s)}
	t.Cleanup(func() { in.files.close() })
	outside := put(t, map[string]string{"x": ""})
	if err := os.Symlink(outside, filepath.Join(root, "link")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	for base, want := range map[string]string{root: "t/a/b ;t/a-b ;t/cs/configuration ;t/cs/text/bin/kept ;t/link unreadable", filepath.Join(root, "cs"): "t/configuration ;t/text/bin/kept "} {
		var got []string
		err := in.serviceFiles(t.Context(), "t", base, func(it migration.Item) error {
			got = append(got, it.Key+" "+string(it.Outcome))
			return nil
		})
		if err != nil || strings.Join(got, ";") != want {
			t.Errorf("%v\n got %s\nwant %s", err, strings.Join(got, ";"), want)
		}
	}
	if err := in.serviceFiles(t.Context(), "t", filepath.Join(root, "gone"), nil); migration.HintOf(err).ID != "hint.archive.path" {
		t.Errorf("a folder that is gone: %v", err)
	}
}

func TestFinderForgets(t *testing.T) {
	in, s := archive(t, map[string]string{"A/x": "", "B/x": "", "C/x": ""}, nil)
	fd := in.files.finder()
	fd.names = cachedNames - 3
	for _, folder := range []string{"A", "B", "C"} {
		if _, ok, err := fd.find(s.ArchivePaths[0], folder, "X"); err != nil || !ok {
			t.Fatalf("%s: %v %v", folder, ok, err)
		}
	}
	if fd.recent.Len() != len(fd.known) || fd.recent.Len() > 3 {
		t.Errorf("%d listings, %d known", fd.recent.Len(), len(fd.known))
	}
}
