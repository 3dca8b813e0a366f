package bacpac

import (
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

func at(y int, m time.Month, d, hour, minute, sec, ns int) time.Time {
	return time.Date(y, m, d, hour, minute, sec, ns, time.UTC)
}

// vectors are worked out by hand from the published formats; the bytes of
// those marked with a package or file are also in the references.
var vectors = []struct {
	col   migration.Column
	value any
	null  string // nullable column
	not   string // NOT NULL column
}{
	{migration.Column{Type: "tinyint"}, int64(255), "01ff", "ff"},
	{migration.Column{Type: "smallint"}, int64(-2), "02feff", "feff"},
	{migration.Column{Type: "int"}, int64(-2147483648), "0400000080", "00000080"},
	{migration.Column{Type: "bigint"}, int64(1)<<62 + 3, "080300000000000040", "0300000000000040"},
	{migration.Column{Type: "bit"}, true, "0101", "0101"},
	{migration.Column{Type: "real"}, 1.5, "040000c03f", "0000c03f"},
	{migration.Column{Type: "float"}, -2.0, "0800000000000000c0", "00000000000000c0"},
	{migration.Column{Type: "money"}, []byte("-0.0001"), "08ffffffffffffffff", "ffffffffffffffff"},
	{migration.Column{Type: "money"}, []byte("429496.7297"), "080100000001000000", "0100000001000000"},
	{migration.Column{Type: "smallmoney"}, []byte("1.5000"), "04983a0000", "983a0000"},
	{migration.Column{Type: "decimal", Precision: 5, Scale: 2}, []byte("-1.23"),
		"130502007b000000000000000000000000000000", "130502007b000000000000000000000000000000"},
	{migration.Column{Type: "numeric", Precision: 38, Scale: 0}, []byte("99999999999999999999999999999999999999"),
		"13260001ffffffff3f228a097ac4865aa84c3b4b", "13260001ffffffff3f228a097ac4865aa84c3b4b"},
	{migration.Column{Type: "decimal", Precision: 5, Scale: 2}, []byte("-0.00"),
		"1305020100000000000000000000000000000000", "1305020100000000000000000000000000000000"},
	{migration.Column{Type: "datetime"}, at(1900, 1, 1, 0, 0, 0, 0), "080000000000000000", "0000000000000000"},
	{migration.Column{Type: "datetime"}, at(1753, 1, 1, 0, 0, 0, 0), "08462effff00000000", "462effff00000000"},
	{migration.Column{Type: "datetime"}, at(1899, 12, 31, 0, 0, 0, 3e6), "08ffffffff01000000", "ffffffff01000000"},
	{migration.Column{Type: "datetime"}, at(9999, 12, 31, 23, 59, 59, 997e6), "087f242d00ff818b01", "7f242d00ff818b01"},
	{migration.Column{Type: "smalldatetime"}, at(2079, 6, 6, 23, 59, 0, 0), "04ffff9f05", "ffff9f05"},
	{migration.Column{Type: "date"}, at(1760, 1, 1, 0, 0, 0, 0), "039dcd09", "9dcd09"},
	{migration.Column{Type: "date"}, at(9999, 12, 31, 0, 0, 0, 0), "03dab937", "dab937"},
	{migration.Column{Type: "time", Scale: 0}, at(1, 1, 1, 0, 0, 1, 0), "058096980000", "8096980000"},
	{migration.Column{Type: "time", Scale: 7}, at(1, 1, 1, 23, 59, 59, 999999900), "05ffbf692ac9", "ffbf692ac9"},
	{migration.Column{Type: "datetime2", Scale: 3}, at(1, 1, 2, 0, 0, 0, 1e6), "081027000000010000", "1027000000010000"},
	{migration.Column{Type: "datetimeoffset", Scale: 0}, time.Date(1, 1, 2, 1, 0, 0, 0, time.FixedZone("", -3600)),
		"0a00d088c310010000c4ff", "00d088c310010000c4ff"},
	{migration.Column{Type: "char", MaxLength: 3}, "aæ ", "06006100e6002000", "06006100e6002000"},
	{migration.Column{Type: "varchar", MaxLength: 10}, "", "0000", "0000"},
	{migration.Column{Type: "nchar", MaxLength: 4}, "ab", "040061006200", "040061006200"},
	{migration.Column{Type: "nvarchar", MaxLength: 20}, "😀", "04003dd800de", "04003dd800de"},
	{migration.Column{Type: "varchar", MaxLength: -1}, "a", "02000000000000006100", "02000000000000006100"},
	{migration.Column{Type: "xml"}, "<a/>", "08000000000000003c0061002f003e00", "08000000000000003c0061002f003e00"},
	{migration.Column{Type: "text"}, "é", "02000000e900", "02000000e900"},
	{migration.Column{Type: "ntext"}, "", "00000000", "00000000"},
	{migration.Column{Type: "image"}, []byte{1, 2}, "020000000102", "020000000102"},
	{migration.Column{Type: "varbinary", MaxLength: -1}, []byte{}, "0000000000000000", "0000000000000000"},
	{migration.Column{Type: "timestamp", MaxLength: 8}, []byte("12345678"), "08003132333435363738", "08003132333435363738"},
	{migration.Column{Type: "uniqueidentifier"}, []byte("0123456789abcdef"),
		"1030313233343536373839616263646566", "1030313233343536373839616263646566"},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		for _, nullable := range []bool{true, false} {
			want := v.not
			v.col.Nullable = nullable
			if nullable {
				want = v.null
			}
			got, err := encodeRows([]migration.Column{v.col}, []any{v.value})
			if err != nil || hex.EncodeToString(got) != want {
				t.Errorf("%s nullable %t: %v is %x, want %s (%v)", v.col.Type, nullable, v.value, got, want, err)
			}
		}
	}
}

