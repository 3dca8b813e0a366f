package onsite

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"omt/migration"
)

const (
	// sharedName bounds the rows that are searched for under one name: of ten
	// thousand files called scan.pdf nobody can tell which is whose.
	sharedName = 100
	// manyCandidates is how many are kept in all, some 30 MB. From then on a row
	// takes its first one only.
	manyCandidates = 100_000
)

// twins is the index of missing rows by what a file may have in common with
// them, and what was found so far.
type twins struct {
	wanted  []migration.Wanted
	names   map[string][]int32
	stems   map[string][]int32
	sizes   map[string][]int32
	ids     map[int64]int32 // documents
	found   map[int32][]twin
	total   int
	crowded int64
}

// twin is a candidate with what it is ordered by.
type twin struct {
	migration.Candidate
	rank int
}

// Twins implements migration.Finder. It searches archive and template folders;
// a folder that may not be listed is passed over, as in Strays.
func (in *Installation) Twins(ctx context.Context, wanted []migration.Wanted, belongs func(path string) bool, looked func(path string), yield func(i int, c []migration.Candidate) error) (int64, error) {
	t := newTwins(wanted)
	own, err := in.ownFolders(ctx)
	if err != nil {
		return 0, err
	}
	for _, root := range in.archiveFolders() {
		if err := t.walk(ctx, in.files, root, own, belongs, looked); err != nil {
			return 0, err
		}
	}
	for i := range wanted {
		found := t.found[int32(i)]
		if len(found) == 0 {
			continue
		}
		out := make([]migration.Candidate, len(found))
		for k, f := range found {
			out[k] = f.Candidate
		}
		if err := yield(i, out); err != nil {
			return 0, err
		}
	}
	return t.crowded, ctx.Err()
}

// walk looks at every file below a root but those in folders of skip.
func (t *twins) walk(ctx context.Context, f *files, root string, skip map[string]bool, belongs func(string) bool, looked func(string)) error {
	return f.walk(ctx, root, skip, func(path string, e fs.DirEntry) {
		looked(path)
		t.look(root, path, e, belongs)
	})
}

func newTwins(wanted []migration.Wanted) *twins {
	t := &twins{
		wanted: wanted, names: map[string][]int32{}, stems: map[string][]int32{}, sizes: map[string][]int32{},
		ids: map[int64]int32{}, found: map[int32][]twin{},
	}
	for n, w := range wanted {
		i, name := int32(n), foldName(w.Elements[len(w.Elements)-1])
		stem, ext := split(name)
		if w.Kind == migration.KindDocument {
			t.ids[w.Row] = i
		}
		if !enter(t.names, name, i) {
			t.crowded++
			continue
		}
		if stem != "" {
			enter(t.stems, stem, i)
		}
		if w.Size > 0 {
			enter(t.sizes, sizeKey(ext, w.Size), i)
		}
	}
	return t
}

func enter(index map[string][]int32, key string, i int32) bool {
	if len(index[key]) == sharedName {
		return false
	}
	index[key] = append(index[key], i)
	return true
}

func sizeKey(ext string, size int64) string { return strconv.FormatInt(size, 10) + ext }

// split cuts a folded name into its extension and the rest, without the number
// that SuperOffice ("name[1].ext") and Windows ("name (2).ext") append.
func split(name string) (stem, ext string) {
	ext = filepath.Ext(name)
	stem = strings.TrimSuffix(name, ext)
	for _, b := range []string{"[]", "()"} {
		rest, ok := strings.CutSuffix(stem, b[1:])
		at := strings.LastIndex(rest, b[:1])
		if ok && at > 0 && at+1 < len(rest) && strings.Trim(rest[at+1:], "0123456789") == "" {
			return strings.TrimRight(rest[:at], " "), ext
		}
	}
	return stem, ext
}

