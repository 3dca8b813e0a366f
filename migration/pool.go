package migration

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// pool is the senders of a pass. There are as many of them as lanes says, so
// that nobody waits who holds memory or a connection.
type pool struct {
	f     *files
	queue <-chan work

	lanes *lanes
	want  atomic.Int64 // how many there should be
	have  atomic.Int64
	done  chan struct{} // closed when the queue is empty and will stay so
	once  sync.Once

	// Of this second, for lanes.
	files, bytes atomic.Int64
	starved      atomic.Bool
}

func newPool(f *files, queue <-chan work) *pool {
	return &pool{f: f, queue: queue, lanes: newLanes(f.m.Limits.Senders), done: make(chan struct{})}
}

// run sends until the queue is closed and empty.
func (p *pool) run(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	p.set(p.lanes.n)
	p.fill(g, gctx)
	g.Go(func() error { return p.steer(g, gctx) })
	err := g.Wait()
	p.f.m.Progress.Control().setSenders(0)
	if err != nil {
		return err
	}
	return ctx.Err()
}

func (p *pool) set(n int) {
	p.want.Store(int64(n))
	p.f.m.Progress.Control().setSenders(n)
}

// fill starts senders until there are as many as wanted.
func (p *pool) fill(g *errgroup.Group, ctx context.Context) {
	for p.have.Load() < p.want.Load() {
		p.have.Add(1)
		g.Go(func() error { return p.send(ctx) })
	}
}

// steer changes the number of senders each second.
func (p *pool) steer(g *errgroup.Group, ctx context.Context) error {
	m := p.f.m
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	troubles := m.troubles()
	for {
		select {
		case <-p.done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		all := m.troubles()
		f := m.Progress.Control().InForce()
		n := p.lanes.next(second{
			files: p.files.Swap(0), bytes: p.bytes.Swap(0), troubles: all - troubles,
			starved: p.starved.Swap(false), held: f.Paused || f.Waiting || f.Limit > 0,
		})
		troubles = all
		p.set(n)
		p.fill(g, ctx)
	}
}

// troubles counts what tells to send fewer files at once.
func (m *Migration) troubles() int64 {
	n := m.failures.Load()
	if t, ok := m.Target.(Throttler); ok {
		n += t.Busy()
	}
	return n
}

// send is one sender.
func (p *pool) send(ctx context.Context) error {
	s := newSender(p.f)
	for !p.leaves() {
		var w work
		var open bool
		select {
		case w, open = <-p.queue:
		default:
			// Nothing waits: more senders would not help.
			p.starved.Store(true)
			select {
			case w, open = <-p.queue:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if !open {
			p.once.Do(func() { close(p.done) })
			return nil
		}
		if err := s.work(ctx, w); err != nil {
			return err
		}
		p.files.Add(1)
		p.bytes.Add(w.item.Size)
	}
	return nil
}

// leaves takes the sender off the count if there are more than wanted.
func (p *pool) leaves() bool {
	for {
		n := p.have.Load()
		if n <= p.want.Load() {
			return false
		}
		if p.have.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// work sends an item, or compares it with what was sent of it.
func (s *sender) work(ctx context.Context, w work) error {
	if w.was != nil {
		return s.compare(ctx, w)
	}
	return s.send(ctx, w.item, w.target)
}
