package migration

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"
)

// DigestColumn is what the digest of a row must know of a column.
type DigestColumn struct {
	Name             string
	Type             string // built-in type in lower case
	Precision, Scale int    // of decimal and numeric
}

// RowDigest digests rows as typed values, never as encoder output, so that the
// digests of what was read and of what arrived can be compared. The canonical
// form is specified in upload/FORMAT.md; it is short because each of its bytes
// is hashed. A RowDigest is used by one goroutine.
type RowDigest struct {
	head    [headSize]byte
	classes []byte
	names   []string
	buf     []byte
	sum     Digest

	// A row with large cells waits until the encoder has read them.
	waiting []any
	large   []*largeValue
	moved   func() // told of each piece of one; nil for nobody
}

// Digest is the sum modulo 2^256 of the SHA-256 of rows, big-endian words: the
// order of rows does not matter, a row that is there twice does. Zero is unknown
// or no rows.
type Digest [4]uint64

// headSize is how much of the SHA-256 of the columns stands before each row: it
// tells rows of other columns apart, whose values may look the same.
const headSize = 8

// Classes of values in the canonical form; the letter stands in the head.
const (
	classInteger  = 'i'
	classFloat    = 'f'
	classBit      = 'b'
	classText     = 't'
	classBytes    = 'x'
	classDecimal  = 'd'
	classMoment   = 'm' // date and time without a zone
	classClock    = 'c' // time of day
	classZoned    = 'z' // moment with its offset
	digestScratch = 32 << 10
)

func digestClass(kind string) byte {
	switch kind {
	case "tinyint", "smallint", "int", "bigint":
		return classInteger
	case "real", "float":
		return classFloat
	case "bit":
		return classBit
	case "char", "varchar", "nchar", "nvarchar", "sysname", "xml", "text", "ntext":
		return classText
	case "binary", "varbinary", "image", "timestamp", "rowversion", "uniqueidentifier":
		return classBytes
	case "decimal", "numeric", "money", "smallmoney":
		return classDecimal
	case "date", "datetime", "smalldatetime", "datetime2":
		return classMoment
	case "time":
		return classClock
	case "datetimeoffset":
		return classZoned
	}
	return 0
}

// NewRowDigest begins the digest of rows with these columns, in their order. A
// type without a canonical form is an error that names the column.
func NewRowDigest(cols []DigestColumn) (*RowDigest, error) {
	r := &RowDigest{}
	var head []byte
	for _, c := range cols {
		class := digestClass(c.Type)
		if class == 0 {
			return nil, fmt.Errorf("digest column %s: type %s is not known", c.Name, c.Type)
		}
		r.classes, r.names = append(r.classes, class), append(r.names, c.Name)
		head = append(append(head, c.Name...), 0, class)
		if c.Type == "decimal" || c.Type == "numeric" {
			head = append(head, byte(c.Precision), byte(c.Scale))
		}
	}
	sum := sha256.Sum256(head)
	copy(r.head[:], sum[:])
	return r, nil
}

func digestColumns(t *Table) []DigestColumn {
	var out []DigestColumn
	for _, c := range t.Data() {
		out = append(out, DigestColumn{Name: c.Name, Type: c.Type, Precision: int(c.Precision), Scale: int(c.Scale)})
	}
	return out
}

// Row adds one row; values as RowReader delivers them. It comes before the
// encoder, whose reading of a large cell it listens to: the digest of such a row
// is made at the next call of Row or Take.
func (r *RowDigest) Row(values []any) error {
	if err := r.settle(); err != nil {
		return err
	}
	if len(values) != len(r.classes) {
		return fmt.Errorf("digest row: %d values for %d columns", len(values), len(r.classes))
	}
	for i, v := range values {
		if l, ok := v.(*Large); ok {
			r.large = append(r.large, watch(l, i, r.moved))
		}
	}
	if r.large != nil {
		r.waiting = slices.Clone(values)
		return nil
	}
	return r.add(values)
}

// settle adds the row whose large cells were read meanwhile.
func (r *RowDigest) settle() (err error) {
	if r.waiting == nil {
		return nil
	}
	values := r.waiting
	for _, l := range r.large {
		if values[l.at], err = l.value(r.classes[l.at]); err != nil {
			return fmt.Errorf("digest column %s: %w", r.names[l.at], err)
		}
	}
	r.waiting, r.large = nil, nil
	return r.add(values)
}

