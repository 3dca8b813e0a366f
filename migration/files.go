package migration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"

	"golang.org/x/sync/errgroup"

	"omt/migration/journal"
)

// files moves everything that is not the database: a scanner asks the journal
// what is known of each item, senders send the rest while the scan goes on.
type files struct {
	m      *Migration
	strays Strays

	mu        sync.Mutex
	followers []Item // items whose target path belongs to another one
	second    bool   // rows that are known already are passed over
	reuse     bool   // objects of an earlier run may lie at the target already
	lost      *lostFiles
	orphans   *ReportOrphans // at the target; nil if that was not looked for
	gone      int            // objects that were not at the target any more
}

func newFiles(m *Migration) *files {
	f := &files{m: m, reuse: m.set.Recovery == RecoverOverwrite || m.set.Left != "" || m.set.Seeded != ""}
	if m.set.Recovery == RecoverMissing {
		f.lost = newLostFiles(m.set.Changed, m.set.Confirmed)
	}
	return f
}

// phaseOf says in which row of the page a kind is shown.
func phaseOf(k ItemKind) Phase {
	switch k {
	case KindTemplate:
		return PhaseTemplates
	case KindService:
		return PhaseService
	case KindAttachment:
		return PhaseAttachments
	}
	return PhaseDocuments
}

// scanBatch is how many items are planned in one transaction of the journal.
const scanBatch = 200

// scanAhead is how many items may wait for a sender. The scan runs ahead of the
// senders, so that everything is counted, and the time left known, long before
// the end; at about half a kilobyte an item the queue stays below 32 MiB.
const scanAhead = 1 << 16

// work is an item that the scanner hands to a sender.
type work struct {
	item   Item
	target string
	// was is the object that an uploaded run has sent and that has changed since;
	// nil for a file that is not at the target.
	was *journal.Object
}

func (f *files) run(ctx context.Context) (err error) {
	for _, k := range ItemKinds() {
		f.m.Progress.Of(phaseOf(k)).Begin(true)
	}
	err = f.pass(ctx)
	if err == nil && f.lost == nil {
		err = f.settle(ctx)
	}
	if err == nil {
		err = f.m.reread(ctx, "count strays", func() (err error) {
			f.strays, err = f.m.Source.Strays(ctx)
			return err
		})
		if err != nil && HintOf(err).IsZero() {
			err = Fail("count strays", "", err, Msg("hint.archive.list"))
		}
	}
	end := PhaseDone
	if err != nil {
		end = PhaseStopped
	}
	for _, k := range ItemKinds() {
		f.m.Progress.Of(phaseOf(k)).End(end)
	}
	return err
}

// pass scans once and sends what is to be sent.
func (f *files) pass(ctx context.Context) error {
	queue := make(chan work, scanAhead)
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(queue)
		return f.scan(gctx, queue)
	})
	p := newPool(f, queue)
	g.Go(func() error { return p.run(gctx) })
	if err := g.Wait(); err != nil {
		return err
	}
	// The owners of the paths must be known before their followers.
	if err := f.m.Journal.Flush(ctx); err != nil {
		return err
	}
	if err := f.follow(ctx); err != nil {
		return err
	}
	return f.m.Journal.Flush(ctx)
}

// again looks once more for rows that were saved while the tables were read.
// What is known already costs a look into the journal.
func (f *files) again(ctx context.Context) error {
	f.followers, f.second = nil, true
	if err := f.pass(ctx); err != nil {
		return err
	}
	return f.settle(ctx)
}

