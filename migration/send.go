package migration

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"strings"
	"sync"
	"time"

	"omt/migration/journal"
)

// inMemory is the largest file that is read once into memory, hashed there and
// sent by one request; a larger one is read twice, first for its hashes.
const inMemory = 8 << 20

// fileAttempts is how often a file is tried that changes while it is read or
// cannot be read: Word has closed it by then, a share is back.
const fileAttempts = 3

// shareReturns is how long a file is waited for whose disk or share is gone,
// counted in pauses: a file server that is started anew is back by then.
const shareReturns = 2 * time.Minute

// sender sends files one after the other with one buffer of its own.
type sender struct {
	f *files
	m *Migration
}

func newSender(f *files) *sender { return &sender{f: f, m: f.m} }

// send sends one file and records its outcome. It returns only errors that
// stop the run; a file that cannot be read is an outcome.
func (s *sender) send(ctx context.Context, it Item, target string) error {
	o := s.f.object(it)
	o.Target = target
	s.m.Progress.Of(phaseOf(it.Kind)).Current(target)
	there, err := s.atTarget(ctx, it, target)
	if err != nil {
		return err
	}
	if there.asBefore(it) {
		s.unchanged(it, o, there.object)
		return nil
	}
	err = s.attempts(ctx, it, &o, there.holds)
	var read *readError
	switch {
	case errors.Is(err, errSame):
		s.unchanged(it, o, o)
		return nil
	case err == nil:
		// A file that was sent although something about it is odd keeps the
		// remark: the report repeats it as a warning.
		o.Outcome, o.Reason, o.At = string(Uploaded), encodeReason(it.Reason), s.m.Now().UTC()
		s.m.counts.sent.Add(1)
		s.f.ack(it, o, o.Size)
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrSourceLost):
		return fmt.Errorf("read %s: %w", it.Source, err)
	case errors.Is(err, ErrChanged):
		s.f.conclude(it, o, ChangedOnRead, Msg("reason.changed"))
		return nil
	case errors.Is(err, errGone):
		s.f.conclude(it, o, Missing, Msg("reason.gone"))
		return nil
	case errors.As(err, &read):
		s.f.conclude(it, o, Unreadable, Msg("reason.unreadable", "Cause", read.cause()))
		return nil
	}
	return fmt.Errorf("send %s: %w", target, err)
}

// attempts reads and sends a file until that worked or cannot work.
func (s *sender) attempts(ctx context.Context, it Item, o *journal.Object, there func(Sum) bool) error {
	var lost time.Duration
	fileTries := 0
	for attempt := 1; ; attempt++ {
		o.Attempts = attempt
		err := s.once(ctx, it, o, there)
		var read *readError
		again := errors.Is(err, ErrChanged) || errors.Is(err, errGone) || errors.As(err, &read)
		pause := backoff(attempt)
		switch {
		case errors.Is(err, ErrSourceLost):
			// The share is gone for all files: it is waited for, and none of them is
			// judged by it.
			if lost += pause; lost > shareReturns || ctx.Err() != nil {
				return err
			}
			s.m.Log.Warnw("wait for the disk or share of the archive", "source", it.Source, "attempt", attempt, "pause", pause, "error", err)
			s.m.Progress.Control().failedTry(Trouble{What: "read " + it.Source, Hint: HintOf(err), Attempt: attempt, Next: s.m.Now().Add(pause).UTC()})
			fileTries = 0
		case !again || permanent(err):
			return err
		default:
			if fileTries++; fileTries == fileAttempts {
				return err
			}
		}
		if err := s.m.waitAs(ctx, readingFile, pause); err != nil {
			return err
		}
	}
}

// errSame: the target holds these bytes already.
var errSame = errors.New("same bytes as at the target")

// readError is a fault of the source file, not of the target.
type readError struct{ err error }

