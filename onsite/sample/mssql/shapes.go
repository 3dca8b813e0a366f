package mssql

import (
	"regexp"
	"strconv"
	"strings"
)

// shape is one kind of statement that the stand-in answers. Pattern is matched
// against the outline of the statement: names of user tables are "table", lists
// of columns and constants "columns", calls that ask for properties of the
// server "properties", parameters, numbers and texts p, n and s.
type shape struct {
	name      string
	pattern   string
	reference string // of the T-SQL that is not plain SQL-92
	since     string // lowest version of SQL Server
	re        *regexp.Regexp
}

const (
	docs      = "https://learn.microsoft.com/sql/t-sql/"
	catalogue = "https://learn.microsoft.com/sql/relational-databases/system-catalog-views/"
	dmv       = "https://learn.microsoft.com/sql/relational-databases/system-dynamic-management-views/"

	asType    = `CAST\(p AS (decimal|numeric|money|smallmoney|smalldatetime|time|datetime2|datetimeoffset)(\(\d+(, \d+)?\))?\)`
	predicate = `(column (=|<>|<|>|<=|>=) (p|n|s|column|` + asType + `)|column IS (NOT )?NULL|column IN \([ns](, [ns])*\)|column LIKE s)`
	condition = predicate + `( (AND|OR) ` + predicate + `)*`
	text      = `(column|CAST\(column AS nvarchar\(max\)\))`
	asBytes   = `CAST\(` + text + ` AS varbinary\(max\)\)`
	part      = `SUBSTRING\(column, [pn], [pn]\)`
	several   = `(columns|` + asBytes + `)`
	equals    = `column = column( AND column = column)*`
)

