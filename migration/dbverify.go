package migration

import (
	"context"
	"errors"
	"fmt"

	"omt/migration/journal"
)

// ErrRowsLost: fewer or more rows were carried than the table holds, although
// nothing changed it.
var ErrRowsLost = errors.New("number of rows carried differs from the table")

// verifyAttempts is how often tables whose rows do not add up are read.
const verifyAttempts = 3

// verifyRows holds the rows of all parts against the counts of the server, and
// the state of the database against that of the start. A table that was
// written to meanwhile is a warning. For one whose difference nothing explains
// it forgets the parts, so that they are read again, and returns what would
// stop the run if that does not help.
func (d *database) verifyRows(ctx context.Context) (suspect, err error) {
	carried, err := d.carried(ctx)
	if err != nil {
		return nil, err
	}
	after, err := d.m.rowSource().Proof(ctx)
	if err != nil {
		return nil, fmt.Errorf("read state of database: %w", err)
	}
	d.info.Snapshot = after.Snapshot
	d.info.Proved, d.info.Moving = after.MaxLogID == d.proof.MaxLogID, 0
	for _, t := range d.cat.Tables {
		id := tableID(t)
		same := sameTable(t, d.proof, after)
		d.info.Proved = d.info.Proved && same
		if carried[id] == d.counts[id] {
			continue
		}
		now, err := d.m.rowSource().Count(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("count rows of %s: %w", t.FullName(), err)
		}
		if !same && (after.Usage != nil || now != d.counts[id]) {
			d.info.Moving++
			continue
		}
		suspect = Fail("verify table", t.FullName(), fmt.Errorf("%w: %d carried, %d in the table", ErrRowsLost, carried[id], now),
			Msg("hint.rows.lost", "Table", t.FullName(), "Carried", carried[id], "Rows", now))
		if err := d.m.Journal.DropRange(ctx, d.m.run.ID, id, -1); err != nil {
			return nil, fmt.Errorf("drop parts of %s: %w", t.FullName(), err)
		}
		delete(d.mixed, id)
	}
	d.info.Mixed = len(d.mixed)
	d.info.Proved = d.info.Proved && len(d.mixed) == 0
	return suspect, d.keepNote(ctx, noteMixed, d.mixed)
}

// carried adds the rows of all parts by table.
func (d *database) carried(ctx context.Context) (map[string]int64, error) {
	carried := map[string]int64{}
	open := ""
	err := d.m.Journal.Ranges(ctx, d.m.run.ID, func(r journal.Range) error {
		carried[r.Table] += r.Rows
		if !r.Done {
			open = r.Table
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read parts of journal: %w", err)
	}
	if open != "" {
		return nil, Fail("finish package", d.path, fmt.Errorf("a part of %s was not read", open), Msg("hint.report"))
	}
	return carried, nil
}
