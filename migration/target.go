package migration

import (
	"context"
	"io"
	"time"
)

// Target is where a migration arrives: a blob container or a folder. Paths are
// slash-separated and already escaped (TargetPath). upload implements it and
// upload/uploadtest is the conformance suite that each implementation passes.
//
// All methods are idempotent: repeating a call that failed or whose reply was
// lost is safe and is what the caller does. Implementations do not retry
// transient errors beyond their transport's own policy. Permanent errors wrap
// ErrForbidden, ErrExpired, ErrNoSpace, ErrLeaseLost or ErrNotFound.
type Target interface {
	// Describe names the target for people, without secrets.
	Describe() string
	// Probe finds out once what may be done, by trying. It leaves nothing behind.
	Probe(ctx context.Context) (Rights, error)

	// Put writes a whole object. It becomes visible with all of its bytes or
	// not at all, and replaces what was there. The body is read once from its
	// start; size and MD5 are verified by the target before it answers.
	// When Put returns nil the object is durable.
	Put(ctx context.Context, path string, body io.ReadSeeker, sum Sum) error

	// Stage adds one block to an object that is being assembled. Nothing is
	// visible before Commit. Blocks of one object may be staged in parallel.
	// A target that fixes the order by arrival (a folder) returns the offset
	// at which the block lies; one that orders at Commit returns -1.
	// When Stage returns nil the block is durable for at least six days.
	Stage(ctx context.Context, path string, b Block) (offset int64, err error)
	// Restore prepares an unfinished assembly after a restart: everything
	// that is not among kept is forgotten, a torn tail is cut off. It returns
	// the blocks of kept that are really still there.
	Restore(ctx context.Context, path string, kept []BlockRef) ([]BlockRef, error)
	// Commit makes the object visible, made of exactly these blocks in this
	// order. Where Stage returned offsets, the order is that of the offsets.
	// Repeated after it succeeded, it succeeds again. ErrNotFound if a block is
	// not staged any more: all must be staged again.
	Commit(ctx context.Context, path string, blocks []BlockRef) error

	// Open reads a committed object from offset; length -1 reads to its end.
	// ErrNotFound if there is none, ErrForbidden without the right to read.
	Open(ctx context.Context, path string, offset, length int64) (io.ReadCloser, error)
	// List yields committed objects below prefix in path order.
	List(ctx context.Context, prefix string, yield func(Object) error) error

	// Lease takes the one lease of the target, named by holder, or fails with
	// ErrLeaseHeld naming who holds it. It renews itself until Release.
	Lease(ctx context.Context, holder string) (Lease, error)
	// Close ends background work. Staged blocks stay.
	Close() error
}

// Sum is what the sender knows of an object: the target compares size and MD5.
type Sum struct {
	Size   int64
	MD5    [16]byte
	SHA256 [32]byte
}

// Block is one piece of an object that is being assembled. ID is chosen by the
// caller; all ids of one object have the same length. The same id again
// replaces the block on targets without offsets; on targets with offsets it
// returns the offset of the identical block that is already there.
type Block struct {
	ID   string
	Data []byte
	MD5  [16]byte
}

// BlockRef is a staged block as the journal remembers it.
type BlockRef struct {
	ID     string
	Size   int64
	Offset int64 // -1 where the target orders at Commit
	// MD5 of the bytes, nil if unknown. A target that can read staged blocks
	// restores only those with these bytes.
	MD5 []byte
	// At is when the target took it, zero if unknown. A target that forgets
	// blocks and does not let them be listed believes no old ones.
	At time.Time
}

// Rights is what the holder of this ticket may do at the target.
type Rights struct {
	Read, Write, List bool
	Free              int64 // bytes free, -1 if unknown
}

// Object is a committed object.
type Object struct {
	Path     string
	Size     int64
	Modified time.Time
	MD5      []byte // nil if the target does not keep it
}

// Lease is exclusive use of a target.
type Lease interface {
	// Lost is closed when the lease ended under us. All writing must stop then.
	Lost() <-chan struct{}
	// Release gives the lease back. Calling it again does nothing.
	Release() error
}

// Explainer is a Lease that knows why it was lost: nobody need have taken it. A
// lease need not implement it.
type Explainer interface {
	// Cause is why, once Lost is closed, with words for people. It wraps
	// ErrLeaseLost, or ErrExpired where the right to hold the lease has ended.
	Cause() error
}

// Reclaimer is a target at which the lease of a process that was killed stays for
// a while. A target need not implement it: a folder's ends with its process.
type Reclaimer interface {
	// LeaseAs is Lease under an id, a UUID that the caller has recorded. A lease
	// that is held under one of the earlier ids, which this caller has recorded for
	// processes of its own, becomes the new one's at once; every other one is
	// ErrLeaseHeld as with Lease.
	LeaseAs(ctx context.Context, holder, id string, earlier []string) (Lease, error)
}

// Amender is a target that fixes the order by arrival and can write the bytes of
// a staged block again: the header of a member that is too large to be held is
// known after its data. A target that orders at Commit needs none of it.
type Amender interface {
	// Amend puts b in the place of the block old, which it must be as long as.
	// Repeated after it succeeded, it succeeds again. ErrNotFound if old is not
	// staged.
	Amend(ctx context.Context, path string, old BlockRef, b Block) error
}

// Throttler is a target that repeats requests by itself and tells how often it was
// asked for patience: fewer files are sent at once after that, although no call
// fails. A target need not implement it.
type Throttler interface {
	// Busy counts such answers since the target was opened.
	Busy() int64
}

// Pauser is an error of a target that was asked to wait: it is not called again
// before the pause is over.
type Pauser interface {
	error
	Pause() time.Duration
}
