package mssql

import (
	"strings"

	"omt/migration"
)

// tableDDL is how SQLite keeps a table. Rows come back in the order of the
// clustered index without sorting: a single integer key is SQLite's own row
// number, other unique keys make a table without one, and anything else gets an
// index. Other indexes are left out, since nothing reads by them.
func tableDDL(c *migration.Catalog, r *relation) []string {
	var cols []string
	ix := r.table.Clustered()
	key := keyColumns(r, ix)
	rowid := ix != nil && unique(ix) && len(key) == 1 && isInteger(r.columns[key[0].at]) && !key[0].desc
	table := ix != nil && unique(ix) && len(key) > 0 && !rowid
	for _, k := range key {
		table = table && !r.columns[k.at].nullable
	}
	for i, f := range r.columns {
		if f.computed {
			continue
		}
		def := quoteLite(f.name) + " " + affinity(f.typ.Name)
		if rowid && i == key[0].at {
			def = quoteLite(f.name) + " INTEGER PRIMARY KEY"
		}
		if !f.nullable {
			def += " NOT NULL"
		}
		if isText(f.typ.Name) {
			collation := r.table.Columns[i].Collation
			if collation == "" {
				collation = c.Collation
			}
			def += " COLLATE " + liteCollation(collation)
		}
		cols = append(cols, def)
	}
	var list []string
	for _, k := range key {
		q := quoteLite(r.columns[k.at].name)
		if k.desc {
			q += " DESC"
		}
		list = append(list, q)
	}
	body := strings.Join(cols, ", ")
	switch {
	case table:
		return []string{"CREATE TABLE " + r.lite + " (" + body + ", PRIMARY KEY (" + strings.Join(list, ", ") + ")) WITHOUT ROWID"}
	case rowid || len(key) == 0:
		return []string{"CREATE TABLE " + r.lite + " (" + body + ")"}
	}
	db, name, _ := strings.Cut(r.lite, ".")
	index := quoteLite(strings.Trim(name, `"`) + ".clustered")
	return []string{
		"CREATE TABLE " + r.lite + " (" + body + ")",
		"CREATE INDEX " + db + "." + index + " ON " + name + " (" + strings.Join(list, ", ") + ")",
	}
}

type keyColumn struct {
	at   int
	desc bool
}

func keyColumns(r *relation, ix *migration.Index) []keyColumn {
	if ix == nil {
		return nil
	}
	var key []keyColumn
	for _, col := range ix.Columns {
		if at, ok := r.find(col.Name); ok && !col.Included && !r.columns[at].computed {
			key = append(key, keyColumn{at, col.Descending})
		}
	}
	return key
}

func unique(ix *migration.Index) bool { return ix.Unique || ix.Kind != migration.PlainIndex }

func isInteger(f field) bool {
	switch f.typ.Name {
	case "tinyint", "smallint", "int", "bigint":
		return !f.nullable
	}
	return false
}

// affinity keeps SQLite from converting what is stored, and lets plain SQL of a
// test write numbers and text as usual. REAL is not used: it would turn -0 into 0.
func affinity(typ string) string {
	switch {
	case isText(typ) || typ == "xml":
		return "TEXT"
	case typ == "tinyint" || typ == "smallint" || typ == "int" || typ == "bigint" || typ == "bit":
		return "INTEGER"
	}
	return "BLOB"
}
