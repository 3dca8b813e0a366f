package onsite_test

import (
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite"
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
	// What writes names its columns like what reads.
	names := map[string]string{} // as the catalogue spells them, by table and column
	for _, table := range []string{"sequence", "systemevent"} {
		for _, column := range c.Find("CRM7", strings.ToUpper(table)).Columns {
			names[table+"."+strings.ToLower(column.Name)] = column.Name
		}
	}
	s.exec(t, "INSERT INTO CRM7.SEQUENCE (["+names["sequence.id"]+"], ["+names["sequence.next_id"]+"], ["+names["sequence.tablename"]+"]) VALUES (7, 41, 'SystemEvent')")
	f := onsite.NewFreezer(in)
	r := migration.FreezeRequest{EventKey: "key", EventText: "moving", Associate: 1, At: time.Unix(1_800_000_000, 0)}
	if err := f.CanFreeze(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	rec, err := f.Prepare(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Freeze(t.Context(), rec, r); err != nil {
		t.Fatal(err)
	}
	if held, err := f.Held(t.Context(), rec); err != nil || !held.Event {
		t.Errorf("frozen: %+v, %v", held, err)
	}
	if _, err := f.Thaw(t.Context(), rec); err != nil {
		t.Error(err)
	}
	if held, err := f.Held(t.Context(), rec); err != nil || held.Event {
		t.Errorf("thawed: %+v, %v", held, err)
	}
}
