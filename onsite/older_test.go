package onsite_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/onsite/sample"
	"omt/onsite/sample/mssql"
)

// old makes a store with a catalogue that an older version has, and no rows
// but that of the owner.
func old(t *testing.T, keep func(*migration.Catalog), change ...func(*mssql.Options)) server {
	t.Helper()
	c, err := sample.Schema()
	if err != nil {
		t.Fatal(err)
	}
	keep(c)
	if t := c.Find("CRM7", "company"); t != nil {
		for i := range t.Columns {
			t.Columns[i].Nullable = t.Columns[i].Name != "company_id"
		}
	}
	s := newServer(t, nil)
	store, err := mssql.Create(t.Context(), filepath.Join(t.TempDir(), "old.db"), c)
	if err != nil {
		t.Fatal(err)
	}
	if c.Find("CRM7", "company") != nil {
		if err := store.Exec(t.Context(), "INSERT INTO CRM7.company (company_id, version, revision, ownerContactName, serialNo) VALUES (1, 71, 1, 'Old', '12')"); err != nil {
			t.Fatal(err)
		}
	}
	s.old = store
	cert, _ := certificate()
	s.store = store
	o := mssql.Options{Login: s.in.DBLogin, Password: s.in.DBPassword, Cert: cert}
	for _, c := range change {
		c(&o)
	}
	s.srv = mssql.NewServer(store, o)
	ctx, cancel := context.WithCancel(context.Background())
	p := &pipes{srv: s.srv, ctx: ctx}
	t.Cleanup(func() {
		cancel()
		p.conns.Wait()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	s.options.Dialer = p
	return s
}

// exec changes rows underneath the server.
func (s server) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if err := s.store.Exec(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// known are the tables that the source itself reads; the others cost time here.
var known = strings.Fields("company associate person contact usergroup perspos role userrolelink document appointment doctmpl attachment config " +
	"traveltransactionlog favourite quoteversion outgoing_message")

func drop(c *migration.Catalog, names ...string) {
	c.Tables = slices.DeleteFunc(c.Tables, func(t *migration.Table) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, t.Name) })
	})
}

func TestOlderVersions(t *testing.T) {
	gone := []string{"databasemodel", "attachment_location", "ProductVersion"}
	for _, v := range []struct{ without, version string }{
		{"", "8.0"}, {"favourite", "7.5"}, {"quoteversion", "7.1"}, {"outgoing_message", "older than 7.1"},
	} {
		gone = append(gone, v.without)
		s := old(t, func(c *migration.Catalog) {
			c.Modules = nil
			c.Tables = slices.DeleteFunc(c.Tables, func(t *migration.Table) bool {
				return t.Schema != "CRM7" || !slices.Contains(known, strings.ToLower(t.Name))
			})
			drop(c, gone...)
			for _, table := range c.Tables {
				table.Columns = slices.DeleteFunc(table.Columns, func(x migration.Column) bool {
					return x.Name == "loadTemplateFromPlugin" || x.Name == "attachment_location_id"
				})
			}
		})
		in := s.connect(t)
		id, err := in.Identity(t.Context())
		if err != nil || id.Version != v.version || id.Company != "Old" {
			t.Errorf("%s: %+v %v", v.version, id, err)
		}
		for _, kind := range migration.ItemKinds() {
			if err := in.Items(t.Context(), kind, func(migration.Item) error { return nil }); err != nil {
				t.Errorf("%s, %s: %v", v.version, kind, err)
			}
		}
	}
}

// TestAliasType: a column of a type that a user made has the type behind it.
func TestAliasType(t *testing.T) {
	_, s, _ := small(t)
	s.exec(t, `INSERT INTO CRM7."sys.types" VALUES ('udt_name', 231, 300, 1, 40, 0, 0, NULL, 1, 1, 0)`)
	s.exec(t, `UPDATE CRM7."sys.columns" SET user_type_id = 300 WHERE name = 'name' AND object_id = (SELECT object_id FROM CRM7."sys.tables" WHERE lower(name) = 'role')`)
	c, err := s.connect(t).Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(s.store.Catalog().Find("CRM7", "Role").Columns)
	want[1].AliasSchema, want[1].Alias = "dbo", "udt_name"
	if got := c.Find("CRM7", "Role"); !reflect.DeepEqual(got.Columns, want) {
		t.Errorf("\n got %v\nwant %v", got.Columns, want)
	}
}

func TestOddIndexes(t *testing.T) {
	_, s, _ := small(t)
	table := s.store.Catalog().Find("CRM7", "associate")
	of := ` WHERE object_id = (SELECT object_id FROM CRM7."sys.tables" WHERE lower(name) = 'associate') AND `
	if len(table.Indexes) < 4 {
		t.Fatalf("%v", table.Indexes)
	}
	s.exec(t, `UPDATE CRM7."sys.indexes" SET has_filter = 1, filter_definition = '([type]=(0))'`+of+"name = ?", table.Indexes[1].Name)
	s.exec(t, `UPDATE CRM7."sys.indexes" SET is_disabled = 1`+of+"name = ?", table.Indexes[2].Name)
	s.exec(t, `INSERT INTO CRM7."sys.index_columns" SELECT object_id, index_id, 9, 2, 0, 1, 0, 0 FROM CRM7."sys.indexes"`+of+"name = ?", table.Indexes[3].Name)
	c, err := s.connect(t).Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Delete(slices.Clone(table.Indexes), 2, 3)
	want[1].Filter = "([type]=(0))"
	got := c.Find("CRM7", "associate").Indexes
	if !slices.EqualFunc(got, want, func(a, b migration.Index) bool { return reflect.DeepEqual(a, b) }) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
	s.exec(t, `UPDATE CRM7."sys.indexes" SET is_disabled = 1`+of+"type = 1")
	if _, err := s.connect(t).Catalog(t.Context()); migration.HintOf(err).ID != "hint.sql.disabled" || !strings.Contains(strings.ToLower(err.Error()), "crm7.associate") {
		t.Errorf("disabled clustered index: %v", err)
	}
}

func TestEmptyCatalogue(t *testing.T) {
	in := old(t, func(c *migration.Catalog) { c.Tables, c.Modules = nil, nil }).connect(t)
	if _, err := in.Catalog(t.Context()); !errors.Is(err, migration.ErrForbidden) || migration.HintOf(err).ID != "hint.sql.empty" {
		t.Errorf("%v", err)
	}
}
