package mssql

import (
	"strings"

	"omt/migration"
	"omt/onsite/sample/tds"
)

// systemView is a catalogue or management view as SQL Server documents it,
// with the columns that statements may name. Each column is "name type" or
// "name type null".
type systemView struct {
	name    string
	columns string
	guard   guard
	// source is the SQLite SELECT of a view that is not filled but computed.
	source string
}

// systemViews lists what exists in the sys schema. Reference:
// learn.microsoft.com/sql/relational-databases/system-catalog-views and
// .../system-dynamic-management-views.
var systemViews = []systemView{
	{name: "schemas", columns: "name sysname, schema_id int, principal_id int null"},
	{name: "types", columns: "name sysname, system_type_id tinyint, user_type_id int, schema_id int, max_length smallint, precision tinyint, scale tinyint, collation_name sysname null, is_nullable bit null, is_user_defined bit, is_assembly_type bit"},
	{name: "tables", columns: "name sysname, object_id int, schema_id int, parent_object_id int, type char(2), type_desc nvarchar(60) null, is_ms_shipped bit"},
	{name: "columns", columns: "object_id int, name sysname null, column_id int, system_type_id tinyint, user_type_id int, max_length smallint, precision tinyint, scale tinyint, collation_name sysname null, is_nullable bit null, is_ansi_padded bit, is_rowguidcol bit, is_identity bit, is_computed bit, is_sparse bit null"},
	{name: "indexes", columns: "object_id int, name sysname null, index_id int, type tinyint, type_desc nvarchar(60) null, is_unique bit null, data_space_id int, is_primary_key bit null, is_unique_constraint bit null, is_disabled bit null, is_hypothetical bit null, has_filter bit null, filter_definition nvarchar(max) null"},
	{name: "index_columns", columns: "object_id int, index_id int, index_column_id int, column_id int, key_ordinal tinyint, partition_ordinal tinyint, is_descending_key bit null, is_included_column bit null"},
	{name: "key_constraints", columns: "name sysname, object_id int, schema_id int, parent_object_id int, type char(2) null, type_desc nvarchar(60) null, is_ms_shipped bit, unique_index_id int null, is_system_named bit"},
	{name: "objects", columns: "name sysname, object_id int, schema_id int, parent_object_id int, type char(2) null, type_desc nvarchar(60) null, is_ms_shipped bit"},
	{name: "computed_columns", columns: "object_id int, name sysname null, column_id int, definition nvarchar(max) null, is_persisted bit"},
	// Seeds, increments and the numbers of sequences are sql_variant on a real
	// server. Statements may only cast them, so texts do here.
	{name: "identity_columns", columns: "object_id int, name sysname null, column_id int, seed_value nvarchar(60) null, increment_value nvarchar(60) null"},
	{name: "default_constraints", columns: "name sysname, object_id int, schema_id int, parent_object_id int, is_ms_shipped bit, parent_column_id int, definition nvarchar(max) null, is_system_named bit"},
	{name: "check_constraints", columns: "name sysname, object_id int, schema_id int, parent_object_id int, is_ms_shipped bit, is_disabled bit, is_not_trusted bit, definition nvarchar(max) null, is_system_named bit"},
	{name: "foreign_keys", columns: "name sysname, object_id int, schema_id int, parent_object_id int, is_ms_shipped bit, referenced_object_id int null, is_disabled bit, is_not_trusted bit, delete_referential_action tinyint null, update_referential_action tinyint null, is_system_named bit"},
	{name: "foreign_key_columns", columns: "constraint_object_id int, constraint_column_id int, parent_object_id int, parent_column_id int, referenced_object_id int, referenced_column_id int"},
	{name: "sequences", columns: "name sysname, object_id int, schema_id int, is_ms_shipped bit, start_value nvarchar(60) null, increment nvarchar(60) null, minimum_value nvarchar(60) null, maximum_value nvarchar(60) null, is_cycling bit null, is_cached bit null, cache_size int null, system_type_id tinyint, user_type_id int, precision tinyint, current_value nvarchar(60) null"},
	{name: "sql_modules", columns: "object_id int, definition nvarchar(max) null, uses_ansi_nulls bit null, uses_quoted_identifier bit null"},
	{name: "partitions", columns: "partition_id bigint, object_id int, index_id int, partition_number int, hobt_id bigint, rows bigint null",
		source: "SELECT object_id * 65536 AS partition_id, object_id, index_id, 1 AS partition_number, object_id * 65536 AS hobt_id, max(rows, 0) AS rows FROM %s"},
	{name: "dm_db_partition_stats", guard: guardDatabaseState,
		columns: "partition_id bigint, object_id int, index_id int, partition_number int, used_page_count bigint null, reserved_page_count bigint null, row_count bigint null",
		// A page of 8,192 bytes has 8,060 for rows; one more is the allocation map.
		source: "SELECT object_id * 65536 AS partition_id, object_id, index_id, 1 AS partition_number, (max(bytes, 0) + 8059) / 8060 + 1 AS used_page_count, (max(bytes, 0) + 8059) / 8060 / 8 * 8 + 8 AS reserved_page_count, max(rows, 0) AS row_count FROM %s"},
	{name: "dm_db_index_usage_stats", guard: guardServerState,
		columns: "database_id smallint, object_id int, index_id int, user_seeks bigint, user_scans bigint, user_lookups bigint, user_updates bigint",
		// A table that was not touched since the start has no row here.
		source: "SELECT " + databaseID + " AS database_id, object_id, index_id, 0 AS user_seeks, 0 AS user_scans, 0 AS user_lookups, updates AS user_updates FROM %s WHERE updates > 0"},
	{name: "dm_tran_database_transactions", columns: "transaction_id bigint, database_id int, database_transaction_begin_time datetime null", guard: guardServerState},
	// Computed by rights: they are of the server, not of the database.
	{name: "databases", guard: guardComputed, columns: "name sysname, database_id int, source_database_id int null, snapshot_isolation_state tinyint null"},
	{name: "database_files", guard: guardComputed, columns: "file_id int, type tinyint, name sysname, physical_name nvarchar(260)"},
	{name: "dm_io_virtual_file_stats", guard: guardServerState, columns: "database_id smallint, file_id smallint, size_on_disk_bytes bigint"},
	{name: "dm_os_volume_stats", guard: guardServerState, columns: "database_id int, file_id int, volume_mount_point nvarchar(260) null, total_bytes bigint, available_bytes bigint"},
	{name: "dm_os_sys_info", columns: "cpu_count int, sqlserver_start_time datetime", guard: guardServerState},
}

