package onsite_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"omt/migration"
)

const conformCollation = "Latin1_General_CI_AS"

// conformLarge is the size from which on the suite lets cells be read in
// slices; it is odd, so that slices end within characters.
const conformLarge = 65_537

// world is a database for the suite: what is made, and what must come out.
// Expressions are spelled as a server keeps them.
type world struct {
	catalog *migration.Catalog
	rows    map[string][][]any // by FullName, one value a column with data
	keyed   []string           // tables to be cut by their key
}

func conformWorld() world {
	w := world{rows: map[string][][]any{}, catalog: &migration.Catalog{
		Schema: "CRM7", Collation: conformCollation, LCID: 1033,
		Types: []migration.AliasType{{Schema: "shop", Name: "Phone", Base: "nvarchar", MaxLength: 60, Nullable: true}},
		Sequences: []migration.Sequence{{Schema: "shop", Name: "OrderNo", Type: "bigint", Precision: 19, Start: "1000", Increment: "5",
			Current: "1000", Minimum: "1000", Maximum: "99999", Cycle: true, Cached: true, CacheSize: 20}},
		Modules: []migration.Module{{Schema: "shop", Name: "Cheap", Type: "VIEW", AnsiNulls: true, QuotedIdentifier: true,
			Definition: "CREATE VIEW [shop].[Cheap] AS SELECT o.[id], o.[price] FROM [shop].[Order] AS o WHERE o.[price] < 10"}},
	}}
	// Every catalogue is read through SuperOffice's own table of the owner.
	w.add(&migration.Table{Schema: "CRM7", Name: "company", Columns: []migration.Column{
		{Name: "company_id", Type: "int", MaxLength: 4, Precision: 10}, text("ownerContactName", "nvarchar", 100, true)},
		Indexes: []migration.Index{primaryKeyOf("PKcompany", "company_id")}}, []any{int64(1), "Ærlig & Søn 🚢"})
	// And a moment through its log.
	w.add(&migration.Table{Schema: "CRM7", Name: "traveltransactionlog", Columns: []migration.Column{{Name: "traveltransactionlog_id", Type: "int", MaxLength: 4, Precision: 10}},
		Indexes: []migration.Index{primaryKeyOf("PKtraveltransactionlog", "traveltransactionlog_id")}}, []any{int64(76)}, []any{int64(77)})
	w.types()
	w.decimals()
	w.large()
	w.halves()
	w.shop()
	w.names()
	w.keys()
	return w
}

func (w *world) add(t *migration.Table, rows ...[]any) {
	w.catalog.Tables = append(w.catalog.Tables, t)
	w.rows[t.FullName()] = rows
}

func primaryKeyOf(name string, columns ...string) migration.Index {
	ix := migration.Index{Name: name, Kind: migration.PrimaryKey, Clustered: true, Unique: true}
	for _, c := range columns {
		ix.Columns = append(ix.Columns, migration.IndexColumn{Name: c})
	}
	return ix
}

func text(name, kind string, bytes int, null bool) migration.Column {
	return migration.Column{Name: name, Type: kind, MaxLength: bytes, Nullable: null, Collation: conformCollation}
}

// exact is a decimal or numeric as sys.columns describes it.
func exact(name, kind string, precision, scale int) migration.Column {
	size := 17
	switch {
	case precision <= 9:
		size = 5
	case precision <= 19:
		size = 9
	case precision <= 28:
		size = 13
	}
	return migration.Column{Name: name, Type: kind, MaxLength: size, Precision: uint8(precision), Scale: uint8(scale)}
}

// clocked is a time, datetime2 or datetimeoffset as sys.columns describes it.
func clocked(kind string, scale int) migration.Column {
	size, precision := 3+max(0, scale-1)/2, map[string]int{"time": 8, "datetime2": 19, "datetimeoffset": 26}[kind]
	if scale > 4 {
		size = 5
	}
	size += map[string]int{"datetime2": 3, "datetimeoffset": 5}[kind]
	if scale > 0 {
		precision += scale + 1
	}
	return migration.Column{Name: fmt.Sprintf("%s %d", kind, scale), Type: kind, MaxLength: size, Precision: uint8(precision), Scale: uint8(scale)}
}

// edges are the values of one type that something may get wrong.
type edges struct {
	column migration.Column
	values []any
}

