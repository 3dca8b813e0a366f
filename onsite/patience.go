package onsite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"omt/migration"
)

// answerLimit is how long one folder or file may take to answer. A share whose
// server is gone keeps a call waiting for a minute and more, and a configuration
// may name several.
const answerLimit = 10 * time.Second

// errNoAnswer: a folder or file did not answer within answerLimit.
var errNoAnswer = errors.New("no answer")

// busyPauses are how long a file that another program holds is waited for. Most
// are held by a scanner for a moment; a recovery sends the others later.
var busyPauses = []time.Duration{200 * time.Millisecond, 600 * time.Millisecond, 1200 * time.Millisecond}

// whileBusy calls open again as long as another program holds the file. The last
// error is returned, and the caller names the file.
func whileBusy[T any](ctx context.Context, open func() (T, error)) (T, error) {
	for _, pause := range busyPauses {
		v, err := open()
		if err == nil || !isAny(err, busyErrors) {
			return v, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return v, ctx.Err()
		}
	}
	return open()
}

// within calls f, which reads something below path, and waits for it no longer
// than limit. No system takes back a call on a share that is gone: f then ends
// later, when the system gives up, and what it read is dropped. So f closes
// itself what it opens.
func within[T any](ctx context.Context, limit time.Duration, path string, f func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errNoAnswer)
	defer cancel()
	done := make(chan answer, 1)
	go func() {
		v, err := f()
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		if !errors.Is(context.Cause(ctx), errNoAnswer) {
			return none, ctx.Err()
		}
		return none, migration.Fail("read", path, fmt.Errorf("%w within %s", errNoAnswer, limit),
			migration.Msg("hint.config.slow", "Path", path, "Seconds", int(limit.Seconds())))
	}
}
