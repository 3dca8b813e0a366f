package migration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"omt/migration/journal"
)

// Limits of design section 5: Azure takes 50,000 blocks a blob; 40,000 leave
// room for pieces, model and directory.
const (
	minPart   = 8 << 20
	maxPart   = 64 << 20
	maxBlocks = 40000
	// memoryForParts bounds the raw bytes of the parts that all readers have under
	// way at once, whatever number of readers somebody asks for.
	memoryForParts = 128 << 20
)

// task is one range of one table to read.
type task struct {
	table  *Table
	rng    journal.Range
	ranges int // of this table, for the numbers of further pieces
}

// partSize is the raw size of a part for a database of that many bytes.
func partSize(total int64) int64 { return min(max(minPart, total/20000), maxPart) }

// partSize is the raw size of the parts of this database.
func (d *database) partSize() int64 {
	if d.m.Limits.PartSize > 0 {
		return d.m.Limits.PartSize
	}
	var total int64
	for _, t := range d.cat.Tables {
		total += t.DataBytes
	}
	return partSize(total)
}

// pieceSize is the raw size at which a range is cut into a further member: that
// of a part, doubled so that a range which the server's statistics made a
// little too long stays whole: a table whose last piece did not arrive is read
// again. Without it the one range of a heap would grow to the largest part, and
// memory with it.
func (d *database) pieceSize() int64 { return min(2*max(minPart, d.partSize()), maxPart) }

// readers is how many tables are read at once: as many as asked for, and no more
// than may have a piece each.
func (d *database) readers() int {
	return int(min(int64(d.m.Limits.Readers), memoryForParts/d.pieceSize()))
}

// takeUp keeps what an interrupted run has read as far as the tables are
// provably the same, and remembers the state of the database from which on
// they must stay so.
func (d *database) takeUp(ctx context.Context) error {
	proof, err := d.m.rowSource().Proof(ctx)
	if err != nil {
		return fmt.Errorf("read state of database: %w", err)
	}
	d.proof = proof
	if err := d.interrupted(ctx); err != nil {
		return err
	}
	digest := catalogDigest(d.cat)
	var was Proof
	found, err := d.loadNote(ctx, noteProof, &was)
	if err != nil {
		return err
	}
	var wasDigest string
	if _, err := d.loadNote(ctx, noteCatalog, &wasDigest); err != nil {
		return err
	}
	if _, err := d.loadNote(ctx, noteReread, &d.info.Reread); err != nil {
		return err
	}
	d.mixed = map[string]bool{}
	if _, err := d.loadNote(ctx, noteMixed, &d.mixed); err != nil {
		return err
	}
	if found {
		if wasDigest != digest {
			was.Usage = nil // nothing is provably the same
		}
		if err := d.keepUnchanged(ctx, was, proof); err != nil {
			return err
		}
	}
	if wasDigest != digest {
		if err := d.m.Journal.DropParts(ctx, d.m.run.ID); err != nil {
			return fmt.Errorf("drop parts: %w", err)
		}
		clear(d.mixed)
	}
	return errors.Join(d.keepNote(ctx, noteMixed, d.mixed), d.keepNote(ctx, noteProof, proof), d.keepNote(ctx, noteCatalog, digest), d.keepNote(ctx, noteReread, d.info.Reread))
}

