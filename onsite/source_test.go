package onsite_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample"
	"omt/onsite/sample/mssql"
	"omt/onsite/sample/tds"
)

func TestCatalog(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	c, err := in.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := s.store.Catalog()
	if c.Database != want.Database || c.Schema != s.in.Schema || c.Collation != want.Collation || c.LCID != want.LCID || c.SizeKB == 0 {
		t.Errorf("database %s, schema %s, collation %s %d, %d KB", c.Database, c.Schema, c.Collation, c.LCID, c.SizeKB)
	}
	if len(c.Tables) != len(want.Tables) || len(c.Modules) != len(want.Modules) {
		t.Fatalf("%d tables and %d modules, want %d and %d", len(c.Tables), len(c.Modules), len(want.Tables), len(want.Modules))
	}
	sortModules := func(a, b migration.Module) int { return strings.Compare(a.Schema+"."+a.Name, b.Schema+"."+b.Name) }
	for _, m := range [][]migration.Module{c.Modules, want.Modules} {
		slices.SortFunc(m, sortModules)
	}
	if !reflect.DeepEqual(c.Modules, want.Modules) || !reflect.DeepEqual(c.Types, want.Types) || !reflect.DeepEqual(c.Sequences, want.Sequences) {
		t.Errorf("got %v %v %v\nwant %v %v %v", c.Modules, c.Types, c.Sequences, want.Modules, want.Types, want.Sequences)
	}
	for _, w := range want.Tables {
		g := c.Find(w.Schema, w.Name)
		if g == nil || g.FullName() != w.FullName() {
			t.Errorf("%s was found as %v", w.FullName(), g)
			continue
		}
		if !reflect.DeepEqual(g.Columns, w.Columns) {
			t.Errorf("%s columns\n got %v\nwant %v", w.FullName(), g.Columns, w.Columns)
		}
		if len(g.Indexes) != len(w.Indexes) || len(g.Indexes) > 0 && !reflect.DeepEqual(g.Indexes[0], w.Indexes[0]) {
			t.Errorf("%s indexes\n got %v\nwant %v", w.FullName(), g.Indexes, w.Indexes)
		}
		if w.Schema == sample.PartnerSchema && (!reflect.DeepEqual(g.Indexes, w.Indexes) || !reflect.DeepEqual(g.Checks, w.Checks) || !reflect.DeepEqual(g.ForeignKeys, w.ForeignKeys)) {
			t.Errorf("%s\n got %v %v %v\nwant %v %v %v", w.FullName(), g.Indexes, g.Checks, g.ForeignKeys, w.Indexes, w.Checks, w.ForeignKeys)
		}
		if g.Rows != s.in.Expect().Rows[w.FullName()] {
			t.Errorf("%s: %d rows, want %d", w.FullName(), g.Rows, s.in.Expect().Rows[w.FullName()])
		}
	}
}

func read(t *testing.T, in *onsite.Installation, table *migration.Table, r migration.Range) ([]string, error) {
	t.Helper()
	rows, err := in.Rows(t.Context(), table, r)
	if err != nil {
		return nil, err
	}
	var out []string
	for {
		v, err := rows.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return out, rows.Close()
		}
		if err != nil {
			return out, errors.Join(err, rows.Close())
		}
		out = append(out, fmt.Sprintf("%#v", v))
	}
}

func TestRowsOfEveryTable(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	c, err := in.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	for _, table := range c.Tables {
		want := s.in.Expect().Rows[table.FullName()]
		if n, err := in.Count(t.Context(), table); err != nil || n != want {
			t.Errorf("count %s: %d %v, want %d", table.FullName(), n, err, want)
		}
		whole, err := read(t, in, table, migration.Range{})
		if err != nil || int64(len(whole)) != want {
			t.Errorf("%s: %d rows %v, want %d", table.FullName(), len(whole), err, want)
		}
		total += int64(len(whole))
		if want < 20 {
			continue
		}
		ranges, err := in.Bounds(t.Context(), table, want/5)
		if err != nil {
			t.Fatal(err)
		}
		if ix := table.Clustered(); ix != nil && ix.Unique && len(ranges) < 4 {
			t.Errorf("%s was cut into %d ranges", table.FullName(), len(ranges))
		}
		if ranges[0].Lo != nil || ranges[len(ranges)-1].Hi != nil {
			t.Errorf("%s: first and last range are not open", table.FullName())
		}
		var parts []string
		for _, r := range ranges {
			p, err := read(t, in, table, r)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, p...)
		}
		if !slices.Equal(parts, whole) {
			t.Errorf("%s: the ranges together are not the table", table.FullName())
		}
	}
	if total != s.in.Expect().Total {
		t.Errorf("%d rows in all, want %d", total, s.in.Expect().Total)
	}
}