// settle gives an outcome to what an interrupted run had planned and this one
// did not meet: the row or the file was deleted in between.
func (f *files) settle(ctx context.Context) error {
	err := f.m.Journal.Objects(ctx, "", func(o journal.Object) error {
		if o.Outcome == "" {
			f.conclude(Item{Kind: ItemKind(o.Kind)}, o, Missing, Msg("reason.vanished"))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("list objects of journal: %w", err)
	}
	return f.m.Journal.Flush(ctx)
}

// scan walks all kinds in order and queues what is to be sent.
func (f *files) scan(ctx context.Context, queue chan<- work) error {
	for _, k := range ItemKinds() {
		first, err := f.front(ctx, k)
		if err == nil && first > 0 {
			err = f.walk(ctx, queue, k, listing{after: first - 1, tail: true})
		}
		if err == nil {
			err = f.walk(ctx, queue, k, listing{before: first})
		}
		if err != nil {
			return fmt.Errorf("list %ss: %w", k, err)
		}
		// Versions and personal files still add to the documents.
		if k != KindDocument && k != KindVersion {
			f.m.Progress.Of(phaseOf(k)).Counted()
		}
	}
	return nil
}

// walk lists a kind, or a part of it, and begins again where that helps.
func (f *files) walk(ctx context.Context, queue chan<- work, k ItemKind, l listing) error {
	l.source, l.hash = f.m.Source, fnv.New64a()
	l.plan = func(ctx context.Context, batch []Item) error { return f.plan(ctx, batch, queue) }
	err := f.m.reread(ctx, "list "+string(k)+"s", func() error { return l.read(ctx, k) })
	if l.failed != nil {
		return l.failed // it has ended the walk
	}
	return err
}

// front is the first document that the run before this one had planned and not
// sent; 0 if the documents are to be listed from their beginning. The list begins
// there, and what comes before it is looked at while this is sent: going through a
// million documents that are all there takes a minute in which the line would
// stand still. Where it begins makes no difference to what is sent.
func (f *files) front(ctx context.Context, k ItemKind) (int64, error) {
	if _, ok := f.m.Source.(TailSource); !ok || k != KindDocument || f.m.begin != BeginResume || f.second || f.lost != nil {
		return 0, nil
	}
	row, err := f.m.Journal.Front(ctx, string(k), scanAhead+scanBatch+mostSenders+windowRows)
	if err != nil {
		return 0, fmt.Errorf("find where the run stood: %w", err)
	}
	return row, nil
}

// plan tells the journal of a batch and decides for each item.
func (f *files) plan(ctx context.Context, batch []Item, queue chan<- work) error {
	if len(batch) == 0 {
		return nil
	}
	// A pause is for the server that the archive lies on, too.
	if err := f.m.Progress.Control().pass(ctx, 0); err != nil {
		return err
	}
	if f.lost != nil {
		return f.planLost(ctx, batch, queue)
	}
	objs := make([]journal.Object, len(batch))
	for i, it := range batch {
		objs[i] = f.object(it)
	}
	known, err := f.m.Journal.Plan(ctx, objs)
	if err != nil {
		return fmt.Errorf("record plan: %w", err)
	}
	meter := f.m.Progress.Of(phaseOf(batch[0].Kind))
	for i, it := range batch {
		k := known[i]
		if f.second && k.Outcome != "" {
			continue
		}
		meter.Expect(1, it.Size)
		if objs[i].Folded != "" && k.Folded != objs[i].Folded && k.SharedKey == "" {
			// Missing when it was planned and found since, or renamed: the path
			// that it has now may belong to another one.
			if k.ClaimKind, k.ClaimKey, err = f.m.Journal.Claim(ctx, objs[i].Folded, objs[i].Kind, objs[i].Key); err != nil {
				return fmt.Errorf("claim path: %w", err)
			}
		}
		switch {
		case sent(k.Object) && samePlace(k, objs[i]):
			f.m.counts.skipped.Add(1)
			meter.Skip(1, k.Size)
		case it.Outcome != "":
			f.conclude(it, objs[i], it.Outcome, it.Reason)
		case k.ClaimKey != "" && (k.ClaimKind != objs[i].Kind || k.ClaimKey != objs[i].Key):
			f.mu.Lock()
			f.followers = append(f.followers, it)
			f.mu.Unlock()
		default:
			select {
			case queue <- work{item: it, target: objs[i].Target}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// sent tells whether an object is at the target.
func sent(o journal.Object) bool {
	return Outcome(o.Outcome) == Uploaded || Outcome(o.Outcome) == Unchanged
}

// samePlace tells whether an object that was sent lies where it belongs today.
func samePlace(k journal.Known, now journal.Object) bool {
	return k.SharedKey != "" || now.Folded == "" || k.Folded == now.Folded
}

func (f *files) object(it Item) journal.Object {
	o := journal.Object{Kind: string(it.Kind), Key: it.Key, Row: it.Row, Source: it.Source, Owner: it.Owner, Run: f.m.run.ID}
	if o.Target = it.path; o.Target == "" && len(it.Elements) > 0 {
		o.Target = TargetPath(it.Elements...)
	}
	if o.Target != "" {
		// A row without a file may not claim a path from one that has it.
		if it.Outcome == "" {
			o.Folded = FoldPath(o.Target)
		}
	}
	return o
}

// conclude records an outcome other than a sent file.
func (f *files) conclude(it Item, o journal.Object, out Outcome, reason Message) {
	o.Outcome, o.Reason = string(out), encodeReason(reason)
	o.At = f.m.Now().UTC()
	meter := f.m.Progress.Of(phaseOf(it.Kind))
	f.m.Journal.Ack(o, func(err error) {
		if err != nil {
			f.m.abort(fmt.Errorf("record outcome: %w", err))
			return
		}
		meter.Leave(1)
	})
}

// encodeReason gives a message the form that the journal keeps, nil for none.
func encodeReason(m Message) []byte {
	if m.IsZero() {
		return nil
	}
	// A message of strings and numbers can always be encoded.
	b, _ := json.Marshal(m)
	return b
}

// ack hands an outcome to the journal; it counts when the journal has it.
func (f *files) ack(it Item, o journal.Object, bytes int64) {
	meter := f.m.Progress.Of(phaseOf(it.Kind))
	f.m.Journal.Ack(o, func(err error) {
		if err != nil {
			f.m.abort(fmt.Errorf("record outcome: %w", err))
			return
		}
		meter.Done(1, bytes)
	})
}

// follow settles the items whose path another item claimed first: the same
// bytes are one object for both, other bytes get a name of their own and a
// warning.
func (f *files) follow(ctx context.Context) error {
	s := newSender(f)
	for _, it := range f.followers {
		o := f.object(it)
		known, err := f.m.Journal.Plan(ctx, []journal.Object{o})
		if err != nil {
			return fmt.Errorf("record plan: %w", err)
		}
		if sent(known[0].Object) && samePlace(known[0], o) {
			continue
		}
		kind, key, err := f.m.Journal.Claim(ctx, o.Folded, o.Kind, o.Key)
		if err != nil {
			return fmt.Errorf("claim path: %w", err)
		}
		owner, err := f.m.Journal.Plan(ctx, []journal.Object{{Kind: kind, Key: key}})
		if err != nil {
			return fmt.Errorf("read plan: %w", err)
		}
		own := owner[0].Object
		if sent(own) {
			same, err := s.sameBytes(ctx, it, own)
			if err != nil {
				return err
			}
			if same {
				o.Outcome, o.Target, o.Folded, o.Reason = string(Uploaded), own.Target, "", encodeReason(it.Reason)
				o.Size, o.SHA256, o.MD5, o.ModTime = own.Size, own.SHA256, own.MD5, own.ModTime
				o.SharedKind, o.SharedKey, o.At = own.Kind, own.Key, f.m.Now().UTC()
				f.m.counts.shared.Add(1)
				f.ack(it, o, 0)
				continue
			}
		}
		target, err := f.ownPath(ctx, o)
		if err != nil {
			return err
		}
		if err := s.send(ctx, it, target); err != nil {
			return err
		}
	}
	return nil
}

// ownPath gives an item a path that nobody else has: a third row may be called
// just like the path with the suffix.
func (f *files) ownPath(ctx context.Context, o journal.Object) (string, error) {
	path := o.Target
	for {
		path = ClashPath(path, o.Key)
		kind, key, err := f.m.Journal.Claim(ctx, FoldPath(path), o.Kind, o.Key)
		if err != nil {
			return "", fmt.Errorf("claim path: %w", err)
		}
		if kind == o.Kind && key == o.Key {
			return path, nil
		}
	}
}

// errGone tells the sender apart from a fault: the file is not there any more.
var errGone = errors.New("file is not there")
