package onsite

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"omt/migration"
)

// secretFile is the configuration of Customer Service. It holds the password of
// the database, and copies of it do too, so no file of this name is ever sent.
const secretFile = "config"

// privateFolders of the base path are the program, or come as a kind of their
// own; text and templates may be configured to be the base path or above it.
var privateFolders = []string{"bin", "log", "attachments"}

func (in *Installation) privateFolder(path string) bool {
	base := in.settings.Service.BasePath
	return base != "" && slices.ContainsFunc(privateFolders, func(name string) bool {
		return migration.FoldPath(filepath.Join(base, name)) == migration.FoldPath(path)
	})
}

// serviceWalk yields the files below one folder of Customer Service.
type serviceWalk struct {
	in    *Installation
	name  string // of the kind of files: text or templates
	root  string
	yield func(migration.Item) error
}

func (in *Installation) serviceFiles(ctx context.Context, name, root string, yield func(migration.Item) error) error {
	w := serviceWalk{in, name, root, yield}
	return w.folder(ctx, nil)
}

// folder goes through one folder and those below it, in the order of names.
func (w *serviceWalk) folder(ctx context.Context, elements []string) error {
	list, err := w.in.files.sorted(w.root, elements)
	var denied *deniedError
	if errors.As(err, &denied) {
		it := w.item(elements)
		it.Outcome, it.Reason = migration.Unreadable, denied.reason
		return w.yield(it)
	}
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		below := append(slices.Clip(elements), e.name)
		switch {
		case e.dir && w.in.privateFolder(filepath.Join(append([]string{w.root}, below...)...)):
		case e.dir:
			err = w.folder(ctx, below)
		case foldName(e.name) != secretFile:
			err = w.file(below)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *serviceWalk) item(elements []string) migration.Item {
	rel := strings.Join(elements, "/")
	return migration.Item{
		Kind: migration.KindService, Key: w.name + "/" + rel,
		Elements: append([]string{"service", w.name}, elements...),
		Source:   filepath.Join(w.root, filepath.FromSlash(rel)),
	}
}

func (w *serviceWalk) file(elements []string) error {
	p, ok, err := w.in.files.stat(w.root, elements...)
	if err != nil || !ok {
		return err // deleted meanwhile, if there is no error
	}
	it := w.item(elements)
	if it.Size, it.Modified = p.size, p.mtime; !p.reason.IsZero() {
		it.Outcome, it.Reason = migration.Unreadable, p.reason
	}
	return w.yield(it)
}
