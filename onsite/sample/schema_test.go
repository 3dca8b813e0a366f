package sample

import (
	"strings"
	"testing"

	"omt/migration"
)

// The expectations are the facts of the dictionary, column by column.
func TestSchemaFollowsDictionary(t *testing.T) {
	c, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	own := 0
	for _, table := range c.Tables {
		if table.Schema == SchemaName && table.Name != "y_equipment" {
			own++
		}
	}
	if own != 537 {
		t.Errorf("documented tables: got %d, want 537", own)
	}
	for _, want := range []struct {
		table, column, typ string
		length             int
		null               bool
	}{
		{"company", "company_id", "int", 4, false},
		{"company", "serialNo", "nvarchar", 440, false}, // String(219)
		{"company", "revision", "smallint", 2, false},   // UShort
		{"company", "registered", "datetime", 8, false}, // UtcDateTime
		{"associate", "type", "smallint", 2, true},      // Enum
		{"document", "name", "nvarchar", 1024, false},   // String(511)
		{"text", "text", "nvarchar", -1, true},          // String(4000): 4001 characters do not fit nvarchar(n)
		{"text", "html_text", "nvarchar", -1, true},     // Clob
		{"BinaryObject", "binaryData", "varbinary", -1, true},
		{"sale", "amount", "float", 8, true},
		{"ticket", "tags", "nvarchar", -1, true},          // FKArray
		{"mail_in_filter", "status", "smallint", 2, true}, // lower-case enumeration
		{"preference", "type", "smallint", 2, false},      // ShortId
		{"UDefField", "columnId", "int", 4, false},        // FieldId
	} {
		table := c.Find(SchemaName, want.table)
		if table == nil {
			t.Fatalf("table %s is missing", want.table)
		}
		col := findColumn(table, want.column)
		if col == nil || col.Type != want.typ || col.MaxLength != want.length || col.Nullable != want.null {
			t.Errorf("%s.%s: got %+v, want %s(%d) null %v", want.table, want.column, col, want.typ, want.length, want.null)
		}
	}
}

func TestSchemaIndexes(t *testing.T) {
	c, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range c.Tables {
		clustered, primary := 0, 0
		names := map[string]bool{}
		for i, ix := range table.Indexes {
			if ix.Clustered {
				clustered++
			}
			if ix.Kind == migration.PrimaryKey {
				primary++
				if i != 0 || ix.Columns[0].Name != table.Columns[0].Name {
					t.Errorf("%s: primary key %+v is not the first index on the first column", table.FullName(), ix)
				}
			}
			if names[strings.ToLower(ix.Name)] || len(ix.Name) > 128 {
				t.Errorf("%s: index name %s repeats or is too long", table.FullName(), ix.Name)
			}
			names[strings.ToLower(ix.Name)] = true
			for _, col := range ix.Columns {
				if x := findColumn(table, col.Name); x == nil || x.MaxLength < 0 {
					t.Errorf("%s: index %s on %s, which no index can hold", table.FullName(), ix.Name, col.Name)
				}
			}
		}
		heap := table.Schema == PartnerSchema && table.Name == "ImportLog"
		if want := 1; !heap && (clustered != want || primary != want) {
			t.Errorf("%s: %d clustered and %d primary indexes", table.FullName(), clustered, primary)
		}
		if heap && len(table.Indexes) != 0 {
			t.Errorf("%s is no heap", table.FullName())
		}
	}
	// contactinterest is documented as clustered by company, not by its key.
	table := c.Find(SchemaName, "contactinterest")
	if got := table.Clustered(); got == nil || got.Columns[0].Name != "contact_id" || got.Unique {
		t.Errorf("contactinterest: clustered index %+v, want a plain one on contact_id", got)
	}
}

// Every type that the package format carries stands in the customer's table
// (the list is the one of facts on the format), nullable and not.
func TestEveryTypeTable(t *testing.T) {
	c, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	table := c.Find(PartnerSchema, "EveryType")
	got := map[string][2]bool{}
	for _, col := range table.Columns {
		x := got[col.Type]
		if col.Nullable {
			x[0] = true
		} else {
			x[1] = true
		}
		got[col.Type] = x
	}
	for _, typ := range strings.Fields("bit tinyint smallint int bigint real float money smallmoney decimal numeric date time datetime2 " +
		"datetimeoffset datetime smalldatetime char varchar nchar nvarchar text ntext image binary varbinary xml uniqueidentifier") {
		if got[typ] != [2]bool{true, true} {
			t.Errorf("type %s: nullable %v, not null %v", typ, got[typ][0], got[typ][1])
		}
	}
}
