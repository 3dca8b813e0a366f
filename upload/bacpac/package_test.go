package bacpac

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/bacpac/decode"
)

func key(schema, table string) string { return schema + "|" + table }

// build writes a whole package the way the engine does: leading members, parts
// of at most perPart rows, trailing members, directory.
func build(t testing.TB, c *migration.Catalog, rows map[string][][]any, perPart int) ([]byte, []migration.MemberInfo) {
	t.Helper()
	w := New()
	var out []byte
	var all, parts []migration.MemberInfo
	add := func(members ...migration.Member) {
		for _, m := range members {
			m.Offset = int64(len(out))
			out = append(out, m.Data...)
			all = append(all, m.MemberInfo)
			if m.Table != "" {
				parts = append(parts, m.MemberInfo)
			}
		}
	}
	lead, err := w.Leading(c)
	if err != nil {
		t.Fatal(err)
	}
	add(lead...)
	total := int64(0)
	for _, table := range c.Tables {
		list := rows[key(table.Schema, table.Name)]
		for part := 0; len(list) > 0; part++ {
			enc, err := w.Part(table, part)
			if err != nil {
				t.Fatal(err)
			}
			n := min(perPart, len(list))
			for _, r := range list[:n] {
				if err := enc.Row(r); err != nil {
					t.Fatal(err)
				}
			}
			list = list[n:]
			raw := enc.RawSize()
			m, err := enc.Finish()
			if err != nil {
				t.Fatal(err)
			}
			if m.RawSize != raw || m.Rows != int64(n) {
				t.Fatalf("member has %d bytes and %d rows, encoded were %d and %d", m.RawSize, m.Rows, raw, n)
			}
			total += m.Rows
			add(m)
		}
	}
	trail, err := w.Trailing(c, parts, migration.PackageStats{
		Started: time.Date(2026, 11, 2, 8, 0, 0, 123456700, time.FixedZone("", 3600)), Finished: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC),
		Tool: "omt 1.2.3", ID: "b3e0a9f4-52f4-4a6c-8f2e-3f1d2c9b0a11", Rows: total,
	})
	if err != nil {
		t.Fatal(err)
	}
	add(trail...)
	dir, err := w.Directory(all, int64(len(out)))
	if err != nil {
		t.Fatal(err)
	}
	return append(out, dir...), all
}

func samplePackage(t testing.TB) (*migration.Catalog, map[string][][]any, []byte, []migration.MemberInfo) {
	c := sampleCatalog()
	rows := map[string][][]any{}
	for i, table := range c.Tables {
		if table.Name != "leer" {
			rows[key(table.Schema, table.Name)] = sampleRows(table, 11+i)
		}
	}
	data, members := build(t, c, rows, 5)
	return c, rows, data, members
}

func TestPackage(t *testing.T) {
	c, rows, data, members := samplePackage(t)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != len(members) {
		t.Fatalf("%d members in the directory, %d written", len(z.File), len(members))
	}
	for i, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		if n, err := io.Copy(sum, r); err != nil || n != members[i].RawSize {
			t.Errorf("%s: %d bytes, %v", f.Name, n, err)
		}
		if !bytes.Equal(sum.Sum(nil), members[i].SHA256[:]) {
			t.Errorf("%s: SHA-256 of the member is another", f.Name)
		}
		if f.Flags != 0 || f.Name != members[i].Name {
			t.Errorf("%s: flags %d, name should be %s", f.Name, f.Flags, members[i].Name)
		}
	}
	first, last := z.File[0].Name, z.File[len(z.File)-1].Name
	if first != "model.xml" || last != "Origin.xml" || z.File[1].Name != "DacMetadata.xml" || z.File[2].Name != "[Content_Types].xml" || z.File[len(z.File)-2].Name != "_rels/.rels" {
		t.Errorf("order of members: %s first, %s last", first, last)
	}
	p, err := decode.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][][]any{}
	for _, part := range p.Parts {
		_, err := p.Decode(context.Background(), part, 1<<20, func(v []any) error {
			k := key(part.Table.Schema, part.Table.Name)
			got[k] = append(got[k], append([]any(nil), v...))
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", part.Name, err)
		}
	}
	for _, table := range c.Tables {
		compareRows(t, table, got[key(table.Schema, table.Name)], rows[key(table.Schema, table.Name)])
	}
}

func compareRows(t *testing.T, table *migration.Table, got, want [][]any) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", table.FullName(), len(got), len(want))
		return
	}
	for i := range want {
		for k, col := range table.Data() {
			if !sameValue(got[i][k], want[i][k]) {
				t.Errorf("%s row %d %s: %v, want %v", table.FullName(), i, col.Name, got[i][k], want[i][k])
			}
		}
	}
}

