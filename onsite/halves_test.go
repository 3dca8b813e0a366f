package onsite_test

import (
	"slices"
	"testing"

	"omt/migration"
)

// TestHalfPairs: text that was cut in the middle of an emoji arrives as it is,
// and so does the character by which the driver replaces such a half.
func TestHalfPairs(t *testing.T) {
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
	texts := []string{"cut \xed\xa0\xbd", "\xed\xb8\x80 begins", "by right: \ufffd", "both: \ufffd\xed\xa0\xbd\ufffd", "whole: 😀"}
	for i, text := range texts {
		s.exec(t, "INSERT INTO CRM7.text (text_id, text) VALUES (?, ?)", 987654+i, text)
	}
	in := s.connect(t)
	c, err := in.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := c.Find("CRM7", "text")
	at := int64(987653)
	rows, err := in.Rows(t.Context(), table, migration.Range{Lo: &at})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	column := slices.IndexFunc(table.Data(), func(c migration.Column) bool { return c.Name == "text" })
	for _, want := range texts {
		row, err := rows.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if row[column] != want {
			t.Errorf("%q arrived as %q", want, row[column])
		}
	}
}
