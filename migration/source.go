package migration

import (
	"context"
	"io"
	"io/fs"
	"time"
)

// Source is the on-site installation, read only: what writes is the Freezer of a
// live migration. onsite implements it; the sample installation serves it. Every
// method may be called again after an error and gives the same answer for the
// same state of the installation.
// Errors that a repeat cannot cure wrap a sentinel; a broken connection does
// not, and the caller reads the part again from its start.
type Source interface {
	Identifier
	RowSource
	UserSource
	ItemSource
}

// Identifier tells whose installation this is.
type Identifier interface {
	// Identity reads company, serial and versions. It is asked again at every
	// resume, because a changed serial must stop the run.
	Identity(ctx context.Context) (Identity, error)
}

// Identity is the owner and version of an installation.
type Identity struct {
	Company  string `json:"company"` // company.ownerContactName
	Serial   string `json:"serial"`  // company.serialNo
	Version  string `json:"version"` // product version for people, e.g. "8.5 or later"
	Release  string `json:"release"` // by the structure: "7.1", "7.5", "8.0", "8.1"; empty before 7.1
	Database string `json:"database"`
	Server   string `json:"server"` // product version of SQL Server
	// OldTLS is the version of TLS towards the database if it is before 1.2,
	// which a person allowed; empty otherwise.
	OldTLS string `json:"oldTLS,omitempty"`
}

// RowSource reads the catalogue and the rows of every table.
type RowSource interface {
	// Catalog reads the whole catalogue in a handful of statements. A table
	// that the login may not read is an error that names it.
	Catalog(ctx context.Context) (*Catalog, error)
	// Count is COUNT_BIG(*) of the table, exact at the moment of reading.
	Count(ctx context.Context, t *Table) (int64, error)
	// Bounds cuts the table into ranges of about rows rows of its clustered
	// key, in key order. A heap, a table whose key has a type that cannot be
	// cut, or one with fewer rows, gives one open range.
	Bounds(ctx context.Context, t *Table, rows int64) ([]Range, error)
	// Rows streams the rows of one range in key order, columns as in t.Data().
	Rows(ctx context.Context, t *Table, r Range) (RowReader, error)
	// Proof describes the state of the database, see Proof.
	Proof(ctx context.Context) (Proof, error)
}

// Range is a half-open interval of the clustered key. Bounds are compared by
// the server only, so a descending or collated order never matters here. A
// range by one integer column has Lo < key <= Hi; nil Lo is the first range and
// includes NULL, nil Hi the last. Every other range has From and To instead.
type Range struct {
	Lo   *int64 `json:"lo,omitempty"`
	Hi   *int64 `json:"hi,omitempty"`
	From Key    `json:"from,omitempty"` // rows behind it; nil is the first range
	To   Key    `json:"to,omitempty"`   // up to it and including; nil is the last
}

// Key is a place in the order of a clustered index: a value a column, nil for
// NULL, written as the source reads it again. To others it means nothing.
type Key []*string

// RowReader streams rows. The values are as go-mssqldb delivers them: int64,
// float64, bool, string, []byte (also the text of decimal and money, and the
// 16 bytes of uniqueidentifier as on the wire), time.Time, *Large, nil.
type RowReader interface {
	// Next returns the next row, or io.EOF. The slice is valid until the next call.
	Next(ctx context.Context) ([]any, error)
	Close() error
}

// LargeCell is the size in bytes above which a cell is not held in memory but
// delivered as *Large, where its row has a unique key.
const LargeCell = 16 << 20

// Large is the value of a large cell of a max type, read while it is encoded.
type Large struct {
	Size int64 // in bytes of UTF-16, or of a binary
	// Read yields all bytes in order, text as UTF-16LE. It can be called once,
	// before the next row. An error of yield ends it and is returned; a value
	// that changes meanwhile is an error that a repeat may cure.
	Read func(yield func(piece []byte) error) error
}

// Proof is what the server can tell of the state of the database. Two equal
// proofs with Usage set mean that no statement changed a row of a table on disk
// in between: the usage statistics count every modification of a heap or index
// since the server started, and none that was counted before the proof was
// still open then. Usage is nil, so that nothing is proved, where the login may
// not read the statistics, before SQL Server 2016, in a database that closes
// itself or is read only, and while a transaction that has written is open.
//
// Not covered: memory-optimised tables, whose changes are not counted there;
// a readable secondary, which counts its own readings and not the changes that
// reach it from the primary; changes of the catalogue itself. Without Usage only
// new log entries and changed row counts would be seen.
type Proof struct {
	MaxLogID int64            `json:"maxLogId"` // highest traveltransactionlog id
	Counts   map[string]int64 `json:"counts"`   // rows by schema.table
	Started  time.Time        `json:"started"`  // start of the server
	Usage    map[string]int64 `json:"usage"`    // modifications by schema.table; nil if not readable
	// Snapshot is the name of the database snapshot that was read: nothing in it
	// ever changes. Empty where the database itself is read.
	Snapshot string `json:"snapshot,omitempty"`
}

// UserSource reads the people who may become users online.
type UserSource interface {
	// Users returns every associate with what the plan needs, by associate id.
	Users(ctx context.Context) ([]User, error)
}

// AssociateType is associate.type.
type AssociateType int

// The documented associate types; others are kept as they are.
const (
	Employee  AssociateType = 0
	Resource  AssociateType = 1
	External  AssociateType = 4
	Anonymous AssociateType = 7
	System    AssociateType = 13
)

