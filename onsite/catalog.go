package onsite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"omt/migration"
)

// pageBytes is the size of a page of SQL Server.
const pageBytes = 8192

// Catalog reads the whole catalogue in a handful of statements. Sizes are left
// out where the login may not read them.
func (in *Installation) Catalog(ctx context.Context) (*migration.Catalog, error) {
	info, err := in.server(ctx)
	if err != nil {
		return nil, err
	}
	if err := in.definition(ctx); err != nil {
		return nil, err
	}
	names, err := in.load(ctx, true)
	if err != nil {
		return nil, err
	}
	c := &migration.Catalog{
		Database: cmp.Or(in.snapshotOf, info.database), Schema: in.settings.Schema, Collation: info.collation, LCID: info.lcid,
		ServerVersion: info.version, Edition: info.edition, Tables: names.tables,
	}
	company := names.find(in.settings.Schema, "company")
	if company == nil {
		_, err := in.expand(ctx, "{company}")
		return nil, err
	}
	c.Schema = company.Schema
	for _, step := range []func(context.Context, *migration.Catalog, *tableNames) error{
		in.denied, in.disabled, in.indexes, in.identities, in.computed, in.defaults, in.checkConstraints, in.foreignKeys,
		in.aliases, in.sequences, in.sizes, in.modules,
	} {
		if err := step(ctx, c, names); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// definition refuses a login to which a table without a grant is invisible:
// the package would lack that table and nobody would notice.
func (in *Installation) definition(ctx context.Context) error {
	var may sql.NullInt64
	err := in.query(ctx, "read rights", in.settings.Database, sqlDefinition, func(rows *sql.Rows) error {
		return rows.Scan(&may)
	})
	if err != nil || may.Int64 == 1 {
		return err
	}
	return migration.Fail("read catalogue", in.settings.Database, migration.ErrForbidden,
		migration.Msg("hint.sql.definition", "Database", in.settings.Database, "User", in.settings.User))
}

// denied names the tables that the login may not read: moving the others alone
// would lose data without anybody seeing it.
func (in *Installation) denied(ctx context.Context, _ *migration.Catalog, _ *tableNames) error {
	item, err := in.tableList(ctx, "read rights", sqlDenied)
	if err != nil || item == "" {
		return err
	}
	return migration.Fail("read table", item, migration.ErrForbidden,
		migration.Msg("hint.sql.permission", "Item", item, "User", in.settings.User))
}

// disabled names the tables that nobody can read, because the index that holds
// their rows is disabled.
func (in *Installation) disabled(ctx context.Context, _ *migration.Catalog, _ *tableNames) error {
	item, err := in.tableList(ctx, "read indexes", sqlDisabled)
	if err != nil || item == "" {
		return err
	}
	return migration.Fail("read table", item, errDisabled, migration.Msg("hint.sql.disabled", "Item", item))
}

var errDisabled = errors.New("the clustered index is disabled")

// tableList joins the first tables of a statement's answer for people.
func (in *Installation) tableList(ctx context.Context, op, statement string) (string, error) {
	var list []string
	err := in.query(ctx, op, in.settings.Database, statement, func(rows *sql.Rows) error {
		var schema, table string
		err := rows.Scan(&schema, &table)
		list = append(list, schema+"."+table)
		return err
	})
	item := strings.Join(list[:min(len(list), 5)], ", ")
	if len(list) > 5 {
		item += fmt.Sprintf(" and %d more", len(list)-5)
	}
	return item, err
}

func (in *Installation) indexes(ctx context.Context, _ *migration.Catalog, names *tableNames) error {
	err := in.query(ctx, "read indexes", in.settings.Database, sqlIndexes, func(rows *sql.Rows) error {
		var id, kind int64
		var name, filter sql.NullString
		var ix migration.Index
		var col migration.IndexColumn
		var primary, constraint bool
		var system sql.NullBool
		if err := rows.Scan(&id, &name, &kind, &ix.Unique, &primary, &constraint, &system,
			&col.Name, &col.Descending, &col.Included, &filter); err != nil {
			return err
		}
		t := names.ids[id]
		if t == nil {
			return nil // made after the columns were read
		}
		if n := len(t.Indexes); n > 0 && t.Indexes[n-1].Name == name.String {
			t.Indexes[n-1].Columns = append(t.Indexes[n-1].Columns, col)
			return nil
		}
		ix.Name, ix.Clustered, ix.System, ix.Filter = name.String, kind == 1, system.Bool, filter.String
		ix.Kind = migration.PlainIndex
		if primary {
			ix.Kind = migration.PrimaryKey
		} else if constraint {
			ix.Kind = migration.UniqueConstraint
		}
		ix.Columns = []migration.IndexColumn{col}
		t.Indexes = append(t.Indexes, ix)
		return nil
	})
	for _, t := range names.tables {
		slices.SortStableFunc(t.Indexes, func(a, b migration.Index) int {
			if (a.Kind == migration.PrimaryKey) != (b.Kind == migration.PrimaryKey) {
				if a.Kind == migration.PrimaryKey {
					return -1
				}
				return 1
			}
			return cmp.Compare(a.Name, b.Name)
		})
	}
	return err
}

func (in *Installation) sizes(ctx context.Context, c *migration.Catalog, names *tableNames) error {
	return in.rowCounts(ctx, func(id, rows, pages int64) {
		if t := names.ids[id]; t != nil {
			t.Rows, t.DataBytes = rows, pages*pageBytes
			c.SizeKB += pages * pageBytes / 1024
		}
	})
}

// rowCounts reads the partition statistics, or rows alone for a login without
// VIEW DATABASE STATE.
func (in *Installation) rowCounts(ctx context.Context, take func(id, rows, pages int64)) error {
	err := in.query(ctx, "read sizes", in.settings.Database, sqlSizes, func(rows *sql.Rows) error {
		var id, n, pages sql.NullInt64
		if err := rows.Scan(&id, &n, &pages); err != nil {
			return err
		}
		take(id.Int64, n.Int64, pages.Int64)
		return nil
	})
	if !withoutState(err) {
		return err
	}
	return in.query(ctx, "read sizes", in.settings.Database, sqlPartitions, func(rows *sql.Rows) error {
		var id, n sql.NullInt64
		if err := rows.Scan(&id, &n); err != nil {
			return err
		}
		take(id.Int64, n.Int64, 0)
		return nil
	})
}

func (in *Installation) modules(ctx context.Context, c *migration.Catalog, _ *tableNames) error {
	return in.query(ctx, "read modules", in.settings.Database, sqlModules, func(rows *sql.Rows) error {
		var m migration.Module
		var definition sql.NullString
		var nulls, quoted sql.NullBool
		if err := rows.Scan(&m.Schema, &m.Name, &m.Type, &definition, &nulls, &quoted); err != nil {
			return err
		}
		m.Definition, m.AnsiNulls, m.QuotedIdentifier = definition.String, nulls.Bool, quoted.Bool
		c.Modules = append(c.Modules, m)
		return nil
	})
}
