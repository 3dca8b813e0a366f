package journal

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Journal is an open journal. All methods may be called by several goroutines.
// A goroutine of its own writes, from Open until Close, and another one reads
// all of it once (Whole). After a commit failed or damage was found by it every
// call returns that error; only opening it again tells what was written.
type Journal struct {
	path  string
	opt   Options
	lock  *lock
	db    *sql.DB // one connection, held by store
	read  *sql.DB
	store *store

	senders  sync.RWMutex // held for reading while something is put into queue
	closing  atomic.Bool
	queue    chan request
	finished chan struct{}
	failure  atomic.Pointer[error]
	audit    audit
	marked   sync.Once // the damage that was found stands beside the file

	commits, acked, largest atomic.Int64

	once   sync.Once
	closed error
}

// request is one piece of work for the writer. Order of arrival is order of
// commit, for acknowledgements and everything else.
type request struct {
	apply func(*store) error // nil: only wait
	done  func(error)
	now   bool // commit at once, with everything that came before
	ack   bool // counts as an acknowledgement
}

// Path is the file of the journal.
func (j *Journal) Path() string { return j.path }

// Stats may be read at any time.
func (j *Journal) Stats() Stats {
	return Stats{Commits: j.commits.Load(), Acked: j.acked.Load(), Largest: int(j.largest.Load())}
}

// Close commits what was enqueued, ends the writer and the audit, and frees the
// lock. It returns the error of a failed commit, or the damage that was found. A second call waits for the first one
// and returns the same. It may not be called from a done function.
func (j *Journal) Close() error {
	j.once.Do(func() {
		j.senders.Lock() // waits for senders; the writer still drains the queue
		j.closing.Store(true)
		close(j.queue)
		j.senders.Unlock()
		<-j.finished
		if err := firstError(j.failed(), j.release()); err != nil {
			j.closed = fmt.Errorf("close journal: %w", err)
		}
	})
	return j.closed
}

// release closes whatever is open. The readers go first: the last connection
// to close moves the log into the file, and that must be the writing one.
func (j *Journal) release() error {
	j.audit.stop()
	var err error
	if j.read != nil {
		err = j.read.Close()
	}
	if j.store != nil {
		err = firstError(err, j.store.close())
	}
	if j.db != nil {
		err = firstError(err, j.db.Close())
	}
	return firstError(err, j.lock.release())
}

// send puts a request into the queue and blocks while it is full.
func (j *Journal) send(ctx context.Context, r request) error {
	j.senders.RLock()
	defer j.senders.RUnlock()
	if j.closing.Load() {
		return ErrClosed
	}
	select {
	case j.queue <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// do has the writer do something and waits for its commit.
func (j *Journal) do(ctx context.Context, apply func(*store) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	if err := j.send(ctx, request{apply: apply, done: func(err error) { done <- err }, now: true}); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Flush waits until everything enqueued before it is committed. A cancelled
// context ends the waiting, not the writing; so it is with every method here
// that writes and takes a context.
func (j *Journal) Flush(ctx context.Context) error { return j.do(ctx, nil) }

// write is the writer goroutine.
func (j *Journal) write() {
	defer close(j.finished)
	group := make([]request, 0, j.opt.GroupSize)
	timer := time.NewTimer(0)
	timer.Stop()
	commit := func() {
		timer.Stop()
		j.commit(group)
		clear(group)
		group = group[:0]
	}
	for {
		select {
		case r, open := <-j.queue:
			if !open {
				commit()
				return
			}
			group = append(group, r)
			switch {
			case r.now || len(group) == j.opt.GroupSize:
				commit()
			case len(group) == 1:
				timer.Reset(j.opt.GroupDelay)
			}
		case <-timer.C:
			commit()
		}
	}
}

// commit writes a group in one transaction and then tells everybody in it.
func (j *Journal) commit(group []request) {
	err := j.failed()
	if err == nil {
		if err = j.transact(group); err != nil {
			j.fail(fmt.Errorf("commit to journal: %w", classify(err)))
			err = j.failed()
		}
	}
	for _, r := range group {
		if r.done != nil {
			r.done(err)
		}
	}
}

func (j *Journal) transact(group []request) error {
	work, acks := 0, 0
	for _, r := range group {
		if r.apply != nil {
			work++
		}
		if r.ack {
			acks++
		}
	}
	if work == 0 {
		return nil
	}
	if err := j.opt.FailPoint(PointGroupBegin); err != nil {
		return err
	}
	err := j.store.transact(j.opt.FailPoint, PointGroupBefore, PointGroupAfter, func() error {
		for _, r := range group {
			if r.apply == nil {
				continue
			}
			if err := r.apply(j.store); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	j.commits.Add(1)
	j.acked.Add(int64(acks))
	j.largest.Store(max(j.largest.Load(), int64(acks)))
	return nil
}
