package migration

import (
	"context"
	"errors"
	"fmt"

	"omt/migration/journal"
)

// kindListed is the kind under which the journal keeps objects that a listing
// of the target showed; their key is the path.
const kindListed = "(listed)"

// reusable is what may lie at the target already where a file belongs.
type reusable struct {
	object journal.Object // as an earlier run sent it; zero if it did not, or elsewhere
	listed journal.Object // as the target lists it; zero without a checksum
}

// atTarget looks up what earlier runs have left at the path of an item.
func (s *sender) atTarget(ctx context.Context, it Item, target string) (r reusable, err error) {
	if !s.f.reuse {
		return r, nil
	}
	o, found, err := s.m.Journal.Earlier(ctx, string(it.Kind), it.Key)
	if err != nil {
		return r, fmt.Errorf("look up earlier object: %w", err)
	}
	if found && sent(o) && o.SharedKey == "" && o.Target == target {
		r.object = o
	}
	if r.listed, _, err = s.m.Journal.Earlier(ctx, kindListed, target); err != nil {
		return r, fmt.Errorf("look up earlier object: %w", err)
	}
	return r, nil
}

// asBefore tells whether the file has size and time of the one that was sent.
func (r reusable) asBefore(it Item) bool {
	o := r.object
	return o.Key != "" && o.Size == it.Size && !o.ModTime.IsZero() && o.ModTime.Equal(it.Modified)
}

// holds tells whether the target has these bytes.
func (r reusable) holds(sum Sum) bool {
	if r.object.Key != "" && r.object.Size == sum.Size && r.object.SHA256 == sum.SHA256 {
		return true
	}
	return r.listed.Key != "" && r.listed.Size == sum.Size && r.listed.MD5 == sum.MD5
}

// unchanged records a file that the target has already, with the sums of what
// was sent.
func (s *sender) unchanged(it Item, o, was journal.Object) {
	o.Size, o.SHA256, o.MD5, o.ModTime = was.Size, was.SHA256, was.MD5, was.ModTime
	o.Outcome, o.Reason, o.At = string(Unchanged), encodeReason(it.Reason), s.m.Now().UTC()
	meter := s.m.Progress.Of(phaseOf(it.Kind))
	s.m.counts.unchanged.Add(1)
	s.m.Journal.Ack(o, func(err error) {
		if err != nil {
			s.m.abort(fmt.Errorf("record outcome: %w", err))
			return
		}
		meter.Skip(1, o.Size)
	})
}

// objectFolders are the places of objects at the target, without plan, manifest
// and report.
var objectFolders = []string{"attachments/", "database/", "documents/", "personal/", "service/", "templates/"}

// takeListing notes what an unfinished run of another computer has left. A
// target that keeps no checksums, or may not be listed, leaves nothing that
// could be proved to be the same, and everything is sent again.
func (m *Migration) takeListing(ctx context.Context) error {
	batch := make([]journal.Object, 0, scanBatch)
	flush := func() error {
		err := m.Journal.PutEarlier(ctx, batch)
		batch = make([]journal.Object, 0, scanBatch)
		return err
	}
	for _, prefix := range objectFolders {
		err := m.Target.List(ctx, prefix, func(o Object) error {
			if len(o.MD5) != 16 {
				return nil
			}
			batch = append(batch, journal.Object{Kind: kindListed, Key: o.Path, Size: o.Size, MD5: [16]byte(o.MD5)})
			if len(batch) == scanBatch {
				return flush()
			}
			return nil
		})
		if errors.Is(err, ErrForbidden) {
			break
		}
		if err != nil {
			return fmt.Errorf("list target: %w", err)
		}
	}
	return flush()
}

// ReportOrphans are objects at the target that the manifest does not name: what
// was sent before its row vanished, moved or got another file name. A receiver
// ignores them; omt may not remove anything.
type ReportOrphans struct {
	Total int64    `json:"total"`
	Paths []string `json:"paths"` // at most 1000
}

// stillOrphans are those of the uploaded run that the recovery has not put to
// use.
func (m *Migration) stillOrphans(ctx context.Context, was *ReportOrphans) (*ReportOrphans, error) {
	if was == nil {
		return nil, nil
	}
	out := &ReportOrphans{Paths: []string{}}
	for _, p := range was.Paths {
		_, ours, err := m.oursAt(ctx, p)
		if err != nil {
			return nil, err
		}
		if !ours {
			out.note(p)
		}
	}
	if out.Total += was.Total - int64(len(was.Paths)); out.Total == 0 {
		return nil, nil
	}
	return out, nil
}