// shapes is the closed list. SQL Server 2012 is version 11.
var shapes = compile([]shape{
	{name: "properties", pattern: `SELECT properties`, reference: docs + "functions/serverproperty-transact-sql", since: "11.0"},
	{name: "ping", pattern: `SELECT n`, reference: docs + "queries/select-transact-sql", since: "11.0"},
	{name: "columns", pattern: `SELECT columns(, COALESCE\(column, column\), columns)? FROM sys\.tables JOIN sys\.schemas ON ` + equals + ` JOIN sys\.columns ON ` + equals + ` JOIN sys\.types ON ` + equals + `( LEFT JOIN sys\.schemas ON ` + equals + `)?( LEFT JOIN sys\.types ON ` + condition + `)? WHERE column = n ORDER BY columns`,
		reference: catalogue + "sys-columns-transact-sql", since: "11.0"},
	{name: "disabled indexes", pattern: `SELECT columns FROM sys\.indexes JOIN sys\.tables ON ` + equals + ` JOIN sys\.schemas ON ` + equals + ` WHERE ` + condition + ` ORDER BY columns`,
		reference: catalogue + "sys-indexes-transact-sql", since: "11.0"},
	{name: "indexes", pattern: `SELECT columns, COALESCE\(column, n\), columns FROM sys\.indexes JOIN sys\.tables ON ` + equals + ` JOIN sys\.index_columns ON ` + equals + ` JOIN sys\.columns ON ` + equals + ` LEFT JOIN sys\.key_constraints ON ` + equals + ` WHERE ` + condition + ` ORDER BY columns`,
		reference: catalogue + "sys-indexes-transact-sql", since: "11.0"},
	{name: "identities", pattern: `SELECT columns(, CAST\(column AS nvarchar\(\d+\)\))+ FROM sys\.identity_columns JOIN sys\.tables ON ` + equals + ` WHERE column = n ORDER BY columns`,
		reference: catalogue + "sys-identity-columns-transact-sql", since: "11.0"},
	{name: "computed columns", pattern: `SELECT columns FROM sys\.computed_columns JOIN sys\.tables ON ` + equals + ` WHERE column = n ORDER BY columns`,
		reference: catalogue + "sys-computed-columns-transact-sql", since: "11.0"},
	{name: "defaults", pattern: `SELECT columns FROM sys\.default_constraints JOIN sys\.tables ON ` + equals + ` JOIN sys\.columns ON ` + equals + ` WHERE column = n ORDER BY columns`,
		reference: catalogue + "sys-default-constraints-transact-sql", since: "11.0"},
	{name: "checks", pattern: `SELECT columns FROM sys\.check_constraints JOIN sys\.tables ON ` + equals + ` WHERE column = n ORDER BY columns`,
		reference: catalogue + "sys-check-constraints-transact-sql", since: "11.0"},
	{name: "foreign keys", pattern: `SELECT columns FROM sys\.foreign_keys JOIN sys\.foreign_key_columns ON ` + equals + `( JOIN sys\.columns ON ` + equals + `){2} JOIN sys\.tables ON ` + equals + ` JOIN sys\.schemas ON ` + equals + ` WHERE column = n ORDER BY columns`,
		reference: catalogue + "sys-foreign-keys-transact-sql", since: "11.0"},
	{name: "alias types", pattern: `SELECT columns FROM sys\.types JOIN sys\.schemas ON ` + equals + ` JOIN sys\.types ON ` + equals + ` WHERE ` + condition + ` ORDER BY columns`,
		reference: catalogue + "sys-types-transact-sql", since: "11.0"},
	{name: "sequences", pattern: `SELECT columns(, CAST\(column AS nvarchar\(\d+\)\))+, columns FROM sys\.sequences JOIN sys\.schemas ON ` + equals + ` JOIN sys\.types ON ` + equals + ` WHERE column = n ORDER BY columns`,
		reference: catalogue + "sys-sequences-transact-sql", since: "11.0"},
	{name: "sizes", pattern: `SELECT columns(, SUM\(column\))+ FROM sys\.dm_db_partition_stats WHERE ` + condition + ` GROUP BY columns`,
		reference: dmv + "sys-dm-db-partition-stats-transact-sql", since: "11.0"},
	{name: "partitions", pattern: `SELECT columns(, SUM\(column\))+ FROM sys\.partitions WHERE ` + condition + ` GROUP BY columns`,
		reference: catalogue + "sys-partitions-transact-sql", since: "11.0"},
	{name: "modules", pattern: `SELECT columns FROM sys\.sql_modules JOIN sys\.objects ON ` + equals + ` JOIN sys\.schemas ON ` + equals + ` WHERE column = n ORDER BY columns`,
		reference: catalogue + "sys-sql-modules-transact-sql", since: "11.0"},
	{name: "denied tables", pattern: `SELECT columns FROM sys\.tables JOIN sys\.schemas ON ` + equals + ` WHERE column = n AND HAS_PERMS_BY_NAME\(QUOTENAME\(column\) \+ s \+ QUOTENAME\(column\), s, s\) = n ORDER BY columns`,
		reference: docs + "functions/has-perms-by-name-transact-sql", since: "11.0"},
	{name: "start time", pattern: `SELECT columns FROM sys\.dm_os_sys_info`,
		reference: dmv + "sys-dm-os-sys-info-transact-sql", since: "11.0"},
	{name: "usage", pattern: `SELECT columns, SUM\(column\) FROM sys\.dm_db_index_usage_stats WHERE column = properties GROUP BY columns`,
		reference: dmv + "sys-dm-db-index-usage-stats-transact-sql", since: "11.0"},
	{name: "transactions", pattern: `SELECT COUNT\(\*\) FROM sys\.dm_tran_database_transactions WHERE column = properties AND column IS NOT NULL`,
		reference: dmv + "sys-dm-tran-database-transactions-transact-sql", since: "11.0"},
	{name: "snapshots", pattern: `SELECT columns FROM sys\.databases WHERE column = properties`,
		reference: catalogue + "sys-databases-transact-sql", since: "11.0"},
	{name: "data files", pattern: `SELECT columns FROM sys\.database_files WHERE column = n ORDER BY columns`,
		reference: catalogue + "sys-database-files-transact-sql", since: "11.0"},
	{name: "files on disk", pattern: `SELECT columns FROM sys\.dm_io_virtual_file_stats\(properties, NULL\)`,
		reference: dmv + "sys-dm-io-virtual-file-stats-transact-sql", since: "11.0"},
	{name: "volume", pattern: `SELECT columns FROM sys\.dm_os_volume_stats\(properties, p\)`,
		reference: dmv + "sys-dm-os-volume-stats-transact-sql", since: "11.0"},
	{name: "count", pattern: `SELECT COUNT_BIG\(\*\) FROM table`, reference: docs + "functions/count-big-transact-sql", since: "11.0"},
	{name: "maximum", pattern: `SELECT MAX\(column\) FROM table`, reference: docs + "functions/max-transact-sql", since: "11.0"},
	{name: "key bound", pattern: `SELECT MAX\(column\) FROM \(SELECT TOP\(p\) columns FROM table( WHERE column > p)? ORDER BY columns\)`,
		reference: docs + "queries/top-transact-sql", since: "11.0"},
	{name: "key place", pattern: `SELECT columns FROM table( WHERE ` + condition + `)? ORDER BY columns OFFSET p ROWS FETCH NEXT n ROWS ONLY`,
		reference: docs + "queries/select-order-by-clause-transact-sql", since: "11.0"},
	{name: "table", pattern: `SELECT columns FROM table( WHERE ` + condition + `)?( ORDER BY columns)?`,
		reference: docs + "queries/select-transact-sql", since: "11.0"},
	{name: "text as bytes", pattern: `SELECT (columns, )?` + asBytes + `(, ` + several + `)* FROM table( WHERE ` + condition + `)?( ORDER BY columns)?`,
		reference: docs + "functions/cast-and-convert-transact-sql", since: "11.0"},
	{name: "distinct", pattern: `SELECT DISTINCT columns FROM table`, reference: docs + "queries/select-clause-transact-sql", since: "11.0"},
	{name: "batch", pattern: `SELECT TOP\([pn]\) columns FROM table( LEFT JOIN table ON ` + equals + `)*( WHERE column > p)? ORDER BY columns`,
		reference: docs + "queries/top-transact-sql", since: "11.0"},
	{name: "joined tables", pattern: `SELECT (DISTINCT )?columns FROM table( (LEFT )?JOIN table ON ` + equals + `)+( WHERE ` + condition + `)?( ORDER BY columns)?`,
		reference: docs + "queries/from-transact-sql", since: "11.0"},
	{name: "tally", pattern: `SELECT columns, COUNT_BIG\(\*\) FROM table WHERE ` + condition + ` GROUP BY columns ORDER BY columns`,
		reference: docs + "queries/select-group-by-transact-sql", since: "11.0"},
	{name: "longest cell", pattern: `SELECT MAX\(DATALENGTH\(column\)\)(, MAX\(DATALENGTH\(column\)\))* FROM table`, reference: docs + "functions/datalength-transact-sql", since: "11.0"},
	{name: "cell lengths", pattern: `SELECT (columns, )?DATALENGTH\(` + text + `\)(, DATALENGTH\(column\))*(, columns)? FROM table( WHERE ` + condition + `)?( ORDER BY columns)?`,
		reference: docs + "functions/datalength-transact-sql", since: "11.0"},
	{name: "large cells", pattern: `SELECT (` + several + `, )*(CASE WHEN DATALENGTH\(column\) > n THEN NULL ELSE (column|` + asBytes + `) END, (` + several + `, )*)+DATALENGTH\(column\)(, DATALENGTH\(column\))* FROM table( WHERE ` + condition + `)?( ORDER BY columns)?`,
		reference: docs + "language-elements/case-transact-sql", since: "11.0"},
	{name: "cell slice", pattern: `SELECT (SUBSTRING\((column|` + asBytes + `), [pn], [pn]\)|CAST\((` + part + `|CAST\(` + part + ` AS nvarchar\(max\)\)) AS varbinary\(max\)\)) FROM table WHERE ` + condition,
		reference: docs + "functions/substring-transact-sql", since: "11.0"},
})

