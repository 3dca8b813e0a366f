package bacpac

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"omt/migration"
	"omt/upload/bacpac/decode"
)

// unpack takes the raw bytes out of a member.
func unpack(m migration.Member) ([]byte, error) {
	name, extra := binary.LittleEndian.Uint16(m.Data[26:]), binary.LittleEndian.Uint16(m.Data[28:])
	body := m.Data[30+int(name)+int(extra):]
	if int64(len(body)) != m.PackedSize || int64(len(m.Data)) != m.Size {
		return nil, fmt.Errorf("member %s: %d bytes of data, %d in all; said are %d and %d", m.Name, len(body), len(m.Data), m.PackedSize, m.Size)
	}
	if m.Method == methodStore {
		return body, nil
	}
	return io.ReadAll(flate.NewReader(bytes.NewReader(body)))
}

// TestReferencePackages decodes every data part of the real packages and
// encodes the values again: the same bytes, by an encoder and a decoder that
// share nothing.
func TestReferencePackages(t *testing.T) {
	files, err := filepath.Glob(reference(t, "bacpac", "*.bacpac"))
	if err != nil || len(files) < 3 {
		t.Fatalf("reference packages: %d found, %v", len(files), err)
	}
	parts := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := decode.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		var rows int64
		for _, part := range p.Parts {
			n, got := reencode(t, p, part)
			rows += n
			parts++
			if want := readMember(t, z, part.Name); !bytes.Equal(got, want) {
				t.Errorf("%s: %s: encoded again to %d other bytes, read were %d", name, part.Name, len(got), len(want))
			}
		}
		if rows != p.Rows || rows == 0 {
			t.Errorf("%s: %d rows decoded, origin states %d", name, rows, p.Rows)
		}
	}
	if parts < 17 {
		t.Errorf("%d data parts, there should be 17 at least", parts)
	}
}

func reencode(t *testing.T, p *decode.Package, part decode.Part) (int64, []byte) {
	t.Helper()
	table := &migration.Table{Schema: part.Table.Schema, Name: part.Table.Name}
	for _, c := range part.Table.Columns {
		table.Columns = append(table.Columns, asCatalog(c))
	}
	enc, err := New().Part(table, 0)
	if err != nil {
		t.Fatal(err)
	}
	n, err := p.Decode(context.Background(), part, 1<<20, enc.Row)
	if err != nil {
		t.Fatalf("%s: %v", part.Name, err)
	}
	m, err := enc.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if m.Rows != n {
		t.Errorf("%s: %d rows in the member, %d decoded", part.Name, m.Rows, n)
	}
	raw, err := unpack(m)
	if err != nil {
		t.Fatal(err)
	}
	return n, raw
}

