package journal

import (
	"context"
	"fmt"
)

// page is how many objects are read at a time: the memory of Objects.
const page = 500

// Plan inserts the objects that are not known yet as planned (no outcome, no
// reason) and returns for each of them, in the order of the batch, the row as
// it stands and who claimed its folded path. One transaction, after everything
// that was enqueued before; durable at return.
func (j *Journal) Plan(ctx context.Context, batch []Object) ([]Known, error) {
	records := make([]record, len(batch))
	for i, o := range batch {
		if o.Kind == "" || o.Key == "" {
			return nil, fmt.Errorf("plan object %d of the batch: %w", i, errNoKey)
		}
		if o.At.IsZero() {
			o.At = j.opt.Now()
		}
		o.Outcome, o.Reason = "", nil
		records[i] = o.record()
	}
	out := make([]Known, len(batch))
	err := j.do(ctx, func(s *store) error {
		for i, r := range records {
			k, err := s.plan(r)
			if err != nil {
				return err
			}
			out[i] = k
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *store) plan(r record) (k Known, err error) {
	old, err := s.get(objectTable, r[0], r[1])
	if err != nil {
		return k, err
	}
	if old == nil {
		if err := s.put(objectTable, r); err != nil {
			return k, err
		}
		old = r
	}
	if k.Object, err = readObject(old); err != nil {
		return k, err
	}
	k.ClaimKind, k.ClaimKey, err = s.claim(k.Folded, k.Kind, k.Key)
	return k, err
}

// claim gives a folded path to the first who asks for it and returns who that
// was. Claims are never given back: what was sent to a path stays there.
func (s *store) claim(folded, kind, key string) (string, string, error) {
	if folded == "" {
		return "", "", nil
	}
	r, err := s.get(claimTable, folded)
	if err != nil {
		return "", "", err
	}
	if r == nil {
		r = record{folded, kind, key}
		err = s.put(claimTable, r)
	}
	return r[1].(string), r[2].(string), err
}

// Claim asks for a folded path on behalf of an object, for example the path
// with a suffix after a collision, and returns the first object that asked for
// it. Durable at return.
func (j *Journal) Claim(ctx context.Context, folded, kind, key string) (claimKind, claimKey string, _ error) {
	if folded == "" || kind == "" || key == "" {
		return "", "", fmt.Errorf("claim path: %w", errNoKey)
	}
	// Not the results themselves: after a cancelled wait the writer still fills
	// these in, while the caller has the results already.
	var gotKind, gotKey string
	err := j.do(ctx, func(s *store) (err error) {
		gotKind, gotKey, err = s.claim(folded, kind, key)
		return err
	})
	if err != nil {
		return "", "", err
	}
	return gotKind, gotKey, nil
}

// Ack records the outcome of an object, with all its fields, whether it was
// planned or not; its folded path is claimed if nobody did. Blocking and done
// are as with AckMember.
func (j *Journal) Ack(o Object, done func(error)) {
	if o.Kind == "" || o.Key == "" {
		j.refuse(fmt.Errorf("acknowledge object: %w", errNoKey), done)
		return
	}
	if o.At.IsZero() {
		o.At = j.opt.Now()
	}
	r := o.record()
	j.ack(done, func(s *store) error {
		if err := s.put(objectTable, r); err != nil {
			return err
		}
		_, _, err := s.claim(o.Folded, o.Kind, o.Key)
		return err
	})
}

// Front is the lowest row, above 0, of an object of a kind that has no outcome,
// among the window objects with the highest rows; 0 if all of them have one. It
// reads what it needs and no whole records, so the answer is a hint.
func (j *Journal) Front(ctx context.Context, kind string, window int) (row int64, err error) {
	if err := j.usable(); err != nil {
		return 0, err
	}
	const query = `SELECT coalesce(min("row"),0) FROM (SELECT "row", outcome FROM objects INDEXED BY objects_order
WHERE kind=? AND "row">0 ORDER BY "row" DESC LIMIT ?) WHERE outcome=''`
	return row, j.readError(j.read.QueryRowContext(ctx, query, kind, window).Scan(&row))
}

// Objects yields the objects of a kind, or all with an empty kind, by kind, row
// and key. It holds one page in memory and no transaction while it yields, so
// that the log does not grow meanwhile; each page is as of its reading. An
// error of yield ends it and is returned.
func (j *Journal) Objects(ctx context.Context, kind string, yield func(Object) error) error {
	rest := "INDEXED BY objects_order"
	var args []any
	if kind != "" {
		rest, args = rest+" WHERE kind=?", []any{kind}
	}
	limit := fmt.Sprintf(" ORDER BY %s LIMIT %d", objectOrder, page)
	batch := make([]Object, 0, page)
	for {
		batch = batch[:0]
		err := j.scan(ctx, objectTable, rest+limit, args, func(r record) error {
			o, err := readObject(r)
			batch = append(batch, o)
			return err
		})
		if err != nil {
			return err
		}
		for _, o := range batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := yield(o); err != nil {
				return err
			}
		}
		if len(batch) < page {
			return nil
		}
		last := batch[len(batch)-1]
		if kind != "" {
			rest, args = `INDEXED BY objects_order WHERE kind=? AND ("row","key")>(?,?)`, []any{kind, last.Row, last.Key}
		} else {
			rest, args = `INDEXED BY objects_order WHERE (kind,"row","key")>(?,?,?)`, []any{last.Kind, last.Row, last.Key}
		}
	}
}