// sameValue compares decoded and delivered values. Decimals are compared as
// text, which both give in the column's scale.
func sameValue(a, b any) bool {
	if t, ok := a.(time.Time); ok {
		u, ok := b.(time.Time)
		_, x := t.Zone()
		_, y := u.Zone()
		return ok && t.Equal(u) && x == y
	}
	if s, ok := a.([]byte); ok {
		u, ok := b.([]byte)
		return ok && (bytes.Equal(s, u) || strings.TrimPrefix(string(u), "-") == "0.0000" && string(s) == "0.0000")
	}
	return reflect.DeepEqual(a, b)
}

// TestPackageTwice: the same run gives the same bytes, as a resumed one must.
func TestPackageTwice(t *testing.T) {
	_, _, a, _ := samplePackage(t)
	_, _, b, _ := samplePackage(t)
	if !bytes.Equal(a, b) {
		t.Error("the same rows gave two packages")
	}
}

// checkScript runs the checker that was written apart from this package.
func checkScript(t *testing.T, args ...string) (string, error) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("OMT_CI") != "" {
			t.Fatal("python3 is not here, and OMT_CI allows no test to be left out")
		}
		t.Skip("python3 is not here: the package is not checked from outside")
	}
	script, err := filepath.Abs(filepath.Join("..", "..", ".ci", "check_bacpac.py"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, append([]string{script}, args...)...).CombinedOutput()
	return string(out), err
}

func TestPackageFromOutside(t *testing.T) {
	_, rows, data, members := samplePackage(t)
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	counts := map[string]int{"CRM7.leer": 0}
	for name, r := range rows {
		counts[strings.ReplaceAll(name, "|", ".")] += len(r)
	}
	right, err := json.Marshal(counts)
	if err != nil {
		t.Fatal(err)
	}
	path := write("sample.bacpac", data)
	if out, err := checkScript(t, path, write("counts.json", right)); err != nil {
		t.Errorf("checker: %v\n%s", err, out)
	}
	counts["CRM7.contact"]++
	wrong, err := json.Marshal(counts)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := checkScript(t, path, write("wrong.json", wrong)); err == nil || !strings.Contains(out, "CRM7.contact") {
		t.Errorf("checker took a wrong count: %s", out)
	}
	columns := map[string][]string{}
	for _, table := range sampleCatalog().Tables {
		for _, c := range table.Modelled() {
			name := quote(table.Schema, table.Name)
			columns[name] = append(columns[name], c.Name)
		}
	}
	judge := func() (string, error) {
		b, err := json.Marshal(columns)
		if err != nil {
			t.Fatal(err)
		}
		return checkScript(t, path, filepath.Join(dir, "counts.json"), write("columns.json", b))
	}
	if out, err := judge(); err != nil {
		t.Errorf("checker: %v\n%s", err, out)
	}
	of := columns["[CRM7].[contact]"]
	of[0], of[1] = of[1], of[0]
	if out, err := judge(); err == nil || !strings.Contains(out, "[CRM7].[contact]") {
		t.Errorf("checker took another order of columns: %s", out)
	}
	columns["[CRM7].[contact]"] = of[1:]
	if out, err := judge(); err == nil || !strings.Contains(out, "[CRM7].[contact]") {
		t.Errorf("checker took a column too many: %s", out)
	}
	for _, m := range members {
		// One bit in the middle of each member.
		broken := bytes.Clone(data)
		broken[m.Offset+m.Size-m.PackedSize/2-1] ^= 0x10
		if out, err := checkScript(t, write("broken.bacpac", broken)); err == nil {
			t.Errorf("checker took a package with a broken %s: %s", m.Name, out)
		}
		if m.Table != "" {
			break
		}
	}
}

func TestReferencesFromOutside(t *testing.T) {
	files, err := filepath.Glob(reference(t, "bacpac", "*.bacpac"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no reference packages: %v", err)
	}
	for _, name := range files {
		if out, err := checkScript(t, name); err != nil {
			t.Errorf("checker: %v\n%s", err, out)
		}
	}
}

// TestTrailingRefuses: what an importer would not notice.
func TestTrailingRefuses(t *testing.T) {
	c := sampleCatalog()
	good := migration.MemberInfo{Name: "Data/CRM7.contact/TableData-000-00000.BCP", Table: "CRM7.contact", Rows: 2}
	empty, stranger, other := good, good, good
	empty.Rows = 0
	stranger.Table = "CRM7.unknown"
	other.Part = 1
	for name, c2 := range map[string]struct {
		parts []migration.MemberInfo
		rows  int64
	}{
		"rows do not add up": {[]migration.MemberInfo{good}, 3},
		"there twice":        {[]migration.MemberInfo{good, good}, 4},
		"no rows":            {[]migration.MemberInfo{empty}, 0},
		"unknown table":      {[]migration.MemberInfo{stranger}, 2},
		"name of another":    {[]migration.MemberInfo{other}, 2},
	} {
		if _, err := New().Trailing(c, c2.parts, migration.PackageStats{Rows: c2.rows}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := New().Trailing(c, []migration.MemberInfo{good}, migration.PackageStats{Rows: 2}); err != nil {
		t.Error(err)
	}
}
