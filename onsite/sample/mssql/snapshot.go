package mssql

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"omt/onsite/sample/tds"
)

// snapshot is a database snapshot: a copy of the store's file under a name of
// its own, which can be read and dropped.
type snapshot struct {
	name   string
	id     int // of the database
	files  []string
	store  *Store
	rights *rights
}

// dataFile is a file of the database as sys.database_files shows it; the log
// is the one of type 1.
type dataFile struct {
	id, kind       int
	name, physical string
}

// filesOf are the files of a database: names as administrators give them.
func filesOf(db string) []dataFile {
	return []dataFile{
		{1, 0, db, `D:\SQL data\` + db + `.mdf`}, {2, 1, db + "_log", `L:\Log\` + db + `_log.ldf`},
		{3, 0, "Documents]'s", `E:\it's full\` + db + `_2.ndf`},
	}
}

// dataFiles is SQLite text in place of sys.database_files.
func dataFiles(db string) string {
	var rows []string
	for _, f := range filesOf(db) {
		rows = append(rows, fmt.Sprintf("SELECT %d AS file_id, %d AS type, %s AS name, %s AS physical_name", f.id, f.kind, textLite(f.name), textLite(f.physical)))
	}
	return "(" + strings.Join(rows, " UNION ALL ") + ")"
}

func textLite(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// databases is SQLite text in place of sys.databases: that of the server and
// the snapshots of it.
func (s *Server) databases() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := map[bool]string{true: "1", false: "0"}[s.opts.AllowSnapshot]
	// It is always on in master.
	rows := []string{"SELECT 'master' AS name, 1 AS database_id, NULL AS source_database_id, 1 AS snapshot_isolation_state",
		"SELECT " + textLite(s.store.catalog.Database) + ", " + databaseID + ", NULL, " + state}
	for _, x := range s.snaps {
		rows = append(rows, "SELECT "+textLite(x.name)+", "+strconv.Itoa(x.id)+", "+databaseID+", "+state)
	}
	return "(" + strings.Join(rows, " UNION ALL ") + ")"
}

// snapshot finds one by its name, or nil.
func (s *Server) snapshot(name string) *snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.snaps {
		if strings.EqualFold(x.name, name) {
			return x
		}
	}
	return nil
}

// Snapshots are the names of the database snapshots that there are.
func (s *Server) Snapshots() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, x := range s.snaps {
		out = append(out, x.name)
	}
	return out
}

// quotedParts are the names and texts of a command in their order.
func quotedParts(toks []token) (names, texts []string) {
	for _, t := range toks {
		switch t.kind {
		case nameToken:
			names = append(names, t.text)
		case textToken:
			texts = append(texts, t.text)
		}
	}
	return names, texts
}

// createSnapshot is CREATE DATABASE ... AS SNAPSHOT OF.
func createSnapshot(ctx context.Context, s *session, toks []token) (tds.Result, error) {
	names, paths := quotedParts(toks)
	name, of, logical := names[0], names[len(names)-1], names[1:len(names)-1]
	srv := s.srv
	switch {
	case s.inTran:
		return tds.Result{}, &tds.Error{Number: 226, Class: 16, State: 5, Message: "CREATE DATABASE statement not allowed within multi-statement transaction."}
	case srv.opts.NoCreate:
		return tds.Result{}, &tds.Error{Number: 262, Class: 14, State: 1, Message: "CREATE DATABASE permission denied in database 'master'."}
	case srv.opts.OldEdition:
		return tds.Result{}, &tds.Error{Number: 1844, Class: 16, State: 1, Message: "Database Snapshot is not supported on Standard Edition (64-bit)."}
	case !strings.EqualFold(of, srv.store.catalog.Database):
		return tds.Result{}, errUse(of)
	case strings.EqualFold(name, of) || srv.snapshot(name) != nil:
		return tds.Result{}, &tds.Error{Number: 1801, Class: 16, State: 3, Message: fmt.Sprintf("Database '%s' already exists. Choose a different database name.", name)}
	}
	if err := srv.checkFiles(logical, paths); err != nil {
		return tds.Result{}, err
	}
	return tds.Result{}, srv.copyStore(ctx, name, paths)
}

