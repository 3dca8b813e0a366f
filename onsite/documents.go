package onsite

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"omt/migration"
)

// batchRows is how many rows of document or attachment are held at once.
const batchRows = 1000

// beforeAll comes before the id of every row.
const beforeAll = -1 << 31

// eachDocument hands every document row after an id to take, by windows of ids and
// within each by the folder in which its file should lie: the ids of people who
// write at the same time alternate, and in their order each file would be in
// another folder than the one before. Only a window is held. The result is closed
// before take runs: a slow receiver must not hold a connection.
func (in *Installation) eachDocument(ctx context.Context, after int64, take func(documentRow) error) error {
	last := max(after, beforeAll)
	var window []documentRow
	for {
		n := 0
		err := in.query(ctx, "read documents", in.settings.Database, sqlDocuments, func(rows *sql.Rows) error {
			d, err := scanDocument(rows)
			window = append(window, d)
			n++
			return err
		}, int64(in.batch), int32(last))
		if err != nil {
			return err
		}
		if n > 0 {
			last = window[len(window)-1].id
		}
		for len(window) > 0 {
			number := migration.Window(window[0].id)
			end := slices.IndexFunc(window, func(d documentRow) bool { return migration.Window(d.id) != number })
			if end < 0 && n == in.batch {
				break // more of it may follow
			}
			if end < 0 {
				end = len(window)
			}
			if err := inOrder(ctx, window[:end], take); err != nil {
				return err
			}
			window = slices.Delete(window, 0, end)
		}
		if n < in.batch {
			return nil
		}
	}
}

// inOrder hands the rows of a window to take: by folder and name as Windows
// compares them, rows of one path and those without a path by their ids.
func inOrder(ctx context.Context, window []documentRow, take func(documentRow) error) error {
	type placed struct {
		path string
		row  documentRow
	}
	rows := make([]placed, len(window))
	for i, d := range window {
		rows[i] = placed{foldName(strings.Join(d.formula(), "\x00")), d}
	}
	slices.SortFunc(rows, func(a, b placed) int {
		return cmp.Or(strings.Compare(a.path, b.path), cmp.Compare(a.row.id, b.row.id))
	})
	for _, r := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := take(r.row); err != nil {
			return err
		}
	}
	return nil
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

// namesakes returns a reader of the document rows of a name, in whatever case
// the database compares names.
func (in *Installation) namesakes(ctx context.Context) func(string) ([]documentRow, error) {
	return func(name string) ([]documentRow, error) {
		var out []documentRow
		err := in.query(ctx, "read documents", in.settings.Database, sqlNamesakes, func(rows *sql.Rows) error {
			d, err := scanDocument(rows)
			out = append(out, d)
			return err
		}, name)
		return out, err
	}
}

func (in *Installation) documents(ctx context.Context, fd *finder, after int64, yield func(migration.Item) error) error {
	fd.namesakes = in.namesakes(ctx)
	return in.eachDocument(ctx, after, func(d documentRow) error {
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
	h, err := fd.search(d, owners, periods)
	switch {
	case err != nil:
		return it, err
	case h.other != 0:
		it.Outcome, it.Reason = migration.Missing, migration.Msg("reason.document.other", "Path", h.path, "Document", h.other)
		return it, fd.files.alive(fd.files.settings.ArchivePaths)
	case h.path == "":
		it.Outcome, it.Reason = migration.Missing, migration.Msg("reason.document.missing", "Path", d.name, "Owner", owners[0], "Period", periods[0])
		return it, fd.files.alive(fd.files.settings.ArchivePaths)
	case !h.reason.IsZero():
		it.Outcome, it.Reason = migration.Unreadable, h.reason
	case h.fallback:
		it.Reason = migration.Msg("warning.document.found", "ID", d.id, "Path", h.path)
	}
	it.Source, it.Size, it.Modified = h.path, h.size, h.mtime
	return it, nil
}

// hit is what a search found; an empty path is nothing.
type hit struct {
	place
	fallback bool  // not where the formula says, or spelled otherwise
	other    int64 // not 0: the file belongs to that document
}

// search looks in the folder of each owner, in the period and its neighbour,
// in the archive paths in their order; the first file wins. Something that is
// no readable file counts only if there is no file anywhere, and a file that is
// another document's only if there is nothing else.
func (fd *finder) search(d documentRow, owners, periods []string) (hit, error) {
	var bad, foreign hit
	for i, folder := range folders(owners, periods) {
		for _, root := range fd.files.settings.ArchivePaths {
			p, ok, err := fd.find(root, folder[0], folder[1], d.name)
			if err != nil {
				return hit{}, err
			}
			h := hit{place: p, fallback: i > 0 || p.actual != nil}
			switch {
			case !ok:
				continue
			case !p.reason.IsZero():
				if bad.path == "" {
					bad = h
				}
				continue
			case !h.fallback:
				return h, nil
			}
			elements := p.actual
			if elements == nil {
				elements = []string{folder[0], folder[1], d.name}
			}
			if h.other, err = fd.claimed(d, elements); err != nil || h.other == 0 {
				return h, err
			}
			if foreign.path == "" {
				foreign = h
			}
		}
	}
	if d.undated() {
		if h, err := fd.anyPeriod(d, owners); err != nil || h.path != "" {
			return h, err
		}
	}
	if bad.path != "" {
		return bad, nil
	}
	return foreign, nil
}

// claimed returns another document whose own path is exactly the file that was
// found for d elsewhere than at its own, or 0. Sending that file for d would
// give one document the content of another. A file that only is spelled
// otherwise than d's path is another's only if that one is spelled just so.
func (fd *finder) claimed(d documentRow, elements []string) (int64, error) {
	if fd.namesakes == nil {
		return 0, nil
	}
	rows, err := fd.namesakes(elements[2])
	if err != nil {
		return 0, err
	}
	elsewhere := !slices.EqualFunc(d.formula(), elements, sameName)
	for _, r := range rows {
		f := r.formula()
		if r.id != d.id && f != nil && (slices.Equal(f, elements) || elsewhere && slices.EqualFunc(f, elements, sameName)) {
			return r.id, nil
		}
	}
	return 0, nil
}

func sameName(a, b string) bool { return foldName(a) == foldName(b) }

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
