package mssql

import (
	"fmt"

	"omt/onsite/sample/tds"
)

// Errors as SQL Server words them, from sys.messages. Class is the severity.

func errSyntax(near string) *tds.Error {
	return &tds.Error{Number: 102, Class: 15, State: 1, Message: fmt.Sprintf("Incorrect syntax near '%s'.", near)}
}

func errKeyword(word string) *tds.Error {
	return &tds.Error{Number: 156, Class: 15, State: 1, Message: fmt.Sprintf("Incorrect syntax near the keyword '%s'.", word)}
}

func errUnclosed(text string) *tds.Error {
	return &tds.Error{Number: 105, Class: 15, State: 1, Message: fmt.Sprintf("Unclosed quotation mark after the character string '%s'.", text)}
}

func errObject(name string) *tds.Error {
	return &tds.Error{Number: 208, Class: 16, State: 1, Message: fmt.Sprintf("Invalid object name '%s'.", name)}
}

func errColumn(name string) *tds.Error {
	return &tds.Error{Number: 207, Class: 16, State: 1, Message: fmt.Sprintf("Invalid column name '%s'.", name)}
}

func errUnbound(alias, name string) *tds.Error {
	return &tds.Error{Number: 4104, Class: 16, State: 1, Message: fmt.Sprintf("The multi-part identifier \"%s.%s\" could not be bound.", alias, name)}
}

func errAmbiguous(name string) *tds.Error {
	return &tds.Error{Number: 209, Class: 16, State: 1, Message: fmt.Sprintf("Ambiguous column name '%s'.", name)}
}

func errSameAlias(alias string) *tds.Error {
	return &tds.Error{Number: 1013, Class: 16, State: 1, Message: fmt.Sprintf("The objects \"%[1]s\" and \"%[1]s\" in the FROM clause have the same exposed names. Use correlation names to distinguish them.", alias)}
}

func errVariable(name string) *tds.Error {
	return &tds.Error{Number: 137, Class: 15, State: 2, Message: fmt.Sprintf("Must declare the scalar variable \"%s\".", name)}
}

func errNotSupplied(declarations, name string) *tds.Error {
	return &tds.Error{Number: 8178, Class: 16, State: 1, Message: fmt.Sprintf("The parameterized query '(%s)' expects the parameter '%s', which was not supplied.", declarations, name)}
}

func errNotExpected(name string) *tds.Error {
	return &tds.Error{Number: 8145, Class: 16, State: 2, Message: fmt.Sprintf("%s is not a parameter for procedure sp_executesql.", name)}
}

func errNoColumnName(at int, alias string) *tds.Error {
	return &tds.Error{Number: 8155, Class: 16, State: 2, Message: fmt.Sprintf("No column name was specified for column %d of '%s'.", at, alias)}
}

func errNotGrouped(alias, name string) *tds.Error {
	return &tds.Error{Number: 8120, Class: 16, State: 1, Message: fmt.Sprintf("Column '%s.%s' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.", alias, name)}
}

func errConversion(v any, to string) *tds.Error {
	return &tds.Error{Number: 245, Class: 16, State: 1, Message: fmt.Sprintf("Conversion failed when converting the value '%v' to data type %s.", v, to)}
}

func errClash(from, to string) *tds.Error {
	return &tds.Error{Number: 206, Class: 16, State: 2, Message: fmt.Sprintf("Operand type clash: %s is incompatible with %s", from, to)}
}

func errLongType(typ string) *tds.Error {
	return &tds.Error{Number: 306, Class: 16, State: 2, Message: fmt.Sprintf("The text, ntext, and image data types cannot be compared or sorted, except when using IS NULL or LIKE operator. (%s)", typ)}
}

func errOperand(typ, function string) *tds.Error {
	return &tds.Error{Number: 8117, Class: 16, State: 1, Message: fmt.Sprintf("Operand data type %s is invalid for %s operator.", typ, function)}
}

var (
	errNested       = &tds.Error{Number: 191, Class: 15, State: 1, Message: "Some part of your SQL statement is nested too deeply. Rewrite the query or break it up into smaller queries."}
	errOrderInside  = &tds.Error{Number: 1033, Class: 15, State: 1, Message: "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified."}
	errOrderUnique  = &tds.Error{Number: 145, Class: 15, State: 1, Message: "ORDER BY items must appear in the select list if SELECT DISTINCT is specified."}
	errTopInteger   = &tds.Error{Number: 1060, Class: 15, State: 1, Message: "The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer."}
	errTopNegative  = &tds.Error{Number: 127, Class: 15, State: 1, Message: "A TOP N or FETCH rowcount value may not be negative."}
	errNoCommit     = &tds.Error{Number: 3902, Class: 16, State: 1, Message: "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION."}
	errNoRollback   = &tds.Error{Number: 3903, Class: 16, State: 1, Message: "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION."}
	errDeadlock     = &tds.Error{Number: 1205, Class: 13, State: 51, Aborts: true, Message: "Transaction (Process ID 51) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction."}
	errNoPermission = &tds.Error{Number: 297, Class: 16, State: 1, Message: "The user does not have permission to perform this action."}
	errServerState  = &tds.Error{Number: 300, Class: 14, State: 1, Message: "VIEW SERVER STATE permission was denied on object 'server', database 'master'.", More: []*tds.Error{errNoPermission}}
)

func errDatabaseState(db string) *tds.Error {
	return &tds.Error{Number: 262, Class: 14, State: 1, Message: fmt.Sprintf("VIEW DATABASE STATE permission denied in database '%s'.", db), More: []*tds.Error{errNoPermission}}
}

func errDenied(table, db, schema string) *tds.Error {
	return &tds.Error{Number: 229, Class: 14, State: 5, Message: fmt.Sprintf("The SELECT permission was denied on the object '%s', database '%s', schema '%s'.", table, db, schema)}
}

func errLogin(user string) *tds.Error {
	return &tds.Error{Number: 18456, Class: 14, State: 1, Message: fmt.Sprintf("Login failed for user '%s'.", user)}
}

// errDatabase is what a login to a database that is not there gets: SQL Server
// follows it with a failed login, which is the last error that clients see.
func errDatabase(db, user string) *tds.Error {
	return &tds.Error{Number: 4060, Class: 11, State: 1, Message: fmt.Sprintf("Cannot open database \"%s\" requested by the login. The login failed.", db), More: []*tds.Error{errLogin(user)}}
}

func errUse(db string) *tds.Error {
	return &tds.Error{Number: 911, Class: 16, State: 1, Message: fmt.Sprintf("Database '%s' does not exist. Make sure that the name is entered correctly.", db)}
}

func errSnapshot(db string) *tds.Error {
	return &tds.Error{Number: 3952, Class: 16, State: 1, Message: fmt.Sprintf("Snapshot isolation transaction failed accessing database '%[1]s' because snapshot isolation is not allowed in this database. Use ALTER DATABASE to allow snapshot isolation.", db)}
}