func TestNull(t *testing.T) {
	widths := map[string]int{"2": 2, "8": 8, "4": 4}
	for _, v := range vectors {
		want := 1
		switch v.col.Type {
		case "text", "ntext", "image":
			want = widths["4"]
		case "char", "varchar", "nchar", "nvarchar", "varbinary", "timestamp":
			want = widths["2"]
		case "xml":
			want = widths["8"]
		}
		if v.col.MaxLength == -1 {
			want = 8
		}
		v.col.Name, v.col.Nullable = "c", true
		got, err := encodeRows([]migration.Column{v.col}, []any{nil})
		if err != nil || hex.EncodeToString(got) != strings.Repeat("ff", want) {
			t.Errorf("%s: NULL is %x, want %d x ff (%v)", v.col.Type, got, want, err)
		}
		v.col.Nullable = false
		if _, err := encodeRows([]migration.Column{v.col}, []any{nil}); !errors.Is(err, errNull) {
			t.Errorf("%s: NULL in a NOT NULL column gives %v", v.col.Type, err)
		}
	}
}

// TestDateTimeTicks takes every tick of a second through the milliseconds that
// the driver makes of it and back.
func TestDateTimeTicks(t *testing.T) {
	for tick := range 300 {
		// go-mssqldb: trunc(tick/0.3 + 0.5) milliseconds
		millis := int(float64(tick)/0.3 + 0.5)
		got, err := encodeRows([]migration.Column{{Type: "datetime"}}, []any{at(2020, 2, 29, 0, 0, 0, millis*1e6)})
		if err != nil || int(got[4])|int(got[5])<<8 != tick {
			t.Fatalf("tick %d, %d ms: bytes %x, %v", tick, millis, got, err)
		}
	}
	for ns, tick := range map[int]byte{1666666: 0, 1666667: 1, 3333333: 1, 4999999: 1, 5000000: 2} {
		got, err := encodeRows([]migration.Column{{Type: "datetime"}}, []any{at(2020, 2, 29, 0, 0, 0, ns)})
		if err != nil || got[4] != tick {
			t.Errorf("%d ns is %x, want tick %d, %v", ns, got, tick, err)
		}
	}
	// Rounding goes on into the next day, as on the server.
	got, err := encodeRows([]migration.Column{{Type: "datetime"}}, []any{at(1900, 1, 1, 23, 59, 59, 999e6)})
	if err != nil || hex.EncodeToString(got) != "0100000000000000" {
		t.Errorf("23:59:59.999 is %x, %v", got, err)
	}
}

// TestZones: a type without a zone keeps the clock that its value shows.
func TestZones(t *testing.T) {
	zone := time.FixedZone("", 5400)
	got, err := encodeRows([]migration.Column{{Type: "datetime"}}, []any{time.Date(1900, 1, 1, 0, 0, 1, 0, zone)})
	if err != nil || hex.EncodeToString(got) != "000000002c010000" {
		t.Errorf("clock of another zone is %x, %v", got, err)
	}
}

