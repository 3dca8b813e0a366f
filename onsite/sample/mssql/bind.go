package mssql

import (
	"fmt"
	"strconv"
	"strings"

	"omt/onsite/sample/tds"
)

// binder gives a query its meaning: names become tables and columns of the
// store, parameters become values, and the text becomes SQLite's.
type binder struct {
	s      *Store
	rights *rights
	params map[string]tds.Param // by lower-case name
	args   []any                // of the SQLite text, numbered from 1
	used   []*relation
	inTran bool // the session has a transaction
}

// scope is the FROM clause of one query.
type scope []entry

// entry is a table or derived table under its alias.
type entry struct {
	alias string
	rel   *relation // the table, or one made up for a derived table
	outer bool      // on the right of a LEFT JOIN: everything may be NULL
	sql   string
}

// value is an expression that has been bound.
type value struct {
	sql      string
	typ      tds.Type
	nullable bool
	col      *field   // of a plain column
	table    []string // of a plain column
	name     string
	plain    *expr // the literal, parameter or NULL that waits for a type
	agg      bool
}

// arg adds an argument and returns its mark.
func (b *binder) arg(v any) string {
	b.args = append(b.args, v)
	return "?" + strconv.Itoa(len(b.args))
}

// query translates one SELECT.
func (b *binder) query(q *query) (string, []tds.Column, error) {
	sc, from, err := b.from(q)
	if err != nil {
		return "", nil, err
	}
	vals, err := b.items(q, sc)
	if err != nil {
		return "", nil, err
	}
	text := "SELECT "
	if q.distinct {
		text += "DISTINCT "
	}
	var sel []string
	cols := make([]tds.Column, len(vals))
	for i, v := range vals {
		sel = append(sel, v.sql+" AS "+quoteLite("c"+strconv.Itoa(i+1)))
		cols[i] = tds.Column{Name: v.name, Type: v.typ, Nullable: v.nullable, Table: v.table, Identity: v.col != nil && v.col.identity}
	}
	text += strings.Join(sel, ", ") + from
	if q.where != nil {
		w, err := b.condition(q.where, sc)
		if err != nil {
			return "", nil, err
		}
		text += " WHERE " + w
	}
	tail, err := b.tail(q, sc, vals)
	return text + tail, cols, err
}

// from binds the tables first: SQL Server tells of a missing table before a
// missing column.
func (b *binder) from(q *query) (scope, string, error) {
	if q.from == nil {
		return nil, "", nil
	}
	var sc scope
	add := func(s source, outer bool) error {
		e, err := b.source(s)
		if err != nil {
			return err
		}
		for _, x := range sc {
			if strings.EqualFold(x.alias, e.alias) {
				return errSameAlias(e.alias)
			}
		}
		e.outer = outer
		sc = append(sc, e)
		return nil
	}
	if err := add(*q.from, false); err != nil {
		return nil, "", err
	}
	for _, j := range q.joins {
		if err := add(j.src, j.left); err != nil {
			return nil, "", err
		}
	}
	text := " FROM " + sc[0].text()
	for i, j := range q.joins {
		on, err := b.condition(j.on, sc[:i+2])
		if err != nil {
			return nil, "", err
		}
		if j.left {
			text += " LEFT"
		}
		text += " JOIN " + sc[i+1].text() + " ON " + on
	}
	return sc, text, nil
}

func (e entry) text() string { return e.sql + " AS " + quoteLite(e.alias) }

func (b *binder) source(s source) (entry, error) {
	if s.sub == nil {
		name := s.name
		if s.schema != "" {
			name = s.schema + "." + s.name
		}
		// Without a schema SQL Server looks in that of the user, dbo.
		schema := s.schema
		if schema == "" {
			schema = "dbo"
		}
		r := b.s.tables.find(schema, s.name)
		if r == nil || !b.s.sameName(r.name, s.name) {
			return entry{}, errObject(name)
		}
		if function := r.schema == "sys" && tableFunctions[r.name]; function != s.called {
			return entry{}, errObject(name)
		}
		b.used = append(b.used, r)
		if s.called {
			// The list has them for this database; the second argument is a file.
			text := b.rights.source(r)
			if file := s.args[1]; file.kind == paramExpr {
				p, err := b.param(file.name)
				if err != nil {
					return entry{}, err
				}
				text = "(SELECT * FROM " + text + " WHERE file_id = " + b.arg(p.Value) + ")"
			}
			return entry{alias: s.alias, rel: r, sql: text}, nil
		}
		return entry{alias: s.alias, rel: r, sql: b.rights.source(r)}, nil
	}
	text, cols, err := b.query(s.sub)
	if err != nil {
		return entry{}, err
	}
	r := &relation{byName: map[string]int{}}
	for i, c := range cols {
		if c.Name == "" {
			return entry{}, errNoColumnName(i+1, s.alias)
		}
		r.columns = append(r.columns, field{name: c.Name, typ: c.Type, nullable: c.Nullable})
		r.byName[strings.ToLower(c.Name)] = i
	}
	return entry{alias: s.alias, rel: r, sql: "(" + text + ")"}, nil
}

