package mssql

import (
	"database/sql"
	"fmt"
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	mssqldb "github.com/microsoft/go-mssqldb"

	"omt/migration"
)

// productStatements reads the product's closed list from its source: every
// constant of the file whose name begins with sql.
func productStatements(t *testing.T) map[string]string {
	t.Helper()
	file, err := goparser.ParseFile(gotoken.NewFileSet(), "../../statements.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != gotoken.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			for i, name := range v.Names {
				lit, ok := v.Values[i].(*ast.BasicLit)
				if !ok || !strings.HasPrefix(name.Name, "sql") {
					continue
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				out[name.Name] = text
			}
		}
	}
	if len(out) < 20 {
		t.Fatalf("only %d statements found", len(out))
	}
	return out
}

var (
	placeholder = regexp.MustCompile(`\{(\w+)\}`)
	reference   = regexp.MustCompile(`\b(\w+)\.(\w+)`)
	alias       = regexp.MustCompile(`\{(\w+)\} AS (\w+)`)
)

// crmCatalog makes a catalogue with every table and column that the product's
// statements name; what is not an id or a number is nvarchar(254).
func crmCatalog(statements map[string]string) *migration.Catalog {
	c := &migration.Catalog{Database: "SuperOffice", Schema: "CRM7", Collation: "Danish_Norwegian_CI_AS", LCID: 1030, ServerVersion: "12.0.6024.0", Edition: 3}
	find := func(name string) *migration.Table {
		if t := c.Find("CRM7", name); t != nil {
			return t
		}
		// Upper case as on many servers: names compare without case.
		t := &migration.Table{Schema: "CRM7", Name: strings.ToUpper(name)}
		c.Tables = append(c.Tables, t)
		return t
	}
	for _, text := range statements {
		of := map[string]*migration.Table{}
		for _, m := range alias.FindAllStringSubmatch(text, -1) {
			of[m[2]] = find(m[1])
		}
		for _, m := range reference.FindAllStringSubmatch(text, -1) {
			if t := of[m[1]]; t != nil && columnOf(t, m[2]) == nil {
				t.Columns = append(t.Columns, crmColumn(m[2]))
			}
		}
	}
	for _, t := range c.Tables {
		key := columnOf(t, t.Name+"_id")
		if key == nil {
			key = columnOf(t, "id")
		}
		if key != nil {
			key.Nullable = false
			t.Indexes = []migration.Index{{Name: "PK" + t.Name, Kind: migration.PrimaryKey, Clustered: true, Unique: true, Columns: []migration.IndexColumn{{Name: key.Name}}}}
		}
	}
	c.Modules = []migration.Module{{Schema: "CRM7", Name: "v_contact", Type: "VIEW", Definition: "CREATE VIEW CRM7.v_contact AS SELECT 1 AS x", QuotedIdentifier: true}, {Schema: "dbo", Name: "secret", Type: "SQL_STORED_PROCEDURE"}}
	return c
}

func columnOf(t *migration.Table, name string) *migration.Column {
	for i := range t.Columns {
		if strings.EqualFold(t.Columns[i].Name, name) {
			return &t.Columns[i]
		}
	}
	return nil
}

func crmColumn(name string) migration.Column {
	l := strings.ToLower(name)
	c := migration.Column{Name: name, Type: "nvarchar", MaxLength: 508, Nullable: true, Collation: "Danish_Norwegian_CI_AS"}
	switch {
	case strings.HasSuffix(l, "_id") || strings.HasSuffix(l, "_idx") || strings.HasSuffix(l, "id") || l == "deleted" || l == "rank" || l == "archiveprovider" || l == "att_size" || l == "extraflags" || l == "extra_table" || l == "tablenumber" ||
		l == "ownertable" || l == "ownerrecord" || l == "linktype" || l == "blobsize":
		c.Type, c.MaxLength = "int", 4
	case l == "lastlogin" || l == "registered":
		c.Type, c.MaxLength = "datetime", 8
	case l == "type" || l == "retired" || l == "revision" || l == "iszipped" || l == "isencrypted":
		c.Type, c.MaxLength = "smallint", 2
	case l == "binarydata":
		c.Type, c.MaxLength, c.Collation = "varbinary", -1, ""
	}
	return c
}

func brackets(text string, c *migration.Catalog) string {
	return placeholder.ReplaceAllStringFunc(text, func(m string) string {
		t := c.Find("CRM7", m[1:len(m)-1])
		return bracket(t.Schema) + "." + bracket(t.Name)
	})
}

