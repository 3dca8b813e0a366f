package bacpac

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"omt/migration"
)

// sampleCatalog has a table with every type that can be carried, tables of the
// plain kind, an empty one, and names that need escaping.
func sampleCatalog() *migration.Catalog {
	every := &migration.Table{Schema: "CRM7", Name: "partner_every"}
	every.Columns = append(every.Columns, migration.Column{Name: "id", Type: "int", Identity: true})
	for _, nullable := range []bool{true, false} {
		for _, kind := range everyType() {
			kind.Name = fmt.Sprintf("%s_%d_%d_%t", kind.Type, kind.MaxLength, kind.Scale, nullable)
			kind.Nullable = nullable
			every.Columns = append(every.Columns, kind)
		}
	}
	every.Columns = append(every.Columns, migration.Column{Name: "twice", Type: "int", Computed: true, Formula: "([dbo].[twice]([id]))"})
	every.Indexes = []migration.Index{
		{Name: "PK__partner__1", Kind: migration.PrimaryKey, Clustered: true, Unique: true, System: true, Columns: []migration.IndexColumn{{Name: "id"}}},
		{Name: "UQ__partner__2", Kind: migration.UniqueConstraint, Unique: true, System: true, Columns: []migration.IndexColumn{{Name: "id", Descending: true}}},
		{Name: "UQ_own", Kind: migration.UniqueConstraint, Unique: true, Columns: []migration.IndexColumn{{Name: "id"}}},
		{Name: "IX_twice", Kind: migration.PlainIndex, Columns: []migration.IndexColumn{{Name: "twice"}}},
	}
	contact := &migration.Table{Schema: "CRM7", Name: "contact", Columns: []migration.Column{
		{Name: "contact_id", Type: "int"}, {Name: "name", Type: "nvarchar", MaxLength: 440, Nullable: true, Collation: "Latin1_General_BIN2"},
		{Name: "registered", Type: "datetime", Nullable: true},
	}, Indexes: []migration.Index{
		{Name: "PKContact", Kind: migration.PrimaryKey, Unique: true, Columns: []migration.IndexColumn{{Name: "contact_id"}}},
		{Name: "IXName", Kind: migration.PlainIndex, Clustered: true, Columns: []migration.IndexColumn{{Name: "name", Descending: true}, {Name: "registered", Included: true}}},
	}}
	id := []migration.Column{{Name: "id", Type: "int"}}
	return &migration.Catalog{
		Database: `Kunde "Å" & Co`, Schema: "CRM7", Collation: "SQL_Latin1_General_CP1_CI_AS", LCID: 1033, ServerVersion: "15.0.2000.5", SizeKB: 4096,
		Tables: []*migration.Table{
			contact, every,
			{Schema: "CRM7", Name: "leer", Columns: id},
			{Schema: "a.b", Name: "c", Columns: id},
			{Schema: "a", Name: "b.c", Columns: id},
			{Schema: "dbo", Name: `Før/etter $ [x] 50%.`, Columns: id},
			orderTable(),
		},
		Types: []migration.AliasType{{Schema: "shop", Name: "Phone", Base: "nvarchar", MaxLength: 60, Nullable: true}},
		Sequences: []migration.Sequence{{
			Schema: "shop", Name: "OrderNo", Type: "bigint", Start: "1000", Increment: "5", Current: "1040",
			Minimum: "1000", Maximum: "99999", Cycle: true, Cached: true, CacheSize: 20,
		}},
	}
}

