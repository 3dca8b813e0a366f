package decode

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
)

const smallModel = `<DataSchemaModel FileFormatVersion="1.2"><Model><Element Type="SqlDatabaseOptions" />
<Element Type="SqlTable" Name="[dbo].[t]"><Relationship Name="Columns">
<Entry><Element Type="SqlSimpleColumn" Name="[dbo].[t].[id]"><Property Name="IsNullable" Value="False" /><Relationship Name="TypeSpecifier"><Entry>
<Element Type="SqlTypeSpecifier"><Relationship Name="Type"><Entry><References ExternalSource="BuiltIns" Name="[int]" /></Entry></Relationship></Element>
</Entry></Relationship></Element></Entry>
<Entry><Element Type="SqlComputedColumn" Name="[dbo].[t].[twice]" /></Entry>
</Relationship></Element></Model></DataSchemaModel>`

const (
	smallPart = "Data/dbo.t/TableData-000-00000.BCP"
	smallRels = `<Relationships><Relationship Type="table=t" Target="/` + smallPart + `" Id="R1" /><Relationship Type="schema=dbo" Target="/` + smallPart + `" Id="R2" /></Relationships>`
)

// small makes a package of one table with two rows, changed by change.
func small(t *testing.T, change func(members map[string]string)) *bytes.Reader {
	t.Helper()
	members := map[string]string{
		"model.xml": smallModel, "_rels/.rels": smallRels, smallPart: "\x01\x00\x00\x00\x02\x00\x00\x00",
		"Origin.xml": fmt.Sprintf(`<DacOrigin><ExportStatistics><TableRowCountTotalTag>2</TableRowCountTotalTag></ExportStatistics><Checksums><Checksum Uri="/model.xml">%X</Checksum></Checksums></DacOrigin>`,
			sha256.Sum256([]byte(smallModel))),
	}
	change(members)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, data := range members {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

func TestSmallPackage(t *testing.T) {
	r := small(t, func(map[string]string) {})
	p, err := Open(r, r.Size())
	if err != nil {
		t.Fatal(err)
	}
	var got []any
	n, err := p.Decode(context.Background(), p.Parts[0], 100, func(v []any) error {
		got = append(got, v[0])
		return nil
	})
	if err != nil || n != 2 || p.Rows != 2 || fmt.Sprint(got) != "[1 2]" || len(p.Tables[0].Columns) != 1 {
		t.Errorf("%d rows %v, %v", n, got, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n, err = p.Decode(ctx, p.Parts[0], 100, func([]any) error { cancel(); return nil })
	if n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d rows after the context ended, %v", n, err)
	}
	mine := errors.New("mine")
	if _, err := p.Decode(context.Background(), p.Parts[0], 100, func([]any) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("error of the caller came back as %v", err)
	}
}

func TestBrokenPackages(t *testing.T) {
	replace := func(member, from, to string) func(map[string]string) {
		return func(m map[string]string) { m[member] = strings.Replace(m[member], from, to, 1) }
	}
	for name, change := range map[string]func(map[string]string){
		"model changed":       replace("model.xml", "twice", "thrice"),
		"model not closed":    replace("model.xml", "</Model>", ""),
		"no model":            func(m map[string]string) { delete(m, "model.xml") },
		"no origin":           func(m map[string]string) { delete(m, "Origin.xml") },
		"no rows stated":      replace("Origin.xml", "<TableRowCountTotalTag>2</TableRowCountTotalTag>", ""),
		"no checksum":         replace("Origin.xml", "/model.xml", "/other.xml"),
		"no relationships":    func(m map[string]string) { delete(m, "_rels/.rels") },
		"one relationship":    replace("_rels/.rels", "schema=", "x="),
		"two of a kind":       replace("_rels/.rels", "schema=dbo", "table=t"),
		"unknown table":       replace("_rels/.rels", "table=t", "table=u"),
		"data that is absent": func(m map[string]string) { delete(m, smallPart) },
		"data of nobody":      func(m map[string]string) { m["Data/dbo.t/TableData-000-00001.BCP"] = "" },
	} {
		r := small(t, change)
		if _, err := Open(r, r.Size()); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}
