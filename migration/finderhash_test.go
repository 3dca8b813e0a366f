package migration

import (
	"hash/maphash"
	"slices"
	"testing"
)

// TestFileOfARowIsNoCandidate: however the path of a row's own file is written, as
// Windows reads it it is the same.
func TestFileOfARowIsNoCandidate(t *testing.T) {
	s := &search{seed: maphash.MakeSeed()}
	s.known = []uint64{s.hash(`C:\SO_ARC\Åse\2020.1\Brief.docx`), s.hash("/srv/so_arc/HH/a")}
	slices.Sort(s.known)
	for path, belongs := range map[string]bool{
		`c:/so_arc/ÅSE/2020.1/BRIEF.DOCX`: true, `C:\SO_ARC\Åse \2020.1.\Brief.docx. `: true, `/srv/so_arc/hh/A.`: true,
		`C:\SO_ARC\Åse\2020.2\Brief.docx`: false, `C:\SO_ARC\Åse\2020.1\Brief .docx`: false, "/srv/so_arc/HH/a/b": false,
	} {
		if s.belongs(path) != belongs {
			t.Errorf("%s belongs to a row: %v", path, !belongs)
		}
	}
}
