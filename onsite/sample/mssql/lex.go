package mssql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind is the kind of a token of T-SQL.
type tokenKind uint8

const (
	endToken  tokenKind = iota
	wordToken           // unquoted name or keyword
	nameToken           // [quoted] name
	intToken
	textToken // 'text' or N'text'
	paramToken
	globalToken // @@name
	signToken
)

type token struct {
	kind tokenKind
	text string // without quotes
}

// maxTokens and maxDepth bound what a statement may cost; the widest table of a
// SQL Server has 1,024 columns.
const (
	maxTokens = 10_000
	maxDepth  = 32
)

// lex cuts a statement into tokens. A character that the statements of the list
// do not have is an error 102 like anything else off the list.
func lex(sql string) ([]token, error) {
	var out []token
	for i := 0; i < len(sql); {
		if len(out) > maxTokens {
			return nil, errNested
		}
		c, size := utf8.DecodeRuneInString(sql[i:])
		switch {
		case unicode.IsSpace(c):
			i += size
		case c == '[':
			name, n, ok := quoted(sql[i+1:], ']')
			if !ok || name == "" {
				return nil, errUnclosed(sql[i+1:])
			}
			out = append(out, token{nameToken, name})
			i += 1 + n
		case c == '\'' || (c == 'N' || c == 'n') && strings.HasPrefix(sql[i+1:], "'"):
			if c != '\'' {
				i++
			}
			text, n, ok := quoted(sql[i+1:], '\'')
			if !ok {
				return nil, errUnclosed(sql[i+1:])
			}
			out = append(out, token{textToken, text})
			i += 1 + n
		case c >= '0' && c <= '9':
			n, ok := digits(sql[i:])
			if !ok {
				return nil, errSyntax(sql[i : i+n])
			}
			out = append(out, token{intToken, sql[i : i+n]})
			i += n
		case c == '@':
			kind, at := paramToken, i+1
			if strings.HasPrefix(sql[at:], "@") {
				kind, at = globalToken, at+1
			}
			n := span(sql[at:], isNamePart)
			if n == 0 {
				return nil, errSyntax("@")
			}
			out = append(out, token{kind, sql[i : at+n]})
			i = at + n
		case isNameStart(c):
			n := span(sql[i:], isNamePart)
			out = append(out, token{wordToken, sql[i : i+n]})
			i += n
		default:
			n := sign(sql[i:])
			if n == 0 {
				return nil, errSyntax(string(c))
			}
			out = append(out, token{signToken, sql[i : i+n]})
			i += n
		}
	}
	return append(out, token{kind: endToken}), nil
}

// digits is the length of a whole number; false if it goes on as something else.
func digits(s string) (int, bool) {
	n := span(s, func(r rune) bool { return r >= '0' && r <= '9' })
	next, _ := utf8.DecodeRuneInString(s[n:])
	return n, n == len(s) || next != '.' && !isNamePart(next)
}

// quoted reads up to the closing mark, which is doubled inside. It returns the
// text and the number of bytes read.
func quoted(s string, mark byte) (string, int, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != mark {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == mark {
			b.WriteByte(mark)
			i++
			continue
		}
		return b.String(), i + 1, true
	}
	return "", 0, false
}

func span(s string, in func(rune) bool) int {
	for i, r := range s {
		if !in(r) {
			return i
		}
	}
	return len(s)
}

func isNameStart(r rune) bool { return r == '_' || r == '#' || unicode.IsLetter(r) }

func isNamePart(r rune) bool {
	return isNameStart(r) || r == '@' || r == '$' || unicode.IsDigit(r)
}

// sign is the length of the operator or mark at the start of s.
func sign(s string) int {
	for _, op := range []string{"<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", "*", "+", "-", ";"} {
		if strings.HasPrefix(s, op) {
			return len(op)
		}
	}
	return 0
}

// reserved are T-SQL's reserved words, which cannot be names without brackets.
var reserved = words(`add all alter and any as asc authorization backup begin between break browse bulk by cascade case
check checkpoint close clustered coalesce collate column commit compute constraint contains containstable continue convert
create cross current current_date current_time current_timestamp current_user cursor database dbcc deallocate declare
default delete deny desc disk distinct distributed double drop dump else end errlvl escape except exec execute exists exit
external fetch file fillfactor for foreign freetext freetexttable from full function goto grant group having holdlock
identity identity_insert identitycol if in index inner insert intersect into is join key kill left like lineno load merge
national nocheck nonclustered not null nullif of off offsets on open opendatasource openquery openrowset openxml option or
order outer over percent pivot plan precision primary print proc procedure public raiserror read readtext reconfigure
references replication restore restrict return revert revoke right rollback rowcount rowguidcol rule save schema
securityaudit select session_user set setuser shutdown some statistics system_user table tablesample textsize then to top
tran transaction trigger truncate try_convert tsequal union unique unpivot update updatetext use user values varying view
waitfor when where while with within writetext`)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}
