package journal

import (
	"context"
	"fmt"
)

// PlanRanges replaces the plan of a run in one transaction; members stay.
// Durable at return. The run of each range is run, whatever it says.
func (j *Journal) PlanRanges(ctx context.Context, run string, rs []Range) error {
	if run == "" {
		return fmt.Errorf("plan ranges: %w", errNoKey)
	}
	records := make([]record, len(rs))
	for i, r := range rs {
		r.Run = run
		records[i] = r.record()
	}
	return j.do(ctx, func(s *store) error {
		if err := s.drop(rangeTable, run); err != nil {
			return err
		}
		for _, r := range records {
			if err := s.put(rangeTable, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// Ranges yields the plan of a run by table and sequence. An error of yield
// ends it and is returned.
func (j *Journal) Ranges(ctx context.Context, run string, yield func(Range) error) error {
	return j.scan(ctx, rangeTable, "WHERE run=? ORDER BY tbl,seq", []any{run}, func(r record) error {
		x, err := readRange(r)
		if err != nil {
			return err
		}
		return yield(x)
	})
}

// Members yields what has arrived of a run by offset, then table and part.
func (j *Journal) Members(ctx context.Context, run string, yield func(Member) error) error {
	return j.scan(ctx, memberTable, "WHERE run=? ORDER BY pos,tbl,part,name", []any{run}, func(r record) error {
		x, err := readMember(r)
		if err != nil {
			return err
		}
		return yield(x)
	})
}

// DropParts forgets all ranges and members of a run in one transaction.
func (j *Journal) DropParts(ctx context.Context, run string) error {
	return j.do(ctx, func(s *store) error {
		if err := s.drop(memberTable, run); err != nil {
			return err
		}
		return s.drop(rangeTable, run)
	})
}

// AckMember records that a member has arrived and, if rangeDone is not nil,
// that its range is complete, both in one transaction. It blocks while the
// queue is full. done, if not nil, is called from the writer after the commit
// or with its error, in the order of the calls; after Close it is called at
// once with ErrClosed. done may not call a method that writes, nor Close.
func (j *Journal) AckMember(m Member, rangeDone *Range, done func(error)) {
	if m.Run == "" || m.Name == "" {
		j.refuse(fmt.Errorf("acknowledge member: %w", errNoKey), done)
		return
	}
	if m.At.IsZero() {
		m.At = j.opt.Now()
	}
	member := m.record()
	var complete record
	if rangeDone != nil {
		r := *rangeDone
		r.Done = true
		complete = r.record()
	}
	j.ack(done, func(s *store) error {
		if err := s.put(memberTable, member); err != nil || complete == nil {
			return err
		}
		return s.put(rangeTable, complete)
	})
}

func (j *Journal) ack(done func(error), apply func(*store) error) {
	err := j.send(context.Background(), request{apply: apply, done: done, ack: true})
	if err != nil && done != nil {
		done(err)
	}
}

// refuse answers a wrong call in its turn, from the writer.
func (j *Journal) refuse(wrong error, done func(error)) {
	if done == nil {
		return
	}
	err := j.send(context.Background(), request{done: func(err error) { done(firstError(err, wrong)) }})
	if err != nil {
		done(err)
	}
}
