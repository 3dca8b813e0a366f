package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
)

// audit reads what Open leaves unread of a large journal: the structure of the
// file and the tables with a record for every object. That is eight seconds of a
// processor for a million documents, during which a run can already send: each
// record that decides something is held against its own checksum when it is read,
// and what only all records together show (one that is gone, one of another
// moment) is known before the run may say that it is done. See Whole.
//
// It reads the file as it was when the journal was opened, in one transaction on
// a connection of its own. Until it ends, the log of the journal grows with what
// is written.
type audit struct {
	db     *sql.DB
	conn   *sql.Conn
	ledger map[string]entry
	cancel context.CancelFunc
	done   chan struct{} // closed when err says how it ended
	err    error
}

// begin takes hold of the file as it is. Nobody writes yet, so the ledger that
// was just read is that of this moment.
func (a *audit) begin(ctx context.Context, path string, ledger map[string]entry) (err error) {
	if a.db, err = database(path, "_pragma=query_only(1)", 1); err != nil {
		return err
	}
	if a.conn, err = a.db.Conn(ctx); err != nil {
		return err
	}
	if _, err = a.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	// The transaction begins with the first reading.
	if _, err = pragma(ctx, a.conn, "user_version"); err != nil {
		return err
	}
	a.ledger = maps.Clone(ledger)
	return nil
}

// run is the goroutine of the audit. It belongs to the journal, whose Close
// waits for it.
func (a *audit) run(ctx context.Context, found func(error)) {
	defer close(a.done)
	err := quickCheck(ctx, a.conn)
	if err == nil {
		err = checkRecords(ctx, a.conn, a.ledger, large...)
	}
	// It was only read from: closing it cannot lose anything.
	_ = a.close()
	switch {
	case ctx.Err() != nil:
		a.err = ErrClosed // SQLite says "interrupted" only
	case err != nil:
		a.err = fmt.Errorf("check journal: %w", unreadable(err))
		found(a.err)
	}
}

func (a *audit) close() error {
	var err error
	if a.conn != nil {
		err = a.conn.Close()
	}
	if a.db != nil {
		err = firstError(err, a.db.Close())
	}
	return err
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
	if err := j.audit.begin(ctx, j.path, j.store.ledger); err != nil {
		return firstError(err, j.audit.close())
	}
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
// only after it.
func (j *Journal) Whole(ctx context.Context) error {
	select {
	case <-j.audit.done:
		return j.audit.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fail makes every call from now on return err. Damage is also kept beside the
// file: the next Open then reads all before it answers, or it would open what
// this one has found to be damaged.
func (j *Journal) fail(err error) {
	j.failure.CompareAndSwap(nil, &err)
	j.suspect(err)
}

// suspectSuffix is that of the file beside the journal that says that it was found
// damaged while it was in use.
const suspectSuffix = ".suspect"

// suspect keeps a found damage for the next Open. Where that cannot be written,
// the damage is only found once more.
func (j *Journal) suspect(err error) {
	if !errors.Is(err, ErrDamaged) {
		return
	}
	j.marked.Do(func() {
		if f, err := os.OpenFile(j.path+suspectSuffix, os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
			_ = firstError(f.Sync(), f.Close(), syncDir(filepath.Dir(j.path)))
		}
	})
}

// suspected tells whether a damage was found while the journal was last in use.
func suspected(path string) (bool, error) {
	_, err := os.Lstat(path + suspectSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// acquit forgets a damage that is not there: somebody has put a sound file in
// the place of the damaged one.
func acquit(path string) error {
	if err := os.Remove(path + suspectSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