// User is an associate with person, group, role and licences.
type User struct {
	AssociateID int64         `json:"associateId"`
	PersonID    int64         `json:"personId"`
	Initials    string        `json:"initials"` // associate.name, the login name
	Type        AssociateType `json:"type"`
	Retired     bool          `json:"retired"`
	FullName    string        `json:"fullName"`
	Company     string        `json:"company"`
	Group       string        `json:"group"`
	Position    string        `json:"position"`
	Role        string        `json:"role"`
	Admin       bool          `json:"admin"` // admin-all or admin-users
	Emails      []string      `json:"emails"`
	Phones      []string      `json:"phones"`
	Licences    []string      `json:"licences"` // modulelicense.moduleName assigned to the user
	PlanName    string        `json:"planName"` // on-site user plan (modulelicense.extraFlags = 1), may be empty
	LastLogin   time.Time     `json:"lastLogin"`
}

// ItemKind is a kind of object outside the database.
type ItemKind string

// The kinds in the order in which they are sent.
const (
	KindTemplate   ItemKind = "template"
	KindDocument   ItemKind = "document"
	KindVersion    ItemKind = "version"
	KindPersonal   ItemKind = "personal"
	KindService    ItemKind = "service"
	KindAttachment ItemKind = "attachment"
)

// ItemKinds lists all kinds in sending order.
func ItemKinds() []ItemKind {
	return []ItemKind{KindTemplate, KindDocument, KindVersion, KindPersonal, KindService, KindAttachment}
}

// Outcome is where an item or row ended. Every document row ends as exactly one.
type Outcome string

// The outcomes of design section 6.
const (
	Uploaded      Outcome = "uploaded"
	Unchanged     Outcome = "unchanged"      // sent by an earlier run with the same bytes
	Missing       Outcome = "missing"        // not on disk
	WithoutPath   Outcome = "without-path"   // blank name, no appointment, unknown associate
	OtherProvider Outcome = "other-provider" // archiveProvider is not 0
	Unreadable    Outcome = "unreadable"     // with the system's reason
	ChangedOnRead Outcome = "changed-while-read"
)

// Item is one file to send, or one row without a file.
type Item struct {
	Kind ItemKind
	// Key names the item within its kind, the same in every run: the document
	// id for documents, the attachment id for attachments, else the relative path.
	Key string
	// Row is the document or attachment row, 0 for files without a row.
	Row int64
	// Elements is the target path, unescaped, one element a folder. The engine
	// escapes it (TargetPath). Empty if Outcome is WithoutPath.
	Elements []string
	// Source is the absolute path of the file, empty if there is none.
	Source string
	// Size is what the directory said when it was found, in bytes: an estimate
	// for progress, never trusted for the transfer.
	Size int64
	// Modified is what the directory said of the file's last change; zero if it
	// did not. A recovery compares it with that of the file that was sent.
	Modified time.Time
	// Owner is the associate whose archive folder it lies in, for the report.
	Owner string
	// Outcome is empty for a file to send, else why there is none.
	Outcome Outcome
	// Reason explains an Outcome.
	Reason Message

	// path is the target path where it is not that of Elements: a recovery sends
	// a file to where the uploaded database looks for it.
	path string
}

// ItemSource reads archive, templates, Customer Service files and attachments.
type ItemSource interface {
	// Items yields every item of one kind in an order that is the same in every
	// run. Documents and their versions come by windows of rows (Window), the
	// lower ones first; within a window the source chooses the order that its disk
	// likes. It holds at most a bounded batch in memory. An error of yield ends it
	// and is returned.
	Items(ctx context.Context, kind ItemKind, yield func(Item) error) error
	// Open opens the file of an item that has a Source. It never follows a
	// link out of the archive. A file that is gone is fs.ErrNotExist.
	Open(ctx context.Context, it Item) (File, error)
	// Strays counts the files in the archive to which no item points.
	Strays(ctx context.Context) (Strays, error)
}

// windowRows is how many ids a window spans. It is a compromise: a folder of the
// archive has the documents of a person in half a year, so that some fifty people
// give each folder forty documents of a window; and a resumed run looks at no more
// rows than these before it comes to one that is to be sent.
const windowRows = 2048

// Window numbers the window of rows that a row belongs to.
func Window(row int64) int64 {
	w := row / windowRows
	if row%windowRows < 0 {
		w--
	}
	return w
}

// TailSource is an ItemSource that can list the end of its documents alone. A
// source need not implement it.
type TailSource interface {
	// Tail yields the documents whose rows come after one, as Items does.
	Tail(ctx context.Context, after int64, yield func(Item) error) error
}

// Abandoner is a Source whose calls may go on for a while after their context has
// ended, because a server says nothing any more. A source need not implement it.
type Abandoner interface {
	// Abandon ends all calls that are under way; later ones work as before.
	Abandon()
}

// File is an open source file.
type File interface {
	io.ReadSeekCloser
	Stat() (fs.FileInfo, error)
}

// Strays are files in the archive that no row knows.
type Strays struct {
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
}

// Authenticator proves that somebody is a SuperOffice administrator.
type Authenticator interface {
	// Login signs in once. Errors wrap ErrBadCredentials, ErrNotAdministrator
	// or ErrNoNetServer, each with its own hint. The password is used for this
	// call only.
	Login(ctx context.Context, user, password string) (Principal, error)
}

// Principal is a signed-in administrator.
type Principal struct {
	AssociateID int64  `json:"associateId"`
	UserName    string `json:"userName"`
	FullName    string `json:"fullName"`
	Proved      bool   `json:"proved"` // false: asserted by name only, after an explicit confirmation
	Via         string `json:"via"`    // "rest", "soap" or "asserted"
}
