package journal

import (
	"context"
	"database/sql"
	"fmt"
	"hash/crc64"
	"strings"
)

// applicationID marks the file as a journal of omt ("omtj").
const applicationID = 0x6F6D746A

// step brings the schema from the version before it to its own.
type step struct {
	version int
	apply   func(ctx context.Context, s *store) error
}

// steps makes a journal of today's version out of nothing or an older one. A
// released step never changes; a new version is a new step.
var steps = []step{{1, createTables}, {2, createEarlier}, {3, addDigests}}

// createTables makes version 1. Tables are WITHOUT ROWID so that the key that
// finds a row and the row itself are one b-tree and cannot disagree; STRICT
// makes SQLite's own check look at the types.
func createTables(_ context.Context, s *store) error {
	for _, t := range []*table{metaTable, runTable, noteTable, rangeTable, memberTable1, objectTable, claimTable, ledgerTable} {
		if err := s.createTable(t); err != nil {
			return err
		}
	}
	return s.exec("CREATE UNIQUE INDEX objects_order ON objects(" + objectOrder + ")")
}

// createEarlier makes version 2: a place for the objects of the run before.
func createEarlier(_ context.Context, s *store) error { return s.createTable(earlierTable) }

// addDigests makes version 3: members with the digest of their rows, which is
// empty for those that arrived before. Every record is written again, because
// its checksum covers all columns.
func addDigests(ctx context.Context, s *store) error {
	var members []record
	err := scan(ctx, s.conn, memberTable1, "", nil, func(r record, _ int64) error {
		members = append(members, append(append(record{}, r...), []byte{}))
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.exec("ALTER TABLE members ADD COLUMN digest BLOB NOT NULL DEFAULT x''"); err != nil {
		return fmt.Errorf("add digests: %w", err)
	}
	for _, r := range members {
		if err := s.put(memberTable, r); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) createTable(t *table) error {
	types := map[kind]string{text: "TEXT NOT NULL", integer: "INTEGER NOT NULL", nullable: "INTEGER", blob: "BLOB NOT NULL"}
	var cols, keys []string
	for i, col := range t.columns {
		cols = append(cols, `"`+col.name+`" `+types[col.kind])
		if i < t.keys {
			keys = append(keys, `"`+col.name+`"`)
		}
	}
	ddl := fmt.Sprintf("CREATE TABLE %s(%s, crc INTEGER NOT NULL, PRIMARY KEY(%s)) STRICT, WITHOUT ROWID",
		t.name, strings.Join(cols, ", "), strings.Join(keys, ","))
	if err := s.exec(ddl); err != nil {
		return fmt.Errorf("create table %s: %w", t.name, err)
	}
	return nil
}

// schemaSum is a checksum of the schema's own text: a flipped bit there can
// turn a column or an index into another one without breaking the file.
func schemaSum(ctx context.Context, c *sql.Conn) (sum []byte, err error) {
	rows, err := c.QueryContext(ctx, "SELECT type, name, tbl_name, coalesce(sql,'') FROM sqlite_schema ORDER BY name, type")
	if err != nil {
		return nil, err
	}
	defer func() { err = firstError(err, rows.Close()) }()
	h := crc64.New(crcTable)
	for rows.Next() {
		var s [4]string
		if err := rows.Scan(&s[0], &s[1], &s[2], &s[3]); err != nil {
			return nil, err
		}
		if _, err := fmt.Fprintf(h, "%q\n", s); err != nil {
			return nil, err
		}
	}
	return h.Sum(nil), rows.Err()
}

func pragma(ctx context.Context, c *sql.Conn, name string) (n int64, err error) {
	err = c.QueryRowContext(ctx, "PRAGMA "+name).Scan(&n)
	return n, err
}

func setPragma(ctx context.Context, c *sql.Conn, name string, n int64) error {
	_, err := c.ExecContext(ctx, fmt.Sprintf("PRAGMA %s=%d", name, n))
	return err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
