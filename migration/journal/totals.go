package journal

import (
	"cmp"
	"context"
	"slices"
)

// Totals counts objects and bytes by kind and outcome. Bytes of an object that
// another one holds count there and only once. It reads every row, checksums
// included: the report rests on it, and a sum made by SQLite would take flipped
// bits for numbers. About five seconds for a million objects.
func (j *Journal) Totals(ctx context.Context) (map[string]map[string]Total, error) {
	out := map[string]map[string]Total{}
	err := j.each(ctx, func(o Object) {
		m := out[o.Kind]
		if m == nil {
			m = map[string]Total{}
			out[o.Kind] = m
		}
		m[o.Outcome] = m[o.Outcome].plus(o)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Owners counts the objects of each owner by kind and outcome, ordered by
// owner, kind and outcome. Objects without an owner are left out.
func (j *Journal) Owners(ctx context.Context) ([]OwnerTotal, error) {
	type group struct{ owner, kind, outcome string }
	sums := map[group]Total{}
	err := j.each(ctx, func(o Object) {
		if o.Owner != "" {
			g := group{o.Owner, o.Kind, o.Outcome}
			sums[g] = sums[g].plus(o)
		}
	})
	if err != nil {
		return nil, err
	}
	out := make([]OwnerTotal, 0, len(sums))
	for g, t := range sums {
		out = append(out, OwnerTotal{Owner: g.owner, Kind: g.kind, Outcome: g.outcome, Total: t})
	}
	slices.SortFunc(out, func(a, b OwnerTotal) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Outcome, b.Outcome))
	})
	return out, nil
}

func (t Total) plus(o Object) Total {
	t.Count++
	if o.SharedKey == "" || o.SharedKind == o.Kind && o.SharedKey == o.Key {
		t.Bytes += o.Size
	}
	return t
}

// each reads all objects as of one moment. A sum must not leave out a record that
// is gone.
func (j *Journal) each(ctx context.Context, f func(Object)) error {
	if err := j.Whole(ctx); err != nil {
		return err
	}
	return j.scan(ctx, objectTable, "", nil, func(r record) error {
		o, err := readObject(r)
		if err != nil {
			return err
		}
		f(o)
		return nil
	})
}
