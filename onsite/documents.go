package onsite

import (
	"context"
	"database/sql"
	"slices"
	"strconv"

	"omt/migration"
)

// batchRows is how many rows of document or attachment are held at once.
const batchRows = 1000

// eachDocument hands every document row to take, by id. The result is closed
// before take runs: a slow receiver must not hold a connection.
func (in *Installation) eachDocument(ctx context.Context, take func(documentRow) error) error {
	last := int64(-1 << 31)
	batch := make([]documentRow, 0, in.batch)
	for {
		batch = batch[:0]
		err := in.query(ctx, "read documents", in.settings.Database, sqlDocuments, func(rows *sql.Rows) error {
			d, err := scanDocument(rows)
			batch = append(batch, d)
			return err
		}, int64(in.batch), int32(last))
		if err != nil {
			return err
		}
		for _, d := range batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := take(d); err != nil {
				return err
			}
			last = d.id
		}
		if len(batch) < in.batch {
			return nil
		}
	}
}

func scanDocument(rows *sql.Rows) (documentRow, error) {
	var d documentRow
	var name, owner, registrar sql.NullString
	var registered sql.NullTime
	var provider, appointmentID, appointment, ownerID, registrarID sql.NullInt64
	err := rows.Scan(&d.id, &name, &registered, &provider, &appointmentID, &appointment, &ownerID, &owner, &registrarID, &registrar)
	d.name, d.owner, d.registrar = name.String, owner.String, registrar.String
	d.registered, d.dated = registered.Time, registered.Valid
	d.provider, d.appointmentID, d.appointment = provider.Int64, appointmentID.Int64, appointment.Valid
	d.ownerID, d.registrarID = ownerID.Int64, registrarID.Int64
	return d, err
}

func (in *Installation) documents(ctx context.Context, fd *finder, yield func(migration.Item) error) error {
	return in.eachDocument(ctx, func(d documentRow) error {
		it, err := fd.document(d)
		if err != nil {
			return err
		}
		return yield(it)
	})
}

// document finds the file of a row. The target path is always the formula's,
// wherever the file was found.
func (fd *finder) document(d documentRow) (migration.Item, error) {
	it := migration.Item{Kind: migration.KindDocument, Key: strconv.FormatInt(d.id, 10), Row: d.id}
	var owners []string
	if it.Outcome, it.Reason, owners = d.outcome(); it.Outcome != "" {
		return it, nil
	}
	periods := d.periods()
	it.Owner = owners[0]
	it.Elements = []string{"documents", owners[0], periods[0], d.name}
	for _, name := range []string{owners[0], d.name} {
		if why := checkName(name); !why.IsZero() {
			it.Outcome, it.Reason = migration.Unreadable, why
			return it, nil
		}
	}
	p, ok, err := fd.search(owners, periods, d.name)
	switch {
	case err != nil:
		return it, err
	case !ok:
		it.Outcome, it.Reason = migration.Missing, migration.Msg("reason.document.missing", "Path", d.name, "Owner", owners[0], "Period", periods[0])
		return it, fd.files.alive(fd.files.settings.ArchivePaths)
	case !p.reason.IsZero():
		it.Outcome, it.Reason = migration.Unreadable, p.reason
	}
	it.Source, it.Size = p.path, p.size
	return it, nil
}

// search looks in the folder of each owner, in the period and its neighbour,
// in the archive paths in their order; the first file wins. Something that is
// no readable file counts only if there is no file anywhere.
func (fd *finder) search(owners, periods []string, name string) (place, bool, error) {
	var bad *place
	for _, folder := range folders(owners, periods) {
		for _, root := range fd.files.settings.ArchivePaths {
			p, ok, err := fd.find(root, folder[0], folder[1], name)
			if err != nil {
				return place{}, false, err
			}
			if ok && p.reason.IsZero() {
				return p, true, nil
			}
			if ok && bad == nil {
				bad = &p
			}
		}
	}
	if bad != nil {
		return *bad, true, nil
	}
	return place{}, false, nil
}

// folders are pairs of owner and period in the order of the search. An unsafe
// name is left out.
func folders(owners, periods []string) [][2]string {
	var out [][2]string
	for _, o := range owners {
		if why := checkName(o); !why.IsZero() {
			continue
		}
		for _, p := range periods {
			out = append(out, [2]string{o, p})
		}
	}
	return slices.Clip(out)
}
