// Package mssql is the SQL side of the stand-in for SQL Server: a store over
// SQLite with the catalogue views of SQL Server, and a closed list of T-SQL
// statement shapes that it answers. Whatever is not on the list is refused with
// SQL Server's own error numbers, so that a statement which a real server would
// refuse cannot pass here.
//
// It serves the sample installation and the tests. The product may not import
// it, and it may import neither onsite nor upload.
package mssql
