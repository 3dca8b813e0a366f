package journal

import (
	"context"
	"fmt"
)

// Supersede begins a run that takes the place of the one before: the objects
// become those of the earlier run (Earlier) and their paths are free again. The
// run is put with the last of it, so that a process that is killed in between
// leaves the journal of the run before. Durable at return.
//
// Like Succeed and Renew it empties tables, after which nobody could see that a
// record of them was lost: it waits until the journal is known to be whole.
func (j *Journal) Supersede(ctx context.Context, run Run) error {
	if err := j.Whole(ctx); err != nil {
		return err
	}
	if err := j.do(ctx, func(s *store) error { return s.clear(earlierTable) }); err != nil {
		return err
	}
	if err := j.keepAsEarlier(ctx, func(Object) bool { return true }); err != nil {
		return err
	}
	return j.begin(ctx, run, objectTable, claimTable)
}

// keepAsEarlier puts some of the objects as those of the earlier run.
func (j *Journal) keepAsEarlier(ctx context.Context, which func(Object) bool) error {
	batch := make([]Object, 0, page)
	flush := func() error {
		err := j.PutEarlier(ctx, batch)
		batch = make([]Object, 0, page)
		return err
	}
	err := j.Objects(ctx, "", func(o Object) error {
		if !which(o) {
			return nil
		}
		if batch = append(batch, o); len(batch) == page {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// Succeed begins a run that takes the place of one that was not finished: what it
// has sent (as sent tells) becomes that of the earlier run, and what the one
// before it had sent stays known, except where another object has taken the path
// since. A process that is killed in between leaves the journal of the run before
// and can begin again. Durable at return.
func (j *Journal) Succeed(ctx context.Context, run Run, sent func(Object) bool) error {
	if err := j.Whole(ctx); err != nil {
		return err
	}
	err := j.do(ctx, func(s *store) error {
		return s.discard(earlierTable, `WHERE folded<>'' AND EXISTS (SELECT 1 FROM claims AS c
			WHERE c.folded=earlier.folded AND NOT (c.kind=earlier.kind AND c."key"=earlier."key"))`)
	})
	if err != nil {
		return fmt.Errorf("drop objects whose path was taken: %w", err)
	}
	if err := j.keepAsEarlier(ctx, sent); err != nil {
		return err
	}
	return j.begin(ctx, run, objectTable, claimTable)
}

// Renew begins a run that knows nothing of the ones before: what it may use of
// them is put with PutEarlier. Durable at return.
func (j *Journal) Renew(ctx context.Context, run Run) error {
	if err := j.Whole(ctx); err != nil {
		return err
	}
	return j.begin(ctx, run, objectTable, claimTable, earlierTable)
}

// begin empties tables and puts a run, in one transaction.
func (j *Journal) begin(ctx context.Context, run Run, empty ...*table) error {
	if run.ID == "" {
		return fmt.Errorf("write run: %w", errNoKey)
	}
	return j.do(ctx, func(s *store) error {
		for _, t := range empty {
			if err := s.clear(t); err != nil {
				return fmt.Errorf("empty %s: %w", t.name, err)
			}
		}
		return s.putRun(run)
	})
}

// PutEarlier stores objects as those of the earlier run, in one transaction.
// Durable at return.
func (j *Journal) PutEarlier(ctx context.Context, batch []Object) error {
	records := make([]record, len(batch))
	for i, o := range batch {
		if o.Kind == "" || o.Key == "" {
			return fmt.Errorf("keep earlier object %d of the batch: %w", i, errNoKey)
		}
		records[i] = o.record()
	}
	return j.do(ctx, func(s *store) error {
		for _, r := range records {
			if err := s.put(earlierTable, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// Earlier returns the object of the earlier run with this kind and key, and
// whether there is one.
func (j *Journal) Earlier(ctx context.Context, kind, key string) (Object, bool, error) {
	return j.one(ctx, earlierTable, kind, key)
}

// Find returns the object with this kind and key, and whether there is one.
// Unlike Plan it changes nothing, and it does not see what is still enqueued.
func (j *Journal) Find(ctx context.Context, kind, key string) (Object, bool, error) {
	return j.one(ctx, objectTable, kind, key)
}

// At returns the object that claimed a folded path, and whether there is one.
// The object may since lie elsewhere: claims are never given back.
func (j *Journal) At(ctx context.Context, folded string) (Object, bool, error) {
	var kind, key string
	err := j.scan(ctx, claimTable, claimTable.byKey(), []any{folded}, func(r record) error {
		kind, key = r[1].(string), r[2].(string)
		return nil
	})
	if err != nil || kind == "" {
		return Object{}, false, err
	}
	return j.Find(ctx, kind, key)
}

func (j *Journal) one(ctx context.Context, t *table, kind, key string) (o Object, found bool, err error) {
	err = j.scan(ctx, t, t.byKey(), []any{kind, key}, func(r record) (err error) {
		o, err = readObject(r)
		found = err == nil
		return err
	})
	return o, found, err
}
