package decode

import (
	"fmt"
	"io"
	"sync"
)

// window is how many bytes one request brings. A reader of zip asks for small
// pieces, and each would be a request to the target.
const window = 4 << 20

// Ranged reads an object at a target by ranges, a few megabytes at a time, and
// holds no more than that. It is an io.ReaderAt for Open, made for reading
// forward; jumping about costs a request each time.
type Ranged struct {
	size int64
	open func(offset, length int64) (io.ReadCloser, error)

	mu   sync.Mutex
	at   int64
	held []byte
}

// NewRanged reads an object of size bytes; open gives length bytes from offset
// and is called for ranges within the object only.
func NewRanged(size int64, open func(offset, length int64) (io.ReadCloser, error)) *Ranged {
	return &Ranged{size: size, open: open}
}

// ReadAt is that of io.ReaderAt. A range that comes short is an error.
func (r *Ranged) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, fmt.Errorf("read at %d", offset)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(p) {
		at := offset + int64(n)
		if at >= r.size {
			return n, io.EOF
		}
		if at < r.at || at >= r.at+int64(len(r.held)) {
			if err := r.fetch(at); err != nil {
				return n, err
			}
		}
		n += copy(p[n:], r.held[at-r.at:])
	}
	return n, nil
}

func (r *Ranged) fetch(at int64) (err error) {
	length := min(window, r.size-at)
	if cap(r.held) < int(length) {
		r.held = make([]byte, length)
	}
	r.at, r.held = at, r.held[:length]
	defer func() {
		if err != nil {
			r.held = r.held[:0] // half a range is not to be trusted
			err = fmt.Errorf("read %d bytes at %d: %w", length, at, err)
		}
	}()
	body, err := r.open(at, length)
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.ReadFull(body, r.held)
	return err
}
