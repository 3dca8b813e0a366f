package onsite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"omt/migration"
)

func lostRow(id int64, owner, period, name string) migration.Wanted {
	return migration.Wanted{ID: fmt.Sprintf("document/%d", id), Kind: migration.KindDocument, Row: id, Elements: []string{owner, period, name}}
}

// searchTwins walks both archive paths and returns the candidates of each row as
// "path: reasons", with slashes below the archive path.
func searchTwins(t *testing.T, in *Installation, wanted []migration.Wanted, belongs ...string) [][]string {
	t.Helper()
	tw := newTwins(wanted)
	for _, root := range in.settings.ArchivePaths {
		err := tw.walk(t.Context(), in.files, root, nil, func(p string) bool { return slices.Contains(belongs, filepath.Base(p)) }, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
	}
	out := make([][]string, len(wanted))
	for i := range wanted {
		for _, f := range tw.found[int32(i)] {
			rel := f.Source
			for _, root := range in.settings.ArchivePaths {
				if r, err := filepath.Rel(root, f.Source); err == nil && filepath.IsLocal(r) {
					rel = filepath.ToSlash(r)
				}
			}
			out[i] = append(out[i], rel+": "+strings.Join(fitNames(f.Fits), " "))
		}
	}
	return out
}

func fitNames(fits []migration.Fit) []string {
	var out []string
	for _, f := range fits {
		out = append(out, string(f))
	}
	return out
}

func TestTwins(t *testing.T) {
	in, _ := archive(t, map[string]string{
		"HH/2023.1/Brev 7.docx": "moved", "KK/2020.1/Brev 7.docx": "other user", "HH/2019.2/BREV 7.DOCX": "other case",
		"HH/2020.1/Kopi av dokument nr. 7.docx": "renamed", "HH/2020.1/Kopi 77.docx": "another number", "HH/2020.1/Kopi 7.pdf": "another ending",
		"HH/2020.1/~$Brev 7.docx": "mark of Word", "HH/2020.1/Brev 7[1].docx": "number", "HH/2020.1/Brev 7 (2).pdf": "stem",
		"HH/2020.1/Known.docx": "of another row",
	}, map[string]string{"deep/down/here/Brev 7.docx": "second path"})
	wanted := []migration.Wanted{lostRow(7, "HH", "2020.1", "Brev 7.docx"), lostRow(8, "HH", "2020.1", "Known.docx"), lostRow(9, "HH", "2020.1", "nothing.txt")}
	got := searchTwins(t, in, wanted, "Known.docx")
	want := []string{
		"HH/2019.2/BREV 7.DOCX: name case period", "HH/2023.1/Brev 7.docx: name period",
		"KK/2020.1/Brev 7.docx: name owner", "deep/down/here/Brev 7.docx: name owner",
		"HH/2020.1/Brev 7[1].docx: id folder", "HH/2020.1/Kopi av dokument nr. 7.docx: id folder", "HH/2020.1/Brev 7 (2).pdf: stem folder",
	}
	// Which of the two archive paths sorts first is a matter of the temp folder.
	sorted := slices.Clone(got[0])
	if len(sorted) > 4 {
		slices.Sort(sorted[2:4])
	}
	slices.Sort(want[2:4])
	if !slices.Equal(sorted, want) {
		t.Errorf("candidates\n%s\nwant\n%s", strings.Join(got[0], "\n"), strings.Join(want, "\n"))
	}
	if len(got[1])+len(got[2]) > 0 {
		t.Errorf("a file of another row, or nothing, was offered: %v", got[1:])
	}
}

func TestTwinsOfKnownSize(t *testing.T) {
	in, _ := archive(t, map[string]string{"HH/2020.1/x.docx": "12345", "HH/2020.1/y.pdf": "12345", "HH/2020.1/z.docx": "123456"}, nil)
	w := lostRow(7, "HH", "2021.1", "lost.docx")
	w.Size = 5
	if got := searchTwins(t, in, []migration.Wanted{w})[0]; !slices.Equal(got, []string{"HH/2020.1/x.docx: size period"}) {
		t.Errorf("candidates %q", got)
	}
}

// A name that thousands share is neither searched for nor does it fill memory,
// and a row has only so many candidates.
func TestTwinsAreBounded(t *testing.T) {
	files := map[string]string{}
	for i := range 40 {
		files[fmt.Sprintf("KK/%d.1/scan.pdf", 1980+i)] = "x"
	}
	in, _ := archive(t, files, nil)
	var wanted []migration.Wanted
	for i := range int64(sharedName + 25) {
		wanted = append(wanted, lostRow(100_000+i, "HH", "2020.1", "scan.pdf"))
	}
	got := searchTwins(t, in, wanted)
	if tw := newTwins(wanted); tw.crowded != 25 {
		t.Errorf("%d rows were not searched for, want 25", tw.crowded)
	}
	for i, c := range got {
		if i < sharedName && (len(c) != migration.MaxCandidates || !strings.HasPrefix(c[0], "KK/1980.1/")) || i >= sharedName && len(c) > 0 {
			t.Fatalf("row %d has %q", i, c)
		}
	}
}

func TestTwinsAreCancelled(t *testing.T) {
	in, s := archive(t, map[string]string{"HH/2020.1/a.doc": "x"}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := newTwins(nil).walk(ctx, in.files, s.ArchivePaths[0], nil, func(string) bool { return false }, func(string) {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

// Whatever the names are: a reason is given only for what is so, and the same
// name always is one.
func TestFitsAreTrue(t *testing.T) {
	name := rapid.StringMatching(`[a-bA-B]{1,3}( |-)?[0-9]{0,2}(\[1\]| \(2\))?(\.(doc|DOC|pdf))?`)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Int64Range(1, 30).Draw(t, "id")
		w := lostRow(id, "HH", "2020.1", name.Draw(t, "wanted"))
		is := name.Draw(t, "file")
		owner, period := rapid.SampledFrom([]string{"HH", "hh", "KK"}).Draw(t, "owner"), rapid.SampledFrom([]string{"2020.1", "2021.2"}).Draw(t, "period")
		fits := newTwins([]migration.Wanted{w}).fits(&w, "/arc", filepath.Join("/arc", owner, period, is), 10)
		// Windows sees no blank or dot at the end of a name.
		seen, wanted := strings.TrimRight(is, ". "), strings.TrimRight(w.Elements[2], ". ")
		same := strings.EqualFold(wanted, seen)
		if slices.Contains(fits, migration.FitName) != same {
			t.Fatalf("%q for %q: %v", is, w.Elements[2], fits)
		}
		if slices.Contains(fits, migration.FitCase) != (same && seen != wanted) {
			t.Fatalf("%q for %q: %v", is, w.Elements[2], fits)
		}
		if slices.Contains(fits, migration.FitID) && (!strings.Contains(is, fmt.Sprint(id)) || !strings.EqualFold(filepath.Ext(is), filepath.Ext(w.Elements[2]))) {
			t.Fatalf("%q has no %d: %v", is, id, fits)
		}
		if slices.Contains(fits, migration.FitOwner) && owner != "KK" || slices.Contains(fits, migration.FitPeriod) && period == "2020.1" {
			t.Fatalf("%s/%s: %v", owner, period, fits)
		}
		if len(fits) > 0 && (fits[0] == migration.FitPeriod || fits[0] == migration.FitOwner || fits[0] == migration.FitFolder || fits[0] == migration.FitCase) {
			t.Fatalf("the place alone is no reason: %v", fits)
		}
	})
}

func FuzzTwinNames(f *testing.F) {
	for _, s := range []string{"a[1].doc", "[1]", "x (2).pdf", "()", "99999999999999999999.doc", ".doc", "ŵ[].x", "\xff(1)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		stem, ext := split(name)
		if !strings.HasPrefix(name, stem) || !strings.HasSuffix(name, ext) {
			t.Fatalf("%q is cut into %q and %q", name, stem, ext)
		}
		for _, n := range numbers(name) {
			if !strings.Contains(name, fmt.Sprint(n)) {
				t.Fatalf("%q has no %d", name, n)
			}
		}
	})
}