func utc(y int, m time.Month, d, h, mi, s, ns int) time.Time {
	return time.Date(y, m, d, h, mi, s, ns, time.UTC)
}

// types is a table with every type that the package holds, once with NULL and
// once without.
func (w *world) types() {
	t := &migration.Table{Schema: "types", Name: "Every", Indexes: []migration.Index{primaryKeyOf("PK_Every", "id")},
		Columns: []migration.Column{{Name: "id", Type: "int", MaxLength: 4, Precision: 10}}}
	all := slices.Concat(numberEdges(), timeEdges(), textEdges())
	count := 0
	for _, e := range all {
		count = max(count, len(e.values))
		e.column.Name = strings.TrimSpace(e.column.Name + " " + e.column.Type)
		null := e.column
		null.Name, null.Nullable = null.Name+" null", true
		t.Columns = append(t.Columns, e.column, null)
	}
	t.Columns = append(t.Columns, migration.Column{Name: "version", Type: "timestamp", MaxLength: 8})
	var rows [][]any
	for i := range 2 * count {
		row := []any{int64(i - count)}
		for k, e := range all {
			v := e.values[i%len(e.values)]
			row = append(row, v)
			if i >= count && (i+k)%3 == 0 || i == 2*count-1 {
				v = nil
			}
			row = append(row, v)
		}
		// A server gives the version itself; the stand-in takes this one.
		rows = append(rows, append(row, fmt.Appendf(nil, "%08d", i)))
	}
	w.add(t, rows...)
	w.add(&migration.Table{Schema: "types", Name: "Empty", Columns: slices.Clone(t.Columns[:5])})
}

func numberEdges() []edges {
	const smallest32, smallest64 = 0x1p-126, 0x1p-1022
	return []edges{
		{migration.Column{Type: "bit", MaxLength: 1, Precision: 1}, []any{false, true}},
		{migration.Column{Type: "tinyint", MaxLength: 1, Precision: 3}, []any{int64(0), int64(255), int64(1)}},
		{migration.Column{Type: "smallint", MaxLength: 2, Precision: 5}, []any{int64(math.MinInt16), int64(math.MaxInt16), int64(-1), int64(0)}},
		{migration.Column{Type: "int", MaxLength: 4, Precision: 10}, []any{int64(math.MinInt32), int64(math.MaxInt32), int64(-1), int64(0)}},
		{migration.Column{Type: "bigint", MaxLength: 8, Precision: 19}, []any{int64(math.MinInt64), int64(math.MaxInt64), int64(1)<<53 + 1, int64(0)}},
		{migration.Column{Type: "real", MaxLength: 4, Precision: 24}, []any{-math.MaxFloat32, math.MaxFloat32, float64(float32(0.1)), smallest32, 0.0}},
		{migration.Column{Type: "float", MaxLength: 8, Precision: 53}, []any{-math.MaxFloat64, math.MaxFloat64, 0.1, smallest64, 0.0}},
		{migration.Column{Type: "money", MaxLength: 8, Precision: 19, Scale: 4},
			[]any{"-922337203685477.5808", "922337203685477.5807", "-0.0001", "429496.7296", "0.0000"}},
		{migration.Column{Type: "smallmoney", MaxLength: 4, Precision: 10, Scale: 4}, []any{"-214748.3648", "214748.3647", "-0.0001", "0.0000"}},
		{migration.Column{Type: "uniqueidentifier", MaxLength: 16},
			[]any{make([]byte, 16), bytes.Repeat([]byte{0xff}, 16), []byte("\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff")}},
	}
}

