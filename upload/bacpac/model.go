package bacpac

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"omt/migration"
)

const (
	dacNamespace = "http://schemas.microsoft.com/sqlserver/dac/Serialization/2012/02"
	// schemaVersion is the lowest that real exports have: nothing is written
	// that later ones brought, and every importer reads it.
	schemaVersion = "2.5"
	// provider is that of Azure SQL, where the tenant lives.
	provider = "Microsoft.Data.Tools.Schema.Sql.SqlAzureV12DatabaseSchemaProvider"
)

// builtInSchemas are in every database and are not declared.
var builtInSchemas = map[string]bool{"dbo": true, "guest": true, "sys": true, "INFORMATION_SCHEMA": true}

// modelXML describes the catalogue. It depends on c alone: Trailing computes
// it again for the checksum.
//
// What is not in the model: users and permissions (Azure SQL refuses Windows
// users), modules, and what needs a function or that rows may break. The last
// two travel as scripts beside the package (migration.Catalog.Scripts).
func modelXML(c *migration.Catalog) ([]byte, error) {
	if err := checkNames(c); err != nil {
		return nil, err
	}
	m := &model{catalog: c}
	m.WriteString(bom + `<?xml version="1.0" encoding="utf-8"?>`)
	lcid := c.LCID
	if lcid == 0 {
		lcid = 1033
	}
	m.open("DataSchemaModel", "FileFormatVersion", "1.2", "SchemaVersion", schemaVersion, "DspName", provider,
		"CollationLcid", strconv.Itoa(lcid), "CollationCaseSensitive", boolean(caseSensitive(c.Collation)), "xmlns", dacNamespace)
	m.open("Model")
	m.number()
	m.options(c)
	m.checks()
	m.defaults()
	m.foreignKeys()
	m.indexes(c, migration.PlainIndex)
	m.indexes(c, migration.PrimaryKey)
	m.schemas(c)
	m.sequences()
	for i, t := range c.Tables {
		if err := m.table(c, t, &m.inline[i]); err != nil {
			return nil, err
		}
	}
	m.indexes(c, migration.UniqueConstraint)
	m.aliasTypes()
	m.close("Model")
	m.close("DataSchemaModel")
	return m.Bytes(), nil
}

// model writes model.xml, its elements sorted by type as DacFx 16 does, but
// for the options, which stand first.
type model struct {
	tree
	catalog *migration.Catalog
	inline  []inline // by table
}

// inline numbers the constraints of a table that the server named, by their
// place in its lists; 0 for the others. They have no Name of their own but an
// annotation, to which the table refers, or for a default its column.
type inline struct {
	indexes, checks, keys, defaults []int
}

func (m *model) number() {
	n := 0
	next := func(system bool) int {
		if !system {
			return 0
		}
		n++
		return n
	}
	c := m.catalog
	m.inline = make([]inline, len(c.Tables))
	for i, t := range c.Tables {
		in := &m.inline[i]
		for k := range t.Columns {
			in.defaults = append(in.defaults, next(t.Columns[k].Default.System && t.CarriesDefault(&t.Columns[k])))
		}
		for k := range t.Checks {
			in.checks = append(in.checks, next(t.Checks[k].System && t.CarriesCheck(&t.Checks[k])))
		}
		for k := range t.ForeignKeys {
			in.keys = append(in.keys, next(t.ForeignKeys[k].System && c.CarriesForeignKey(t, &t.ForeignKeys[k])))
		}
		for k := range t.Indexes {
			ix := &t.Indexes[k]
			in.indexes = append(in.indexes, next(ix.Kind != migration.PlainIndex && ix.System && t.CarriesIndex(ix)))
		}
	}
}

func (m *model) options(c *migration.Catalog) {
	m.open("Element", "Type", "SqlDatabaseOptions")
	m.property("Collation", c.Collation)
	m.property("IsAnsiPaddingOn", "False")
	m.property("IsQuotedIdentifierOn", "False")
	m.property("IsCursorDefaultScopeGlobal", "True")
	m.property("IsTornPageProtectionOn", "False")
	m.property("IsFullTextEnabled", "True")
	m.property("TargetRecoveryTimePeriod", "60")
	m.referBuiltIn("DefaultFilegroup", "[PRIMARY]")
	m.close("Element")
}

