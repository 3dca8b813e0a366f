package onsite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	mssql "github.com/microsoft/go-mssqldb"

	"omt/migration"
)

// readers are connections with a transaction of level SNAPSHOT each. They are
// never replaced: a new one would see another moment. What one of them was
// reading when it broke another one reads again.
type readers struct {
	db  *sql.DB
	ctx context.Context // of the transactions
	end context.CancelFunc

	mu        sync.Mutex
	free      []*reader
	left      int           // readers that are not known to be broken
	streaming int           // lent for results
	changed   chan struct{} // closed when one of these changes
}

type reader struct {
	conn *sql.Conn
	tx   driver.Tx
}

// fewest readers that can go on: while one streams, the other fetches the slices
// of its large cells.
const fewest = 2

func newReaders(from driver.Connector) *readers {
	rs := &readers{db: sql.OpenDB(from), changed: make(chan struct{})}
	rs.ctx, rs.end = context.WithCancel(context.Background())
	return rs
}

// begin begins n readers at once and has each read look; false if they do not
// see the same.
func (rs *readers) begin(ctx context.Context, n int, look string) (bool, error) {
	// What cancels the caller ends the transactions while they begin.
	stop := context.AfterFunc(ctx, rs.end)
	defer stop()
	all, errs := make([]*reader, n), make([]error, n)
	for i := range all { // logged in first: it takes long, and the begin shall be short
		c, err := rs.db.Conn(ctx)
		if err != nil {
			return false, err
		}
		all[i] = &reader{conn: c}
		rs.mu.Lock()
		rs.free, rs.left = append(rs.free, all[i]), rs.left+1
		rs.mu.Unlock()
	}
	seen := make([]sql.NullString, n)
	var wg sync.WaitGroup
	for i, r := range all {
		wg.Go(func() {
			if errs[i] = r.begin(rs.ctx); errs[i] == nil {
				errs[i] = r.conn.QueryRowContext(ctx, look).Scan(&seen[i])
			}
		})
	}
	wg.Wait()
	for _, s := range seen {
		if s != seen[0] {
			return false, errors.Join(errs...)
		}
	}
	return true, errors.Join(errs...)
}

// begin begins the transaction past database/sql, whose own would hold the
// connection for itself.
func (r *reader) begin(ctx context.Context) error {
	return r.conn.Raw(func(c any) (err error) {
		conn, ok := c.(*mssql.Conn)
		if !ok {
			return fmt.Errorf("begin transaction: driver has connections of type %T", c)
		}
		r.tx, err = conn.BeginTx(ctx, driver.TxOptions{Isolation: driver.IsolationLevel(sql.LevelSnapshot)})
		return err
	})
}

// holds tells whether the reader's transaction is still the one that it began.
// The server ends it by itself after some errors, for example when tempdb is
// full; the next statement would then see another moment without a word.
func (r *reader) holds(ctx context.Context) (bool, error) {
	var open int
	if err := r.conn.QueryRowContext(ctx, sqlTransactions).Scan(&open); err != nil {
		return false, ctx.Err()
	}
	return open == 1, nil
}

// drop ends the connection, and with it the transaction at the server.
func (r *reader) drop() {
	// The error only says what it is told: that the connection is to be ended.
	_ = r.conn.Raw(func(any) error { return driver.ErrBadConn })
}

// lend implements lender.
func (rs *readers) lend(ctx context.Context) (*loan, error) {
	r, err := rs.take(ctx, true)
	if err != nil {
		return nil, err
	}
	return &loan{conn: r.conn, once: true, back: func() error { rs.give(r, true); return nil }}, nil
}

// row implements lender.
func (rs *readers) row(ctx context.Context, statement string, args []any, to ...any) error {
	r, err := rs.take(ctx, false)
	if err != nil {
		return err
	}
	defer rs.give(r, false)
	return r.conn.QueryRowContext(ctx, statement, args...).Scan(to...)
}

// take waits for a reader whose transaction holds. One is always kept back from
// the streams.
func (rs *readers) take(ctx context.Context, stream bool) (*reader, error) {
	for {
		rs.mu.Lock()
		if rs.left < fewest {
			rs.mu.Unlock()
			return nil, migration.Fail("read at one moment from", "", migration.ErrStateLost, migration.Msg("hint.aligned.lost"))
		}
		n := len(rs.free)
		if n == 0 || stream && rs.streaming >= rs.left-1 {
			changed := rs.changed
			rs.mu.Unlock()
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		r := rs.free[n-1]
		rs.free = rs.free[:n-1]
		if stream {
			rs.streaming++
		}
		rs.mu.Unlock()
		ok, err := r.holds(ctx)
		switch {
		case ok:
			return r, nil
		case err != nil: // cancelled
			rs.give(r, stream)
			return nil, err
		}
		r.drop()
		rs.note(func() {
			rs.left--
			if stream {
				rs.streaming--
			}
		})
	}
}

func (rs *readers) give(r *reader, stream bool) {
	rs.note(func() {
		rs.free = append(rs.free, r)
		if stream {
			rs.streaming--
		}
	})
}

// note changes the state and wakes whoever waits.
func (rs *readers) note(change func()) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	change()
	close(rs.changed)
	rs.changed = make(chan struct{})
}

// close ends all readers. None may be lent.
func (rs *readers) close() error {
	rs.mu.Lock()
	free := rs.free
	rs.free, rs.left = nil, 0
	rs.mu.Unlock()
	for _, r := range free {
		r.drop()
	}
	rs.end()
	return rs.db.Close()
}
