package onsite

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"omt/migration"
)

// versions yields earlier versions and checked-out copies, by document (in the
// order of eachDocument) and then by name. They lie in a folder beside the document that is named like it
// without extension: <base>/<base>-NNN.ext and <base>/<name>.
func (in *Installation) versions(ctx context.Context, fd *finder, yield func(migration.Item) error) error {
	fd.namesakes = in.namesakes(ctx)
	return in.eachDocument(ctx, beforeAll, func(d documentRow) error {
		outcome, _, owners := d.outcome()
		if outcome != "" {
			return nil
		}
		for _, name := range []string{owners[0], d.name} {
			if why := checkName(name); !why.IsZero() {
				return nil
			}
		}
		return fd.versionsOf(d, owners, yield)
	})
}

func (fd *finder) versionsOf(d documentRow, owners []string, yield func(migration.Item) error) error {
	ext := filepath.Ext(d.name)
	base := strings.TrimSuffix(d.name, ext)
	if base == "" || ext == "" {
		return nil // the folder would have the document's own name
	}
	if why := checkName(base); !why.IsZero() {
		return nil
	}
	periods := d.periods()
	w := versionWalk{fd: fd, row: d, owner: owners[0], period: periods[0], base: base, ext: ext, seen: map[string]bool{}, yield: yield}
	pairs := folders(owners, periods)
	if d.undated() {
		h, err := fd.search(d, owners, periods)
		if err != nil {
			return err
		}
		if h.path != "" && h.other == 0 {
			dir := filepath.Dir(h.path)
			pairs = append(pairs, [2]string{filepath.Base(filepath.Dir(dir)), filepath.Base(dir)})
		}
	}
	for i, folder := range pairs {
		for _, root := range fd.files.settings.ArchivePaths {
			paths, err := fd.spell(root, []string{folder[0], folder[1], base})
			if err := fd.unlessDenied(migration.KindVersion, "documents", err, yield); err != nil {
				return err
			}
			if i > 0 && len(paths) > 0 {
				other, err := fd.claimed(d, []string{folder[0], folder[1], d.name})
				if err != nil {
					return err
				}
				if other != 0 {
					continue // they are versions of that document
				}
			}
			for _, actual := range paths {
				if err := w.folder(root, actual); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// versionWalk goes through the version folders of one document.
type versionWalk struct {
	fd                       *finder
	row                      documentRow
	owner, period, base, ext string
	seen                     map[string]bool
	yield                    func(migration.Item) error
}

func (w *versionWalk) folder(root string, actual []string) error {
	list, err := w.fd.files.sorted(root, actual)
	if err := w.fd.unlessDenied(migration.KindVersion, "documents", err, w.yield); err != nil {
		return err
	}
	for _, e := range list {
		if !isVersion(e.name, w.base, w.ext) || w.seen[foldName(e.name)] {
			continue
		}
		p, ok, err := w.fd.files.stat(root, append(slices.Clip(actual), e.name)...)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		w.seen[foldName(e.name)] = true
		if err := w.yield(versionItem(w.row, w.owner, w.period, w.base, e.name, p)); err != nil {
			return err
		}
	}
	return nil
}

func versionItem(d documentRow, owner, period, base, name string, p place) migration.Item {
	it := migration.Item{
		// The id keeps apart two rows that share one name.
		Kind: migration.KindVersion, Key: strconv.FormatInt(d.id, 10) + "/" + name, Row: d.id, Owner: owner,
		Elements: []string{"documents", owner, period, base, name},
		Source:   p.path, Size: p.size, Modified: p.mtime,
	}
	if !p.reason.IsZero() {
		it.Outcome, it.Reason = migration.Unreadable, p.reason
	}
	return it
}

// isVersion: the document's own name is the checked-out copy, base-NNN.ext with
// three or more digits a version.
func isVersion(name, base, ext string) bool {
	fold := foldName(name)
	if fold == foldName(base+ext) {
		return true
	}
	number, ok := strings.CutPrefix(fold, migration.FoldPath(base)+"-")
	if !ok {
		return false
	}
	number, ok = strings.CutSuffix(number, migration.FoldPath(ext))
	return ok && len(number) >= 3 && strings.Trim(number, "0123456789") == ""
}
