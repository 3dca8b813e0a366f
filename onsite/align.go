package onsite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"time"

	"omt/migration"
)

var _ migration.AlignedSource = (*Installation)(nil)

const (
	// alignTries is how often the readers begin before the database counts as too
	// busy for one moment: each try takes as long as two proofs.
	alignTries = 12
	alignPause = 250 * time.Millisecond
)

// snapshotAllowed is sys.databases.snapshot_isolation_state of a database that
// lets transactions of level SNAPSHOT begin; 2 and 3 are on the way.
const snapshotAllowed = 1

// Alignable implements migration.AlignedSource. The option is read and never
// set: it changes what every change of the database costs.
func (in *Installation) Alignable(ctx context.Context) (bool, error) {
	var state sql.NullInt64
	err := in.query(ctx, "read database options", in.settings.Database, sqlIsolation, func(rows *sql.Rows) error {
		return rows.Scan(&state)
	})
	return state.Int64 == snapshotAllowed, err
}

// aligned reads one moment of the database: Catalog is that of the database,
// whose metadata has no versions, everything else is read by the readers.
type aligned struct {
	*Installation
	readers *readers
	proof   migration.Proof
}

// Proof is that of the moment.
func (a *aligned) Proof(context.Context) (migration.Proof, error) { return a.proof, nil }

// Close ends the readers, and the moment with them.
func (a *aligned) Close() error { return a.readers.close() }

// Align implements migration.AlignedSource. A transaction of level SNAPSHOT sees
// the database as it was at its first read. Each reader therefore begins one and
// reads the newest log entry in it; if all see the same, and the proofs before
// the first and after the last are equal, they see one state.
func (in *Installation) Align(ctx context.Context, n int) (migration.AlignedRows, error) {
	for try := 1; ; try++ {
		a, err := in.tryAlign(ctx, n)
		if a != nil || err != nil {
			return a, err
		}
		if try == alignTries {
			return nil, migration.Fail("align readers of", in.settings.Database, migration.ErrNotAligned, migration.Msg("hint.aligned.busy", "Tries", alignTries))
		}
		timer := time.NewTimer(in.alignPause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}

// tryAlign gives nil if something changed while the readers began.
func (in *Installation) tryAlign(ctx context.Context, n int) (_ migration.AlignedRows, err error) {
	before, err := in.Proof(ctx)
	if err != nil {
		return nil, err
	}
	rs := newReaders(in.reach)
	defer func() {
		if err != nil {
			err = errors.Join(err, rs.close())
		}
	}()
	look, err := in.expand(ctx, sqlMaxLog)
	if errors.Is(err, migration.ErrNotFound) { // a database without that table
		look, err = in.expand(ctx, sqlSerial)
	}
	if err != nil {
		return nil, err
	}
	// One more for the slices of large cells, while all others stream.
	seen, err := rs.begin(ctx, n+1, look)
	if err != nil {
		return nil, in.alignError(err)
	}
	after, err := in.Proof(ctx)
	if err != nil {
		return nil, err
	}
	if !seen || !equalProofs(before, after) {
		return nil, rs.close()
	}
	one := &Installation{
		db: in.db, lender: rs, reach: in.reach, trust: in.trust, settings: in.settings, options: in.options,
		snapshotOf: in.snapshotOf, alignPause: in.alignPause, largeCell: in.largeCell, large: map[string][]int{},
	}
	return &aligned{Installation: one, readers: rs, proof: after}, nil
}

// equalProofs: the newest log entry and all counts are the same, and, where the
// server counts modifications, these.
func equalProofs(a, b migration.Proof) bool {
	if a.Usage != nil && b.Usage != nil && (!a.Started.Equal(b.Started) || !maps.Equal(a.Usage, b.Usage)) {
		return false
	}
	return a.MaxLogID == b.MaxLogID && maps.Equal(a.Counts, b.Counts)
}

// alignError names what only a person can change.
func (in *Installation) alignError(err error) error {
	if number(err) == errNoIsolation || number(err) == errIsolationLater || number(err) == errIsolationNow {
		return migration.Fail("align readers of", in.settings.Database, fmt.Errorf("%w: %w", migration.ErrNotAligned, err),
			migration.Msg("hint.aligned.off", "Database", in.settings.Database))
	}
	return in.sqlError("align readers of", in.settings.Database, err)
}
