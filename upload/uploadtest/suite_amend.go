package uploadtest

import (
	"errors"
	"testing"

	"omt/migration"
)

// amend: room that was staged for bytes that are known later is filled with them,
// in its place, and with nothing else; a restart knows it by its new id alone.
func (s *suite) amend(t *testing.T) {
	x := s.open(t)
	amender, ok := x.(migration.Amender)
	if !ok {
		t.Skip("the order is made at Commit: what is known last can stand first")
	}
	one, room, two := block(1, content(1, 3000)), block(2, make([]byte, 100)), block(3, content(3, 2000))
	refs := []migration.BlockRef{stage(t, x, object, one), stage(t, x, object, room), stage(t, x, object, two)}
	head := block(4, content(4, 100))
	bad := head
	bad.MD5[0] ^= 1
	for name, try := range map[string]struct {
		old migration.BlockRef
		b   migration.Block
	}{
		"another length":           {refs[1], block(5, content(5, 101))},
		"a wrong MD5":              {refs[1], bad},
		"an unknown block":         {migration.BlockRef{ID: block(9, nil).ID, Size: 100, Offset: refs[1].Offset}, head},
		"a block that's not there": {migration.BlockRef{ID: refs[1].ID, Size: 100, Offset: refs[1].Offset + 1}, head},
	} {
		if err := amender.Amend(t.Context(), object, try.old, try.b); err == nil {
			t.Fatalf("%s was accepted", name)
		}
	}
	for range 2 { // its reply may be lost
		must(t, amender.Amend(t.Context(), object, refs[1], head))
	}
	old := refs[1]
	refs[1] = migration.BlockRef{ID: head.ID, Size: 100, Offset: old.Offset}
	x = s.restart(t, x)
	sum := head.MD5
	known := refs[1]
	known.MD5 = sum[:]
	restoreAll(t, x, object, []migration.BlockRef{refs[0], known, refs[2]}, refs)
	if err := x.(migration.Amender).Amend(t.Context(), object, old, head); err != nil {
		t.Errorf("repeated by the next process: %v", err)
	}
	if err := x.(migration.Amender).Amend(t.Context(), object, old, block(6, content(6, 100))); !errors.Is(err, migration.ErrNotFound) {
		t.Errorf("what was amended once was amended again: %v, want ErrNotFound", err)
	}
	must(t, x.Commit(t.Context(), object, refs))
	whole(t, x, object, refs, map[string][]byte{one.ID: one.Data, head.ID: head.Data, two.ID: two.Data})
}
