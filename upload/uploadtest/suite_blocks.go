package uploadtest

import (
	"bytes"
	"crypto/md5"
	"errors"
	"slices"
	"testing"

	"omt/migration"
)

const object = "database/Sample.bacpac"

// whole is what the committed object must be. Targets with offsets keep each
// block where Stage said; the others put the listed blocks one after another.
func whole(t *testing.T, x migration.Target, path string, refs []migration.BlockRef, data map[string][]byte) {
	t.Helper()
	got := read(t, x, path, 0, -1)
	at, end := int64(0), int64(0)
	for _, r := range refs {
		if r.Offset >= 0 {
			at = r.Offset
		}
		if int64(len(got)) < at+r.Size || !bytes.Equal(got[at:at+r.Size], data[r.ID]) {
			t.Fatalf("block %s does not lie at %d of %d bytes", r.ID, at, len(got))
		}
		at += r.Size
		end = max(end, at)
	}
	if int64(len(got)) != end {
		t.Fatalf("object has %d bytes, its last block ends at %d", len(got), end)
	}
}

// stageN stages n blocks in order, every third one empty or tiny.
func stageN(t *testing.T, x migration.Target, path string, n int) ([]migration.BlockRef, map[string][]byte) {
	t.Helper()
	var refs []migration.BlockRef
	data := map[string][]byte{}
	for i := range n {
		b := block(i, content(i, 1+(i%3)*40000))
		data[b.ID] = b.Data
		refs = append(refs, stage(t, x, path, b))
	}
	return refs, data
}

func (s *suite) assemble(t *testing.T) {
	x := s.open(t)
	refs, data := stageN(t, x, object, 7)
	absent(t, x, object)
	must(t, x.Commit(t.Context(), object, refs))
	whole(t, x, object, refs, data)
	// Staged in order, so offsets and order at Commit give the same bytes.
	var want []byte
	for _, r := range refs {
		want = append(want, data[r.ID]...)
	}
	same(t, x, object, want)
	if got := paths(t, x, ""); !slices.Equal(got, []string{object}) {
		t.Errorf("listed %v", got)
	}
}

func (s *suite) stageVerifies(t *testing.T) {
	x := s.open(t)
	first := stage(t, x, object, block(1, content(1, 1000)))
	bad := block(2, content(2, 1000))
	bad.MD5[0] ^= 1
	if _, err := x.Stage(t.Context(), object, bad); err == nil {
		t.Fatal("a block with a wrong MD5 was accepted")
	}
	good := block(2, content(2, 1000))
	second := stage(t, x, object, good)
	must(t, x.Commit(t.Context(), object, []migration.BlockRef{first, second}))
	same(t, x, object, append(content(1, 1000), content(2, 1000)...))
}

// stageAgain: the same id with the same bytes is one block, not two.
func (s *suite) stageAgain(t *testing.T) {
	x := s.open(t)
	a, b := block(1, content(1, 5000)), block(2, content(2, 5000))
	first := stage(t, x, object, a)
	second := stage(t, x, object, b)
	if again := stage(t, x, object, a); !sameRef(again, first) {
		t.Errorf("staged again at %d, first at %d", again.Offset, first.Offset)
	}
	must(t, x.Commit(t.Context(), object, []migration.BlockRef{first, second}))
	same(t, x, object, append(slices.Clone(a.Data), b.Data...))
}

// commitOrder: the list decides where Stage returned -1; elsewhere it must be
// in the order of the offsets.
func (s *suite) commitOrder(t *testing.T) {
	x := s.open(t)
	refs, data := stageN(t, x, object, 3)
	turned := []migration.BlockRef{refs[2], refs[0], refs[1]}
	err := x.Commit(t.Context(), object, turned)
	if refs[0].Offset >= 0 {
		if err == nil {
			t.Fatal("another order than that of the offsets was accepted")
		}
		absent(t, x, object)
		must(t, x.Commit(t.Context(), object, refs))
		whole(t, x, object, refs, data)
		return
	}
	must(t, err)
	whole(t, x, object, turned, data)
}

func (s *suite) commitRepeats(t *testing.T) {
	x := s.open(t)
	refs, data := stageN(t, x, object, 4)
	for range 3 {
		must(t, x.Commit(t.Context(), object, refs))
		whole(t, x, object, refs, data)
	}
}

func (s *suite) commitReplaces(t *testing.T) {
	x := s.open(t)
	put(t, x, object, content(99, 300000))
	refs, data := stageN(t, x, object, 4)
	same(t, x, object, content(99, 300000))
	must(t, x.Commit(t.Context(), object, refs))
	whole(t, x, object, refs, data)
	put(t, x, object, []byte("again"))
	same(t, x, object, []byte("again"))
}

func (s *suite) commitUnknown(t *testing.T) {
	x := s.open(t)
	refs, _ := stageN(t, x, object, 2)
	other := block(77, content(77, 10))
	unknown := migration.BlockRef{ID: other.ID, Size: 10, Offset: -1}
	if refs[1].Offset >= 0 {
		unknown.Offset = refs[1].Offset + refs[1].Size
	}
	if err := x.Commit(t.Context(), object, append(slices.Clone(refs), unknown)); !errors.Is(err, migration.ErrNotFound) {
		t.Fatalf("commit of a block that was never staged: %v, want ErrNotFound", err)
	}
	absent(t, x, object)
}