// orderTable has each kind of the model that SuperOffice's own tables lack.
func orderTable() *migration.Table {
	return &migration.Table{
		Schema: "shop", Name: "Order",
		Columns: []migration.Column{
			{Name: "id", Type: "int", Identity: true, Seed: "-7", Increment: "3"},
			{Name: "number", Type: "bigint", Default: migration.Default{Name: "DF_number", Expression: "(NEXT VALUE FOR [shop].[OrderNo])"}},
			{Name: "price", Type: "decimal", Precision: 18, Scale: 4, Default: migration.Default{Name: "DF__1", Expression: "((0))", System: true}},
			{Name: "quantity", Type: "int", Nullable: true, Sparse: true},
			{Name: "total", Type: "decimal", Precision: 29, Scale: 4, Nullable: true, Computed: true, Formula: "([price]*[quantity])", Persisted: true},
			{Name: "discount", Type: "int", Nullable: true, Computed: true, Formula: "([shop].[Discount]([id]))"},
			{Name: "phone", Type: "nvarchar", MaxLength: 60, Nullable: true, AliasSchema: "shop", Alias: "Phone"},
			{Name: "row", Type: "uniqueidentifier", RowGUID: true, Default: migration.Default{Name: "DF_row", Expression: "([shop].[NewRow]())"}},
			{Name: "contact", Type: "int", Nullable: true},
		},
		Indexes: []migration.Index{
			{Name: "PK_Order", Kind: migration.PrimaryKey, Clustered: true, Unique: true, Columns: []migration.IndexColumn{{Name: "id"}}},
			{Name: "IX_open", Kind: migration.PlainIndex, Filter: "([quantity]>(0) AND [phone]<>'[total]')",
				Columns: []migration.IndexColumn{{Name: "total", Descending: true}, {Name: "phone", Included: true}}},
			{Name: "IX_discount", Kind: migration.PlainIndex, Columns: []migration.IndexColumn{{Name: "discount"}}},
		},
		Checks: []migration.Check{
			{Name: "CK_price", Expression: "([price]>=(0))"},
			{Name: "CK__2", Expression: "([quantity]>(0) OR [total] IS NULL)", System: true},
			{Name: "CK_function", Expression: "([shop].[Valid]([phone])=(1))"},
			{Name: "CK_broken", Expression: "([id]>(5))", Untrusted: true},
		},
		ForeignKeys: []migration.ForeignKey{
			{Name: "FK_contact", Columns: []string{"contact"}, RefSchema: "CRM7", RefTable: "contact", Referenced: []string{"contact_id"},
				OnDelete: migration.SetNull, OnUpdate: migration.Cascade},
			{Name: "FK_off", Columns: []string{"contact"}, RefSchema: "CRM7", RefTable: "contact", Referenced: []string{"contact_id"}, Disabled: true},
		},
	}
}

func everyType() []migration.Column {
	out := []migration.Column{
		{Type: "bit"}, {Type: "tinyint"}, {Type: "smallint"}, {Type: "int"}, {Type: "bigint"}, {Type: "real"}, {Type: "float"},
		{Type: "money"}, {Type: "smallmoney"}, {Type: "date"}, {Type: "datetime"}, {Type: "smalldatetime"}, {Type: "uniqueidentifier"},
		{Type: "decimal", Precision: 18, Scale: 4}, {Type: "numeric", Precision: 38}, {Type: "timestamp", MaxLength: 8},
		{Type: "xml", MaxLength: -1}, {Type: "text", MaxLength: 16}, {Type: "ntext", MaxLength: 16}, {Type: "image", MaxLength: 16},
	}
	for _, scale := range []uint8{0, 3, 7} {
		for _, kind := range []string{"time", "datetime2", "datetimeoffset"} {
			out = append(out, migration.Column{Type: kind, Scale: scale})
		}
	}
	for _, kind := range []string{"char", "varchar", "nchar", "nvarchar", "binary", "varbinary"} {
		out = append(out, migration.Column{Type: kind, MaxLength: 20})
	}
	for _, kind := range []string{"varchar", "nvarchar", "varbinary"} {
		out = append(out, migration.Column{Type: kind, MaxLength: -1})
	}
	return out
}

// sampleValue is a value of the column's type that depends on n.
func sampleValue(c migration.Column, n int) any {
	day := time.Date(1760+n%200, 1, 1+n, 0, 0, 0, 0, time.UTC)
	switch c.Type {
	case "bit":
		return n%2 == 0
	case "tinyint", "smallint", "int", "bigint":
		return int64(n % 200)
	case "real", "float":
		return float64(n) / 4
	case "money", "smallmoney", "decimal":
		return fmt.Appendf(nil, "%d.%04d", -n, n%10000)
	case "numeric":
		return fmt.Appendf(nil, "%d", n)
	case "date":
		return day
	case "datetime", "smalldatetime":
		return time.Date(2000, 1, 1+n, n%24, n%60, 0, 0, time.UTC)
	case "time":
		return time.Date(1, 1, 1, n%24, n%60, n%60, 0, time.UTC)
	case "datetime2":
		return day.Add(time.Duration(n) * time.Second)
	case "datetimeoffset":
		return day.Add(time.Duration(n) * time.Second).In(time.FixedZone("", (n%28-14)*1800))
	case "uniqueidentifier":
		return fmt.Appendf(nil, "%016d", n)
	case "timestamp":
		return fmt.Appendf(nil, "%08d", n)
	case "image", "binary", "varbinary":
		return bytes.Repeat([]byte{byte(n)}, min(n%30, 20))
	case "xml":
		return "<å>" + strings.Repeat("x", n) + "</å>"
	}
	return strings.Repeat("ø😀"[:2+4*(n%2)], n%4)
}

// sampleRows are n rows of a table; every seventh value of a column that takes
// NULL is NULL.
func sampleRows(t *migration.Table, n int) [][]any {
	var out [][]any
	for i := range n {
		var row []any
		for k, c := range t.Data() {
			if c.Nullable && (i+k)%7 == 0 {
				row = append(row, nil)
				continue
			}
			row = append(row, sampleValue(c, i))
		}
		out = append(out, row)
	}
	return out
}
