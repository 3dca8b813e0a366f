package onsite

import (
	"context"
	"database/sql"
	"strings"

	"omt/migration"
)

func (in *Installation) aliases(ctx context.Context, c *migration.Catalog, _ *tableNames) error {
	return in.query(ctx, "read types", in.settings.Database, sqlTypeAliases, func(rows *sql.Rows) error {
		var t migration.AliasType
		var nullable sql.NullBool
		if err := rows.Scan(&t.Schema, &t.Name, &t.Base, &t.MaxLength, &t.Precision, &t.Scale, &nullable); err != nil {
			return err
		}
		t.Base, t.Nullable = strings.ToLower(t.Base), nullable.Bool
		c.Types = append(c.Types, t)
		return nil
	})
}

func (in *Installation) sequences(ctx context.Context, c *migration.Catalog, _ *tableNames) error {
	return in.query(ctx, "read sequences", in.settings.Database, sqlSequenceObjects, func(rows *sql.Rows) error {
		var s migration.Sequence
		var start, increment, lowest, highest, current sql.NullString
		var cycle, cached sql.NullBool
		var size sql.NullInt64
		if err := rows.Scan(&s.Schema, &s.Name, &s.Type, &s.Precision, &start, &increment, &lowest, &highest, &current,
			&cycle, &cached, &size); err != nil {
			return err
		}
		s.Type = strings.ToLower(s.Type)
		s.Start, s.Increment, s.Minimum, s.Maximum, s.Current = start.String, increment.String, lowest.String, highest.String, current.String
		s.Cycle, s.Cached, s.CacheSize = cycle.Bool, cached.Bool, size.Int64
		c.Sequences = append(c.Sequences, s)
		return nil
	})
}
