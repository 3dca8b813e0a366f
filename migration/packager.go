package migration

import (
	"errors"
	"time"
)

// ErrUncarriable: a column's type is not in the package format.
var ErrUncarriable = errors.New("column cannot be carried")

// Packager writes the database package format. upload/bacpac implements it; it
// holds no state of a run, so that a resumed run can go on with it.
type Packager interface {
	// Uncarriable lists the columns whose type the format cannot hold.
	Uncarriable(c *Catalog) []ColumnRef
	// Part starts the encoder of one data member. part counts from 0 per table.
	Part(t *Table, part int) (PartEncoder, error)
	// Leading returns the members that stand before the data: model, metadata,
	// content types.
	Leading(c *Catalog) ([]Member, error)
	// Trailing returns the members after the data: relationships, origin.
	Trailing(c *Catalog, parts []MemberInfo, s PackageStats) ([]Member, error)
	// Directory returns the bytes that end the package. Offsets are those of
	// the members' first bytes; end is where the directory will lie.
	Directory(members []MemberInfo, end int64) ([]byte, error)
}

// PartEncoder encodes rows and compresses them. It is used by one goroutine.
type PartEncoder interface {
	// Row appends one row; values as RowReader delivers them. An error names
	// the column and leaves the part unusable.
	Row(values []any) error
	// RawSize is the number of bytes encoded so far, before compression.
	RawSize() int64
	// Finish ends the part. The encoder may not be used afterwards.
	Finish() (Member, error)
}

// Spiller is a PartEncoder that can hand on compressed data before its end, so
// that a row with cells of any size is never held whole.
type Spiller interface {
	PartEncoder
	// Spill is called before the first row: whenever limit bytes or more are
	// compressed they go to put, which may not keep them. From then on Finish
	// hands on the rest as well and returns the local header alone as Data: head
	// bytes, which belong before all that was handed on. A part below the limit is
	// one block as ever.
	Spill(limit int, put func(head int, data []byte) error)
}

// Member is one complete member of the package as it lies in it: local header
// and compressed data, ready to be staged as one block. Of one that was handed
// on in pieces, Data is the header and Size that of all.
type Member struct {
	MemberInfo
	Data []byte
}

// MemberInfo is what must be remembered of a member to build the directory.
type MemberInfo struct {
	Name       string
	Table      string // schema.table of a data member, else empty
	Part       int
	Rows       int64
	CRC32      uint32
	RawSize    int64
	PackedSize int64    // compressed data without the local header
	Size       int64    // the whole block: header and data
	Method     uint16   // 0 stored, 8 deflated
	SHA256     [32]byte // of the raw bytes
	Offset     int64    // of the local header in the package
}

// PackageStats is what the package says of its origin.
type PackageStats struct {
	Started, Finished time.Time
	Tool              string // name and version
	ID                string // GUID of this export
	Rows              int64
}

// ColumnRef names a column.
type ColumnRef struct {
	Schema, Table, Column, Type string
}
