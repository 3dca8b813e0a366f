package bacpac

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/bacpac/decode"
	"omt/upload/uploadtest"
)

var mutated = &migration.Table{Schema: "CRM7", Name: "contact", Columns: []migration.Column{
	{Name: "id", Type: "int"}, {Name: "name", Type: "varchar", MaxLength: 100, Nullable: true}, {Name: "city", Type: "varchar", MaxLength: 100, Nullable: true},
	{Name: "amount", Type: "decimal", Precision: 12, Scale: 2, Nullable: true}, {Name: "picture", Type: "varbinary", MaxLength: -1, Nullable: true},
}}

func mutatedRows() [][]any {
	return [][]any{
		{int64(1), "Bjørn", "Tromsø", []byte("12.50"), []byte{1, 2, 3}},
		{int64(2), "", "Århus", []byte("-0.25"), []byte{4, 5, 6}},
		{int64(3), nil, "Köln", []byte("0.00"), nil},
	}
}

// fault is what goes wrong between the driver and the package.
type fault struct {
	row   func(row []any)
	table func(t *migration.Table)
	// encoded changes the columns that the encoder is given, and not the model.
	encoded func(t *migration.Table)
	member  func(m *migration.Member) bool // false leaves it out
	target  func(path string, b []byte) []byte
	parts   func(parts []migration.MemberInfo) []migration.MemberInfo
}

// arrived puts a small migration into memory, with the fault.
func arrived(t *testing.T, f fault) *uploadtest.Memory {
	t.Helper()
	there := uploadtest.NewMemory(uploadtest.Faults{})
	put := func(path string, b []byte) {
		if f.target != nil {
			b = f.target(path, b)
		}
		must(t, there.Put(t.Context(), path, bytes.NewReader(b), migration.Sum{Size: int64(len(b)), MD5: md5.Sum(b), SHA256: sha256.Sum256(b)}))
	}
	hash := func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }
	encode := func(v any) []byte {
		b, err := json.Marshal(v)
		must(t, err)
		return append(b, '\n')
	}
	table := *mutated
	table.Columns = slices.Clone(mutated.Columns)
	if f.table != nil {
		f.table(&table)
	}
	var cols []migration.DigestColumn
	for _, c := range mutated.Columns {
		cols = append(cols, migration.DigestColumn{Name: c.Name, Type: c.Type, Precision: int(c.Precision), Scale: int(c.Scale)})
	}
	digest, err := migration.NewRowDigest(cols)
	must(t, err)
	cat := &migration.Catalog{Database: "d", Schema: "CRM7", Collation: "Latin1_General_CI_AS", LCID: 1033, ServerVersion: "15.0.2000.5", Tables: []*migration.Table{&table}}
	w := New()
	var members []migration.Member
	encoded := table
	encoded.Columns = slices.Clone(table.Columns)
	if f.encoded != nil {
		f.encoded(&encoded)
	}
	for part, of := range []*migration.Table{&table, &encoded} {
		p, err := w.Part(of, part)
		must(t, err)
		for _, row := range mutatedRows() {
			must(t, digest.Row(row))
			if f.row != nil && part == 1 {
				f.row(row)
			}
			must(t, p.Row(row))
		}
		m, err := p.Finish()
		must(t, err)
		members = append(members, m)
	}
	want, err := digest.Take() // both parts have the same rows: each has the half
	must(t, err)
	one, err := migration.NewRowDigest(cols)
	must(t, err)
	for _, row := range mutatedRows() {
		must(t, one.Row(row))
	}
	half, err := one.Take()
	must(t, err)
	sum := half
	sum.Add(half)
	if sum != want {
		t.Fatal("the digest of a table is not the sum of those of its parts")
	}
	lines := []migration.ManifestLine{}
	doc := []byte("a document")
	put("documents/AB/2020.1/a.txt", doc)
	rows := int64(6)
	for _, m := range members {
		n := int64(3)
		lines = append(lines, migration.ManifestLine{
			Kind: "part", Key: m.Name, Target: "database/d.bacpac", Size: m.RawSize, SHA256: hex.EncodeToString(m.SHA256[:]), Rows: []int64{},
			Table: "[CRM7].[contact]", RowCount: &n, CRC32: fmt.Sprintf("%08x", m.CRC32), Digest: half.String(), State: migration.Uploaded,
		})
	}
	pack := packed(t, w, cat, members, f)
	put("database/d.bacpac", pack)
	sumDoc := md5.Sum(doc)
	lines = append(lines,
		migration.ManifestLine{Kind: "package", Key: "database/d.bacpac", Target: "database/d.bacpac", Size: int64(len(pack)), Rows: []int64{}, RowCount: &rows, State: migration.Uploaded},
		migration.ManifestLine{Kind: "document", Key: "1", Target: "documents/AB/2020.1/a.txt", Size: int64(len(doc)), SHA256: hash(doc), MD5: hex.EncodeToString(sumDoc[:]), Rows: []int64{1}, State: migration.Uploaded})
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	counts := migration.Tallies{}
	for _, l := range lines {
		_, err := g.Write(encode(l))
		must(t, err)
		if counts[l.Kind] == nil {
			counts[l.Kind] = map[migration.Outcome]migration.Tally{}
		}
		x := counts[l.Kind][l.State]
		counts[l.Kind][l.State] = migration.Tally{Count: x.Count + 1, Bytes: x.Bytes + l.Size}
	}
	must(t, g.Close())
	put("manifest/r1/00000.jsonl.gz", z.Bytes())
	index := encode(migration.ManifestIndex{Format: migration.ManifestFormat, Run: "r1", Counts: counts,
		Files: []migration.ManifestFile{{Name: "00000.jsonl.gz", Lines: int64(len(lines)), Size: int64(z.Len()), SHA256: hash(z.Bytes())}}})
	put("manifest/r1/index.json", index)
	put("report.html", []byte("<!doctype html>"))
	put("report.json", encode(migration.Report{Format: migration.ReportFormat, Run: "r1", Kinds: counts,
		Manifest: migration.ManifestRef{Path: "manifest/r1/index.json", SHA256: hash(index)}}))
	put("session.json", encode(migration.Session{Format: migration.SessionFormat, Company: "C", Serial: "1", State: migration.StateUploaded, Run: "r1"}))
	return there
}

