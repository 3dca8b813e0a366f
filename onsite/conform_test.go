package onsite_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite"
	"omt/upload/bacpac"
	"omt/upload/bacpac/decode"
)

// TestConformance is one suite for every database server: it makes a database
// of edge cases, reads it as a migration does, packs it and compares what is in
// the package with what was put in.
func TestConformance(t *testing.T) {
	t.Run("stand-in", func(t *testing.T) { conform(t, &standIn{}) })
	t.Run("SQL Server", func(t *testing.T) {
		address := os.Getenv("OMT_TEST_SQLSERVER")
		if address == "" {
			t.Skip("not run against SQL Server")
		}
		s := newSQLServer(t, address)
		conform(t, s)
		t.Run("refused", s.refused)
	})
}

func conform(t *testing.T, s conformServer) {
	w := conformWorld()
	s.Load(t, w)
	if t.Failed() {
		t.FailNow()
	}
	in := s.Connect(t)
	c, err := in.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Run("catalogue", func(t *testing.T) { conformCatalog(t, w, c) })
	t.Run("package", func(t *testing.T) { conformPackage(t, w, in, c) })
	t.Run("ranges", func(t *testing.T) { conformRanges(t, w, in, c) })
	t.Run("large", func(t *testing.T) { conformLargeCells(t, in, c) })
	t.Run("aligned", func(t *testing.T) { conformAligned(t, s) })
	t.Run("denied", func(t *testing.T) {
		s.Deny(t, "types", "Empty")
		_, err := s.Connect(t).Catalog(t.Context())
		if !errors.Is(err, migration.ErrForbidden) || !strings.Contains(fmt.Sprint(err), "types.Empty") {
			t.Errorf("a table that may not be read: %v", err)
		}
	})
}

// plain leaves out of a table what differs between servers that hold the same:
// sizes, and the names that a server makes.
func plain(t *migration.Table) migration.Table {
	out := *t
	out.Rows, out.DataBytes = 0, 0
	out.Columns = slices.Clone(t.Columns)
	for i := range out.Columns {
		if d := &out.Columns[i].Default; d.System {
			d.Name = ""
		}
	}
	return out
}

func conformCatalog(t *testing.T, w world, c *migration.Catalog) {
	want := w.catalog
	if c.Database != want.Database || c.Schema != want.Schema || c.Collation != want.Collation || c.LCID != want.LCID || c.ServerVersion == "" {
		t.Errorf("database %s, schema %s, collation %s %d, version %q", c.Database, c.Schema, c.Collation, c.LCID, c.ServerVersion)
	}
	if len(c.Tables) != len(want.Tables) {
		t.Errorf("%d tables, want %d", len(c.Tables), len(want.Tables))
	}
	if !reflect.DeepEqual(c.Types, want.Types) || !reflect.DeepEqual(c.Sequences, want.Sequences) || !reflect.DeepEqual(c.Modules, want.Modules) {
		t.Errorf("\n got %+v %+v %+v\nwant %+v %+v %+v", c.Types, c.Sequences, c.Modules, want.Types, want.Sequences, want.Modules)
	}
	for _, x := range want.Tables {
		got := c.Find(x.Schema, x.Name)
		if got == nil {
			t.Errorf("%s is not in the catalogue", x.FullName())
			continue
		}
		if a, b := plain(got), plain(x); !reflect.DeepEqual(a, b) {
			t.Errorf("%s\n got %+v\nwant %+v", x.FullName(), a, b)
		}
		if n := int64(len(w.rows[x.FullName()])); got.Rows != n {
			t.Errorf("%s: the catalogue counts %d rows of %d", x.FullName(), got.Rows, n)
		}
	}
	if refs := uncarriable(c); len(refs) != 0 {
		t.Errorf("cannot be carried: %v", refs)
	}
}

func uncarriable(c *migration.Catalog) []migration.ColumnRef { return bacpac.New().Uncarriable(c) }

// pack writes a package of the whole database, a part a range.
func pack(t *testing.T, in *onsite.Installation, c *migration.Catalog) []byte {
	t.Helper()
	p := bacpac.New()
	var out []byte
	var all, parts []migration.MemberInfo
	add := func(list []migration.Member, err error) {
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			m.Offset = int64(len(out))
			out, all = append(out, m.Data...), append(all, m.MemberInfo)
		}
	}
	add(p.Leading(c))
	var total int64
	for _, table := range c.Tables {
		ranges, err := in.Bounds(t.Context(), table, 3)
		if err != nil {
			t.Fatal(err)
		}
		for n, r := range ranges {
			m := packPart(t, in, p, table, n, r)
			if m.Rows == 0 {
				continue
			}
			add([]migration.Member{m}, nil)
			parts = append(parts, all[len(all)-1])
			total += m.Rows
		}
	}
	at := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	add(p.Trailing(c, parts, migration.PackageStats{Started: at, Finished: at, Tool: "omt", ID: "b3e0a9f4-52f4-4a6c-8f2e-3f1d2c9b0a11", Rows: total}))
	dir, err := p.Directory(all, int64(len(out)))
	if err != nil {
		t.Fatal(err)
	}
	return append(out, dir...)
}

