package migration_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"omt/migration"
)

func TestReadExpression(t *testing.T) {
	for _, c := range []struct {
		text     string
		columns  string
		function bool
		sequence []string
	}{
		{"([a]+[b c])", "a,b c", false, nil},
		{"([a]='[b c]''[d]')", "a", false, nil},
		{"([dbo].[f]([a]))", "a", true, nil},
		{"([dbo].[f] ([a]))", "a", true, nil},
		{"(getdate())", "", false, nil},
		{"(NEXT VALUE FOR [s].[q])", "", false, []string{"s", "q"}},
		{"([odd]]name]>(0))", "odd]name", false, nil},
		{"(isnull([A],(0)))", "", false, nil}, // A is not a, where case matters
		{"([a", "a", false, nil},
		{"('open", "", false, nil},
	} {
		table := &migration.Table{}
		for _, n := range []string{"a", "b c", "d", "odd]name"} {
			table.Columns = append(table.Columns, migration.Column{Name: n})
		}
		e := migration.ReadExpression(c.text)
		if got := strings.Join(e.Columns(table), ","); got != c.columns || e.Function != c.function || !reflect.DeepEqual(e.Sequence, c.sequence) {
			t.Errorf("%s: columns %q, function %t, sequence %v", c.text, got, e.Function, e.Sequence)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{"([a]+[b])", "([dbo].[f]([a]))", "'''", "[", "[]].[", "NEXT VALUE FOR [s].[q]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, n := range migration.ReadExpression(s).Names {
			if len(n) == 0 {
				t.Fatal("a name without parts")
			}
		}
	})
}

// shop is a table with each kind of what cannot stand in a package, beside
// what can.
func shop() *migration.Catalog {
	order := &migration.Table{
		Schema: "s", Name: "Order",
		Columns: []migration.Column{
			{Name: "id", Type: "int", Default: migration.Default{Name: "DF_id", Expression: "([s].[next]())"}},
			{Name: "n", Type: "int", Default: migration.Default{Name: "DF_n", Expression: "((0))"}},
			{Name: "twice", Computed: true, Formula: "([n]*(2))"},
			{Name: "rebate", Computed: true, Formula: "([s].[rebate]([n]))", Persisted: true},
			{Name: "hidden", Computed: true, Default: migration.Default{Name: "DF_hidden"}},
		},
		Indexes: []migration.Index{
			{Name: "PK", Kind: migration.PrimaryKey, Clustered: true, Unique: true, Columns: []migration.IndexColumn{{Name: "id"}}},
			{Name: "IX_rebate", Kind: migration.PlainIndex, Unique: true, Filter: "([n]>(0))",
				Columns: []migration.IndexColumn{{Name: "rebate", Descending: true}, {Name: "n", Included: true}}},
			{Name: "UQ__1", Kind: migration.UniqueConstraint, System: true, Columns: []migration.IndexColumn{{Name: "rebate"}}},
		},
		Checks: []migration.Check{
			{Name: "CK_f", Expression: "([s].[ok]([n])=(1))"}, {Name: "CK_n", Expression: "([n]>(0))"},
			{Name: "CK_old", Expression: "([n]<(9))", Untrusted: true}, {Name: "CK__off", Expression: "([n]<(8))", System: true, Disabled: true, Untrusted: true},
			{Name: "CK_hidden"},
		},
		ForeignKeys: []migration.ForeignKey{
			{Name: "FK_ok", Columns: []string{"n"}, RefSchema: "s", RefTable: "Order", Referenced: []string{"id"}},
			{Name: "FK]odd", Columns: []string{"n", "id"}, RefSchema: "s", RefTable: "Order", Referenced: []string{"id", "n"},
				OnDelete: migration.SetNull, OnUpdate: migration.SetDefault, Untrusted: true},
		},
	}
	return &migration.Catalog{
		Tables: []*migration.Table{order},
		Modules: []migration.Module{
			{Schema: "s", Name: "t", Type: "SQL_TRIGGER", Definition: "CREATE TRIGGER t"},
			{Schema: "s", Name: "v", Type: "VIEW", Definition: "CREATE VIEW v\r\n", AnsiNulls: true, QuotedIdentifier: true},
			{Schema: "s", Name: "p", Type: "SQL_STORED_PROCEDURE"},
			{Schema: "s", Name: "next", Type: "SQL_SCALAR_FUNCTION", Definition: "CREATE FUNCTION next"},
		},
	}
}