func compile(list []shape) []shape {
	for i := range list {
		list[i].re = regexp.MustCompile("^" + list[i].pattern + "$")
	}
	return list
}

// match finds the shape of a query, or nil if it is on no entry of the list.
func match(q *query) *shape {
	text := outline(q)
	for i := range shapes {
		if shapes[i].re.MatchString(text) {
			return &shapes[i]
		}
	}
	return nil
}

// outline is a query without what differs between statements of one shape.
func outline(q *query) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	if q.distinct {
		b.WriteString("DISTINCT ")
	}
	if q.top != nil {
		b.WriteString("TOP(" + outlineExpr(q.top) + ") ")
	}
	b.WriteString(outlineItems(q.items, q.from != nil))
	if q.from == nil {
		return b.String()
	}
	b.WriteString(" FROM " + outlineSource(*q.from))
	for _, j := range q.joins {
		if j.left {
			b.WriteString(" LEFT")
		}
		b.WriteString(" JOIN " + outlineSource(j.src) + " ON " + outlineExpr(j.on))
	}
	if q.where != nil {
		b.WriteString(" WHERE " + outlineExpr(q.where))
	}
	if q.group != nil {
		b.WriteString(" GROUP BY columns")
	}
	if q.order != nil {
		b.WriteString(" ORDER BY columns")
	}
	if q.fetch != nil {
		b.WriteString(" OFFSET " + outlineExpr(q.offset) + " ROWS FETCH NEXT " + outlineExpr(q.fetch) + " ROWS ONLY")
	}
	return b.String()
}

