package onsite

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"omt/migration"
)

func pathError(err error) error { return &fs.PathError{Op: "open", Path: "x", Err: err} }

func TestFaults(t *testing.T) {
	for _, err := range []error{syscall.EIO, syscall.ESTALE, syscall.ETIMEDOUT, syscall.ENOTCONN, syscall.EHOSTDOWN} {
		err = pathError(err)
		if why, ok := unreadable("x", err); ok || absent(err) {
			t.Errorf("%v became a reason: %v", err, why)
		}
		var denied *deniedError
		list, open := cannotList("/x", []string{"y"}, err), cannotOpen("x", err)
		read := sourceFile{path: "x"}.sort(err)
		for _, e := range []error{list, open, read} {
			if !errors.Is(e, migration.ErrSourceLost) || errors.As(e, &denied) || migration.HintOf(e).ID != "hint.archive.lost" {
				t.Errorf("%v became %v", err, e)
			}
		}
	}
	for _, err := range []error{syscall.EACCES, syscall.EPERM, syscall.ELOOP, syscall.EINVAL} {
		err = pathError(err)
		var denied *deniedError
		if _, ok := unreadable("x", err); !ok || absent(err) || !errors.As(cannotList("/x", nil, err), &denied) {
			t.Errorf("%v is no reason", err)
		}
		if errors.Is(cannotOpen("x", err), migration.ErrSourceLost) {
			t.Errorf("%v stops the run", err)
		}
	}
	for _, err := range []error{syscall.ENOENT, syscall.ENOTDIR, syscall.ENAMETOOLONG} {
		if err = pathError(err); !absent(err) || cannotList("/x", nil, err) != nil || !errors.Is(cannotOpen("x", err), fs.ErrNotExist) {
			t.Errorf("%v is not absent", err)
		}
	}
	if err := (sourceFile{path: "x"}).sort(io.EOF); err != io.EOF {
		t.Errorf("end of file became %v", err)
	}
}

// TestFoldersNotListed: links out of the archive stand for folders that may
// not be listed, because a test may run as root.
func TestFoldersNotListed(t *testing.T) {
	in, s := archive(t, map[string]string{"HH/2020.1/brief.doc": "x", "Template/a.dotx": "x"}, nil)
	outside := put(t, map[string]string{"brief-001.doc": "v", "2020.1/other.doc": "x", "mail.htm": "x", "b.dotx": "x"})
	first := s.ArchivePaths[0]
	for _, name := range []string{"HH/2020.1/brief", "REG", "Template/NO"} {
		if err := os.Symlink(outside, filepath.Join(first, filepath.FromSlash(name))); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	var got []string
	yield := func(it migration.Item) error {
		got = append(got, string(it.Kind)+" "+it.Key+" "+string(it.Outcome)+" "+strings.Join(it.Elements, "/"))
		return nil
	}
	check := func(err error, want ...string) {
		t.Helper()
		if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%v\n got %q\nwant %q", err, got, want)
		}
		got = nil
	}
	fd := in.files.finder()
	for range 2 {
		if err := fd.versionsOf(row("brief.doc"), []string{"HH", "REG"}, yield); err != nil {
			t.Error(err)
		}
	}
	check(nil, "version folder:1/HH/2020.1/brief unreadable documents/HH/2020.1/brief", "version folder:1/REG unreadable documents/REG")
	check(in.files.finder().personalOf("REG", map[string]bool{"mail.htm": true}, yield), "personal folder:1/REG unreadable personal/REG")
	w := templateWalk{fd: in.files.finder(), root: first, prefix: []string{"Template"}, seen: map[string]bool{}, yield: yield}
	check(w.others(t.Context()), "template NO unreadable templates/NO", "template a.dotx  templates/a.dotx")
	d := row("other.doc")
	if it, err := in.files.finder().document(d); err != nil || it.Outcome != migration.Unreadable || it.Reason.ID != "reason.file.link" {
		t.Errorf("a document whose folder cannot be searched: %+v %v", it, err)
	}
}

func TestLongName(t *testing.T) {
	in, _ := archive(t, nil, nil)
	if it, err := in.files.finder().document(row(strings.Repeat("ø", 200) + ".doc")); err != nil || it.Outcome != migration.Missing {
		t.Errorf("a name of 404 bytes: %+v %v", it, err)
	}
}

// TestOthersFile: a file that is not where the formula says is sent only if it
// is no other document's.
func TestOthersFile(t *testing.T) {
	in, s := archive(t, map[string]string{
		"REG/2020.1/a.doc": "registrar", "HH/2020.1/B.doc": "other case", "HH/2020.2/late.doc": "neighbour", "HH/2020.2/late/late-001.doc": "v",
	}, nil)
	late := row("late.doc")
	late.registered = time.Date(2020, 7, 31, 23, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		row   documentRow
		other func(*documentRow) // makes of the row the one whose file it is
		path  string
	}{
		{"registrar", row("a.doc"), func(d *documentRow) { d.owner, d.registrar = "reg", "" }, "REG/2020.1/a.doc"},
		{"spelling", row("b.doc"), func(d *documentRow) { d.name = "B.doc" }, "HH/2020.1/B.doc"},
		{"neighbour", late, func(d *documentRow) { d.registered = d.registered.AddDate(0, 2, 0) }, "HH/2020.2/late.doc"},
	} {
		path := filepath.Join(s.ArchivePaths[0], filepath.FromSlash(c.path))
		fd := in.files.finder()
		same := c.row
		same.id = 8 // a second row with the same path shares the file
		asked := ""
		fd.namesakes = func(name string) ([]documentRow, error) { asked = name; return []documentRow{c.row, same}, nil }
		it, err := fd.document(c.row)
		if err != nil || it.Outcome != "" || it.Source != path || it.Reason.ID != "warning.document.found" || it.Reason.Args["Path"] != path || asked != filepath.Base(path) {
			t.Errorf("%s, nobody else's: %+v %v, asked for %q", c.name, it, err, asked)
		}
		other := c.row
		other.id = 9
		c.other(&other)
		fd.namesakes = func(string) ([]documentRow, error) { return []documentRow{c.row, other}, nil }
		it, err = fd.document(c.row)
		if err != nil || it.Outcome != migration.Missing || it.Source != "" || it.Reason.ID != "reason.document.other" || it.Reason.Args["Document"] != int64(9) {
			t.Errorf("%s, another's: %+v %v", c.name, it, err)
		}
		if it, err = fd.document(other); err != nil || it.Source != path || !it.Reason.IsZero() && c.name != "registrar" {
			t.Errorf("%s, its own: %+v %v", c.name, it, err)
		}
	}
	other := late
	other.id, other.registered = 9, late.registered.AddDate(0, 2, 0)
	for _, rows := range [][]documentRow{{late}, {late, other}} {
		fd, n := in.files.finder(), 0
		fd.namesakes = func(string) ([]documentRow, error) { return rows, nil }
		err := fd.versionsOf(late, []string{"HH"}, func(migration.Item) error { n++; return nil })
		if want := 2 - len(rows); err != nil || n != want {
			t.Errorf("%d rows of the name: %d versions, want %d, %v", len(rows), n, want, err)
		}
	}
	fault := errors.New("no connection")
	fd := in.files.finder()
	fd.namesakes = func(string) ([]documentRow, error) { return nil, fault }
	if _, err := fd.document(late); !errors.Is(err, fault) {
		t.Errorf("when nobody can be asked: %v", err)
	}
}