// timeEdges: a datetime has ticks of 1/300 s, which end in 0, 3 or 7 ms.
func timeEdges() []edges {
	const ms = 1_000_000
	out := []edges{
		{migration.Column{Type: "date", MaxLength: 3, Precision: 10}, []any{utc(1, 1, 1, 0, 0, 0, 0), utc(9999, 12, 31, 0, 0, 0, 0), utc(2024, 2, 29, 0, 0, 0, 0), utc(1753, 1, 1, 0, 0, 0, 0)}},
		{migration.Column{Type: "datetime", MaxLength: 8, Precision: 23, Scale: 3}, []any{utc(1753, 1, 1, 0, 0, 0, 0), utc(9999, 12, 31, 23, 59, 59, 997*ms),
			utc(1899, 12, 31, 23, 59, 59, 997*ms), utc(1900, 1, 1, 0, 0, 0, 3*ms), utc(2000, 2, 29, 12, 0, 0, 7*ms)}},
		{migration.Column{Type: "smalldatetime", MaxLength: 4, Precision: 16}, []any{utc(1900, 1, 1, 0, 0, 0, 0), utc(2079, 6, 6, 23, 59, 0, 0), utc(2026, 7, 31, 23, 30, 0, 0)}},
	}
	for scale := range 8 {
		unit := int(math.Pow10(9 - scale))
		last := 1_000_000_000 - unit // the largest fraction
		east, west := time.FixedZone("", 14*3600), time.FixedZone("", -(13*3600+59*60))
		out = append(out,
			edges{clocked("time", scale), []any{utc(1, 1, 1, 0, 0, 0, 0), utc(1, 1, 1, 23, 59, 59, last), utc(1, 1, 1, 12, 34, 56, unit%1_000_000_000)}},
			edges{clocked("datetime2", scale), []any{utc(1, 1, 1, 0, 0, 0, 0), utc(9999, 12, 31, 23, 59, 59, last), utc(1753, 1, 1, 0, 0, 0, unit%1_000_000_000)}},
			edges{clocked("datetimeoffset", scale), []any{utc(1, 1, 1, 0, 0, 0, 0), utc(9999, 12, 31, 23, 59, 59, last),
				time.Date(2026, 7, 31, 23, 30, 0, unit%1_000_000_000, east), time.Date(1969, 12, 31, 23, 59, 59, last, west)}})
	}
	return out
}

func textEdges() []edges {
	const pairs = "🚢𝔘𠀋👩‍👧" // each beyond the basic plane, two units of UTF-16
	code := "Straße 7 – €5, Æøå"
	long := strings.Repeat("linje 1\r\nlinje 2 Å書🚢 ", 700)
	return []edges{
		{text("", "char", 10, false), []any{"a         ", "ÆØÅæøå äöü", "          "}},
		{text("", "varchar", 50, false), []any{"", strings.Repeat("ø", 50), code, " ", "it's"}},
		{text("", "nchar", 20, false), []any{"a         ", "見積書見積書見積書見", "🚢🚢🚢🚢🚢", "          "}},
		{text("", "nvarchar", 100, false), []any{"", strings.Repeat("書", 50), strings.Repeat("🚢", 25), pairs, "a\x00b", " "}},
		{text("max", "varchar", -1, false), []any{"", strings.Repeat(code+" ", 900), "a"}},
		{text("max", "nvarchar", -1, false), []any{"", long, pairs}},
		{text("", "text", 16, false), []any{"", strings.Repeat(code+"\r\n", 900), "a"}},
		{text("", "ntext", 16, false), []any{"", long, pairs}},
		{migration.Column{Type: "xml", MaxLength: -1}, []any{"", "<a/>", "<å><書 navn=\"🚢\">ø &amp; &lt;</書></å>"}},
		{migration.Column{Type: "binary", MaxLength: 5}, []any{make([]byte, 5), bytes.Repeat([]byte{0xff}, 5), []byte("abcde")}},
		{migration.Column{Type: "varbinary", MaxLength: 50}, []any{[]byte{}, bytes.Repeat([]byte{0xff}, 50), []byte{0}}},
		{migration.Column{Name: "max", Type: "varbinary", MaxLength: -1}, []any{[]byte{}, bytes.Repeat([]byte{1, 0, 0xff}, 5000), []byte{0}}},
		{migration.Column{Type: "image", MaxLength: 16}, []any{[]byte{}, bytes.Repeat([]byte{0, 0xff}, 5000), []byte{0}}},
	}
}

// decimals has every precision, with scale 0, with all digits behind the point,
// and between the two.
func (w *world) decimals() {
	for _, kind := range []string{"decimal", "numeric"} {
		t := &migration.Table{Schema: "types", Name: kind + "s", Indexes: []migration.Index{primaryKeyOf("PK_"+kind, "id")},
			Columns: []migration.Column{{Name: "id", Type: "int", MaxLength: 4, Precision: 10}}}
		rows := [][]any{{int64(0)}, {int64(1)}, {int64(2)}, {int64(3)}, {int64(4)}}
		for p := 1; p <= 38; p++ {
			for _, s := range slices.Compact([]int{0, p / 2, p}) {
				c := exact(fmt.Sprintf("%d,%d", p, s), kind, p, s)
				c.Nullable = true
				t.Columns = append(t.Columns, c)
				for i, digits := range []string{strings.Repeat("9", p), "-" + strings.Repeat("9", p), "1", "0"} {
					rows[i] = append(rows[i], pointed(digits, s))
				}
				rows[4] = append(rows[4], nil)
			}
		}
		w.add(t, rows...)
	}
}

