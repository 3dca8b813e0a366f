package onsite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"omt/migration"
)

func inUTF16(order string, text string) string {
	out := map[string]string{"le": "\xff\xfe", "be": "\xfe\xff"}[order]
	for _, r := range text {
		hi, lo := string([]byte{byte(r >> 8)}), string([]byte{byte(r)})
		if order == "le" {
			out += lo + hi
		} else {
			out += hi + lo
		}
	}
	return out
}

// plainDir is a folder of the test that is removed file by file: what os.RemoveAll
// calls is not known to every Windows on which these tests run.
func plainDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "omt-files-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var all []string
		_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
			all = append(all, path)
			return err
		})
		for i := len(all) - 1; i >= 0; i-- {
			_ = os.Remove(all[i]) // what is left lies in a temporary folder
		}
	})
	return dir
}

func configFile(t *testing.T, text string) (*Freezer, string) {
	t.Helper()
	dir := plainDir(t)
	path := filepath.Join(dir, "config")
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return NewFreezer(&Installation{settings: Settings{Service: ServiceSettings{BasePath: dir}}}), path
}

func frozenRecord(t *testing.T, f *Freezer) migration.FreezeRecord {
	t.Helper()
	rec, err := f.Prepare(context.Background(), migration.FreezeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Freeze(context.Background(), rec, migration.FreezeRequest{}); err != nil {
		t.Fatal(err)
	}
	return rec
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Encodings and line endings of real files, and exactly what a freeze makes of
// each; thaw brings every byte back.
func TestConfigFrozenAndThawed(t *testing.T) {
	for _, c := range []struct{ name, was, frozen string }{
		{"windows", "dbHost = x\r\n#frozen\r\n", "dbHost = x\r\n#frozen\r\nfrozen\r\n"},
		{"unix", "dbHost = x\n# frozen\n", "dbHost = x\n# frozen\nfrozen\n"},
		{"no line end", "a = 1\r\nb = 2", "a = 1\r\nb = 2\r\nfrozen\r\n"},
		{"one line", "a = 1", "a = 1\r\nfrozen\r\n"},
		{"empty", "", "frozen\r\n"},
		{"utf-8 mark", "\xef\xbb\xbfa = \xc3\xa6\n", "\xef\xbb\xbfa = \xc3\xa6\nfrozen\n"},
		{"windows-1252", "a = \xe6\xf8\xe5\r\n", "a = \xe6\xf8\xe5\r\nfrozen\r\n"},
		{"utf-16 le", inUTF16("le", "a = å\r\n"), inUTF16("le", "a = å\r\nfrozen\r\n")},
		{"utf-16 be", inUTF16("be", "a = å\n#frozen"), inUTF16("be", "a = å\n#frozen\nfrozen\n")},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, path := configFile(t, c.was)
			mode := modeOf(t, path)
			rec := frozenRecord(t, f)
			if got := content(t, path); got != c.frozen {
				t.Fatalf("frozen is %q, want %q", got, c.frozen)
			}
			held, err := f.Held(t.Context(), rec)
			if err != nil || !held.Config {
				t.Errorf("held %+v, %v", held, err)
			}
			if err := f.Freeze(t.Context(), rec, migration.FreezeRequest{}); err != nil || content(t, path) != c.frozen {
				t.Errorf("frozen twice: %v, %q", err, content(t, path))
			}
			for range 2 {
				if notes, err := f.Thaw(t.Context(), rec); err != nil || len(notes) > 0 || content(t, path) != c.was {
					t.Errorf("thawed: %v, %v, %q", notes, err, content(t, path))
				}
			}
			if m := modeOf(t, path); m != mode {
				t.Errorf("mode %v, was %v", m, mode)
			}
		})
	}
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

// blanked is what a thaw leaves on Windows of a file that others have edited:
// the line keeps its place, without a word in it.
func blanked(edited string) string {
	line, blanks := "frozen\r\n", "      \r\n"
	if strings.HasPrefix(edited, "\xff\xfe") {
		line, blanks = inUTF16("le", line)[2:], inUTF16("le", blanks)[2:]
	}
	at := strings.LastIndex(edited, line)
	return edited[:at] + blanks + edited[at+len(line):]
}

// What others do to the file while it is frozen stays, and it is said.
func TestConfigEditedWhileFrozen(t *testing.T) {
	const was, frozen = "a = 1\r\nb = frozen\r\n", "a = 1\r\nb = frozen\r\nfrozen\r\n"
	for _, c := range []struct{ name, edited, end, note string }{
		{"line after", frozen + "c = 3\r\n", was + "c = 3\r\n", "thaw.config.edited"},
		{"line before", "z = 0\r\n" + frozen, "z = 0\r\n" + was, "thaw.config.edited"},
		{"value changed", "a = 2\r\nb = frozen\r\nfrozen\r\n", "a = 2\r\nb = frozen\r\n", "thaw.config.edited"},
		{"taken away", "a = 2\r\nb = frozen\r\n", "a = 2\r\nb = frozen\r\n", "thaw.config.gone"},
		{"commented", "a = 1\r\nb = frozen\r\n#frozen\r\n", "a = 1\r\nb = frozen\r\n#frozen\r\n", "thaw.config.gone"},
		{"saved as utf-16", inUTF16("le", "x\r\nfrozen\r\ny\r\n"), inUTF16("le", "x\r\ny\r\n"), "thaw.config.edited"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, path := configFile(t, was)
			mode := modeOf(t, path)
			rec := frozenRecord(t, f)
			if runtime.GOOS == "windows" && c.note == "thaw.config.edited" {
				c.end = blanked(c.edited)
			}
			if err := os.WriteFile(path, []byte(c.edited), 0o640); err != nil {
				t.Fatal(err)
			}
			notes, err := f.Thaw(t.Context(), rec)
			if err != nil || len(notes) != 1 || notes[0].ID != c.note || content(t, path) != c.end {
				t.Errorf("%v, %v, %q, want %q", notes, err, content(t, path), c.end)
			}
			if m := modeOf(t, path); m != mode {
				t.Errorf("mode %v, was %v", m, mode)
			}
			if list, err := os.ReadDir(filepath.Dir(path)); err != nil || len(list) != 1 {
				t.Errorf("files left: %v, %v", list, err)
			}
		})
	}
}

