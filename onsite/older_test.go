package onsite_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/onsite/sample"
	"omt/onsite/sample/mssql"
)

// old makes a store with a catalogue that an older version has, and no rows
// but that of the owner.
func old(t *testing.T, keep func(*migration.Catalog)) server {
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
	s.srv = mssql.NewServer(store, mssql.Options{Login: s.in.DBLogin, Password: s.in.DBPassword, Cert: cert})
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

func TestEmptyCatalogue(t *testing.T) {
	in := old(t, func(c *migration.Catalog) { c.Tables, c.Modules = nil, nil }).connect(t)
	if _, err := in.Catalog(t.Context()); !errors.Is(err, migration.ErrForbidden) || migration.HintOf(err).ID != "hint.sql.empty" {
		t.Errorf("%v", err)
	}
}
