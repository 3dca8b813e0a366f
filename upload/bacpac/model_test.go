package bacpac

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/upload/bacpac/decode"
)

// node is any element of an XML document, for comparing by structure.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []*node    `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (n *node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// child is the first child with a Name or, without one, of the type.
func (n *node) child(name string) *node {
	for _, c := range n.Children {
		if c.attr("Name") == name {
			return c
		}
	}
	return &node{}
}

// flat writes the tree without what numbers constraints or what a catalogue
// does not carry: filters and the annotations of defaults.
func (n *node) flat(defaults map[string]bool) string {
	var b strings.Builder
	for _, a := range n.Attrs {
		if a.Name.Local != "Disambiguator" {
			fmt.Fprintf(&b, " %s=%q", a.Name.Local, a.Value)
		}
	}
	for _, c := range n.Children {
		if name := c.attr("Name"); name == "FilterPredicate" || name == "BodyDependencies" ||
			c.XMLName.Local == "AttachedAnnotation" && defaults[c.attr("Disambiguator")] {
			continue
		}
		b.WriteString(c.flat(defaults))
	}
	return "<" + n.XMLName.Local + b.String() + ">"
}

func parseModel(t *testing.T, data []byte) *node {
	t.Helper()
	var root node
	if err := xml.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	return &root
}

// elements gives the flat form of the elements that both sides must have.
func elements(root *node) []string {
	defaults := map[string]bool{}
	for _, e := range root.Children[0].Children {
		if e.attr("Type") != "SqlDefaultConstraint" {
			continue
		}
		for _, c := range e.Children {
			if c.XMLName.Local == "Annotation" {
				defaults[c.attr("Disambiguator")] = true
			}
		}
	}
	var out []string
	for _, e := range root.Children[0].Children {
		switch e.attr("Type") {
		case "SqlTable", "SqlPrimaryKeyConstraint", "SqlUniqueConstraint", "SqlIndex", "SqlSchema":
			out = append(out, e.flat(defaults))
		}
	}
	slices.Sort(out)
	return out
}

// described makes a catalogue of a real model: columns by the decoder, keys
// and indexes by the tree.
func described(t *testing.T, root *node, tables []*decode.Table) *migration.Catalog {
	t.Helper()
	c := &migration.Catalog{Database: "d", Collation: "SQL_Latin1_General_CP1_CI_AS", LCID: 1033}
	for _, d := range tables {
		table := &migration.Table{Schema: d.Schema, Name: d.Name}
		for _, col := range d.Columns {
			table.Columns = append(table.Columns, asCatalog(col))
		}
		c.Tables = append(c.Tables, table)
	}
	kinds := map[string]migration.IndexKind{
		"SqlPrimaryKeyConstraint": migration.PrimaryKey, "SqlUniqueConstraint": migration.UniqueConstraint, "SqlIndex": migration.PlainIndex,
	}
	reference := func(n *node) []string { // [schema].[table].[column]
		name := n.Children[0].Children[0].attr("Name")
		return strings.Split(strings.Trim(name, "[]"), "].[")
	}
	for _, e := range root.Children[0].Children {
		kind, ok := kinds[e.attr("Type")]
		if !ok {
			continue
		}
		ix := migration.Index{
			Kind: kind, Clustered: kind == migration.PrimaryKey, Unique: e.child("IsUnique").attr("Value") == "True", System: e.attr("Name") == "",
		}
		if v := e.child("IsClustered").attr("Value"); v != "" {
			ix.Clustered = v == "True"
		}
		full := e.attr("Name")
		owner := "DefiningTable"
		for _, ch := range e.Children {
			if ch.XMLName.Local == "Annotation" {
				full = ch.attr("Name")
			}
		}
		if kind == migration.PlainIndex {
			owner = "IndexedObject"
		}
		names := strings.Split(strings.Trim(full, "[]"), "].[")
		ix.Name = names[len(names)-1]
		for _, entry := range e.child("ColumnSpecifications").Children {
			ix.Columns = append(ix.Columns, migration.IndexColumn{Name: reference(entry.Children[0].child("Column"))[2]})
		}
		of := reference(e.child(owner))
		table := c.Find(of[0], of[1])
		table.Indexes = append(table.Indexes, ix)
	}
	return c
}