// unlisted: blocks that the list does not name are not part of the object.
func (s *suite) unlisted(t *testing.T) {
	x := s.open(t)
	refs, data := stageN(t, x, object, 6)
	must(t, x.Commit(t.Context(), object, refs[:4]))
	whole(t, x, object, refs[:4], data)
	refs, data = stageN(t, x, "gaps", 6)
	some := []migration.BlockRef{refs[0], refs[2], refs[5]}
	must(t, x.Commit(t.Context(), "gaps", some))
	whole(t, x, "gaps", some, data)
}

func (s *suite) parallelStage(t *testing.T) {
	x := s.open(t)
	const n = 16
	refs := make([]migration.BlockRef, n)
	data := map[string][]byte{}
	for i := range n {
		data[block(i, content(i, 30000+i)).ID] = content(i, 30000+i)
	}
	each(t, n, func(i int) error {
		b := block(i, content(i, 30000+i))
		offset, err := x.Stage(t.Context(), object, b)
		refs[i] = migration.BlockRef{ID: b.ID, Size: int64(len(b.Data)), Offset: offset}
		return err
	})
	if refs[0].Offset >= 0 {
		slices.SortFunc(refs, func(a, b migration.BlockRef) int { return int(a.Offset - b.Offset) })
	}
	must(t, x.Commit(t.Context(), object, refs))
	whole(t, x, object, refs, data)
}

func (s *suite) restore(t *testing.T) {
	x := s.open(t)
	refs, data := stageN(t, x, object, 5)
	x = s.restart(t, x)
	absent(t, x, object)
	restoreAll(t, x, object, refs, refs)
	restoreAll(t, x, object, refs, refs) // repeating it changes nothing
	more := block(50, content(50, 1234))
	data[more.ID] = more.Data
	refs = append(refs, stage(t, x, object, more))
	must(t, x.Commit(t.Context(), object, refs))
	whole(t, x, object, refs, data)
}

// restorePart: what is not kept is forgotten, also when it was staged; a kept
// block that was never there does not come back.
func (s *suite) restorePart(t *testing.T) {
	x := s.open(t)
	refs, data := stageN(t, x, object, 5)
	x = s.restart(t, x)
	missing := migration.BlockRef{ID: block(88, []byte("never")).ID, Size: 5, Offset: -1}
	if refs[0].Offset >= 0 {
		missing.Offset = 1 << 40
	}
	kept := refs[:3:3]
	restoreAll(t, x, object, append(slices.Clone(kept), missing), kept)
	if err := x.Commit(t.Context(), object, refs); err == nil {
		t.Fatal("blocks that were not kept could be committed")
	}
	again := stage(t, x, object, migration.Block{ID: refs[3].ID, Data: data[refs[3].ID], MD5: sumOf(data[refs[3].ID]).MD5})
	kept = append(kept, again)
	must(t, x.Commit(t.Context(), object, kept))
	whole(t, x, object, kept, data)
}

func (s *suite) restoreNothing(t *testing.T) {
	x := s.open(t)
	restoreAll(t, x, "never/begun", nil, nil)
	restoreAll(t, x, "never/begun", []migration.BlockRef{{ID: "x", Size: 3, Offset: 0}}, nil)
	stageN(t, x, object, 3)
	x = s.restart(t, x)
	restoreAll(t, x, object, nil, nil)
	b := block(9, content(9, 777))
	ref := stage(t, x, object, b)
	must(t, x.Commit(t.Context(), object, []migration.BlockRef{ref}))
	same(t, x, object, b.Data)
}

// restoreCommitted: killed after Commit and before the caller noted it, the
// next process knows the blocks still. It can commit them once more, or go on
// with another end.
func (s *suite) restoreCommitted(t *testing.T) {
	x := s.open(t)
	refs, data := stageN(t, x, object, 4)
	must(t, x.Commit(t.Context(), object, refs))
	x = s.restart(t, x)
	restoreAll(t, x, object, refs, refs)
	must(t, x.Commit(t.Context(), object, refs))
	whole(t, x, object, refs, data)

	x = s.restart(t, x)
	restoreAll(t, x, object, refs[:3], refs[:3])
	end := block(60, content(60, 4321))
	data[end.ID] = end.Data
	other := append(slices.Clone(refs[:3]), stage(t, x, object, end))
	must(t, x.Commit(t.Context(), object, other))
	whole(t, x, object, other, data)
}

// restoreVerifies: where the caller knows the MD5, blocks come back with it, and
// a target that keeps blocks at offsets, so that it can read them, gives none
// with other bytes back. Afterwards the assembly goes on as usual.
func (s *suite) restoreVerifies(t *testing.T) {
	for _, committed := range []bool{false, true} {
		x := s.open(t)
		refs, data := stageN(t, x, object, 5)
		if committed {
			must(t, x.Commit(t.Context(), object, refs))
		}
		known := slices.Clone(refs)
		for i, r := range known {
			sum := md5.Sum(data[r.ID])
			known[i].MD5 = sum[:]
		}
		x = s.restart(t, x)
		restoreAll(t, x, object, known, refs)
		if refs[0].Offset >= 0 {
			known[2].MD5 = bytes.Repeat([]byte{7}, md5.Size)
			restoreAll(t, x, object, known, slices.Concat(refs[:2], refs[3:]))
			if err := x.Commit(t.Context(), object, refs); !errors.Is(err, migration.ErrNotFound) {
				t.Fatalf("commit of a block with other bytes: %v, want ErrNotFound", err)
			}
			refs = slices.Concat(refs[:2], refs[3:])
		}
		more := block(50, content(50, 1234))
		data[more.ID] = more.Data
		refs = append(refs, stage(t, x, object, more))
		must(t, x.Commit(t.Context(), object, refs))
		whole(t, x, object, refs, data)
	}
}
