package migration

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"omt/migration/journal"
)

// inMemory is the largest file that is read once into memory, hashed there and
// sent by one request; a larger one is read twice, first for its hashes.
const inMemory = 8 << 20

// fileAttempts is how often a file is tried that changes while it is read or
// cannot be read: Word has closed it by then, a share is back.
const fileAttempts = 3

// sender sends files one after the other with one buffer of its own.
type sender struct {
	f    *files
	m    *Migration
	buf  bytes.Buffer
	copy []byte
}

func newSender(f *files) *sender {
	return &sender{f: f, m: f.m, copy: make([]byte, copyBuffer)}
}

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
	for attempt := 1; ; attempt++ {
		o.Attempts = attempt
		err := s.once(ctx, it, o, there)
		var read *readError
		again := errors.Is(err, ErrChanged) || errors.Is(err, errGone) || errors.As(err, &read)
		if !again || permanent(err) || attempt == fileAttempts {
			return err
		}
		if err := s.m.Wait(ctx, backoff(attempt)); err != nil {
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

// cause is the system's reason without the path, which stands beside it.
func (e *readError) cause() string {
	var p *fs.PathError
	if errors.As(e.err, &p) {
		return p.Err.Error()
	}
	return e.err.Error()
}

// once reads, hashes and puts the file, and notices if it changed meanwhile.
// What the target holds already (there) is errSame and not put; the object then
// has size, sums and time all the same.
func (s *sender) once(ctx context.Context, it Item, o *journal.Object, there func(Sum) bool) error {
	file, err := s.m.Source.Open(ctx, it)
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
	body, sum, err := s.digest(ctx, file, before.Size())
	if err != nil {
		return err
	}
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
	guarded := &bodyGuard{r: body}
	err = s.m.retry(ctx, "put "+o.Target, func() error {
		if err := s.m.fresh(); err != nil {
			return err
		}
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			return &readError{err}
		}
		return s.m.Target.Put(ctx, o.Target, guarded, sum)
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
	err error
}

func (b *bodyGuard) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
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

// digest reads the file to its end. A small one is then in memory, so that the
// bytes that are sent are the bytes that were hashed.
func (s *sender) digest(ctx context.Context, file File, size int64) (io.ReadSeeker, Sum, error) {
	sha, md := sha256.New(), md5.New()
	w := io.Writer(io.MultiWriter(sha, md))
	s.buf.Reset()
	if size <= inMemory {
		w = io.MultiWriter(sha, md, &limitedBuffer{&s.buf})
	}
	n, err := copyContext(ctx, w, file, s.copy)
	if errors.Is(err, ErrChanged) || ctx.Err() != nil {
		return nil, Sum{}, err
	}
	if err != nil {
		return nil, Sum{}, &readError{err}
	}
	sum := Sum{Size: n}
	copy(sum.SHA256[:], sha.Sum(nil))
	copy(sum.MD5[:], md.Sum(nil))
	if size <= inMemory {
		return bytes.NewReader(s.buf.Bytes()), sum, nil
	}
	return file, sum, nil
}

// limitedBuffer keeps a file that grows while it is read from filling memory.
type limitedBuffer struct{ b *bytes.Buffer }

func (l *limitedBuffer) Write(p []byte) (int, error) {
	if l.b.Len()+len(p) > inMemory {
		return 0, ErrChanged
	}
	return l.b.Write(p)
}

// sameBytes tells whether the file of it has the bytes of an object that was
// sent. A file that cannot be read is not the same; send then says why.
func (s *sender) sameBytes(ctx context.Context, it Item, own journal.Object) (bool, error) {
	if it.Source == own.Source {
		return true, nil
	}
	file, err := s.m.Source.Open(ctx, it)
	if errors.Is(err, ErrSourceLost) {
		return false, err
	}
	if err != nil {
		return false, ctx.Err()
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil || st.Size() != own.Size {
		return false, ctx.Err()
	}
	_, sum, err := s.digest(ctx, file, st.Size())
	if errors.Is(err, ErrSourceLost) {
		return false, err
	}
	if err != nil {
		return false, ctx.Err()
	}
	return sum.SHA256 == own.SHA256, nil
}
