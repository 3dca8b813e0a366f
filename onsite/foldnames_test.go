package onsite

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestFoldNames: a file that a row names with a dot at the end lies on a
// Windows disk without it, and must not be counted as one that no row knows.
func TestFoldNames(t *testing.T) {
	sep := string(filepath.Separator)
	a := strings.Join([]string{"", "arc", "GH2", "2021.1", "Notat 2400."}, sep)
	b := strings.Join([]string{"", "ARC", "gh2", "2021.1", "NOTAT 2400"}, sep)
	if foldNames(a) != foldNames(b) {
		t.Errorf("%q and %q are two files", a, b)
	}
	if foldNames(a) == foldNames(strings.Join([]string{"", "arc", "GH2.2021", "1", "Notat 2400"}, sep)) {
		t.Error("other folders are one file")
	}
}
