package mssql

import (
	"errors"
	"strings"
	"testing"

	"omt/onsite/sample/tds"
)

// every entry of the list is met by one of these, and by no other.
var shapeExamples = map[string][]string{
	"properties": {"SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)), DB_NAME()", "select @@spid", "SELECT @@TRANCOUNT", "SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION')", "SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'CREATE ANY DATABASE'), HAS_PERMS_BY_NAME('master', 'DATABASE', 'CREATE DATABASE')"},
	"ping":       {"select 1;"},
	"columns": {"SELECT t.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id JOIN sys.columns AS c ON c.object_id = t.object_id JOIN sys.types AS y ON y.user_type_id = c.user_type_id WHERE t.is_ms_shipped = 0 ORDER BY t.name",
		"SELECT t.name, COALESCE(b.name, y.name), c.precision FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id JOIN sys.columns AS c ON c.object_id = t.object_id JOIN sys.types AS y ON y.user_type_id = c.user_type_id LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id AND y.is_user_defined = 1 AND y.is_assembly_type = 0 WHERE t.is_ms_shipped = 0 ORDER BY t.name"},
	"disabled indexes": {"SELECT s.name, t.name FROM sys.indexes AS i JOIN sys.tables AS t ON t.object_id = i.object_id JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE i.type = 1 AND i.is_disabled = 1 AND t.is_ms_shipped = 0 ORDER BY s.name, t.name"},
	"indexes":          {"SELECT i.name, COALESCE(k.is_system_named, 0), c.name FROM sys.indexes AS i JOIN sys.tables AS t ON t.object_id = i.object_id JOIN sys.index_columns AS ic ON ic.object_id = i.object_id JOIN sys.columns AS c ON c.object_id = ic.object_id LEFT JOIN sys.key_constraints AS k ON k.parent_object_id = i.object_id WHERE i.type IN (1, 2) ORDER BY i.name"},
	"identities":       {"SELECT i.name, CAST(i.seed_value AS nvarchar(40)) FROM sys.identity_columns AS i JOIN sys.tables AS t ON t.object_id = i.object_id WHERE t.is_ms_shipped = 0 ORDER BY i.object_id"},
	"computed columns": {"SELECT k.name, k.definition FROM sys.computed_columns AS k JOIN sys.tables AS t ON t.object_id = k.object_id WHERE t.is_ms_shipped = 0 ORDER BY k.object_id, k.column_id"},
	"defaults":         {"SELECT c.name, d.definition FROM sys.default_constraints AS d JOIN sys.tables AS t ON t.object_id = d.parent_object_id JOIN sys.columns AS c ON c.object_id = d.parent_object_id AND c.column_id = d.parent_column_id WHERE t.is_ms_shipped = 0 ORDER BY d.parent_object_id"},
	"checks":           {"SELECT k.name, k.definition FROM sys.check_constraints AS k JOIN sys.tables AS t ON t.object_id = k.parent_object_id WHERE t.is_ms_shipped = 0 ORDER BY k.name"},
	"foreign keys":     {"SELECT f.name, c.name, rc.name FROM sys.foreign_keys AS f JOIN sys.foreign_key_columns AS fc ON fc.constraint_object_id = f.object_id JOIN sys.columns AS c ON c.object_id = fc.parent_object_id JOIN sys.columns AS rc ON rc.object_id = fc.referenced_object_id JOIN sys.tables AS rt ON rt.object_id = f.referenced_object_id JOIN sys.schemas AS rs ON rs.schema_id = rt.schema_id WHERE f.is_ms_shipped = 0 ORDER BY f.name"},
	"alias types":      {"SELECT s.name, y.name, b.name FROM sys.types AS y JOIN sys.schemas AS s ON s.schema_id = y.schema_id JOIN sys.types AS b ON b.user_type_id = y.system_type_id WHERE y.is_user_defined = 1 AND y.is_assembly_type = 0 ORDER BY s.name"},
	"sequences":        {"SELECT s.name, CAST(q.start_value AS nvarchar(40)), q.cache_size FROM sys.sequences AS q JOIN sys.schemas AS s ON s.schema_id = q.schema_id JOIN sys.types AS y ON y.user_type_id = q.system_type_id WHERE q.is_ms_shipped = 0 ORDER BY s.name"},
	"sizes":            {"SELECT p.object_id, SUM(p.row_count) FROM sys.dm_db_partition_stats AS p WHERE p.index_id IN (0, 1) GROUP BY p.object_id"},
	"partitions":       {"SELECT p.object_id, SUM(p.rows) FROM sys.partitions AS p WHERE p.index_id IN (0, 1) GROUP BY p.object_id"},
	"modules":          {"SELECT m.definition FROM sys.sql_modules AS m JOIN sys.objects AS o ON o.object_id = m.object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE o.is_ms_shipped = 0 ORDER BY o.name"},
	"denied tables":    {"SELECT t.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE t.is_ms_shipped = 0 AND HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(t.name), 'OBJECT', 'SELECT') = 0 ORDER BY t.name"},
	"start time":       {"SELECT sqlserver_start_time FROM sys.dm_os_sys_info"},
	"usage":            {"SELECT u.object_id, SUM(u.user_updates) FROM sys.dm_db_index_usage_stats AS u WHERE u.database_id = DB_ID() GROUP BY u.object_id"},
	"transactions":     {"SELECT COUNT(*) FROM sys.dm_tran_database_transactions AS d WHERE d.database_id = DB_ID() AND d.database_transaction_begin_time IS NOT NULL"},
	"snapshots":        {"SELECT d.name FROM sys.databases AS d WHERE d.source_database_id = DB_ID()", "SELECT d.snapshot_isolation_state FROM sys.databases AS d WHERE d.database_id = DB_ID()"},
	"files on disk":    {"SELECT s.file_id, s.size_on_disk_bytes FROM sys.dm_io_virtual_file_stats(DB_ID(), NULL) AS s"},
	"volume":           {"SELECT v.volume_mount_point, v.available_bytes FROM sys.dm_os_volume_stats(DB_ID(), @p1) AS v"},
	"data files":       {"SELECT f.name, f.physical_name FROM sys.database_files AS f WHERE f.type = 0 ORDER BY f.file_id"},
	"count":            {"SELECT COUNT_BIG(*) FROM [a].[b]"},
	"maximum":          {"SELECT MAX(x.id) FROM a.b AS x"},
	"key bound":        {"SELECT MAX(x.k) FROM (SELECT TOP (@p1) y.k FROM a.b AS y WHERE y.k > @p2 ORDER BY y.k) AS x", "SELECT MAX(x.k) FROM (SELECT TOP (@p1) y.k FROM a.b AS y ORDER BY y.k) AS x"},
	"table":            {"SELECT [a], [b] FROM a.b", "SELECT a, NULL FROM a.b WHERE a <= @p1 OR a IS NULL ORDER BY a", "SELECT a FROM a.b WHERE a > @p1 AND a <= @p2 ORDER BY a"},
	"key place": {"SELECT [a], [b] FROM a.b ORDER BY [a], [b] DESC OFFSET @p1 ROWS FETCH NEXT 1 ROWS ONLY",
		"SELECT a FROM a.b WHERE a >= @p1 AND ((a > @p1) OR (a = @p1 AND (b < @p2 OR b IS NULL)) OR (a IS NOT NULL)) ORDER BY a ASC OFFSET @p3 ROWS FETCH NEXT 1 ROWS ONLY",
		"SELECT a FROM a.b WHERE a >= CAST(@p1 AS decimal(10, 2)) AND (a > CAST(@p1 AS money) OR b < CAST(@p2 AS datetime2(3))) ORDER BY a OFFSET @p3 ROWS FETCH NEXT 1 ROWS ONLY"},
	"distinct":      {"SELECT DISTINCT t.a FROM a.b AS t"},
	"batch":         {"SELECT TOP (@p1) t.id FROM a.b AS t WHERE t.id > @p2 ORDER BY t.id", "SELECT TOP (10) t.id FROM a.b AS t ORDER BY t.id"},
	"joined tables": {"SELECT DISTINCT t.id FROM a.b AS t INNER JOIN a.c AS c ON c.id = t.id", "SELECT t.id FROM a.b AS t LEFT JOIN a.c AS c ON c.id = t.id WHERE t.k LIKE '%word%' OR t.v LIKE '%word%' ORDER BY t.id", "SELECT t.id FROM a.b AS t LEFT OUTER JOIN a.c AS c ON c.id = t.id AND c.x = t.x WHERE c.n IN ('a', 'b') ORDER BY t.id"},
	"longest cell":  {"SELECT MAX(DATALENGTH(x.n)) FROM a.b AS x", "SELECT MAX(DATALENGTH(n)), MAX(DATALENGTH(m)) FROM a.b"},
	"large cells": {"SELECT id, CASE WHEN DATALENGTH(n) > 10 THEN NULL ELSE n END, x, DATALENGTH(n) FROM a.b WHERE id > @p1 ORDER BY id",
		"SELECT CASE WHEN DATALENGTH(n) > 10 THEN NULL ELSE n END, CASE WHEN DATALENGTH(m) > 10 THEN NULL ELSE m END, DATALENGTH(n), DATALENGTH(m) FROM a.b",
		"SELECT CAST(n AS varbinary(max)), x, CASE WHEN DATALENGTH(m) > 10 THEN NULL ELSE CAST(m AS varbinary(max)) END, DATALENGTH(m) FROM a.b"},
	"text as bytes": {"SELECT CAST(n AS varbinary(max)) FROM a.b", "SELECT id, CAST(CAST(n AS nvarchar(max)) AS varbinary(max)), x, CAST(m AS varbinary(max)) FROM a.b WHERE id > @p1 ORDER BY id"},
	"cell lengths":  {"SELECT id, DATALENGTH(n) FROM a.b WHERE id > @p1 ORDER BY id", "SELECT DATALENGTH(CAST(n AS nvarchar(max))) FROM a.b WHERE id = @p1"},
	"cell slice": {"SELECT SUBSTRING(n, @p1, @p2) FROM a.b WHERE id = @p3", "SELECT SUBSTRING(CAST(CAST(n AS nvarchar(max)) AS varbinary(max)), @p1, @p2) FROM a.b WHERE id = @p3",
		"SELECT CAST(SUBSTRING(n, @p1, @p2) AS varbinary(max)) FROM a.b WHERE id = @p3", "SELECT CAST(CAST(SUBSTRING(n, @p1, @p2) AS nvarchar(max)) AS varbinary(max)) FROM a.b WHERE id = @p3"},
	"tally": {"SELECT d.p, COUNT_BIG(*) FROM a.b AS d WHERE d.p <> 0 GROUP BY d.p ORDER BY d.p"},
}

