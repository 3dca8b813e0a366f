package migration

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"sync"

	"omt/migration/journal"
)

// lostFiles is what a recovery of missing files notes while it looks.
type lostFiles struct {
	named map[string]bool // ids of changed files to send
	met   map[string]bool // those of them that were met; used by the scan alone
	// sources are files that were confirmed for missing rows, by id.
	sources map[string]string
	newer   int64 // rows and files that the uploaded run did not know

	mu       sync.Mutex
	changed  []ReportChanged
	total    int64
	warnings []Message
}

func newLostFiles(changed []string, confirmed map[string]string) *lostFiles {
	l := &lostFiles{sources: confirmed, named: map[string]bool{}, met: map[string]bool{}}
	for _, id := range changed {
		l.named[id] = true
	}
	return l
}

// itemID names an item for people who choose: kind and key, without a comma or
// a space in it.
func itemID(kind, key string) string { return kind + "/" + url.PathEscape(key) }

// verdict is what has become of an item since the uploaded run.
type verdict int

const (
	isNewer   verdict = iota // not of the uploaded run
	isSame                   // sent, and nothing speaks for a change
	isChanged                // sent, and size or time differ
	isFound                  // was lost, and is there now
	isLeft                   // is still left out
)

// judge compares an item of today with what the uploaded run knew of it. Only
// names, sizes and times are looked at; where the listing has no time the file
// is opened for it, and it then stands in it.
func (m *Migration) judge(ctx context.Context, k journal.Object, found bool, it *Item) (verdict, error) {
	switch {
	case !found:
		return isNewer, nil
	case sent(k):
		// A shared object is compared with the row that holds it; one whose file
		// is gone since stays at the target.
		if it.Outcome != "" || k.SharedKey != "" {
			return isSame, nil
		}
		if err := m.stat(ctx, it); err != nil || it.Modified.IsZero() {
			return isSame, err
		}
		if it.Size == k.Size && (k.ModTime.IsZero() || k.ModTime.Equal(it.Modified)) {
			return isSame, nil
		}
		return isChanged, nil
	case it.Outcome == "" && lost(Outcome(k.Outcome)):
		return isFound, nil
	}
	return isLeft, nil
}

// lost tells whether a recovery looks again for what ended so.
func lost(o Outcome) bool { return o == Missing || o == Unreadable || o == ChangedOnRead }

// stat fills in size and time of the file where the listing has no time. A file
// that cannot be opened keeps none.
func (m *Migration) stat(ctx context.Context, it *Item) error {
	if !it.Modified.IsZero() {
		return nil
	}
	f, err := m.Source.Open(ctx, *it)
	if errors.Is(err, ErrSourceLost) || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	if err != nil {
		return nil
	}
	defer f.Close()
	var st fs.FileInfo
	if st, err = f.Stat(); err == nil {
		it.Size, it.Modified = st.Size(), st.ModTime()
	}
	return nil
}

// planLost is plan for a recovery of missing files: nothing is added to what
// the uploaded run knew.
func (f *files) planLost(ctx context.Context, batch []Item, queue chan<- work) error {
	for _, it := range batch {
		k, found, err := f.m.Journal.Find(ctx, string(it.Kind), it.Key)
		if err != nil {
			return fmt.Errorf("look up item: %w", err)
		}
		v, err := f.m.judge(ctx, k, found, &it)
		if err != nil {
			return fmt.Errorf("compare %s %s: %w", it.Kind, it.Key, err)
		}
		v, it = f.lost.confirmed(v, Outcome(k.Outcome), it)
		if err := f.planOne(ctx, v, it, k, queue); err != nil {
			return err
		}
	}
	return nil
}

func (f *files) planOne(ctx context.Context, v verdict, it Item, k journal.Object, queue chan<- work) error {
	meter := f.m.Progress.Of(phaseOf(it.Kind))
	if v == isNewer {
		f.lost.newer++
		return nil
	}
	if id := itemID(string(it.Kind), it.Key); f.lost.named[id] {
		f.lost.met[id] = true
	}
	meter.Expect(1, it.Size)
	switch v {
	case isSame:
		f.keep(it, k)
	case isLeft:
		if it.Outcome == "" || it.Outcome == Outcome(k.Outcome) || !lost(Outcome(k.Outcome)) {
			meter.Leave(1)
			return nil
		}
		// Missing before and unreadable now: the report says what is so today.
		k.Run, k.Source = f.m.run.ID, it.Source
		f.conclude(it, k, it.Outcome, it.Reason)
	case isChanged:
		return hand(ctx, queue, work{item: it, target: k.Target, was: &k})
	case isFound:
		return f.planFound(ctx, it, k, queue)
	}
	return nil
}

// keep counts an object that stays as it is.
func (f *files) keep(it Item, k journal.Object) {
	f.m.Progress.Of(phaseOf(it.Kind)).Skip(1, k.Size)
	if k.Run == f.m.run.ID {
		f.m.counts.skipped.Add(1)
		return
	}
	f.m.counts.unchanged.Add(1)
}

// planFound sends a file to the place that the uploaded database knows, also if
// the row has been renamed since.
func (f *files) planFound(ctx context.Context, it Item, k journal.Object, queue chan<- work) error {
	it.path = k.Target
	o := f.object(it)
	kind, key, err := f.m.Journal.Claim(ctx, o.Folded, o.Kind, o.Key)
	if err != nil {
		return fmt.Errorf("claim path: %w", err)
	}
	if kind != o.Kind || key != o.Key {
		f.mu.Lock()
		f.followers = append(f.followers, it)
		f.mu.Unlock()
		return nil
	}
	return hand(ctx, queue, work{item: it, target: o.Target})
}

func hand(ctx context.Context, queue chan<- work, w work) error {
	select {
	case queue <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// compare reads a file that was sent and whose size or time differ. Other bytes
// are listed, and sent only if somebody has chosen that: online the document
// may have been edited.
func (s *sender) compare(ctx context.Context, w work) error {
	lost, was := s.f.lost, *w.was
	w.item.path = w.target
	o := s.f.object(w.item)
	o.Folded = was.Folded
	named := lost.named[itemID(o.Kind, o.Key)]
	same := false
	err := s.attempts(ctx, w.item, &o, func(sum Sum) bool {
		same = sum.Size == was.Size && sum.SHA256 == was.SHA256
		return same || !named
	})
	var read *readError
	switch {
	case errors.Is(err, errSame) && same:
		// Only the time is another: the next recovery need not read it again.
		was.ModTime = o.ModTime
		s.f.ackKept(w.item, was)
		return nil
	case errors.Is(err, errSame):
		lost.note(o, was)
		s.f.keep(w.item, was)
		return nil
	case err == nil:
		o.Outcome, o.Reason, o.At = string(Uploaded), encodeReason(w.item.Reason), s.m.Now().UTC()
		s.m.counts.sent.Add(1)
		s.f.ack(w.item, o, o.Size)
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrSourceLost):
		return fmt.Errorf("read %s: %w", w.item.Source, err)
	case errors.Is(err, ErrChanged), errors.Is(err, errGone), errors.As(err, &read):
		// What the target has of it stays, and the report says so.
		lost.warn(Msg("warn.recovery.kept", "Path", w.target))
		s.f.keep(w.item, was)
		return nil
	}
	return fmt.Errorf("send %s: %w", w.target, err)
}

// ackKept records an object that stays as it is.
func (f *files) ackKept(it Item, o journal.Object) {
	f.m.Journal.Ack(o, func(err error) {
		if err != nil {
			f.m.abort(fmt.Errorf("record outcome: %w", err))
			return
		}
		f.keep(it, o)
	})
}
