package mssql

import (
	"database/sql/driver"
	"fmt"

	"modernc.org/sqlite"

	"omt/onsite/sample/tds"
)

// register gives SQLite the collations and functions of the translated
// statements.
func register(d *sqlite.Driver) {
	d.MustRegisterCollationUtf8("sql_ci", compareFolded)
	d.MustRegisterCollationUtf8("sql_cs", compareCased)
	d.MustRegisterDeterministicScalarFunction("tsql_units", 1, liteUnits)
	d.MustRegisterDeterministicScalarFunction("tsql_utf16", 1, liteBytes)
	d.MustRegisterDeterministicScalarFunction("tsql_text", 3, liteSlice)
	d.MustRegisterDeterministicScalarFunction("tsql_contains", 3, liteContains)
	d.MustRegisterDeterministicScalarFunction("tsql_bytes", 3, liteSlice)
}

// liteUnits is the number of UTF-16 units of a text.
func liteUnits(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	s, ok := args[0].(string)
	if !ok {
		return nil, nil
	}
	return int64(utf16Len(s)), nil
}

// liteBytes is a text as SQL Server keeps nvarchar.
func liteBytes(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	s, ok := args[0].(string)
	if !ok {
		return nil, nil
	}
	if s == "" {
		return "", nil // no bytes, see value.go
	}
	return tds.UTF16(s), nil
}

// liteSlice is SUBSTRING: of UTF-16 units or bytes, counted from 1.
func liteSlice(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	if args[0] == nil || args[1] == nil || args[2] == nil {
		return nil, nil
	}
	start, ok1 := args[1].(int64)
	length, ok2 := args[2].(int64)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("slice: bounds of type %T and %T", args[1], args[2])
	}
	// Places before the first count towards the length.
	from, to := start-1, start-1+length
	switch v := args[0].(type) {
	case string:
		return tds.Units(v, from, to), nil
	case []byte:
		lo, hi := min(max(from, 0), int64(len(v))), min(max(to, 0), int64(len(v)))
		if lo >= hi {
			return "", nil
		}
		return v[lo:hi], nil
	}
	return nil, fmt.Errorf("slice: value of type %T", args[0])
}
