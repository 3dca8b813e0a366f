package bacpac

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
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

// flat writes the tree without the numbers of constraints.
func (n *node) flat() string {
	var b strings.Builder
	for _, a := range n.Attrs {
		if a.Name.Local != "Disambiguator" {
			fmt.Fprintf(&b, " %s=%q", a.Name.Local, a.Value)
		}
	}
	b.WriteString(strings.TrimSpace(n.Text))
	for _, c := range n.Children {
		b.WriteString(c.flat())
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

// elements gives the flat form of every element but the options, which are
// compared one by one, and permissions, which a package of ours has not.
func elements(root *node) []string {
	var out []string
	for _, e := range root.Children[0].Children {
		switch e.attr("Type") {
		case "SqlDatabaseOptions", "SqlPermissionStatement":
		default:
			out = append(out, e.flat())
		}
	}
	slices.Sort(out)
	return out
}

// described makes a catalogue of a real model: columns by the decoder, all
// else by the tree.
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
	for _, e := range root.Children[0].Children {
		switch e.attr("Type") {
		case "SqlPrimaryKeyConstraint":
			describeIndex(c, e, migration.PrimaryKey, "DefiningTable")
		case "SqlUniqueConstraint":
			describeIndex(c, e, migration.UniqueConstraint, "DefiningTable")
		case "SqlIndex":
			describeIndex(c, e, migration.PlainIndex, "IndexedObject")
		case "SqlForeignKeyConstraint":
			describeForeignKey(t, c, e)
		case "SqlDefaultConstraint":
			of := e.references("ForColumn")[0]
			table := c.Find(of[0], of[1])
			name, system := e.objectName()
			for i := range table.Columns {
				if table.Columns[i].Name == of[2] {
					table.Columns[i].Default = migration.Default{Name: name, System: system, Expression: e.text("DefaultExpressionScript")}
				}
			}
		}
	}
	return c
}

// references are the names of a relationship, each in its parts.
func (n *node) references(relation string) [][]string {
	var out [][]string
	for _, entry := range n.child(relation).Children {
		out = append(out, strings.Split(strings.Trim(entry.Children[0].attr("Name"), "[]"), "].["))
	}
	return out
}

// text is the value of a property that holds SQL.
func (n *node) text(property string) string {
	p := n.child(property)
	if len(p.Children) == 0 {
		return ""
	}
	return p.Children[0].Text
}

// objectName is the last part of a constraint's or index's name, and whether
// the server made it.
func (n *node) objectName() (string, bool) {
	full := n.attr("Name")
	for _, ch := range n.Children {
		if ch.XMLName.Local == "Annotation" {
			full = ch.attr("Name")
		}
	}
	parts := strings.Split(strings.Trim(full, "[]"), "].[")
	return parts[len(parts)-1], n.attr("Name") == ""
}

func describeIndex(c *migration.Catalog, e *node, kind migration.IndexKind, owner string) {
	ix := migration.Index{
		Kind: kind, Clustered: kind == migration.PrimaryKey, Unique: e.child("IsUnique").attr("Value") == "True", Filter: e.text("FilterPredicate"),
	}
	if v := e.child("IsClustered").attr("Value"); v != "" {
		ix.Clustered = v == "True"
	}
	ix.Name, ix.System = e.objectName()
	for _, entry := range e.child("ColumnSpecifications").Children {
		ix.Columns = append(ix.Columns, migration.IndexColumn{
			Name: entry.Children[0].references("Column")[0][2], Descending: entry.Children[0].child("IsAscending").attr("Value") == "False",
		})
	}
	for _, r := range e.references("IncludedColumns") {
		ix.Columns = append(ix.Columns, migration.IndexColumn{Name: r[2], Included: true})
	}
	of := e.references(owner)[0]
	table := c.Find(of[0], of[1])
	table.Indexes = append(table.Indexes, ix)
}

func describeForeignKey(t *testing.T, c *migration.Catalog, e *node) {
	t.Helper()
	ref := e.references("ForeignTable")[0]
	fk := migration.ForeignKey{RefSchema: ref[0], RefTable: ref[1]}
	fk.Name, fk.System = e.objectName()
	for property, to := range map[string]*migration.Action{"OnDeleteAction": &fk.OnDelete, "OnUpdateAction": &fk.OnUpdate} {
		if v := e.child(property).attr("Value"); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil {
				t.Fatal(err)
			}
			*to = migration.Action(n)
		}
	}
	for _, r := range e.references("Columns") {
		fk.Columns = append(fk.Columns, r[2])
	}
	for _, r := range e.references("ForeignColumns") {
		fk.Referenced = append(fk.Referenced, r[2])
	}
	of := e.references("DefiningTable")[0]
	table := c.Find(of[0], of[1])
	table.ForeignKeys = append(table.ForeignKeys, fk)
}

// TestModelLikeReferences describes each real model as a catalogue and writes
// it again: all of it must be the same, element by element. Permissions and
// the options of the database are not carried over.
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
		if o := real.child(p.attr("Name")); o.flat() != p.flat() {
			t.Errorf("option %s, DacFx wrote %s", p.flat(), o.flat())
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
	for _, not := range []string{"twice", "Discount", "IX_discount", "CK_function", "CK_broken", "FK_off", "DF_row", "timestamp]", `"[dbo]" />` + "\r\n\t\t\t\t</Entry>\r\n\t\t\t</Relationship>\r\n\t\t</Element>\r\n\t\t<Element Type=\"SqlSchema\" Name=\"[dbo]\""} {
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
