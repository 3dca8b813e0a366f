package mssql

import (
	"database/sql"
	"errors"
	"math"
	"testing"
	"time"

	mssqldb "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"omt/migration"
)

// numbers are the error numbers that a statement gives, in order.
func numbers(err error) []int32 {
	var e mssqldb.Error
	if !errors.As(err, &e) {
		return nil
	}
	var out []int32
	for _, x := range e.All {
		out = append(out, x.Number)
	}
	return out
}

func wantNumbers(t *testing.T, what string, err error, want ...int32) {
	t.Helper()
	got := numbers(err)
	if len(got) != len(want) {
		t.Errorf("%s: errors %v, want %v (%v)", what, got, want, err)
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%s: errors %v, want %v (%v)", what, got, want, err)
		}
	}
}

// try reads a statement to its end.
func try(db *sql.DB, text string, args ...any) error {
	rows, err := db.Query(text, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
	}
	return errors.Join(rows.Err(), rows.Close())
}

func smallCatalog() *migration.Catalog {
	c := &migration.Catalog{Database: "SuperOffice", Schema: "CRM7", Collation: "Latin1_General_CI_AS", LCID: 1033}
	for _, name := range []string{"CONTACT", "PERSON"} {
		c.Tables = append(c.Tables, &migration.Table{Schema: "CRM7", Name: name, Columns: []migration.Column{
			{Name: "id", Type: "int", MaxLength: 4}, {Name: "name", Type: "nvarchar", MaxLength: 80, Nullable: true},
			{Name: "registered", Type: "datetime", MaxLength: 8, Nullable: true}, {Name: "note", Type: "ntext", MaxLength: 16, Nullable: true},
			{Name: "sum", Type: "int", MaxLength: 4, Nullable: true, Computed: true},
		}, Indexes: []migration.Index{{Name: "PK", Kind: migration.PrimaryKey, Clustered: true, Unique: true, Columns: []migration.IndexColumn{{Name: "id"}}}}})
	}
	return c
}

