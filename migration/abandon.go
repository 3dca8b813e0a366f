package migration

import (
	"context"
	"time"
)

// confirmTime is how long a stopped run waits for its readers: a server that is
// told that a statement was cancelled says so within milliseconds.
const confirmTime = 500 * time.Millisecond

// abandon has the source let go of a server that says nothing any more, when the
// run was stopped and has not ended soon after. It tells whether that was so.
func (m *Migration) abandon(ctx context.Context, ended <-chan struct{}) <-chan bool {
	out := make(chan bool, 1)
	go func() {
		select {
		case <-ended:
			out <- false
			return
		case <-ctx.Done():
		}
		late := time.NewTimer(confirmTime)
		defer late.Stop()
		select {
		case <-ended:
			out <- false
		case <-late.C:
			a, ok := m.Source.(Abandoner)
			if ok {
				a.Abandon()
			}
			out <- ok
		}
	}()
	return out
}
