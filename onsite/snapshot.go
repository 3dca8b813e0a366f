package onsite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	mssql "github.com/microsoft/go-mssqldb"

	"omt/migration"
)

var (
	_ migration.Snapshotter   = (*Freezer)(nil)
	_ migration.SnapshotGauge = (*Installation)(nil)
)

// errNoCreate: the login may not make a database.
const errNoCreate = 262

// errSnapshotOff: the edition of the server has no database snapshots.
const errSnapshotOff = 1844

// maySnapshot tests the right for it. What else a server lacks (its edition,
// the disk) shows only when the snapshot is made.
func (f *Freezer) maySnapshot(ctx context.Context, r migration.FreezeRequest) error {
	if r.Snapshot == "" {
		return nil
	}
	var server, master sql.NullInt64
	err := f.in.query(ctx, "read rights", f.in.settings.Database, sqlMayCreate, func(rows *sql.Rows) error {
		return rows.Scan(&server, &master)
	})
	if err != nil || server.Int64 == 1 || master.Int64 == 1 {
		return err
	}
	return migration.Fail("make snapshot of", f.in.settings.Database, migration.ErrForbidden, migration.Msg("hint.snapshot.right", "User", f.in.settings.User))
}

// prepareSnapshot lays the file of the snapshot beside each data file: that is
// the disk where the server may write and where an administrator looks for it.
func (f *Freezer) prepareSnapshot(ctx context.Context, name string) (*migration.FrozenSnapshot, error) {
	s := &migration.FrozenSnapshot{Name: name}
	err := f.in.query(ctx, "read data files", f.in.settings.Database, sqlDataFiles, func(rows *sql.Rows) error {
		var logical, physical string
		if err := rows.Scan(&logical, &physical); err != nil {
			return err
		}
		folder := physical[:strings.LastIndexAny(physical, `\/`)+1]
		s.Files = append(s.Files, migration.SnapshotFile{Name: logical, Path: fmt.Sprintf("%s%s_%d.ss", folder, name, len(s.Files)+1)})
		return nil
	})
	return s, err
}

// createSnapshot makes it, unless it is there already.
func (f *Freezer) createSnapshot(ctx context.Context, s *migration.FrozenSnapshot) error {
	if there, err := f.hasSnapshot(ctx, s.Name); err != nil || there {
		return err
	}
	var files []string
	for _, x := range s.Files {
		files = append(files, "(NAME = "+quote(x.Name)+", FILENAME = N'"+strings.ReplaceAll(x.Path, "'", "''")+"')")
	}
	info, err := f.in.server(ctx)
	if err != nil {
		return err
	}
	_, err = f.in.db.ExecContext(ctx, "CREATE DATABASE "+quote(s.Name)+" ON "+strings.Join(files, ", ")+" AS SNAPSHOT OF "+quote(info.database))
	return f.snapshotError("make snapshot of", info.database, err)
}

// snapshotError says what to do about a snapshot that could not be made: a run
// goes without it as well.
func (f *Freezer) snapshotError(op, item string, err error) error {
	var e mssql.Error
	if !errors.As(err, &e) {
		return f.in.sqlError(op, item, err)
	}
	switch e.Number {
	case errNoCreate:
		return migration.Fail(op, item, fmt.Errorf("%w: %w", migration.ErrForbidden, err), migration.Msg("hint.snapshot.right", "User", f.in.settings.User))
	case errSnapshotOff:
		return migration.Fail(op, item, err, migration.Msg("hint.snapshot.edition"))
	}
	return migration.Fail(op, item, err, migration.Msg("hint.snapshot.failed", "Number", e.Number))
}

func (f *Freezer) hasSnapshot(ctx context.Context, name string) (bool, error) {
	var all []string
	err := f.in.query(ctx, "read snapshots", f.in.settings.Database, sqlSnapshots, func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		all = append(all, s)
		return err
	})
	return slices.ContainsFunc(all, func(s string) bool { return strings.EqualFold(s, name) }), err
}

// DropSnapshot implements migration.Snapshotter. Only what the server says to
// be a snapshot of this database is ever dropped.
func (f *Freezer) DropSnapshot(ctx context.Context, rec migration.FreezeRecord) error {
	if rec.Snapshot == nil {
		return nil
	}
	if there, err := f.hasSnapshot(ctx, rec.Snapshot.Name); err != nil || !there {
		return err
	}
	_, err := f.in.db.ExecContext(ctx, "DROP DATABASE "+quote(rec.Snapshot.Name))
	if err != nil {
		var e mssql.Error
		if errors.As(err, &e) {
			return migration.Fail("drop snapshot", rec.Snapshot.Name, err, migration.Msg("hint.snapshot.drop", "Name", rec.Snapshot.Name, "Number", e.Number))
		}
		return f.in.sqlError("drop snapshot", rec.Snapshot.Name, err)
	}
	return nil
}

// OpenSnapshot implements migration.Snapshotter: connections of their own, as
// many as the installation itself may have.
func (f *Freezer) OpenSnapshot(ctx context.Context, rec migration.FreezeRecord) (migration.SnapshotRows, error) {
	if rec.Snapshot == nil {
		return nil, migration.Fail("open snapshot of", f.in.settings.Database, migration.ErrNotFound, migration.Msg("hint.report"))
	}
	info, err := f.in.server(ctx)
	if err != nil {
		return nil, err
	}
	s := f.in.settings
	s.Database = rec.Snapshot.Name
	in, err := Connect(ctx, s, f.in.options)
	if err != nil {
		return nil, err
	}
	in.snapshotOf = info.database
	return in, nil
}

// Growth implements migration.SnapshotGauge. A login without VIEW SERVER STATE is
// told nothing.
func (in *Installation) Growth(ctx context.Context) (migration.SnapshotGrowth, error) {
	var g migration.SnapshotGrowth
	var files []int64
	err := in.query(ctx, "read size of snapshot", in.settings.Database, sqlGrowth, func(rows *sql.Rows) error {
		var id, size sql.NullInt64
		err := rows.Scan(&id, &size)
		files, g.Bytes = append(files, id.Int64), g.Bytes+size.Int64
		return err
	})
	for _, id := range files {
		if err != nil {
			break
		}
		err = in.query(ctx, "read room for snapshot", in.settings.Database, sqlVolume, func(rows *sql.Rows) error {
			var volume sql.NullString
			var free sql.NullInt64
			err := rows.Scan(&volume, &free)
			if free.Valid && (g.Volume == "" || free.Int64 < g.Free) {
				g.Volume, g.Free = volume.String, free.Int64
			}
			return err
		}, int32(id))
	}
	if withoutState(err) {
		return migration.SnapshotGrowth{}, nil
	}
	return g, err
}
