package migration

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"

	"omt/migration/journal"
)

// seenThere is what a look at the target has shown.
type seenThere struct {
	orphans *ReportOrphans
	whole   int64               // objects of the run that lie there with their size
	keys    map[uint64]struct{} // which, if that was asked for
}

// stillThere looks at the target before a run that began with objects of an earlier
// process or run says that it is uploaded: in between somebody may have tidied up
// there. What is gone, or has another size, is sent again; the journal alone would
// call it sent. What the manifest does not name is noted. Other bytes of the same
// size are found by omtctl verify only.
func (m *Migration) stillThere(ctx context.Context, info PackageInfo, fs *files) error {
	if m.begin == BeginInitial && m.set.Left == "" && m.set.Seeded == "" {
		return nil
	}
	there, err := m.lookThrough(ctx, info, false)
	if errors.Is(err, ErrForbidden) {
		return nil // who may not list cannot know it
	}
	if err != nil {
		return err
	}
	fs.orphans = there.orphans
	var want int64
	err = m.Journal.Objects(ctx, "", func(o journal.Object) error {
		if sent(o) && o.SharedKey == "" {
			want++
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count objects of journal: %w", err)
	}
	if there.whole == want {
		return nil
	}
	if there, err = m.lookThrough(ctx, info, true); err != nil {
		return err
	}
	if err := m.forget(ctx, there, fs); err != nil {
		return err
	}
	fs.reuse = false
	return fs.again(ctx)
}

// forget opens what is not at the target: the next pass sends it.
func (m *Migration) forget(ctx context.Context, there *seenThere, fs *files) error {
	err := m.Journal.Objects(ctx, "", func(o journal.Object) error {
		if !sent(o) || o.SharedKey != "" {
			return nil
		}
		if _, found := there.keys[objectHash(o)]; found {
			return nil
		}
		fs.gone++
		m.Log.Warnw("send again what is not at the target any more", "path", o.Target)
		o.Outcome, o.Reason = "", nil
		m.Journal.Ack(o, func(err error) {
			if err != nil {
				m.abort(fmt.Errorf("record outcome: %w", err))
			}
		})
		return nil
	})
	if err != nil {
		return fmt.Errorf("list objects of journal: %w", err)
	}
	return m.Journal.Flush(ctx)
}

// lookThrough lists the objects of the target.
func (m *Migration) lookThrough(ctx context.Context, info PackageInfo, keys bool) (*seenThere, error) {
	var out *seenThere
	err := m.retry(ctx, "list target", func() error {
		out = &seenThere{orphans: &ReportOrphans{Paths: []string{}}}
		if keys {
			out.keys = map[uint64]struct{}{}
		}
		for _, prefix := range objectFolders {
			err := m.Target.List(ctx, prefix, func(o Object) error {
				if o.Path == info.Path || slices.ContainsFunc(info.Scripts, func(s ScriptRef) bool { return s.Path == o.Path }) {
					return nil
				}
				return m.place(ctx, o, out)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list target: %w", err)
	}
	return out, nil
}

// place tells an object of the run from one that the manifest does not name.
func (m *Migration) place(ctx context.Context, there Object, out *seenThere) error {
	o, ours, err := m.oursAt(ctx, there.Path)
	switch {
	case err != nil:
		return err
	case !ours:
		out.orphans.note(there.Path)
	case o.Size == there.Size:
		out.whole++
		if out.keys != nil {
			out.keys[objectHash(o)] = struct{}{}
		}
	}
	return nil
}

// oursAt is the object of the run that was sent to a path, and whether there is one.
func (m *Migration) oursAt(ctx context.Context, path string) (journal.Object, bool, error) {
	o, found, err := m.Journal.At(ctx, FoldPath(path))
	if err != nil {
		return o, false, fmt.Errorf("look up path: %w", err)
	}
	return o, found && sent(o) && o.SharedKey == "" && o.Target == path, nil
}

func (r *ReportOrphans) note(path string) {
	if r.Total++; len(r.Paths) < maxListed {
		r.Paths = append(r.Paths, path)
	}
}

// objectHash stands for an object in a set that has to stay small.
func objectHash(o journal.Object) uint64 {
	return maphash.Comparable(hashSeed, [2]string{o.Kind, o.Key})
}

var hashSeed = maphash.MakeSeed()
