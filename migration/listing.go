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

	source ItemSource
	plan   func(ctx context.Context, batch []Item) error
	failed error // of plan; the walk is not begun again

	// What was planned: the first so many items, whose keys in their order mark
	// sums up, and of the window in which the walk stood those in recent. A row
	// that is saved meanwhile may come anywhere in the last window, but not before.
	planned int
	mark    uint64
	recent  map[string]bool

	// Of this walk.
	hash   hash.Hash64 // of the keys in their order
	met    int
	window int64
	begun  struct { // where the window begins
		met  int
		mark uint64
	}
	keys []string // of the window, that were met and are not in recent
}

// errReordered: the items come in another order than before, so that nobody can
// tell which of them were planned.
var errReordered = errors.New("the order of the items has changed")

// errEnough ends a walk at the row where another one has begun.
var errEnough = errors.New("the rest was listed before")

// items are those of the walk; a tail is asked only of a source that has one.
func (l *listing) items(ctx context.Context, k ItemKind, yield func(Item) error) error {
	if l.tail {
		return l.source.(TailSource).Tail(ctx, l.after, yield)
	}
	return l.source.Items(ctx, k, yield)
}

// read walks once.
func (l *listing) read(ctx context.Context, k ItemKind) error {
	l.hash.Reset()
	l.met, l.window, l.keys = 0, 0, l.keys[:0]
	l.begun.met, l.begun.mark = 0, l.hash.Sum64()
	batch := make([]Item, 0, scanBatch)
	flush := func() error {
		if l.failed = l.plan(ctx, batch); l.failed != nil {
			return context.Canceled // ends the walk; failed says why
		}
		l.keep()
		batch = batch[:0]
		return nil
	}
	err := l.items(ctx, k, func(it Item) error {
		if l.before > 0 && it.Row >= l.before {
			if Window(it.Row) > Window(l.before) {
				return errEnough
			}
			return nil // the window in which the other walk has begun
		}
		known, err := l.meet(k, it)
		if err != nil || known {
			return err
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

// meet counts an item and tells whether it was planned by an earlier walk.
func (l *listing) meet(k ItemKind, it Item) (known bool, err error) {
	w := int64(l.met)
	if k == KindDocument || k == KindVersion {
		if w = Window(it.Row); it.Row == 0 {
			w = l.window // stands for a folder of these rows
		}
	}
	if w != l.window {
		l.window, l.keys = w, l.keys[:0]
		l.begun.met, l.begun.mark = l.met, l.hash.Sum64()
	}
	_, _ = l.hash.Write([]byte(it.Key + "\x00")) // never fails
	l.met++
	if l.met <= l.planned {
		if l.met == l.planned && l.hash.Sum64() != l.mark {
			l.failed = Fail("list again", string(k), errReordered, Msg("hint.archive.list"))
			return false, context.Canceled
		}
		return true, nil
	}
	l.keys = append(l.keys, it.Key)
	return l.recent[it.Key], nil
}

// keep notes that everything met so far is planned.
func (l *listing) keep() {
	if l.planned != l.begun.met || l.recent == nil {
		l.planned, l.mark, l.recent = l.begun.met, l.begun.mark, map[string]bool{}
	}
	for _, key := range l.keys {
		l.recent[key] = true
	}
	l.keys = l.keys[:0]
}