func packPart(t *testing.T, in *onsite.Installation, p *bacpac.Writer, table *migration.Table, n int, r migration.Range) migration.Member {
	t.Helper()
	enc, err := p.Part(table, n)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := in.Rows(t.Context(), table, r)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for {
		row, err := rows.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := enc.Row(row); err != nil {
			t.Fatal(err)
		}
	}
	m, err := enc.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// written is a value as text that differs wherever the value does, whichever of
// its Go types it has. kind is the type of the column.
func written(kind string, v any) string {
	switch x := v.(type) {
	case nil:
		return "NULL"
	case []byte:
		switch kind {
		case "decimal", "numeric", "money", "smallmoney":
			return string(x)
		}
		return "0x" + hex.EncodeToString(x)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case time.Time:
		if kind == "datetimeoffset" {
			return x.Format("2006-01-02T15:04:05.000000000-07:00")
		}
		return x.UTC().Format("2006-01-02T15:04:05.000000000")
	case string:
		if kind == "decimal" || kind == "numeric" || strings.HasSuffix(kind, "money") {
			return x
		}
		return strconv.Quote(x)
	}
	return fmt.Sprint(v)
}

func conformPackage(t *testing.T, w world, in *onsite.Installation, c *migration.Catalog) {
	data := pack(t, in, c)
	p, err := decode.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Check(t.Context(), 1<<26); err != nil {
		t.Error(err)
	}
	got := map[string][][]any{}
	for _, part := range p.Parts {
		_, err := p.Decode(t.Context(), part, 1<<26, func(row []any) error {
			name := part.Table.FullName()
			got[name] = append(got[name], slices.Clone(row))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(p.Tables) != len(w.catalog.Tables) {
		t.Errorf("%d tables in the model, want %d", len(p.Tables), len(w.catalog.Tables))
	}
	for _, table := range w.catalog.Tables {
		compareRows(t, table, got[table.FullName()], w.rows[table.FullName()])
	}
}

// compareRows compares value by value. A heap has no order, and rows whose keys
// are equal may come in any, so both sides are put into one.
func compareRows(t *testing.T, table *migration.Table, got, want [][]any) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows in the package, want %d", table.FullName(), len(got), len(want))
		return
	}
	columns := table.Data()
	a, b := textRows(t, columns, got), textRows(t, columns, want)
	for i := range a {
		for k, c := range columns {
			if a[i][k] != b[i][k] {
				t.Errorf("%s.%s, row %s: %.120s, want %.120s", table.FullName(), c.Name, b[i][0], a[i][k], b[i][k])
			}
		}
	}
}

func textRows(t *testing.T, columns []migration.Column, rows [][]any) [][]string {
	t.Helper()
	var out [][]string
	for _, row := range rows {
		list := make([]string, len(columns))
		for k, c := range columns {
			if c.Type == "timestamp" {
				// Given by the server: only that there is one can be known.
				if v, ok := row[k].([]byte); !ok || len(v) != 8 {
					t.Errorf("%s is %v", c.Name, row[k])
				}
				continue
			}
			list[k] = written(c.Type, row[k])
		}
		out = append(out, list)
	}
	slices.SortFunc(out, slices.Compare[[]string])
	return out
}

// conformRanges: whatever the key, the ranges together are the table, each row
// once.
func conformRanges(t *testing.T, w world, in *onsite.Installation, c *migration.Catalog) {
	cut := 0
	for _, x := range w.catalog.Tables {
		if !slices.Contains(w.keyed, x.FullName()) {
			continue
		}
		table := c.Find(x.Schema, x.Name)
		whole, err := read(t, in, table, migration.Range{})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(whole)
		for _, size := range []int64{7, 50, 500} {
			ranges, err := in.Bounds(t.Context(), table, size)
			if err != nil {
				t.Fatal(err)
			}
			var together []string
			for _, r := range ranges {
				part, err := read(t, in, table, r)
				if err != nil {
					t.Fatal(err)
				}
				together = append(together, part...)
			}
			slices.Sort(together)
			if !slices.Equal(together, whole) {
				t.Errorf("%s by %d rows: %d ranges with %d rows are not the table", x.FullName(), size, len(ranges), len(together))
			}
			if size == 7 && len(ranges) > 1 {
				cut++
			}
		}
	}
	if cut != len(w.keyed) {
		t.Errorf("%d tables of %d were cut", cut, len(w.keyed))
	}
}

// conformLargeCells: what is above the limit is not held in memory.
func conformLargeCells(t *testing.T, in *onsite.Installation, c *migration.Catalog) {
	rows, err := in.Rows(t.Context(), c.Find("types", "Large"), migration.Range{})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	large := 0
	for {
		row, err := rows.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range row {
			if _, ok := v.(*migration.Large); ok {
				large++
			}
		}
	}
	if large != 10 {
		t.Errorf("%d cells were read in slices, want the 5 of each of 2 rows", large)
	}
}
