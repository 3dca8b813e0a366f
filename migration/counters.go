package migration

import (
	"sync"
	"sync/atomic"
)

// counters count what this process does, without locks.
type counters struct {
	sent, skipped, staged, reused atomic.Int64
}

func (c *counters) read() Counts {
	return Counts{Sent: c.sent.Load(), Skipped: c.skipped.Load(), Staged: c.staged.Load(), Reused: c.reused.Load()}
}

// maxWarnings bounds what is kept of warnings: the manifest has every row, the
// report needs enough to see what kind of fault it is.
const maxWarnings = 1000

// warningList collects warnings from several goroutines.
type warningList struct {
	mu   sync.Mutex
	msgs []Message
}

func (w *warningList) add(m Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.msgs) < maxWarnings {
		w.msgs = append(w.msgs, m)
	}
}

func (w *warningList) list() []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Message(nil), w.msgs...)
}
