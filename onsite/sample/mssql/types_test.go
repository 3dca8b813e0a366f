package mssql

import (
	"bytes"
	"database/sql"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

// typed is one column of the table with every type and the values that it is
// tested with.
type typed struct {
	col    migration.Column
	name   string // as go-mssqldb names the type
	values []any
}

func utc(y int, m time.Month, d, h, mi, s, ns int) time.Time {
	return time.Date(y, m, d, h, mi, s, ns, time.UTC)
}

func col(name, typ string, length int) migration.Column {
	return migration.Column{Name: name, Type: typ, MaxLength: length, Nullable: true}
}

func scaled(name, typ string, precision, scale uint8) migration.Column {
	return migration.Column{Name: name, Type: typ, Precision: precision, Scale: scale, Nullable: true}
}

// everyType has the bounds that learn.microsoft.com gives for each type.
func everyType() []typed {
	guid := []byte{0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	long := strings.Repeat("æøå€𝄞x", 2000)
	blob := bytes.Repeat([]byte{0, 1, 0xfe, 0xff}, 5000)
	return []typed{
		{col("c_bit", "bit", 1), "BIT", []any{true, false}},
		{col("c_tinyint", "tinyint", 1), "TINYINT", []any{int64(0), int64(255)}},
		{col("c_smallint", "smallint", 2), "SMALLINT", []any{int64(math.MinInt16), int64(math.MaxInt16)}},
		{col("c_int", "int", 4), "INT", []any{int64(math.MinInt32), int64(math.MaxInt32)}},
		{col("c_bigint", "bigint", 8), "BIGINT", []any{int64(math.MinInt64), int64(math.MaxInt64)}},
		{col("c_real", "real", 4), "REAL", []any{float64(float32(-3.4e38)), float64(float32(1.18e-38)), 0.0}},
		{col("c_float", "float", 8), "FLOAT", []any{-1.79e308, 2.23e-308, 0.1, math.Copysign(0, -1)}},
		{col("c_money", "money", 8), "MONEY", []any{[]byte("-922337203685477.5808"), []byte("922337203685477.5807"), []byte("-0.0001")}},
		{col("c_smallmoney", "smallmoney", 4), "SMALLMONEY", []any{[]byte("-214748.3648"), []byte("214748.3647"), []byte("0.0000")}},
		{scaled("c_decimal", "decimal", 38, 10), "DECIMAL", []any{[]byte("-9999999999999999999999999999.9999999999"), []byte("0.0000000001"), []byte("0.0000000000")}},
		{scaled("c_numeric", "numeric", 9, 2), "DECIMAL", []any{[]byte("-9999999.99"), []byte("9999999.99"), []byte("-0.05")}},
		{scaled("c_dec19", "decimal", 19, 0), "DECIMAL", []any{[]byte("-9999999999999999999"), []byte("1")}},
		{scaled("c_dec28", "decimal", 28, 28), "DECIMAL", []any{[]byte("0.9999999999999999999999999999")}},
		{col("c_date", "date", 3), "DATE", []any{utc(1, 1, 1, 0, 0, 0, 0), utc(9999, 12, 31, 0, 0, 0, 0), utc(1760, 1, 1, 0, 0, 0, 0)}},
		{scaled("c_time0", "time", 0, 0), "TIME", []any{utc(1, 1, 1, 23, 59, 59, 0)}},
		{scaled("c_time3", "time", 0, 3), "TIME", []any{utc(1, 1, 1, 23, 59, 59, 999e6)}},
		{scaled("c_time7", "time", 0, 7), "TIME", []any{utc(1, 1, 1, 0, 0, 0, 0), utc(1, 1, 1, 23, 59, 59, 999999900)}},
		{scaled("c_dt2_0", "datetime2", 0, 0), "DATETIME2", []any{utc(1, 1, 1, 0, 0, 0, 0), utc(9999, 12, 31, 23, 59, 59, 0)}},
		{scaled("c_dt2_4", "datetime2", 0, 4), "DATETIME2", []any{utc(2024, 2, 29, 12, 34, 56, 123400000)}},
		{scaled("c_dt2_7", "datetime2", 0, 7), "DATETIME2", []any{utc(9999, 12, 31, 23, 59, 59, 999999900)}},
		{scaled("c_dto0", "datetimeoffset", 0, 0), "DATETIMEOFFSET", []any{time.Date(2024, 2, 29, 1, 2, 3, 0, time.FixedZone("", -14*3600))}},
		{scaled("c_dto7", "datetimeoffset", 0, 7), "DATETIMEOFFSET", []any{time.Date(1, 1, 2, 0, 0, 0, 100, time.FixedZone("", 14*3600)), time.Date(9999, 12, 30, 23, 59, 59, 999999900, time.FixedZone("", -90*60))}},
		{col("c_datetime", "datetime", 8), "DATETIME", []any{utc(1753, 1, 1, 0, 0, 0, 0), utc(9999, 12, 31, 23, 59, 59, 997e6), utc(1760, 1, 1, 0, 0, 0, 0), utc(2024, 1, 1, 0, 0, 0, 3e6)}},
		{col("c_smalldatetime", "smalldatetime", 4), "SMALLDATETIME", []any{utc(1900, 1, 1, 0, 0, 0, 0), utc(2079, 6, 6, 23, 59, 0, 0)}},
		{col("c_char", "char", 10), "CHAR", []any{"Ærlig €   ", "          "}},
		{col("c_varchar", "varchar", 40), "VARCHAR", []any{"", "blåbær – “ok” €", strings.Repeat("x", 40)}},
		{col("c_nchar", "nchar", 8), "NCHAR", []any{"𝄞  ", "Ωж中 "}},
		{col("c_nvarchar", "nvarchar", 80), "NVARCHAR", []any{"", "tab\tnew\nline\x00nul", strings.Repeat("𝄞", 20)}},
		{col("c_text", "text", 16), "TEXT", []any{"", "old ærlig", strings.Repeat("y", 70000)}},
		{col("c_ntext", "ntext", 16), "NTEXT", []any{"", long}},
		{col("c_image", "image", 16), "IMAGE", []any{[]byte{}, blob}},
		{col("c_binary", "binary", 4), "BINARY", []any{[]byte{0, 0, 0, 0}, []byte{0xff, 0, 1, 2}}},
		{col("c_varbinary", "varbinary", 8000), "VARBINARY", []any{[]byte{}, bytes.Repeat([]byte{7}, 8000)}},
		{col("c_varcharmax", "varchar", -1), "VARCHAR", []any{"", strings.Repeat("z€", 40000)}},
		{col("c_nvarcharmax", "nvarchar", -1), "NVARCHAR", []any{"", long}},
		{col("c_varbinmax", "varbinary", -1), "VARBINARY", []any{[]byte{}, blob}},
		{col("c_xml", "xml", -1), "XML", []any{"<a>æ</a>", ""}},
		{col("c_guid", "uniqueidentifier", 16), "UNIQUEIDENTIFIER", []any{guid, make([]byte, 16)}},
		{col("c_rowversion", "timestamp", 8), "BINARY", []any{[]byte{0, 0, 0, 0, 0, 0, 7, 0xd1}}},
	}
}

// typesCatalog has the table twice: all columns nullable, and none.
func typesCatalog() *migration.Catalog {
	c := &migration.Catalog{Database: "SuperOffice", Schema: "CRM7", Collation: "Latin1_General_CI_AS", LCID: 1033, ServerVersion: "15.0.2000.5", Edition: 2}
	for _, name := range []string{"everything", "filled"} {
		t := &migration.Table{Schema: "CRM7", Name: name, Columns: []migration.Column{{Name: "id", Type: "int", MaxLength: 4}}}
		for _, x := range everyType() {
			x.col.Nullable = name == "everything"
			t.Columns = append(t.Columns, x.col)
		}
		t.Indexes = []migration.Index{{Name: "PK_" + name, Kind: migration.PrimaryKey, Clustered: true, Unique: true, Columns: []migration.IndexColumn{{Name: "id"}}}}
		c.Tables = append(c.Tables, t)
	}
	return c
}

// typesRows are the rows of both tables: each value of each type at least
// once. The first table also has a row of NULLs and some with a few.
func typesRows(nulls bool) [][]any {
	cols := everyType()
	var rows [][]any
	for n := range 4 {
		row := []any{int64(n)}
		for i, c := range cols {
			if nulls && n == 3 && i%7 == 0 {
				row = append(row, nil)
				continue
			}
			row = append(row, c.values[n%len(c.values)])
		}
		rows = append(rows, row)
	}
	if nulls {
		rows = append(rows, append([]any{int64(4)}, make([]any, len(cols))...))
	}
	return rows
}

func typesStore(t *testing.T) *Store {
	s := newStore(t, typesCatalog())
	load(t, s, s.Catalog().Tables[0], typesRows(true)...)
	load(t, s, s.Catalog().Tables[1], typesRows(false)...)
	return s
}

// readTable reads all columns in the order of the key.
func readTable(db *sql.DB, table *migration.Table) (*sql.Rows, error) {
	var cols []string
	for _, c := range table.Columns {
		cols = append(cols, bracket(c.Name))
	}
	return db.Query("SELECT " + strings.Join(cols, ", ") + " FROM " + bracket(table.Schema) + "." + bracket(table.Name) + " ORDER BY [id]")
}

func same(a, b any) bool {
	if x, ok := a.(time.Time); ok {
		y, ok := b.(time.Time)
		if !ok {
			return false
		}
		_, ox := x.Zone()
		_, oy := y.Zone()
		return x.Equal(y) && ox == oy
	}
	if x, ok := a.(float64); ok {
		y, ok := b.(float64)
		return ok && math.Float64bits(x) == math.Float64bits(y)
	}
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	}
	return reflect.DeepEqual(a, b)
}

func checkTypes(t *testing.T, db *sql.DB, c *migration.Catalog) {
	t.Helper()
	for i, table := range c.Tables {
		rows, err := readTable(db, table)
		if err != nil {
			t.Fatal(err)
		}
		types, err := rows.ColumnTypes()
		if err != nil {
			t.Fatal(err)
		}
		for k, x := range everyType() {
			got := types[k+1]
			if got.DatabaseTypeName() != x.name || got.Name() != x.col.Name {
				t.Errorf("column %s is %s %s", x.col.Name, got.Name(), got.DatabaseTypeName())
			}
			if null, ok := got.Nullable(); !ok || null != (i == 0) {
				t.Errorf("column %s nullable %v", x.col.Name, null)
			}
		}
		want := typesRows(i == 0)
		n := 0
		for ; rows.Next(); n++ {
			got, dst := make([]any, len(types)), make([]any, len(types))
			for k := range dst {
				dst[k] = &got[k]
			}
			if err := rows.Scan(dst...); err != nil {
				t.Fatal(err)
			}
			for k := range got {
				if !same(want[n][k], got[k]) {
					t.Errorf("%s row %d column %s: want %s, got %s", table.Name, n, types[k].Name(), show(want[n][k]), show(got[k]))
				}
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if n != len(want) {
			t.Errorf("%d rows, want %d", n, len(want))
		}
	}
}

func show(v any) string {
	s := fmt.Sprintf("%T %v", v, v)
	return s[:min(len(s), 120)]
}

func TestEveryType(t *testing.T) {
	s := typesStore(t)
	db, _ := open(t, s, Options{})
	checkTypes(t, db, s.Catalog())
}
