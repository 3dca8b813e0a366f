package migration

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"strings"

	"omt/migration/journal"
)

// A member that is too large to be held, because of a row with cells of hundreds
// of megabytes, is staged as blocks of its data with the block of its header
// last. At a container the list of blocks puts the header first. In a folder the
// order is that of arrival: room for the header is staged first and written over
// at the end, and nobody else stages meanwhile.

const (
	// spillSlack is how much more than a piece a member may have before it is
	// staged in blocks: none of the usual ones does.
	spillSlack = 1 << 20
	// everyone is the weight of staging alone; all readers together are less.
	everyone = 1 << 16
)

// errApart: another block lies between the blocks of one member.
var errApart = errors.New("data of a member do not lie together")

// outside is an error of the database or of the target that came out through an
// encoder: its own words are those for people.
type outside struct{ err error }

func (o *outside) Error() string { return o.err.Error() }
func (o *outside) Unwrap() error { return o.err }

// dataBlock names a block of the data of a member in the journal. No member has
// such a name: their folders are escaped.
func dataBlock(member string, n int) string { return fmt.Sprintf("%s//%05d", member, n) }

func isDataBlock(jm journal.Member) bool { return strings.Contains(jm.Name, "//") }

// inBlocks tells whether the block of a member is its header alone.
func inBlocks(jm journal.Member) bool { return jm.Size <= jm.PackedSize }

// spill is a member of which data were staged.
type spill struct {
	d     *database
	t     *task
	name  string
	part  int
	n     int // blocks of data
	try   string
	alone bool     // nobody else stages
	room  BlockRef // for the header, where the order is that of arrival
	end   int64    // of what was staged, there
}

// spills lets an encoder hand its data on, where the target can take them.
func (d *database) spills(ctx context.Context, t *task, enc PartEncoder, part int) *spill {
	s := &spill{d: d, t: t, part: part}
	if e, ok := enc.(Spiller); ok && d.takesBlocks() {
		e.Spill(int(d.pieceSize()+spillSlack), func(head int, data []byte) error {
			// What the target takes its time for is not laid at the database's door.
			c := d.m.Progress.Control()
			c.shift(readingRows, idle)
			err := s.put(ctx, head, data)
			c.shift(idle, readingRows)
			if err != nil {
				return &outside{fmt.Errorf("send part of %s: %w", t.table.FullName(), err)}
			}
			return nil
		})
	}
	return s
}

func (d *database) takesBlocks() bool {
	_, amends := d.m.Target.(Amender)
	return amends || !d.byArrival
}

// put stages a block of data.
func (s *spill) put(ctx context.Context, head int, data []byte) error {
	if s.n == 0 {
		if err := s.begin(ctx, head); err != nil {
			return err
		}
	}
	jm, err := s.d.stageAs(ctx, Member{MemberInfo: MemberInfo{Name: dataBlock(s.name, s.n), Part: s.part}, Data: data}, s.t.rng.Table, s.t.rng.Seq, s.try)
	if err != nil {
		return err
	}
	if s.alone {
		if jm.Offset != s.end {
			return fmt.Errorf("block at %d, the one before it ends at %d: %w", jm.Offset, s.end, errApart)
		}
		s.end += jm.Size
	}
	s.n++
	s.d.m.Journal.AckMember(jm, nil, s.d.acked(0, jm.Size))
	return nil
}

// begin names the member and, where the order is that of arrival, makes room for
// its header.
func (s *spill) begin(ctx context.Context, head int) error {
	s.name = fmt.Sprintf("%s.%d", s.t.rng.Table, s.part)
	if !s.d.byArrival {
		return nil
	}
	if err := s.d.order.Acquire(ctx, everyone); err != nil {
		return err
	}
	s.alone = true
	// An id of its own for each try: the blocks of one that failed lie elsewhere.
	s.try = fmt.Sprint(s.d.spilled.Add(1))
	jm, err := s.d.stageAs(ctx, Member{MemberInfo: MemberInfo{Name: s.name}, Data: make([]byte, head)}, s.t.rng.Table, s.t.rng.Seq, s.try)
	if err != nil {
		return err
	}
	s.room, s.end = blockRef(jm), jm.Offset+jm.Size
	return nil
}

// finish stages the header of a member whose data were staged.
func (s *spill) finish(ctx context.Context, mem Member) (journal.Member, error) {
	if !s.alone {
		return s.d.stageAs(ctx, mem, s.t.rng.Table, s.t.rng.Seq, "")
	}
	jm := s.d.journalMember(mem, s.t.rng.Table, s.t.rng.Seq, "")
	jm.Offset = s.room.Offset
	err := s.d.m.retry(ctx, "stage "+mem.Name, func() error {
		return s.d.m.Target.(Amender).Amend(ctx, s.d.path, s.room, Block{ID: jm.BlockID, Data: mem.Data, MD5: md5.Sum(mem.Data)})
	})
	return jm, err
}

// close lets the others stage again.
func (s *spill) close() {
	if s.alone {
		s.alone = false
		s.d.order.Release(everyone)
	}
}
