package onsite

import (
	"context"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"omt/migration"
)

// templateWalk finds the files of template rows in one folder.
type templateWalk struct {
	fd        *finder
	root      string
	prefix    []string
	languages []string
	seen      map[string]bool
	yield     func(migration.Item) error
}

func (w *templateWalk) row(t templateRow) error {
	it := migration.Item{Kind: migration.KindTemplate, Key: "row:" + strconv.FormatInt(t.id, 10), Row: t.id}
	elements, _ := templateName(t.filename)
	switch {
	case len(elements) == 0 && !t.stored():
		return nil
	case t.plugin:
		it.Outcome, it.Reason = migration.OtherProvider, migration.Msg("reason.template.plugin", "Provider", t.provider)
		return w.yield(it)
	case len(elements) == 0:
		it.Outcome, it.Reason = migration.WithoutPath, migration.Msg("reason.template.name")
		return w.yield(it)
	}
	it.Key = strings.Join(elements, "/")
	it.Elements = append([]string{"templates"}, elements...)
	for _, e := range elements {
		if why := checkName(e); !why.IsZero() {
			it.Outcome, it.Reason = migration.Unreadable, why
			return w.once(it)
		}
	}
	found, err := w.files(it, elements)
	if err != nil || found {
		return err
	}
	it.Outcome, it.Reason = migration.Missing, migration.Msg("reason.template.missing", "Path", filepath.Join(elements...))
	if t.provider != 0 {
		it.Outcome, it.Reason = migration.OtherProvider, migration.Msg("reason.template.plugin", "Provider", t.provider)
	}
	if err := w.fd.files.alive(w.fd.files.settings.ArchivePaths); err != nil {
		return err
	}
	return w.once(it)
}

// files yields the template in each language that has it.
func (w *templateWalk) files(it migration.Item, elements []string) (bool, error) {
	if w.root == "" {
		return false, nil
	}
	found := false
	for _, language := range append(slices.Clip(w.languages), "") {
		below := elements
		if language != "" {
			below = append([]string{language}, elements...)
		}
		p, ok, err := w.fd.find(w.root, append(slices.Clip(w.prefix), below...)...)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		found = true
		it := it
		it.Key, it.Elements = strings.Join(below, "/"), append([]string{"templates"}, below...)
		it.Source, it.Size, it.Modified = p.path, p.size, p.mtime
		if !p.reason.IsZero() {
			it.Outcome, it.Reason = migration.Unreadable, p.reason
		}
		if err := w.once(it); err != nil {
			return false, err
		}
	}
	return found, nil
}

// prototypes are the databases for travelling users, which do not migrate.
const prototypes = "travel"

// others yields the files of the folder that no row knows.
func (w *templateWalk) others(ctx context.Context) error {
	folder := filepath.Join(append([]string{w.root}, w.prefix...)...)
	for _, archive := range w.fd.files.settings.ArchivePaths {
		if w.root == "" || folder == filepath.Clean(archive) || inside(archive, folder) {
			return nil // the documents themselves would become templates
		}
	}
	r, err := w.fd.files.root(w.root)
	if err != nil {
		return err
	}
	top := path.Join(append([]string{"."}, w.prefix...)...)
	return fs.WalkDir(r.FS(), top, func(rel string, e fs.DirEntry, err error) error {
		below := strings.TrimPrefix(strings.TrimPrefix(rel, top), "/")
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			err = cannotList(w.root, strings.Split(rel, "/"), err)
			return w.fd.unlessDenied(migration.KindTemplate, "templates", err, w.yield)
		case e.IsDir() && strings.EqualFold(below, prototypes):
			return fs.SkipDir
		case e.IsDir():
			return nil
		}
		p, ok, err := w.fd.files.stat(w.root, strings.Split(rel, "/")...)
		if err != nil || !ok {
			return err
		}
		it := migration.Item{Kind: migration.KindTemplate, Key: below, Source: p.path, Size: p.size, Modified: p.mtime}
		it.Elements = append([]string{"templates"}, strings.Split(below, "/")...)
		if !p.reason.IsZero() {
			it.Outcome, it.Reason = migration.Unreadable, p.reason
		}
		return w.once(it)
	})
}

func (w *templateWalk) once(it migration.Item) error {
	key := migration.FoldPath(it.Key)
	if w.seen[key] {
		return nil
	}
	w.seen[key] = true
	return w.yield(it)
}