func TestScripts(t *testing.T) {
	scripts, sealed := shop().Scripts()
	if want := []string{"s.p", "s.Order.hidden", "s.Order.DF_hidden", "s.Order.CK_hidden"}; !reflect.DeepEqual(sealed, want) {
		t.Errorf("sealed are %v, want %v", sealed, want)
	}
	off := "SET ANSI_NULLS OFF\nGO\nSET QUOTED_IDENTIFIER OFF\nGO\n"
	want := []migration.Script{
		{Name: "s.next", Type: "function", Text: off + "CREATE FUNCTION next\nGO\n"},
		{Name: "s.v", Type: "view", Text: "SET ANSI_NULLS ON\nGO\nSET QUOTED_IDENTIFIER ON\nGO\nCREATE VIEW v\nGO\n"},
		{Name: "s.Order.rebate", Type: "column", Text: "ALTER TABLE [s].[Order] ADD [rebate] AS ([s].[rebate]([n])) PERSISTED\nGO\n"},
		{Name: "s.Order.id", Type: "default", Text: "ALTER TABLE [s].[Order] ADD CONSTRAINT [DF_id] DEFAULT ([s].[next]()) FOR [id]\nGO\n"},
		{Name: "s.Order.IX_rebate", Type: "index", Text: "CREATE UNIQUE NONCLUSTERED INDEX [IX_rebate] ON [s].[Order] ([rebate] DESC) INCLUDE ([n]) WHERE ([n]>(0))\nGO\n"},
		{Name: "s.Order.UQ__1", Type: "index", Text: "ALTER TABLE [s].[Order] ADD UNIQUE NONCLUSTERED ([rebate])\nGO\n"},
		{Name: "s.Order.CK_f", Type: "check", Text: "ALTER TABLE [s].[Order] WITH CHECK ADD CONSTRAINT [CK_f] CHECK ([s].[ok]([n])=(1))\nGO\n"},
		{Name: "s.Order.CK_old", Type: "check", Text: "ALTER TABLE [s].[Order] WITH NOCHECK ADD CONSTRAINT [CK_old] CHECK ([n]<(9))\nGO\n"},
		{Name: "s.Order.CK__off", Type: "check", Text: "ALTER TABLE [s].[Order] WITH NOCHECK ADD CONSTRAINT [CK__off] CHECK ([n]<(8))\nGO\nALTER TABLE [s].[Order] NOCHECK CONSTRAINT [CK__off]\nGO\n"},
		{Name: "s.Order.FK]odd", Type: "key", Text: "ALTER TABLE [s].[Order] WITH NOCHECK ADD CONSTRAINT [FK]]odd] FOREIGN KEY ([n], [id]) REFERENCES [s].[Order] ([id], [n]) ON DELETE SET NULL ON UPDATE SET DEFAULT\nGO\n"},
		{Name: "s.t", Type: "trigger", Text: off + "CREATE TRIGGER t\nGO\n"},
	}
	for i := range max(len(want), len(scripts)) {
		if i >= len(want) || i >= len(scripts) || scripts[i] != want[i] {
			t.Fatalf("script %d of %d is\n%+v\nwant\n%+v", i, len(scripts), scripts[i:], want[min(i, len(want)):])
		}
	}
}

// TestScriptsArrive: what is no part of a package lies beside it in the order in
// which it is to be run, is named in manifest and report, and what the server
// keeps encrypted is named as left out.
func TestScriptsArrive(t *testing.T) {
	src := newFakeSource(2, 10, 0)
	src.modules = []migration.Module{
		{Schema: "dbo", Name: "On/Change", Type: "SQL_TRIGGER", Definition: "CREATE TRIGGER t"},
		{Schema: "dbo", Name: "Cheap", Type: "VIEW", Definition: "CREATE VIEW å"},
		{Schema: "dbo", Name: "Secret", Type: "SQL_STORED_PROCEDURE"},
		{Schema: "dbo", Name: "next", Type: "SQL_SCALAR_FUNCTION", Definition: "CREATE FUNCTION next"},
		{Schema: "dbo", Name: "Clean", Type: "SQL_STORED_PROCEDURE", Definition: "CREATE PROCEDURE c"},
	}
	src.tables[1].Columns[1].Default = migration.Default{Name: "DF_text", Expression: "([dbo].[next]())"}
	w := newWorld(t, src)
	res := w.mustRun(w.plan)
	var names []string
	text := map[string]string{}
	for _, s := range res.Report.Database.Scripts {
		b, err := os.ReadFile(filepath.Join(w.target, filepath.FromSlash(s.Path)))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(s.Path)+" "+s.Type+" "+s.Name)
		text[s.Name] = string(b)
	}
	want := []string{
		"0001-function-dbo.next.sql function dbo.next", "0002-view-dbo.Cheap.sql view dbo.Cheap", "0003-procedure-dbo.Clean.sql procedure dbo.Clean",
		"0004-default-CRM7.table01.text.sql default CRM7.table01.text", "0005-trigger-dbo.On%2FChange.sql trigger dbo.On/Change",
	}
	if !slices.Equal(names, want) {
		t.Errorf("scripts\n%q\nwant\n%q", names, want)
	}
	if got, ok := strings.CutPrefix(text["dbo.Cheap"], "\ufeff"); !ok || !strings.HasSuffix(got, "CREATE VIEW å\nGO\n") {
		t.Errorf("view is %q", text["dbo.Cheap"])
	}
	if !strings.Contains(text["CRM7.table01.text"], "DEFAULT ([dbo].[next]()) FOR [text]") {
		t.Errorf("default is %q", text["CRM7.table01.text"])
	}
	if s := res.Report.Database.Sealed; !slices.Equal(s, []string{"dbo.Secret"}) {
		t.Errorf("encrypted are %v", s)
	}
	said := map[string]migration.Message{}
	for _, m := range res.Report.Warnings {
		said[m.ID] = m
	}
	if said["warn.modules"].Args["Count"] != 5 || said["warn.sealed"].Args["Names"] != "dbo.Secret" {
		t.Errorf("warnings %v", res.Report.Warnings)
	}
	lines := 0
	for key := range w.fingerprint() {
		if strings.HasPrefix(key, "manifest script ") {
			lines++
		}
	}
	if lines != 5 {
		t.Errorf("%d lines of scripts in the manifest", lines)
	}
}
