package mssql

import (
	"fmt"
	"strings"

	"omt/onsite/sample/tds"
)

// rights is what the one login may do and see.
type rights struct {
	store   *Store
	db      string
	opts    Options
	deny    map[*relation]bool
	sysInfo string // SQLite text in place of sys.dm_os_sys_info
	trans   string // SQLite text in place of sys.dm_tran_database_transactions
	hidden  string // object ids of the tables that the login cannot see
	// databases gives SQLite text in place of sys.databases.
	databases  func() string
	isSnapshot bool
}

func newRights(s *Store, o Options) *rights {
	r := &rights{store: s, db: s.catalog.Database, opts: o, deny: map[*relation]bool{}}
	for _, name := range o.Denied {
		schema, table, _ := strings.Cut(name, ".")
		if rel := s.tables.find(schema, table); rel != nil {
			r.deny[rel] = true
			if o.NoDefinition {
				r.hidden += fmt.Sprintf(", %d", rel.objectID)
			}
		}
	}
	r.hidden = strings.TrimPrefix(r.hidden, ", ")
	r.sysInfo = fmt.Sprintf("(SELECT 4 AS cpu_count, %d AS sqlserver_start_time)", tds.DateTimeTicks(o.Started.UTC()))
	// One transaction only reads: it has no time of its first write.
	r.trans = "(SELECT 1 AS transaction_id, " + databaseID + " AS database_id, NULL AS database_transaction_begin_time"
	if o.OpenWrite {
		r.trans += fmt.Sprintf(" UNION ALL SELECT 2, %s, %d", databaseID, tds.DateTimeTicks(o.Started.UTC()))
	}
	r.trans += ")"
	return r
}

func (r *rights) version() string {
	if r.opts.Version != "" {
		return r.opts.Version
	}
	return r.store.version()
}

func (r *rights) denied(rel *relation) bool { return r.deny[rel] }

// source is what a relation is in the FROM clause of SQLite.
func (r *rights) source(rel *relation) string {
	if rel.schema != "sys" {
		return rel.lite
	}
	switch rel.name {
	case "dm_os_sys_info":
		return r.sysInfo
	case "dm_tran_database_transactions":
		return r.trans
	case "databases":
		return r.databases()
	case "dm_io_virtual_file_stats", "dm_os_volume_stats":
		return r.disks()
	case "database_files":
		return dataFiles(r.db)
	}
	return r.visible(rel)
}

// visible leaves out of a catalogue view what the login has no right on. The
// management views show every object to who may read them.
func (r *rights) visible(rel *relation) string {
	var where []string
	for _, column := range []string{"object_id", "parent_object_id"} {
		if _, ok := rel.find(column); ok && r.hidden != "" && rel.guard == guardNone {
			where = append(where, column+" NOT IN ("+r.hidden+")")
		}
	}
	if where == nil {
		return rel.lite
	}
	return "(SELECT * FROM " + rel.lite + " WHERE " + strings.Join(where, " AND ") + ")"
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

// tableFunctions are the management views that are functions.
var tableFunctions = map[string]bool{"dm_io_virtual_file_stats": true, "dm_os_volume_stats": true}

// disks is SQLite text in place of both of them.
func (r *rights) disks() string {
	file, free := int64(1<<20), int64(400<<30)
	if r.opts.Disks != nil {
		file, free = r.opts.Disks()
	}
	var rows []string
	for _, f := range filesOf(r.db) {
		if r.isSnapshot && f.kind != 0 {
			continue // a snapshot has no log
		}
		rows = append(rows, fmt.Sprintf("SELECT %s AS database_id, %d AS file_id, %d AS size_on_disk_bytes, %s AS volume_mount_point, %d AS total_bytes, %d AS available_bytes",
			databaseID, f.id, file, textLite(f.physical[:3]), int64(1<<40), free))
	}
	return "(" + strings.Join(rows, " UNION ALL ") + ")"
}
