package mssql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// compareFolded orders text as a case-insensitive, accent-sensitive collation
// does in what the statements depend on: case does not count, nor do trailing
// blanks. The order among letters is that of Unicode, not that of Windows;
// clients may not assume either.
func compareFolded(a, b string) int {
	a, b = strings.TrimRight(a, " "), strings.TrimRight(b, " ")
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if x != y {
			x, y = unicode.ToUpper(x), unicode.ToUpper(y)
			if x < y {
				return -1
			}
			if x > y {
				return 1
			}
		}
		a, b = a[n:], b[m:]
	}
	return strings.Compare(a, b)
}

// compareCased is compareFolded with case.
func compareCased(a, b string) int {
	return strings.Compare(strings.TrimRight(a, " "), strings.TrimRight(b, " "))
}

// liteCollation is the SQLite collation for a SQL Server one.
func liteCollation(name string) string {
	u := strings.ToUpper(name)
	switch {
	case strings.Contains(u, "_BIN"):
		return "BINARY"
	case strings.Contains(u, "_CS_"):
		return "sql_cs"
	}
	return "sql_ci"
}

// sameName compares two names of objects that are equal but for their case, as
// the collation of the database does.
func (s *Store) sameName(a, b string) bool {
	return a == b || liteCollation(s.collation()) == "sql_ci"
}
