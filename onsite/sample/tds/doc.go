// Package tds is the server side of the Tabular Data Stream protocol, version
// 7.4, as far as go-mssqldb and FreeTDS speak it: login with and without TLS,
// batches, sp_executesql, transactions, rows of every SQL Server type and
// cancellation. It serves the sample installation and the tests.
//
// It knows bytes, not SQL: what a statement means is the business of the
// Backend. It may not import the product's layers, a database driver or a TDS
// client. Source of all layouts: [MS-TDS], section numbers beside the code.
package tds