// packed puts a package together as the engine does.
func packed(t *testing.T, w migration.Packager, cat *migration.Catalog, members []migration.Member, f fault) []byte {
	t.Helper()
	lead, err := w.Leading(cat)
	must(t, err)
	var data []migration.MemberInfo
	all := lead
	for _, m := range members {
		if f.member == nil || f.member(&m) {
			all = append(all, m)
		}
		data = append(data, m.MemberInfo)
	}
	if f.parts != nil {
		data = f.parts(data)
	}
	var rows int64
	for _, d := range data {
		rows += d.Rows
	}
	trail, err := w.Trailing(cat, data, migration.PackageStats{Started: time.Unix(0, 0), Finished: time.Unix(1, 0), Tool: "t", ID: "01234567-89ab-cdef-0123-456789abcdef", Rows: rows})
	must(t, err)
	var out []byte
	var infos []migration.MemberInfo
	for _, m := range append(all, trail...) {
		m.Offset = int64(len(out))
		out, infos = append(out, m.Data...), append(infos, m.MemberInfo)
	}
	dir, err := w.Directory(infos, int64(len(out)))
	must(t, err)
	return append(out, dir...)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func verified(t *testing.T, there migration.Target, full bool) *migration.VerifyResult {
	t.Helper()
	v := migration.Verifier{Ticket: &migration.Ticket{Company: "C", Serial: "1"}, Target: there, Package: decode.Opener{}, Full: full}
	r, err := v.Run(t.Context())
	must(t, err)
	return r
}

func TestVerifyFindsNothing(t *testing.T) {
	for _, full := range []bool{false, true} {
		if r := verified(t, arrived(t, fault{}), full); r.Total != 0 || r.Rows != 6 || r.Tables != 1 || r.Undigest != 0 {
			t.Errorf("full %v: %+v", full, r)
		}
	}
}

// TestVerifyFinds: each of these must be found, with the table or object named.
func TestVerifyFinds(t *testing.T) {
	flip := func(name string) func(string, []byte) []byte {
		return func(path string, b []byte) []byte {
			if path == name {
				b = bytes.Clone(b)
				b[len(b)/3] ^= 4
			}
			return b
		}
	}
	for name, c := range map[string]struct {
		f    fault
		want string // in table or object of a finding
	}{
		"scale of a value": {fault{row: func(r []any) {
			if string(r[3].([]byte)) == "12.50" {
				r[3] = []byte("125.00")
			}
		}}, "[CRM7].[contact]"},
		"scale of the column": {fault{table: func(tb *migration.Table) { tb.Columns[3].Scale = 4 }}, "[CRM7].[contact]"},
		"columns swapped":     {fault{row: func(r []any) { r[1], r[2] = r[2], r[1] }}, "[CRM7].[contact]"},
		"columns renamed":     {fault{table: func(tb *migration.Table) { tb.Columns[1].Name, tb.Columns[2].Name = "city", "name" }}, "[CRM7].[contact]"},
		"code page": {fault{row: func(r []any) {
			r[2] = strings.NewReplacer("ø", "Ã¸", "Å", "Ã…", "ö", "Ã¶").Replace(r[2].(string))
		}}, "[CRM7].[contact]"},
		"bytes of a code page": {fault{
			encoded: func(tb *migration.Table) { tb.Columns[1].Type, tb.Columns[2].Type = "varbinary", "varbinary" },
			row: func(r []any) {
				for i := 1; i <= 2; i++ {
					if s, ok := r[i].(string); ok {
						r[i] = []byte(strings.NewReplacer("ø", "\xf8", "Å", "\xc5", "ö", "\xf6").Replace(s))
					}
				}
			},
		}, "[CRM7].[contact]"},
		"scale of the encoder": {fault{encoded: func(tb *migration.Table) { tb.Columns[3].Scale = 3 }}, "[CRM7].[contact]"},
		"columns of the encoder swapped": {fault{
			encoded: func(tb *migration.Table) { tb.Columns[3], tb.Columns[4] = tb.Columns[4], tb.Columns[3] },
			row:     func(r []any) { r[3], r[4] = r[4], r[3] },
		}, "[CRM7].[contact]"},
		"NULL for empty": {fault{row: func(r []any) {
			if r[1] == "" {
				r[1] = nil
			}
		}}, "[CRM7].[contact]"},
		"bit of a value": {fault{row: func(r []any) {
			if b, ok := r[4].([]byte); ok {
				b[0] ^= 0x80
			}
		}}, "[CRM7].[contact]"},
		"bit of a member": {fault{member: func(m *migration.Member) bool {
			m.Data = bytes.Clone(m.Data)
			m.Data[len(m.Data)-2] ^= 1
			return true
		}}, "[CRM7].[contact]"},
		"part left out": {fault{
			member: func(m *migration.Member) bool { return m.Part == 0 },
			parts:  func(p []migration.MemberInfo) []migration.MemberInfo { return p[:1] },
		}, "[CRM7].[contact]"},
		"part lost":            {fault{member: func(m *migration.Member) bool { return m.Part == 0 }}, "database/d.bacpac"},
		"line of the manifest": {fault{target: flip("manifest/r1/00000.jsonl.gz")}, "manifest/r1/00000.jsonl.gz"},
		"index":                {fault{target: flip("manifest/r1/index.json")}, "manifest/r1/index.json"},
		"document exchanged":   {fault{target: flip("documents/AB/2020.1/a.txt")}, "documents/AB/2020.1/a.txt"},
		"document truncated": {fault{target: func(path string, b []byte) []byte {
			if strings.HasPrefix(path, "documents/") {
				return b[:4]
			}
			return b
		}}, "documents/AB/2020.1/a.txt"},
		"package truncated": {fault{target: func(path string, b []byte) []byte {
			if strings.HasPrefix(path, "database/") {
				return b[:len(b)-9]
			}
			return b
		}}, "database/d.bacpac"},
	} {
		t.Run(name, func(t *testing.T) {
			r := verified(t, arrived(t, c.f), false)
			if !slices.ContainsFunc(r.Findings, func(f migration.Finding) bool { return f.Table == c.want || f.Object == c.want }) {
				t.Errorf("findings %+v do not name %s", r.Findings, c.want)
			}
		})
	}
}

func TestVerifyStops(t *testing.T) {
	there := arrived(t, fault{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	v := migration.Verifier{Ticket: &migration.Ticket{Company: "C", Serial: "1"}, Target: there, Package: decode.Opener{}}
	if _, err := v.Run(ctx); err == nil {
		t.Error("a cancelled verification has ended well")
	}
	v = migration.Verifier{Ticket: &migration.Ticket{Company: "Other", Serial: "1"}, Target: there, Package: decode.Opener{}}
	if _, err := v.Run(t.Context()); err == nil {
		t.Error("another customer's migration was verified")
	}
}

// BenchmarkDigest is to be held against BenchmarkPart, the encoder alone.
func BenchmarkDigest(b *testing.B) {
	when := time.Date(2020, 1, 1, 10, 0, 0, 0, time.UTC)
	var cols []migration.DigestColumn
	for _, k := range []string{"int", "int", "int", "datetime", "datetime", "smallint", "nvarchar", "nvarchar", "datetime", "float", "int"} {
		cols = append(cols, migration.DigestColumn{Name: k, Type: k})
	}
	d, err := migration.NewRowDigest(cols)
	if err != nil {
		b.Fatal(err)
	}
	row := []any{int64(1), int64(7919), int64(104729), when, when, int64(3), "Møterom 7", "Ringe tilbake om tilbud 711 til Fjordlys Handel", when, 1.125, int64(1 << 29)}
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Row(row); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
