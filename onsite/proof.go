package onsite

import (
	"context"
	"database/sql"
	"time"

	"omt/migration"
)

// firstProvable is the major version of SQL Server 2016: 2012 and 2014 clear
// the usage statistics of an index that is rebuilt.
const firstProvable = 13

// Proof describes the state of the database. Counts are those of the partition
// statistics: exact counts would read every table. Usage and Started need VIEW
// SERVER STATE and are left out without it, and where the counters would prove
// nothing (see provable and openWrites).
func (in *Installation) Proof(ctx context.Context) (migration.Proof, error) {
	p := migration.Proof{Counts: map[string]int64{}}
	if in.snapshotOf != "" {
		p.Snapshot = in.settings.Database
	}
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

// provable tells whether the counters of this database count from the start of
// the server on: a database that closes itself forgets them, one that cannot be
// written here may be changed elsewhere, and an old server clears them.
func (in *Installation) provable(ctx context.Context) (bool, error) {
	var closes, major sql.NullInt64
	var updates sql.NullString
	err := in.query(ctx, "read database options", in.settings.Database, sqlProvable, func(rows *sql.Rows) error {
		return rows.Scan(&closes, &updates, &major)
	})
	return closes.Valid && closes.Int64 == 0 && updates.String == "READ_WRITE" && major.Int64 >= firstProvable, err
}

// openWrites tells whether a transaction is open that has written. Its
// statement was counted already, but its rows appear when it ends: two equal
// proofs could stand before and after that.
func (in *Installation) openWrites(ctx context.Context) (bool, error) {
	var n int64
	err := in.query(ctx, "read open transactions", in.settings.Database, sqlOpenWrites, func(rows *sql.Rows) error {
		return rows.Scan(&n)
	})
	return n > 0, err
}

func (in *Installation) usage(ctx context.Context, names *tableNames, p *migration.Proof) error {
	if ok, err := in.provable(ctx); err != nil || !ok {
		return err
	}
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
	// Asked after the counters: what is open now may have been counted there,
	// what ended in between is visible to every later reading.
	if open, err := in.openWrites(ctx); err != nil || open {
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