func (r *RowDigest) add(values []any) error {
	b := append(r.buf[:0], r.head[:]...)
	for range (len(values) + 7) / 8 {
		b = append(b, 0)
	}
	var err error
	for i, v := range values {
		// Most of a database is numbers.
		if n, ok := v.(int64); ok && r.classes[i] == classInteger {
			b = binary.AppendVarint(b, n)
			continue
		}
		if v == nil {
			b[headSize+i/8] |= 1 << (i % 8)
			continue
		}
		if b, err = appendCanonical(b, r.classes[i], v); err != nil {
			return fmt.Errorf("digest column %s: %w", r.names[i], err)
		}
	}
	s := sha256.Sum256(b)
	r.sum.Add(Digest{binary.BigEndian.Uint64(s[:]), binary.BigEndian.Uint64(s[8:]), binary.BigEndian.Uint64(s[16:]), binary.BigEndian.Uint64(s[24:])})
	// One huge cell must not hold its memory for the rest of the table.
	if r.buf = b; cap(b) > 32*digestScratch {
		r.buf = nil
	}
	return nil
}

// Take returns the digest of the rows since the last Take and begins anew. It
// fails if a large cell of the last row was not read.
func (r *RowDigest) Take() (Digest, error) {
	if err := r.settle(); err != nil {
		return Digest{}, err
	}
	d := r.sum
	r.sum = Digest{}
	return d, nil
}

// Add adds the digest of other rows of the same table.
func (d *Digest) Add(o Digest) {
	var carry uint64
	for i := 3; i >= 0; i-- {
		d[i], carry = bits.Add64(d[i], o[i], carry)
	}
}

// Bytes are the 32 bytes of the digest, most significant first.
func (d Digest) Bytes() (out [32]byte) {
	for i, w := range d {
		binary.BigEndian.PutUint64(out[8*i:], w)
	}
	return out
}

// String is lower-case hex.
func (d Digest) String() string {
	b := d.Bytes()
	return hex.EncodeToString(b[:])
}

// readDigest reads what String wrote.
func readDigest(s string) (d Digest, err error) {
	var b [32]byte
	if err := decodeSum(b[:], s); err != nil {
		return d, err
	}
	for i := range d {
		d[i] = binary.BigEndian.Uint64(b[8*i:])
	}
	return d, nil
}

func appendCanonical(b []byte, class byte, v any) ([]byte, error) {
	switch x := v.(type) {
	case string:
		if class == classText {
			if s := sumOfText(x); s != nil {
				return appendLarge(b, class, s)
			}
			return append(binary.AppendUvarint(b, uint64(len(x))<<1), x...), nil
		}
		if class == classDecimal {
			return appendDecimal(b, []byte(x))
		}
	case time.Time:
		return appendTime(b, class, x)
	case float64:
		if class == classFloat {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(x)), nil
		}
	case bool:
		if class == classBit {
			if x {
				return append(b, 1), nil
			}
			return append(b, 0), nil
		}
	case []byte:
		if class == classBytes {
			if len(x) > LargeCell {
				return appendLarge(b, class, &LargeSum{Size: int64(len(x)), SHA256: sha256.Sum256(x)})
			}
			return append(binary.AppendUvarint(b, uint64(len(x))<<1), x...), nil
		}
		if class == classDecimal {
			return appendDecimal(b, x)
		}
	case *LargeSum:
		return appendLarge(b, class, x)
	}
	return b, fmt.Errorf("value of Go type %T does not belong to the column", v)
}

// zoneOf is the offset in seconds. The driver delivers nearly all times in UTC,
// and looking that up for each value would be felt.
func zoneOf(t time.Time) int {
	if t.Location() == time.UTC {
		return 0
	}
	_, offset := t.Zone()
	return offset
}

var errDigits = errors.New("not a decimal number")

// appendDecimal writes a decimal without leading and trailing zeros, because
// how many of them there are is a matter of the driver.
func appendDecimal(b, text []byte) ([]byte, error) {
	negative := len(text) > 0 && text[0] == '-'
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	whole, fraction, _ := bytes.Cut(text, []byte{'.'})
	if len(whole)+len(fraction) == 0 {
		return b, errDigits
	}
	for _, part := range [][]byte{whole, fraction} {
		for _, c := range part {
			if c < '0' || c > '9' {
				return b, errDigits
			}
		}
	}
	whole, fraction = bytes.TrimLeft(whole, "0"), bytes.TrimRight(fraction, "0")
	if negative && len(whole)+len(fraction) > 0 {
		b = append(b, '-')
	}
	b = append(append(b, whole...), '.')
	return append(append(b, fraction...), 0), nil
}

// appendTime writes seconds since 1970 as the value's own clock shows them, as
// types without a zone come in whichever the driver is set to.
func appendTime(b []byte, class byte, t time.Time) ([]byte, error) {
	offset := zoneOf(t)
	sec := t.Unix()
	switch class {
	case classMoment, classZoned:
		sec += int64(offset)
	case classClock:
		sec = ((sec+int64(offset))%86400 + 86400) % 86400
	default:
		return b, errors.New("a time does not belong to the column")
	}
	b = binary.AppendVarint(b, sec)
	b = binary.AppendUvarint(b, uint64(t.Nanosecond()))
	if class == classZoned {
		b = binary.AppendVarint(b, int64(offset/60))
	}
	return b, nil
}
