package onsite

import (
	"context"
	"database/sql"
)

// lender lends the connections on which rows are read. An installation has a
// pool of them, a reading of one moment a few that it keeps.
type lender interface {
	// lend gives a connection for one result. It belongs to the caller until it
	// is given back.
	lend(ctx context.Context) (*loan, error)
	// row reads the only row of a statement.
	row(ctx context.Context, statement string, args []any, to ...any) error
}

// loan is a lent connection.
type loan struct {
	conn *sql.Conn
	// back gives the connection back, also one that is broken.
	back func() error
	// once tells that a connection which turns out to be dead before anything was
	// read may not be replaced by another one.
	once bool
}

// pooled lends any connection of the pool.
type pooled struct{ db *sql.DB }

func (p pooled) lend(ctx context.Context) (*loan, error) {
	c, err := p.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &loan{conn: c, back: c.Close}, nil
}

func (p pooled) row(ctx context.Context, statement string, args []any, to ...any) error {
	return p.db.QueryRowContext(ctx, statement, args...).Scan(to...)
}
