package sample

import (
	"fmt"
	"strings"
	"time"

	"omt/migration"
)

// The customer's own shop has each kind of object that SuperOffice's tables
// lack: defaults, checks, foreign keys, a computed column, a filtered index, an
// identity that does not begin at 1, an alias type, a sequence, and modules.
// Expressions are spelled as SQL Server keeps them.

// addShop takes the shop into the catalogue.
func addShop(c *migration.Catalog) {
	c.Tables = append(c.Tables, orderTable(), orderLineTable())
	c.Types = append(c.Types, migration.AliasType{Schema: PartnerSchema, Name: "Phone", Base: "nvarchar", MaxLength: 60, Nullable: true})
	c.Sequences = append(c.Sequences, migration.Sequence{
		Schema: PartnerSchema, Name: "OrderNo", Type: "bigint", Precision: 19, Start: "100000", Increment: "10",
		Minimum: "100000", Maximum: "9223372036854775807", Current: fmt.Sprint(orderNumber(orderRows - 1)), Cached: true,
	})
	c.Modules = append(c.Modules,
		module("OpenOrders", "VIEW", "CREATE VIEW [partner].[OpenOrders] AS SELECT [id], [number] FROM [partner].[Order] WHERE [quantity] > 0"),
		module("NightlyImport", "SQL_STORED_PROCEDURE", "CREATE PROCEDURE [partner].[NightlyImport] AS RETURN 0"),
		module("Licence", "SQL_STORED_PROCEDURE", ""), // encrypted
		module("Discount", "SQL_SCALAR_FUNCTION", "CREATE FUNCTION [partner].[Discount](@quantity int) RETURNS int WITH SCHEMABINDING AS BEGIN RETURN @quantity / 10 END"),
		migration.Module{
			Schema: SchemaName, Name: "contact_changed", Type: "SQL_TRIGGER", AnsiNulls: true,
			Definition: "CREATE TRIGGER [CRM7].[contact_changed] ON [CRM7].[contact] AFTER UPDATE AS RETURN",
		},
	)
}

func module(name, typ, text string) migration.Module {
	return migration.Module{Schema: PartnerSchema, Name: name, Type: typ, Definition: text, AnsiNulls: true, QuotedIdentifier: true}
}

func orderTable() *migration.Table {
	phone := textColumn("phone", 30, true)
	phone.AliasSchema, phone.Alias = PartnerSchema, "Phone"
	return &migration.Table{
		Schema: PartnerSchema, Name: "Order",
		Columns: []migration.Column{
			{Name: "id", Type: "int", MaxLength: 4, Precision: 10, Identity: true, Seed: "1001", Increment: "3"},
			{Name: "number", Type: "bigint", MaxLength: 8, Precision: 19, Default: migration.Default{Name: "DF_Order_number", Expression: "(NEXT VALUE FOR [partner].[OrderNo])"}},
			{Name: "ordered", Type: "datetime", MaxLength: 8, Precision: 23, Scale: 3, Default: migration.Default{Name: "DF__Order__ordered__1A2B3C4D", Expression: "(getdate())", System: true}},
			{Name: "price", Type: "decimal", MaxLength: 9, Precision: 18, Scale: 2, Default: migration.Default{Name: "DF_Order_price", Expression: "((0))"}},
			{Name: "quantity", Type: "int", MaxLength: 4, Precision: 10, Nullable: true, Sparse: true},
			{Name: "total", Type: "decimal", MaxLength: 17, Precision: 29, Scale: 2, Nullable: true, Computed: true, Formula: "([price]*[quantity])", Persisted: true},
			{Name: "discount", Type: "int", MaxLength: 4, Precision: 10, Nullable: true, Computed: true, Formula: "([partner].[Discount]([quantity]))"},
			phone,
			{Name: "row", Type: "uniqueidentifier", MaxLength: 16, RowGUID: true, Default: migration.Default{Name: "DF_Order_row", Expression: "(newid())"}},
		},
		Indexes: []migration.Index{
			primaryKey("Order", "id"),
			{Name: "IX_Order_discount", Kind: migration.PlainIndex, Columns: []migration.IndexColumn{{Name: "discount"}}},
			{Name: "IX_Order_open", Kind: migration.PlainIndex, Filter: "([quantity]>(0))",
				Columns: []migration.IndexColumn{{Name: "ordered", Descending: true}, {Name: "total"}, {Name: "phone", Included: true}}},
			{Name: "UQ__Order__5E6F7A8B", Kind: migration.UniqueConstraint, Unique: true, System: true, Columns: []migration.IndexColumn{{Name: "number"}}},
		},
		Checks: []migration.Check{
			{Name: "CK_Order_discount", Expression: "([partner].[Discount]([quantity])>=(0))"},
			{Name: "CK_Order_price", Expression: "([price]>=(0))"},
		},
	}
}

