package migration

import (
	"context"
	"fmt"
)

// checkFolders: a share that cannot be read would turn every document on it
// into a missing one. A path that only the database names is a warning: it may
// not be in use.
func checkFolders(ctx context.Context, k *checking, f *finding) error {
	folders, err := k.Facts.Folders(ctx)
	if err != nil {
		return err
	}
	state := CheckWarning
	for _, d := range folders {
		if !d.Reason.IsZero() {
			if !d.Guessed {
				state = CheckFailed
			}
			f.row(value(d.Path), words(Msg("check.folder."+d.Kind)), words(d.Reason))
		}
	}
	f.end(state, "Folders", len(folders))
	return nil
}

// checkPathless lists documents that cannot be migrated because their row does
// not say where the file lies (DOCS: documents-migration).
func checkPathless(ctx context.Context, k *checking, f *finding) error {
	counts := map[string]int64{}
	err := k.Facts.Pathless(ctx, func(it Item) error {
		counts[it.Reason.ID]++
		f.row(value(it.Row), words(it.Reason))
		return nil
	})
	if err != nil {
		return fmt.Errorf("list documents without a path: %w", err)
	}
	f.end(CheckWarning, "Name", counts["reason.document.name"], "Appointment", counts["reason.document.appointment"],
		"Associate", counts["reason.document.associate"], "Date", counts["reason.document.date"])
	return nil
}

// checkColumns names what the package cannot hold. A table that the login may
// not read is an error of the catalogue.
func checkColumns(ctx context.Context, k *checking, f *finding) error {
	cat, err := k.tables(ctx)
	if err != nil {
		return err
	}
	if cat, _, err = cat.Leave(k.LeaveOut); err != nil {
		return err
	}
	for _, r := range k.Packager.Uncarriable(cat) {
		f.row(value(r.Schema+"."+r.Table), value(r.Column), value(r.Type))
	}
	f.end(CheckFailed, "Tables", len(cat.Tables))
	return nil
}

// checkRights: without write nothing can be sent; without read or list an
// earlier run cannot be seen and nothing can be read back.
func checkRights(ctx context.Context, k *checking, f *finding) error {
	r, err := k.Target.Probe(ctx)
	if err != nil {
		return fmt.Errorf("probe target: %w", err)
	}
	for _, right := range []struct {
		granted bool
		id      string
	}{{r.Write, "write"}, {r.Read, "read"}, {r.List, "list"}} {
		if !right.granted {
			f.row(words(Msg("check.right." + right.id)))
		}
	}
	args := []any{"Target", k.Target.Describe()}
	switch {
	case !r.Write:
		f.say(CheckFailed, "readonly", args...)
	case f.Total > 0:
		f.say(CheckWarning, "found", args...)
	default:
		f.say(CheckPassed, "passed", args...)
	}
	return nil
}

// checkSpace compares free space with the size of the database. It only warns:
// the package is compressed, and how large the files are is known only when
// they were counted.
func checkSpace(ctx context.Context, k *checking, f *finding) error {
	r, err := k.Target.Probe(ctx)
	if err != nil {
		return fmt.Errorf("probe target: %w", err)
	}
	cat, err := k.tables(ctx)
	if err != nil {
		return err
	}
	need := cat.SizeKB << 10
	args := []any{"Free", size(r.Free), "Need", size(need), "Target", k.Target.Describe()}
	switch {
	case r.Free < 0:
		f.say(CheckPassed, "unknown", args...)
	case r.Free < need:
		f.say(CheckWarning, "found", args...)
	default:
		f.say(CheckPassed, "passed", args...)
	}
	return nil
}
