package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// database opens a pool. synchronous=FULL flushes the log at every commit: with
// less, a power cut takes commits back that were acknowledged.
func database(path, more string, conns int) (*sql.DB, error) {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // SQLite takes /C:/folder for C:/folder
	}
	dsn := "file://" + (&url.URL{Path: p}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)&_pragma=trusted_schema(0)" +
		"&_pragma=cell_size_check(1)&_pragma=temp_store(2)&_pragma=journal_size_limit(16777216)&" + more
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(keepLog{c})
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// keepLog has the last connection empty the log and not delete it, whichever
// connection that is. So the log of a journal is always there, and one that is
// not was taken away with whatever it held: see checkFiles.
type keepLog struct{ driver.Connector }

func (k keepLog) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	control, ok := c.(sqlite.FileControl)
	if !ok {
		return nil, firstError(errors.New("driver has no file control"), c.Close())
	}
	if _, err := control.FileControlPersistWAL("main", 1); err != nil {
		return nil, firstError(err, c.Close())
	}
	return c, nil
}

// checkFiles looks at the files before SQLite does, which takes an empty file
// for a new database and a missing log for an empty one.
func checkFiles(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, f.Close()) }()
	const magic = "SQLite format 3\x00"
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if string(head) != magic {
		return damaged("file", "it is not a database")
	}
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		return damaged("log", "the file beside the journal is missing")
	} else if err != nil {
		return fmt.Errorf("find log: %w", err)
	}
	return nil
}
