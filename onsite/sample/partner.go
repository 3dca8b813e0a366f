package sample

import (
	"bytes"
	"math"
	"strings"
	"time"

	"omt/migration"
)

// extraTable is a table that a consultant made in Customer Service: it is
// registered in extra_tables and extra_fields and lies beside SuperOffice's own.
func extraTable() *migration.Table {
	return &migration.Table{
		Schema: SchemaName, Name: "y_equipment",
		Columns: []migration.Column{
			{Name: "id", Type: "int", MaxLength: 4, Precision: 10},
			textColumn("x_name", 256, true),
			{Name: "x_contact", Type: "int", MaxLength: 4, Precision: 10, Nullable: true},
			{Name: "x_delivered", Type: "datetime", MaxLength: 8, Precision: 23, Scale: 3, Nullable: true},
			textColumn("x_notes", -1, true),
		},
		Indexes: []migration.Index{primaryKey("y_equipment", "id")},
	}
}

func textColumn(name string, chars int, null bool) migration.Column {
	c := migration.Column{Name: name, Type: "nvarchar", MaxLength: 2 * chars, Nullable: null, Collation: collation}
	if chars < 0 {
		c.MaxLength = -1
	}
	return c
}

func primaryKey(table, column string) migration.Index {
	return migration.Index{
		Name: "PK_" + table, Kind: migration.PrimaryKey, Clustered: true, Unique: true,
		Columns: []migration.IndexColumn{{Name: column}},
	}
}

// everyType are the column types that the package format carries, with the
// values of the edge rows: lowest, highest, ordinary, empty or zero.
type everyType struct {
	column migration.Column
	values [4]any
}

// partnerTables are a customer's own tables: every carriable type in a nullable
// and a not-null column, a heap without any key, and an empty table.
func partnerTables() []*migration.Table {
	every := &migration.Table{
		Schema: PartnerSchema, Name: "EveryType",
		Columns: []migration.Column{{Name: "id", Type: "int", MaxLength: 4, Precision: 10}},
		Indexes: []migration.Index{primaryKey("EveryType", "id")},
	}
	for _, e := range everyTypes() {
		for _, null := range []bool{true, false} {
			c := e.column
			c.Nullable = null
			if !null {
				c.Name += "_nn"
			}
			every.Columns = append(every.Columns, c)
		}
	}
	heap := &migration.Table{
		Schema: PartnerSchema, Name: "ImportLog",
		Columns: []migration.Column{
			{Name: "line", Type: "bigint", MaxLength: 8, Precision: 19, Nullable: true},
			textColumn("message", 400, true),
			{Name: "imported", Type: "datetime2", MaxLength: 8, Precision: 27, Scale: 7},
		},
	}
	empty := &migration.Table{
		Schema: PartnerSchema, Name: "Abandoned",
		Columns: []migration.Column{
			{Name: "id", Type: "int", MaxLength: 4, Precision: 10},
			textColumn("remark", 50, true),
		},
		Indexes: []migration.Index{primaryKey("Abandoned", "id")},
	}
	return []*migration.Table{every, heap, empty}
}

