package journal

import (
	"context"
	"errors"
	"fmt"
)

// errNoKey is a mistake of the caller: a record without a key.
var errNoKey = errors.New("record has no key")

// PutRun inserts a run or replaces the one with its ID, which keeps its place
// in the order. Durable at return.
func (j *Journal) PutRun(ctx context.Context, run Run) error {
	if run.ID == "" {
		return fmt.Errorf("write run: %w", errNoKey)
	}
	return j.do(ctx, func(s *store) error { return s.putRun(run) })
}

func (s *store) putRun(run Run) error {
	old, err := s.get(runTable, run.ID)
	if err != nil {
		return err
	}
	var seq int64
	if old != nil {
		seq = old[1].(int64)
	} else {
		st, err := s.prepare("SELECT coalesce(max(seq),0)+1 FROM runs")
		if err != nil {
			return err
		}
		if err := st.QueryRow().Scan(&seq); err != nil {
			return err
		}
	}
	return s.put(runTable, run.record(seq))
}

// Runs returns all runs in the order in which they were first put.
func (j *Journal) Runs(ctx context.Context) ([]Run, error) { return j.runs(ctx, "ORDER BY seq") }

// LastRun returns the run that was put first most recently, and whether there
// is one. The clock has no part in it: it may have been set back.
func (j *Journal) LastRun(ctx context.Context) (Run, bool, error) {
	rs, err := j.runs(ctx, "ORDER BY seq DESC LIMIT 1")
	if err != nil || len(rs) == 0 {
		return Run{}, false, err
	}
	return rs[0], true, nil
}

func (j *Journal) runs(ctx context.Context, rest string) ([]Run, error) {
	var out []Run
	err := j.scan(ctx, runTable, rest, nil, func(r record) error {
		run, err := readRun(r)
		out = append(out, run)
		return err
	})
	return out, err
}

// scan reads records on a read connection.
func (j *Journal) scan(ctx context.Context, t *table, rest string, args []any, yield func(record) error) error {
	if err := j.usable(); err != nil {
		return err
	}
	var stopped error // the caller's own error goes back to it as it is
	err := scan(ctx, j.read, t, rest, args, func(r record, _ int64) error {
		stopped = yield(r)
		return stopped
	})
	switch {
	case stopped != nil:
		j.suspect(stopped) // a record that cannot be decoded
		return stopped
	case err != nil && ctx.Err() != nil:
		return ctx.Err() // SQLite says "interrupted" only
	}
	return j.readError(err)
}

// PutNote stores a small named value of a run: plan, proof, digest of the
// catalogue. It replaces an earlier one of that name. Durable at return.
func (j *Journal) PutNote(ctx context.Context, run, name string, body []byte) error {
	if run == "" || name == "" {
		return fmt.Errorf("write note: %w", errNoKey)
	}
	r := record{run, name, encodeBytes(body)}
	return j.do(ctx, func(s *store) error { return s.put(noteTable, r) })
}

// Note returns what PutNote stored.
func (j *Journal) Note(ctx context.Context, run, name string) (body []byte, found bool, err error) {
	err = j.scan(ctx, noteTable, noteTable.byKey(), []any{run, name}, func(r record) error {
		body, found = r[2].([]byte), true
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	return body, found, nil
}