func TestRefusedStatements(t *testing.T) {
	db, _ := open(t, newStore(t, smallCatalog()), Options{})
	for _, x := range []struct {
		text   string
		number int32
		args   []any
	}{
		{"SELECT c.name FROM CRM7.contact AS c LIMIT 5", 102, nil},
		{"SELECT c.name || 'x' FROM CRM7.contact AS c", 102, nil},
		{"SELECT IFNULL(c.name, '') FROM CRM7.contact AS c", 102, nil},
		{"SELECT COUNT(*) FROM CRM7.contact", 102, nil},
		{"SELECT * FROM CRM7.contact", 102, nil},
		{"SELECT \"name\" FROM CRM7.contact", 102, nil},
		{"SELECT c.name FROM CRM7.contact AS c -- all", 102, nil},
		{"SELECT c.name FROM CRM7.contact AS c; SELECT c.name FROM CRM7.contact AS c", 156, nil},
		{"DELETE FROM CRM7.contact", 156, nil},
		{"UPDATE CRM7.contact SET name = 'x'", 156, nil},
		{"INSERT INTO CRM7.contact (id) VALUES (1)", 156, nil},
		{"ATTACH 'x' AS y", 102, nil},
		{"PRAGMA journal_mode", 102, nil},
		{"", 102, nil},
		{"SELECT [name FROM CRM7.contact", 105, nil},
		{"SELECT c.name FROM CRM7.contact AS c WHERE c.name = 'x", 105, nil},
		{"SELECT MAX(x.id) FROM (SELECT TOP (@p1) y.id FROM CRM7.contact AS y ORDER BY y.id)", 102, []any{int64(1)}},
		{"SELECT MAX(x.id) FROM (SELECT y.id FROM CRM7.contact AS y ORDER BY y.id) AS x", 1033, nil},
		{"SELECT c.name FROM CRM7.contact AS order", 156, nil},
		{"SELECT c.name FROM contact AS c", 208, nil},
		{"SELECT c.nothing FROM CRM7.nowhere AS c", 208, nil},
		{"SELECT c.nothing FROM CRM7.contact AS c", 207, nil},
		{"SELECT [nothing] FROM CRM7.contact", 207, nil},
		{"SELECT x.name FROM CRM7.contact AS c", 4104, nil},
		{"SELECT name FROM CRM7.contact AS c JOIN CRM7.person AS p ON p.id = c.id", 209, nil},
		{"SELECT c.name FROM CRM7.contact AS c JOIN CRM7.person AS c ON c.id = c.id", 1013, nil},
		{"SELECT c.name FROM CRM7.contact AS c WHERE c.id = @p2", 137, []any{int64(1)}},
		{"SELECT c.name FROM CRM7.contact AS c WHERE c.id = @p1", 137, nil},
		{"SELECT TOP (@p1) c.name FROM CRM7.contact AS c ORDER BY c.id", 1060, []any{"5"}},
		{"SELECT TOP (@p1) c.name FROM CRM7.contact AS c ORDER BY c.id", 1060, []any{nil}},
		{"SELECT TOP (@p1) c.name FROM CRM7.contact AS c ORDER BY c.id", 127, []any{int64(-1)}},
		{"SELECT TOP (9999999999999999999) c.name FROM CRM7.contact AS c ORDER BY c.id", 1060, nil},
		{"SELECT c.name FROM CRM7.contact AS c WHERE c.id = @p1", 245, []any{"abc"}},
		{"SELECT c.name FROM CRM7.contact AS c WHERE c.id = @p1", 206, []any{time.Unix(0, 0)}},
		{"SELECT c.name FROM CRM7.contact AS c WHERE c.note = 'x'", 306, nil},
		{"SELECT c.name FROM CRM7.contact AS c ORDER BY c.note", 306, nil},
		{"SELECT c.name FROM CRM7.contact AS c WHERE c.name LIKE '%[ab]%'", 102, nil},
		{"SELECT c.name FROM CRM7.contact AS c WHERE c.name LIKE @p1", 102, []any{"%a%"}},
		{"SELECT c.name FROM CRM7.contact AS c WHERE c.id LIKE '%1%'", 8117, nil},
		{"SELECT c.name, COUNT_BIG(*) FROM CRM7.contact AS c WHERE c.id <> 0 GROUP BY c.id ORDER BY c.id", 8120, nil},
		{"SELECT MAX(c.note) FROM CRM7.contact AS c", 8117, nil},
		{"SELECT DISTINCT c.name FROM CRM7.contact AS c JOIN CRM7.person AS p ON p.id = c.id ORDER BY c.id", 145, nil},
		{"SELECT p.index_id, SUM(p.rows) FROM sys.partitions AS p WHERE p.index_id IN (0, 1) GROUP BY p.object_id", 8120, nil},
		{"USE [other]", 911, nil},
	} {
		wantNumbers(t, x.text, try(db, x.text, x.args...), x.number)
	}
	// The session is as good as new.
	if err := db.Ping(); err != nil {
		t.Error(err)
	}
	if err := try(db, "SELECT c.ID, C.[Name], c.sum FROM [crm7].[Contact] AS c WHERE c.id > @p1 ORDER BY c.id;", int32(0)); err != nil {
		t.Error(err)
	}
}

// Parameters of sp_executesql that are not as declared; go-mssqldb always
// declares what it sends, so that the call is made by name.
func TestParameterNames(t *testing.T) {
	s := newStore(t, smallCatalog())
	load(t, s, s.Catalog().Tables[0], []any{1, "one", nil, nil})
	db, _ := open(t, s, Options{})
	const text = "SELECT c.name FROM CRM7.contact AS c WHERE c.id = @who"
	equal(t, "named", collect(t, db, text, sql.Named("WHO", int32(1))), "one")
	call := func(args ...any) error {
		_, err := db.Exec("sp_executesql", args...)
		return err
	}
	if err := call(text, "@who int", sql.Named("who", 1)); err != nil {
		t.Error(err)
	}
	wantNumbers(t, "not declared", call(text, "@who int", sql.Named("you", 1)), 8145)
	wantNumbers(t, "not supplied", call(text, "@who int, @x decimal(18, 2)", sql.Named("who", 1)), 8178)
	wantNumbers(t, "bad declaration", call(text, "who int", sql.Named("who", 1)), 102)
	wantNumbers(t, "other procedure", func() error { _, err := db.Exec("sp_who"); return err }(), 2812)
	wantNumbers(t, "statement of wrong type", func() error { _, err := db.Exec("sys.sp_executesql", 5); return err }(), 214)
}

