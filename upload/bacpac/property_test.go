package bacpac

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"pgregory.net/rapid"

	"omt/migration"
)

// drawColumn draws a type with its parameters.
func drawColumn(t *rapid.T) migration.Column {
	c := rapid.SampledFrom(everyType()).Draw(t, "type")
	c.Name, c.Nullable = "c", rapid.Bool().Draw(t, "nullable")
	switch c.Type {
	case "decimal", "numeric":
		c.Precision = uint8(rapid.IntRange(1, 38).Draw(t, "precision"))
		c.Scale = uint8(rapid.IntRange(0, int(c.Precision)).Draw(t, "scale"))
	case "time", "datetime2", "datetimeoffset":
		c.Scale = uint8(rapid.IntRange(0, 7).Draw(t, "scale"))
	}
	return c
}

func drawDigits(t *rapid.T, digits, scale int) []byte {
	n := rapid.IntRange(0, digits).Draw(t, "digits")
	s := rapid.StringMatching(fmt.Sprintf(`[0-9]{%d}`, n)).Draw(t, "number")
	s = strings.TrimLeft(s, "0")
	if len(s) <= scale {
		s = strings.Repeat("0", scale+1-len(s)) + s
	}
	if rapid.Bool().Draw(t, "negative") && strings.Trim(s, "0") != "" {
		s = "-" + s
	}
	if scale > 0 {
		s = s[:len(s)-scale] + "." + s[len(s)-scale:]
	}
	return []byte(s)
}

func drawDay(t *rapid.T, from, to time.Time) time.Time {
	days := int(to.Sub(from).Hours() / 24)
	if to.Year()-from.Year() > 200 { // longer than a Duration
		days = (to.Year() - from.Year()) * 365
	}
	return from.AddDate(0, 0, rapid.IntRange(0, days).Draw(t, "day"))
}

var firstDay, lastDay = at(1, 1, 1, 0, 0, 0, 0), at(9999, 12, 31, 0, 0, 0, 0)

// drawTime draws a time of day with scale digits, its last one included.
func drawTime(t *rapid.T, scale int) time.Duration {
	step := time.Duration(math.Pow10(9 - scale))
	last := int64(24*time.Hour/step) - 1
	n := rapid.OneOf(rapid.Int64Range(0, last), rapid.SampledFrom([]int64{0, last})).Draw(t, "time")
	return time.Duration(n) * step
}

// drawValue draws what the driver could deliver for the column.
func drawValue(t *rapid.T, c migration.Column) any {
	if c.Nullable && rapid.IntRange(0, 4).Draw(t, "null") == 0 {
		return nil
	}
	switch c.Type {
	case "bit":
		return rapid.Bool().Draw(t, "v")
	case "tinyint":
		return rapid.Int64Range(0, 255).Draw(t, "v")
	case "smallint":
		return rapid.Int64Range(math.MinInt16, math.MaxInt16).Draw(t, "v")
	case "int":
		return rapid.Int64Range(math.MinInt32, math.MaxInt32).Draw(t, "v")
	case "bigint":
		return rapid.Int64().Draw(t, "v")
	case "real":
		return float64(rapid.Float32().Draw(t, "v"))
	case "float":
		return rapid.Float64().Draw(t, "v")
	case "money":
		return drawDigits(t, 18, 4)
	case "smallmoney":
		return drawDigits(t, 9, 4)
	case "decimal", "numeric":
		return drawDigits(t, int(c.Precision), int(c.Scale))
	case "uniqueidentifier":
		return rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "v")
	case "timestamp":
		return rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "v")
	case "binary", "varbinary":
		return rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "v")
	case "image":
		return rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "v")
	}
	return drawMoment(t, c)
}

func drawMoment(t *rapid.T, c migration.Column) any {
	switch c.Type {
	case "date":
		return drawDay(t, firstDay, lastDay)
	case "time":
		return firstDay.Add(drawTime(t, int(c.Scale)))
	case "datetime2":
		return drawDay(t, firstDay, lastDay).Add(drawTime(t, int(c.Scale)))
	case "datetimeoffset":
		minutes := rapid.IntRange(-14*60, 14*60).Draw(t, "offset")
		return drawDay(t, firstDay, lastDay).Add(drawTime(t, int(c.Scale))).In(time.FixedZone("", minutes*60))
	case "smalldatetime":
		return drawDay(t, at(1900, 1, 1, 0, 0, 0, 0), at(2079, 6, 6, 0, 0, 0, 0)).
			Add(time.Duration(rapid.IntRange(0, 1439).Draw(t, "minute")) * time.Minute)
	case "datetime":
		tick := rapid.IntRange(0, 299).Draw(t, "tick")
		millis := int(float64(tick)/0.3 + 0.5) // as the driver rounds
		return drawDay(t, at(1753, 1, 1, 0, 0, 0, 0), lastDay).
			Add(time.Duration(rapid.IntRange(0, 86399).Draw(t, "second"))*time.Second + time.Duration(millis)*time.Millisecond)
	}
	if c.MaxLength > 0 && c.Type != "text" && c.Type != "ntext" {
		return rapid.StringN(0, 4, 10).Draw(t, "v")
	}
	return rapid.String().Draw(t, "v")
}