func TestRowsBroken(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	c, err := in.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := c.Find(s.in.Schema, "document")
	for name, fault := range map[string]mssql.Fault{"dropped": {Table: table.FullName(), After: 50}, "deadlock": {Table: table.FullName(), After: 50, Err: mssql.Deadlock()}} {
		s.srv.SetFaults(mssql.Faults{Rules: []mssql.Fault{fault}})
		got, err := read(t, in, table, migration.Range{})
		if err == nil || len(got) > 50 {
			t.Errorf("%s: %d rows, %v", name, len(got), err)
		}
		for _, permanent := range []error{migration.ErrForbidden, migration.ErrCatalogChanged, migration.ErrNotFound, migration.ErrBadCredentials} {
			if errors.Is(err, permanent) {
				t.Errorf("%s looks permanent: %v", name, err)
			}
		}
		if again, err := read(t, in, table, migration.Range{}); err != nil || int64(len(again)) != s.in.Expect().Rows[table.FullName()] {
			t.Errorf("%s, read again: %d rows, %v", name, len(again), err)
		}
	}
	gone := *table
	gone.Name = "documents"
	if _, err := in.Rows(t.Context(), &gone, migration.Range{}); !errors.Is(err, migration.ErrCatalogChanged) {
		t.Errorf("table that is gone: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	rows, err := in.Rows(ctx, table, migration.Range{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rows.Next(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := rows.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: %v", err)
	}
	if err := rows.Close(); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestDeniedTable(t *testing.T) {
	s := newServer(t, func(o *mssql.Options) { o.Denied = []string{"CRM7.contact"} })
	in := s.connect(t)
	_, err := in.Catalog(t.Context())
	if !errors.Is(err, migration.ErrForbidden) || !strings.Contains(strings.ToLower(err.Error()), "crm7.contact") || migration.HintOf(err).ID != "hint.sql.permission" {
		t.Errorf("catalogue with a denied table: %v", err)
	}
	table := s.store.Catalog().Find("CRM7", "contact")
	if _, err := read(t, in, table, migration.Range{}); !errors.Is(err, migration.ErrForbidden) || migration.HintOf(err).ID != "hint.sql.permission" {
		t.Errorf("reading it: %v", err)
	}
}

func TestInvisibleTable(t *testing.T) {
	s := newServer(t, func(o *mssql.Options) { o.Denied, o.NoDefinition = []string{"CRM7.contact"}, true })
	c, err := s.connect(t).Catalog(t.Context())
	if !errors.Is(err, migration.ErrForbidden) || migration.HintOf(err).ID != "hint.sql.definition" {
		t.Errorf("catalogue of a login that does not see every table: %v, %v", c, err)
	}
}

func TestDeniedColumn(t *testing.T) {
	s := newServer(t, nil)
	denied := &tds.Error{Number: 230, Class: 14, State: 1, Message: "The SELECT permission was denied on the column 'name' of the object 'contact'."}
	s.srv.SetFaults(mssql.Faults{Rules: []mssql.Fault{{Table: "CRM7.contact", Err: denied}}})
	table := s.store.Catalog().Find("CRM7", "contact")
	if _, err := read(t, s.connect(t), table, migration.Range{}); !errors.Is(err, migration.ErrForbidden) || migration.HintOf(err).ID != "hint.sql.permission" {
		t.Errorf("a column that may not be read: %v", err)
	}
}

func TestProof(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	first, err := in.Proof(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := in.Proof(t.Context())
	if err != nil || !reflect.DeepEqual(first, second) {
		t.Errorf("two proofs of one state differ: %v", err)
	}
	if first.Usage == nil || first.Started.IsZero() || first.MaxLogID == 0 || first.Counts["CRM7.document"] != 300 {
		t.Errorf("log %d, started %v, %d documents", first.MaxLogID, first.Started, first.Counts["CRM7.document"])
	}
	for name, change := range map[string]func(*mssql.Options){
		"closes itself": func(o *mssql.Options) { o.AutoClose = true }, "read only": func(o *mssql.Options) { o.ReadOnly = true },
		"2014": func(o *mssql.Options) { o.Version = "12.0.6024.0" }, "open write": func(o *mssql.Options) { o.OpenWrite = true },
	} {
		p, err := newServer(t, change).connect(t).Proof(t.Context())
		if err != nil || p.Usage != nil || !p.Started.IsZero() || !reflect.DeepEqual(p.Counts, first.Counts) {
			t.Errorf("%s: proved %v, %v", name, p.Usage != nil, err)
		}
	}
	poor := newServer(t, func(o *mssql.Options) { o.NoServerState, o.NoDatabaseState = true, true })
	without, err := poor.connect(t).Proof(t.Context())
	if err != nil || without.Usage != nil || !without.Started.IsZero() || !reflect.DeepEqual(without.Counts, first.Counts) {
		t.Errorf("without server state: %v, usage %v", err, without.Usage)
	}
	if c, err := poor.connect(t).Catalog(t.Context()); err != nil || c.SizeKB != 0 || c.Find("CRM7", "document").Rows != 300 {
		t.Errorf("catalogue without server state: %v", err)
	}
}

func TestIdentityAndUsers(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	id, err := in.Identity(t.Context())
	if err != nil || id.Company != s.in.Company || id.Serial != s.in.Serial || !strings.HasPrefix(id.Version, "8.1 or later (NetServer 10.") || id.Database != s.in.Database || id.Server == "" {
		t.Errorf("identity %+v %v", id, err)
	}
	users, err := in.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e := s.in.Expect()
	types, plans, retired, confidential := map[string]int{}, map[string]int{}, 0, 0
	for i, u := range users {
		if i > 0 && users[i-1].AssociateID >= u.AssociateID {
			t.Errorf("users are not in order at %d", u.AssociateID)
		}
		types[fmt.Sprintf("type%d", u.Type)]++
		if u.Retired {
			retired++
		}
		if u.PlanName != "" {
			plans[u.PlanName]++
		}
		if slices.Contains(u.Licences, "visible-for") {
			confidential++
		}
	}
	types["retired"] = retired
	if !reflect.DeepEqual(types, e.Associates) || !reflect.DeepEqual(plans, e.Plans) || confidential != e.Confidential {
		t.Errorf("types %v want %v\nplans %v want %v\nconfidential %d want %d", types, e.Associates, plans, e.Plans, confidential, e.Confidential)
	}
	for _, l := range s.in.Logins {
		i := slices.IndexFunc(users, func(u migration.User) bool { return u.Initials == l.User })
		if i < 0 || users[i].Admin != l.Administrator || users[i].FullName != l.FullName || users[i].Company == "" || users[i].Role == "" {
			t.Errorf("login %s: %v", l.User, i)
		}
	}
}
