package mssql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"modernc.org/sqlite"

	"omt/migration"
)

// Store is one database in one file. Tables of the catalogue's schema are
// reached in SQLite as [schema].[table], e.g. [CRM7].[contact]; tables of any
// other schema and the system views as [schema].[other.table].
type Store struct {
	db      *sql.DB
	path    string
	catalog *migration.Catalog
	tables  *tableSet
}

// dbName stands for the attached file before the catalogue has been read.
const dbName = "store"

// Create makes a new store file with the tables of the catalogue, which must
// have Database and Schema, and fills the catalogue views. An existing file is
// an error wrapping fs.ErrExist.
func Create(ctx context.Context, path string, c *migration.Catalog) (*Store, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("create store: %w", fs.ErrExist)
	}
	if c.Database == "" || !usable(c.Schema) {
		return nil, fmt.Errorf("create store: catalogue has no usable database or schema name %q", c.Schema)
	}
	s := &Store{path: path, catalog: c, tables: newTableSet(c), db: openDB(path, c.Schema)}
	if err := s.define(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("create store: %w", err), s.db.Close(), os.Remove(path))
	}
	return s, nil
}

// Open opens a store that Create made.
func Open(ctx context.Context, path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	c, err := readCatalog(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return &Store{path: path, catalog: c, tables: newTableSet(c), db: openDB(path, c.Schema)}, nil
}

// Close closes the store. Servers of it must have ended.
func (s *Store) Close() error { return s.db.Close() }

// Catalog is the catalogue as given to Create. It may not be changed.
func (s *Store) Catalog() *migration.Catalog { return s.catalog }

func readCatalog(ctx context.Context, path string) (_ *migration.Catalog, err error) {
	db := openDB(path, dbName)
	defer func() { err = errors.Join(err, db.Close()) }()
	var text string
	if err := db.QueryRowContext(ctx, "SELECT json FROM "+quoteLite(dbName)+`."sys.catalog"`).Scan(&text); err != nil {
		return nil, fmt.Errorf("read catalogue: %w", err)
	}
	c := &migration.Catalog{}
	if err := json.Unmarshal([]byte(text), c); err != nil {
		return nil, fmt.Errorf("decode catalogue: %w", err)
	}
	return c, nil
}

// usable tells whether a schema name can be the name of an attached SQLite
// database: main and temp are SQLite's own.
func usable(schema string) bool {
	l := strings.ToLower(schema)
	return l != "" && l != "main" && l != "temp" && l != "sys"
}

// connector opens SQLite connections with the store's file attached under the
// schema's name, so that [CRM7].[contact] means there what it means here.
type connector struct {
	drv  *sqlite.Driver
	path string
	name string
}

func openDB(path, name string) *sql.DB {
	d := &sqlite.Driver{}
	register(d)
	db := sql.OpenDB(connector{drv: d, path: path, name: name})
	db.SetMaxIdleConns(8)
	return db
}

func (c connector) Driver() driver.Driver { return c.drv }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.drv.Open(":memory:")
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	ex, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("open sqlite: driver cannot execute"), conn.Close())
	}
	name := quoteLite(c.name)
	for _, q := range []string{
		"PRAGMA busy_timeout = 30000",
		"ATTACH '" + strings.ReplaceAll(c.path, "'", "''") + "' AS " + name,
		"PRAGMA " + name + ".journal_mode = WAL",
		// A sample can be made again: speed matters more than a power cut.
		"PRAGMA " + name + ".synchronous = OFF",
		"PRAGMA " + name + ".cache_size = -16000",
	} {
		if _, err := ex.ExecContext(ctx, q, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("attach store: %w", err), conn.Close())
		}
	}
	return conn, nil
}

// quoteLite quotes a name for SQLite.
func quoteLite(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
