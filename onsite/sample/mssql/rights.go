package mssql

import (
	"fmt"
	"strings"

	"omt/onsite/sample/tds"
)

// rights is what the one login may do and see.
type rights struct {
	db      string
	opts    Options
	deny    map[*relation]bool
	sysInfo string // SQLite text in place of sys.dm_os_sys_info
}

func newRights(s *Store, o Options) *rights {
	r := &rights{db: s.catalog.Database, opts: o, deny: map[*relation]bool{}}
	for _, name := range o.Denied {
		schema, table, _ := strings.Cut(name, ".")
		if rel := s.tables.find(schema, table); rel != nil {
			r.deny[rel] = true
		}
	}
	r.sysInfo = fmt.Sprintf("(SELECT 4 AS cpu_count, %d AS sqlserver_start_time)", tds.DateTimeTicks(o.Started.UTC()))
	return r
}

func (r *rights) denied(rel *relation) bool { return r.deny[rel] }

// source is what a relation is in the FROM clause of SQLite.
func (r *rights) source(rel *relation) string {
	if rel.schema == "sys" && rel.name == "dm_os_sys_info" {
		return r.sysInfo
	}
	return rel.lite
}

// check refuses relations that the login may not read. SQL Server does so when
// the statement runs, after all names have been found.
func (r *rights) check(used []*relation) error {
	for _, rel := range used {
		switch {
		case rel.guard == guardServerState && r.opts.NoServerState:
			return errServerState
		case rel.guard == guardDatabaseState && r.opts.NoDatabaseState:
			return errDatabaseState(r.db)
		case r.deny[rel]:
			return errDenied(rel.name, r.db, rel.schema)
		}
	}
	return nil
}
