package mssql

import (
	"errors"
	"fmt"
	"strings"
)

// firstAlias is the user_type_id of the first type that a user made.
const firstAlias = 257

// The places of constraints in the block of ids of their table; those of keys
// begin at its start.
const (
	defaultIDs = 100
	checkIDs   = 700
	foreignIDs = 850
)

// aliases are the rows of sys.types for types that a user made.
func (d *definer) aliases() {
	for i, a := range d.s.catalog.Types {
		base := 0
		for _, t := range sysTypes {
			if t.name == a.Base {
				base = t.id
			}
		}
		if base == 0 {
			d.err = errors.Join(d.err, fmt.Errorf("define type %s: type %q is not known", a.Name, a.Base))
			return
		}
		d.insert("types", a.Name, base, firstAlias+i, d.s.schemaID(a.Schema), a.MaxLength, a.Precision, a.Scale, nil, a.Nullable, 1, 0)
	}
}

func (d *definer) sequences() {
	id := firstObject + len(d.s.tables.user)*objectBlock + len(d.s.catalog.Modules)
	for i, q := range d.s.catalog.Sequences {
		sys := 0
		for _, t := range sysTypes {
			if t.name == q.Type {
				sys = t.id
			}
		}
		var size any
		if q.CacheSize > 0 {
			size = q.CacheSize
		}
		schema := d.s.schemaID(q.Schema)
		d.insert("objects", q.Name, id+i, schema, 0, "SO", "SEQUENCE_OBJECT", 0)
		d.insert("sequences", q.Name, id+i, schema, 0, textOrNull(q.Start), textOrNull(q.Increment), textOrNull(q.Minimum),
			textOrNull(q.Maximum), q.Cycle, q.Cached, size, sys, sys, q.Precision, textOrNull(q.Current))
	}
}

// constraints are the defaults, checks and foreign keys of a table.
func (d *definer) constraints(r *relation) {
	schema := d.s.schemaID(r.schema)
	for i, c := range r.table.Columns {
		if c.Default.Expression != "" {
			d.insert("default_constraints", c.Default.Name, r.objectID+int64(defaultIDs+i), schema, r.objectID, 0, i+1, c.Default.Expression, c.Default.System)
		}
	}
	for i, c := range r.table.Checks {
		d.insert("check_constraints", c.Name, r.objectID+int64(checkIDs+i), schema, r.objectID, 0, c.Disabled, c.Untrusted, c.Expression, c.System)
	}
	for i, fk := range r.table.ForeignKeys {
		ref := d.s.tables.find(fk.RefSchema, fk.RefTable)
		if ref == nil || len(fk.Columns) != len(fk.Referenced) {
			d.err = errors.Join(d.err, fmt.Errorf("define %s: foreign key %s refers to %s.%s", r.table.FullName(), fk.Name, fk.RefSchema, fk.RefTable))
			return
		}
		id := r.objectID + int64(foreignIDs+i)
		d.insert("foreign_keys", fk.Name, id, schema, r.objectID, 0, ref.objectID, fk.Disabled, fk.Untrusted, int(fk.OnDelete), int(fk.OnUpdate), fk.System)
		for k := range fk.Columns {
			at, ok := r.find(fk.Columns[k])
			to, ok2 := ref.find(fk.Referenced[k])
			if !ok || !ok2 {
				d.err = errors.Join(d.err, fmt.Errorf("define %s: foreign key %s names columns %s", r.table.FullName(), fk.Name, strings.Join(fk.Columns, ", ")))
				return
			}
			d.insert("foreign_key_columns", id, k+1, r.objectID, at+1, ref.objectID, to+1)
		}
	}
}
