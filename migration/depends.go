package migration

import (
	"slices"
	"strings"
)

// Expression is what an expression of the catalogue names. The server keeps
// expressions in a form of its own: column names in brackets alone, functions
// and sequences of users in brackets with their schema, its own functions in
// lower case without brackets.
type Expression struct {
	// Names are the bracketed names outside of texts, each with its parts.
	Names [][]string
	// Function is set if one of several parts stands before a parenthesis: a
	// function of a user (or a method of a CLR type), which is not in the
	// package.
	Function bool
	// Sequence is the schema and name behind NEXT VALUE FOR, else nil.
	Sequence []string
}

// ReadExpression reads an expression as the catalogue gives it.
func ReadExpression(s string) Expression {
	var e Expression
	for i := 0; i < len(s); {
		switch s[i] {
		case '\'':
			i = skipText(s, i)
		case '[':
			start := i
			var name []string
			name, i = bracketed(s, i)
			e.Names = append(e.Names, name)
			if len(name) > 1 && strings.HasPrefix(strings.TrimLeft(s[i:], " "), "(") {
				e.Function = true
			}
			if strings.HasSuffix(strings.ToUpper(strings.TrimRight(s[:start], " ")), "NEXT VALUE FOR") {
				e.Sequence = name
			}
		default:
			i++
		}
	}
	return e
}

// skipText returns the place behind a text that begins at i; two quotes in it
// stand for one.
func skipText(s string, i int) int {
	for i++; i < len(s); i++ {
		if s[i] != '\'' {
			continue
		}
		if i+1 >= len(s) || s[i+1] != '\'' {
			return i + 1
		}
		i++
	}
	return len(s)
}

// bracketed reads [a].[b] at i and returns its parts and the place behind it.
func bracketed(s string, i int) ([]string, int) {
	var parts []string
	for {
		var b strings.Builder
		for i++; i < len(s); i++ {
			if s[i] == ']' {
				if i+1 >= len(s) || s[i+1] != ']' {
					break
				}
				i++
			}
			b.WriteByte(s[i])
		}
		i = min(i+1, len(s))
		parts = append(parts, b.String())
		if !strings.HasPrefix(s[i:], ".[") {
			return parts, i
		}
		i++
	}
}

// Columns are the columns of the table that the expression names, in table
// order: a column stands alone, or before the method of its CLR type. Names are compared as they are spelled: the server writes a column
// into an expression as the catalogue spells it.
func (e Expression) Columns(t *Table) []string {
	var out []string
	for _, c := range t.Columns {
		if slices.ContainsFunc(e.Names, func(n []string) bool { return n[0] == c.Name }) {
			out = append(out, c.Name)
		}
	}
	return out
}

// Scripted tells whether the formula of a computed column keeps it out of the
// package: it calls a function, or the login may not see it.
func (t *Table) Scripted(c *Column) bool {
	if !c.Computed {
		return false
	}
	// A formula cannot name another computed column, so nothing follows.
	return c.Formula == "" || ReadExpression(c.Formula).Function
}

// Modelled returns the columns that the package's model has: those with data
// and the computed ones whose formula stands on the table alone.
func (t *Table) Modelled() []Column {
	var out []Column
	for i := range t.Columns {
		if !t.Scripted(&t.Columns[i]) {
			out = append(out, t.Columns[i])
		}
	}
	return out
}

// inModel tells whether all columns are in the package's model.
func (t *Table) inModel(names []string) bool {
	have := t.Modelled()
	for _, n := range names {
		if !slices.ContainsFunc(have, func(c Column) bool { return c.Name == n }) {
			return false
		}
	}
	return true
}

// CarriesIndex tells whether an index stands in the package's model. What does
// not is in the scripts beside it.
func (t *Table) CarriesIndex(ix *Index) bool {
	keys := 0
	for _, c := range ix.Columns {
		if !t.inModel([]string{c.Name}) {
			return false
		}
		if !c.Included {
			keys++
		}
	}
	e := ReadExpression(ix.Filter)
	return keys > 0 && !e.Function && t.inModel(e.Columns(t))
}

// CarriesCheck is CarriesIndex for a check. One that rows may break is not
// carried: the import would look at all rows and fail.
func (t *Table) CarriesCheck(c *Check) bool {
	e := ReadExpression(c.Expression)
	return c.Expression != "" && !c.Disabled && !c.Untrusted && !e.Function && t.inModel(e.Columns(t))
}

// CarriesDefault is CarriesIndex for the default of a column.
func (t *Table) CarriesDefault(c *Column) bool {
	return c.Default.Expression != "" && !ReadExpression(c.Default.Expression).Function
}

// CarriesForeignKey is CarriesIndex for a foreign key of t.
func (c *Catalog) CarriesForeignKey(t *Table, fk *ForeignKey) bool {
	ref := c.exact(fk.RefSchema, fk.RefTable)
	return !fk.Disabled && !fk.Untrusted && ref != nil && len(fk.Columns) > 0 &&
		t.inModel(fk.Columns) && ref.inModel(fk.Referenced)
}

// exact finds a table as it is spelled; databases that tell upper from lower
// case may have two that Find cannot tell apart.
func (c *Catalog) exact(schema, name string) *Table {
	for _, t := range c.Tables {
		if t.Schema == schema && t.Name == name {
			return t
		}
	}
	return nil
}
