package onsite_test

import (
	"strings"
	"testing"

	"omt/migration"
)

// TestCaseSensitiveDatabase: where names tell upper from lower case, every
// statement must name tables and columns as the catalogue spells them.
func TestCaseSensitiveDatabase(t *testing.T) {
	s := old(t, func(c *migration.Catalog) {
		c.Collation = "Latin1_General_CS_AS"
		c.Modules, c.Sequences, c.Types = nil, nil, nil
		for i, table := range c.Tables {
			if table.Schema != "CRM7" {
				continue
			}
			table.Name = strings.ToUpper(table.Name)
			for k := range table.Columns {
				name := table.Columns[k].Name
				spelled := strings.ToUpper(name)
				if (i+k)%2 == 0 {
					spelled = strings.ToLower(name)
				}
				table.Columns[k].Name = spelled
				for x := range table.Indexes {
					for y := range table.Indexes[x].Columns {
						if col := &table.Indexes[x].Columns[y]; strings.EqualFold(col.Name, name) {
							col.Name = spelled
						}
					}
				}
			}
		}
	})
	s.settings.Schema = "crm7"
	in := s.connect(t)
	if id, err := in.Identity(t.Context()); err != nil || id.Company != "Old" {
		t.Errorf("%+v %v", id, err)
	}
	c, err := in.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range c.Tables {
		if _, err := read(t, in, table, migration.Range{}); err != nil {
			t.Errorf("%s: %v", table.FullName(), err)
		}
	}
	if _, err := in.Users(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := in.Proof(t.Context()); err != nil {
		t.Error(err)
	}
	for _, kind := range migration.ItemKinds() {
		if err := in.Items(t.Context(), kind, func(migration.Item) error { return nil }); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	facts(t, in)
}
