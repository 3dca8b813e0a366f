package onsite

import (
	"context"
	"database/sql"
	"strconv"

	"omt/migration"
)

// folderSize is how many ids share one folderN below an attachment path.
const folderSize = 10_000

type attachmentRow struct {
	id, size, location int64
}

// attachments yields one item a row of attachment, by id. A size that differs
// from att_size is a warning: an item with a Reason and no Outcome.
func (in *Installation) attachments(ctx context.Context, fd *finder, yield func(migration.Item) error) error {
	names, err := in.load(ctx, false)
	if err != nil || names.find(in.settings.Schema, "attachment") == nil {
		return err
	}
	folders, err := in.serviceFolders(ctx)
	if err != nil {
		return err
	}
	statement := sqlAttachments
	located := names.has(in.settings.Schema, "attachment", "attachment_location_id")
	if !located {
		statement = sqlAttachmentsPlain
	}
	last := int64(-1 << 31)
	batch := make([]attachmentRow, 0, in.batch)
	for {
		batch = batch[:0]
		err := in.query(ctx, "read attachments", in.settings.Database, statement, func(rows *sql.Rows) error {
			a, err := scanAttachment(rows, located)
			batch = append(batch, a)
			return err
		}, int64(in.batch), int32(last))
		if err != nil {
			return err
		}
		for _, a := range batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			it, err := fd.attachment(a, folders)
			if err != nil {
				return err
			}
			if err := yield(it); err != nil {
				return err
			}
			last = a.id
		}
		if len(batch) < in.batch {
			return nil
		}
	}
}

func scanAttachment(rows *sql.Rows, located bool) (attachmentRow, error) {
	var a attachmentRow
	var name sql.NullString
	var size, location sql.NullInt64
	to := []any{&a.id, &name, &size}
	if located {
		to = append(to, &location)
	}
	err := rows.Scan(to...)
	a.size, a.location = size.Int64, location.Int64
	return a, err
}

// attachment finds the file named by the id, directly in the folder of its
// location or in folderN, then in the folders used before there were locations.
// A folder of its own that cannot be reached is an error: the file may be there.
func (fd *finder) attachment(a attachmentRow, folders serviceFolders) (migration.Item, error) {
	id := strconv.FormatInt(a.id, 10)
	it := migration.Item{Kind: migration.KindAttachment, Key: id, Row: a.id, Elements: []string{"attachments", id}}
	roots := folders.attachments
	if path := folders.locations[a.location]; path != "" {
		roots = append([]string{path}, folders.reachable...)
	}
	sub := "folder" + strconv.FormatInt(a.id/folderSize, 10)
	for _, root := range roots {
		for _, elements := range [][]string{{id}, {sub, id}} {
			p, ok, err := fd.files.stat(root, elements...)
			if err != nil {
				return it, err
			}
			if !ok {
				continue
			}
			it.Source, it.Size, it.Modified = p.path, p.size, p.mtime
			switch {
			case !p.reason.IsZero():
				it.Outcome, it.Reason = migration.Unreadable, p.reason
			case p.size != a.size:
				it.Reason = migration.Msg("warning.attachment.size", "ID", a.id, "Expected", a.size, "Actual", p.size)
			}
			return it, nil
		}
	}
	it.Outcome, it.Reason = migration.Missing, migration.Msg("reason.attachment.missing", "ID", a.id)
	return it, fd.files.alive(roots)
}
