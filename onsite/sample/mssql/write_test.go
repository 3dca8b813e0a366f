package mssql

import (
	"errors"
	"testing"

	mssqldb "github.com/microsoft/go-mssqldb"

	"omt/migration"
)

func writeCatalog() (*migration.Catalog, *migration.Table) {
	table := &migration.Table{Schema: "CRM7", Name: "event", Columns: []migration.Column{
		{Name: "id", Type: "int"}, {Name: "key", Type: "nvarchar", MaxLength: 20, Nullable: true}, {Name: "n", Type: "smallint"},
	}, Indexes: []migration.Index{
		{Name: "pk", Kind: migration.PrimaryKey, Unique: true, Clustered: true, Columns: []migration.IndexColumn{{Name: "id"}}},
		{Name: "uq", Unique: true, Columns: []migration.IndexColumn{{Name: "key"}}},
	}}
	return &migration.Catalog{Database: "db", Schema: "CRM7", Collation: "Latin1_General_CI_AS", LCID: 1033, Tables: []*migration.Table{table}}, table
}

const (
	insertEvent = "INSERT INTO [CRM7].[event] ([id], [key], [n]) VALUES (@p1, @p2, @p3)"
	countEvent  = "UPDATE [CRM7].[event] SET [n] = [n] + 1 WHERE [id] = @p1 AND [n] = @p2"
	deleteEvent = "DELETE FROM [CRM7].[event] WHERE [id] = @p1 AND [key] = @p2"
)

// The three statements that write, in a transaction and alone, with the number
// of rows that each changed.
func TestWrites(t *testing.T) {
	c, table := writeCatalog()
	s := newStore(t, c)
	load(t, s, table, []any{int64(1), "one", int64(7)})
	db, _ := open(t, s, Options{})
	affected := func(want int64, query string, args ...any) {
		t.Helper()
		res, err := db.ExecContext(t.Context(), query, args...)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := res.RowsAffected(); err != nil || n != want {
			t.Errorf("%s changed %d rows, want %d (%v)", query, n, want, err)
		}
	}
	count := func(want int) {
		t.Helper()
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT_BIG(*) FROM [CRM7].[event]").Scan(&n); err != nil || n != want {
			t.Errorf("%d rows, want %d (%v)", n, want, err)
		}
	}
	affected(0, countEvent, int32(1), int16(8))
	affected(1, countEvent, int32(1), int16(7))
	affected(0, deleteEvent, int32(1), "two")
	for _, keep := range []bool{false, true} {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), insertEvent, int32(2), "two", int16(0)); err != nil {
			t.Fatal(err)
		}
		end, rows := tx.Rollback, 1
		if keep {
			end, rows = tx.Commit, 2
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		count(rows)
	}
	affected(1, deleteEvent, int32(1), "ONE")
	count(1)
}

// What SQL Server refuses is refused here, with its number.
func TestWritesRefused(t *testing.T) {
	c, table := writeCatalog()
	s := newStore(t, c)
	load(t, s, table, []any{int64(1), "one", int64(7)})
	db, _ := open(t, s, Options{})
	denied, _ := open(t, s, Options{NoWrite: true})
	readOnly, _ := open(t, s, Options{ReadOnly: true})
	for _, x := range []struct {
		name   string
		number int32
		run    func() error
	}{
		{"same key", 2601, func() error { _, err := db.Exec(insertEvent, int32(1), "two", int16(0)); return err }},
		{"same unique value", 2601, func() error { _, err := db.Exec(insertEvent, int32(2), "ONE", int16(0)); return err }},
		{"null", 515, func() error { _, err := db.Exec(insertEvent, int32(2), "x", nil); return err }},
		{"column left out", 515, func() error {
			_, err := db.Exec("INSERT INTO [CRM7].[event] ([id]) VALUES (@p1)", int32(2))
			return err
		}},
		{"unknown table", 208, func() error { _, err := db.Exec("DELETE FROM [CRM7].[evnt] WHERE [id] = @p1", int32(1)); return err }},
		{"unknown column", 207, func() error { _, err := db.Exec("DELETE FROM [CRM7].[event] WHERE [idd] = @p1", int32(1)); return err }},
		{"no right", 229, func() error { _, err := denied.Exec(deleteEvent, int32(1), "one"); return err }},
		{"read-only database", 3906, func() error { _, err := readOnly.Exec(deleteEvent, int32(1), "one"); return err }},
	} {
		var e mssqldb.Error
		if err := x.run(); !errors.As(err, &e) || e.Number != x.number {
			t.Errorf("%s: %v, want %d", x.name, err, x.number)
		}
	}
	for _, off := range []string{
		"DELETE FROM [CRM7].[event]", "TRUNCATE TABLE [CRM7].[event]", "UPDATE [CRM7].[event] SET [n] = @p1 WHERE [id] = @p2",
		"UPDATE [CRM7].[event] SET [n] = [n] + 2 WHERE [id] = @p1", "DELETE FROM [CRM7].[event] WHERE [id] = @p1 OR [n] = @p2",
		"INSERT INTO [CRM7].[event] SELECT @p1", "DROP TABLE [CRM7].[event]",
	} {
		if _, err := db.Exec(off, int32(1), int32(1)); err == nil {
			t.Errorf("%s is off the list and was run", off)
		}
	}
	var n int
	if err := db.QueryRow("SELECT COUNT_BIG(*) FROM [CRM7].[event]").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows are left, %v", n, err)
	}
}