func (e *readError) Error() string { return "read file: " + e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// cause is the system's reason without the path, which stands beside it, and
// without the stop at the end of Windows' sentences: the text has its own.
func (e *readError) cause() string {
	why := e.err
	var p *fs.PathError
	if errors.As(e.err, &p) {
		why = p.Err
	}
	return strings.TrimRight(why.Error(), ".")
}

// once reads, hashes and puts the file, and notices if it changed meanwhile.
// What the target holds already (there) is errSame and not put; the object then
// has size, sums and time all the same.
func (s *sender) once(ctx context.Context, it Item, o *journal.Object, there func(Sum) bool) error {
	file, err := s.open(ctx, it)
	if errors.Is(err, fs.ErrNotExist) {
		return errGone
	}
	if err != nil {
		return &readError{err}
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return &readError{err}
	}
	body, sum, free, err := s.read(ctx, file, before.Size())
	if err != nil {
		return err
	}
	defer free()
	after, err := file.Stat()
	if err != nil {
		return &readError{err}
	}
	if sum.Size != after.Size() || !before.ModTime().Equal(after.ModTime()) {
		return ErrChanged
	}
	if there(sum) {
		o.Size, o.SHA256, o.MD5, o.ModTime = sum.Size, sum.SHA256, sum.MD5, before.ModTime().UTC()
		return errSame
	}
	guarded := &bodyGuard{r: body, c: s.m.Progress.Control()}
	err = s.m.retry(ctx, "put "+o.Target, func() error {
		return s.m.putOnce(ctx, o.Target, guarded, sum)
	})
	if err != nil && guarded.err != nil {
		return &readError{guarded.err}
	}
	if err != nil {
		return s.whoseFault(file, before.ModTime(), sum.Size, err)
	}
	o.Size, o.SHA256, o.MD5, o.ModTime = sum.Size, sum.SHA256, sum.MD5, before.ModTime().UTC()
	return nil
}

// bodyGuard remembers a fault of the file while it is being sent, so that the
// target is not blamed for it.
type bodyGuard struct {
	r   io.ReadSeeker
	c   *Control
	err error
}

func (b *bodyGuard) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.c.move()
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

func (b *bodyGuard) Seek(offset int64, whence int) (int64, error) { return b.r.Seek(offset, whence) }

// whoseFault tells a file that changed between hashing and sending from a
// target that failed.
func (s *sender) whoseFault(file File, mod time.Time, size int64, err error) error {
	if permanent(err) {
		return err
	}
	if now, serr := file.Stat(); serr == nil && (now.Size() != size || !now.ModTime().Equal(mod)) {
		return errors.Join(ErrChanged, err)
	}
	return err
}

// open tells that the disk or share is asked for a file, and opens it: a share that
// hangs does so here.
func (s *sender) open(ctx context.Context, it Item) (File, error) {
	c := s.m.Progress.Control()
	c.shift(idle, readingFile)
	defer c.shift(readingFile, idle)
	return s.m.Source.Open(ctx, it)
}

// read tells that the file is being read, and digests it.
func (s *sender) read(ctx context.Context, file File, size int64) (io.ReadSeeker, Sum, func(), error) {
	c := s.m.Progress.Control()
	c.shift(idle, readingFile)
	defer c.shift(readingFile, idle)
	if size > inMemory {
		body, sum, err := digestLarge(ctx, file)
		return body, sum, func() {}, err
	}
	buf, err := s.m.memory.get(ctx, size)
	if err != nil {
		return nil, Sum{}, nil, err
	}
	body, sum, err := digestSmall(ctx, file, (*buf)[:size])
	if err != nil {
		s.m.memory.put(buf)
		return nil, Sum{}, nil, err
	}
	return body, sum, func() { s.m.memory.put(buf) }, nil
}

// digestSmall reads a file of len(buf) bytes once: the bytes that are sent are
// the bytes that were hashed. Each piece is hashed while it is in the processor's
// cache.
func digestSmall(ctx context.Context, file File, buf []byte) (io.ReadSeeker, Sum, error) {
	sha, md := sha256.New(), md5.New()
	at := 0
	for at < len(buf) {
		if err := ctx.Err(); err != nil {
			return nil, Sum{}, err
		}
		n, err := file.Read(buf[at:min(len(buf), at+copyBuffer)])
		sha.Write(buf[at : at+n])
		md.Write(buf[at : at+n])
		at += n
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, Sum{}, &readError{err}
		}
	}
	// One byte more than the listing said: the file grows while it is read.
	var more [1]byte
	if n, err := io.ReadFull(file, more[:]); n > 0 {
		return nil, Sum{}, ErrChanged
	} else if !errors.Is(err, io.EOF) {
		return nil, Sum{}, &readError{err}
	}
	return bytes.NewReader(buf[:at]), sumOf(int64(at), sha, md), nil
}

// copies are buffers for files that are read piece by piece.
var copies = sync.Pool{New: func() any { b := make([]byte, copyBuffer); return &b }}

// digestLarge reads a file to its end for its hashes; it is read again to be sent.
func digestLarge(ctx context.Context, file File) (io.ReadSeeker, Sum, error) {
	buf := copies.Get().(*[]byte)
	defer copies.Put(buf)
	sha, md := sha256.New(), md5.New()
	n, err := copyContext(ctx, io.MultiWriter(sha, md), file, *buf)
	if ctx.Err() != nil {
		return nil, Sum{}, ctx.Err()
	}
	if err != nil {
		return nil, Sum{}, &readError{err}
	}
	return file, sumOf(n, sha, md), nil
}

func sumOf(n int64, sha, md hash.Hash) Sum {
	sum := Sum{Size: n}
	copy(sum.SHA256[:], sha.Sum(nil))
	copy(sum.MD5[:], md.Sum(nil))
	return sum
}

// sameBytes tells whether the file of it has the bytes of an object that was
// sent. A file that cannot be read is not the same; send then says why.
func (s *sender) sameBytes(ctx context.Context, it Item, own journal.Object) (same bool, err error) {
	if it.Source == own.Source {
		return true, nil
	}
	err = s.m.reread(ctx, "read "+it.Source, func() (err error) {
		same, err = s.sameOnce(ctx, it, own)
		return err
	})
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if errors.Is(err, ErrSourceLost) {
		return false, fmt.Errorf("read %s: %w", it.Source, err)
	}
	return same && err == nil, nil
}

func (s *sender) sameOnce(ctx context.Context, it Item, own journal.Object) (bool, error) {
	file, err := s.open(ctx, it)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil || st.Size() != own.Size {
		return false, err
	}
	_, sum, free, err := s.read(ctx, file, st.Size())
	if err != nil {
		return false, err
	}
	free()
	return sum.SHA256 == own.SHA256, nil
}
