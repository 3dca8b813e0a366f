package mssql

import (
	"strings"

	"omt/onsite/sample/tds"
)

// value binds an expression. A literal or parameter keeps its own form until
// what it meets gives it a type.
func (b *binder) value(e *expr, sc scope) (value, error) {
	switch e.kind {
	case columnExpr:
		return b.column(e, sc)
	case intExpr, textExpr, nullExpr:
		return value{plain: e}, nil
	case paramExpr:
		_, err := b.param(e.name)
		return value{plain: e}, err
	case concatExpr:
		return b.concat(e, sc)
	case callExpr:
		if !isProperty(e) {
			return b.call(e, sc)
		}
	case castExpr:
		if e.args[0].kind == paramExpr {
			return value{plain: e}, nil
		}
		if !isProperty(e) && !isConstant(e) {
			return b.castColumn(e, sc)
		}
	case caseExpr:
		cond, err := b.condition(e.args[0], sc)
		if err != nil {
			return value{}, err
		}
		v, err := b.value(e.args[1], sc)
		return value{sql: "CASE WHEN " + cond + " THEN NULL ELSE " + v.sql + " END", typ: v.typ, nullable: true}, err
	}
	return b.property(e)
}

// castColumn makes a text of a column that is kept as one, and bytes of a text
// that is UTF-16.
func (b *binder) castColumn(e *expr, sc scope) (value, error) {
	v, err := b.value(e.args[0], sc)
	if err != nil {
		return v, err
	}
	if v.plain != nil {
		return v, errSyntax(e.typ)
	}
	if e.typ == "varbinary(max)" && (v.typ.Name == "nvarchar" || v.typ.Name == "nchar") {
		return value{sql: "tsql_utf16(" + v.sql + ")", typ: tds.Type{Name: "varbinary", Length: -1}, nullable: true}, nil
	}
	typ, ok := b.castType(e.typ)
	if !ok {
		return v, errSyntax(e.typ)
	}
	if !isText(typ.Name) || !isText(v.typ.Name) {
		return v, errClash(v.typ.Name, typ.Name)
	}
	return value{sql: v.sql, typ: typ, nullable: true}, nil
}

// concat joins texts.
func (b *binder) concat(e *expr, sc scope) (value, error) {
	var parts []string
	for _, a := range e.args {
		v, err := b.value(a, sc)
		if err != nil {
			return v, err
		}
		if v, err = b.constant(v); err != nil {
			return v, err
		}
		if !isText(v.typ.Name) {
			return v, errClash(v.typ.Name, "nvarchar")
		}
		parts = append(parts, v.sql)
	}
	return value{sql: "(" + strings.Join(parts, " || ") + ")", typ: b.nvarchar(8000), nullable: true}, nil
}

func (b *binder) nvarchar(length int) tds.Type {
	c := b.s.catalog
	t := tds.Type{Name: "nvarchar", Length: length}
	t.LCID, t.SortID = collationOf(c, c.Collation)
	return t
}

// constant gives a literal or parameter that meets nothing its own type.
func (b *binder) constant(v value) (value, error) {
	if v.plain == nil {
		return v, nil
	}
	e := v.plain
	out := value{nullable: true}
	var raw any
	switch e.kind {
	case intExpr:
		n, typ, ok := literalType(e.name)
		if !ok {
			return v, errSyntax(e.name)
		}
		raw, out.typ = n, tds.Type{Name: typ, Length: typeSizes[typ]}
		out.nullable = false
	case textExpr:
		raw, out.typ = e.name, b.nvarchar(max(2, 2*utf16Len(e.name)))
		out.nullable = false
	case nullExpr:
		out.typ = tds.Type{Name: "int", Length: 4}
	case paramExpr:
		p, err := b.param(e.name)
		if err != nil {
			return v, err
		}
		raw, out.typ = p.Value, p.Type
	default:
		return v, errSyntax(e.typ)
	}
	kept, err := toLite(out.typ, raw)
	if err != nil {
		return v, errConversion(raw, out.typ.Name)
	}
	out.sql = b.arg(kept)
	return out, nil
}

