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

// verifyRows holds the rows of all parts against the counts of the server, and
// the state of the database against that of the start. A table that was
// written to meanwhile is a warning; a difference that nothing explains stops
// the run.
func (d *database) verifyRows(ctx context.Context) error {
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
		return fmt.Errorf("read parts of journal: %w", err)
	}
	if open != "" {
		return fmt.Errorf("finish package: a part of %s was not read", open)
	}
	after, err := d.m.Source.Proof(ctx)
	if err != nil {
		return fmt.Errorf("read state of database: %w", err)
	}
	proved := after.MaxLogID == d.proof.MaxLogID
	for id, t := range d.tables {
		same := sameTable(t, d.proof, after)
		proved = proved && same
		if carried[id] == d.counts[id] {
			continue
		}
		now, err := d.m.Source.Count(ctx, t)
		if err != nil {
			return fmt.Errorf("count rows of %s: %w", t.FullName(), err)
		}
		if same || (after.Usage == nil && now == d.counts[id]) {
			return Fail("verify table", t.FullName(), fmt.Errorf("%w: %d carried, %d in the table", ErrRowsLost, carried[id], now),
				Msg("hint.rows.lost", "Table", t.FullName(), "Carried", carried[id], "Rows", now))
		}
		d.info.Moving++
	}
	d.info.Proved = proved
	return nil
}
