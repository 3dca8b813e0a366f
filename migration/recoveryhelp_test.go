package migration_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"omt/migration"
	"omt/migration/journal"
)

// puts collects the paths of what is put at a target.
type puts struct {
	mu  sync.Mutex
	all []string
}

type putTarget struct {
	migration.Target
	puts *puts
}

func (p *puts) over(t migration.Target) migration.Target { return &putTarget{t, p} }

func (t *putTarget) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	t.puts.mu.Lock()
	t.puts.all = append(t.puts.all, path)
	t.puts.mu.Unlock()
	return t.Target.Put(ctx, path, body, sum)
}

func (p *puts) paths() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all
}

// interruptedAfterFiles runs until n files have arrived and stops in the middle
// of the tables.
func interruptedAfterFiles(t *testing.T, w *world, n int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	arrived := make(chan struct{})
	w.wrap = func(tg migration.Target) migration.Target { return &arrivals{Target: tg, left: n, all: arrived} }
	w.src.onRow = func(string, int64) error {
		<-arrived
		cancel()
		return context.Canceled
	}
	if _, err := w.process(ctx, w.plan); err == nil {
		t.Fatal("the run was not interrupted")
	}
	w.src.onRow, w.wrap = nil, nil
}

// arrivals closes a channel when the last of some documents has arrived.
type arrivals struct {
	migration.Target
	mu   sync.Mutex
	left int64
	all  chan struct{}
}

func (a *arrivals) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	err := a.Target.Put(ctx, path, body, sum)
	a.mu.Lock()
	defer a.mu.Unlock()
	if strings.HasPrefix(path, "documents/") && err == nil {
		if a.left--; a.left == 0 {
			close(a.all)
		}
	}
	return err
}

// known are the paths of what the last run of the journal has sent.
func (w *world) known() map[string]bool {
	w.t.Helper()
	out := map[string]bool{}
	err := w.open(nil, w.src, func(m *migration.Migration) error {
		last, _, err := m.Journal.LastRun(context.Background())
		if err != nil {
			return err
		}
		return m.Journal.Objects(context.Background(), "", func(o journal.Object) error {
			if o.Run == last.ID && migration.Outcome(o.Outcome) == migration.Uploaded {
				out[o.Target] = true
			}
			return nil
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}