// Somebody else's freeze is neither doubled nor lifted.
func TestConfigFrozenByOthers(t *testing.T) {
	const was = "a = 1\r\n Frozen \r\n"
	f, path := configFile(t, was)
	rec := frozenRecord(t, f)
	notes, err := f.Thaw(t.Context(), rec)
	if err != nil || len(notes) != 1 || notes[0].ID != "thaw.config.stays" || content(t, path) != was {
		t.Errorf("%v, %v, %q", notes, err, content(t, path))
	}
}

// A file that changed between the record and the freeze is not touched.
func TestConfigChangedBeforeFreeze(t *testing.T) {
	f, path := configFile(t, "a = 1\r\n")
	rec, err := f.Prepare(t.Context(), migration.FreezeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("a = 2\r\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := f.Freeze(t.Context(), rec, migration.FreezeRequest{}); !errors.Is(err, migration.ErrChanged) || content(t, path) != "a = 2\r\n" {
		t.Errorf("%v, %q", err, content(t, path))
	}
}

// A file that is marked read-only is so for an administrator as well.
func TestConfigReadOnly(t *testing.T) {
	_, path := configFile(t, "a = 1\r\n")
	if err := os.Chmod(path, 0o440); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(path, 0o640) })
	err := cannotWrite(path, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission})
	if migration.HintOf(err).ID != "hint.freeze.readonly" || errors.Is(err, migration.ErrNeedsAdministrator) || !errors.Is(err, migration.ErrForbidden) {
		t.Errorf("%v, hint %v", err, migration.HintOf(err))
	}
}

// cannotWrite says restart as administrator only where that helps.
func TestConfigNotWritable(t *testing.T) {
	for err, want := range map[error]string{fs.ErrPermission: "hint.freeze.config", errors.New("sharing violation"): "hint.freeze.busy"} {
		got := cannotWrite("config", &fs.PathError{Op: "open", Path: "config", Err: err})
		rights := want == "hint.freeze.config"
		if migration.HintOf(got).ID != want || errors.Is(got, migration.ErrForbidden) != rights || errors.Is(got, migration.ErrNeedsAdministrator) != rights {
			t.Errorf("%v: %v", got, migration.HintOf(got))
		}
	}
}
