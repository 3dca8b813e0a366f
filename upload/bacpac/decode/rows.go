package decode

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"omt/migration"
)

// Error tells where the data of a part is not what the model says.
type Error struct {
	Row    int64 // from 0
	Offset int64 // of the field in the part
	Column string
	Err    error
}

func (e *Error) Error() string {
	return fmt.Sprintf("row %d, offset %d, column %s: %v", e.Row, e.Offset, e.Column, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// ErrLarge: a cell has more bytes than the reader may hold.
var ErrLarge = errors.New("cell is larger than the limit")

// trusted is the length that is allocated before a byte of it was seen.
const trusted = 16 << 10

// Rows reads the rows of one part.
type Rows struct {
	r      *bufio.Reader
	cols   []field
	limit  int
	offset int64
	row    int64
	values []any
	fixed  [19]byte
}

// field is a column with the shape of its data.
type field struct {
	Column
	shape
}

// NewRows reads rows of the given columns; limit is the largest cell in bytes.
// A column of a type that the format does not hold is an error.
func NewRows(r io.Reader, cols []Column, limit int) (*Rows, error) {
	if len(cols) == 0 {
		return nil, errors.New("read rows: no columns")
	}
	out := &Rows{r: bufio.NewReaderSize(r, 64<<10), limit: limit, values: make([]any, len(cols))}
	for _, c := range cols {
		s, err := shapeOf(c)
		if err != nil {
			return nil, fmt.Errorf("read rows: column %s: %w", c.Name, err)
		}
		out.cols = append(out.cols, field{c, s})
	}
	return out, nil
}

// Next returns the next row, io.EOF behind the last one, or an *Error. The
// slice is used again by the next call; the values are not. They have the
// types that the SQL Server driver delivers: int64, float64, bool, string,
// []byte (text for decimal and money), time.Time, nil; *migration.LargeSum for a
// cell that is larger than migration.LargeCell and not above the limit.
func (r *Rows) Next() ([]any, error) {
	if _, err := r.r.Peek(1); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, fmt.Errorf("row %d, offset %d: %w", r.row, r.offset, err)
	}
	for i := range r.cols {
		at := r.offset
		v, err := r.value(&r.cols[i])
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, &Error{Row: r.row, Offset: at, Column: r.cols[i].Name, Err: err}
		}
		r.values[i] = v
	}
	r.row++
	return r.values, nil
}

// large is the size above which a cell is not held but summed: see
// migration.LargeSum.
const large = migration.LargeCell

// Offset is the number of bytes read so far.
func (r *Rows) Offset() int64 { return r.offset }

func (r *Rows) value(f *field) (any, error) {
	size := int64(f.size)
	if f.prefix > 0 {
		n, null, err := r.length(f.prefix)
		if err != nil {
			return nil, err
		}
		if null {
			if !f.Nullable {
				return nil, errors.New("NULL in a column that is NOT NULL")
			}
			return nil, nil
		}
		if size >= 0 && n != size {
			return nil, fmt.Errorf("length %d instead of %d", n, size)
		}
		size = n
	}
	if f.max > 0 && size > int64(f.max) {
		return nil, fmt.Errorf("%d bytes in a column of %d", size, f.max)
	}
	if f.size >= 0 {
		b := r.fixed[:size]
		if err := r.fill(b); err != nil {
			return nil, err
		}
		return f.decode(&f.Column, b)
	}
	if size > large && size <= int64(r.limit) {
		return r.sum(size)
	}
	b, err := r.take(size)
	if err != nil {
		return nil, err
	}
	return f.decode(&f.Column, b)
}

// length reads a length prefix; all bits set mean NULL.
func (r *Rows) length(prefix int) (n int64, null bool, err error) {
	b := r.fixed[:8]
	clear(b)
	if err := r.fill(b[:prefix]); err != nil {
		return 0, false, err
	}
	u := binary.LittleEndian.Uint64(b)
	if u == 1<<(8*prefix)-1 {
		return 0, true, nil
	}
	if u > 1<<40 {
		return 0, false, fmt.Errorf("length %d", u)
	}
	return int64(u), false, nil
}

// take reads n bytes into memory of their own, which grows with what is really
// there: a false length of gigabytes must not be believed.
func (r *Rows) take(n int64) ([]byte, error) {
	if n > int64(r.limit) {
		return nil, fmt.Errorf("%d bytes: %w", n, ErrLarge)
	}
	if n <= trusted {
		b := make([]byte, n)
		return b, r.fill(b)
	}
	var b bytes.Buffer
	got, err := io.CopyN(&b, r.r, n)
	r.offset += got
	return b.Bytes(), err
}

// sum reads a cell that is too large to be held.
func (r *Rows) sum(n int64) (*migration.LargeSum, error) {
	h := sha256.New()
	got, err := io.CopyN(h, r.r, n)
	r.offset += got
	s := &migration.LargeSum{Size: n}
	h.Sum(s.SHA256[:0])
	return s, err
}

func (r *Rows) fill(b []byte) error {
	n, err := io.ReadFull(r.r, b)
	r.offset += int64(n)
	return err
}
