package migration_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
	"time"

	"omt/migration"
	"omt/upload/uploadtest"
)

// errDead is what everything answers after the process was killed.
var errDead = errors.New("the process is dead")

// chance draws from the seed of a world for something that has a name, so that
// the order in which goroutines come to it does not matter. It is a number from
// 0 up to below 1.
func (s *sim) chance(what ...any) float64 {
	h := fnv.New64a()
	fmt.Fprint(h, s.seed, s.round)
	for _, w := range what {
		fmt.Fprint(h, "\x00", w)
	}
	x := h.Sum64()
	// The last bytes change only the low bits of the sum.
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

// simTarget is a target in memory behind a line that delays, loses, throttles and
// stalls, and that writes down what it was asked to do.
type simTarget struct {
	*uploadtest.Memory
	s *sim
}

// throttled is a service that asks for patience.
type throttled struct{ pause time.Duration }

func (e *throttled) Error() string        { return "too many requests" }
func (e *throttled) Pause() time.Duration { return e.pause }

func faulty(op, item string, err error, hint string) error {
	return migration.Fail(op, item, err, migration.Msg(hint, "Host", "sim", "Status", 503, "Target", "sim", "Path", item))
}

// call carries out one call of the target, or not, as the seed wants it.
func (x *simTarget) call(ctx context.Context, op, path string, writes bool, work func() error) error {
	s := x.s
	if err := s.alive(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	s.calls++
	n := s.calls
	s.tries[op+path]++
	try := s.tries[op+path]
	f := s.faults
	s.mu.Unlock()
	if writes {
		s.writing("begins", op, path)
	}
	roll := s.chance(op, path, try)
	wait := time.Duration(s.chance("wait", op, path, try) * float64(f.latency))
	if roll < f.stall {
		wait = 2 * time.Minute
	}
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := s.alive(ctx); err != nil {
		return err
	}
	switch roll -= f.stall; {
	case roll < 0:
		return faulty(op, path, errors.New("no answer"), "hint.azure.unreachable")
	case roll < f.fail:
		return faulty(op, path, errors.New("connection reset"), "hint.azure.unreachable")
	case roll < f.fail+f.throttle:
		return faulty(op, path, &throttled{time.Duration(1+s.chance("pause", op, path, try)*40) * time.Second}, "hint.azure.busy")
	case n == f.denyAt:
		return faulty(op, path, migration.ErrForbidden, "hint.azure.signature")
	case n == f.fullAt:
		return faulty(op, path, migration.ErrNoSpace, "hint.azure.failed")
	case n == f.killBefore:
		s.kill()
		return errDead
	}
	if writes {
		s.writing("takes effect", op, path)
	}
	if err := work(); err != nil {
		return err
	}
	if n == f.killAfter {
		s.kill()
		return errDead
	}
	if roll < f.fail+f.throttle+f.lose {
		return faulty(op, path, errors.New("reply was lost"), "hint.azure.unreachable")
	}
	return nil
}

// Put implements migration.Target.
func (x *simTarget) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	return x.call(ctx, "put", path, true, func() error {
		b, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		x.s.arrives(path, hex.EncodeToString(sum.SHA256[:]))
		if err := x.Memory.Put(ctx, path, bytes.NewReader(b), sum); err != nil {
			return err
		}
		if path == "session.json" && strings.Contains(string(b), `"state": "uploaded"`) {
			x.s.saidUploaded()
		}
		return nil
	})
}

// Stage implements migration.Target.
func (x *simTarget) Stage(ctx context.Context, path string, b migration.Block) (off int64, err error) {
	err = x.call(ctx, "stage", path+" "+b.ID, true, func() (err error) {
		x.s.arrives(b.ID, "")
		off, err = x.Memory.Stage(ctx, path, b)
		return err
	})
	return off, err
}

// Commit implements migration.Target.
func (x *simTarget) Commit(ctx context.Context, path string, blocks []migration.BlockRef) error {
	return x.call(ctx, "commit", path, true, func() error { return x.Memory.Commit(ctx, path, blocks) })
}

// Restore implements migration.Target.
func (x *simTarget) Restore(ctx context.Context, path string, kept []migration.BlockRef) (out []migration.BlockRef, err error) {
	if err := x.s.alive(ctx); err != nil {
		return nil, err
	}
	return x.Memory.Restore(ctx, path, kept)
}

// Open implements migration.Target.
func (x *simTarget) Open(ctx context.Context, path string, offset, length int64) (io.ReadCloser, error) {
	if err := x.s.alive(ctx); err != nil {
		return nil, err
	}
	return x.Memory.Open(ctx, path, offset, length)
}

// Lease implements migration.Target. A lease that is lost comes to the world's
// attention first.
func (x *simTarget) Lease(ctx context.Context, holder string) (migration.Lease, error) {
	if err := x.s.alive(ctx); err != nil {
		return nil, err
	}
	return x.Memory.Lease(ctx, holder)
}
