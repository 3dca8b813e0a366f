package mssql

import (
	"fmt"
	"strconv"
	"strings"

	"omt/onsite/sample/tds"
)

// b10 writes a number.
func b10(n int) string { return strconv.Itoa(n) }

// defaults of a server whose catalogue does not say: SQL Server 2019 Standard.
const (
	defaultVersion   = "15.0.2000.5"
	defaultEdition   = 2
	defaultCollation = "Latin1_General_CI_AS"
	defaultLCID      = 1033
)

// property binds an expression without columns: a property of the server or a
// cast of a constant.
func (b *binder) property(e *expr) (value, error) {
	v, typ, err := b.eval(e)
	if err != nil {
		return value{}, err
	}
	if typ.Name == "" {
		// SQL Server gives sql_variant here, which the list has nowhere.
		return value{}, errSyntax(e.name)
	}
	kept, err := toLite(typ, v)
	if err != nil {
		return value{}, errConversion(v, typ.Name)
	}
	return value{sql: b.arg(kept), typ: typ, nullable: true}, nil
}

// eval computes a constant. A type without name is sql_variant.
func (b *binder) eval(e *expr) (any, tds.Type, error) {
	switch e.kind {
	case textExpr:
		return e.name, b.nvarchar(max(2, 2*utf16Len(e.name))), nil
	case intExpr:
		n, typ, ok := literalType(e.name)
		if !ok {
			return nil, tds.Type{}, errSyntax(e.name)
		}
		return n, tds.Type{Name: typ, Length: typeSizes[typ]}, nil
	case nullExpr:
		return nil, tds.Type{Name: "int", Length: 4}, nil
	case globalExpr:
		return b.global(e.name)
	case castExpr:
		return b.cast(e)
	case callExpr:
		return b.ask(e)
	}
	return nil, tds.Type{}, errSyntax(e.name)
}

func (b *binder) global(name string) (any, tds.Type, error) {
	switch name {
	case "@@SPID":
		return int64(spid), tds.Type{Name: "smallint", Length: 2}, nil
	case "@@TRANCOUNT":
		return map[bool]int64{true: 1}[b.inTran], tds.Type{Name: "int", Length: 4}, nil
	case "@@VERSION":
		return "Microsoft SQL Server - " + b.rights.version(), b.nvarchar(600), nil
	}
	return nil, tds.Type{}, errVariable(name)
}

// spid is the session id that packets carry too.
const spid = 51

func (b *binder) cast(e *expr) (any, tds.Type, error) {
	v, _, err := b.eval(e.args[0])
	if err != nil {
		return nil, tds.Type{}, err
	}
	typ, ok := b.castType(e.typ)
	if !ok {
		return nil, tds.Type{}, errSyntax(e.typ)
	}
	switch {
	case v == nil:
	case isText(typ.Name):
		s := fmt.Sprint(v)
		if r := []rune(s); typ.Length > 0 && len(r) > typ.Length/2 {
			s = string(r[:typ.Length/2])
		}
		return s, typ, nil
	case class(typ.Name) == classInt:
		n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
		if err != nil || !inRange(typ.Name, n) {
			return nil, typ, errConversion(v, typ.Name)
		}
		return n, typ, nil
	default:
		return nil, typ, errClash("nvarchar", typ.Name)
	}
	return nil, typ, nil
}

// castType reads the target of a cast.
func (b *binder) castType(text string) (tds.Type, bool) {
	name, rest, sized := strings.Cut(text, "(")
	if !sized {
		if name == "nvarchar" {
			return b.nvarchar(60), true // 30 characters without a length
		}
		n, ok := typeSizes[name]
		return tds.Type{Name: name, Length: n}, ok && !isLong(name)
	}
	if name != "nvarchar" {
		return tds.Type{}, false
	}
	if rest == "max)" {
		return b.nvarchar(-1), true
	}
	n, err := strconv.Atoi(strings.TrimSuffix(rest, ")"))
	return b.nvarchar(2 * n), err == nil && n > 0 && n <= 4000
}

// ask answers the functions about server and database.
func (b *binder) ask(e *expr) (any, tds.Type, error) {
	var args []string
	for _, a := range e.args {
		v, _, err := b.eval(a)
		if err != nil {
			return nil, tds.Type{}, err
		}
		args = append(args, strings.ToLower(fmt.Sprint(v)))
	}
	c := b.s.catalog
	want := map[string]int{"SERVERPROPERTY": 1, "DATABASEPROPERTYEX": 2, "COLLATIONPROPERTY": 2, "HAS_PERMS_BY_NAME": 3}[e.name]
	if len(args) != want {
		return nil, tds.Type{}, errSyntax(e.name)
	}
	switch e.name {
	case "DB_NAME":
		return c.Database, b.nvarchar(256), nil
	case "DB_ID":
		n, err := strconv.ParseInt(databaseID, 10, 16)
		return n, tds.Type{Name: "smallint", Length: 2}, err
	case "HAS_PERMS_BY_NAME":
		n := int64(1)
		if b.rights.opts.NoDefinition {
			n = 0
		}
		switch {
		case args[0] == strings.ToLower(c.Database) && args[1] == "database" && args[2] == "view definition":
		case e.args[0].kind == nullExpr && e.args[1].kind == nullExpr && args[2] == "create any database",
			args[0] == "master" && args[1] == "database" && args[2] == "create database":
			n = map[bool]int64{true: 0, false: 1}[b.rights.opts.NoCreate]
		default:
			return nil, tds.Type{}, errSyntax(e.name)
		}
		return n, tds.Type{Name: "int", Length: 4}, nil
	case "SERVERPROPERTY":
		switch args[0] {
		case "productversion":
			return b.rights.version(), tds.Type{}, nil
		case "productmajorversion":
			major, _, _ := strings.Cut(b.rights.version(), ".")
			return major, tds.Type{}, nil
		case "engineedition":
			return int64(b.s.edition()), tds.Type{}, nil
		case "collation":
			return b.s.collation(), tds.Type{}, nil
		}
	case "DATABASEPROPERTYEX":
		if args[0] != strings.ToLower(c.Database) {
			break
		}
		switch args[1] {
		case "collation":
			return b.s.collation(), tds.Type{}, nil
		case "isautoclose":
			return map[bool]int64{true: 1}[b.rights.opts.AutoClose], tds.Type{}, nil
		case "updateability":
			return map[bool]string{true: "READ_ONLY", false: "READ_WRITE"}[b.rights.opts.ReadOnly || b.rights.isSnapshot], tds.Type{}, nil
		}
	case "COLLATIONPROPERTY":
		if args[0] == strings.ToLower(b.s.collation()) && args[1] == "lcid" {
			return int64(b.s.lcid()), tds.Type{}, nil
		}
	}
	// SQL Server answers NULL for a property that it does not know.
	return nil, tds.Type{}, nil
}

func (s *Store) version() string {
	if v := s.catalog.ServerVersion; v != "" {
		return v
	}
	return defaultVersion
}

func (s *Store) edition() int {
	if e := s.catalog.Edition; e != 0 {
		return e
	}
	return defaultEdition
}

func (s *Store) collation() string {
	if c := s.catalog.Collation; c != "" {
		return c
	}
	return defaultCollation
}

func (s *Store) lcid() int {
	if l := s.catalog.LCID; l != 0 {
		return l
	}
	return defaultLCID
}