func TestRights(t *testing.T) {
	s := newStore(t, smallCatalog())
	db, _ := open(t, s, Options{Denied: []string{"crm7.contact"}, NoServerState: true, NoDatabaseState: true})
	wantNumbers(t, "denied", try(db, "SELECT c.name FROM CRM7.CONTACT AS c"), 229)
	wantNumbers(t, "denied in join", try(db, "SELECT p.name FROM CRM7.PERSON AS p LEFT JOIN CRM7.contact AS c ON c.id = p.id"), 229)
	if err := try(db, "SELECT p.name FROM CRM7.person AS p"); err != nil {
		t.Error(err)
	}
	wantNumbers(t, "database state", try(db, "SELECT p.object_id, SUM(p.row_count) FROM sys.dm_db_partition_stats AS p WHERE p.index_id IN (0, 1) GROUP BY p.object_id"), 262, 297)
	wantNumbers(t, "server state", try(db, "SELECT sqlserver_start_time FROM sys.dm_os_sys_info"), 300, 297)
	if err := try(db, "SELECT p.object_id, SUM(p.rows) FROM sys.partitions AS p WHERE p.index_id IN (0, 1) GROUP BY p.object_id"); err != nil {
		t.Error(err)
	}
	seen := "SELECT s.name, t.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE t.is_ms_shipped = 0 AND HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(t.name), 'OBJECT', 'SELECT') = 0 ORDER BY t.name"
	may := "SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION')"
	equal(t, "denied tables", collect(t, db, seen), "CRM7|CONTACT")
	equal(t, "right", collect(t, db, may), "1")
	blind, _ := open(t, s, Options{Denied: []string{"crm7.contact"}, NoDefinition: true})
	equal(t, "hidden tables", collect(t, blind, seen))
	equal(t, "no right", collect(t, blind, may), "0")
	tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelSnapshot})
	if err != nil {
		t.Fatal(err)
	}
	_, err = tx.Query("SELECT p.name FROM CRM7.person AS p")
	wantNumbers(t, "snapshot", err, 3952)
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
}

func TestLogin(t *testing.T) {
	s := newStore(t, smallCatalog())
	for _, x := range []struct {
		name   string
		change func(*msdsn.Config)
		want   []int32
	}{
		{"password", func(c *msdsn.Config) { c.Password = "pä55 w;rd'}" }, []int32{18456}},
		{"user", func(c *msdsn.Config) { c.User = "sa" }, []int32{18456}},
		{"database", func(c *msdsn.Config) { c.Database = "gone" }, []int32{4060, 18456}},
	} {
		db, _ := open(t, s, Options{}, x.change)
		wantNumbers(t, x.name, db.Ping(), x.want...)
	}
	db, _ := open(t, s, Options{}, func(c *msdsn.Config) { c.User, c.Database = "CRM", "" })
	equal(t, "default database", collect(t, db, "SELECT DB_NAME()"), "SuperOffice")
	db, srv := open(t, s, Options{Faults: Faults{RefuseLogin: true}})
	wantNumbers(t, "refused", db.Ping(), 18456)
	srv.SetFaults(Faults{})
	if err := db.Ping(); err != nil {
		t.Error(err)
	}
}

