package onsite_test

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

// definitions are the batches that make schemas, types, sequences and tables
// with their keys and indexes, in words that SQL Server 2012 to 2022 know.
func definitions(c *migration.Catalog) []string {
	var out []string
	made := map[string]bool{"dbo": true}
	schema := func(name string) {
		if !made[name] {
			made[name] = true
			out = append(out, "CREATE SCHEMA "+named(name))
		}
	}
	for _, x := range c.Types {
		schema(x.Schema)
		null := " NOT NULL"
		if x.Nullable {
			null = " NULL"
		}
		out = append(out, "CREATE TYPE "+named(x.Schema, x.Name)+" FROM "+typeName(x.Base, x.MaxLength, x.Precision, x.Scale)+null)
	}
	for _, q := range c.Sequences {
		schema(q.Schema)
		s := "CREATE SEQUENCE " + named(q.Schema, q.Name) + " AS " + q.Type + " START WITH " + q.Start + " INCREMENT BY " + q.Increment +
			" MINVALUE " + q.Minimum + " MAXVALUE " + q.Maximum
		if q.Cycle {
			s += " CYCLE"
		}
		if q.CacheSize > 0 {
			s += fmt.Sprintf(" CACHE %d", q.CacheSize)
		}
		out = append(out, s)
	}
	for _, t := range c.Tables {
		schema(t.Schema)
		list := make([]string, len(t.Columns))
		for i, col := range t.Columns {
			list[i] = columnText(col)
		}
		out = append(out, "CREATE TABLE "+of(t)+" ("+strings.Join(list, ", ")+")")
		for _, ix := range t.Indexes {
			out = append(out, indexText(t, ix))
		}
	}
	return out
}

func typeName(kind string, length int, precision, scale uint8) string {
	switch kind {
	case "nchar", "nvarchar":
		if length > 0 {
			length /= 2
		}
	case "decimal", "numeric":
		return fmt.Sprintf("%s(%d, %d)", kind, precision, scale)
	case "time", "datetime2", "datetimeoffset":
		return fmt.Sprintf("%s(%d)", kind, scale)
	case "char", "varchar", "binary", "varbinary":
	default:
		return kind
	}
	if length < 0 {
		return kind + "(max)"
	}
	return fmt.Sprintf("%s(%d)", kind, length)
}

func columnText(c migration.Column) string {
	s := named(c.Name)
	if c.Computed {
		s += " AS " + c.Formula
		if c.Persisted {
			s += " PERSISTED"
		}
		return s
	}
	if c.Alias != "" {
		s += " " + named(c.AliasSchema, c.Alias)
	} else {
		s += " " + typeName(c.Type, c.MaxLength, c.Precision, c.Scale)
		if c.Collation != "" {
			s += " COLLATE " + c.Collation
		}
	}
	if c.Sparse {
		s += " SPARSE"
	}
	if c.Identity {
		s += " IDENTITY(" + c.Seed + ", " + c.Increment + ")"
	}
	if c.RowGUID {
		s += " ROWGUIDCOL"
	}
	if c.Nullable {
		s += " NULL"
	} else {
		s += " NOT NULL"
	}
	if d := c.Default; d.Expression != "" {
		if !d.System {
			s += " CONSTRAINT " + named(d.Name)
		}
		s += " DEFAULT " + d.Expression
	}
	return s
}

func indexText(t *migration.Table, ix migration.Index) string {
	var key, included []string
	for _, c := range ix.Columns {
		switch {
		case c.Included:
			included = append(included, named(c.Name))
		case c.Descending:
			key = append(key, named(c.Name)+" DESC")
		default:
			key = append(key, named(c.Name))
		}
	}
	kind := " NONCLUSTERED"
	if ix.Clustered {
		kind = " CLUSTERED"
	}
	list := " (" + strings.Join(key, ", ") + ")"
	switch ix.Kind {
	case migration.PrimaryKey:
		return "ALTER TABLE " + of(t) + " ADD CONSTRAINT " + named(ix.Name) + " PRIMARY KEY" + kind + list
	case migration.UniqueConstraint:
		return "ALTER TABLE " + of(t) + " ADD CONSTRAINT " + named(ix.Name) + " UNIQUE" + kind + list
	}
	if ix.Unique {
		kind = " UNIQUE" + kind
	}
	s := "CREATE" + kind + " INDEX " + named(ix.Name) + " ON " + of(t) + list
	if included != nil {
		s += " INCLUDE (" + strings.Join(included, ", ") + ")"
	}
	if ix.Filter != "" {
		s += " WHERE " + ix.Filter
	}
	return s
}

// constraint adds one to a table that has its rows, as trusted or disabled as
// it is to be.
func constraint(t *migration.Table, name, text string, disabled, untrusted bool) []string {
	with := " WITH CHECK"
	if untrusted || disabled {
		with = " WITH NOCHECK"
	}
	out := []string{"ALTER TABLE " + of(t) + with + " ADD CONSTRAINT " + named(name) + " " + text}
	if disabled {
		out = append(out, "ALTER TABLE "+of(t)+" NOCHECK CONSTRAINT "+named(name))
	}
	return out
}

func checks(t *migration.Table) []string {
	var out []string
	for _, c := range t.Checks {
		out = append(out, constraint(t, c.Name, "CHECK "+c.Expression, c.Disabled, c.Untrusted)...)
	}
	return out
}