// schemaNames are the schemas to declare, in the order in which they occur.
func schemaNames(c *migration.Catalog) []string {
	var out []string
	add := func(name string) {
		if !builtInSchemas[name] && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, t := range c.Tables {
		add(t.Schema)
	}
	for _, t := range c.Types {
		add(t.Schema)
	}
	for _, s := range c.Sequences {
		add(s.Schema)
	}
	return out
}

func (m *model) schemas(c *migration.Catalog) {
	for _, name := range schemaNames(c) {
		m.open("Element", "Type", "SqlSchema", "Name", quote(name))
		m.referBuiltIn("Authorizer", "[dbo]")
		m.close("Element")
	}
}

// inSchema refers to the schema of an object.
func (m *model) inSchema(schema string) {
	if builtInSchemas[schema] {
		m.referBuiltIn("Schema", quote(schema))
	} else {
		m.refer("Schema", quote(schema))
	}
}

func (m *model) table(c *migration.Catalog, t *migration.Table, in *inline) error {
	m.open("Element", "Type", "SqlTable", "Name", quote(t.Schema, t.Name))
	m.property("IsAnsiNullsOn", "True")
	var failed error
	m.relation("Columns", func() {
		for i, col := range t.Columns {
			switch {
			case t.Scripted(&col):
				continue
			case col.Computed:
				m.entry(func() { m.computed(t, col) })
				continue
			}
			if _, err := newColumn(col); err != nil && failed == nil {
				failed = columnError("describe column", t, col.Name, err)
			}
			m.entry(func() { m.column(c, t, carriedType(col), in.defaults[i]) })
		}
	})
	if failed != nil {
		return failed
	}
	m.inSchema(t.Schema)
	for _, ids := range [][]int{in.checks, in.keys, in.indexes} {
		for _, id := range ids {
			if id > 0 {
				m.empty("AttachedAnnotation", "Disambiguator", strconv.Itoa(id))
			}
		}
	}
	m.close("Element")
	return nil
}

// column writes a column with data; id is the number of its default if the
// server named it, else 0. Not confirmed by a package are the seed and
// increment of an identity, sparse and rowguidcol: names of the properties as
// DacFx's public model has them, said only when they are not the default.
func (m *model) column(c *migration.Catalog, t *migration.Table, col migration.Column, id int) {
	m.open("Element", "Type", "SqlSimpleColumn", "Name", quote(t.Schema, t.Name, col.Name))
	if !col.Nullable {
		m.property("IsNullable", "False")
	}
	if col.Identity {
		m.property("IsIdentity", "True")
		m.unless("IdentitySeed", col.Seed, "1")
		m.unless("IdentityIncrement", col.Increment, "1")
	}
	if col.RowGUID {
		m.property("IsRowGuidColumn", "True")
	}
	if col.Sparse {
		m.property("IsSparse", "True")
	}
	if col.Collation != "" && col.Collation != c.Collation {
		m.property("Collation", col.Collation)
	}
	m.relation("TypeSpecifier", func() {
		m.entry(func() { m.typeSpecifier(col) })
	})
	if id > 0 {
		m.empty("AttachedAnnotation", "Disambiguator", strconv.Itoa(id))
	}
	m.close("Element")
}

// unless writes a property that is neither empty nor the default.
func (m *model) unless(name, value, usual string) {
	if value != "" && value != usual {
		m.property(name, value)
	}
}

func (m *model) typeSpecifier(col migration.Column) {
	kind := "SqlTypeSpecifier"
	if col.Type == "xml" {
		kind = "SqlXmlTypeSpecifier"
	}
	m.open("Element", "Type", kind)
	if m.catalog.HasType(col.AliasSchema, col.Alias) {
		// An alias brings its own length, precision and scale.
		m.refer("Type", quote(col.AliasSchema, col.Alias))
		m.close("Element")
		return
	}
	m.facets(col.Type, col.MaxLength, col.Precision, col.Scale)
	m.referBuiltIn("Type", quote(col.Type))
	m.close("Element")
}

// facets writes length, precision and scale as far as the type has them.
func (m *model) facets(typ string, length int, precision, scale uint8) {
	switch typ {
	case "decimal", "numeric":
		if scale != 0 {
			m.property("Scale", strconv.Itoa(int(scale)))
		}
		m.property("Precision", strconv.Itoa(int(precision)))
	case "time", "datetime2", "datetimeoffset":
		m.property("Scale", strconv.Itoa(int(scale)))
	case "nchar", "nvarchar":
		m.length(length, 2)
	case "char", "varchar", "binary", "varbinary":
		m.length(length, 1)
	}
}

func (m *model) length(bytes, unit int) {
	if bytes == -1 {
		m.property("IsMax", "True")
		return
	}
	m.property("Length", strconv.Itoa(bytes/unit))
}

func boolean(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// caseSensitive reads the sensitivity from the collation's name, the only
// place where it stands.
func caseSensitive(collation string) bool {
	n := strings.ToUpper(collation)
	return strings.Contains(n, "_CS") || strings.Contains(n, "_BIN")
}

// metadataXML names the database.
func metadataXML(c *migration.Catalog) []byte {
	return fmt.Appendf(nil, "%s<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<DacType xmlns=\"%s\">\r\n"+
		"  <Name>%s</Name>\r\n  <Version>0.0.0.0</Version>\r\n</DacType>", bom, dacNamespace, escapeXML(c.Database))
}