// outlineItems joins neighbouring columns and properties into one word.
// Constants stand among columns where a version lacks one.
func outlineItems(items []item, constants bool) string {
	var out []string
	for _, it := range items {
		text := outlineExpr(it.e)
		switch {
		case text == "column" || constants && isConstant(it.e):
			text = "columns"
		case isProperty(it.e):
			text = "properties"
		}
		if n := len(out); n > 0 && out[n-1] == text && (text == "columns" || text == "properties") {
			continue
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func isConstant(e *expr) bool {
	switch e.kind {
	case nullExpr, intExpr, textExpr:
		return true
	case castExpr:
		return isConstant(e.args[0])
	}
	return false
}

// isProperty tells whether an expression asks only for properties of server or
// database.
func isProperty(e *expr) bool {
	switch e.kind {
	case globalExpr:
		return true
	case castExpr:
		return isProperty(e.args[0])
	case callExpr:
		switch e.name {
		case "SERVERPROPERTY", "DATABASEPROPERTYEX", "COLLATIONPROPERTY", "DB_NAME", "DB_ID", "HAS_PERMS_BY_NAME":
			for _, a := range e.args {
				if a.kind != textExpr && !isProperty(a) && (a.kind != nullExpr || e.name != "HAS_PERMS_BY_NAME") {
					return false
				}
			}
			return true
		}
	}
	return false
}

func outlineSource(s source) string {
	switch {
	case s.sub != nil:
		return "(" + outline(s.sub) + ")"
	case strings.EqualFold(s.schema, "sys"):
		name := "sys." + strings.ToLower(s.name)
		if s.called {
			var args []string
			for _, a := range s.args {
				args = append(args, outlineExpr(a))
			}
			name += "(" + strings.Join(args, ", ") + ")"
		}
		return name
	}
	return "table"
}

func outlineExpr(e *expr) string {
	switch e.kind {
	case columnExpr:
		return "column"
	case intExpr:
		return "n"
	case textExpr:
		return "s"
	case nullExpr:
		return "NULL"
	case paramExpr:
		return "p"
	case starExpr:
		return "*"
	}
	if isProperty(e) {
		return "properties"
	}
	var args []string
	for _, a := range e.args {
		args = append(args, outlineExpr(a))
	}
	switch e.kind {
	case concatExpr:
		return strings.Join(args, " + ")
	case compareExpr:
		return strings.Join(args, " "+e.name+" ")
	case andExpr:
		return strings.Join(args, " AND ")
	case orExpr:
		return strings.Join(args, " OR ")
	case isNullExpr:
		return args[0] + " IS " + map[bool]string{true: "NOT "}[e.not] + "NULL"
	case inExpr:
		return args[0] + " IN (" + strings.Join(args[1:], ", ") + ")"
	case likeExpr:
		return args[0] + " LIKE " + args[1]
	case caseExpr:
		return "CASE WHEN " + args[0] + " THEN NULL ELSE " + args[1] + " END"
	case castExpr:
		return "CAST(" + args[0] + " AS " + e.typ + ")"
	}
	return e.name + "(" + strings.Join(args, ", ") + ")"
}

// smallest int literal that T-SQL takes for bigint and not int.
const maxInt = 1<<31 - 1

// literalType is the type of an integer literal: int, bigint, or false for the
// ones that are numeric in T-SQL.
func literalType(text string) (int64, string, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return 0, "numeric", false
	case n > maxInt:
		return n, "bigint", true
	}
	return n, "int", true
}
