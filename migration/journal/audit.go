package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"
)

// audit reads what Open leaves unread of a large journal: the structure of the
// file and the tables with a record for every object. That is eight seconds of a
// processor for a million documents, during which a run can already send: each
// record that decides something is held against its own checksum when it is read,
// and what only all records together show (one that is gone, one of another
// moment) is known before the run may say that it is done. See Whole.
//
// It reads on a connection of its own, in pages, each of them one moment of the
// file: a log that somebody reads cannot be emptied, and would grow for as long as
// the reading lasts. What is written meanwhile is told to it (moves), so that it
// knows at every moment what number of records, and what sum, is still to come.
// The structure can only be read at once; if the log grows too much meanwhile, it
// is read when nobody writes any more.
type audit struct {
	path   string
	opt    auditOptions
	reader reader
	cancel context.CancelFunc
	done   chan struct{} // closed when err says how it ended
	err    error

	once   sync.Once
	needed chan struct{} // closed when somebody waits for all of it

	// mu is held by a commit, and by the audit when a reading begins or ends: so
	// each commit is either before a reading or after it.
	mu       sync.Mutex
	ledger   map[string]entry // what the records will be found to be
	table    int              // of large, which is being read; those before it are done
	last     place            // of that table, up to which it was read
	reading  bool             // a page is being read: what is committed is not in it
	later    []move           // committed since the page began
	failed   error            // a commit that failed: what the file holds is not known
	breakOff context.CancelFunc
}

// auditOptions are small in tests.
type auditOptions struct {
	page   int    // records in one reading
	log    int64  // bytes of the log at which the reading of the structure is broken off
	during func() // called while a reading is open
}

const (
	// auditPage records are read in a tenth of a second.
	auditPage = 20_000
	// auditLog is four times what the log is cut to when it is emptied.
	auditLog = 64 << 20
	// checkpointFrom is where SQLite's own checkpoints begin: 1000 pages.
	checkpointFrom = 4 << 20
)

func (o auditOptions) withDefaults() auditOptions {
	if o.page <= 0 {
		o.page = auditPage
	}
	if o.log <= 0 {
		o.log = auditLog
	}
	if o.during == nil {
		o.during = func() {}
	}
	return o
}

// begin connects. Nobody writes yet, so the ledger that was just read is that of
// this moment.
func (a *audit) begin(ctx context.Context, ledger map[string]entry) (err error) {
	a.ledger = maps.Clone(ledger)
	a.reader, err = a.connect(ctx)
	return err
}

// run is the goroutine of the audit. It belongs to the journal, whose Close
// waits for it.
func (a *audit) run(ctx context.Context, found func(error)) {
	defer close(a.done)
	err := a.check(ctx)
	// It was only read from: closing it cannot lose anything.
	_ = a.reader.close()
	a.mu.Lock()
	failed := a.failed
	a.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		a.err = ErrClosed // SQLite says "interrupted" only
	case failed != nil:
		a.err = fmt.Errorf("check journal: %w", classify(failed))
	case err != nil:
		a.err = fmt.Errorf("check journal: %w", unreadable(err))
		found(a.err)
	}
}

// errBrokenOff: the structure was not read to its end.
var errBrokenOff = errors.New("broken off for the log")