func foreignKeys(t *migration.Table) []string {
	actions := map[migration.Action]string{migration.NoAction: "NO ACTION", migration.Cascade: "CASCADE", migration.SetNull: "SET NULL", migration.SetDefault: "SET DEFAULT"}
	list := func(columns []string) string {
		var out []string
		for _, c := range columns {
			out = append(out, named(c))
		}
		return " (" + strings.Join(out, ", ") + ")"
	}
	var out []string
	for _, f := range t.ForeignKeys {
		out = append(out, constraint(t, f.Name, "FOREIGN KEY"+list(f.Columns)+" REFERENCES "+named(f.RefSchema, f.RefTable)+list(f.Referenced)+
			" ON DELETE "+actions[f.OnDelete]+" ON UPDATE "+actions[f.OnUpdate], f.Disabled, f.Untrusted)...)
	}
	return out
}

// inserts are the batches that fill a table, with literals alone: the values
// must not go through the driver's way of sending parameters, which is tested.
func inserts(t *migration.Table, rows [][]any) []string {
	const rowsABatch = 40
	var names []string
	identity := false
	columns := t.Data()
	for _, c := range columns {
		identity = identity || c.Identity
		if c.Type != "timestamp" {
			names = append(names, named(c.Name))
		}
	}
	into := "INSERT INTO " + of(t) + " (" + strings.Join(names, ", ") + ") VALUES ("
	var out []string
	for len(rows) > 0 {
		n := min(len(rows), rowsABatch)
		var b strings.Builder
		if identity {
			b.WriteString("SET IDENTITY_INSERT " + of(t) + " ON;\n")
		}
		for _, row := range rows[:n] {
			var values []string
			for i, c := range columns {
				if c.Type != "timestamp" {
					values = append(values, literal(c, row[i]))
				}
			}
			b.WriteString(into + strings.Join(values, ", ") + ");\n")
		}
		if identity {
			b.WriteString("SET IDENTITY_INSERT " + of(t) + " OFF;\n")
		}
		rows = rows[n:]
		out = append(out, b.String())
	}
	return out
}

// literal writes a value so that no setting of language or date format
// changes it.
func literal(c migration.Column, v any) string {
	kind := typeName(c.Type, c.MaxLength, c.Precision, c.Scale)
	switch x := v.(type) {
	case nil:
		return "NULL"
	case bool:
		if x {
			return "1"
		}
		return "0"
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'E', -1, 64)
	case []byte:
		s := "0x" + hex.EncodeToString(x)
		if c.Type == "uniqueidentifier" {
			s = "CAST(" + s + " AS uniqueidentifier)"
		}
		return s
	case time.Time:
		return "CAST('" + timeText(c, x) + "' AS " + kind + ")"
	case string:
		switch c.Type {
		case "decimal", "numeric", "money", "smallmoney":
			return "CAST('" + x + "' AS " + kind + ")"
		}
		return quotedText(x)
	}
	panic(fmt.Sprintf("no literal for %T", v))
}

func timeText(c migration.Column, x time.Time) string {
	fraction := ""
	if c.Scale > 0 {
		fraction = "." + strings.Repeat("0", int(c.Scale))
	}
	switch c.Type {
	case "date":
		return x.Format("2006-01-02")
	case "time":
		return x.Format("15:04:05" + fraction)
	case "datetimeoffset":
		return x.Format("2006-01-02T15:04:05" + fraction + "-07:00")
	}
	return x.Format("2006-01-02T15:04:05" + fraction)
}

// TestConformLiterals: without a server at hand the statements are at least
// what the manual of T-SQL asks for.
func TestConformLiterals(t *testing.T) {
	zone := time.FixedZone("", -(13*3600 + 59*60))
	at := time.Date(1753, 1, 2, 3, 4, 5, 123456700, zone)
	for _, c := range []struct {
		column migration.Column
		value  any
		want   string
	}{
		{clocked("datetimeoffset", 7), at, "CAST('1753-01-02T03:04:05.1234567-13:59' AS datetimeoffset(7))"},
		{clocked("datetime2", 0), at, "CAST('1753-01-02T03:04:05' AS datetime2(0))"},
		{clocked("time", 3), at, "CAST('03:04:05.123' AS time(3))"},
		{migration.Column{Type: "datetime", Scale: 3}, at, "CAST('1753-01-02T03:04:05.123' AS datetime)"},
		{migration.Column{Type: "date"}, at, "CAST('1753-01-02' AS date)"},
		{exact("d", "decimal", 38, 38), "-0.5", "CAST('-0.5' AS decimal(38, 38))"},
		{text("s", "nvarchar", 20, true), "it's\x00🚢", "N'it''s' + NCHAR(0) + N'🚢'"},
		{text("s", "nvarchar", 20, true), "a\xed\xa0\xbd", "CAST(0x61003dd8 AS nvarchar(max))"},
		{migration.Column{Type: "varbinary"}, []byte{}, "0x"},
		{migration.Column{Type: "float"}, 0.1, "1E-01"},
	} {
		if got := literal(c.column, c.value); got != c.want {
			t.Errorf("%s: %s, want %s", c.column.Type, got, c.want)
		}
	}
	if got := named("a]b", "[c]", `it's "x"`); got != `[a]]b].[[c]]].[it's "x"]` {
		t.Errorf("quoted as %s", got)
	}
}