// TestEveryValueComesBack encodes rows of drawn columns and reads them with the
// decoder, which was written apart.
func TestEveryValueComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := &migration.Table{Schema: "s", Name: "t"}
		for range rapid.IntRange(1, 5).Draw(t, "columns") {
			table.Columns = append(table.Columns, drawColumn(t))
		}
		var rows [][]any
		for range rapid.IntRange(1, 4).Draw(t, "rows") {
			var row []any
			for _, c := range table.Columns {
				row = append(row, drawValue(t, c))
			}
			rows = append(rows, row)
		}
		raw, err := encodeRows(table.Columns, rows...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeRows(raw, decodedColumns(table.Columns))
		if err != nil || len(got) != len(rows) {
			t.Fatalf("%d rows of %d came back, %v", len(got), len(rows), err)
		}
		for i := range rows {
			for k, c := range table.Columns {
				if !sameValue(got[i][k], rows[i][k]) {
					t.Fatalf("%s(%d,%d): %v came back as %v", c.Type, c.Precision, c.Scale, rows[i][k], got[i][k])
				}
			}
		}
	})
}

// TestLargeCells goes through the paths that do not use the scratch buffer.
func TestLargeCells(t *testing.T) {
	cols := []migration.Column{{Name: "a", Type: "nvarchar", MaxLength: -1}, {Name: "b", Type: "varbinary", MaxLength: -1}, {Name: "c", Type: "int"}}
	var rows [][]any
	for _, n := range []int{0, 1, scratchSize - 1, scratchSize, scratchSize + 1, 3*scratchSize + 7} {
		rows = append(rows, []any{strings.Repeat("aé😀", n/7), bytes.Repeat([]byte{1, 2, 3}, n/3), int64(n)})
	}
	raw, err := encodeRows(cols, rows...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeRows(raw, decodedColumns(cols))
	if err != nil {
		t.Fatal(err)
	}
	compareRows(t, &migration.Table{Columns: cols}, got, rows)
}

// TestStreamedCells: a cell that arrives in pieces gives the bytes of one that
// arrives whole, and one that is not as long as it said ends the part.
func TestStreamedCells(t *testing.T) {
	cols := []migration.Column{{Name: "a", Type: "nvarchar", MaxLength: -1}, {Name: "b", Type: "varbinary", MaxLength: -1}, {Name: "c", Type: "int"}}
	text, blob := strings.Repeat("aé😀", 30000), bytes.Repeat([]byte{1, 2, 3}, 50000)
	want, err := encodeRows(cols, []any{text, blob, int64(7)})
	if err != nil {
		t.Fatal(err)
	}
	cell := func(b []byte, size int64) *migration.Large {
		return &migration.Large{Size: size, Read: func(yield func([]byte) error) error {
			for len(b) > 0 {
				n := min(len(b), 7001)
				if err := yield(b[:n]); err != nil {
					return err
				}
				b = b[n:]
			}
			return nil
		}}
	}
	var units []byte
	for _, u := range utf16.Encode([]rune(text)) {
		units = append(units, byte(u), byte(u>>8))
	}
	got, err := encodeRows(cols, []any{cell(units, int64(len(units))), cell(blob, int64(len(blob))), int64(7)})
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, want %d, %v", len(got), len(want), err)
	}
	for _, size := range []int64{0, int64(len(blob)) - 1, int64(len(blob)) + 1, 1 << 40} {
		if _, err := encodeRows(cols, []any{text, cell(blob, size), int64(7)}); err == nil {
			t.Errorf("%d bytes were taken for %d", len(blob), size)
		}
	}
	if _, err := encodeRows([]migration.Column{{Name: "a", Type: "varbinary", MaxLength: 50}}, []any{cell(nil, 0)}); err == nil {
		t.Error("a column without max took a large cell")
	}
}