func (a *audit) check(ctx context.Context) error {
	structure := a.structure(ctx, true)
	if structure != nil && !errors.Is(structure, errBrokenOff) {
		return structure
	}
	for range large {
		if err := a.records(ctx); err != nil {
			return err
		}
	}
	if structure == nil {
		return nil
	}
	select {
	case <-a.needed:
		return a.structure(ctx, false)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// structure reads the structure of the file, if it may be until commit breaks it
// off; that ends its connection.
func (a *audit) structure(ctx context.Context, breakable bool) error {
	r, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = r.close() }() // as in run
	whole, cancel := context.WithCancel(ctx)
	defer cancel()
	err = a.open(ctx, r, func() {
		if breakable {
			a.breakOff = cancel
		}
	})
	if err != nil {
		return err
	}
	a.opt.during()
	err = quickCheck(whole, r.conn)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.breakOff = nil
	if err != nil && whole.Err() != nil && ctx.Err() == nil {
		return errBrokenOff
	}
	return err
}

// records reads the table that is next, page by page.
func (a *audit) records(ctx context.Context) error {
	var have entry
	for {
		end, err := a.page(ctx, &have)
		if err != nil || end {
			return err
		}
	}
}

// page reads one page in one moment of the file and adds it to have.
func (a *audit) page(ctx context.Context, have *entry) (end bool, err error) {
	if err := a.open(ctx, a.reader, func() { a.reading = true }); err != nil {
		return false, err
	}
	a.opt.during()
	t := large[a.table]
	rest, args := t.after(a.last, a.opt.page)
	n, last := 0, a.last
	err = scan(ctx, a.reader.conn, t, rest, args, func(r record, sum int64) error {
		have.records++
		have.total += sum
		if n++; n == a.opt.page {
			last = t.place(r)
		}
		return nil
	})
	end = n < a.opt.page
	return end, firstError(err, a.shut(ctx, func() error {
		a.reading = false
		if a.last = last; end {
			a.last = beyond
		}
		for _, m := range a.later {
			a.expect(m)
		}
		a.later = a.later[:0]
		if !end {
			return nil
		}
		want := a.ledger[t.name]
		a.table, a.last = a.table+1, nil
		if *have != want && a.failed == nil {
			return damaged("ledger "+t.name, "%d records, %d expected, or of different commits", have.records, want.records)
		}
		return a.failed
	}))
}

// open begins a reading between two commits, at a moment at which the log is
// empty if nobody else reads: such a reading lets the next commit begin the log
// anew, where every other one makes it go on.
func (a *audit) open(ctx context.Context, r reader, then func()) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.logSize() > checkpointFrom {
		// One that fails, on a full disk, leaves the log as it is. Who writes next
		// is told.
		_, _ = r.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	}
	if _, err := r.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	// The transaction begins with the first reading.
	if _, err := pragma(ctx, r.conn, "user_version"); err != nil {
		return err
	}
	then()
	return nil
}

// shut ends the reading of a page and judges it before the next commit.
func (a *audit) shut(ctx context.Context, judge func() error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := judge()
	_, cerr := a.reader.conn.ExecContext(ctx, "COMMIT")
	return firstError(err, cerr)
}

func (a *audit) logSize() int64 {
	info, err := os.Stat(a.path + "-wal")
	if err != nil {
		return 0 // a log that is gone is seen by the next start
	}
	return info.Size()
}

// commit has a transaction in which records moved take place between two readings.
func (a *audit) commit(transaction func() ([]move, error)) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	moves, err := transaction()
	if err != nil {
		a.failed = err
		return err
	}
	if a.reading {
		a.later = append(a.later, moves...)
	} else {
		for _, m := range moves {
			a.expect(m)
		}
	}
	if a.breakOff != nil && a.logSize() > a.opt.log {
		a.breakOff()
	}
	return nil
}

// expect takes a move into what the records will be found to be, if it is not behind
// where they are being read. What is expected of a table that was read is not looked
// at again.
func (a *audit) expect(m move) {
	if a.table < len(large) && m.table == large[a.table] && !a.last.before(m.at) {
		return
	}
	e := a.ledger[m.table.name]
	a.ledger[m.table.name] = entry{e.records + m.records, e.total + m.total}
}

// reader is a connection that reads.
type reader struct {
	db   *sql.DB
	conn *sql.Conn
}

func (a *audit) connect(ctx context.Context) (r reader, err error) {
	if r.db, err = database(a.path, "_pragma=query_only(1)", 1); err != nil {
		return r, err
	}
	if r.conn, err = r.db.Conn(ctx); err != nil {
		return reader{}, firstError(err, r.db.Close())
	}
	return r, nil
}

func (r reader) close() error {
	if r.conn == nil {
		return nil
	}
	return firstError(r.conn.Close(), r.db.Close())
}

// running tells whether there is a goroutine to wait for.
func (a *audit) running() bool { return a.cancel != nil }

// stop ends an audit that runs and waits for it.
func (a *audit) stop() {
	if a.running() {
		a.cancel()
		<-a.done
	}
}

// startAudit begins the audit of a journal whose head was checked.
func (j *Journal) startAudit(ctx context.Context) error {
	if err := j.audit.begin(ctx, j.store.ledger); err != nil {
		return err
	}
	j.store.audit = &j.audit
	// It outlives the opening: Close ends it.
	ctx, j.audit.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		j.opt.BeforeAudit()
		j.audit.run(ctx, j.fail)
	}()
	return nil
}

// Whole waits until every record has been read once since Open and tells whether
// the journal is whole: DamagedError if it is not, ErrClosed if it was closed
// before that was known. What rests on all records together may be relied on
// only after it. Who waits for it writes nothing meanwhile: on a slow disk a part
// of the reading is left for then.
func (j *Journal) Whole(ctx context.Context) error {
	j.audit.once.Do(func() { close(j.audit.needed) })
	return j.Damage(ctx)
}

// Damage is Whole for those who write on: it waits for what is found, and does
// not have it looked for.
func (j *Journal) Damage(ctx context.Context) error {
	select {
	case <-j.audit.done:
		return j.audit.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
