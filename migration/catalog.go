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
	// Modules are views, procedures, functions and triggers: they travel as
	// scripts beside the package, not inside it.
	Modules []Module
}

// Table is one user table.
type Table struct {
	Schema, Name string
	Columns      []Column // in column_id order; computed ones included
	Indexes      []Index  // primary key first, then by name
	Rows         int64    // estimate by the partition statistics
	DataBytes    int64    // estimate of what a full read moves; 0 if unknown
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
