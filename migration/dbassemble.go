package migration

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"slices"
	"sort"

	"omt/migration/journal"
)

// Members that belong to no table stand in the journal under an empty table:
// those before the data under range 0, those after it under range 1.
const (
	leadingRange  = 0
	trailingRange = 1
)

// errBlocksLost: the target does not hold all blocks of the package any more.
var errBlocksLost = errors.New("blocks of the package are gone")

// commitAttempts is how often one process puts the package together: a target
// that has lost parts twice more meanwhile is not to be relied on.
const commitAttempts = 3

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
		refs[i] = blockRef(jm)
	}
	kept, err := d.m.Target.Restore(ctx, d.path, refs)
	if err != nil {
		return fmt.Errorf("take up package %s: %w", d.path, err)
	}
	there := map[string]bool{}
	for _, k := range kept {
		there[k.ID] = true
	}
	d.byArrival = slices.ContainsFunc(kept, func(k BlockRef) bool { return k.Offset >= 0 })
	lead, err := d.m.Packager.Leading(d.cat)
	if err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	// The model is compared by its bytes, not by its name: another version of
	// the program may write it differently, and the package's origin carries
	// its checksum.
	model := map[string]bool{}
	for _, l := range lead {
		model[blockID(d.m.run.ID, l.Name, md5.Sum(l.Data))] = true
	}
	var lost []string
	var fixed, reused int
	for _, jm := range members {
		switch {
		case jm.Table == "" && jm.Range == leadingRange && there[jm.BlockID] && model[jm.BlockID]:
			fixed++
		case jm.Table != "" && there[jm.BlockID]:
			if !isDataBlock(jm) {
				reused++
			}
		case jm.Table != "":
			lost = append(lost, jm.Name)
		}
	}
	if !d.restored {
		d.m.counts.reused.Add(int64(reused))
		d.restored = true
	}
	if err := d.m.Journal.DropMembers(ctx, d.m.run.ID, lost); err != nil {
		return fmt.Errorf("drop lost parts: %w", err)
	}
	// A range is read again as a whole, and may then have other members: those
	// that are still there must not stand beside them.
	if err := d.m.Journal.DropUnfinished(ctx, d.m.run.ID); err != nil {
		return fmt.Errorf("drop unfinished parts: %w", err)
	}
	if err := d.m.Journal.DropRange(ctx, d.m.run.ID, "", trailingRange); err != nil {
		return fmt.Errorf("drop end of package: %w", err)
	}
	if fixed == len(lead) {
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
		d.byArrival = jm.Offset >= 0
		d.m.Journal.AckMember(jm, nil, d.acked(0, 0))
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
		if a.Part != b.Part {
			return a.Part < b.Part
		}
		// Header before data.
		if da, db := isDataBlock(a), isDataBlock(b); da != db {
			return db
		}
		return isDataBlock(a) && a.Name < b.Name
	})
	return out, nil
}

// assemble stages what ends the package and makes it visible.
func (d *database) assemble(ctx context.Context) error {
	members, err := d.members(ctx)
	if err != nil {
		return err
	}
	var infos []MemberInfo
	info := d.info
	info.Path, info.Tables = d.path, len(d.cat.Tables)
	for _, jm := range members {
		if jm.Table == "" || isDataBlock(jm) {
			continue
		}
		one := memberInfo(jm)
		one.Table = d.tables[jm.Table].FullName()
		infos = append(infos, one)
		info.Parts++
		info.Rows += jm.Rows
	}
	trail, err := d.m.Packager.Trailing(d.cat, infos, PackageStats{
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
	var infos []MemberInfo
	blocks := make([]BlockRef, len(members))
	var end int64
	for i, jm := range members {
		at := jm.Offset
		if at < 0 {
			at = end
		}
		end = max(end, at+jm.Size)
		blocks[i] = blockRef(jm)
		if !isDataBlock(jm) {
			one := memberInfo(jm)
			one.Offset = at
			infos = append(infos, one)
		}
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
	blocks = append(blocks, blockRef(jm))
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
	if errors.Is(err, errBlocksLost) {
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
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("%w: %w", errBlocksLost, err)
	}
	if err != nil {
		return fmt.Errorf("finish package %s: %w", note.Info.Path, err)
	}
	d.info = note.Info
	sum, err := d.readBack(ctx, note)
	switch {
	case errors.Is(err, ErrForbidden):
		// Accepted with its checksums and not read back: the report says so.
	case errors.Is(err, ErrDamagedPackage):
		// Nothing of it is trusted: the next start reads the database again.
		return errors.Join(err, d.keepNote(ctx, noteCommit, commitNote{}), d.m.Journal.DropParts(ctx, d.m.run.ID))
	case err != nil:
		return err
	default:
		d.info.SHA256 = sum
	}
	return d.keepNote(ctx, notePackage, d.info)
}

// blockRef is how the target knows a member.
func blockRef(jm journal.Member) BlockRef {
	return BlockRef{ID: jm.BlockID, Size: jm.Size, Offset: jm.Offset, MD5: jm.MD5[:], At: jm.At}
}

// memberInfo is the member whose only block, or header, that is.
func memberInfo(jm journal.Member) MemberInfo {
	size := jm.Size
	if inBlocks(jm) {
		size += jm.PackedSize
	}
	return MemberInfo{
		Name: jm.Name, Table: jm.Table, Part: jm.Part, Rows: jm.Rows, CRC32: jm.CRC32,
		RawSize: jm.RawSize, PackedSize: jm.PackedSize, Size: size, Method: jm.Method,
		SHA256: jm.SHA256, Offset: jm.Offset,
	}
}
