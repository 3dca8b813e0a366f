package mssql

import (
	"strings"

	"omt/migration"
	"omt/onsite/sample/tds"
)

// relation is a table or system view as statements see it.
type relation struct {
	schema, name string
	lite         string // quoted name in SQLite, with the schema
	objectID     int64
	table        *migration.Table // nil for a system view
	columns      []field
	byName       map[string]int
	guard        guard // right that reading it needs
}

// field is a column of a relation.
type field struct {
	name     string
	typ      tds.Type
	nullable bool
	identity bool
	computed bool
}

// guard is the right that a relation needs beyond that of being a user.
type guard uint8

const (
	guardNone guard = iota
	guardServerState
	guardDatabaseState
	guardComputed // no view of the store: the server makes its rows
)

func (r *relation) find(column string) (int, bool) {
	i, ok := r.byName[strings.ToLower(column)]
	return i, ok
}

// tableSet finds relations by name without regard to case.
type tableSet struct {
	byName map[string]*relation
	user   []*relation // in the order of the catalogue
}

func key(schema, name string) string { return strings.ToLower(schema + "\x00" + name) }

// firstObject is the object id of the first table; each table keeps a block of
// ids for itself and its constraints.
const (
	firstObject = 100_000_100
	objectBlock = 1_000
)

func newTableSet(c *migration.Catalog) *tableSet {
	ts := &tableSet{byName: map[string]*relation{}}
	for i, t := range c.Tables {
		r := &relation{
			schema: t.Schema, name: t.Name, table: t,
			lite:     liteName(c.Schema, t.Schema, t.Name),
			objectID: firstObject + int64(i)*objectBlock,
		}
		for _, col := range t.Columns {
			r.columns = append(r.columns, field{
				name: col.Name, nullable: col.Nullable, identity: col.Identity, computed: col.Computed,
				typ: columnType(c, col),
			})
		}
		ts.add(r)
		ts.user = append(ts.user, r)
	}
	for _, v := range systemViews {
		r := v.relation(c)
		ts.add(&r)
	}
	return ts
}

func (ts *tableSet) add(r *relation) {
	r.byName = make(map[string]int, len(r.columns))
	for i, f := range r.columns {
		r.byName[strings.ToLower(f.name)] = i
	}
	ts.byName[key(r.schema, r.name)] = r
}

func (ts *tableSet) find(schema, name string) *relation { return ts.byName[key(schema, name)] }

// liteName is the SQLite name of a table: the main schema is the attached
// file's own name, others become part of the table's name.
func liteName(main, schema, name string) string {
	if strings.EqualFold(main, schema) {
		return quoteLite(main) + "." + quoteLite(name)
	}
	return quoteLite(main) + "." + quoteLite(strings.ToLower(schema)+"."+name)
}

func columnType(c *migration.Catalog, col migration.Column) tds.Type {
	t := tds.Type{Name: strings.ToLower(col.Type), Length: col.MaxLength, Precision: col.Precision, Scale: col.Scale}
	if isText(t.Name) {
		t.LCID, t.SortID = collationOf(c, col.Collation)
	}
	return t
}

// collationOf gives the numbers that the protocol carries for a collation.
// Sort id 52 is SQL_Latin1_General_CP1_CI_AS, 51 its case-sensitive sister.
func collationOf(c *migration.Catalog, name string) (lcid uint32, sort uint8) {
	u := strings.ToUpper(name)
	switch {
	case strings.HasPrefix(u, "SQL_LATIN1_GENERAL_CP1_CI_AS"):
		return 1033, 52
	case strings.HasPrefix(u, "SQL_LATIN1_GENERAL_CP1_CS_AS"):
		return 1033, 51
	case name == "" || strings.EqualFold(name, c.Collation):
		return uint32(c.LCID), 0
	}
	return 1033, 0
}

func isText(name string) bool {
	switch name {
	case "char", "varchar", "nchar", "nvarchar", "text", "ntext", "sysname":
		return true
	}
	return false
}
