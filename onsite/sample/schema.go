package sample

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"omt/migration"
)

// The names that every sample installation uses.
const (
	SchemaName    = "CRM7"        // SuperOffice's default table prefix
	PartnerSchema = "partner"     // a customer's own tables
	DatabaseName  = "SuperOffice" // database and ODBC data source
	collation     = "Latin1_General_CI_AS"
	collationLCID = 1033
)

// tablesJSON lists the 537 documented tables: names, dictionary types, indexes.
//
//go:embed superoffice-tables.json
var tablesJSON []byte

type dictTable struct {
	ID      int          `json:"id"` // table number
	Name    string       `json:"name"`
	Columns []dictColumn `json:"columns"`
	Indexes []dictIndex  `json:"indexes"`
}

type dictColumn struct {
	Name string `json:"name"`
	Type string `json:"type"` // dictionary type, e.g. String(239)
	Null bool   `json:"null"`
}

type dictIndex struct {
	Columns []string `json:"columns"`
	Kind    string   `json:"kind"`
}

// Schema returns the catalogue of the sample database: the documented tables
// under CRM7, one Service extra table beside them, and the partner schema. It
// is the same for every seed. Row counts are not filled in.
func Schema() (*migration.Catalog, error) {
	dict, err := dictionary()
	if err != nil {
		return nil, err
	}
	c := &migration.Catalog{
		Database: DatabaseName, Schema: SchemaName,
		Collation: collation, LCID: collationLCID,
	}
	for i := range dict {
		t, err := tableOf(&dict[i])
		if err != nil {
			return nil, err
		}
		c.Tables = append(c.Tables, t)
	}
	c.Tables = append(c.Tables, extraTable())
	c.Tables = append(c.Tables, partnerTables()...)
	addShop(c)
	return c, nil
}

func dictionary() ([]dictTable, error) {
	var dict []dictTable
	if err := json.Unmarshal(tablesJSON, &dict); err != nil {
		return nil, fmt.Errorf("read table list: %w", err)
	}
	return dict, nil
}

func tableOf(d *dictTable) (*migration.Table, error) {
	t := &migration.Table{Schema: SchemaName, Name: d.Name}
	for _, c := range d.Columns {
		col, err := columnOf(c)
		if err != nil {
			return nil, fmt.Errorf("map column %s.%s: %w", d.Name, c.Name, err)
		}
		t.Columns = append(t.Columns, col)
	}
	t.Indexes = indexesOf(d, t)
	return t, nil
}

// columnOf maps a dictionary type to the type in SQL Server.
func columnOf(c dictColumn) (migration.Column, error) {
	col := migration.Column{Name: c.Name, Nullable: c.Null}
	kind, arg, _ := strings.Cut(c.Type, "(")
	switch kind {
	case "PK", "FK", "Id", "RecordId", "FieldId", "Int", "UInt":
		col.Type, col.MaxLength, col.Precision = "int", 4, 10
	case "UShort", "Short", "Bool", "Enum", "TableNumber", "ShortId":
		col.Type, col.MaxLength, col.Precision = "smallint", 2, 5
	case "Double":
		col.Type, col.MaxLength, col.Precision = "float", 8, 53
	case "DateTime", "UtcDateTime":
		col.Type, col.MaxLength, col.Precision, col.Scale = "datetime", 8, 23, 3
	case "Clob", "FKArray":
		// FKArray holds a list of ids in one column with a full-text index on
		// it, which SQL Server builds on text only.
		col.Type, col.MaxLength, col.Collation = "nvarchar", -1, collation
	case "Blob":
		col.Type, col.MaxLength = "varbinary", -1
	case "String":
		n, err := strconv.Atoi(strings.TrimSuffix(arg, ")"))
		if err != nil {
			return col, fmt.Errorf("read length of %s: %w", c.Type, err)
		}
		col.Type, col.Collation, col.MaxLength = "nvarchar", collation, 2*(n+1)
		if n+1 > 4000 {
			col.MaxLength = -1
		}
	default:
		// Service tables name their enumerations in lower case (status, type,
		// access_level, ...); they are stored like any other Enum.
		if kind != strings.ToLower(kind) || arg != "" {
			return col, fmt.Errorf("unknown type %s", c.Type)
		}
		col.Type, col.MaxLength, col.Precision = "smallint", 2, 5
	}
	return col, nil
}

// indexesOf gives the primary key, clustered unless another index is, and the
// other indexes by name. Full-text indexes are not rowstore and are left out,
// as is an index on a column that the list does not have (CacheInvalidation).
func indexesOf(d *dictTable, t *migration.Table) []migration.Index {
	pk := migration.Index{
		Name: "PK_" + d.Name, Kind: migration.PrimaryKey, Clustered: true, Unique: true,
		Columns: []migration.IndexColumn{{Name: d.Columns[0].Name}},
	}
	var rest []migration.Index
	for _, x := range d.Indexes {
		if x.Kind == "Full text" {
			continue
		}
		ix := migration.Index{
			Name: "IX_" + d.Name + "_" + strings.Join(x.Columns, "_"), Kind: migration.PlainIndex,
			Clustered: strings.HasPrefix(x.Kind, "Clustered"), Unique: strings.HasSuffix(x.Kind, "Unique"),
		}
		if len(ix.Name) > 110 { // sysname has 128 characters
			ix.Name = ix.Name[:100] + strconv.Itoa(len(rest))
		}
		known := true
		for _, name := range x.Columns {
			col := findColumn(t, name)
			if col == nil || col.MaxLength < 0 {
				known = false
				break
			}
			ix.Columns = append(ix.Columns, migration.IndexColumn{Name: col.Name})
		}
		if known {
			pk.Clustered = pk.Clustered && !ix.Clustered
			rest = append(rest, ix)
		}
	}
	sort.Slice(rest, func(i, j int) bool { return rest[i].Name < rest[j].Name })
	return append([]migration.Index{pk}, rest...)
}

func findColumn(t *migration.Table, name string) *migration.Column {
	for i := range t.Columns {
		if strings.EqualFold(t.Columns[i].Name, name) {
			return &t.Columns[i]
		}
	}
	return nil
}
