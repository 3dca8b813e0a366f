package mssql

import (
	"database/sql/driver"
	"regexp"
	"strings"

	"modernc.org/sqlite"
)

// containing are the only patterns that the stand-in takes: a word between two
// percent signs. Of all others the server's rules (ranges, escapes, collations)
// would have to be copied.
var containing = regexp.MustCompile(`^%[A-Za-z0-9]+%$`)

// like binds a column LIKE '%word%'.
func (b *binder) like(e *expr, sc scope) (string, error) {
	v, err := b.value(e.args[0], sc)
	if err != nil {
		return "", err
	}
	if v.plain != nil || e.args[1].kind != textExpr || !containing.MatchString(e.args[1].name) {
		return "", errSyntax("LIKE")
	}
	if !isText(v.typ.Name) {
		return "", errOperand(v.typ.Name, "like")
	}
	folded := 0
	if liteCollation(b.s.collation()) == "sql_ci" {
		folded = 1
	}
	return "tsql_contains(" + v.sql + ", " + b.arg(strings.Trim(e.args[1].name, "%")) + ", " + b10(folded) + ")", nil
}

// liteContains tells whether a text contains a word, without regard to case if
// the third argument is 1. NULL is not true, as in T-SQL.
func liteContains(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	text, ok1 := args[0].(string)
	word, ok2 := args[1].(string)
	if !ok1 || !ok2 {
		return nil, nil
	}
	if args[2] == int64(1) {
		text, word = strings.ToLower(text), strings.ToLower(word)
	}
	return strings.Contains(text, word), nil
}
