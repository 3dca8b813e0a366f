package decode

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
)

func one(data string, c Column) ([]any, error) {
	b, err := hex.DecodeString(data)
	if err != nil {
		return nil, err
	}
	r, err := NewRows(bytes.NewReader(b), []Column{{Name: "before", Type: "tinyint"}, c}, 1<<10)
	if err != nil {
		return nil, err
	}
	return r.Next()
}

// TestBadData: each fault is found where it is, with the column's name.
func TestBadData(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		col  Column
	}{
		"cut in a value":         {"01040000", Column{Type: "int", Nullable: true}},
		"cut before a value":     {"01", Column{Type: "int"}},
		"cut in a length":        {"0100", Column{Type: "nvarchar", Length: 5}},
		"cut in a text":          {"0104006100", Column{Type: "nvarchar", Length: 5}},
		"other length":           {"010500000000", Column{Type: "int", Nullable: true}},
		"short decimal":          {"0105050201", Column{Type: "decimal", Precision: 5, Scale: 2}},
		"other precision":        {"011306020100000000000000000000000000000000", Column{Type: "decimal", Precision: 5, Scale: 2}},
		"sign":                   {"011305020200000000000000000000000000000000", Column{Type: "decimal", Precision: 5, Scale: 2}},
		"too many digits":        {"0113050201a0860100000000000000000000000000", Column{Type: "decimal", Precision: 5, Scale: 2}},
		"bit of two":             {"010102", Column{Type: "bit"}},
		"NULL of a bit":          {"01ff", Column{Type: "bit"}},
		"NULL of a text":         {"01ffff", Column{Type: "varchar", Length: 5}},
		"NULL of a max":          {"01ffffffffffffffff", Column{Type: "varchar", Length: -1}},
		"odd text":               {"01030061006200", Column{Type: "nvarchar", Length: 5}},
		"longer than declared":   {"010400610062006300", Column{Type: "nvarchar", Length: 1}},
		"binary above its size":  {"0102000102", Column{Type: "binary", Length: 1}},
		"larger than the limit":  {"010104000000000000", Column{Type: "varbinary", Length: -1}},
		"length of exabytes":     {"01ffffffffffffff7f", Column{Type: "varbinary", Length: -1}},
		"chunked value":          {"01feffffffffffffff", Column{Type: "xml"}},
		"ticks of a datetime":    {"01000000000082 8b01", Column{Type: "datetime"}},
		"datetime before 1753":   {"01452effff00000000", Column{Type: "datetime"}},
		"minutes":                {"010000a005", Column{Type: "smalldatetime"}},
		"date after 9999":        {"01dbb937", Column{Type: "date"}},
		"time of a day":          {"0100c0692ac9", Column{Type: "time"}},
		"offset above 14 hours":  {"0100000000000000004903", Column{Type: "datetimeoffset"}},
		"date in datetimeoffset": {"010000000000dbb9370000", Column{Type: "datetimeoffset"}},
	} {
		c.col.Name = "after"
		_, err := one(strings.ReplaceAll(c.data, " ", ""), c.col)
		var at *Error
		if !errors.As(err, &at) || at.Column != "after" || at.Offset != 1 || at.Row != 0 {
			t.Errorf("%s: %v", name, err)
		}
		if errors.Is(err, io.EOF) {
			t.Errorf("%s: a part that is cut off looks like its end", name)
		}
	}
}

// TestHalfPair: SQL Server cuts text within a character without a word, and what
// is left must not arrive as another character. The bytes are WTF-8.
func TestHalfPair(t *testing.T) {
	for data, want := range map[string]string{
		"0102003dd8":         "\xed\xa0\xbd",
		"01020000de":         "\xed\xb8\x80",
		"01040000de3dd8":     "\xed\xb8\x80\xed\xa0\xbd",
		"0104003dd800de":     "\U0001f600",
		"0106003dd83dd800de": "\xed\xa0\xbd\U0001f600",
	} {
		row, err := one(data, Column{Name: "after", Type: "nvarchar", Length: 5})
		if err != nil || row[1] != want {
			t.Errorf("%s: %q, %v", data, row, err)
		}
	}
}

func TestUnknownType(t *testing.T) {
	for _, kind := range []string{"sql_variant", "hierarchyid", "geometry", "json", ""} {
		if _, err := NewRows(nil, []Column{{Name: "c", Type: kind}}, 10); err == nil || !strings.Contains(err.Error(), "column c") {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestSplitName(t *testing.T) {
	got, err := splitName("[a]]b].[c.d].[]")
	if err != nil || len(got) != 3 || got[0] != "a]b" || got[1] != "c.d" || got[2] != "" {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"", "a", "[a", "[a]b", "[a].", "[a]]"} {
		if got, err := splitName(bad); err == nil {
			t.Errorf("%q gives %q", bad, got)
		}
	}
}

// FuzzRows: no data may end the reader otherwise than with rows or an error,
// and what was read is never more than what was there.
func FuzzRows(f *testing.F) {
	cols := []Column{
		{Name: "a", Type: "int", Nullable: true}, {Name: "b", Type: "bit"}, {Name: "c", Type: "decimal", Precision: 9, Scale: 2, Nullable: true},
		{Name: "d", Type: "nvarchar", Length: 10, Nullable: true}, {Name: "e", Type: "varbinary", Length: -1, Nullable: true},
		{Name: "f", Type: "datetimeoffset", Nullable: true}, {Name: "g", Type: "datetime"}, {Name: "h", Type: "ntext", Nullable: true},
		{Name: "i", Type: "money", Nullable: true}, {Name: "j", Type: "uniqueidentifier", Nullable: true}, {Name: "k", Type: "smalldatetime"},
	}
	f.Add([]byte{}, uint16(0x7ff))
	f.Add([]byte("\x04\x01\x00\x00\x00\x01\x01\xff\x04\x00a\x00b\x00"), uint16(0x00f))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), uint16(0x011))
	f.Add([]byte("\x13\x09\x02\x01\x7b\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), uint16(0x004))
	f.Add([]byte("\xfe\xff\xff\xff\xff\xff\xff\xff"), uint16(0x010))
	f.Add([]byte("\x00\x00\x00\x00\x2c\x01\x00\x00\xff\xff\x9f\x05"), uint16(0x440))
	f.Fuzz(func(t *testing.T, data []byte, which uint16) {
		var chosen []Column
		for i, c := range cols {
			if which&(1<<i) != 0 {
				chosen = append(chosen, c)
			}
		}
		r, err := NewRows(bytes.NewReader(data), chosen, 1<<16)
		if err != nil {
			return
		}
		for {
			values, err := r.Next()
			if r.Offset() > int64(len(data)) {
				t.Fatalf("%d bytes read of %d", r.Offset(), len(data))
			}
			if errors.Is(err, io.EOF) {
				if r.Offset() != int64(len(data)) {
					t.Fatalf("end after %d of %d bytes", r.Offset(), len(data))
				}
				return
			}
			if err != nil {
				return
			}
			if len(values) != len(chosen) {
				t.Fatalf("%d values for %d columns", len(values), len(chosen))
			}
		}
	})
}
