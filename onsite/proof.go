package onsite

import (
	"context"
	"database/sql"
	"time"

	"omt/migration"
)

// Proof describes the state of the database. Counts are those of the partition
// statistics: exact counts would read every table. Usage and Started need VIEW
// SERVER STATE and are left out without it.
func (in *Installation) Proof(ctx context.Context) (migration.Proof, error) {
	p := migration.Proof{Counts: map[string]int64{}}
	names, err := in.load(ctx, false)
	if err != nil {
		return p, err
	}
	if names.find(in.settings.Schema, "traveltransactionlog") != nil {
		err := in.query(ctx, "read transaction log", in.settings.Database, sqlMaxLog, func(rows *sql.Rows) error {
			var id sql.NullInt64
			defer func() { p.MaxLogID = id.Int64 }()
			return rows.Scan(&id)
		})
		if err != nil {
			return p, err
		}
	}
	err = in.rowCounts(ctx, func(id, rows, _ int64) {
		if t := names.ids[id]; t != nil {
			p.Counts[t.FullName()] = rows
		}
	})
	if err != nil {
		return p, err
	}
	return p, in.usage(ctx, names, &p)
}

func (in *Installation) usage(ctx context.Context, names *tableNames, p *migration.Proof) error {
	var started time.Time
	err := in.query(ctx, "read server state", in.settings.Database, sqlStarted, func(rows *sql.Rows) error {
		return rows.Scan(&started)
	})
	if err != nil {
		return unlessDenied(err)
	}
	usage := map[string]int64{}
	err = in.query(ctx, "read usage statistics", in.settings.Database, sqlUsage, func(rows *sql.Rows) error {
		var id, n sql.NullInt64
		if err := rows.Scan(&id, &n); err != nil {
			return err
		}
		if t := names.ids[id.Int64]; t != nil {
			usage[t.FullName()] += n.Int64
		}
		return nil
	})
	if err != nil {
		return unlessDenied(err)
	}
	p.Started, p.Usage = started.UTC(), usage
	return nil
}

func unlessDenied(err error) error {
	if withoutState(err) {
		return nil
	}
	return err
}
