package wiring

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
)

// everyone, authenticated users and users must have no place in the list.
var others = []string{";;;WD)", ";;;AU)", ";;;BU)", ";;;S-1-1-0)", ";;;S-1-5-11)"}

func wine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

func TestStateFolderIsPrivate(t *testing.T) {
	top, err := os.MkdirTemp("", "omt-state-")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(top, "omt")
	file := filepath.Join(dir, "x")
	// Not t.TempDir: what os.RemoveAll calls is not known to every Windows.
	t.Cleanup(func() { _ = errors.Join(os.Remove(file), os.Remove(dir), os.Remove(top)) })
	for _, what := range []string{"new", "there"} {
		if err := makeState(dir); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		is, err := windows.GetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %s", what, is)
		if what == "there" && wine() {
			break // Wine makes three digits of a list of access, and others of them
		}
		for _, o := range others {
			if strings.Contains(is.String(), o) {
				t.Errorf("%s: others have access: %s", what, is)
			}
		}
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Errorf("not for whoever made it: %v", err)
	}
	if err := makeState(file); !errors.Is(err, errStateLink) {
		t.Errorf("a file in its place: %v", err)
	}
}
