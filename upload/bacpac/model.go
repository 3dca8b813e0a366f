package bacpac

import (
	"fmt"
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
// What the catalogue does not carry is not in the model: defaults, checks and
// foreign keys (SuperOffice declares none and fills every column itself), users
// and permissions (Azure SQL refuses Windows users), modules (they travel as
// scripts beside the package) and computed columns with the indexes on them.
func modelXML(c *migration.Catalog) ([]byte, error) {
	if err := checkNames(c); err != nil {
		return nil, err
	}
	m := &model{}
	m.WriteString(bom + `<?xml version="1.0" encoding="utf-8"?>`)
	lcid := c.LCID
	if lcid == 0 {
		lcid = 1033
	}
	m.open("DataSchemaModel", "FileFormatVersion", "1.2", "SchemaVersion", schemaVersion, "DspName", provider,
		"CollationLcid", strconv.Itoa(lcid), "CollationCaseSensitive", boolean(caseSensitive(c.Collation)), "xmlns", dacNamespace)
	m.open("Model")
	m.options(c)
	m.number(c)
	m.indexes(c, migration.PlainIndex)
	m.indexes(c, migration.PrimaryKey)
	m.schemas(c)
	for i, t := range c.Tables {
		if err := m.table(c, t, m.inline[i]); err != nil {
			return nil, err
		}
	}
	m.indexes(c, migration.UniqueConstraint)
	m.close("Model")
	m.close("DataSchemaModel")
	return m.Bytes(), nil
}

// model writes model.xml, its elements sorted by type as DacFx 16 does.
type model struct {
	tree
	// inline numbers the constraints that the server named, by table and
	// index: they have no Name of their own but an annotation that the table
	// refers to.
	inline []map[int]int
}

func (m *model) number(c *migration.Catalog) {
	n := 0
	for _, t := range c.Tables {
		ids := map[int]int{}
		for i, ix := range t.Indexes {
			if ix.Kind != migration.PlainIndex && ix.System && carriesIndex(t, &ix) {
				n++
				ids[i] = n
			}
		}
		m.inline = append(m.inline, ids)
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

func (m *model) schemas(c *migration.Catalog) {
	done := map[string]bool{}
	for _, t := range c.Tables {
		if builtInSchemas[t.Schema] || done[t.Schema] {
			continue
		}
		done[t.Schema] = true
		m.open("Element", "Type", "SqlSchema", "Name", quote(t.Schema))
		m.referBuiltIn("Authorizer", "[dbo]")
		m.close("Element")
	}
}

func (m *model) table(c *migration.Catalog, t *migration.Table, inline map[int]int) error {
	m.open("Element", "Type", "SqlTable", "Name", quote(t.Schema, t.Name))
	m.property("IsAnsiNullsOn", "True")
	var failed error
	m.relation("Columns", func() {
		for _, col := range t.Data() {
			if _, err := newColumn(col); err != nil && failed == nil {
				failed = columnError("describe column", t, col.Name, err)
			}
			m.entry(func() { m.column(c, t, carriedType(col)) })
		}
	})
	if failed != nil {
		return failed
	}
	if builtInSchemas[t.Schema] {
		m.referBuiltIn("Schema", quote(t.Schema))
	} else {
		m.refer("Schema", quote(t.Schema))
	}
	for i := range t.Indexes {
		if id := inline[i]; id > 0 {
			m.empty("AttachedAnnotation", "Disambiguator", strconv.Itoa(id))
		}
	}
	m.close("Element")
	return nil
}

func (m *model) column(c *migration.Catalog, t *migration.Table, col migration.Column) {
	m.open("Element", "Type", "SqlSimpleColumn", "Name", quote(t.Schema, t.Name, col.Name))
	if !col.Nullable {
		m.property("IsNullable", "False")
	}
	if col.Identity {
		m.property("IsIdentity", "True")
	}
	if col.Collation != "" && col.Collation != c.Collation {
		m.property("Collation", col.Collation)
	}
	m.relation("TypeSpecifier", func() {
		m.entry(func() { m.typeSpecifier(col) })
	})
	m.close("Element")
}

func (m *model) typeSpecifier(col migration.Column) {
	kind := "SqlTypeSpecifier"
	if col.Type == "xml" {
		kind = "SqlXmlTypeSpecifier"
	}
	m.open("Element", "Type", kind)
	switch col.Type {
	case "decimal", "numeric":
		if col.Scale != 0 {
			m.property("Scale", strconv.Itoa(int(col.Scale)))
		}
		m.property("Precision", strconv.Itoa(int(col.Precision)))
	case "time", "datetime2", "datetimeoffset":
		m.property("Scale", strconv.Itoa(int(col.Scale)))
	case "nchar", "nvarchar":
		m.length(col.MaxLength, 2)
	case "char", "varchar", "binary", "varbinary":
		m.length(col.MaxLength, 1)
	}
	m.referBuiltIn("Type", quote(col.Type))
	m.close("Element")
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
