package migration

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"omt/migration/journal"
)

// readAttempts is how often a range is read before the run stops: a deadlock
// or a broken connection is over by then, a server that is down is not.
const readAttempts = 4

// readTask reads one range, again after an error that a repeat may cure.
func (d *database) readTask(ctx context.Context, t *task) error {
	d.meter.Current(t.table.FullName())
	c := d.m.Progress.Control()
	for attempt := 1; ; attempt++ {
		c.shift(idle, readingRows)
		err := d.readOnce(ctx, t)
		c.shift(readingRows, idle)
		if err == nil || permanent(err) || attempt == readAttempts || ctx.Err() != nil {
			return err
		}
		d.m.Log.Warnw("read again", "table", t.table.FullName(), "attempt", attempt, "error", err)
		if err := d.m.Journal.DropRange(ctx, d.m.run.ID, t.rng.Table, t.rng.Seq); err != nil {
			return fmt.Errorf("drop part of %s: %w", t.table.FullName(), err)
		}
		if err := d.m.waitAs(ctx, readingRows, backoff(attempt)); err != nil {
			return err
		}
	}
}

func (d *database) openRange(ctx context.Context, t *task) (RowReader, error) {
	part, err := d.rangeOf(t.rng)
	if err != nil {
		return nil, err
	}
	rows, err := d.m.rowSource().Rows(ctx, t.table, part)
	if err != nil {
		return nil, fmt.Errorf("read table %s: %w", t.table.FullName(), err)
	}
	return rows, nil
}

// readOnce reads a range, encodes it and stages its pieces: one as a rule,
// more for a table that cannot be cut by its key.
func (d *database) readOnce(ctx context.Context, t *task) (err error) {
	rows, err := d.openRange(ctx, t)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := rows.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("read table %s: %w", t.table.FullName(), cerr)
		}
	}()
	digest, err := NewRowDigest(digestColumns(t.table))
	if err != nil {
		return fmt.Errorf("read table %s: %w", t.table.FullName(), err)
	}
	beat := pulse{move: d.m.Progress.Control().move}
	digest.moved = beat.move
	limit := d.pieceSize()
	var enc PartEncoder
	var sp *spill
	defer func() {
		if sp != nil {
			sp.close()
		}
	}()
	var total, inPiece int64
	piece := 0
	for {
		row, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read table %s after %d rows: %w", t.table.FullName(), total, err)
		}
		if enc == nil {
			if enc, err = d.m.Packager.Part(t.table, t.rng.Seq+piece*t.ranges); err != nil {
				return fmt.Errorf("encode table %s: %w", t.table.FullName(), err)
			}
			sp = d.spills(ctx, t, enc, t.rng.Seq+piece*t.ranges)
		}
		if err := encodeRow(t.table, enc, digest, row, total); err != nil {
			return err
		}
		total++
		inPiece++
		beat.row(enc.RawSize())
		if enc.RawSize() >= limit {
			if err := d.stagePiece(ctx, t, enc, sp, inPiece, digest, nil); err != nil {
				return err
			}
			enc, inPiece = nil, 0
			piece++
		}
	}
	done := t.rng
	done.Done, done.Rows = true, total
	if enc == nil {
		d.m.Journal.AckRange(done, d.acked(0, 0))
		return nil
	}
	return d.stagePiece(ctx, t, enc, sp, inPiece, digest, &done)
}

// encodeRow digests and encodes the row that comes after so many others.
func encodeRow(table *Table, enc PartEncoder, digest *RowDigest, row []any, before int64) error {
	// Before the encoder sees them: what it makes of the values is what the
	// digest is to judge.
	if err := digest.Row(row); err != nil {
		return Fail("digest table", table.FullName(), err, Msg("hint.encode", "Row", before+1))
	}
	if err := enc.Row(row); err != nil {
		if o := (*outside)(nil); errors.As(err, &o) {
			return fmt.Errorf("read table %s after %d rows: %w", table.FullName(), before, o.err)
		}
		return Fail("encode table", table.FullName(), err, Msg("hint.encode", "Row", before+1))
	}
	return nil
}

