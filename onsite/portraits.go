package onsite

import (
	"context"
	"database/sql"
)

// Portraits tells which associates have a picture: the id of the picture by that
// of the associate. Those that are packed, encrypted or larger than Portrait
// reads are left out. It is empty where the database has no such tables.
func (in *Installation) Portraits(ctx context.Context) (map[int64]int64, error) {
	out := map[int64]int64{}
	names, err := in.load(ctx, false)
	if err != nil || names.find(in.settings.Schema, "BinaryObject") == nil || names.find(in.settings.Schema, "BinaryObjectLink") == nil {
		return out, err
	}
	err = in.query(ctx, "list pictures of people", in.settings.Database, sqlPortraits, func(rows *sql.Rows) error {
		var associate, picture int64
		if err := rows.Scan(&associate, &picture); err != nil {
			return err
		}
		if _, ok := out[associate]; !ok { // the first by rank
			out[associate] = picture
		}
		return nil
	})
	return out, err
}

// Portrait reads a picture as it is stored, in whatever format. It is nil if the
// picture has gone meanwhile or its size is above 256 KiB: the column that says so
// is written by clients.
func (in *Installation) Portrait(ctx context.Context, picture int64) ([]byte, error) {
	var data []byte
	err := in.query(ctx, "read picture", in.settings.Database, sqlPortrait, func(rows *sql.Rows) error {
		var size sql.NullInt64
		return rows.Scan(&data, &size)
	}, int32(picture))
	return data, err
}
