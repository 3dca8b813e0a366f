package journal

import (
	"context"
	"fmt"
)

// DropRange forgets what has arrived of one range and opens it again. A seq
// below 0 forgets all members and ranges of the table, so that it is planned
// anew. Durable at return.
func (j *Journal) DropRange(ctx context.Context, run, table string, seq int) error {
	return j.do(ctx, func(s *store) error {
		if seq < 0 {
			if err := s.discard(memberTable, "WHERE run=? AND tbl=?", run, table); err != nil {
				return err
			}
			return s.discard(rangeTable, "WHERE run=? AND tbl=?", run, table)
		}
		if err := s.discard(memberTable, "WHERE run=? AND tbl=? AND rng=?", run, table, seq); err != nil {
			return err
		}
		return s.reopen(run, table, seq)
	})
}

// DropUnfinished forgets the members of all ranges that are not done. Those of
// no table (model, directory) stay. Durable at return.
func (j *Journal) DropUnfinished(ctx context.Context, run string) error {
	return j.do(ctx, func(s *store) error {
		return s.discard(memberTable, `WHERE run=? AND EXISTS (SELECT 1 FROM ranges AS r
			WHERE r.run=members.run AND r.tbl=members.tbl AND r.seq=members.rng AND r.done=0)`, run)
	})
}

// DropMembers forgets members by name and opens their ranges again, in one
// transaction. Durable at return.
func (j *Journal) DropMembers(ctx context.Context, run string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	return j.do(ctx, func(s *store) error {
		for _, name := range names {
			r, err := s.get(memberTable, run, name)
			if err != nil {
				return err
			}
			if r == nil {
				continue
			}
			m, err := readMember(r)
			if err != nil {
				return err
			}
			if err := s.discard(memberTable, "WHERE run=? AND name=?", run, name); err != nil {
				return err
			}
			if err := s.reopen(run, m.Table, m.Range); err != nil {
				return err
			}
		}
		return nil
	})
}

// reopen marks a range as not read; one that is not planned stays so.
func (s *store) reopen(run, table string, seq int) error {
	r, err := s.get(rangeTable, run, table, seq)
	if err != nil || r == nil {
		return err
	}
	open, err := readRange(r)
	if err != nil {
		return err
	}
	open.Done, open.Rows = false, 0
	return s.put(rangeTable, open.record())
}

// AckRange records that a range is complete of which no member came: a table
// without rows. Blocking and done are as with AckMember.
func (j *Journal) AckRange(r Range, done func(error)) {
	if r.Run == "" || r.Table == "" {
		j.refuse(fmt.Errorf("acknowledge range: %w", errNoKey), done)
		return
	}
	r.Done = true
	complete := r.record()
	j.ack(done, func(s *store) error { return s.put(rangeTable, complete) })
}

// discard deletes records and keeps the ledger.
func (s *store) discard(t *table, where string, args ...any) error {
	err := scan(context.Background(), s.conn, t, where, args, func(r record, sum int64) error {
		s.count(t, r, -1, -sum)
		return nil
	})
	if err != nil {
		return err
	}
	return s.exec("DELETE FROM "+t.name+" "+where, args...)
}
