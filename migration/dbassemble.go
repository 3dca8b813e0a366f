package migration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sort"

	"omt/migration/journal"
)

// Members that belong to no table stand in the journal under an empty table:
// those before the data under range 0, those after it under range 1.
const (
	leadingRange  = 0
	trailingRange = 1
)

// commitNote is written before the package is made visible, so that a run that
// was killed in between can repeat exactly that commit.
type commitNote struct {
	Blocks []BlockRef  `json:"blocks"`
	Info   PackageInfo `json:"info"`
}

// restore asks the target which blocks of the journal are still there, forgets
// the others and stages the leading members if they are not there.
func (d *database) restore(ctx context.Context) error {
	// Pieces of a range that was not finished are read again as a whole: a
	// table without a range key gives no promise of order.
	if err := d.m.Journal.DropUnfinished(ctx, d.m.run.ID); err != nil {
		return fmt.Errorf("drop unfinished parts: %w", err)
	}
	members, err := d.members(ctx)
	if err != nil {
		return err
	}
	refs := make([]BlockRef, len(members))
	for i, jm := range members {
		refs[i] = BlockRef{ID: jm.BlockID, Size: jm.Size, Offset: jm.Offset}
	}
	kept, err := d.m.Target.Restore(ctx, d.path, refs)
	if err != nil {
		return fmt.Errorf("take up package %s: %w", d.path, err)
	}
	there := map[string]bool{}
	for _, k := range kept {
		there[k.ID] = true
	}
	lead, err := d.m.Packager.Leading(d.cat)
	if err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	missing := len(lead)
	for _, jm := range members {
		switch {
		case jm.Table == "" && jm.Range == trailingRange, !there[jm.BlockID]:
			if err := d.m.Journal.DropRange(ctx, d.m.run.ID, jm.Table, jm.Range); err != nil {
				return fmt.Errorf("drop part %s: %w", jm.Name, err)
			}
		case jm.Table == "":
			missing--
		default:
			d.m.counts.reused.Add(1)
		}
	}
	if missing == 0 {
		return nil
	}
	// Some of them may have arrived before the run was interrupted: all again,
	// so that the package has each exactly once.
	if err := d.m.Journal.DropRange(ctx, d.m.run.ID, "", leadingRange); err != nil {
		return fmt.Errorf("drop model: %w", err)
	}
	return d.stageFixed(ctx, lead, leadingRange)
}

func (d *database) stageFixed(ctx context.Context, members []Member, rng int) error {
	for i, mem := range members {
		mem.Part = i
		jm, err := d.stage(ctx, mem, "", rng)
		if err != nil {
			return fmt.Errorf("send %s: %w", mem.Name, err)
		}
		d.m.Journal.AckMember(jm, nil, func(error) {})
	}
	return d.m.Journal.Flush(ctx)
}

func (d *database) members(ctx context.Context) ([]journal.Member, error) {
	var out []journal.Member
	err := d.m.Journal.Members(ctx, d.m.run.ID, func(jm journal.Member) error {
		out = append(out, jm)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read parts of journal: %w", err)
	}
	// The order of the package: leading members, data by table and part,
	// trailing members; it does not depend on when a part arrived.
	group := func(m journal.Member) int {
		if m.Table != "" {
			return 1
		}
		return 2 * m.Range
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if ga, gb := group(a), group(b); ga != gb {
			return ga < gb
		}
		if a.Table != b.Table {
			return a.Table < b.Table
		}
		return a.Part < b.Part
	})
	return out, nil
}

// assemble checks that nothing is missing, stages what ends the package and
// makes it visible.
func (d *database) assemble(ctx context.Context) error {
	if err := d.verifyRows(ctx); err != nil {
		return err
	}
	members, err := d.members(ctx)
	if err != nil {
		return err
	}
	infos := make([]MemberInfo, len(members))
	info := d.info
	info.Path, info.Tables = d.path, len(d.cat.Tables)
	for i, jm := range members {
		infos[i] = memberInfo(jm)
		if jm.Table != "" {
			infos[i].Table = d.tables[jm.Table].FullName()
			info.Parts++
			info.Rows += jm.Rows
		}
	}
	trail, err := d.m.Packager.Trailing(d.cat, dataOnly(infos), PackageStats{
		Started: d.m.run.Started, Finished: d.m.Now().UTC(), Tool: d.m.Tool, ID: d.m.run.ID, Rows: info.Rows,
	})
	if err != nil {
		return fmt.Errorf("write origin: %w", err)
	}
	if err := d.stageFixed(ctx, trail, trailingRange); err != nil {
		return err
	}
	if members, err = d.members(ctx); err != nil {
		return err
	}
	blocks, size, err := d.stageDirectory(ctx, members)
	if err != nil {
		return err
	}
	info.Size = size
	note := commitNote{Blocks: blocks, Info: info}
	if err := d.keepNote(ctx, noteCommit, note); err != nil {
		return err
	}
	return d.commit(ctx, note)
}

