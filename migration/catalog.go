package migration

import "strings"

// Catalog is the on-site database as its system views describe it. All names
// are spelled as the server returned them: they are quoted that way and never
// changed, because collations differ in what they hold equal.
type Catalog struct {
	Database      string // name of the database
	Schema        string // SuperOffice's schema, the table prefix, e.g. CRM7
	Collation     string // of the database, e.g. Latin1_General_CI_AS
	LCID          int    // of the collation
	ServerVersion string // SERVERPROPERTY('ProductVersion')
	Edition       int    // SERVERPROPERTY('EngineEdition')
	SizeKB        int64  // of all data, for statistics; 0 if not readable
	Tables        []*Table
	Types         []AliasType // types that a user made from a built-in one
	Sequences     []Sequence
	// Modules are views, procedures, functions and triggers: they travel as
	// scripts beside the package, not inside it.
	Modules []Module
}

// Table is one user table.
type Table struct {
	Schema, Name string
	Columns      []Column // in column_id order; computed ones included
	Indexes      []Index  // primary key first, then by name
	Checks       []Check  // by name
	ForeignKeys  []ForeignKey
	Rows         int64 // estimate by the partition statistics
	DataBytes    int64 // estimate of what a full read moves; 0 if unknown
}

// FullName is schema.table for messages and keys; it is not quoted for SQL.
func (t *Table) FullName() string { return t.Schema + "." + t.Name }

// Data returns the columns that carry data: all but the computed ones.
func (t *Table) Data() []Column {
	out := make([]Column, 0, len(t.Columns))
	for _, c := range t.Columns {
		if !c.Computed {
			out = append(out, c)
		}
	}
	return out
}

// Clustered returns the clustered index, or nil for a heap.
func (t *Table) Clustered() *Index {
	for i := range t.Indexes {
		if t.Indexes[i].Clustered {
			return &t.Indexes[i]
		}
	}
	return nil
}

// Column is one column. Type is the name in sys.types in lower case; rowversion
// is called timestamp there.
type Column struct {
	Name      string
	Type      string
	MaxLength int   // bytes, -1 for max; nvarchar(40) has 80
	Precision uint8 // decimal, numeric
	Scale     uint8 // decimal, numeric, time, datetime2, datetimeoffset
	Nullable  bool
	Identity  bool
	Computed  bool
	Collation string // text types only

	Seed, Increment string // of an identity, as decimal digits; empty is 1
	Sparse, RowGUID bool
	// AliasSchema and Alias name the user's own type whose base Type is; empty
	// for a built-in type.
	AliasSchema, Alias string
	Default            Default
	Formula            string // of a computed column, as the server keeps it
	Persisted          bool   // the values of the formula are stored
}

// Default is the DEFAULT of a column; without an Expression there is none.
type Default struct {
	Name       string
	Expression string // as the server keeps it, in parentheses
	System     bool   // the name was made by the server
}

// Check is a CHECK constraint.
type Check struct {
	Name       string
	Expression string // as the server keeps it, in parentheses
	System     bool   // the name was made by the server
	Disabled   bool
	Untrusted  bool // rows may break it: it was enabled without a look at them
}

// ForeignKey is a FOREIGN KEY constraint. Columns and Referenced pair up.
type ForeignKey struct {
	Name                string
	Columns             []string
	RefSchema, RefTable string
	Referenced          []string
	OnDelete, OnUpdate  Action
	System              bool // the name was made by the server
	Disabled, Untrusted bool // as of a Check
}

// Action is what a foreign key does, numbered as in sys.foreign_keys.
type Action int

// The actions of a foreign key.
const (
	NoAction   Action = 0
	Cascade    Action = 1
	SetNull    Action = 2
	SetDefault Action = 3
)

// AliasType is a type that a user made from a built-in one (CREATE TYPE ... FROM).
type AliasType struct {
	Schema, Name string
	Base         string // name of the built-in type in lower case
	MaxLength    int    // bytes, -1 for max
	Precision    uint8
	Scale        uint8
	Nullable     bool
}

// Sequence is an object that hands out numbers. Numbers are decimal digits:
// a sequence of decimal(38,0) has more than 64 bits.
type Sequence struct {
	Schema, Name     string
	Type             string // built-in type in lower case
	Precision        uint8  // of decimal and numeric
	Start, Increment string
	Minimum, Maximum string
	Current          string // the last number that was handed out
	Cycle, Cached    bool
	CacheSize        int64 // 0: chosen by the server
}

// IndexKind tells how an index was declared.
type IndexKind string

// The kinds of index that the catalogue knows.
const (
	PrimaryKey       IndexKind = "primary key"
	UniqueConstraint IndexKind = "unique constraint"
	PlainIndex       IndexKind = "index"
)

// Index is a primary key, unique constraint or index.
type Index struct {
	Name      string
	Kind      IndexKind
	Clustered bool
	Unique    bool
	System    bool // the name was made by the server
	Columns   []IndexColumn
	Filter    string // condition of a filtered index, as the server keeps it
}

// IndexColumn is one column of an index in key order, or an included one.
type IndexColumn struct {
	Name       string
	Descending bool
	Included   bool
}

// Module is a view, procedure, function or trigger with its own SQL.
type Module struct {
	Schema, Name, Type string // Type as in sys.objects.type_desc
	Definition         string // empty if encrypted or not readable
	// AnsiNulls and QuotedIdentifier are the settings under which it was made
	// and which its text is to be read under.
	AnsiNulls, QuotedIdentifier bool
}

// Find returns the table by schema and name without regard to case, or nil.
func (c *Catalog) Find(schema, name string) *Table {
	for _, t := range c.Tables {
		if strings.EqualFold(t.Schema, schema) && strings.EqualFold(t.Name, name) {
			return t
		}
	}
	return nil
}

// HasType tells whether the database has an alias type, as it is spelled.
func (c *Catalog) HasType(schema, name string) bool {
	for i := range c.Types {
		if c.Types[i].Schema == schema && c.Types[i].Name == name {
			return true
		}
	}
	return false
}