// numbers are the runs of digits in a name that can be the id of a row.
func numbers(name string) []int64 {
	var out []int64
	for _, run := range strings.FieldsFunc(name, func(r rune) bool { return r < '0' || r > '9' }) {
		if n, err := strconv.ParseInt(run, 10, 32); err == nil && run[0] != '0' && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// look holds one file against the index. Only of a file that fits are size and
// date asked for, unless sizes are searched for as well.
func (t *twins) look(root, path string, e fs.DirEntry, belongs func(string) bool) {
	name := foldName(e.Name())
	if strings.HasPrefix(name, "~$") { // Word's mark of an open file
		return
	}
	stem, ext := split(name)
	rows := slices.Concat(t.names[name], t.stems[stem])
	for _, n := range numbers(name) {
		if i, ok := t.ids[n]; ok {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 && len(t.sizes) == 0 || belongs(path) {
		return
	}
	info, err := e.Info()
	if err != nil {
		return // gone while the folder was listed
	}
	rows = append(rows, t.sizes[sizeKey(ext, info.Size())]...)
	slices.Sort(rows)
	for _, i := range slices.Compact(rows) {
		fits := t.fits(&t.wanted[i], root, path, info.Size())
		if len(fits) > 0 {
			t.keep(i, migration.Candidate{Source: path, Size: info.Size(), Modified: info.ModTime(), Fits: fits})
		}
	}
}

// fits says why a file may be that of a row; nothing if it is not.
func (t *twins) fits(w *migration.Wanted, root, path string, size int64) []migration.Fit {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return nil
	}
	at := strings.Split(rel, string(filepath.Separator))
	want, is := w.Elements[len(w.Elements)-1], at[len(at)-1]
	wantStem, wantExt := split(foldName(want))
	stem, ext := split(foldName(is))
	var out []migration.Fit
	switch same := ext == wantExt; {
	case sameName(want, is):
		out = append(out, migration.FitName)
	case same && w.Kind == migration.KindDocument && slices.Contains(numbers(foldName(is)), w.Row):
		out = append(out, migration.FitID)
	case stem == wantStem && stem != "":
		out = append(out, migration.FitStem)
	case !same || w.Size == 0 || w.Size != size:
		return nil
	}
	if w.Size > 0 && w.Size == size && ext == wantExt {
		out = append(out, migration.FitSize)
	}
	if out[0] == migration.FitName && bareName(want) != bareName(is) {
		out = append(out, migration.FitCase)
	}
	if w.Kind != migration.KindDocument || len(w.Elements) != 3 || len(at) < 3 {
		return out
	}
	owner, period := sameName(at[0], w.Elements[0]), sameName(at[1], w.Elements[1])
	switch {
	case owner && period && len(at) == 3:
		out = append(out, migration.FitFolder)
	case owner && !period:
		out = append(out, migration.FitPeriod)
	case !owner:
		out = append(out, migration.FitOwner)
	}
	return out
}

// rank orders candidates: the strongest reason, then the place.
func rank(fits []migration.Fit) int {
	n := 0
	for i, f := range []migration.Fit{migration.FitName, migration.FitID, migration.FitStem, migration.FitSize} {
		if fits[0] == f {
			n = 10 * i
		}
	}
	switch {
	case slices.Contains(fits, migration.FitFolder):
	case slices.Contains(fits, migration.FitPeriod):
		n++
	default:
		n += 2
	}
	return n
}

// keep takes a candidate among the best of its row.
func (t *twins) keep(i int32, c migration.Candidate) {
	list := t.found[i]
	if t.total >= manyCandidates && len(list) > 0 {
		return
	}
	f := twin{c, rank(c.Fits)}
	at, _ := slices.BinarySearchFunc(list, f, func(a, b twin) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return strings.Compare(a.Source, b.Source)
	})
	if at == migration.MaxCandidates {
		return
	}
	list = slices.Insert(list, at, f)
	t.total++
	if len(list) > migration.MaxCandidates {
		list = list[:migration.MaxCandidates]
		t.total--
	}
	t.found[i] = list
}
