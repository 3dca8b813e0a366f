package mssql

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"omt/migration"
)

// define makes all tables and fills the catalogue views.
func (s *Store) define(ctx context.Context) (err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	d := definer{ctx: ctx, tx: tx, s: s}
	d.catalog()
	for _, v := range systemViews {
		d.view(v)
	}
	d.types()
	d.aliases()
	d.schemas()
	for _, r := range s.tables.user {
		d.table(r)
	}
	for _, r := range s.tables.user {
		d.constraints(r)
	}
	d.modules()
	d.sequences()
	if d.err != nil {
		return d.err
	}
	return tx.Commit()
}

// definer runs the statements of define and keeps the first error.
type definer struct {
	ctx context.Context
	tx  *sql.Tx
	s   *Store
	err error
}

func (d *definer) exec(query string, args ...any) {
	if d.err != nil {
		return
	}
	if _, err := d.tx.ExecContext(d.ctx, query, args...); err != nil {
		d.err = fmt.Errorf("define store: %w", err)
	}
}

func (d *definer) sys(name string) string { return liteName(d.s.catalog.Schema, "sys", name) }

// insert adds a row to a filled system view.
func (d *definer) insert(view string, values ...any) {
	marks := strings.TrimSuffix(strings.Repeat("?,", len(values)), ",")
	d.exec("INSERT INTO "+d.sys(view)+" VALUES ("+marks+")", values...)
}

func (d *definer) catalog() {
	text, err := json.Marshal(d.s.catalog)
	if err != nil {
		d.err = fmt.Errorf("encode catalogue: %w", err)
		return
	}
	d.exec("CREATE TABLE " + d.sys("catalog") + " (json TEXT NOT NULL)")
	d.insert("catalog", string(text))
	d.exec("CREATE TABLE " + d.sys(counters) + " (object_id INTEGER PRIMARY KEY, index_id INTEGER NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL, updates INTEGER NOT NULL)")
}

func (d *definer) view(v systemView) {
	switch {
	case v.source != "":
		// Inside a view SQLite does not take the name of the database.
		d.exec("CREATE VIEW " + d.sys(v.name) + " AS " + fmt.Sprintf(v.source, quoteLite("sys."+counters)))
	case v.guard == guardNone:
		var cols []string
		for _, c := range d.s.tables.find("sys", v.name).columns {
			cols = append(cols, quoteLite(c.name)+collateClause(c.typ.Name, d.s.catalog.Collation))
		}
		d.exec("CREATE TABLE " + d.sys(v.name) + " (" + strings.Join(cols, ", ") + ")")
	}
}

func collateClause(typ, collation string) string {
	if !isText(typ) {
		return ""
	}
	return " COLLATE " + liteCollation(collation)
}

func (d *definer) types() {
	for _, t := range sysTypes {
		d.insert("types", t.name, t.id, t.user, 4, t.size, t.precision, t.scale, nil, 1, 0, t.id == 240)
	}
}

// schemaID numbers the schemas: dbo is 1 on every server, others follow.
func (d *definer) schemas() {
	d.insert("schemas", "dbo", 1, 1)
	d.insert("schemas", "sys", 4, 4)
	for i, name := range d.s.schemaNames() {
		d.insert("schemas", name, firstSchema+i, 1)
	}
}

// firstSchema is the id of the first schema that a user made.
const firstSchema = 5

// schemaNames are the schemas of tables and modules other than dbo, in the
// order in which they occur.
func (s *Store) schemaNames() []string {
	var names []string
	seen := map[string]bool{"dbo": true}
	add := func(name string) {
		if l := strings.ToLower(name); !seen[l] {
			seen[l] = true
			names = append(names, name)
		}
	}
	add(s.catalog.Schema)
	for _, t := range s.catalog.Tables {
		add(t.Schema)
	}
	for _, m := range s.catalog.Modules {
		add(m.Schema)
	}
	for _, t := range s.catalog.Types {
		add(t.Schema)
	}
	for _, q := range s.catalog.Sequences {
		add(q.Schema)
	}
	return names
}

func (s *Store) schemaID(name string) int {
	for i, n := range s.schemaNames() {
		if strings.EqualFold(n, name) {
			return firstSchema + i
		}
	}
	return 1
}

// objectTypes are the codes of sys.objects.type for the types of modules.
var objectTypes = map[string]string{
	"VIEW": "V", "SQL_STORED_PROCEDURE": "P", "SQL_SCALAR_FUNCTION": "FN", "SQL_TRIGGER": "TR",
	"SQL_INLINE_TABLE_VALUED_FUNCTION": "IF", "SQL_TABLE_VALUED_FUNCTION": "TF",
}

