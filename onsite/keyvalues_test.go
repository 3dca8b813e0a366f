package onsite

import (
	"fmt"
	"testing"

	"omt/migration"
)

// TestExactParameters: whatever the type of a key, its bound meets it in just
// that type, so that the server converts the bound and not the column.
func TestExactParameters(t *testing.T) {
	for _, c := range []struct {
		column     migration.Column
		value      string
		text, kind string // condition, and how the driver is given the value
	}{
		{migration.Column{Type: "bit"}, "true", "[k] > @p1", "bool true"},
		{migration.Column{Type: "tinyint"}, "255", "[k] > @p1", "uint8 255"},
		{migration.Column{Type: "int"}, "-5", "[k] > @p1", "int32 -5"},
		{migration.Column{Type: "real"}, "0.1", "[k] > @p1", "float32 0.1"},
		{migration.Column{Type: "float"}, "1e-300", "[k] > @p1", "float64 1e-300"},
		{migration.Column{Type: "decimal", Precision: 38, Scale: 2}, "-7.50", "[k] > CAST(@p1 AS decimal(38, 2))", "string -7.50"},
		{migration.Column{Type: "numeric", Precision: 5}, "7", "[k] > CAST(@p1 AS numeric(5, 0))", "string 7"},
		{migration.Column{Type: "money", Precision: 19, Scale: 4}, "-0.0001", "[k] > CAST(@p1 AS money)", "string -0.0001"},
		{migration.Column{Type: "smallmoney", Precision: 10, Scale: 4}, "1.0000", "[k] > CAST(@p1 AS smallmoney)", "string 1.0000"},
		{migration.Column{Type: "smalldatetime"}, "2079-06-06T23:59:00Z", "[k] > CAST(@p1 AS smalldatetime)", "mssql.DateTime1"},
		{migration.Column{Type: "datetime"}, "1999-12-31T23:59:59.997Z", "[k] > @p1", "mssql.DateTime1"},
		{migration.Column{Type: "datetime2", Scale: 7}, "1999-12-31T23:59:59.9999999Z", "[k] > @p1", "civil.DateTime 1999-12-31T23:59:59.999999900"},
		{migration.Column{Type: "datetime2", Scale: 3}, "1999-12-31T23:59:59.999Z", "[k] > CAST(@p1 AS datetime2(3))", "civil.DateTime 1999-12-31T23:59:59.999000000"},
		{migration.Column{Type: "time"}, "0001-01-01T23:59:59Z", "[k] > CAST(@p1 AS time(0))", "civil.Time 23:59:59"},
		{migration.Column{Type: "datetimeoffset", Scale: 7}, "2026-01-01T00:00:00.0000001+14:00", "[k] > @p1", "mssql.DateTimeOffset"},
		{migration.Column{Type: "datetimeoffset"}, "2026-01-01T00:00:00-13:59", "[k] > CAST(@p1 AS datetimeoffset(0))", "mssql.DateTimeOffset"},
		{migration.Column{Type: "varchar"}, "a'b", "[k] > @p1", "mssql.VarChar a'b"},
		{migration.Column{Type: "varbinary"}, "00ff", "[k] > @p1", "[]uint8 [0 255]"},
	} {
		c.column.Name = "k"
		w := newWhere([]keyColumn{{Column: &c.column}})
		text := w.text(migration.Key{&c.value}, nil)
		if w.err != nil || text != " WHERE (("+c.text+"))" {
			t.Errorf("%s: %s, %v", c.column.Type, text, w.err)
			continue
		}
		kind := fmt.Sprintf("%T %v", w.args[0], w.args[0])
		if c.kind == "mssql.DateTime1" || c.kind == "mssql.DateTimeOffset" {
			kind = fmt.Sprintf("%T", w.args[0])
		}
		if kind != c.kind {
			t.Errorf("%s is sent as %s", c.column.Type, kind)
		}
	}
	// What the server would have to read as a number is one, whatever a
	// journal says.
	for _, s := range []string{"", "-", "1.", ".", "1,5", "$1", "1e5", "1.5'"} {
		w := newWhere([]keyColumn{{Column: &migration.Column{Name: "k", Type: "money"}}})
		if w.text(migration.Key{&s}, nil); w.err == nil {
			t.Errorf("%q is taken for money", s)
		}
	}
}