// pulse tells that rows come: of small ones now and then, there are millions.
type pulse struct {
	move func()
	rows int
	told int64
}

// row is called after each row with the size of the piece so far.
func (p *pulse) row(size int64) {
	if p.rows++; p.rows%64 == 1 || size < p.told || size-p.told >= 64<<10 {
		p.move()
		p.told = size
	}
}

// stagePiece sends one member and hands it to the journal. It is counted when
// the journal has committed it.
func (d *database) stagePiece(ctx context.Context, t *task, enc PartEncoder, sp *spill, rows int64, digest *RowDigest, done *journal.Range) error {
	sum, err := digest.Take()
	if err != nil {
		return fmt.Errorf("digest table %s: %w", t.table.FullName(), err)
	}
	mem, err := enc.Finish()
	if err != nil {
		return fmt.Errorf("encode table %s: %w", t.table.FullName(), err)
	}
	stage := func() (journal.Member, error) { return d.stage(ctx, mem, t.rng.Table, t.rng.Seq) }
	if sp.n > 0 {
		stage = func() (journal.Member, error) { return sp.finish(ctx, mem) }
	}
	c := d.m.Progress.Control()
	c.shift(readingRows, idle)
	jm, err := stage()
	c.shift(idle, readingRows)
	if err != nil {
		return fmt.Errorf("send part of %s: %w", t.table.FullName(), err)
	}
	sp.close()
	jm.Digest = sum.Bytes()
	d.m.counts.staged.Add(1)
	d.m.Journal.AckMember(jm, done, d.acked(rows, jm.Size))
	return nil
}

func (d *database) acked(rows, size int64) func(error) {
	return func(err error) {
		if err != nil {
			// What cannot be remembered must not be sent for hours.
			d.m.abort(fmt.Errorf("record part: %w", err))
			return
		}
		d.meter.Done(rows, size)
	}
}

// stage sends one block, trying again where that may help. It waits while a
// member is staged in blocks that must lie together.
func (d *database) stage(ctx context.Context, mem Member, table string, seq int) (journal.Member, error) {
	if err := d.order.Acquire(ctx, 1); err != nil {
		return journal.Member{}, err
	}
	defer d.order.Release(1)
	return d.stageAs(ctx, mem, table, seq, "")
}

// stageAs sends one block whose id try tells apart from that of other tries.
func (d *database) stageAs(ctx context.Context, mem Member, table string, seq int, try string) (journal.Member, error) {
	jm := d.journalMember(mem, table, seq, try)
	err := d.m.retry(ctx, "stage "+mem.Name, func() (err error) {
		jm.Offset, err = d.m.stageBlock(ctx, d.path, Block{ID: jm.BlockID, Data: mem.Data, MD5: jm.MD5})
		return err
	})
	jm.At = d.m.Now().UTC()
	return jm, err
}

func (d *database) journalMember(mem Member, table string, seq int, try string) journal.Member {
	sum := md5.Sum(mem.Data)
	return journal.Member{
		Run: d.m.run.ID, Name: mem.Name, Table: table, Part: mem.Part, Range: seq, Rows: mem.Rows,
		CRC32: mem.CRC32, RawSize: mem.RawSize, PackedSize: mem.PackedSize, Size: int64(len(mem.Data)),
		Method: mem.Method, SHA256: mem.SHA256, MD5: sum, BlockID: blockID(d.m.run.ID, mem.Name+try, sum), At: d.m.Now().UTC(),
	}
}

// blockID is the same for the same bytes of the same member of the same run,
// and all ids have one length, as Azure demands of a blob's blocks. The MD5 in
// it keeps a changed part from ever being mixed with an old block.
func blockID(run, member string, sum [16]byte) string {
	h := sha256.Sum256([]byte(run + "\x00" + member))
	return hex.EncodeToString(h[:12]) + hex.EncodeToString(sum[:6])
}
