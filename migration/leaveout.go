package migration

import (
	"errors"
	"fmt"
	"slices"
)

// PlanColumn is a column of the database by its names as the catalogue spells
// them.
type PlanColumn struct {
	Schema string `json:"schema"`
	Table  string `json:"table"`
	Column string `json:"column"`
}

// FullName is schema.table.column for messages.
func (p PlanColumn) FullName() string { return p.Schema + "." + p.Table + "." + p.Column }

// LeftColumn is a column that was left out by choice, with everything that
// could not be carried without it.
type LeftColumn struct {
	PlanColumn
	Type string   `json:"type"`
	With []string `json:"with,omitempty"` // indexes, constraints and computed columns
}

// ErrNoColumn: a column to leave out is not in the database, or carries no data
// of its own.
var ErrNoColumn = errors.New("column is not in the database")

// Leave returns the catalogue without the columns and without what stands on
// them: indexes, keys, checks, foreign keys of either side, and computed
// columns. c stays as it is. A column that is not there, or is the last with
// data of its table, is an error.
func (c *Catalog) Leave(columns []PlanColumn) (*Catalog, []LeftColumn, error) {
	if len(columns) == 0 {
		return c, nil, nil
	}
	out := *c
	out.Tables = slices.Clone(c.Tables)
	var left []LeftColumn
	for _, p := range columns {
		i := slices.IndexFunc(out.Tables, func(t *Table) bool { return t.Schema == p.Schema && t.Name == p.Table })
		if i < 0 {
			return nil, nil, noColumn(p)
		}
		t := out.Tables[i].without()
		at := slices.IndexFunc(t.Columns, func(x Column) bool { return x.Name == p.Column && !x.Computed })
		if at < 0 || len(t.Data()) == 1 {
			return nil, nil, noColumn(p)
		}
		l := LeftColumn{PlanColumn: p, Type: t.Columns[at].Type}
		l.With = t.drop(p.Column)
		out.Tables[i] = t
		for k, other := range out.Tables {
			copied := other.without()
			copied.ForeignKeys = slices.DeleteFunc(copied.ForeignKeys, func(fk ForeignKey) bool {
				gone := fk.RefSchema == p.Schema && fk.RefTable == p.Table && slices.Contains(fk.Referenced, p.Column)
				if gone {
					l.With = append(l.With, other.FullName()+"."+fk.Name)
				}
				return gone
			})
			if len(copied.ForeignKeys) < len(other.ForeignKeys) {
				out.Tables[k] = copied
			}
		}
		left = append(left, l)
	}
	return &out, left, nil
}

func noColumn(p PlanColumn) error {
	return Fail("leave out column", p.FullName(), ErrNoColumn, Msg("plan.leaveout.unknown", "Column", p.FullName()))
}

// without copies a table so that its lists can be shortened.
func (t *Table) without() *Table {
	out := *t
	out.Columns, out.Indexes = slices.Clone(t.Columns), slices.Clone(t.Indexes)
	out.Checks, out.ForeignKeys = slices.Clone(t.Checks), slices.Clone(t.ForeignKeys)
	return &out
}

// drop takes a column out with all of its own table that names it, and returns
// the names of the latter.
func (t *Table) drop(column string) (with []string) {
	gone := func(name string, is bool) bool {
		if is {
			with = append(with, t.FullName()+"."+name)
		}
		return is
	}
	names := func(expression string) bool {
		return slices.Contains(ReadExpression(expression).Columns(t), column)
	}
	var computed []string // first: taking one out shortens the list
	for _, c := range t.Columns {
		if c.Computed && c.Name != column && names(c.Formula) {
			computed = append(computed, c.Name)
		}
	}
	for _, c := range computed {
		with = append(with, t.FullName()+"."+c)
		with = append(with, t.drop(c)...)
	}
	t.Indexes = slices.DeleteFunc(t.Indexes, func(ix Index) bool {
		return gone(ix.Name, names(ix.Filter) || slices.ContainsFunc(ix.Columns, func(c IndexColumn) bool { return c.Name == column }))
	})
	t.Checks = slices.DeleteFunc(t.Checks, func(c Check) bool { return gone(c.Name, names(c.Expression)) })
	t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(fk ForeignKey) bool { return gone(fk.Name, slices.Contains(fk.Columns, column)) })
	t.Columns = slices.DeleteFunc(t.Columns, func(c Column) bool { return c.Name == column })
	return with
}

// describe names the column with its type and what went with it.
func (l LeftColumn) describe() string {
	if len(l.With) == 0 {
		return fmt.Sprintf("%s (%s)", l.FullName(), l.Type)
	}
	return fmt.Sprintf("%s (%s; %s)", l.FullName(), l.Type, someNames(l.With))
}
