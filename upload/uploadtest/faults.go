package uploadtest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"omt/migration"
)

// Op names a method of migration.Target in a log and in faults.
type Op string

// The operations of a target.
const (
	OpProbe   Op = "probe"
	OpPut     Op = "put"
	OpStage   Op = "stage"
	OpRestore Op = "restore"
	OpCommit  Op = "commit"
	OpOpen    Op = "open"
	OpList    Op = "list"
	OpLease   Op = "lease"
)

// Call is one call of a target.
type Call struct {
	Op   Op
	Path string
	Size int64 // bytes of Put and Stage, blocks of Commit, length of Open
	N    int   // which call of this Op it is, from 1
	Err  error // what it returned; nil in faults
}

// Faults makes a Memory fail. Hooks run in the goroutine of the call and
// without a lock, so a hook may block, cancel or call the target.
type Faults struct {
	// Before runs before the work; its error is returned instead of working.
	Before func(Call) error
	// After runs after work that succeeded; its error is returned although the
	// work is done: the reply was lost.
	After func(Call) error
	// The rights that are missing.
	NoRead, NoWrite, NoList bool
}

// FailNth fails the nth call of op, counted from 1, once.
func FailNth(op Op, n int, err error) func(Call) error {
	return func(c Call) error {
		if c.Op == op && c.N == n {
			return fmt.Errorf("%s %s: %w", op, c.Path, err)
		}
		return nil
	}
}

// FailFrom fails every call of op from the nth on, counted from 1.
func FailFrom(op Op, n int, err error) func(Call) error {
	return func(c Call) error {
		if c.Op == op && c.N >= n {
			return fmt.Errorf("%s %s: %w", op, c.Path, err)
		}
		return nil
	}
}

// do runs one operation with its faults and logs it.
func (m *Memory) do(ctx context.Context, op Op, path string, size int64, work func() error) error {
	m.mu.Lock()
	m.count[op]++
	c := Call{Op: op, Path: path, Size: size, N: m.count[op]}
	m.mu.Unlock()
	c.Err = m.attempt(ctx, c, work)
	m.mu.Lock()
	m.calls = append(m.calls, c)
	m.mu.Unlock()
	return c.Err
}

func (m *Memory) attempt(ctx context.Context, c Call, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.faults.Before != nil {
		if err := m.faults.Before(c); err != nil {
			return err
		}
	}
	switch c.Op {
	case OpPut, OpStage, OpCommit, OpLease:
		if m.faults.NoWrite {
			return fmt.Errorf("%s %s: %w", c.Op, c.Path, migration.ErrForbidden)
		}
	}
	if err := work(); err != nil {
		return err
	}
	if m.faults.After != nil {
		return m.faults.After(c)
	}
	return nil
}

// Calls returns the calls that have ended, in the order of their end.
func (m *Memory) Calls() []Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// CallsOf returns the ended calls of one operation.
func (m *Memory) CallsOf(op Op) []Call {
	return slices.DeleteFunc(m.Calls(), func(c Call) bool { return c.Op != op })
}

// memoryLease is the lease of a place.
type memoryLease struct {
	place  *place
	holder string
	lost   chan struct{}
	once   sync.Once
}

// Lease takes the lease of the place; a killed holder keeps it until BreakLease.
func (m *Memory) Lease(ctx context.Context, holder string) (migration.Lease, error) {
	var out *memoryLease
	err := m.do(ctx, OpLease, holder, 0, func() error {
		m.place.mu.Lock()
		defer m.place.mu.Unlock()
		if l := m.place.lease; l != nil {
			return migration.Fail("lock", "memory", fmt.Errorf("%w: held by %q", migration.ErrLeaseHeld, l.holder),
				migration.Msg("hint.folder.lease-held", "Holder", l.holder, "Host", "memory", "PID", 0, "Since", ""))
		}
		out = &memoryLease{place: m.place, holder: holder, lost: make(chan struct{})}
		m.place.lease = out
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// BreakLease ends the lease under its holder, who sees it at Lost.
func (m *Memory) BreakLease() {
	m.place.mu.Lock()
	defer m.place.mu.Unlock()
	if l := m.place.lease; l != nil {
		m.place.lease = nil
		l.once.Do(func() { close(l.lost) })
	}
}

func (l *memoryLease) Lost() <-chan struct{} { return l.lost }

func (l *memoryLease) Release() error {
	l.place.mu.Lock()
	defer l.place.mu.Unlock()
	if l.place.lease == l {
		l.place.lease = nil
	}
	return nil
}