func TestShapes(t *testing.T) {
	for _, s := range shapes {
		if s.name == "" || !strings.HasPrefix(s.reference, "https://learn.microsoft.com/sql/") || s.since == "" {
			t.Errorf("entry %q is not complete", s.name)
		}
		if len(shapeExamples[s.name]) == 0 {
			t.Errorf("entry %q has no example", s.name)
		}
	}
	for name, list := range shapeExamples {
		for _, text := range list {
			toks, err := lex(text)
			if err != nil {
				t.Fatal(err)
			}
			q, err := parse(toks)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			outlined := outline(q)
			for _, s := range shapes {
				if s.re.MatchString(outlined) != (s.name == name) {
					t.Errorf("%s\nis %s by %s", text, outlined, s.name)
				}
			}
		}
	}
}

func TestNesting(t *testing.T) {
	for _, text := range []string{
		"SELECT a FROM b.c WHERE " + strings.Repeat("(", 100_000),
		"SELECT a FROM b.c WHERE " + strings.Repeat("(", 40) + "a = 1" + strings.Repeat(")", 40),
		"SELECT " + strings.Repeat("QUOTENAME(", 5000),
		"SELECT a FROM b.c WHERE a = 1" + strings.Repeat(" OR a = 1", 100_000),
	} {
		toks, err := lex(text)
		if err == nil {
			_, err = parse(toks)
		}
		var e *tds.Error
		if !errors.As(err, &e) || e.Number != 191 {
			t.Errorf("%.60s: %v", text, err)
		}
	}
}

// FuzzStatement: whatever is sent ends in a query or an error of SQL Server,
// and what is answered keeps its meaning: an outline of the list.
func FuzzStatement(f *testing.F) {
	for _, list := range shapeExamples {
		for _, text := range list {
			f.Add(text)
		}
	}
	f.Add("SET TEXTSIZE -1")
	f.Add("SELECT N'it''s', [a]]b] FROM x.y WHERE @@z = @p AND (a IS NOT NULL)")
	f.Fuzz(func(t *testing.T, text string) {
		toks, err := lex(text)
		if err == nil {
			matchCommand(toks)
			var q *query
			if q, err = parse(toks); err == nil {
				match(q)
			}
		}
		var e *tds.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%T %v", err, err)
		}
	})
}
