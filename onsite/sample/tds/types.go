package tds

import (
	"context"
	"fmt"
)

// Type is a SQL Server type as sys.columns describes it.
type Type struct {
	Name      string // name in sys.types, lower case
	Length    int    // bytes; -1 for max; nvarchar(40) has 80
	Precision uint8  // decimal and numeric
	Scale     uint8  // decimal, numeric, time, datetime2, datetimeoffset
	LCID      uint32 // of the collation of a text type; 0 is 1033
	SortID    uint8  // of an old SQL_ collation, else 0
}

// Column is one column of a result.
type Column struct {
	Name     string
	Type     Type
	Nullable bool
	Identity bool
	Table    []string // source table of a text, ntext or image column, e.g. CRM7, contact
}

// Param is one parameter of sp_executesql. Value is int64, float64, bool,
// string, []byte (binary, uniqueidentifier), Decimal, time.Time or nil.
// A money parameter arrives as Decimal with scale 4.
type Param struct {
	Name  string // with its @
	Type  Type
	Value any
}

// Decimal is an exact number as its text, e.g. -12.50.
type Decimal string

// Statement is what the client asks for: a text and, if it came by
// sp_executesql, parameters with their declaration ("@p1 int,@p2 datetime").
type Statement struct {
	SQL          string
	Declarations string
	Params       []Param
}

// Result is the answer to one statement.
type Result struct {
	Columns  []Column // nil if the statement gives no rows
	Rows     Rows     // nil if Columns is nil
	Database string   // not empty: the session's database is now this one
	Changed  Changed  // of a statement that writes
}

// Changed is what a statement wrote. Command is 0 for one that does not write.
type Changed struct {
	Command uint16 // CommandInsert, CommandDelete or CommandUpdate
	Rows    uint64
}

// Rows yields the rows of a result. Next fills row, which has one place per
// column, with what go-mssqldb would deliver for the type (int64, float64,
// bool, string, []byte, time.Time, nil; decimal and money as text) and returns
// io.EOF after the last. An *Error is sent to the client; any other error
// drops the connection. Close is called once.
type Rows interface {
	Next(ctx context.Context, row []any) error
	Close() error
}

// Login is what the client said of itself.
type Login struct {
	User, Password string
	Database       string // empty: the default one
	Host, App      string
	ReadOnly       bool // application intent
	Encrypted      bool // the password came over TLS
}

// Isolation is the isolation level of a transaction, [MS-TDS] 2.2.6.9.
type Isolation uint8

// The levels; Current keeps that of the session.
const (
	Current         Isolation = 0
	ReadUncommitted Isolation = 1
	ReadCommitted   Isolation = 2
	RepeatableRead  Isolation = 3
	Serializable    Isolation = 4
	Snapshot        Isolation = 5
)

// Backend gives sessions. It is used by several goroutines at once.
type Backend interface {
	// Login checks user, password and database. An *Error is told to the
	// client before the connection is closed.
	Login(ctx context.Context, l Login) (Session, error)
	// Info describes the server.
	Info() Info
}

// Info is what a server says of itself at login.
type Info struct {
	Name      string // of the machine, in messages
	Version   string // e.g. 15.0.2000.5
	Collation Type   // LCID and SortID of the server
}

// Session is one signed-in connection, used by one goroutine.
type Session interface {
	Database() string
	// Execute answers one statement. ctx ends when the client cancels or is gone.
	Execute(ctx context.Context, st Statement) (Result, error)
	Begin(ctx context.Context, level Isolation) error
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
	// Reset brings the session back to its state after login.
	Reset(ctx context.Context) error
	Close() error
}

// Error is an error of SQL Server. More follow it in the same answer, as with
// 4060, which is always followed by 18456.
type Error struct {
	Number  int32
	Class   uint8 // severity; 20 and above end the connection
	State   uint8
	Line    int32
	Message string
	More    []*Error
	Aborts  bool // the server rolls the open transaction back
}

func (e *Error) Error() string {
	return fmt.Sprintf("sql error %d, level %d, state %d: %s", e.Number, e.Class, e.State, e.Message)
}
