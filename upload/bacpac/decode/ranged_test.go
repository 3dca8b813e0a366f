package decode

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestRanged: whatever is asked for, in whatever order, is what lies there.
func TestRanged(t *testing.T) {
	data := make([]byte, 2*window+12345)
	for i := range data {
		data[i] = byte(i * 7 / 3)
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{0, 1, window - 1, window, window + 1, len(data)}).Draw(t, "size")
		asked := 0
		r := NewRanged(int64(size), func(at, n int64) (io.ReadCloser, error) {
			if at < 0 || n <= 0 || at+n > int64(size) || n > window {
				t.Fatalf("asked for %d at %d of %d", n, at, size)
			}
			asked++
			return io.NopCloser(bytes.NewReader(data[at : at+n])), nil
		})
		for range 4 {
			at := rapid.IntRange(0, size+10).Draw(t, "at")
			p := make([]byte, rapid.SampledFrom([]int{0, 1, 30, 70000, window + 5}).Draw(t, "length"))
			n, err := r.ReadAt(p, int64(at))
			want := data[min(at, size):min(at+len(p), size)]
			if !bytes.Equal(p[:n], want) || (err != nil) != (n < len(p)) || err != nil && !errors.Is(err, io.EOF) {
				t.Fatalf("%d bytes at %d of %d: %d, %v", len(p), at, size, n, err)
			}
		}
		if asked > 4*3 {
			t.Fatalf("%d requests", asked)
		}
	})
}

func TestRangedFails(t *testing.T) {
	gone := errors.New("gone")
	fail := true
	r := NewRanged(10, func(at, n int64) (io.ReadCloser, error) {
		if fail {
			return nil, gone
		}
		return io.NopCloser(strings.NewReader("short")), nil
	})
	if _, err := r.ReadAt(make([]byte, 3), 0); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
	fail = false
	if _, err := r.ReadAt(make([]byte, 3), 0); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a short range gives %v", err)
	}
	if _, err := r.ReadAt(make([]byte, 3), -1); err == nil {
		t.Error("read before the start")
	}
}

// TestCheck reads a package by ranges, whole, with a part cut in a row, with a
// bit flipped, and with a row too few stated.
func TestCheck(t *testing.T) {
	check := func(change func(map[string]string), damage func([]byte)) (map[string]int64, error) {
		b, err := io.ReadAll(small(t, change))
		if err != nil {
			t.Fatal(err)
		}
		damage(b)
		p, err := Open(NewRanged(int64(len(b)), func(at, n int64) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(b[at : at+n])), nil
		}), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		return p.Check(context.Background(), 100)
	}
	same, whole := func(map[string]string) {}, func([]byte) {}
	counts, err := check(same, whole)
	if err != nil || len(counts) != 1 || counts["dbo.t"] != 2 {
		t.Errorf("%v %v", counts, err)
	}
	var in *Error
	if _, err := check(func(m map[string]string) { m[smallPart] += "\x01" }, whole); !errors.As(err, &in) || in.Row != 2 || !strings.Contains(err.Error(), "dbo.t") {
		t.Errorf("cut row: %v", err)
	}
	if _, err := check(func(m map[string]string) { m[smallPart] += "\x01\x00\x00\x00" }, whole); !errors.Is(err, ErrRows) {
		t.Errorf("one row more: %v", err)
	}
	flip := func(b []byte) {
		at := bytes.Index(b, []byte(smallPart)) + len(smallPart)
		b[at+3] ^= 8
	}
	if _, err := check(same, flip); err == nil || !strings.Contains(err.Error(), "dbo.t") {
		t.Errorf("flipped bit: %v", err)
	}
}

const aliasModel = `<DataSchemaModel FileFormatVersion="1.2"><Model>
<Element Type="SqlTable" Name="[dbo].[t]"><Relationship Name="Columns"><Entry><Element Type="SqlSimpleColumn" Name="[dbo].[t].[n]"><Relationship Name="TypeSpecifier"><Entry>
<Element Type="SqlTypeSpecifier"><Relationship Name="Type"><Entry><References Name="[dbo].[Name]" /></Entry></Relationship></Element></Entry></Relationship></Element></Entry></Relationship></Element>
<Element Type="SqlUserDefinedDataType" Name="[dbo].[Name]"><Property Name="Length" Value="30" /><Relationship Name="Type"><Entry><References ExternalSource="BuiltIns" Name="[nvarchar]" /></Entry></Relationship></Element>
</Model></DataSchemaModel>`

func TestAliasType(t *testing.T) {
	tables, err := Model(strings.NewReader(aliasModel))
	if err != nil {
		t.Fatal(err)
	}
	if c := tables[0].Columns[0]; c.Type != "nvarchar" || c.Length != 30 || !c.Nullable {
		t.Errorf("column is %+v", c)
	}
	for _, bad := range []string{
		strings.Replace(aliasModel, `Name="[dbo].[Name]"><Property`, `Name="[dbo].[Other]"><Property`, 1),
		strings.Replace(aliasModel, `Name="[nvarchar]"`, `Name="[dbo].[Name]"`, 1),
		strings.Replace(aliasModel, `Name="[dbo].[Name]" />`, `Name="[a].[b].[c]" />`, 1),
	} {
		if _, err := Model(strings.NewReader(bad)); err == nil {
			t.Errorf("read %s", bad)
		}
	}
}

// FuzzModel: no text may end the reader otherwise than with tables whose rows
// can be read, or an error.
func FuzzModel(f *testing.F) {
	f.Add(smallModel)
	f.Add(aliasModel)
	f.Add(`<a><b><Element Type="SqlTable" Name="[a]]].[b]"/></b></a>`)
	f.Fuzz(func(t *testing.T, text string) {
		tables, err := Model(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, table := range tables {
			if len(table.Columns) == 0 {
				t.Fatal("a table without columns")
			}
			// A type that the format does not hold is told here.
			_, _ = NewRows(strings.NewReader(""), table.Columns, 1)
		}
	})
}
