package onsite

import (
	"cmp"
	"context"
	"database/sql"
	"regexp"
	"strings"

	"omt/migration"
)

// tableNames are the tables and columns as the catalogue spells them.
type tableNames struct {
	tables []*migration.Table
	ids    map[int64]*migration.Table // by object_id
	byName map[string]*migration.Table
}

// quote makes a name safe inside a statement, spelled as it is.
func quote(name string) string {
	return "[" + strings.ReplaceAll(name, "]", "]]") + "]"
}

func quoteTable(t *migration.Table) string {
	return quote(t.Schema) + "." + quote(t.Name)
}

// load reads names and columns of all tables in one statement. fresh reads them
// again although they are known.
func (in *Installation) load(ctx context.Context, fresh bool) (*tableNames, error) {
	in.mu.Lock()
	names := in.names
	in.mu.Unlock()
	if names != nil && !fresh {
		return names, nil
	}
	names = &tableNames{ids: map[int64]*migration.Table{}, byName: map[string]*migration.Table{}}
	err := in.query(ctx, "read catalogue", in.settings.Database, sqlColumns, func(rows *sql.Rows) error {
		var schema, table string
		var id int64
		var c migration.Column
		var collation, base, typeSchema sql.NullString
		var sparse, rowGUID sql.NullBool
		var typeName string
		if err := rows.Scan(&schema, &table, &id, &c.Name, &c.Type, &c.MaxLength, &c.Precision, &c.Scale,
			&c.Nullable, &c.Identity, &c.Computed, &collation, &sparse, &rowGUID, &base, &typeSchema, &typeName); err != nil {
			return err
		}
		c.Type, c.Collation = strings.ToLower(c.Type), collation.String
		c.Sparse, c.RowGUID = sparse.Bool, rowGUID.Bool
		if base.Valid && typeSchema.Valid {
			c.AliasSchema, c.Alias = typeSchema.String, typeName
		}
		t := names.ids[id]
		if t == nil {
			t = &migration.Table{Schema: schema, Name: table}
			names.ids[id] = t
			names.tables = append(names.tables, t)
			names.byName[strings.ToLower(t.FullName())] = t
		}
		t.Columns = append(t.Columns, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(names.tables) == 0 {
		// A login sees only what it may use: an empty catalogue is never an
		// empty database.
		return nil, migration.Fail("read catalogue", in.settings.Database, migration.ErrForbidden,
			migration.Msg("hint.sql.empty", "Database", in.settings.Database, "User", in.settings.User))
	}
	in.mu.Lock()
	in.names = names
	in.mu.Unlock()
	return names, nil
}

// find returns a SuperOffice table, or nil.
func (n *tableNames) find(schema, name string) *migration.Table {
	return n.byName[strings.ToLower(schema+"."+name)]
}

// has tells whether a SuperOffice table has a column.
func (n *tableNames) has(schema, table, column string) bool {
	t := n.find(schema, table)
	if t == nil {
		return false
	}
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, column) {
			return true
		}
	}
	return false
}

var (
	placeholder = regexp.MustCompile(`\{(\w+)\}`)
	aliased     = regexp.MustCompile(`\{(\w+)\} AS (\w+)`)
	qualified   = regexp.MustCompile(`\b(\w+)\.(\w+)\b`)
	bracketed   = regexp.MustCompile(`\[(\w+)\]`)
)

// spell writes the columns of a statement as the catalogue spells them: a
// database whose names tell upper from lower case knows no other spelling.
// Columns stand behind the alias of their table, or, in a statement that writes
// to one table, in brackets.
func (n *tableNames) spell(schema, statement string) string {
	of := map[string]*migration.Table{}
	for _, m := range aliased.FindAllStringSubmatch(statement, -1) {
		of[m[2]] = n.find(schema, m[1])
	}
	if m := placeholder.FindStringSubmatch(statement); m != nil && len(of) == 0 {
		t := n.find(schema, m[1])
		return bracketed.ReplaceAllStringFunc(statement, func(m string) string {
			return cmp.Or(spelled(t, m[1:len(m)-1]), m)
		})
	}
	return qualified.ReplaceAllStringFunc(statement, func(m string) string {
		alias, column, _ := strings.Cut(m, ".")
		if name := spelled(of[alias], column); name != "" {
			return alias + "." + name
		}
		return m
	})
}

// spelled is a column as the catalogue spells it, quoted; empty if there is none.
func spelled(t *migration.Table, column string) string {
	if t == nil {
		return ""
	}
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, column) {
			return quote(c.Name)
		}
	}
	return ""
}

// expand puts the quoted names of SuperOffice tables and columns into a
// statement.
func (in *Installation) expand(ctx context.Context, statement string) (string, error) {
	names, err := in.load(ctx, false)
	if err != nil {
		return "", err
	}
	var missing string
	statement = names.spell(in.settings.Schema, statement)
	out := placeholder.ReplaceAllStringFunc(statement, func(m string) string {
		t := names.find(in.settings.Schema, m[1:len(m)-1])
		if t == nil {
			missing = in.settings.Schema + "." + m[1:len(m)-1]
			return m
		}
		return quoteTable(t)
	})
	if missing != "" {
		return "", migration.Fail("find table", missing, migration.ErrNotFound,
			migration.Msg("hint.sql.table", "Table", missing, "Schema", in.settings.Schema, "Database", in.settings.Database))
	}
	return out, nil
}

// query runs a statement and hands every row to scan.
func (in *Installation) query(ctx context.Context, op, item, statement string, scan func(*sql.Rows) error, args ...any) error {
	if strings.Contains(statement, "{") {
		var err error
		if statement, err = in.expand(ctx, statement); err != nil {
			return err
		}
	}
	rows, err := in.db.QueryContext(ctx, statement, args...)
	if err != nil {
		return in.sqlError(op, item, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return in.sqlError(op, item, err)
		}
	}
	return in.sqlError(op, item, rows.Err())
}
