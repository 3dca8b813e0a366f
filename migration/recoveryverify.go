package migration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"omt/migration/journal"
)

// verify holds the objects of the uploaded run against the target, because an
// unfinished recovery may have replaced some since. What is not provably the
// same is read back, so that the next manifest says what lies there.
func (a *adoption) verify(ctx context.Context) error {
	for _, prefix := range objectFolders {
		err := a.m.Target.List(ctx, prefix, func(there Object) error {
			o, found, err := a.m.Journal.At(ctx, FoldPath(there.Path))
			if err != nil {
				return fmt.Errorf("look up path: %w", err)
			}
			var known [16]byte
			same := len(there.MD5) == 16 && o.MD5 != known && [16]byte(there.MD5) == o.MD5 && there.Size == o.Size
			if !found || !sent(o) || o.Target != there.Path || same {
				return nil
			}
			return a.readAgain(ctx, o)
		})
		if errors.Is(err, ErrForbidden) {
			return a.m.badManifest("manifest/"+a.run, fmt.Errorf("an unfinished recovery came after it, and the target may not be listed: %w", err))
		}
		if err != nil {
			return fmt.Errorf("list target: %w", err)
		}
	}
	if err := a.m.Journal.Flush(ctx); err != nil {
		return fmt.Errorf("rebuild journal: %w", err)
	}
	return nil
}

// readAgain takes an object as the target holds it. Its file on-site may be
// another since, so that its time is unknown.
func (a *adoption) readAgain(ctx context.Context, o journal.Object) error {
	sum, err := a.m.sumThere(ctx, o.Target)
	if err != nil {
		return err
	}
	if sum.SHA256 == o.SHA256 && sum.Size == o.Size {
		return nil
	}
	o.Size, o.SHA256, o.MD5, o.ModTime = sum.Size, sum.SHA256, sum.MD5, time.Time{}
	a.m.Journal.Ack(o, a.m.adopted)
	return nil
}
