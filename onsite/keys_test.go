package onsite_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

// keyKinds are the types of which keys are made here, each with values that
// meet often, so that keys repeat and columns differ only in the last.
var keyKinds = []struct {
	column migration.Column
	value  func(r *rand.Rand) any
}{
	{migration.Column{Type: "int", MaxLength: 4, Precision: 10}, func(r *rand.Rand) any { return r.Int64N(7) - 3 }},
	{migration.Column{Type: "tinyint", MaxLength: 1, Precision: 3}, func(r *rand.Rand) any { return r.Int64N(4) }},
	{migration.Column{Type: "bigint", MaxLength: 8, Precision: 19}, func(r *rand.Rand) any { return r.Int64N(3) << 40 }},
	{migration.Column{Type: "nvarchar", MaxLength: 40}, func(r *rand.Rand) any {
		return []string{"", "a", "A", "å", "Å ", "aa", "書", "🚢", "a'b", "[x]"}[r.IntN(10)]
	}},
	{migration.Column{Type: "varchar", MaxLength: 20, Collation: "Latin1_General_CS_AS"}, func(r *rand.Rand) any { return []string{"a", "A", "ø", "z", "é", "~"}[r.IntN(6)] }},
	{migration.Column{Type: "datetime", MaxLength: 8, Precision: 23, Scale: 3}, func(r *rand.Rand) any {
		tick := r.IntN(5)
		return time.Date(2024, 1, 1+r.IntN(2), 0, 0, 0, int(float64(tick)/0.3+0.5)*1e6, time.UTC)
	}},
	{migration.Column{Type: "datetime2", MaxLength: 8, Precision: 27, Scale: 7}, func(r *rand.Rand) any { return time.Date(1, 1, 1+r.IntN(2), 0, 0, 0, 100*r.IntN(3), time.UTC) }},
	{migration.Column{Type: "date", MaxLength: 3, Precision: 10}, func(r *rand.Rand) any { return time.Date(1760, 1, 1+r.IntN(5), 0, 0, 0, 0, time.UTC) }},
	{migration.Column{Type: "datetimeoffset", MaxLength: 10, Precision: 34, Scale: 7}, func(r *rand.Rand) any {
		return time.Date(2024, 1, 1, r.IntN(4), 0, 0, 0, time.FixedZone("", 3600*r.IntN(3)))
	}},
	{migration.Column{Type: "uniqueidentifier", MaxLength: 16}, func(r *rand.Rand) any {
		b := make([]byte, 16)
		b[r.IntN(16)] = byte(1 + r.IntN(2))
		return b
	}},
	{migration.Column{Type: "varbinary", MaxLength: 20}, func(r *rand.Rand) any { return []byte{1, byte(r.IntN(5))}[:r.IntN(3)] }},
	{migration.Column{Type: "decimal", MaxLength: 9, Precision: 10, Scale: 2}, func(r *rand.Rand) any { return fmt.Sprintf("%d.50", r.IntN(6)-2) }},
	{migration.Column{Type: "numeric", MaxLength: 17, Precision: 38, Scale: 30}, func(r *rand.Rand) any { return fmt.Sprintf("%d.%030d", r.IntN(3)-1, r.IntN(3)) }},
	{migration.Column{Type: "money", MaxLength: 8, Precision: 19, Scale: 4}, func(r *rand.Rand) any { return fmt.Sprintf("%d.000%d", r.IntN(3)-1, r.IntN(3)) }},
	{migration.Column{Type: "smallmoney", MaxLength: 4, Precision: 10, Scale: 4}, func(r *rand.Rand) any { return fmt.Sprintf("-0.%04d", 1+r.IntN(5)) }},
	{migration.Column{Type: "float", MaxLength: 8, Precision: 53}, func(r *rand.Rand) any {
		return []float64{-math.MaxFloat64, -0.1, 0, 2.3e-308, 1.0 / 3, math.Pi}[r.IntN(6)]
	}},
	{migration.Column{Type: "real", MaxLength: 4, Precision: 24}, func(r *rand.Rand) any {
		return float64([]float32{-math.MaxFloat32, -0.1, 0, 1e-30, 1.0 / 3, 16777217}[r.IntN(6)])
	}},
	{migration.Column{Type: "bit", MaxLength: 1, Precision: 1}, func(r *rand.Rand) any { return r.IntN(2) == 1 }},
	{migration.Column{Type: "smalldatetime", MaxLength: 4, Precision: 16}, func(r *rand.Rand) any { return time.Date(2079, 6, 6, 23, 54+r.IntN(6), 0, 0, time.UTC) }},
	{migration.Column{Type: "time", MaxLength: 4, Precision: 12, Scale: 3}, func(r *rand.Rand) any { return time.Date(1, 1, 1, 23, 59, 59, (994+r.IntN(6))*1e6, time.UTC) }},
	{migration.Column{Type: "datetime2", MaxLength: 6, Precision: 19}, func(r *rand.Rand) any { return time.Date(9999, 12, 31, 23, 59, 54+r.IntN(6), 0, time.UTC) }},
	{migration.Column{Type: "datetimeoffset", MaxLength: 9, Precision: 30, Scale: 3}, func(r *rand.Rand) any {
		return time.Date(1999, 12, 31, 23, 15*r.IntN(4), 59, (998+r.IntN(2))*1e6, time.FixedZone("", 900*(r.IntN(9)-4)))
	}},
}

