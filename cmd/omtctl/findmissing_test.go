package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/onsite/sample"
	"omt/upload/uploadtest"
)

// Files of missing documents that lie elsewhere are found, two are marked in the
// list, and a recovery sends exactly those two to where their rows belong.
func TestFindMissing(t *testing.T) {
	slow(t)
	dir := filepath.Join(t.TempDir(), "sample")
	in := serve(t, dir, small...)
	made, err := sample.Build(context.Background(), dir, sample.Options{Users: 30, Documents: 600, Rows: 15000, Missing: 25})
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t)
	in.invoke(t, in.args("run", p, "--accept-terms")...).mustSucceed(t)
	before := stored(t, p.target)
	list, page := filepath.Join(t.TempDir(), "missing.csv"), filepath.Join(t.TempDir(), "missing.html")
	e := in.invoke(t, in.args("find-missing", p, "--csv", list, "--html", page, "--progress", "1h")...).mustSucceed(t)
	if got := written(before, stored(t, p.target)); len(got) > 0 {
		t.Fatalf("the search wrote %q", got)
	}
	var r struct{ Data migration.RecoveryPreview }
	lines := strings.Split(strings.TrimSpace(e.stdout), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil {
		t.Fatalf("%v: %s", err, e.stdout)
	}
	first := map[string]string{}
	for _, row := range r.Data.Candidates {
		first[row.ID] = row.Candidates[0].Source
	}
	kinds := map[string]bool{}
	twins := made.Expect().Twins
	for _, w := range twins {
		kinds[w.Kind] = true
		if got, want := first["document/"+itoa(w.Document)], filepath.Join(dir, filepath.FromSlash(w.Path)); got != want {
			t.Errorf("%s document %d: found %q first, want %q", w.Kind, w.Document, got, want)
		}
	}
	if len(kinds) != 4 {
		t.Fatalf("the sample has the kinds %v", kinds)
	}
	confirmed := twins[:2]
	mark(t, list, dir, confirmed)
	in.invoke(t, in.args("recover", p, "--mode", "missing", "--take", list)...).mustSucceed(t)
	want := slices.Clone(beside)
	after := stored(t, p.target)
	manifest, err := uploadtest.Fingerprint(p.target)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range confirmed {
		target := migration.TargetPath(append([]string{"documents"}, strings.Split(w.Target, "/")...)...)
		want = append(want, target)
		source := filepath.Join(dir, filepath.FromSlash(w.Path))
		b, err := os.ReadFile(source)
		if err != nil || after[target] != string(b) {
			t.Errorf("%s has not the bytes of %s: %v", target, source, err)
		}
		line := manifest["manifest document "+itoa(w.Document)]
		quoted, _ := json.Marshal(source)
		if !strings.Contains(line, `"source":`+string(quoted)) || !strings.Contains(line, `"state":"uploaded"`) {
			t.Errorf("manifest line %s", line)
		}
	}
	slices.Sort(want)
	if got := written(before, after); !slices.Equal(got, want) {
		t.Errorf("recover wrote %q, want %q", got, want)
	}
	validate(t, in, p.target)
	in.refusedLists(t, p, list, twins[2])
}

func itoa(n int64) string { b, _ := json.Marshal(n); return string(b) }

// mark does what a person does with a spreadsheet.
func mark(t *testing.T, list, dir string, chosen []sample.Twin) {
	t.Helper()
	b, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines[1:] {
		for _, w := range chosen {
			if l[1] == "document/"+itoa(w.Document) && l[2] == filepath.Join(dir, filepath.FromSlash(w.Path)) {
				l[0] = "x"
			}
		}
	}
	var out strings.Builder
	if err := csv.NewWriter(&out).WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(list, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// refusedLists: nothing outside the archive is read, whatever a list says.
func (in *installation) refusedLists(t *testing.T, p place, list string, w sample.Twin) {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(in.dir, "so_arc", "link.txt")
	if err := os.Symlink(secret, link); err != nil {
		t.Fatal(err)
	}
	before := stored(t, p.target)
	for source, hint := range map[string]string{
		secret: "hint.take.open", link: "hint.take.open", filepath.Join(in.dir, "so_arc") + "/../../" + filepath.Base(secret): "hint.take.open",
		"": "take.line.source",
	} {
		body := "take,id,source\nx,document/" + itoa(w.Document) + "," + source + "\n"
		if err := os.WriteFile(list, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		in.invoke(t, in.args("recover", p, "--mode", "missing", "--take", list)...).mustFailWith(t, hint)
	}
	if got := written(before, stored(t, p.target)); len(got) > 0 {
		t.Errorf("a list that was refused wrote %q", got)
	}
}
