package onsite

import (
	"context"
	"database/sql"

	"omt/migration"
)

// columnOf finds a column by its table's object id and its name, nil for one
// that was made after the columns were read.
func (n *tableNames) columnOf(id int64, name string) *migration.Column {
	t := n.ids[id]
	if t == nil {
		return nil
	}
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

func (in *Installation) identities(ctx context.Context, _ *migration.Catalog, names *tableNames) error {
	return in.query(ctx, "read identities", in.settings.Database, sqlIdentities, func(rows *sql.Rows) error {
		var id int64
		var name string
		var seed, increment sql.NullString
		if err := rows.Scan(&id, &name, &seed, &increment); err != nil {
			return err
		}
		if c := names.columnOf(id, name); c != nil {
			c.Seed, c.Increment = seed.String, increment.String
		}
		return nil
	})
}

func (in *Installation) computed(ctx context.Context, _ *migration.Catalog, names *tableNames) error {
	return in.query(ctx, "read computed columns", in.settings.Database, sqlComputed, func(rows *sql.Rows) error {
		var id int64
		var name string
		var formula sql.NullString
		var persisted sql.NullBool
		if err := rows.Scan(&id, &name, &formula, &persisted); err != nil {
			return err
		}
		if c := names.columnOf(id, name); c != nil {
			c.Formula, c.Persisted = formula.String, persisted.Bool
		}
		return nil
	})
}

func (in *Installation) defaults(ctx context.Context, _ *migration.Catalog, names *tableNames) error {
	return in.query(ctx, "read defaults", in.settings.Database, sqlDefaults, func(rows *sql.Rows) error {
		var id int64
		var column string
		var expression sql.NullString
		var d migration.Default
		if err := rows.Scan(&id, &column, &d.Name, &expression, &d.System); err != nil {
			return err
		}
		d.Expression = expression.String
		if c := names.columnOf(id, column); c != nil {
			c.Default = d
		}
		return nil
	})
}

func (in *Installation) checkConstraints(ctx context.Context, _ *migration.Catalog, names *tableNames) error {
	return in.query(ctx, "read check constraints", in.settings.Database, sqlChecks, func(rows *sql.Rows) error {
		var id int64
		var expression sql.NullString
		var c migration.Check
		if err := rows.Scan(&id, &c.Name, &expression, &c.System, &c.Disabled, &c.Untrusted); err != nil {
			return err
		}
		c.Expression = expression.String
		if t := names.ids[id]; t != nil {
			t.Checks = append(t.Checks, c)
		}
		return nil
	})
}

func (in *Installation) foreignKeys(ctx context.Context, _ *migration.Catalog, names *tableNames) error {
	return in.query(ctx, "read foreign keys", in.settings.Database, sqlForeignKeys, func(rows *sql.Rows) error {
		var id int64
		var fk migration.ForeignKey
		var column, referenced string
		if err := rows.Scan(&id, &fk.Name, &fk.RefSchema, &fk.RefTable, &fk.OnDelete, &fk.OnUpdate,
			&fk.System, &fk.Disabled, &fk.Untrusted, &column, &referenced); err != nil {
			return err
		}
		t := names.ids[id]
		if t == nil {
			return nil
		}
		if n := len(t.ForeignKeys); n == 0 || t.ForeignKeys[n-1].Name != fk.Name {
			t.ForeignKeys = append(t.ForeignKeys, fk)
		}
		last := &t.ForeignKeys[len(t.ForeignKeys)-1]
		last.Columns, last.Referenced = append(last.Columns, column), append(last.Referenced, referenced)
		return nil
	})
}