func (b *binder) items(q *query, sc scope) ([]value, error) {
	var vals []value
	aggregates := q.group != nil
	for _, it := range q.items {
		v, err := b.value(it.e, sc)
		if err != nil {
			return nil, err
		}
		if v, err = b.constant(v); err != nil {
			return nil, err
		}
		if it.name != "" {
			v.name = it.name
		}
		aggregates = aggregates || v.agg
		vals = append(vals, v)
	}
	if !aggregates {
		return vals, nil
	}
	for i, it := range q.items {
		if it.e.kind == columnExpr && !grouped(q, it.e) {
			return nil, errNotGrouped(it.e.alias, vals[i].name)
		}
	}
	return vals, nil
}

func grouped(q *query, e *expr) bool {
	for _, g := range q.group {
		if sameColumn(g, e) {
			return true
		}
	}
	return false
}

func sameColumn(a, b *expr) bool {
	return strings.EqualFold(a.alias, b.alias) && strings.EqualFold(a.name, b.name)
}

// tail binds GROUP BY, ORDER BY and TOP.
func (b *binder) tail(q *query, sc scope, vals []value) (string, error) {
	text := ""
	for i, list := range [][]*expr{q.group, q.order} {
		var names []string
		for _, e := range list {
			v, err := b.value(e, sc)
			if err != nil {
				return "", err
			}
			if isLong(v.typ.Name) {
				return "", errLongType(v.typ.Name)
			}
			if i == 1 && q.distinct && !selected(q, e) {
				return "", errOrderUnique
			}
			name := v.sql
			if i == 1 {
				name = ordering(v)
			}
			if e.desc {
				name += " DESC"
			}
			names = append(names, name)
		}
		if names != nil {
			text += []string{" GROUP BY ", " ORDER BY "}[i] + strings.Join(names, ", ")
		}
	}
	if q.distinct {
		for _, v := range vals {
			if isLong(v.typ.Name) {
				return "", errLongType(v.typ.Name)
			}
		}
	}
	if q.fetch != nil {
		n, err := b.top(q.fetch)
		if err != nil {
			return "", err
		}
		from, err := b.top(q.offset)
		return text + " LIMIT " + n + " OFFSET " + from, err
	}
	if q.top == nil {
		return text, nil
	}
	n, err := b.top(q.top)
	return text + " LIMIT " + n, err
}

func selected(q *query, e *expr) bool {
	for _, it := range q.items {
		if it.e.kind == columnExpr && sameColumn(it.e, e) {
			return true
		}
	}
	return false
}

// top binds the row count of TOP, which must be a whole number.
func (b *binder) top(e *expr) (string, error) {
	var v any
	switch e.kind {
	case intExpr:
		n, _, ok := literalType(e.name)
		if !ok {
			return "", errTopInteger
		}
		v = n
	case paramExpr:
		p, err := b.param(e.name)
		if err != nil {
			return "", err
		}
		v = p.Value
	}
	n, ok := v.(int64)
	if !ok {
		return "", errTopInteger
	}
	if n < 0 {
		return "", errTopNegative
	}
	return b.arg(n), nil
}

func (b *binder) param(name string) (tds.Param, error) {
	p, ok := b.params[strings.ToLower(name)]
	if !ok {
		return p, errVariable(name)
	}
	return p, nil
}

// column finds a column by alias and name, or by name alone.
func (b *binder) column(e *expr, sc scope) (value, error) {
	var found *value
	known := e.alias == ""
	for _, x := range sc {
		if e.alias != "" && !strings.EqualFold(e.alias, x.alias) {
			continue
		}
		known = true
		at, ok := x.rel.find(e.name)
		if !ok || !b.s.sameName(x.rel.columns[at].name, e.name) {
			continue
		}
		if found != nil {
			return value{}, errAmbiguous(e.name)
		}
		f := &x.rel.columns[at]
		found = &value{sql: quoteLite(x.alias) + "." + x.column(at), typ: f.typ, nullable: f.nullable || x.outer || f.computed, col: f, name: f.name}
		if f.computed {
			// What a computed column holds is not kept.
			found.sql = "NULL"
		}
		if isLong(f.typ.Name) && x.rel.table != nil {
			found.table = []string{x.rel.schema, x.rel.name}
		}
	}
	switch {
	case found != nil:
		return *found, nil
	case !known:
		return value{}, errUnbound(e.alias, e.name)
	}
	return value{}, errColumn(e.name)
}

// column is the SQLite name of a column: derived tables have numbered ones.
func (e entry) column(at int) string {
	if e.rel.schema == "" {
		return quoteLite(fmt.Sprintf("c%d", at+1))
	}
	return quoteLite(e.rel.columns[at].name)
}

// isLong tells the types that cannot be compared or sorted.
func isLong(name string) bool {
	switch name {
	case "text", "ntext", "image", "xml":
		return true
	}
	return false
}