func everyTypes() []everyType {
	col := func(name, typ string, length int, precision, scale uint8) migration.Column {
		c := migration.Column{Name: name, Type: typ, MaxLength: length, Precision: precision, Scale: scale}
		if strings.HasSuffix(typ, "char") || strings.HasSuffix(typ, "text") {
			c.Collation = collation
		}
		return c
	}
	day := func(y int, m time.Month, d, h, mi, s, ns int) time.Time {
		return time.Date(y, m, d, h, mi, s, ns, time.UTC)
	}
	clock := func(h, m, s, ns int) time.Time { return day(1, 1, 1, h, m, s, ns) }
	oslo := time.FixedZone("", 2*3600)
	long := strings.Repeat("Blåbærsyltetøy 見積書 🚢 ", 3000)
	latin := strings.Repeat("Grüße aus Tromsø – ", 900)
	guid := []byte{0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	nines := strings.Repeat("9", 28) + "." + strings.Repeat("9", 10)
	return []everyType{
		{col("c_bit", "bit", 1, 1, 0), [4]any{false, true, true, false}},
		{col("c_tinyint", "tinyint", 1, 3, 0), [4]any{int64(0), int64(255), int64(42), int64(0)}},
		{col("c_smallint", "smallint", 2, 5, 0), [4]any{int64(math.MinInt16), int64(math.MaxInt16), int64(-7), int64(0)}},
		{col("c_int", "int", 4, 10, 0), [4]any{int64(math.MinInt32), int64(math.MaxInt32), int64(123456), int64(0)}},
		{col("c_bigint", "bigint", 8, 19, 0), [4]any{int64(math.MinInt64), int64(math.MaxInt64), int64(-9007199254740993), int64(0)}},
		{col("c_real", "real", 4, 24, 0), [4]any{float64(-math.MaxFloat32), float64(math.MaxFloat32), float64(float32(0.1)), float64(0)}},
		{col("c_float", "float", 8, 53, 0), [4]any{-math.MaxFloat64, math.MaxFloat64, 0.1, float64(0)}},
		{col("c_money", "money", 8, 19, 4), [4]any{"-922337203685477.5808", "922337203685477.5807", "1234.5600", "0.0000"}},
		{col("c_smallmoney", "smallmoney", 4, 10, 4), [4]any{"-214748.3648", "214748.3647", "-0.0001", "0.0000"}},
		{col("c_decimal", "decimal", 17, 38, 10), [4]any{"-" + nines, nines, "3.1415926536", "0.0000000000"}},
		{col("c_numeric", "numeric", 5, 9, 2), [4]any{"-9999999.99", "9999999.99", "0.01", "0.00"}},
		{col("c_date", "date", 3, 10, 0), [4]any{day(1, 1, 1, 0, 0, 0, 0), day(9999, 12, 31, 0, 0, 0, 0), day(2024, 2, 29, 0, 0, 0, 0), day(1760, 1, 1, 0, 0, 0, 0)}},
		{col("c_time7", "time", 5, 16, 7), [4]any{clock(0, 0, 0, 0), clock(23, 59, 59, 999999900), clock(12, 34, 56, 123456700), clock(0, 0, 0, 100)}},
		{col("c_time0", "time", 3, 8, 0), [4]any{clock(0, 0, 0, 0), clock(23, 59, 59, 0), clock(12, 34, 56, 0), clock(0, 0, 1, 0)}},
		{col("c_datetime2", "datetime2", 8, 27, 7), [4]any{day(1, 1, 1, 0, 0, 0, 0), day(9999, 12, 31, 23, 59, 59, 999999900), day(2026, 7, 31, 23, 30, 0, 1234500), day(1760, 1, 1, 0, 0, 0, 0)}},
		{col("c_datetime2_3", "datetime2", 7, 23, 3), [4]any{day(1, 1, 1, 0, 0, 0, 0), day(9999, 12, 31, 23, 59, 59, 999000000), day(2026, 7, 31, 23, 30, 0, 1000000), day(1760, 1, 1, 0, 0, 0, 0)}},
		{col("c_datetimeoffset", "datetimeoffset", 10, 34, 7), [4]any{day(1, 1, 1, 0, 0, 0, 0), day(9999, 12, 31, 23, 59, 59, 999999900), time.Date(2026, 7, 31, 23, 30, 0, 700, oslo), time.Date(1969, 12, 31, 19, 0, 0, 0, time.FixedZone("", -5*3600-1800))}},
		{col("c_datetime", "datetime", 8, 23, 3), [4]any{day(1753, 1, 1, 0, 0, 0, 0), day(9999, 12, 31, 23, 59, 59, 0), day(2026, 7, 31, 23, 30, 0, 10000000), day(1760, 1, 1, 0, 0, 0, 0)}},
		{col("c_smalldatetime", "smalldatetime", 4, 16, 0), [4]any{day(1900, 1, 1, 0, 0, 0, 0), day(2079, 6, 6, 23, 59, 0, 0), day(2026, 7, 31, 23, 30, 0, 0), day(1900, 1, 1, 0, 1, 0, 0)}},
		{col("c_char", "char", 10, 0, 0), [4]any{"a         ", "ÆØÅæøå äöü", "Grüße     ", "          "}},
		{col("c_varchar", "varchar", 50, 0, 0), [4]any{"a", strings.Repeat("ø", 50), "Straße 7 – €5", ""}},
		{col("c_nchar", "nchar", 20, 0, 0), [4]any{"a         ", "見積書見積書見積書見", "🚢🚢🚢🚢🚢", "          "}},
		{col("c_nvarchar", "nvarchar", 100, 0, 0), [4]any{"a", strings.Repeat("書", 50), "Blåbær 🚢 naïve", ""}},
		{col("c_text", "text", 16, 0, 0), [4]any{"a", latin, "Zeile 1\r\nZeile 2", ""}},
		{col("c_ntext", "ntext", 16, 0, 0), [4]any{"a", long, "linje 1\r\nlinje 2 🚢", ""}},
		{col("c_image", "image", 16, 0, 0), [4]any{[]byte{0}, bytes.Repeat([]byte{0xff, 0}, 10000), []byte("\x89PNG\r\n\x1a\n"), []byte{}}},
		{col("c_binary", "binary", 5, 0, 0), [4]any{make([]byte, 5), bytes.Repeat([]byte{0xff}, 5), []byte("abcde"), []byte{0, 0, 0, 0, 1}}},
		{col("c_varbinary", "varbinary", 50, 0, 0), [4]any{[]byte{0}, bytes.Repeat([]byte{0xff}, 50), []byte("SuperOffice"), []byte{}}},
		{col("c_varchar_max", "varchar", -1, 0, 0), [4]any{"a", latin, "één", ""}},
		{col("c_nvarchar_max", "nvarchar", -1, 0, 0), [4]any{"a", long, "日本語", ""}},
		{col("c_varbinary_max", "varbinary", -1, 0, 0), [4]any{[]byte{0}, bytes.Repeat([]byte{1, 2, 3, 254}, 30000), []byte("%PDF-1.4"), []byte{}}},
		{col("c_xml", "xml", -1, 0, 0), [4]any{"<a/>", "<rader>" + strings.Repeat("<rad navn=\"Åse\">ø &amp; 書</rad>", 500) + "</rader>", "<b>tekst</b>", "<tom/>"}},
		{col("c_guid", "uniqueidentifier", 16, 0, 0), [4]any{make([]byte, 16), bytes.Repeat([]byte{0xff}, 16), guid, make([]byte, 16)}},
	}
}

// partnerRows are how many rows each partner table gets.
const (
	everyTypeRows = 8
	importLogRows = 250
)

func (b *rowBuilder) partner() error {
	types := everyTypes()
	every := b.sinks[strings.ToLower(PartnerSchema+".EveryType")]
	for id := range everyTypeRows {
		values := []any{int64(id + 1)}
		for i, e := range types {
			v := e.values[(id+i*(id/4))%4] // second half mixes the edges within a row
			null := v
			if id%4 == 3 || (id > 4 && (id+i)%3 == 0) {
				null = nil
			}
			values = append(values, null, v)
		}
		if err := b.put(every, values); err != nil {
			return err
		}
	}
	heap := b.sinks[strings.ToLower(PartnerSchema+".ImportLog")]
	start := time.Date(2025, 3, 1, 6, 0, 0, 0, time.UTC)
	for i := range importLogRows {
		var line any = int64(i % 100) // lines repeat: nothing identifies a row of a heap
		if i%17 == 0 {
			line = nil
		}
		at := start.Add(time.Duration(i) * 1234567 * 100 * time.Nanosecond)
		if err := b.put(heap, []any{line, pick(b.rng, phrases), at}); err != nil {
			return err
		}
	}
	return nil
}
