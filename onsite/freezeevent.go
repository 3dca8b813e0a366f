package onsite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"omt/migration"
)

// Scope and owner of an event for everybody.
const (
	systemWide = 1
	noOwner    = 0
	eventTable = "SystemEvent"
)

// systemEvent is one row of the events in force.
type systemEvent struct {
	id, scope, owner int64
	key              string
}

func (f *Freezer) events(ctx context.Context) ([]systemEvent, error) {
	var out []systemEvent
	err := f.in.query(ctx, "read system events", f.in.settings.Database, sqlEvents, func(rows *sql.Rows) error {
		var id, scope, owner sql.NullInt64
		var key sql.NullString
		err := rows.Scan(&id, &scope, &owner, &key)
		out = append(out, systemEvent{id.Int64, scope.Int64, owner.Int64, key.String})
		return err
	})
	return out, err
}

// prepareEvent reads which id the row will get. An event of that key that is
// there already is an administrator's own: it does the work and stays.
func (f *Freezer) prepareEvent(ctx context.Context, key string) (*migration.FrozenEvent, error) {
	e := &migration.FrozenEvent{KeySum: sha256.Sum256([]byte(key))}
	events, err := f.events(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range events {
		if x.scope == systemWide && x.owner == noOwner && strings.EqualFold(x.key, key) {
			e.ID, e.Already, e.KeySum = x.id, true, sha256.Sum256([]byte(x.key))
			return e, nil
		}
	}
	_, e.ID, err = f.sequence(ctx)
	return e, err
}

// sequence returns the row of sequence that counts the events, and the next id.
func (f *Freezer) sequence(ctx context.Context) (row, next int64, err error) {
	found := false
	err = f.in.query(ctx, "read sequence", f.in.settings.Database, sqlSequences, func(rows *sql.Rows) error {
		var id, n sql.NullInt64
		var name sql.NullString
		if err := rows.Scan(&id, &n, &name); err != nil {
			return err
		}
		if strings.EqualFold(strings.TrimSpace(name.String), eventTable) && n.Valid {
			row, next, found = id.Int64, n.Int64, true
		}
		return nil
	})
	if err == nil && (!found || next <= 0) {
		err = migration.Fail("find next id of", eventTable, migration.ErrNotFound, migration.Msg("hint.freeze.sequence", "Table", eventTable))
	}
	return row, next, err
}

// findEvent looks for the row of a record and gives its key as it is stored.
func (f *Freezer) findEvent(ctx context.Context, e *migration.FrozenEvent) (string, bool, error) {
	events, err := f.events(ctx)
	for _, x := range events {
		if x.id == e.ID && sha256.Sum256([]byte(x.key)) == e.KeySum {
			return x.key, true, err
		}
	}
	return "", false, err
}

func (f *Freezer) freezeEvent(ctx context.Context, e *migration.FrozenEvent, r migration.FreezeRequest) error {
	if _, found, err := f.findEvent(ctx, e); err != nil || found {
		return err
	}
	return f.writeEvent(ctx, e, r, true)
}

// writeEvent takes the id and writes the row in one transaction, which is rolled
// back without keep.
func (f *Freezer) writeEvent(ctx context.Context, e *migration.FrozenEvent, r migration.FreezeRequest, keep bool) (err error) {
	row, _, err := f.sequence(ctx)
	if err != nil {
		return err
	}
	take, err := f.in.expand(ctx, sqlSequenceTake)
	if err != nil {
		return err
	}
	insert, err := f.in.expand(ctx, sqlEventInsert)
	if err != nil {
		return err
	}
	names, err := f.in.load(ctx, false)
	if err != nil {
		return err
	}
	counter := columnsOf(names.find(f.in.settings.Schema, "sequence"))
	event := columnsOf(names.find(f.in.settings.Schema, eventTable))
	at := mssql.DateTime1(r.At.UTC().Truncate(time.Second))
	tx, err := f.in.db.BeginTx(ctx, nil)
	if err != nil {
		return f.in.sqlError("begin transaction on", eventTable, err)
	}
	defer func() {
		if rerr := tx.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) && err == nil {
			err = f.in.sqlError("roll back", eventTable, rerr)
		}
	}()
	res, err := tx.ExecContext(ctx, take, counter.number("id", row), counter.number("next_id", e.ID))
	if err != nil {
		return f.mayNotWrite("sequence", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(fmt.Errorf("take id of %s: %w", eventTable, migration.ErrChanged), err)
	}
	_, err = tx.ExecContext(ctx, insert, event.number("SystemEvent_id", e.ID), event.number("scope", systemWide), event.number("owner", noOwner),
		event.text("eventkey", r.EventKey), event.text("eventmess", r.EventText), at, event.number("registered_associate_id", r.Associate),
		at, event.number("updated_associate_id", r.Associate), event.number("updatedCount", 0))
	if err != nil {
		return f.mayNotWrite(eventTable, err)
	}
	if !keep {
		return nil
	}
	if err := f.step(StepEventWritten); err != nil {
		return err
	}
	return f.in.sqlError("write", eventTable, tx.Commit())
}

// mayNotWrite names the right that lacks: the hint for reading would mislead.
func (f *Freezer) mayNotWrite(table string, err error) error {
	var e mssql.Error
	if errors.As(err, &e) && (e.Number == errNoPermission || e.Number == errNoColumnRight) {
		return migration.Fail("write to", table, fmt.Errorf("%w: %w", migration.ErrForbidden, err),
			migration.Msg("hint.freeze.table", "Table", table, "User", f.in.settings.User))
	}
	return f.in.sqlError("write to", table, err)
}

func (f *Freezer) thawEvent(ctx context.Context, e *migration.FrozenEvent) ([]migration.Message, error) {
	key, found, err := f.findEvent(ctx, e)
	if err != nil {
		return nil, err
	}
	if e.Already {
		if found {
			return []migration.Message{migration.Msg("thaw.event.stays", "ID", e.ID)}, nil
		}
		return nil, nil
	}
	if !found {
		return nil, nil
	}
	remove, err := f.in.expand(ctx, sqlEventDelete)
	if err != nil {
		return nil, err
	}
	names, err := f.in.load(ctx, false)
	if err != nil {
		return nil, err
	}
	event := columnsOf(names.find(f.in.settings.Schema, eventTable))
	if _, err := f.in.db.ExecContext(ctx, remove, event.number("SystemEvent_id", e.ID), event.text("eventkey", key)); err != nil {
		return nil, f.mayNotWrite(eventTable, err)
	}
	return nil, nil
}

// columns turn values into the exact types of a table's columns.
type columns map[string]*migration.Column

func columnsOf(t *migration.Table) columns {
	out := columns{}
	if t == nil {
		return out
	}
	for i := range t.Columns {
		out[strings.ToLower(t.Columns[i].Name)] = &t.Columns[i]
	}
	return out
}

func (c columns) number(name string, v int64) any {
	if col := c[strings.ToLower(name)]; col != nil {
		return keyValue(col, v)
	}
	return v
}

func (c columns) text(name, v string) any {
	if col := c[strings.ToLower(name)]; col != nil && (col.Type == "varchar" || col.Type == "char") {
		return mssql.VarChar(v)
	}
	return v
}