// orderLineTable is clustered by a key of several columns: text, descending,
// and one that takes NULL.
func orderLineTable() *migration.Table {
	return &migration.Table{
		Schema: PartnerSchema, Name: "OrderLine",
		Columns: []migration.Column{
			{Name: "line", Type: "int", MaxLength: 4, Precision: 10},
			textColumn("region", 20, false),
			{Name: "due", Type: "datetime", MaxLength: 8, Precision: 23, Scale: 3, Nullable: true},
			{Name: "order", Type: "int", MaxLength: 4, Precision: 10},
			textColumn("text", 100, true),
		},
		Indexes: []migration.Index{
			{Name: "PK_OrderLine", Kind: migration.PrimaryKey, Unique: true, Columns: []migration.IndexColumn{{Name: "line"}}},
			{Name: "CX_OrderLine", Kind: migration.PlainIndex, Clustered: true,
				Columns: []migration.IndexColumn{{Name: "region"}, {Name: "due", Descending: true}, {Name: "order"}}},
		},
		ForeignKeys: []migration.ForeignKey{
			{Name: "FK_OrderLine_Old", Columns: []string{"order"}, RefSchema: PartnerSchema, RefTable: "Order", Referenced: []string{"id"}, Disabled: true, Untrusted: true},
			{Name: "FK_OrderLine_Order", Columns: []string{"order"}, RefSchema: PartnerSchema, RefTable: "Order", Referenced: []string{"id"}, OnDelete: migration.Cascade},
		},
	}
}

// orderRows and orderLineRows are how many rows the shop gets.
const (
	orderRows     = 60
	orderLineRows = 240
)

func orderID(i int) int64     { return 1001 + 3*int64(i) }
func orderNumber(i int) int64 { return 100_000 + 10*int64(i) }

func (b *rowBuilder) shop() error {
	orders := b.sinks[strings.ToLower(PartnerSchema+".Order")]
	start := time.Date(2025, 2, 1, 8, 0, 0, 0, time.UTC)
	for i := range orderRows {
		var quantity any = int64(i % 12)
		if i%7 == 0 {
			quantity = nil
		}
		guid := make([]byte, 16)
		for k := range guid {
			guid[k] = byte(b.rng.Uint32())
		}
		err := b.put(orders, []any{
			orderID(i), orderNumber(i), start.Add(time.Duration(i) * 5 * time.Hour), fmt.Sprintf("%d.%02d", 10+i*3, i%100), quantity, phoneOf(i), guid,
		})
		if err != nil {
			return err
		}
	}
	lines := b.sinks[strings.ToLower(PartnerSchema+".OrderLine")]
	for i := range orderLineRows {
		// Regions repeat with other case, and some lines have one key.
		region := []string{"Oslo", "OSLO", "Ålesund", "aarhus", "Århus", "Zürich", "", "Bodø 🚢"}[i%8]
		var due any = start.AddDate(0, 0, i%9)
		if i%5 == 0 {
			due = nil
		}
		if err := b.put(lines, []any{int64(i + 1), region, due, orderID(i * 7 % 5), pick(b.rng, phrases)}); err != nil {
			return err
		}
	}
	return nil
}

func phoneOf(i int) any {
	if i%4 == 0 {
		return nil
	}
	return fmt.Sprintf("+47 22 %02d %02d %02d", i%100, i*3%100, i*7%100)
}