// interrupted counts the tables of which whole members are there of a range that
// is not done: such a range, a heap as a rule, has no key to go on from, and what
// was read of it is read again. It is kept before they are forgotten.
func (d *database) interrupted(ctx context.Context) error {
	again := map[string]bool{}
	if _, err := d.loadNote(ctx, noteAgain, &again); err != nil {
		return err
	}
	type span struct {
		table string
		seq   int
	}
	open := map[span]bool{}
	err := d.m.Journal.Ranges(ctx, d.m.run.ID, func(r journal.Range) error {
		open[span{r.Table, r.Seq}] = !r.Done
		return nil
	})
	if err == nil {
		err = d.m.Journal.Members(ctx, d.m.run.ID, func(jm journal.Member) error {
			if jm.Table != "" && !isDataBlock(jm) && open[span{jm.Table, jm.Range}] {
				again[jm.Table] = true
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("read parts of journal: %w", err)
	}
	d.info.Again = len(again)
	return d.keepNote(ctx, noteAgain, again)
}

// tasks plans what is not planned yet and lists what is to be read.
func (d *database) tasks(ctx context.Context) ([]*task, error) {
	if err := d.planMissing(ctx); err != nil {
		return nil, err
	}
	if err := d.restore(ctx); err != nil {
		return nil, err
	}
	return d.openTasks(ctx)
}

// keepUnchanged forgets the parts of every table that may have changed, unless
// they are kept by consent. A part
// may be used again only if no statement can have touched its table since it
// was read: same start of the server, same number of modifications, same rows.
func (d *database) keepUnchanged(ctx context.Context, was, now Proof) error {
	done := map[string]bool{}
	err := d.m.Journal.Ranges(ctx, d.m.run.ID, func(r journal.Range) error {
		done[r.Table] = done[r.Table] || r.Done
		return nil
	})
	if err != nil {
		return fmt.Errorf("read planned parts: %w", err)
	}
	for id, t := range d.tables {
		if !sameTable(t, was, now) {
			if done[id] && d.m.KeepParts {
				d.mixed[id] = true
				continue
			}
			if done[id] {
				d.info.Reread++
			}
			delete(d.mixed, id)
			if err := d.m.Journal.DropRange(ctx, d.m.run.ID, id, -1); err != nil {
				return fmt.Errorf("drop parts of %s: %w", t.FullName(), err)
			}
		}
	}
	return nil
}

func sameTable(t *Table, was, now Proof) bool {
	if was.Snapshot != "" || now.Snapshot != "" {
		return was.Snapshot == now.Snapshot
	}
	name := t.FullName()
	// A log that goes back tells of a restored database, whose counters began
	// anew.
	return was.Usage != nil && now.MaxLogID >= was.MaxLogID && now.Usage != nil && was.Started.Equal(now.Started) &&
		was.Usage[name] == now.Usage[name] && was.Counts[name] == now.Counts[name]
}

// planMissing plans the tables that have no ranges in the journal.
func (d *database) planMissing(ctx context.Context) error {
	run := d.m.run.ID
	planned := map[string]bool{}
	var ranges []journal.Range
	err := d.m.Journal.Ranges(ctx, run, func(r journal.Range) error {
		planned[r.Table] = true
		ranges = append(ranges, r)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read planned parts: %w", err)
	}
	d.counts = map[string]int64{}
	if _, err := d.loadNote(ctx, noteCounts, &d.counts); err != nil {
		return err
	}
	d.bounds = map[string][]Key{}
	if _, err := d.loadNote(ctx, noteBounds, &d.bounds); err != nil {
		return err
	}
	size := d.partSize()
	for _, t := range d.cat.Tables {
		if planned[tableID(t)] {
			continue
		}
		rs, err := d.planTable(ctx, t, size)
		if err != nil {
			return err
		}
		ranges = append(ranges, rs...)
	}
	if n := d.blocks(ranges); n > maxBlocks {
		return Fail("plan parts", d.cat.Database, fmt.Errorf("%d parts, at most %d are possible", n, maxBlocks), Msg("hint.parts.many"))
	}
	// Counts and keys first: a plan without counts could not be checked for
	// loss, and one without its keys not be read.
	if err := errors.Join(d.keepNote(ctx, noteCounts, d.counts), d.keepNote(ctx, noteBounds, d.bounds)); err != nil {
		return err
	}
	if err := d.m.Journal.PlanRanges(ctx, run, ranges); err != nil {
		return fmt.Errorf("record planned parts: %w", err)
	}
	return nil
}

// blocks counts the ranges that will become blocks of the package: an empty
// table is read, but gives none.
func (d *database) blocks(ranges []journal.Range) int {
	n := 0
	for _, r := range ranges {
		if d.counts[r.Table] > 0 {
			n++
		}
	}
	return n
}

func (d *database) planTable(ctx context.Context, t *Table, size int64) ([]journal.Range, error) {
	d.meter.Current(t.FullName())
	n, err := d.m.rowSource().Count(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("count rows of %s: %w", t.FullName(), err)
	}
	d.counts[tableID(t)] = n
	if n == 0 {
		delete(d.bounds, tableID(t))
		// Even an empty table is read, so that rows that came since the count
		// are carried or noticed.
		return []journal.Range{{Run: d.m.run.ID, Table: tableID(t)}}, nil
	}
	bounds, err := d.m.rowSource().Bounds(ctx, t, rowsPerPart(t, n, size))
	if err != nil {
		return nil, fmt.Errorf("cut %s into parts: %w", t.FullName(), err)
	}
	delete(d.bounds, tableID(t))
	rs := make([]journal.Range, len(bounds))
	for i, b := range bounds {
		rs[i] = journal.Range{Run: d.m.run.ID, Table: tableID(t), Seq: i, Lo: b.Lo, Hi: b.Hi}
		if b.To != nil {
			// The journal's ranges have numbers: those of the keys in the note.
			hi := int64(i)
			rs[i].Hi = &hi
			d.bounds[tableID(t)] = append(d.bounds[tableID(t)], b.To)
		}
		if b.From != nil {
			lo := int64(i - 1)
			rs[i].Lo = &lo
		}
	}
	return rs, nil
}

// rangeOf gives a planned range back as the source cut it.
func (d *database) rangeOf(r journal.Range) (Range, error) {
	keys, ok := d.bounds[r.Table]
	if !ok {
		return Range{Lo: r.Lo, Hi: r.Hi}, nil
	}
	var out Range
	for _, b := range []struct {
		at *int64
		to *Key
	}{{r.Lo, &out.From}, {r.Hi, &out.To}} {
		if b.at == nil {
			continue
		}
		if *b.at < 0 || *b.at >= int64(len(keys)) {
			return out, Fail("continue table", r.Table, journal.ErrDamaged, Msg("hint.journal.damaged", "Record", noteBounds))
		}
		*b.to = keys[*b.at]
	}
	return out, nil
}

// unknownRow is the most that is assumed of one value, in bytes, where the
// server does not tell how large a table is.
const unknownRow = 256

func rowsPerPart(t *Table, n, size int64) int64 {
	if t.DataBytes > 0 {
		return max(1, size/max(1, t.DataBytes/n))
	}
	row := int64(0)
	for _, c := range t.Data() {
		if c.MaxLength < 0 || c.MaxLength > unknownRow {
			row += unknownRow
		} else {
			row += int64(c.MaxLength)
		}
	}
	return max(1, size/max(row, 1))
}

// openTasks lists the ranges that are still to be read and counts the others.
func (d *database) openTasks(ctx context.Context) ([]*task, error) {
	var out []*task
	perTable := map[string]int{}
	var done int64
	err := d.m.Journal.Ranges(ctx, d.m.run.ID, func(r journal.Range) error {
		perTable[r.Table]++
		if r.Done {
			done += r.Rows
			return nil
		}
		t := d.tables[r.Table]
		if t == nil {
			return Fail("continue table", r.Table, ErrCatalogChanged, Msg("hint.catalog.changed"))
		}
		out = append(out, &task{table: t, rng: r})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read planned parts: %w", err)
	}
	var total int64
	for _, n := range d.counts {
		total += n
	}
	if !d.expected {
		// In this order: whoever sees how much there is sees what is done.
		d.meter.Skip(done, 0)
		d.meter.Expect(total, 0)
		d.expected = true
	} else {
		// What is read again is work that comes on top.
		d.meter.Expect(d.meter.items.Load()+total-done-d.meter.totalItems.Load(), 0)
	}
	for _, t := range out {
		t.ranges = perTable[t.rng.Table]
	}
	return out, nil
}

// catalogDigest changes when a table, column or key changes.
func catalogDigest(c *Catalog) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	_ = enc.Encode([]any{c.Database, c.Schema, c.Collation, c.LCID})
	for _, t := range c.Tables {
		// Encoding plain structs of strings and numbers cannot fail.
		_ = enc.Encode([]any{t.Schema, t.Name, t.Columns, t.Indexes})
	}
	return hex.EncodeToString(h.Sum(nil))
}