// keyedTable makes a table with a random clustered key and its rows.
func keyedTable(r *rand.Rand, n int) (*migration.Table, [][]any) {
	t := &migration.Table{Schema: "keys", Name: fmt.Sprintf("k %d ]å", n), Columns: []migration.Column{{Name: "no", Type: "int", MaxLength: 4, Precision: 10}}}
	ix := migration.Index{Name: "cx", Kind: migration.PlainIndex, Clustered: true}
	var make []func(*rand.Rand) any
	for i := range 1 + r.IntN(3) {
		k := keyKinds[(n+i*5)%len(keyKinds)]
		c := k.column
		c.Name, c.Nullable = fmt.Sprintf("c %d]", i), r.IntN(2) == 0
		if strings.HasSuffix(c.Type, "char") && c.Collation == "" {
			c.Collation = "Latin1_General_CI_AS"
		}
		t.Columns = append(t.Columns, c)
		ix.Columns = append(ix.Columns, migration.IndexColumn{Name: c.Name, Descending: r.IntN(2) == 0})
		make = append(make, func(r *rand.Rand) any {
			if c.Nullable && r.IntN(4) == 0 {
				return nil
			}
			return k.value(r)
		})
	}
	t.Indexes = []migration.Index{ix}
	var rows [][]any
	for no := range 120 {
		row := []any{int64(no)}
		for _, f := range make {
			row = append(row, f(r))
		}
		rows = append(rows, row)
	}
	return t, rows
}

// numberedTables have one ascending integer as their key, the plainest there is,
// once with more rows at NULL than a part has and once without.
func numberedTables() (tables []*migration.Table, rows [][][]any) {
	for _, null := range []bool{true, false} {
		t := &migration.Table{Schema: "keys", Name: fmt.Sprintf("numbered %t", null), Columns: []migration.Column{
			{Name: "no", Type: "int", MaxLength: 4, Precision: 10}, {Name: "key", Type: "int", MaxLength: 4, Precision: 10, Nullable: null}},
			Indexes: []migration.Index{{Name: "cx", Kind: migration.PlainIndex, Clustered: true, Columns: []migration.IndexColumn{{Name: "key"}}}}}
		var of [][]any
		for no := range int64(120) {
			row := []any{no, no / 2}
			if null && no%3 == 0 {
				row[1] = nil
			}
			of = append(of, row)
		}
		tables, rows = append(tables, t), append(rows, of)
	}
	return tables, rows
}

// TestCutByAnyKey: whatever the clustered key is, the ranges together are the
// table, each row once and in the same order.
func TestCutByAnyKey(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 4))
	var tables []*migration.Table
	rows := map[*migration.Table][][]any{}
	for n := range 90 {
		table, of := keyedTable(r, n)
		tables = append(tables, table)
		rows[table] = of
	}
	plain, of := numberedTables()
	for i, table := range plain {
		tables = append(tables, table)
		rows[table] = of[i]
	}
	s := old(t, func(c *migration.Catalog) {
		c.Modules, c.Sequences, c.Types = nil, nil, nil
		c.Tables = append(slices.DeleteFunc(c.Tables, func(t *migration.Table) bool {
			return t.Schema != "CRM7" || !slices.Contains(known, strings.ToLower(t.Name))
		}), tables...)
	})
	l, err := s.store.Loader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for table, of := range rows {
		for _, row := range of {
			if err := l.Insert(table, row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	in := s.connect(t)
	c, err := in.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cut := 0
	for _, table := range tables {
		table = c.Find(table.Schema, table.Name)
		whole, err := read(t, in, table, migration.Range{})
		if err != nil || len(whole) != 120 {
			t.Fatalf("%s: %d rows, %v", table.FullName(), len(whole), err)
		}
		for _, size := range []int64{1, 7, 50, 119, 120, 500} {
			ranges, err := in.Bounds(t.Context(), table, size)
			if err != nil {
				t.Fatal(err)
			}
			var parts []string
			for _, x := range ranges {
				p, err := read(t, in, table, x)
				if err != nil {
					t.Fatal(err)
				}
				parts = append(parts, p...)
			}
			if !slices.Equal(parts, whole) {
				t.Errorf("%s %+v by %d rows: %d ranges with %d rows are not the table", table.FullName(), table.Indexes[0].Columns, size, len(ranges), len(parts))
			}
			if size == 7 && len(ranges) > 1 {
				cut++
			}
		}
	}
	if cut != len(tables) {
		t.Errorf("only %d of %d tables were cut", cut, len(tables))
	}
}

// TestForeignBound: a bound that is not of the table's key is refused.
func TestForeignBound(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	c, err := in.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table, one, word := c.Find("partner", "OrderLine"), "1", "word"
	for _, k := range []migration.Key{{&one}, {&one, &word, &one}, {&one, nil, &word}} {
		if _, err := in.Rows(t.Context(), table, migration.Range{From: k}); migration.HintOf(err).ID != "hint.sql.changed" {
			t.Errorf("%d values: %v", len(k), err)
		}
	}
	n := int64(1)
	for name, r := range map[string]migration.Range{"partner.OrderLine": {Lo: &n}, "partner.ImportLog": {Hi: &n}, "CRM7.contact": {To: migration.Key{&one}}} {
		schema, table, _ := strings.Cut(name, ".")
		if _, err := in.Rows(t.Context(), c.Find(schema, table), r); migration.HintOf(err).ID != "hint.sql.changed" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