// checkFiles: each data file of the database must be named, and no other.
func (s *Server) checkFiles(logical, paths []string) error {
	known := map[string]bool{}
	for _, f := range filesOf(s.store.catalog.Database) {
		if f.kind == 0 {
			known[strings.ToLower(f.name)] = false
		}
		for _, p := range paths {
			if strings.EqualFold(p, f.physical) {
				return errFileExists(p)
			}
		}
	}
	for _, n := range logical {
		if named, ok := known[strings.ToLower(n)]; !ok || named {
			return &tds.Error{Number: 5014, Class: 16, State: 3, Message: fmt.Sprintf("The file '%s' does not exist in database '%s'.", n, s.store.catalog.Database)}
		}
		known[strings.ToLower(n)] = true
	}
	for n, named := range known {
		if !named {
			return &tds.Error{Number: 5127, Class: 16, State: 1, Message: fmt.Sprintf("All files must be specified for database snapshot creation. Missing the file \"%s\".", n)}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.snaps {
		for _, taken := range x.files {
			for _, p := range paths {
				if strings.EqualFold(p, taken) {
					return errFileExists(p)
				}
			}
		}
	}
	return nil
}

func errFileExists(path string) *tds.Error {
	return &tds.Error{Number: 5170, Class: 16, State: 1, Message: fmt.Sprintf("Cannot create file '%s' because it already exists. Change the file path or the file name, and retry the operation.", path)}
}

// copyStore makes the copy: one state of the data, whoever writes meanwhile.
func (s *Server) copyStore(ctx context.Context, name string, files []string) error {
	s.mu.Lock()
	s.made++
	id := 5 + s.made
	s.mu.Unlock()
	path := fmt.Sprintf("%s.snapshot%d", s.store.path, id)
	// One of a server that was ended without Close.
	if err := removeStore(path); err != nil {
		return fmt.Errorf("make snapshot: %w", err)
	}
	if _, err := s.store.db.ExecContext(ctx, "VACUUM "+quoteLite(s.store.catalog.Schema)+" INTO "+textLite(path)); err != nil {
		return errors.Join(fmt.Errorf("make snapshot: %w", err), removeStore(path))
	}
	c := *s.store.catalog
	c.Database = name
	x := &snapshot{name: name, id: id, files: files, store: &Store{path: path, catalog: &c, tables: newTableSet(&c), db: openDB(path, c.Schema)}}
	x.rights = newRights(x.store, s.opts)
	x.rights.databases, x.rights.isSnapshot = s.databases, true
	s.mu.Lock()
	s.snaps = append(s.snaps, x)
	s.mu.Unlock()
	return nil
}

// dropSnapshot is DROP DATABASE. Sessions in the snapshot lose it.
func dropSnapshot(_ context.Context, s *session, toks []token) (tds.Result, error) {
	names, _ := quotedParts(toks)
	name := names[0]
	if strings.EqualFold(name, s.Database()) || strings.EqualFold(name, s.srv.store.catalog.Database) {
		return tds.Result{}, &tds.Error{Number: 3702, Class: 16, State: 4, Message: fmt.Sprintf("Cannot drop database \"%s\" because it is currently in use.", name)}
	}
	x := s.srv.snapshot(name)
	if x == nil {
		return tds.Result{}, &tds.Error{Number: 3701, Class: 11, State: 1, Message: fmt.Sprintf("Cannot drop the database '%s', because it does not exist or you do not have permission.", name)}
	}
	return tds.Result{}, s.srv.drop(x)
}

func (s *Server) drop(x *snapshot) error {
	s.mu.Lock()
	for i := range s.snaps {
		if s.snaps[i] == x {
			s.snaps = append(s.snaps[:i:i], s.snaps[i+1:]...)
			break
		}
	}
	s.mu.Unlock()
	return errors.Join(x.store.Close(), removeStore(x.store.path))
}

// dropAll drops what nobody has dropped.
func (s *Server) dropAll() {
	s.mu.Lock()
	all := s.snaps
	s.mu.Unlock()
	for _, x := range all {
		if err := s.drop(x); err != nil && s.opts.Report != nil {
			s.opts.Report(err)
		}
	}
}

// removeStore removes a store's file with those that SQLite lays beside it.
func removeStore(path string) error {
	var errs []error
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