// TestParameterConversion: the comparison must come out as on a real server,
// also where the parameter has another type than the column.
func TestParameterConversion(t *testing.T) {
	c := smallCatalog()
	c.Tables = append(c.Tables, &migration.Table{Schema: "CRM7", Name: "num", Columns: []migration.Column{
		{Name: "f", Type: "float", MaxLength: 8}, {Name: "d", Type: "decimal", Precision: 9, Scale: 2}, {Name: "w", Type: "decimal", Precision: 38, Scale: 0},
		{Name: "g", Type: "uniqueidentifier", MaxLength: 16}, {Name: "dt", Type: "datetime", MaxLength: 8}, {Name: "d2", Type: "datetime2", Scale: 7}, {Name: "da", Type: "date"},
		{Name: "b", Type: "varbinary", MaxLength: 8}, {Name: "o", Type: "datetimeoffset", Scale: 7}, {Name: "s", Type: "smalldatetime"}, {Name: "ti", Type: "time", Scale: 3},
	}})
	s := newStore(t, c)
	at := time.Date(2024, 1, 2, 3, 4, 5, 3e6, time.UTC) // 1/300 s past the second
	guid := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	load(t, s, c.Tables[2], []any{1.5, "12.34", "-5", guid, at, at, at, []byte{1, 2}, at.In(time.FixedZone("", 3600)), at, at})
	db, _ := open(t, s, Options{})
	for _, x := range []struct {
		cond string
		arg  any
		want string
	}{
		{"f = @p1", 1.5, "1"}, {"f > @p1", int64(1), "1"}, {"f < @p1", "1.6", "1"},
		{"d = @p1", "12.34", "1"}, {"d > @p1", "12.3399", "1"}, {"d >= @p1", "12.3401", "0"}, {"d = @p1", "12.345", "0"}, {"d < @p1", int64(13), "1"},
		{"w < @p1", int64(-4), "1"}, {"w > @p1", int64(-5), "0"}, {"w >= @p1", "-5", "1"}, {"w > @p1", float64(-1e30), "1"}, {"w < @p1", int64(math.MaxInt64), "1"},
		{"g = @p1", guid, "1"}, {"g = @p1", "04030201-0605-0807-090A-0B0C0D0E0F10", "1"}, {"g = @p1", mssqldb.UniqueIdentifier{4, 3, 2, 1, 6, 5, 8, 7, 9, 10, 11, 12, 13, 14, 15, 16}, "1"},
		{"dt = @p1", mssqldb.DateTime1(at), "1"}, {"dt > @p1", mssqldb.DateTime1(at), "0"}, {"dt >= @p1", mssqldb.DateTime1(at), "1"},
		// .003 is .0033333 when it meets a datetimeoffset: a bound that was read
		// as time.Time and sent back as one is below its own row.
		{"dt > @p1", at, "1"}, {"dt = @p1", at, "0"}, {"dt <= @p1", at, "0"},
		{"dt = @p1", "2024-01-02T03:04:05.003", "1"}, {"da = @p1", "20240102", "1"}, {"da < @p1", at, "1"}, {"da >= @p1", at, "0"},
		{"d2 = @p1", at, "1"}, {"d2 < @p1", mssqldb.DateTime1(at), "1"},
		{"o = @p1", at.In(time.FixedZone("", 3600)), "1"}, {"o > @p1", at, "0"}, {"o >= @p1", at, "1"}, {"o < @p1", at.Add(1), "0"}, {"o < @p1", at.Add(100), "1"},
		{"s < @p1", at, "1"}, {"s >= @p1", at.Add(-6 * time.Second), "1"}, {"b = @p1", []byte{1, 2}, "1"}, {"b > @p1", []byte{}, "1"},
		// An offset counts for nothing, and casts round.
		{"o = @p1", at, "1"}, {"o <> @p1", at, "0"}, {"o = CAST(@p1 AS datetimeoffset(0))", at, "0"}, {"o > CAST(@p1 AS datetimeoffset(2))", at, "1"},
		{"d = CAST(@p1 AS decimal(9, 2))", "12.344", "1"}, {"d = CAST(@p1 AS numeric(9, 2))", "12.335", "1"}, {"d = CAST(@p1 AS money)", "12.34004", "1"},
		{"s = CAST(@p1 AS smalldatetime)", mssqldb.DateTime1(at), "1"}, {"s = CAST(@p1 AS smalldatetime)", mssqldb.DateTime1(at.Add(24 * time.Second)), "1"},
		{"s = CAST(@p1 AS smalldatetime)", mssqldb.DateTime1(at.Add(25 * time.Second)), "0"},
	} {
		got := collect(t, db, "SELECT f FROM CRM7.num WHERE "+x.cond, x.arg)
		if (len(got) == 1) != (x.want == "1") {
			t.Errorf("%s with %v: %d rows", x.cond, x.arg, len(got))
		}
	}
	wantNumbers(t, "guid text", try(db, "SELECT f FROM CRM7.num WHERE g = @p1", "no guid"), 8169)
	wantNumbers(t, "date text", try(db, "SELECT f FROM CRM7.num WHERE dt = @p1", "no date"), 241)
	wantNumbers(t, "time and datetime", try(db, "SELECT f FROM CRM7.num WHERE ti = @p1", at), 206)
	for _, x := range []struct {
		cond string
		arg  any
		want int32
	}{
		{"d = CAST(@p1 AS decimal(9, 2))", "12,34", 8114}, {"d = CAST(@p1 AS decimal(4, 2))", "100", 8115}, {"d = CAST(@p1 AS smallmoney)", "214748.3648", 8115},
		{"d = CAST(@p1 AS money)", "no sum", 235}, {"s = CAST(@p1 AS smalldatetime)", mssqldb.DateTime1(at.AddDate(60, 0, 0)), 242},
		{"d = CAST(@p1 AS decimal(39, 2))", "1", 102}, {"d = CAST(@p1 AS decimal(9))", "1", 102}, {"d = CAST(@p1 AS datetime2(8))", "1", 102}, {"d = CAST(@p1 AS money)", 1.5, 102},
	} {
		wantNumbers(t, x.cond, try(db, "SELECT f FROM CRM7.num WHERE "+x.cond, x.arg), x.want)
	}
	wantNumbers(t, "cast in the list", try(db, "SELECT CAST(@p1 AS money) FROM CRM7.num", "1"), 102)
}
