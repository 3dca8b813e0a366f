package migration

import (
	"context"
	"errors"
	"hash"
)

// listing is the walk through the items of one kind. A walk that breaks off is
// begun again and passes over what was planned already: a connection that breaks
// in the third hour of a night must not end it.
type listing struct {
	// tail lists only the rows after one; before, if it is not 0, only those
	// that come before one.
	tail          bool
	after, before int64

	f      *files
	queue  chan<- work
	failed error // of what was done with the items; the walk is not begun again

	planned int         // items that were planned
	mark    uint64      // of their keys in their order
	hash    hash.Hash64 // of the keys of this walk
	met     int
}

// errReordered: the items come in another order than before, so that nobody can
// tell which of them were planned.
var errReordered = errors.New("the order of the items has changed")

// errEnough ends a walk at the row where another one has begun.
var errEnough = errors.New("the rest was listed before")

// items are those of the walk; a tail is asked only of a source that has one.
func (l *listing) items(ctx context.Context, k ItemKind, yield func(Item) error) error {
	if l.tail {
		return l.f.m.Source.(TailSource).Tail(ctx, l.after, yield)
	}
	return l.f.m.Source.Items(ctx, k, yield)
}

// read walks once.
func (l *listing) read(ctx context.Context, k ItemKind) error {
	l.hash.Reset()
	l.met = 0
	batch := make([]Item, 0, scanBatch)
	flush := func() error {
		if l.failed = l.f.plan(ctx, batch, l.queue); l.failed != nil {
			return context.Canceled // ends the walk; failed says why
		}
		l.planned, l.mark = l.met, l.hash.Sum64()
		batch = batch[:0]
		return nil
	}
	err := l.items(ctx, k, func(it Item) error {
		if l.before > 0 && it.Row >= l.before {
			return errEnough
		}
		_, _ = l.hash.Write([]byte(it.Key + "\x00")) // never fails
		l.met++
		if l.met <= l.planned {
			if l.met == l.planned && l.hash.Sum64() != l.mark {
				l.failed = Fail("list again", string(k), errReordered, Msg("hint.archive.list"))
				return context.Canceled
			}
			return nil
		}
		if batch = append(batch, it); len(batch) == scanBatch {
			return flush()
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err == nil && l.met < l.planned {
		l.failed = Fail("list again", string(k), errReordered, Msg("hint.archive.list"))
	}
	if err != nil || l.failed != nil || len(batch) == 0 {
		return err
	}
	return flush()
}
