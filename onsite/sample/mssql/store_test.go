package mssql

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"omt/migration"
)

func TestStoreIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "it's 100% a [store].db")
	c := typesCatalog()
	s, err := Create(t.Context(), path, c)
	if err != nil {
		t.Fatal(err)
	}
	load(t, s, c.Tables[0], typesRows(true)...)
	load(t, s, c.Tables[1], typesRows(false)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(t.Context(), path, c); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made over an old store: %v", err)
	}
	again, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if !reflect.DeepEqual(again.Catalog(), c) {
		t.Error("catalogue differs")
	}
	db, _ := open(t, again, Options{})
	checkTypes(t, db, c)
	const rows = "SELECT p.object_id, SUM(p.rows) FROM sys.partitions AS p WHERE p.index_id IN (0, 1) GROUP BY p.object_id"
	equal(t, "partitions", collect(t, db, rows), "100000100|5", "100001100|4")
}

func TestStoreRefusals(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(t.Context(), filepath.Join(dir, "none.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing store: %v", err)
	}
	other := filepath.Join(dir, "other.db")
	if err := os.WriteFile(other, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), other); err == nil {
		t.Error("opened what is no store")
	}
	for name, c := range map[string]*migration.Catalog{
		"no database": {Schema: "CRM7"}, "schema main": {Database: "x", Schema: "main"},
		"type": {Database: "x", Schema: "CRM7", Tables: []*migration.Table{{Schema: "CRM7", Name: "t", Columns: []migration.Column{{Name: "c", Type: "frob"}}}}},
		"index": {Database: "x", Schema: "CRM7", Tables: []*migration.Table{{Schema: "CRM7", Name: "t", Columns: []migration.Column{{Name: "c", Type: "int"}},
			Indexes: []migration.Index{{Name: "i", Columns: []migration.IndexColumn{{Name: "gone"}}}}}}},
	} {
		path := filepath.Join(dir, "bad.db")
		if _, err := Create(t.Context(), path, c); err == nil {
			t.Errorf("%s: made", name)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: left a file behind", name)
		}
	}
}
