package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// verify decides whether the file can be used, and upgrades an older one. A large
// journal is read only in part; the rest is read beside the work (audit), except
// where there is a reason for doubt.
func (j *Journal) verify(ctx context.Context, k Key, steps []step) error {
	s := j.store
	app, err := pragma(ctx, s.conn, "application_id")
	if err != nil {
		return unreadable(err)
	}
	version, err := pragma(ctx, s.conn, "user_version")
	if err != nil {
		return unreadable(err)
	}
	newest := int64(steps[len(steps)-1].version)
	switch {
	case app != applicationID:
		return damaged("application id", "%#x is not that of a journal", app)
	case version > newest:
		return fmt.Errorf("%w: format %d, this program knows %d", ErrNewer, version, newest)
	case version < newest:
		err = j.verifyOlder(ctx, k, version, steps)
	default:
		err = j.verifyNewest(ctx, k, version)
	}
	if err != nil || j.audit.running() {
		return err
	}
	close(j.audit.done) // nothing is left to be read
	return acquit(j.path)
}

// verifyNewest reads a journal of today's version, or its head and its small
// tables alone and has the rest read beside the work.
func (j *Journal) verifyNewest(ctx context.Context, k Key, version int64) error {
	s := j.store
	if err := s.checkHead(ctx, k, version); err != nil {
		// Of a broken file its head can say anything.
		return unreadable(firstError(quickCheck(ctx, s.conn), err))
	}
	doubt, err := suspected(j.path)
	if err != nil {
		return fmt.Errorf("look for earlier damage: %w", err)
	}
	records := int64(0)
	for _, t := range large {
		records += s.ledger[t.name].records
	}
	if doubt || records < int64(j.opt.AuditFrom) {
		return j.verifyAll(ctx)
	}
	if err := checkRecords(ctx, s.conn, s.ledger, small...); err != nil {
		return unreadable(firstError(quickCheck(ctx, s.conn), err))
	}
	return unreadable(j.startAudit(ctx))
}

// verifyOlder checks all of an older journal and upgrades it.
func (j *Journal) verifyOlder(ctx context.Context, k Key, version int64, steps []step) error {
	s := j.store
	if err := quickCheck(ctx, s.conn); err != nil {
		return unreadable(err)
	}
	if err := s.checkHead(ctx, k, version); err != nil {
		return unreadable(err)
	}
	// The check stands inside the transaction: an upgrade that does not end in
	// a sound journal leaves the old one as it was.
	return s.transact(j.opt.FailPoint, PointUpgradeBefore, PointUpgradeAfter, func() error {
		if err := s.upgrade(ctx, version, steps); err != nil {
			return err
		}
		return checkRecords(ctx, s.conn, s.ledger, counted...)
	})
}

// verifyAll reads all records of a journal, on several connections at once: nobody
// writes yet, so all of them see the same. What the file's own structure says
// comes before what was read of it.
func (j *Journal) verifyAll(ctx context.Context) error {
	s := j.store
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rest := slices.DeleteFunc(slices.Clone(counted), func(t *table) bool { return t == objectTable })
	// In the order in which their findings count.
	checks := []func() error{
		func() error { return quickCheck(ctx, j.read) },
		func() error { return checkRecords(ctx, j.read, s.ledger, objectTable) },
		func() error { return checkRecords(ctx, s.conn, s.ledger, rest...) },
	}
	found := make([]error, len(checks))
	var wg sync.WaitGroup
	for i, check := range checks {
		wg.Go(func() {
			// The structure is looked at to its end: a record that cannot be read is
			// only what comes of it.
			if found[i] = check(); found[i] != nil && i == 0 {
				cancel()
			}
		})
	}
	wg.Wait()
	return unreadable(firstError(found...))
}

// checkHead loads the ledger and checks what the journal says of itself.
func (s *store) checkHead(ctx context.Context, k Key, version int64) error {
	if err := s.loadLedger(ctx); err != nil {
		return err
	}
	return s.checkMeta(ctx, k, version)
}

func quickCheck(ctx context.Context, q querier) (err error) {
	rows, err := q.QueryContext(ctx, "PRAGMA quick_check(1)")
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, rows.Close()) }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			return damaged("structure", "%s", printable(line))
		}
	}
	return rows.Err()
}

func (s *store) loadLedger(ctx context.Context) error {
	return scan(ctx, s.conn, ledgerTable, "", nil, func(r record, _ int64) error {
		s.ledger[r[0].(string)] = entry{r[1].(int64), r[2].(int64)}
		return nil
	})
}

// checkMeta compares what the journal says of itself with its key, version and
// schema. The tables meta and ledger keep their form in every version.
func (s *store) checkMeta(ctx context.Context, k Key, version int64) error {
	sum, err := schemaSum(ctx, s.conn)
	if err != nil {
		return err
	}
	want := map[string][]byte{"schema": sum, "version": fmt.Append(nil, version)}
	for name, value := range k.meta() {
		want[name] = []byte(value)
	}
	for name, value := range want {
		r, err := s.get(metaTable, name)
		if err != nil {
			return err
		}
		if r == nil || !bytes.Equal(r[1].([]byte), value) {
			return damaged("meta "+name, "not what it was when the journal was made")
		}
	}
	return nil
}

// checkRecords reads all records of tables, objects through their index, and compares
// number and sum of checksums with the ledger.
func checkRecords(ctx context.Context, q querier, ledger map[string]entry, tables ...*table) error {
	for _, t := range tables {
		var have entry
		err := scan(ctx, q, t, t.walk(), nil, func(_ record, sum int64) error {
			have.records++
			have.total += sum
			return nil
		})
		if err != nil {
			return err
		}
		if want := ledger[t.name]; have != want {
			return damaged("ledger "+t.name, "%d records, %d expected, or of different commits", have.records, want.records)
		}
	}
	return nil
}

// failed returns the error of the first commit that failed.
func (j *Journal) failed() error {
	if p := j.failure.Load(); p != nil {
		return *p
	}
	return nil
}

// usable is asked by every reading call: after a failed commit the journal says
// so everywhere until it is opened again.
func (j *Journal) usable() error {
	if err := j.failed(); err != nil {
		return err
	}
	if j.closing.Load() {
		return ErrClosed
	}
	return nil
}

// readError explains an error of a reading call.
func (j *Journal) readError(err error) error {
	if err != nil && !errors.Is(err, ErrDamaged) {
		if j.closing.Load() {
			return fmt.Errorf("%w: %w", ErrClosed, err)
		}
		err = classify(err)
	}
	j.suspect(err)
	return err
}
