package onsite

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"omt/migration"
)

// documentAt writes a file and gives the installation and item that mean it.
func documentAt(t *testing.T, elements ...string) (*Installation, migration.Item) {
	t.Helper()
	root := plainDir(t)
	path := filepath.Join(append([]string{root}, elements...)...)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Settings{ArchivePaths: []string{root}}
	in := &Installation{settings: s, files: newFiles(s)}
	t.Cleanup(func() {
		if err := in.files.close(); err != nil {
			t.Error(err)
		}
	})
	return in, migration.Item{Kind: migration.KindDocument, Key: "1", Source: path}
}

func read(t *testing.T, in *Installation, it migration.Item) error {
	t.Helper()
	f, err := in.Open(t.Context(), it)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err == nil && string(b) != "content" {
		t.Errorf("read %q", b)
	}
	return err
}

func TestWindowsLongPaths(t *testing.T) {
	in, it := documentAt(t, strings.Repeat("n", 100), strings.Repeat("ø", 100), "2020.1", strings.Repeat("d", 100)+".doc")
	if len(it.Source) < 300 {
		t.Fatalf("the path has only %d characters", len(it.Source))
	}
	if err := read(t, in, it); err != nil {
		t.Error(err)
	}
}

// A file that another program holds is read when it is let go, and named if it
// never is.
func TestWindowsSharingViolation(t *testing.T) {
	in, it := documentAt(t, "HH", "2020.1", "held.doc")
	name, err := windows.UTF16PtrFromString(it.Source)
	if err != nil {
		t.Fatal(err)
	}
	hold := func() windows.Handle {
		h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil, windows.OPEN_EXISTING, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	h := hold()
	err = read(t, in, it)
	if !errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, migration.ErrSourceLost) ||
		migration.HintOf(err).ID != "reason.file.system" || !strings.Contains(err.Error(), "held.doc") {
		t.Errorf("held: %v", err)
	}
	timer := time.AfterFunc(300*time.Millisecond, func() { _ = windows.CloseHandle(h) })
	defer timer.Stop()
	if err := read(t, in, it); err != nil {
		t.Errorf("let go: %v", err)
	}
}

// The configuration of Customer Service keeps its attributes through freeze and
// thaw, and one that is read-only is said to be so.
func TestWindowsConfigAttributes(t *testing.T) {
	dir := plainDir(t)
	path := filepath.Join(dir, "config")
	if err := os.WriteFile(path, []byte("a = 1\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		t.Fatal(err)
	}
	set := func(a uint32) {
		if err := windows.SetFileAttributes(name, a); err != nil {
			t.Fatal(err)
		}
	}
	get := func() uint32 {
		a, err := windows.GetFileAttributes(name)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	set(windows.FILE_ATTRIBUTE_HIDDEN | windows.FILE_ATTRIBUTE_ARCHIVE)
	was := get()
	f := NewFreezer(&Installation{settings: Settings{Service: ServiceSettings{BasePath: dir}}})
	rec := frozenRecord(t, f)
	if get() != was || content(t, path) != "a = 1\r\nfrozen\r\n" {
		t.Errorf("frozen: attributes %#x, were %#x, %q", get(), was, content(t, path))
	}
	if _, err := f.Thaw(t.Context(), rec); err != nil || get() != was || content(t, path) != "a = 1\r\n" {
		t.Errorf("thawed: %v, attributes %#x, were %#x, %q", err, get(), was, content(t, path))
	}
	set(windows.FILE_ATTRIBUTE_READONLY)
	// Wine as root of a Linux computer writes to it all the same.
	wine := windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
	if err := canWrite(path); migration.HintOf(err).ID != "hint.freeze.readonly" && !(wine && err == nil) {
		t.Errorf("read-only: %v", err)
	}
	set(windows.FILE_ATTRIBUTE_NORMAL)
}

// A junction in the archive must not lead out of it: what lies behind it is not
// the customer's archive.
func TestWindowsJunction(t *testing.T) {
	in, it := documentAt(t, "KK", "2020.1", "inside.doc")
	outside := filepath.Join(plainDir(t), "secret")
	if err := os.Mkdir(outside, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(outside, "secret.doc"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(filepath.Dir(it.Source), "link")
	if out, err := exec.Command("cmd", "/c", "mklink", "/J", link, outside).CombinedOutput(); err != nil {
		t.Skipf("no junction can be made here (%v: %s)", err, out)
	}
	it.Source = filepath.Join(link, "secret.doc")
	if err := read(t, in, it); err == nil || errors.Is(err, migration.ErrSourceLost) {
		t.Errorf("behind a junction: %v", err)
	}
}

// What an alternate stream holds is not the document.
func TestWindowsStream(t *testing.T) {
	in, it := documentAt(t, "KK", "2020.1", "d.doc")
	if err := os.WriteFile(it.Source+":Zone.Identifier", []byte("[ZoneTransfer]"), 0o600); err != nil {
		t.Skipf("no stream can be made here: %v", err)
	}
	if err := read(t, in, it); err != nil {
		t.Error(err)
	}
	it.Source += ":Zone.Identifier"
	if err := read(t, in, it); err == nil {
		t.Error("a stream is read as a document")
	}
}

func TestWindowsAccessDenied(t *testing.T) {
	in, it := documentAt(t, "KK", "2020.1", "d.doc")
	if out, err := exec.Command("icacls", it.Source, "/deny", "*S-1-1-0:(R)").CombinedOutput(); err != nil {
		t.Skipf("no access list can be set here (%v: %s)", err, out)
	}
	err := read(t, in, it)
	if err == nil {
		t.Skip("this account may read whatever is denied")
	}
	if errors.Is(err, migration.ErrSourceLost) || migration.HintOf(err).ID != "reason.file.system" {
		t.Errorf("denied: %v, hint %v", err, migration.HintOf(err))
	}
}