// TestModelLikeReferences describes each real model as a catalogue and writes
// it again: tables, keys and indexes must be the same, element by element.
func TestModelLikeReferences(t *testing.T) {
	files, err := filepath.Glob(reference(t, "bacpac", "*.bacpac"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no reference packages: %v", err)
	}
	for _, name := range files {
		z, err := zip.OpenReader(name)
		if err != nil {
			t.Fatal(err)
		}
		raw := readMember(t, &z.Reader, "model.xml")
		z.Close()
		tables, err := decode.Model(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		root := parseModel(t, raw)
		ours, err := modelXML(described(t, root, tables))
		if err != nil {
			t.Fatal(err)
		}
		want, got := elements(root), elements(parseModel(t, ours))
		if len(want) == 0 || len(want) != len(got) {
			t.Errorf("%s: %d elements, DacFx wrote %d", filepath.Base(name), len(got), len(want))
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s:\n%s\nDacFx wrote\n%s", filepath.Base(name), got[i], want[i])
			}
		}
		sameRoot(t, parseModel(t, ours), root)
		sameOptions(t, parseModel(t, ours), root)
	}
}

func sameRoot(t *testing.T, got, want *node) {
	t.Helper()
	for _, a := range want.Attrs {
		v := got.attr(a.Name.Local)
		if v == "" || v != a.Value && a.Name.Local != "SchemaVersion" && a.Name.Local != "DspName" {
			t.Errorf("root attribute %s is %q, DacFx wrote %q", a.Name.Local, v, a.Value)
		}
	}
}

// sameOptions: every option that we write stands in the real one, the same.
func sameOptions(t *testing.T, got, want *node) {
	t.Helper()
	ours, real := got.Children[0].Children[0], want.Children[0].Children[0]
	for _, p := range ours.Children {
		if o := real.child(p.attr("Name")); o.flat(nil) != p.flat(nil) {
			t.Errorf("option %s, DacFx wrote %s", p.flat(nil), o.flat(nil))
		}
	}
}

func TestModel(t *testing.T) {
	raw, err := modelXML(sampleCatalog())
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, want := range []string{
		`<Element Type="SqlSchema" Name="[CRM7]">`,
		`<Element Type="SqlTable" Name="[dbo].[Før/etter $ [x]] 50%.]">`,
		`<References Name="[CRM7]" />`,
		`<Property Name="Collation" Value="Latin1_General_BIN2" />`,
		`<Property Name="IsAscending" Value="False" />`,
		`<Relationship Name="IncludedColumns">`,
		`<Element Type="SqlXmlTypeSpecifier">`,
		`<Element Type="SqlUniqueConstraint" Name="[CRM7].[UQ_own]">`,
		`<Annotation Type="SqlInlineConstraintAnnotation" Name="[CRM7].[PK__partner__1]" Disambiguator="1" />`,
		`<AttachedAnnotation Disambiguator="2" />`,
		`<Property Name="IsClustered" Value="False" />`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("model lacks %s", want)
		}
	}
	for _, not := range []string{"twice", "timestamp]", `"[dbo]" />` + "\r\n\t\t\t\t</Entry>\r\n\t\t\t</Relationship>\r\n\t\t</Element>\r\n\t\t<Element Type=\"SqlSchema\" Name=\"[dbo]\""} {
		if strings.Contains(text, not) {
			t.Errorf("model has %s", not)
		}
	}
	again, err := modelXML(sampleCatalog())
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("the model of the same catalogue differs, %v", err)
	}
	if strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Error("lines do not end with CRLF")
	}
}

func TestNamesRefused(t *testing.T) {
	id := []migration.Column{{Name: "id", Type: "int"}}
	for name, tables := range map[string][]*migration.Table{
		"control character": {{Schema: "dbo", Name: "a\x01", Columns: id}},
		"not a character":   {{Schema: "dbo", Name: "a", Columns: []migration.Column{{Name: "\uffff", Type: "int"}}}},
		"not UTF-8":         {{Schema: "dbo", Name: "a", Columns: id, Indexes: []migration.Index{{Name: "\xff"}}}},
		"twins":             {{Schema: "dbo", Name: "Case", Columns: id}, {Schema: "dbo", Name: "case", Columns: id}},
	} {
		_, err := New().Leading(&migration.Catalog{Database: "d", Tables: tables})
		if err == nil || migration.HintOf(err).IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFolder(t *testing.T) {
	for _, c := range [][3]string{
		{"CRM7", "contact", "CRM7.contact"},
		{"dbo", "a b", "dbo.a%20b"},
		{"dbo", "brønn", "dbo.br%C3%B8nn"},
		{"a.b", "c", "a%2Eb.c"},
		{"a", "b.c", "a.b.c"},
		{"dbo", "a/b\\c", "dbo.a%252Fb%255Cc"},
		{"dbo", "100%", "dbo.100%25"},
		{"dbo", "end.", "dbo.end%2E"},
		{"dbo", "$x", "dbo.%24x"},
	} {
		if got := folder(c[0], c[1]); got != c[2] {
			t.Errorf("folder(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
