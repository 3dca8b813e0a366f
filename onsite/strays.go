package onsite

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"omt/migration"
)

// Strays counts the files in the archive to which no item points, without
// SuperOffice's own folders (Data, Scripts, Template/Travel). The items' paths are kept as hashes of 8 bytes: a million documents are 8 MB, and two
// paths with one hash would hide one stray in some 10^12 runs.
func (in *Installation) Strays(ctx context.Context) (migration.Strays, error) {
	var out migration.Strays
	seed := maphash.MakeSeed()
	hash := func(path string) uint64 { return maphash.String(seed, foldNames(filepath.Clean(path))) }
	var known []uint64
	for _, kind := range []migration.ItemKind{migration.KindTemplate, migration.KindDocument, migration.KindVersion, migration.KindPersonal} {
		err := in.Items(ctx, kind, func(it migration.Item) error {
			if it.Source != "" {
				known = append(known, hash(it.Source))
			}
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	slices.Sort(known)
	own, err := in.ownFolders(ctx)
	if err != nil {
		return out, err
	}
	for _, root := range in.archiveFolders() {
		err := in.files.walk(ctx, root, own, func(path string, e fs.DirEntry) {
			if _, ok := slices.BinarySearch(known, hash(path)); ok {
				return
			}
			out.Files++
			if info, err := e.Info(); err == nil {
				out.Bytes += info.Size()
			}
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// foldNames is foldName of every element: a row may name a file with a dot at
// the end that Windows left off when the file was made.
func foldNames(path string) string {
	names := strings.Split(path, string(filepath.Separator))
	for i, n := range names {
		names[i] = foldName(n)
	}
	return strings.Join(names, "/")
}

// ownFolders are the folders that SuperOffice keeps for itself in an archive,
// as folded paths; an associate of the same name makes one a person's.
func (in *Installation) ownFolders(ctx context.Context) (map[string]bool, error) {
	names, err := in.associateNames(ctx)
	if err != nil {
		return nil, err
	}
	own := map[string]bool{"data": true, "scripts": true}
	for _, n := range names {
		delete(own, foldName(n))
	}
	out := map[string]bool{}
	for _, root := range in.settings.ArchivePaths {
		for name := range own {
			out[migration.FoldPath(filepath.Join(root, name))] = true
		}
		out[migration.FoldPath(filepath.Join(root, "Template", prototypes))] = true
	}
	if path := in.settings.TemplatePath; path != "" {
		out[migration.FoldPath(filepath.Join(path, prototypes))] = true
	}
	return out, nil
}

// walk hands every regular file below a root to take. Folders are read in
// pieces, so that one with a million files costs no memory; one that may not
// be listed is passed over, and so are those in skip.
func (f *files) walk(ctx context.Context, root string, skip map[string]bool, take func(path string, e fs.DirEntry)) error {
	r, err := f.root(root)
	if err != nil {
		return err
	}
	queue := []string{"."}
	for len(queue) > 0 {
		rel := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		dir, err := r.OpenFile(rel, openFlags, 0)
		if err != nil {
			if err := countless(root, rel, err); err != nil {
				return err
			}
			continue
		}
		for err == nil && ctx.Err() == nil {
			var chunk []fs.DirEntry
			chunk, err = dir.ReadDir(listChunk)
			for _, e := range chunk {
				switch {
				case e.IsDir():
					if next := filepath.Join(rel, e.Name()); !skip[migration.FoldPath(filepath.Join(root, next))] {
						queue = append(queue, next)
					}
				case e.Type().IsRegular():
					take(filepath.Join(root, rel, e.Name()), e)
				}
			}
		}
		dir.Close()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := countless(root, rel, err); err != nil {
			return err
		}
	}
	return nil
}

// countless passes over a folder that may not be listed or is gone, but not a
// share that is lost.
func countless(root, rel string, err error) error {
	var denied *deniedError
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err = cannotList(root, []string{rel}, err); errors.As(err, &denied) {
		return nil
	}
	return err
}

// archiveFolders are the archive paths and the template path without those
// that lie inside another: their files would be counted twice.
func (in *Installation) archiveFolders() []string {
	all := append([]string{}, in.settings.ArchivePaths...)
	if in.settings.TemplatePath != "" {
		all = append(all, in.settings.TemplatePath)
	}
	var out []string
	for i, a := range all {
		if !slices.ContainsFunc(all, func(b string) bool { return inside(a, b) }) && !slices.Contains(all[:i], a) {
			out = append(out, a)
		}
	}
	return out
}

func inside(path, root string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