// stageDirectory gives every member its place and stages the directory.
func (d *database) stageDirectory(ctx context.Context, members []journal.Member) ([]BlockRef, int64, error) {
	infos := make([]MemberInfo, len(members))
	blocks := make([]BlockRef, len(members))
	var end int64
	for i, jm := range members {
		infos[i] = memberInfo(jm)
		if jm.Offset < 0 {
			infos[i].Offset = end
			end += jm.Size
		} else {
			end = max(end, jm.Offset+jm.Size)
		}
		blocks[i] = BlockRef{ID: jm.BlockID, Size: jm.Size, Offset: jm.Offset}
	}
	dir, err := d.m.Packager.Directory(infos, end)
	if err != nil {
		return nil, 0, fmt.Errorf("write directory: %w", err)
	}
	jm, err := d.stage(ctx, Member{MemberInfo: MemberInfo{Name: "(directory)"}, Data: dir}, "", trailingRange)
	if err != nil {
		return nil, 0, fmt.Errorf("send directory: %w", err)
	}
	if jm.Offset >= 0 && jm.Offset != end {
		return nil, 0, fmt.Errorf("send directory: lies at %d, planned for %d", jm.Offset, end)
	}
	blocks = append(blocks, BlockRef{ID: jm.BlockID, Size: jm.Size, Offset: jm.Offset})
	sort.SliceStable(blocks, func(i, j int) bool { return blocks[i].Offset < blocks[j].Offset })
	return blocks, end + jm.Size, nil
}

// recommit repeats the commit of a process that was killed between the last
// block and the target's answer. It tells whether the package is there now; it
// is not if the target has lost the blocks, and all is staged again.
func (d *database) recommit(ctx context.Context) (bool, error) {
	var note commitNote
	found, err := d.loadNote(ctx, noteCommit, &note)
	if err != nil || !found || len(note.Blocks) == 0 {
		return false, err
	}
	if _, err := d.m.Target.Restore(ctx, note.Info.Path, note.Blocks); err != nil {
		return false, fmt.Errorf("take up package %s: %w", note.Info.Path, err)
	}
	err = d.commit(ctx, note)
	if errors.Is(err, ErrNotFound) {
		return false, d.keepNote(ctx, noteCommit, commitNote{})
	}
	if err == nil {
		d.meter.Expect(d.info.Rows, d.info.Size)
		d.meter.Skip(d.info.Rows, d.info.Size)
	}
	return err == nil, err
}

// commit makes the package visible and reads it back where that is allowed.
func (d *database) commit(ctx context.Context, note commitNote) error {
	err := d.m.retry(ctx, "commit "+note.Info.Path, func() error {
		return d.m.Target.Commit(ctx, note.Info.Path, note.Blocks)
	})
	if err != nil {
		return fmt.Errorf("finish package %s: %w", note.Info.Path, err)
	}
	d.info = note.Info
	sum, n, err := d.m.readBack(ctx, note.Info.Path)
	switch {
	case errors.Is(err, ErrForbidden):
		// Accepted with its checksums and not read back: the report says so.
	case err != nil:
		return err
	case n != note.Info.Size:
		return fmt.Errorf("read package %s back: has %d bytes, sent were %d", note.Info.Path, n, note.Info.Size)
	default:
		d.info.SHA256 = sum
	}
	return d.keepNote(ctx, notePackage, d.info)
}

// readBack hashes an object as the target holds it.
func (m *Migration) readBack(ctx context.Context, path string) (sum string, n int64, err error) {
	r, err := m.Target.Open(ctx, path, 0, -1)
	if err != nil {
		return "", 0, fmt.Errorf("read %s back: %w", path, err)
	}
	defer r.Close()
	h := sha256.New()
	if n, err = copyContext(ctx, h, r, make([]byte, copyBuffer)); err != nil {
		return "", 0, fmt.Errorf("read %s back: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

// copyBuffer is large enough that a read from a share costs one round trip for
// most documents.
const copyBuffer = 256 << 10

// copyContext copies until the end or until the context ends.
func copyContext(ctx context.Context, w io.Writer, r io.Reader, buf []byte) (n int64, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		k, err := r.Read(buf)
		if k > 0 {
			if _, err := w.Write(buf[:k]); err != nil {
				return n, err
			}
			n += int64(k)
		}
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

func memberInfo(jm journal.Member) MemberInfo {
	return MemberInfo{
		Name: jm.Name, Table: jm.Table, Part: jm.Part, Rows: jm.Rows, CRC32: jm.CRC32,
		RawSize: jm.RawSize, PackedSize: jm.PackedSize, Size: jm.Size, Method: jm.Method,
		SHA256: jm.SHA256, Offset: jm.Offset,
	}
}

func dataOnly(infos []MemberInfo) []MemberInfo {
	var out []MemberInfo
	for _, i := range infos {
		if i.Table != "" {
			out = append(out, i)
		}
	}
	return out
}