// collect reads all rows as text, one string a row.
func collect(t *testing.T, db *sql.DB, text string, args ...any) []string {
	t.Helper()
	rows, err := db.Query(text, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	defer func() { _ = rows.Close() }()
	cols, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		v, dst := make([]any, len(cols)), make([]any, len(cols))
		for i := range v {
			dst[i] = &v[i]
		}
		if err := rows.Scan(dst...); err != nil {
			t.Fatal(err)
		}
		var parts []string
		for _, x := range v {
			if b, ok := x.([]byte); ok {
				x = string(b)
			}
			parts = append(parts, fmt.Sprint(x))
		}
		out = append(out, strings.Join(parts, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\ngot\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// row fills a row of a table by column names; other columns are NULL.
func row(table *migration.Table, values map[string]any) []any {
	out := make([]any, len(table.Columns))
	for name, v := range values {
		for i, c := range table.Columns {
			if strings.EqualFold(c.Name, name) {
				out[i] = v
			}
		}
	}
	return out
}

// crmLogin is the time in all datetime columns of the rows of fillCRM.
var crmLogin = time.Date(2024, 3, 4, 5, 6, 7, 0, time.UTC)

func fillCRM(t *testing.T, s *Store) {
	c := s.Catalog()
	fill := func(table string, values map[string]any) {
		tb := c.Find("CRM7", table)
		load(t, s, tb, row(tb, values))
	}
	fill("associate", map[string]any{"associate_id": 2, "name": "PER", "type": 0, "deleted": 0, "person_id": 7, "group_idx": 3, "lastlogin": crmLogin})
	fill("associate", map[string]any{"associate_id": 1, "name": "ann", "type": 0, "deleted": 1, "person_id": 0})
	fill("person", map[string]any{"person_id": 7, "contact_id": 9, "firstname": "Per", "lastname": "Ås"})
	fill("contact", map[string]any{"contact_id": 9, "name": "Fjordlys", "department": "Oslo"})
	fill("UserGroup", map[string]any{"UserGroup_id": 3, "name": "Sales"})
	fill("Role", map[string]any{"Role_id": 4, "name": "User level 0"})
	fill("UserRoleLink", map[string]any{"associate_id": 2, "role_id": 4})
	fill("FunctionRightRoleLink", map[string]any{"roleId": 4, "functionRightId": 11})
	fill("FunctionRight", map[string]any{"FunctionRight_id": 11, "name": "ADMIN-ALL"})
	for i, v := range []string{"x,sentryADDONnames,y", "SentryAddonName", "%SentryAddon_Names%"} {
		fill("UserPreference", map[string]any{"userpreference_id": i, "owner_id": 2, "prefsection": "S", "prefkey": "k", "prefvalue": v})
	}
	fill("UserPreference", map[string]any{"userpreference_id": 9, "prefkey": "SentryAddonNames"})
	for i := range 3 {
		fill("Email", map[string]any{"email_id": i, "person_id": 7, "email_address": fmt.Sprintf("p%d@x.no", i), "rank": 3 - i})
	}
	for i := range 25 {
		fill("document", map[string]any{"document_id": 10 + i, "name": fmt.Sprintf("d%d.doc", i), "archiveProvider": i / 10, "appointment_id": i, "registered_associate_id": 2, "registered": crmLogin})
		fill("appointment", map[string]any{"appointment_id": 2 * i, "associate_id": 2})
	}
}

func TestProductStatements(t *testing.T) {
	statements := productStatements(t)
	c := crmCatalog(statements)
	s := newStore(t, c)
	fillCRM(t, s)
	db, _ := open(t, s, Options{Started: crmLogin, Denied: []string{"CRM7.CONTACT"}})
	undenied, _ := open(t, s, Options{})

	seen := map[string]bool{}
	run := func(name string, args ...any) []string {
		seen[name] = true
		pool := undenied
		if strings.Contains(name, "Denied") || strings.Contains(name, "Start") {
			pool = db
		}
		return collect(t, pool, brackets(statements[name], c), args...)
	}
	equal(t, "server", run("sqlServer"), "12.0.6024.0|3|SuperOffice|Danish_Norwegian_CI_AS|1030")
	equal(t, "denied", run("sqlDenied"), "CRM7|CONTACT")
	equal(t, "started", run("sqlStarted"), "2024-03-04 05:06:07 +0000 UTC")
	equal(t, "associates", run("sqlAssociates"),
		"1|ann|0|1|<nil>|0|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>",
		"2|PER|0|0|2024-03-04 05:06:07 +0000 UTC|7|Per|<nil>|Ås|<nil>|Fjordlys|Oslo|Sales|<nil>|User level 0")
	equal(t, "e-mails", run("sqlEmails"), "2|p2@x.no", "2|p1@x.no", "2|p0@x.no")
	equal(t, "admins", run("sqlAdmins"), "2")
	equal(t, "documents", run("sqlDocuments", int64(2), int32(11)),
		"12|d2.doc|2024-03-04 05:06:07 +0000 UTC|0|2|2|2|PER|2|PER",
		"13|d3.doc|2024-03-04 05:06:07 +0000 UTC|0|3|<nil>|<nil>|<nil>|2|PER")
	equal(t, "add-ons", run("sqlAddons"), "0|<nil>|PER|S|k", "9|<nil>|<nil>|<nil>|SentryAddonNames")
	equal(t, "providers", run("sqlProviders"), "1|10", "2|5")
	equal(t, "modules", run("sqlModules"), "CRM7|v_contact|VIEW|CREATE VIEW CRM7.v_contact AS SELECT 1 AS x|false|true", "dbo|secret|SQL_STORED_PROCEDURE|<nil>|false|false")
	columns := 0
	for _, tb := range c.Tables {
		columns += len(tb.Columns)
	}
	if got := run("sqlColumns"); len(got) != columns || got[0] != "CRM7|"+strings.SplitN(got[0], "|", 3)[1]+"|"+strings.SplitN(got[0], "|", 3)[2] {
		t.Errorf("%d columns, want %d: %s", len(got), columns, got[0])
	}
	for name, text := range statements {
		if seen[name] {
			continue
		}
		args := []any{int64(5), int32(0)}[:strings.Count(text, "@p")]
		if name == "sqlNamesakes" {
			args[0] = "D3.DOC"
		}
		run(name, args...)
	}
}

func TestTableStatements(t *testing.T) {
	c := &migration.Catalog{Database: "So ]d", Schema: "CRM7", Collation: "Latin1_General_CI_AS", LCID: 1033}
	tb := &migration.Table{Schema: "dbo", Name: "odd ]name", Columns: []migration.Column{
		{Name: "k]ey", Type: "int", MaxLength: 4, Nullable: true}, {Name: "txt", Type: "varchar", MaxLength: 20},
	}, Indexes: []migration.Index{{Name: "ci", Kind: migration.PlainIndex, Clustered: true, Columns: []migration.IndexColumn{{Name: "k]ey"}}}}}
	c.Tables = []*migration.Table{tb}
	s := newStore(t, c)
	var rows [][]any
	for i := range 100 {
		rows = append(rows, []any{i, fmt.Sprint("row ", i)})
	}
	load(t, s, tb, append(rows, []any{nil, "none"}, []any{nil, "none"})...)
	db, _ := open(t, s, Options{})
	const k, name = "[k]]ey]", "[dbo].[odd ]]name]"
	equal(t, "count", collect(t, db, "SELECT COUNT_BIG(*) FROM "+name), "102")
	first := fmt.Sprintf("SELECT MAX(x.%s) FROM (SELECT TOP (@p1) y.%s FROM %s AS y ORDER BY y.%s) AS x", k, k, name, k)
	equal(t, "first", collect(t, db, first, int64(12)), "9")
	next := fmt.Sprintf("SELECT MAX(x.%s) FROM (SELECT TOP (@p1) y.%s FROM %s AS y WHERE y.%s > @p2 ORDER BY y.%s) AS x", k, k, name, k, k)
	equal(t, "next", collect(t, db, next, int64(10), int32(9)), "19")
	equal(t, "past the end", collect(t, db, next, int64(10), int32(99)), "<nil>")
	sel := fmt.Sprintf("SELECT %s, [txt] FROM %s", k, name)
	if got := collect(t, db, sel); len(got) != 102 {
		t.Errorf("all: %d rows", len(got))
	}
	if got := collect(t, db, sel+" ORDER BY "+k); len(got) != 102 || got[0] != "<nil>|none" || got[2] != "0|row 0" || got[101] != "99|row 99" {
		t.Errorf("ordered: %v", got)
	}
	equal(t, "head", collect(t, db, sel+fmt.Sprintf(" WHERE %s <= @p1 OR %s IS NULL ORDER BY %s", k, k, k), int32(1)), "<nil>|none", "<nil>|none", "0|row 0", "1|row 1")
	equal(t, "middle", collect(t, db, sel+fmt.Sprintf(" WHERE %s > @p1 AND %s <= @p2 ORDER BY %s", k, k, k), int32(1), int32(3)), "2|row 2", "3|row 3")
	equal(t, "tail", collect(t, db, sel+fmt.Sprintf(" WHERE %s > @p1 ORDER BY %s", k, k), int32(97)), "98|row 98", "99|row 99")
	equal(t, "length", collect(t, db, "SELECT MAX(DATALENGTH([txt])) FROM "+name), "6")
	equal(t, "slice", collect(t, db, fmt.Sprintf("SELECT SUBSTRING([txt], @p1, @p2) FROM %s WHERE %s = @p3", name, k), int64(2), int64(4), int32(42)), "ow 4")
	equal(t, "varchar parameter", collect(t, db, sel+" WHERE [txt] = @p1 ORDER BY "+k, mssqldb.VarChar("ROW 5 ")), "5|row 5")
}