func (d *definer) modules() {
	id := firstObject + len(d.s.tables.user)*objectBlock
	for i, m := range d.s.catalog.Modules {
		var text any = m.Definition
		if m.Definition == "" {
			text = nil // encrypted
		}
		d.insert("objects", m.Name, id+i, d.s.schemaID(m.Schema), 0, objectTypes[m.Type], m.Type, 0)
		d.insert("sql_modules", id+i, text, m.AnsiNulls, m.QuotedIdentifier)
	}
}

// table makes the table and its rows in the catalogue views.
func (d *definer) table(r *relation) {
	c := d.s.catalog
	for _, q := range tableDDL(c, r) {
		d.exec(q)
	}
	schema := d.s.schemaID(r.schema)
	d.insert("tables", r.name, r.objectID, schema, 0, "U", "USER_TABLE", 0)
	d.insert("objects", r.name, r.objectID, schema, 0, "U", "USER_TABLE", 0)
	for i, col := range r.table.Columns {
		d.column(r, i, col)
	}
	heap := r.table.Clustered() == nil
	if heap {
		d.insert("indexes", r.objectID, nil, 0, 0, "HEAP", 0, 1, 0, 0, 0, 0, 0, nil)
	}
	next := 2
	for i := range r.table.Indexes {
		ix := &r.table.Indexes[i]
		id := 1
		if !ix.Clustered {
			id = next
			next++
		}
		d.index(r, ix, id, schema)
	}
	clustered := 1
	if heap {
		clustered = 0
	}
	d.insert(counters, r.objectID, clustered, 0, 0, 0)
}

func (d *definer) column(r *relation, i int, col migration.Column) {
	sys, user, precision, scale := 0, 0, int(col.Precision), int(col.Scale)
	for _, t := range sysTypes {
		if strings.EqualFold(t.name, col.Type) {
			sys, user = t.id, t.user
			if precision == 0 {
				precision = t.precision
			}
			if t.name == "datetime" || strings.HasSuffix(t.name, "money") {
				scale = t.scale
			}
		}
	}
	if user == 0 {
		d.err = errors.Join(d.err, fmt.Errorf("define %s: type %q is not known", r.table.FullName(), col.Type))
		return
	}
	length := col.MaxLength
	if n, ok := typeSizes[strings.ToLower(col.Type)]; ok {
		length = n
	}
	var collation any
	if isText(strings.ToLower(col.Type)) {
		collation = col.Collation
		if col.Collation == "" {
			collation = d.s.catalog.Collation
		}
	}
	for i, t := range d.s.catalog.Types {
		if t.Schema == col.AliasSchema && t.Name == col.Alias {
			user = firstAlias + i
		}
	}
	d.insert("columns", r.objectID, col.Name, i+1, sys, user, length, precision, scale, collation, col.Nullable, 1, col.RowGUID, col.Identity, col.Computed, col.Sparse)
	if col.Identity {
		d.insert("identity_columns", r.objectID, col.Name, i+1, textOrNull(col.Seed), textOrNull(col.Increment))
	}
	if col.Computed {
		d.insert("computed_columns", r.objectID, col.Name, i+1, textOrNull(col.Formula), col.Persisted)
	}
}

// textOrNull is NULL for what a catalogue does not say.
func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (d *definer) index(r *relation, ix *migration.Index, id, schema int) {
	kind, desc := 2, "NONCLUSTERED"
	if ix.Clustered {
		kind, desc = 1, "CLUSTERED"
	}
	pk, uq := ix.Kind == migration.PrimaryKey, ix.Kind == migration.UniqueConstraint
	d.insert("indexes", r.objectID, ix.Name, id, kind, desc, ix.Unique || pk || uq, 1, pk, uq, 0, 0, ix.Filter != "", textOrNull(ix.Filter))
	ordinal := 0
	for i, col := range ix.Columns {
		at, ok := r.find(col.Name)
		if !ok {
			d.err = errors.Join(d.err, fmt.Errorf("define %s: index %s names column %q, which is not there", r.table.FullName(), ix.Name, col.Name))
			return
		}
		n := 0
		if !col.Included {
			ordinal++
			n = ordinal
		}
		d.insert("index_columns", r.objectID, id, i+1, at+1, n, 0, col.Descending, col.Included)
	}
	if pk || uq {
		typ, name := "PK", "PRIMARY_KEY_CONSTRAINT"
		if uq {
			typ, name = "UQ", "UNIQUE_CONSTRAINT"
		}
		object := r.objectID + int64(id)
		d.insert("key_constraints", ix.Name, object, schema, r.objectID, typ, name, 0, id, ix.System)
		d.insert("objects", ix.Name, object, schema, r.objectID, typ, name, 0)
	}
}