// pointed writes digits with a point before the last scale of them.
func pointed(digits string, scale int) string {
	digits, minus := strings.TrimPrefix(digits, "-"), strings.HasPrefix(digits, "-")
	if n := scale + 1 - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	if scale > 0 {
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if minus {
		digits = "-" + digits
	}
	return digits
}

// large has cells on both sides of the slice, in text also of a collation whose
// characters are pairs of units, and of one with several bytes a character.
func (w *world) large() {
	collated := func(c migration.Column, name string) migration.Column {
		c.Collation = name
		return c
	}
	t := &migration.Table{Schema: "types", Name: "Large", Indexes: []migration.Index{primaryKeyOf("PK_Large", "id")}, Columns: []migration.Column{
		{Name: "id", Type: "int", MaxLength: 4, Precision: 10}, text("code", "varchar", -1, true), text("wide", "nvarchar", -1, true),
		{Name: "bytes", Type: "varbinary", MaxLength: -1, Nullable: true},
		collated(text("pairs", "nvarchar", -1, true), "Latin1_General_100_CI_AS_SC"), collated(text("kanji", "varchar", -1, true), "Japanese_CI_AS"),
	}}
	fill := func(s string, n int) string { return strings.Repeat(s, n/len(s)+1)[:n] }
	var rows [][]any
	for id, n := range []int{conformLarge, conformLarge + 1} {
		wide := fill("hijklmn", conformLarge/2+id)
		rows = append(rows, []any{int64(id + 1), fill("abcdefg", n), wide, []byte(fill("\x00\x01\xff", n)), wide, fill("abcdefg", n)})
	}
	pairs := "a" + strings.Repeat("🚢", 70_000) + "å書"
	w.add(t, append(rows,
		[]any{int64(3), strings.Repeat("Grüße – €", 20_000), pairs, bytes.Repeat([]byte{0, 1, 2, 254, 255}, 60_000), pairs, "a" + strings.Repeat("日本語ｶﾅ", 30_000)},
		[]any{int64(4), nil, nil, nil, nil, nil}, []any{int64(5), "", "", []byte{}, "", ""})...)
}

// halves has text that was cut within a pair of UTF-16, in tables whose rows
// can be found by a key, by one of text alone, and not at all.
func (w *world) halves() {
	const high, low = "\xed\xa0\xbd", "\xed\xb8\x80"
	for _, name := range []string{"Keyed", "Named", "Loose"} {
		t := &migration.Table{Schema: "types", Name: "Halves" + name, Columns: []migration.Column{
			{Name: "id", Type: "int", MaxLength: 4, Precision: 10}, text("name", "varchar", 20, false), text("fixed", "nchar", 8, true),
			text("short", "nvarchar", 20, true), text("max", "nvarchar", -1, true), text("old", "ntext", 16, true),
		}}
		switch name {
		case "Keyed":
			t.Indexes = []migration.Index{primaryKeyOf("PK_HalvesKeyed", "id")}
		case "Named":
			t.Indexes = []migration.Index{primaryKeyOf("PK_HalvesNamed", "name")}
		}
		long := strings.Repeat("å🚢", 20_000)
		w.add(t,
			[]any{int64(1), "ærlig", "a" + high + "  ", "cut " + high, high + " begins", low + " begins, ends with " + high},
			[]any{int64(2), "blå", low + "\ufffd \ufffd", "", "", ""}, []any{int64(3), "grøn", nil, nil, nil, nil},
			[]any{int64(4), "plain", "abcd", "\ufffd by right", long + high + long, long + high})
	}
}

// shop has each kind of object that SuperOffice's own tables lack.
func (w *world) shop() {
	w.add(&migration.Table{Schema: "shop", Name: "Order", Columns: []migration.Column{
		{Name: "id", Type: "int", MaxLength: 4, Precision: 10, Identity: true, Seed: "-7", Increment: "3"},
		{Name: "number", Type: "bigint", MaxLength: 8, Precision: 19, Default: migration.Default{Name: "DF_number", Expression: "(NEXT VALUE FOR [shop].[OrderNo])"}},
		{Name: "price", Type: "decimal", MaxLength: 9, Precision: 18, Scale: 4, Default: migration.Default{Name: "DF__system", Expression: "((0))", System: true}},
		{Name: "quantity", Type: "int", MaxLength: 4, Precision: 10, Nullable: true, Sparse: true},
		{Name: "total", Type: "decimal", MaxLength: 17, Precision: 29, Scale: 4, Nullable: true, Computed: true, Formula: "([price]*[quantity])", Persisted: true},
		{Name: "phone", Type: "nvarchar", MaxLength: 60, Nullable: true, Collation: conformCollation, AliasSchema: "shop", Alias: "Phone"},
		{Name: "row", Type: "uniqueidentifier", MaxLength: 16, RowGUID: true, Default: migration.Default{Name: "DF_row", Expression: "(newid())"}},
		{Name: "owner", Type: "int", MaxLength: 4, Precision: 10, Nullable: true},
	},
		Indexes: []migration.Index{
			primaryKeyOf("PK_Order", "id"),
			{Name: "IX_open", Kind: migration.PlainIndex, Filter: "([quantity]>(0))",
				Columns: []migration.IndexColumn{{Name: "number", Descending: true}, {Name: "phone", Included: true}}},
			{Name: "UQ_number", Kind: migration.UniqueConstraint, Unique: true, Columns: []migration.IndexColumn{{Name: "number"}}},
		},
		Checks: []migration.Check{{Name: "CK_off", Expression: "([id]>(1000))", Disabled: true, Untrusted: true}, {Name: "CK_price", Expression: "([price]>=(0))"}},
		ForeignKeys: []migration.ForeignKey{
			{Name: "FK_off", Columns: []string{"quantity"}, RefSchema: "CRM7", RefTable: "company", Referenced: []string{"company_id"}, Disabled: true, Untrusted: true},
			{Name: "FK_owner", Columns: []string{"owner"}, RefSchema: "CRM7", RefTable: "company", Referenced: []string{"company_id"}, OnDelete: migration.SetNull, OnUpdate: migration.Cascade},
		},
	}, []any{int64(-7), int64(1000), "0.0000", nil, nil, make([]byte, 16), nil},
		[]any{int64(-4), int64(1005), "99999999999999.9999", int64(7), "+47 22 00 11 22 🚢", bytes.Repeat([]byte{7}, 16), int64(1)})
	w.add(&migration.Table{Schema: "shop", Name: "Heap", Columns: []migration.Column{
		{Name: "line", Type: "bigint", MaxLength: 8, Precision: 19, Nullable: true}, text("what", "nvarchar", 40, true)}},
		[]any{int64(1), "twice"}, []any{int64(1), "twice"}, []any{nil, nil})
}

// names are those that a statement, an archive or a model would break on.
func (w *world) names() {
	for i, name := range []string{`it's "quoted"`, "[brackets]]", "dots.in.it", " spaces  in it", "emoji 🚢", "åäö/書 50%_$#@"} {
		schema := "dbo"
		if i%2 == 1 {
			schema = `odd.[s]'" 🚢`
		}
		w.add(&migration.Table{Schema: schema, Name: name, Indexes: []migration.Index{primaryKeyOf("PK "+name, "id "+name)}, Columns: []migration.Column{
			{Name: "id " + name, Type: "int", MaxLength: 4, Precision: 10}, text(name, "nvarchar", 40, true)}},
			[]any{int64(1), "first " + name}, []any{int64(2), nil})
	}
}

// keys are tables with composite, descending, nullable and collated keys.
func (w *world) keys() {
	r := rand.New(rand.NewPCG(7, 4))
	for n := range 24 {
		t, rows := keyedTable(r, n)
		w.add(t, rows...)
		w.keyed = append(w.keyed, t.FullName())
	}
	plain, rows := numberedTables()
	for i, t := range plain {
		w.add(t, rows[i]...)
		w.keyed = append(w.keyed, t.FullName())
	}
}
