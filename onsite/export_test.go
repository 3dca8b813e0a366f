package onsite

import (
	"database/sql"
	"time"
)

// Drop ends the idle connections.
func (in *Installation) Drop() { in.db.SetMaxIdleConns(0) }

// SetBatch makes the batches of document and attachment rows small, so that a
// small installation has many of them.
func (in *Installation) SetBatch(rows int) { in.batch = rows }

// SetAlignPause makes readers that begin together try again at once.
func (in *Installation) SetAlignPause(d time.Duration) { in.alignPause = d }

// Over reads from an open database, which need not be encrypted.
func Over(db *sql.DB, s Settings) *Installation {
	return &Installation{db: db, lender: pooled{db}, settings: s, largeCell: 16 << 20, large: map[string][]int{}}
}
