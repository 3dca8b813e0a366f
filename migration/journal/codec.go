package journal

import (
	"encoding/binary"
	"fmt"
	"hash/crc64"
	"strconv"
	"strings"
	"time"
)

// record holds the values of one row without its checksum, in column order:
// string, int64, []byte, or nil in a nullable column.
type record []any

// kind is how a column is stored.
type kind byte

const (
	text     kind = 't'
	integer  kind = 'i'
	nullable kind = 'n' // integer or NULL
	blob     kind = 'b'
)

type column struct {
	name string
	kind kind
}

// table describes a table: its first keys columns are the primary key, and a
// last column crc, which is not listed, holds the checksum of the others.
type table struct {
	name    string
	keys    int
	columns []column
	// order are the columns by which a large table is read in full, hint how SQLite
	// is made to do so.
	order []int
	hint  string
	rank  int // the one of them that is not part of the key; 0: there is none
}

func (t *table) list() string {
	names := make([]string, 0, len(t.columns)+1)
	for _, c := range t.columns {
		names = append(names, `"`+c.name+`"`)
	}
	return strings.Join(append(names, "crc"), ",")
}

func (t *table) selectSQL(rest string) string {
	return "SELECT " + t.list() + " FROM " + t.name + " " + rest
}

func (t *table) replaceSQL() string {
	return "REPLACE INTO " + t.name + "(" + t.list() + ") VALUES(?" + strings.Repeat(",?", len(t.columns)) + ")"
}

func (t *table) byKey() string {
	w := make([]string, t.keys)
	for i := range w {
		w[i] = `"` + t.columns[i].name + `"=?`
	}
	return "WHERE " + strings.Join(w, " AND ")
}

// describe names a record in errors.
func (t *table) describe(r record) string {
	var b strings.Builder
	b.WriteString(t.name)
	for i := range t.keys {
		fmt.Fprintf(&b, " %s", printable(fmt.Sprint(r[i])))
	}
	return b.String()
}

var crcTable = crc64.MakeTable(crc64.ECMA)

// sum is the checksum of a record. It covers the table's name and the key, so
// that a row that turns up in another place is recognised, and the length of
// each value, so that bytes cannot move from one column to the next.
func (t *table) sum(r record) int64 {
	buf := make([]byte, 0, 512)
	buf = append(buf, t.name...)
	for _, v := range r {
		switch v := v.(type) {
		case nil:
			buf = append(buf, byte(nullable))
		case int64:
			buf = binary.LittleEndian.AppendUint64(append(buf, byte(integer)), uint64(v))
		case string:
			buf = binary.LittleEndian.AppendUint64(append(buf, byte(text)), uint64(len(v)))
			buf = append(buf, v...)
		case []byte:
			buf = binary.LittleEndian.AppendUint64(append(buf, byte(blob)), uint64(len(v)))
			buf = append(buf, v...)
		}
	}
	return int64(crc64.Checksum(buf, crcTable))
}

// check verifies types and checksum of a row as the driver delivered it, crc
// last, and returns the record and its checksum.
func (t *table) check(row []any) (record, int64, error) {
	r := record(row[:len(t.columns)])
	for i, c := range t.columns {
		ok := false
		switch v := r[i].(type) {
		case nil:
			ok = c.kind == nullable || c.kind == blob
			if c.kind == blob {
				r[i] = []byte{} // the driver delivers an empty blob as nil
			}
		case int64:
			ok = c.kind == integer || c.kind == nullable
		case string:
			ok = c.kind == text
		case []byte:
			ok = c.kind == blob
			if v == nil {
				r[i] = []byte{}
			}
		}
		if !ok {
			return nil, 0, damaged(t.describe(r), "column %s has a value of type %T", c.name, r[i])
		}
	}
	stored, ok := row[len(t.columns)].(int64)
	if !ok || stored != t.sum(r) {
		return nil, 0, damaged(t.describe(r), "checksum differs")
	}
	return r, stored, nil
}

const timeLayout = "2006-01-02T15:04:05.000000000Z"

// encodeTime keeps the nanoseconds and the order of times. Years that the
// layout cannot hold occur in broken file times and must not stop a run.
func encodeTime(t time.Time) string {
	t = t.UTC()
	if t.IsZero() {
		return ""
	}
	if y := t.Year(); y < 1 || y > 9999 {
		return fmt.Sprintf("@%d.%09d", t.Unix(), t.Nanosecond())
	}
	return t.Format(timeLayout)
}

func decodeTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if s[0] != '@' {
		return time.Parse(timeLayout, s)
	}
	secs, nanos, _ := strings.Cut(s[1:], ".")
	sec, err := strconv.ParseInt(secs, 10, 64)
	if err != nil {
		return time.Time{}, err
	}
	nsec, err := strconv.ParseInt(nanos, 10, 64)
	return time.Unix(sec, nsec).UTC(), err
}

// encodeHash stores a hash that is not known yet in no bytes at all.
func encodeHash(h []byte) []byte {
	for _, b := range h {
		if b != 0 {
			return append([]byte(nil), h...)
		}
	}
	return []byte{}
}

func encodeInt(p *int64) any {
	if p == nil {
		return nil
	}
	return *p
}

// encodeBytes copies: the caller may use its slice again before the commit.
func encodeBytes(b []byte) []byte { return append([]byte{}, b...) }

// fields reads a checked record column by column; the first error sticks.
type fields struct {
	r   record
	err error
}

func (f *fields) next() any {
	v := f.r[0]
	f.r = f.r[1:]
	return v
}

func (f *fields) text() string { return f.next().(string) }
func (f *fields) int() int64   { return f.next().(int64) }

func (f *fields) time() time.Time {
	t, err := decodeTime(f.text())
	if err != nil && f.err == nil {
		f.err = err
	}
	return t
}

func (f *fields) optional() *int64 {
	if v, ok := f.next().(int64); ok {
		return &v
	}
	return nil
}

func (f *fields) bytes() []byte {
	if b := f.next().([]byte); len(b) > 0 {
		return b
	}
	return nil
}

func (f *fields) hash(into []byte) {
	b := f.bytes()
	if b != nil && len(b) != len(into) && f.err == nil {
		f.err = fmt.Errorf("hash of %d bytes", len(b))
	}
	copy(into, b)
}