// databaseID is DB_ID() of the one database; 1 to 4 are SQL Server's own.
const databaseID = "5"

// counters is the table behind the partition and usage views.
const counters = "counters"

func (v systemView) relation(c *migration.Catalog) relation {
	r := relation{schema: "sys", name: v.name, guard: v.guard, lite: liteName(c.Schema, "sys", v.name)}
	for _, def := range strings.Split(v.columns, ", ") {
		part := strings.Fields(def)
		r.columns = append(r.columns, field{name: part[0], typ: systemType(c, part[1]), nullable: len(part) == 3})
	}
	return r
}

// systemType reads a type as the column lists above write it.
func systemType(c *migration.Catalog, text string) tds.Type {
	t := tds.Type{Name: text}
	name, rest, sized := strings.Cut(text, "(")
	size := map[string]int{"sysname": 256, "char(2)": 2, "nvarchar(60)": 120, "nvarchar(128)": 256, "nvarchar(260)": 520, "nvarchar(max)": -1}
	if sized && rest != "" {
		t.Name = name
	}
	if t.Length = size[text]; t.Length == 0 {
		t.Length = typeSizes[t.Name]
	}
	if t.Name == "sysname" {
		t.Name = "nvarchar"
	}
	if isText(t.Name) {
		t.LCID, t.SortID = collationOf(c, c.Collation)
	}
	return t
}

// sysTypes are the rows of sys.types: name, id, size, precision, scale. The id
// is both system_type_id and user_type_id but for sysname.
var sysTypes = []struct {
	name                   string
	id, size               int
	precision, scale, user int
}{
	{"image", 34, 16, 0, 0, 34}, {"text", 35, 16, 0, 0, 35}, {"uniqueidentifier", 36, 16, 0, 0, 36},
	{"date", 40, 3, 10, 0, 40}, {"time", 41, 5, 16, 7, 41}, {"datetime2", 42, 8, 27, 7, 42}, {"datetimeoffset", 43, 10, 34, 7, 43},
	{"tinyint", 48, 1, 3, 0, 48}, {"smallint", 52, 2, 5, 0, 52}, {"int", 56, 4, 10, 0, 56}, {"smalldatetime", 58, 4, 16, 0, 58},
	{"real", 59, 4, 24, 0, 59}, {"money", 60, 8, 19, 4, 60}, {"datetime", 61, 8, 23, 3, 61}, {"float", 62, 8, 53, 0, 62},
	{"sql_variant", 98, 8016, 0, 0, 98}, {"ntext", 99, 16, 0, 0, 99}, {"bit", 104, 1, 1, 0, 104},
	{"decimal", 106, 17, 38, 38, 106}, {"numeric", 108, 17, 38, 38, 108}, {"smallmoney", 122, 4, 10, 4, 122}, {"bigint", 127, 8, 19, 0, 127},
	{"hierarchyid", 240, 892, 0, 0, 128}, {"geometry", 240, -1, 0, 0, 129}, {"geography", 240, -1, 0, 0, 130},
	{"varbinary", 165, 8000, 0, 0, 165}, {"varchar", 167, 8000, 0, 0, 167}, {"binary", 173, 8000, 0, 0, 173}, {"char", 175, 8000, 0, 0, 175},
	{"timestamp", 189, 8, 0, 0, 189}, {"nvarchar", 231, 8000, 0, 0, 231}, {"nchar", 239, 8000, 0, 0, 239},
	{"xml", 241, -1, 0, 0, 241}, {"sysname", 231, 256, 0, 0, 256},
}

// typeSizes are the sizes of the types that have only one.
var typeSizes = map[string]int{
	"bit": 1, "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8, "real": 4, "float": 8, "smallmoney": 4, "money": 8,
	"smalldatetime": 4, "datetime": 8, "date": 3, "uniqueidentifier": 16, "timestamp": 8,
	"text": 16, "ntext": 16, "image": 16, "xml": -1,
}
