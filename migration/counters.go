package migration

import "sync/atomic"

// counters count what this process does, without locks.
type counters struct {
	sent, shared, skipped, unchanged, staged, reused atomic.Int64
}

func (c *counters) read() Counts {
	return Counts{
		Sent: c.sent.Load(), Shared: c.shared.Load(), Skipped: c.skipped.Load(),
		Unchanged: c.unchanged.Load(), Staged: c.staged.Load(), Reused: c.reused.Load(),
	}
}
