package onsite_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"omt/migration"
)

// whole puts the pieces of a large value together and reads it as its column.
func whole(t *testing.T, c migration.Column, l *migration.Large) any {
	t.Helper()
	var b []byte
	pieces := 0
	if err := l.Read(func(p []byte) error {
		pieces++
		b = append(b, p...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if int64(len(b)) != l.Size || pieces < 2 {
		t.Errorf("%s: %d bytes in %d pieces, said were %d", c.Name, len(b), pieces, l.Size)
	}
	if c.Type == "varbinary" {
		return string(b)
	}
	var u []uint16
	for i := 0; i+1 < len(b); i += 2 {
		u = append(u, uint16(b[i])|uint16(b[i+1])<<8)
	}
	return string(utf16.Decode(u))
}

// TestLargeCells: what is read in slices is what is read at once.
func TestLargeCells(t *testing.T) {
	s := newServer(t, nil)
	plain := s.connect(t)
	s.options.LargeCell = 1001 // odd: slices end within characters
	sliced := s.connect(t)
	c, err := plain.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := c.Find("partner", "EveryType")
	table.DataBytes = 0
	a, err := plain.Rows(t.Context(), table, migration.Range{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := sliced.Rows(t.Context(), table, migration.Range{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	large, kinds := 0, map[string]bool{}
	for {
		want, err := a.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Next(t.Context())
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d values of %d, %v", len(got), len(want), err)
		}
		for i, col := range table.Data() {
			l, ok := got[i].(*migration.Large)
			if !ok {
				if sizeOf(want[i]) > 2002 && col.MaxLength == -1 && col.Type != "xml" {
					t.Errorf("%s: a value of %d bytes was held", col.Name, sizeOf(want[i]))
				}
				continue
			}
			large++
			kinds[col.Type] = true
			v := want[i]
			if bytes, ok := v.([]byte); ok {
				v = string(bytes)
			}
			if whole(t, col, l) != v {
				t.Errorf("%s: another value in slices", col.Name)
			}
		}
	}
	if _, err := b.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("behind the last row: %v", err)
	}
	if large < 6 || len(kinds) != 3 {
		t.Errorf("%d large values of %v", large, kinds)
	}
}

func sizeOf(v any) int {
	switch x := v.(type) {
	case string:
		return len(x)
	case []byte:
		return len(x)
	}
	return 0
}

// TestLargeCellChanged: a value that becomes shorter while it is read is an
// error, and the range is read again.
func TestLargeCellChanged(t *testing.T) {
	s := old(t, func(c *migration.Catalog) {
		c.Modules = nil
		c.Tables = slices.DeleteFunc(c.Tables, func(t *migration.Table) bool {
			return t.Schema != "CRM7" || t.Name != "company" && t.Name != "text"
		})
		for _, table := range c.Tables {
			for i := range table.Columns {
				table.Columns[i].Nullable = i > 0
			}
		}
	})
	long := strings.Repeat("0123456789", 20)
	s.exec(t, "INSERT INTO CRM7.text (text_id, text) VALUES (987654, ?)", long)
	s.options.LargeCell = 64
	in := s.connect(t)
	c, err := in.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := c.Find("CRM7", "text")
	table.DataBytes = 0
	at := int64(987653)
	rows, err := in.Rows(t.Context(), table, migration.Range{Lo: &at})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got, err := rows.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, col := range table.Data() {
		if col.Name != "text" {
			continue
		}
		cell, ok := got[i].(*migration.Large)
		if !ok {
			t.Fatalf("value is %T", got[i])
		}
		s.exec(t, "UPDATE CRM7.text SET text = 'short' WHERE text_id = 987654")
		if err := cell.Read(func([]byte) error { return nil }); err == nil || migration.HintOf(err).ID == "hint.sql.changed" {
			t.Errorf("changed value: %v", err)
		}
		stop := errors.New("stop")
		s.exec(t, "UPDATE CRM7.text SET text = ? WHERE text_id = 987654", long)
		if err := cell.Read(func([]byte) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("stopped: %v", err)
		}
	}
}