// call binds a function of a column.
func (b *binder) call(e *expr, sc scope) (value, error) {
	switch e.name {
	case "COUNT_BIG":
		return value{sql: "count(*)", typ: tds.Type{Name: "bigint", Length: 8}, nullable: true, agg: true}, nil
	case "COUNT":
		return value{sql: "count(*)", typ: tds.Type{Name: "int", Length: 4}, nullable: true, agg: true}, nil
	}
	var vals []value
	for _, a := range e.args {
		v, err := b.value(a, sc)
		if err != nil {
			return v, err
		}
		vals = append(vals, v)
	}
	if len(vals) == 0 || vals[0].plain != nil {
		return value{}, errSyntax(e.name)
	}
	first := vals[0]
	out := value{typ: first.typ, nullable: true}
	switch e.name {
	case "MAX":
		if isLong(first.typ.Name) || first.typ.Name == "bit" || first.typ.Length < 0 {
			return out, errOperand(first.typ.Name, "max")
		}
		out.sql, out.agg = "max("+first.sql+")", true
		return out, nil
	case "SUM":
		return sum(out, first)
	case "QUOTENAME":
		out.sql, out.typ = "('[' || replace("+first.sql+", ']', ']]') || ']')", b.nvarchar(516)
		return out, nil
	case "HAS_PERMS_BY_NAME":
		return b.permission(e, first)
	case "COALESCE":
		return b.coalesce(vals)
	case "DATALENGTH":
		return dataLength(first), nil
	case "SUBSTRING":
		return b.substring(vals)
	}
	return out, errSyntax(e.name)
}

// sum has the type that T-SQL gives it: int for the smaller ones, bigint for
// bigint.
func sum(out, v value) (value, error) {
	switch v.typ.Name {
	case "tinyint", "smallint", "int":
		out.typ = tds.Type{Name: "int", Length: 4}
	case "bigint", "float", "money":
	default:
		return out, errOperand(v.typ.Name, "sum")
	}
	out.sql, out.agg = "sum("+v.sql+")", true
	return out, nil
}

// coalesce has the type of highest precedence: int over bit. Two texts are
// columns of one type.
func (b *binder) coalesce(vals []value) (value, error) {
	if len(vals) == 2 && vals[1].plain == nil && isText(vals[0].typ.Name) && isText(vals[1].typ.Name) {
		return value{sql: "coalesce(" + vals[0].sql + ", " + vals[1].sql + ")", typ: vals[0].typ, nullable: vals[1].nullable}, nil
	}
	if len(vals) != 2 || vals[1].plain == nil || vals[1].plain.kind != intExpr || class(vals[0].typ.Name) != classInt {
		return value{}, errSyntax("COALESCE")
	}
	second, err := b.constant(vals[1])
	if err != nil {
		return second, err
	}
	typ := second.typ
	if vals[0].typ.Name == "bigint" {
		typ = vals[0].typ
	}
	return value{sql: "coalesce(" + vals[0].sql + ", " + second.sql + ")", typ: typ}, nil
}

// permission answers for SELECT on tables, by the rights of the session.
func (b *binder) permission(e *expr, name value) (value, error) {
	if len(e.args) != 3 || !strings.EqualFold(e.args[1].name, "OBJECT") || !strings.EqualFold(e.args[2].name, "SELECT") {
		return value{}, errSyntax(e.name)
	}
	var names []string
	for _, r := range b.s.tables.user {
		if b.rights.denied(r) {
			names = append(names, b.arg(strings.ToLower(bracket(r.schema)+"."+bracket(r.name))))
		}
	}
	text := "(CASE WHEN lower(" + name.sql + ") IN (" + strings.Join(names, ", ") + ") THEN 0 ELSE 1 END)"
	return value{sql: text, typ: tds.Type{Name: "int", Length: 4}, nullable: true}, nil
}

