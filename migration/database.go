package migration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync/atomic"
	"unicode"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"omt/migration/journal"
)

// database moves the tables into one package at the target.
type database struct {
	m      *Migration
	meter  *Meter
	cat    *Catalog
	tables map[string]*Table // by tableID
	path   string            // of the package at the target
	counts map[string]int64  // rows by table when the parts were planned
	bounds map[string][]Key  // by table, of those that no integer cuts
	proof  Proof
	info   PackageInfo
	// mixed are the tables, by tableID, of which parts were kept by consent.
	mixed map[string]bool
	// unaligned: readers that see one moment were tried and are not possible.
	unaligned bool

	byArrival bool                // the target fixes the order of blocks
	order     *semaphore.Weighted // taken whole by who stages alone
	spilled   atomic.Int64        // members staged in blocks

	restored, expected bool // counted once although tables may be read again
}

// PackageInfo is what is known of the finished package.
type PackageInfo struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"` // empty where it may not be read back
	Tables int    `json:"tables"`
	Rows   int64  `json:"rows"`
	Parts  int    `json:"parts"`
	Proved bool   `json:"proved"` // the proof was equal before and after
	// Snapshot is the database snapshot that all rows are of; empty for none.
	Snapshot string `json:"snapshot,omitempty"`
	// Aligned: all rows are of one moment, which the readers began together.
	Aligned bool `json:"aligned,omitempty"`
	// What the report warns of. It is kept with the package, so that a resumed
	// run says the same as one that was not interrupted.
	Modules int `json:"modules,omitempty"` // views and procedures that travel as scripts
	Moving  int `json:"moving,omitempty"`  // tables written to while they were read
	Reread  int `json:"reread,omitempty"`  // tables read again by a resumed run
	Again   int `json:"again,omitempty"`   // tables read again from their first row: no key to go on from
	Special int `json:"special,omitempty"` // tables whose name may be lost by an import
	Mixed   int `json:"mixed,omitempty"`   // tables with parts of different states, kept by consent

	Scripts []ScriptRef `json:"scripts,omitempty"`
	Sealed  []string    `json:"sealed,omitempty"` // objects whose SQL is encrypted

	LeftColumns []LeftColumn `json:"leftColumns,omitempty"` // by choice of the plan
}

func newDatabase(m *Migration) *database {
	d := &database{m: m, meter: m.Progress.Of(PhaseDatabase), cat: m.catalog, tables: map[string]*Table{}, order: semaphore.NewWeighted(everyone)}
	d.path = "database/" + EscapeElement(d.cat.Database) + ".bacpac"
	d.info.LeftColumns = m.leftColumns
	for _, t := range d.cat.Tables {
		d.tables[tableID(t)] = t
		if special(t) {
			d.info.Special++
		}
	}
	return d
}

// special tells whether a name has other characters than letters, digits and
// underscores: DacFx has lost the rows of such tables without a word (its issue
// 637), so that the counts must be compared after the import.
func special(t *Table) bool {
	return strings.ContainsFunc(t.Schema+t.Name, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// tableID is how the journal names a table: unambiguous also for names with
// dots and brackets.
func tableID(t *Table) string { return quoteName(t.Schema) + "." + quoteName(t.Name) }

func quoteName(s string) string {
	out := make([]rune, 0, len(s)+2)
	out = append(out, '[')
	for _, r := range s {
		if r == ']' {
			out = append(out, r)
		}
		out = append(out, r)
	}
	return string(append(out, ']'))
}

func (d *database) run(ctx context.Context) (err error) {
	d.meter.Begin(true)
	defer func() {
		if err != nil {
			d.meter.End(PhaseStopped)
			return
		}
		d.meter.End(PhaseDone)
	}()
	if err := d.sendPackage(ctx); err != nil {
		return err
	}
	return d.sendScripts(ctx)
}

// sendPackage takes up what an earlier process left and sends the rest.
func (d *database) sendPackage(ctx context.Context) error {
	var there PackageInfo
	if found, err := d.loadNote(ctx, notePackage, &there); err != nil {
		return err
	} else if found {
		d.info = there
		d.meter.Expect(d.info.Rows, d.info.Size)
		d.meter.Skip(d.info.Rows, d.info.Size)
		return nil
	}
	if done, err := d.recommit(ctx); err != nil || done {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := d.sendAligned(ctx)
		if !errors.Is(err, errBlocksLost) {
			return err
		}
		// What is still there is kept, as at a new start.
		if kerr := d.keepNote(ctx, noteCommit, commitNote{}); kerr != nil || attempt == commitAttempts {
			return errors.Join(err, kerr)
		}
		d.m.Log.Warnw("stage lost parts again", "attempt", attempt, "error", err)
	}
}

// sendParts takes up the parts that are known, reads the others and makes the
// package of all.
func (d *database) sendParts(ctx context.Context) error {
	if err := d.takeUp(ctx); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		tasks, err := d.tasks(ctx)
		if err != nil {
			return err
		}
		d.meter.Counted()
		if err := d.readAll(ctx, tasks); err != nil {
			return err
		}
		// Tables whose rows do not add up are read again, so that neither a
		// passing fault nor rows that came and went stop the night.
		suspect, err := d.verifyRows(ctx)
		if err != nil {
			return err
		}
		if suspect == nil {
			return d.assemble(ctx)
		}
		if attempt == verifyAttempts {
			return suspect
		}
		d.m.Log.Warnw("read tables again", "error", suspect)
	}
}

// readCatalog reads the catalogue before anything is written: a table that may
// not be read or a column that cannot be carried is named at the start, not
// after half of a night.
func (m *Migration) readCatalog(ctx context.Context) error {
	cat, err := m.rowSource().Catalog(ctx)
	if err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	if cat, m.leftColumns, err = cat.Leave(m.Plan.LeaveOut); err != nil {
		return err
	}
	if refs := m.Packager.Uncarriable(cat); len(refs) > 0 {
		r := refs[0]
		return Fail("carry column", r.Schema+"."+r.Table+"."+r.Column, ErrUncarriable,
			Msg("hint.uncarriable", "Type", r.Type, "Count", len(refs)))
	}
	m.catalog = cat
	return nil
}

// readAll reads all tasks with a few readers, largest tables first so that no
// reader is left with a long one at the end.
func (d *database) readAll(ctx context.Context, tasks []*task) error {
	sort.SliceStable(tasks, func(i, j int) bool { return tasks[i].table.DataBytes > tasks[j].table.DataBytes })
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(d.readers())
	for _, t := range tasks {
		if gctx.Err() != nil {
			break
		}
		g.Go(func() error { return d.readTask(gctx, t) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.m.Journal.Flush(ctx)
}

// loadNote reads a JSON note of this run.
func (d *database) loadNote(ctx context.Context, name string, v any) (bool, error) {
	b, found, err := d.m.Journal.Note(ctx, d.m.run.ID, name)
	if err != nil || !found {
		return false, err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, Fail("read journal note", name, errors.Join(journal.ErrDamaged, err), Msg("hint.journal.damaged", "Record", name))
	}
	return true, nil
}

func (d *database) keepNote(ctx context.Context, name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode note %s: %w", name, err)
	}
	if err := d.m.Journal.PutNote(ctx, d.m.run.ID, name, b); err != nil {
		return fmt.Errorf("keep note %s: %w", name, err)
	}
	return nil
}