func TestRefusedValues(t *testing.T) {
	for _, c := range []struct {
		col   migration.Column
		value any
	}{
		{migration.Column{Type: "tinyint"}, int64(256)},
		{migration.Column{Type: "tinyint"}, int64(-1)},
		{migration.Column{Type: "smallint"}, int64(32768)},
		{migration.Column{Type: "int"}, int64(1) << 31},
		{migration.Column{Type: "int"}, "1"},
		{migration.Column{Type: "bit"}, int64(1)},
		{migration.Column{Type: "real"}, 0.1},
		{migration.Column{Type: "real"}, math.Inf(1)},
		{migration.Column{Type: "real"}, math.NaN()},
		{migration.Column{Type: "float"}, math.Inf(-1)},
		{migration.Column{Type: "float"}, math.NaN()},
		{migration.Column{Type: "float"}, "0.1"},
		{migration.Column{Type: "money"}, []byte("922337203685477.5808")},
		{migration.Column{Type: "money"}, []byte("1.00001")},
		{migration.Column{Type: "smallmoney"}, []byte("214748.3648")},
		{migration.Column{Type: "decimal", Precision: 3, Scale: 1}, []byte("100.0")},
		{migration.Column{Type: "decimal", Precision: 3, Scale: 1}, []byte("1.25")},
		{migration.Column{Type: "decimal", Precision: 38, Scale: 0}, []byte("340282366920938463463374607431768211456")},
		{migration.Column{Type: "decimal", Precision: 3, Scale: 1}, []byte("")},
		{migration.Column{Type: "decimal", Precision: 3, Scale: 1}, []byte("1e2")},
		{migration.Column{Type: "datetime"}, at(1752, 12, 31, 0, 0, 0, 0)},
		{migration.Column{Type: "datetime"}, at(9999, 12, 31, 23, 59, 59, 999e6)},
		{migration.Column{Type: "datetime"}, "2020-01-01"},
		{migration.Column{Type: "smalldatetime"}, at(2079, 6, 7, 0, 0, 0, 0)},
		{migration.Column{Type: "smalldatetime"}, at(2000, 1, 1, 0, 0, 1, 0)},
		{migration.Column{Type: "date"}, at(2000, 1, 1, 0, 0, 1, 0)},
		{migration.Column{Type: "date"}, at(10000, 1, 1, 0, 0, 0, 0)},
		{migration.Column{Type: "date"}, at(0, 12, 31, 0, 0, 0, 0)},
		{migration.Column{Type: "time", Scale: 3}, at(1, 1, 1, 0, 0, 0, 1e5)},
		{migration.Column{Type: "datetime2", Scale: 7}, at(2000, 1, 1, 0, 0, 0, 1)},
		{migration.Column{Type: "datetimeoffset", Scale: 7}, time.Date(1, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))},
		{migration.Column{Type: "datetimeoffset", Scale: 7}, time.Date(2, 1, 1, 0, 0, 0, 0, time.FixedZone("", 30))},
		{migration.Column{Type: "nvarchar", MaxLength: 4}, "abc"},
		{migration.Column{Type: "varchar", MaxLength: 2}, "abc"},
		{migration.Column{Type: "nvarchar", MaxLength: 4}, "\xff"},
		{migration.Column{Type: "nvarchar", MaxLength: 4}, []byte("a")},
		{migration.Column{Type: "varbinary", MaxLength: 1}, []byte{1, 2}},
		{migration.Column{Type: "uniqueidentifier"}, []byte{1}},
	} {
		c.col.Name = "amount"
		_, err := encodeRows([]migration.Column{c.col}, []any{c.value})
		var named *migration.Error
		if !errors.As(err, &named) || named.Item != "s.t.amount" || named.Hint.IsZero() {
			t.Errorf("%s %v: error %v does not name the column", c.col.Type, c.value, err)
		}
	}
}

func TestPartErrors(t *testing.T) {
	w := New()
	table := &migration.Table{Schema: "s", Name: "t", Columns: []migration.Column{{Name: "id", Type: "int"}}}
	p, err := w.Part(table, 7)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Row([]any{int64(1), int64(2)}); err == nil {
		t.Error("two values for one column were taken")
	}
	if err := p.Row([]any{int64(1)}); err == nil {
		t.Error("a part went on after an error")
	}
	if _, err := p.Finish(); err == nil {
		t.Error("a part was finished after an error")
	}
	p, err = w.Part(table, 7)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Finish(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Finish(); !errors.Is(err, errFinished) {
		t.Errorf("second Finish gives %v", err)
	}
	if err := p.Row([]any{int64(1)}); !errors.Is(err, errFinished) {
		t.Errorf("Row after Finish gives %v", err)
	}
	for _, part := range []int{-1, 100000} {
		if _, err := w.Part(table, part); err == nil {
			t.Errorf("part number %d was taken", part)
		}
	}
	for _, kind := range []string{"sql_variant", "hierarchyid", "geometry", "geography", "json", "vector", "MyClrType"} {
		table.Columns = []migration.Column{{Name: "id", Type: "int"}, {Name: "odd", Type: kind}, {Name: "sum", Type: kind, Computed: true}}
		if _, err := w.Part(table, 0); !errors.Is(err, migration.ErrUncarriable) || !strings.Contains(err.Error(), "s.t.odd") {
			t.Errorf("%s: %v", kind, err)
		}
		cat := &migration.Catalog{Database: "d", Tables: []*migration.Table{table}}
		got := w.Uncarriable(cat)
		if len(got) != 1 || got[0] != (migration.ColumnRef{Schema: "s", Table: "t", Column: "odd", Type: kind}) {
			t.Errorf("%s: uncarriable are %v", kind, got)
		}
		if _, err := w.Leading(cat); !errors.Is(err, migration.ErrUncarriable) {
			t.Errorf("%s: model was written: %v", kind, err)
		}
	}
}