// bracket quotes a name as QUOTENAME does.
func bracket(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" }

// dataLength is the length in bytes as SQL Server stores the value; bigint for
// the types without limit.
func dataLength(v value) value {
	out := value{typ: tds.Type{Name: "int", Length: 4}, nullable: true}
	if v.typ.Length < 0 {
		out.typ = tds.Type{Name: "bigint", Length: 8}
	}
	switch v.typ.Name {
	case "nchar", "nvarchar", "ntext", "xml":
		out.sql = "2 * tsql_units(" + v.sql + ")"
	case "char", "varchar", "text", "binary", "varbinary", "image", "timestamp":
		out.sql = "length(" + v.sql + ")"
	default:
		out.sql = "CASE WHEN " + v.sql + " IS NULL THEN NULL ELSE " + b10(v.typ.Length) + " END"
	}
	return out
}

// substring counts bytes, or UTF-16 units of n types. Of the old long types
// SQL Server gives 8,000 bytes at most.
func (b *binder) substring(vals []value) (value, error) {
	if len(vals) != 3 {
		return value{}, errSyntax("SUBSTRING")
	}
	first, out := vals[0], value{nullable: true}
	function, limit := "tsql_bytes", int64(8000)
	switch first.typ.Name {
	case "char", "varchar", "text":
		out.typ, function = tds.Type{Name: "varchar"}, "tsql_text"
	case "nchar", "nvarchar", "ntext":
		out.typ, function, limit = tds.Type{Name: "nvarchar"}, "tsql_text", 4000
	case "binary", "varbinary", "image":
		out.typ = tds.Type{Name: "varbinary"}
	default:
		return out, errOperand(first.typ.Name, "substring")
	}
	out.typ.LCID, out.typ.SortID, out.typ.Length = first.typ.LCID, first.typ.SortID, 8000
	if first.typ.Length < 0 {
		out.typ.Length, limit = -1, 1<<31-1
	}
	var marks [2]string
	for i := range marks {
		v, err := b.constant(vals[i+1])
		if err != nil {
			return out, err
		}
		n, ok := b.args[len(b.args)-1].(int64)
		if !ok || class(v.typ.Name) != classInt {
			return out, errClash(v.typ.Name, "int")
		}
		if i == 1 {
			if n < 0 {
				return out, &tds.Error{Number: 537, Class: 16, State: 3, Message: "Invalid length parameter passed to the LEFT or SUBSTRING function."}
			}
			b.args[len(b.args)-1] = min(n, limit)
		}
		marks[i] = v.sql
	}
	out.sql = function + "(" + first.sql + ", " + marks[0] + ", " + marks[1] + ")"
	return out, nil
}

// condition binds a condition.
func (b *binder) condition(e *expr, sc scope) (string, error) {
	switch e.kind {
	case andExpr, orExpr:
		l, err := b.condition(e.args[0], sc)
		if err != nil {
			return "", err
		}
		r, err := b.condition(e.args[1], sc)
		if e.kind == andExpr {
			return "(" + l + " AND " + r + ")", err
		}
		return b.either(e, l, r, sc), err
	case isNullExpr:
		v, err := b.value(e.args[0], sc)
		if v.plain != nil {
			return "", errSyntax("IS")
		}
		if e.not {
			return v.sql + " IS NOT NULL", err
		}
		return v.sql + " IS NULL", err
	case inExpr:
		var parts []string
		for _, a := range e.args[1:] {
			p, err := b.compare(&expr{kind: compareExpr, name: "=", args: []*expr{e.args[0], a}}, sc)
			if err != nil {
				return "", err
			}
			parts = append(parts, p)
		}
		return "(" + strings.Join(parts, " OR ") + ")", nil
	case likeExpr:
		return b.like(e, sc)
	case compareExpr:
		return b.compare(e, sc)
	}
	return "", errSyntax(e.name)
}

// either is OR. "key <= x OR key IS NULL" on a key that cannot be NULL loses
// its second half: SQLite would not use the key for it and read the whole table.
func (b *binder) either(e *expr, l, r string, sc scope) string {
	if n := e.args[1]; n.kind == isNullExpr && !n.not && n.args[0].kind == columnExpr {
		if v, err := b.value(n.args[0], sc); err == nil && !v.nullable {
			return l
		}
	}
	return "(" + l + " OR " + r + ")"
}

// flipped are the operators seen from the other side.
var flipped = map[string]string{"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

func (b *binder) compare(e *expr, sc scope) (string, error) {
	l, err := b.value(e.args[0], sc)
	if err != nil {
		return "", err
	}
	r, err := b.value(e.args[1], sc)
	if err != nil {
		return "", err
	}
	op := e.name
	if l.plain != nil {
		l, r, op = r, l, flipped[op]
	}
	if l.plain != nil {
		return "", errSyntax(e.name)
	}
	for _, v := range []value{l, r} {
		if isLong(v.typ.Name) {
			return "", errLongType(v.typ.Name)
		}
	}
	if r.plain != nil {
		kept, err := b.meet(l.typ, r.plain, op)
		if err != nil {
			return "", err
		}
		return ordering(l) + " " + op + " " + b.arg(kept), nil
	}
	if !sameClass(l.typ, r.typ) {
		return "", errClash(r.typ.Name, l.typ.Name)
	}
	return ordering(l) + " " + op + " " + ordering(r), nil
}

// ordering is what counts of a value when it is compared: of a datetimeoffset
// the instant alone.
func ordering(v value) string {
	if v.typ.Name == "datetimeoffset" {
		return "substr(" + v.sql + ", 1, 8)"
	}
	return v.sql
}