func readMember(t *testing.T, z *zip.Reader, name string) []byte {
	t.Helper()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bcpFiles are the files of bcp.exe whose bytes must be equal, with their
// column; leftOutFiles and codePageFiles are the others.
var bcpFiles = []struct {
	pattern string
	col     migration.Column
}{
	{"bigint*", migration.Column{Type: "bigint"}},
	{"int*", migration.Column{Type: "int"}},
	{"binary(1)_null", migration.Column{Type: "binary", MaxLength: 1}},
	{"binary(1000)", migration.Column{Type: "binary", MaxLength: 1000}},
	{"binary(2)*", migration.Column{Type: "binary", MaxLength: 2}},
	{"binary(50)*", migration.Column{Type: "binary", MaxLength: 50}},
	{"binary(8000)_null", migration.Column{Type: "binary", MaxLength: 8000}},
	{"varbinary(50)*", migration.Column{Type: "varbinary", MaxLength: 50}},
	{"varbinary(max)*", migration.Column{Type: "varbinary", MaxLength: -1}},
	{"date", migration.Column{Type: "date"}},
	{"date_null", migration.Column{Type: "date"}},
	{"datetime2*", migration.Column{Type: "datetime2", Scale: 7}},
	{"datetime_m*", migration.Column{Type: "datetime"}},
	{"datetime_s*", migration.Column{Type: "datetime"}},
	{"time*", migration.Column{Type: "time", Scale: 7}},
	{"float(1)", migration.Column{Type: "real"}},
	{"float(4)", migration.Column{Type: "real"}},
	{"float(24)", migration.Column{Type: "real"}},
	{"float(25)", migration.Column{Type: "float"}},
	{"float(53)", migration.Column{Type: "float"}},
	{"float_null", migration.Column{Type: "float"}},
	{"real*", migration.Column{Type: "real"}},
	{"uniqueidentifier*", migration.Column{Type: "uniqueidentifier"}},
	{"nchar(10)", migration.Column{Type: "nchar", MaxLength: 20}},
	{"nchar(1000)", migration.Column{Type: "nchar", MaxLength: 2000}},
	{"nchar(2)", migration.Column{Type: "nchar", MaxLength: 4}},
	{"nchar(4000)_null", migration.Column{Type: "nchar", MaxLength: 8000}},
	{"nvarchar(50)*", migration.Column{Type: "nvarchar", MaxLength: 100}},
	{"nvarchar(max)*", migration.Column{Type: "nvarchar", MaxLength: -1}},
	{"SQLNVarCharTest*", migration.Column{Type: "nvarchar", MaxLength: -1}},
	{"ntext*", migration.Column{Type: "ntext"}},
	{"xml", migration.Column{Type: "xml"}},
	{"xml_empty", migration.Column{Type: "xml"}},
	{"xml_null", migration.Column{Type: "xml"}},
	{"SQLXmlTest1", migration.Column{Type: "xml"}},
	// Prefix width and NULL of the code page types, see above.
	{"char(1)_null", migration.Column{Type: "char", MaxLength: 1}},
	{"char(8000)_null", migration.Column{Type: "char", MaxLength: 8000}},
	{"text_empty", migration.Column{Type: "text"}},
	{"text_null", migration.Column{Type: "text"}},
	{"varchar(max)_empty", migration.Column{Type: "varchar", MaxLength: -1}},
	{"varchar(max)_null", migration.Column{Type: "varchar", MaxLength: -1}},
}

func TestReferenceFiles(t *testing.T) {
	dir := reference(t, "bcp")
	count := 0
	for _, f := range bcpFiles {
		f.col.Name, f.col.Nullable = "c", true
		names, err := filepath.Glob(filepath.Join(dir, f.pattern+".bcp"))
		if err != nil || len(names) == 0 {
			t.Errorf("%s: no file, %v", f.pattern, err)
		}
		for _, name := range names {
			count++
			sameBytes(t, name, f.col)
		}
	}
	text := migration.Column{Type: "nvarchar", MaxLength: -1, Nullable: true}
	number := migration.Column{Type: "int", Nullable: true}
	sameBytes(t, filepath.Join(dir, "4columns.bcp"), text, text, number, number)
	if count < 60 {
		t.Errorf("%d files compared, there should be 60 at least", count)
	}
}

// leftOutFiles are the files of bcp.exe that say nothing of a package, and why.
var leftOutFiles = map[string]string{
	"datetime_null":   "a NULL without a prefix, written as 8 x FF for a column that takes none",
	"SQLXmlTest2":     "chunked value",
	"SQLXmlTest3":     "chunked value",
	"xmldeclaration1": "xml with a declaration, which a server would have removed",
	"xmldeclaration2": "xml with a declaration, which a server would have removed",
}

// codePageFiles hold one value in the bytes of a code page, as bcp -n writes
// it; DacFx writes UTF-16. Only the width of the prefix can be compared, and
// that the value is as long as the prefix says.
var codePageFiles = map[string]int{
	"char(1)": 2, "char(10)": 2, "char(10)_oemcodepage": 2, "char(1000)": 2, "char(2)": 2, "char(8000)": 2,
	"varchar(10)_oemcodepage": 2, "varchar(50)": 2, "varchar(max)": 8, "text": 4,
	"SQLVarCharTest1": 8, "SQLVarCharTest2": 8, "SQLVarCharTest3": 8,
}

// TestEveryReferenceFile holds that no file of bcp.exe is passed over.
func TestEveryReferenceFile(t *testing.T) {
	dir := reference(t, "bcp")
	all, err := filepath.Glob(filepath.Join(dir, "*.bcp"))
	if err != nil || len(all) < 80 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	compared := map[string]bool{"4columns": true}
	for _, f := range bcpFiles {
		names, err := filepath.Glob(filepath.Join(dir, f.pattern+".bcp"))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			compared[strings.TrimSuffix(filepath.Base(n), ".bcp")] = true
		}
	}
	for _, file := range all {
		name := strings.TrimSuffix(filepath.Base(file), ".bcp")
		if prefix, ok := codePageFiles[name]; ok {
			codePageValue(t, file, prefix)
			continue
		}
		if !compared[name] && leftOutFiles[name] == "" {
			t.Errorf("%s is neither compared nor left out with a reason", name)
		}
	}
}

func codePageValue(t *testing.T, file string, prefix int) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var length [8]byte
	copy(length[:], data[:prefix])
	if n := binary.LittleEndian.Uint64(length[:]); n != uint64(len(data)-prefix) {
		t.Errorf("%s: prefix of %d bytes says %d, %d follow", filepath.Base(file), prefix, n, len(data)-prefix)
	}
	typ, size, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".bcp"), "(")
	col := migration.Column{Name: "c", Type: strings.ToLower(typ), MaxLength: 8000}
	if strings.HasPrefix(size, "max") || strings.HasPrefix(typ, "SQLVarChar") {
		col.Type, col.MaxLength = "varchar", -1
	}
	c, err := newColumn(col)
	if err != nil || c.prefix != prefix {
		t.Errorf("%s: our prefix has %d bytes, bcp's %d, %v", filepath.Base(file), c.prefix, prefix, err)
	}
}

func sameBytes(t *testing.T, name string, cols ...migration.Column) {
	t.Helper()
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := decodeRows(want, decodedColumns(cols))
	if err != nil || len(rows) == 0 {
		t.Errorf("%s: %d rows, %v", filepath.Base(name), len(rows), err)
		return
	}
	got, err := encodeRows(cols, rows...)
	if err != nil {
		t.Errorf("%s: %v", filepath.Base(name), err)
		return
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: encoded to %x, want %x", filepath.Base(name), got[:min(40, len(got))], want[:min(40, len(want))])
	}
}
