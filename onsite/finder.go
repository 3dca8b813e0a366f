package onsite

import (
	"container/list"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"omt/migration"
)

const (
	// cachedNames bounds the names that a finder keeps, some 30 MB at most.
	cachedNames = 200_000
	// listedNames bounds one listing; a folder with more has its other names
	// found by their exact spelling alone.
	listedNames = 500_000
	listChunk   = 1_000
)

// finder looks for files whose names may be spelled otherwise than in the
// database: the archive comes from a file system that ignores case. It lives
// for one pass over the items, so that it never answers from old listings, and
// is used by one goroutine.
type finder struct {
	files  *files
	recent *list.List // of *listing, most recent first
	known  map[string]*list.Element
	names  int
	// refused are the folders that were reported as not to be listed.
	refused map[string]bool
	// namesakes reads the document rows of a name; nil means that there are none.
	namesakes func(name string) ([]documentRow, error)
}

// listing is one folder: names by their folded form. more has the names whose
// folded form was taken, which is rare and would cost a slice for every name.
type listing struct {
	key   string
	names map[string]string
	more  map[string][]string
	cut   bool // there are more names than listedNames
}

func (l *listing) spellings(fold string) []string {
	name, ok := l.names[fold]
	if !ok {
		return nil
	}
	out := append([]string{name}, l.more[fold]...)
	slices.Sort(out)
	return out
}

type dirent struct {
	name string
	dir  bool
}

func (f *files) finder() *finder {
	return &finder{files: f, recent: list.New(), known: map[string]*list.Element{}, refused: map[string]bool{}}
}

// find looks for the path as it is written, then for another spelling of it.
func (fd *finder) find(root string, elements ...string) (place, bool, error) {
	p, ok, err := fd.files.stat(root, elements...)
	if err != nil || ok {
		return p, ok, err
	}
	spellings, err := fd.spell(root, elements)
	var denied *deniedError
	if errors.As(err, &denied) {
		return place{path: denied.path(), reason: denied.reason}, true, nil
	}
	if err != nil {
		return place{}, false, err
	}
	for _, actual := range spellings {
		if p, ok, err := fd.files.stat(root, actual...); err != nil || ok {
			p.actual = actual
			return p, ok, err
		}
	}
	return place{}, false, nil
}

// spell returns the paths on the disk that Windows would hold to be this one.
// There are several only where folders of a file system that tells case apart
// were merged.
func (fd *finder) spell(root string, elements []string) ([][]string, error) {
	paths := [][]string{nil}
	for _, e := range elements {
		var next [][]string
		for _, folder := range paths {
			names, err := fd.spellings(root, folder, e)
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				next = append(next, append(slices.Clip(folder), name))
			}
		}
		paths = next
	}
	return paths, nil
}

// spellings returns the names in a folder that Windows would hold to be this
// one. Where the folder may not be listed, or has more names than are kept, the
// exact one is tried.
func (fd *finder) spellings(root string, folder []string, name string) ([]string, error) {
	l, err := fd.list(root, folder)
	var denied *deniedError
	if err != nil && !errors.As(err, &denied) {
		return nil, err
	}
	var names []string
	if l != nil {
		if names = l.spellings(foldName(name)); !l.cut || slices.Contains(names, name) {
			return names, nil
		}
	}
	p, ok, serr := fd.files.stat(root, append(slices.Clip(folder), name)...)
	switch {
	case serr != nil:
		return nil, serr
	case ok && (p.reason.IsZero() || p.reason.ID == notAFile):
		return append([]string{name}, names...), nil
	}
	return names, err
}

// unlessDenied passes on an error, but for a folder that may not be listed:
// that is yielded as an item, once in a pass, because nobody can tell what is
// left behind in it. first is the first element of the kind's target paths.
func (fd *finder) unlessDenied(kind migration.ItemKind, first string, err error, yield func(migration.Item) error) error {
	var d *deniedError
	if !errors.As(err, &d) {
		return err
	}
	if fd.refused[d.path()] {
		return nil
	}
	fd.refused[d.path()] = true
	return yield(migration.Item{
		Kind: kind, Key: "folder:" + strconv.Itoa(1+slices.Index(fd.files.settings.ArchivePaths, d.root)) + "/" + strings.Join(d.elements, "/"),
		Elements: append([]string{first}, d.elements...), Source: d.path(), Outcome: migration.Unreadable, Reason: d.reason,
	})
}

// list returns the listing of a folder, which is empty if it is not there.
func (fd *finder) list(root string, elements []string) (*listing, error) {
	key := root + "\x00" + strings.Join(elements, "/")
	if e := fd.known[key]; e != nil {
		fd.recent.MoveToFront(e)
		return e.Value.(*listing), nil
	}
	l := &listing{key: key, names: map[string]string{}, more: map[string][]string{}}
	err := fd.files.each(root, elements, func(d dirent) bool {
		fold := foldName(d.name)
		if _, taken := l.names[fold]; taken {
			l.more[fold] = append(l.more[fold], d.name)
		} else {
			l.names[fold] = d.name
		}
		l.cut = len(l.names) >= listedNames
		return !l.cut
	})
	if err != nil {
		return nil, err
	}
	fd.known[key] = fd.recent.PushFront(l)
	fd.names += len(l.names) + 1
	for fd.names > cachedNames && fd.recent.Len() > 1 {
		last := fd.recent.Back()
		old := fd.recent.Remove(last).(*listing)
		delete(fd.known, old.key)
		fd.names -= len(old.names) + 1
	}
	return l, nil
}

// sorted lists a folder in the order of names, which alone are held: a million
// are some 60 MB.
func (f *files) sorted(root string, elements []string) ([]dirent, error) {
	var out []dirent
	err := f.each(root, elements, func(d dirent) bool {
		out = append(out, d)
		return true
	})
	slices.SortFunc(out, func(a, b dirent) int { return strings.Compare(a.name, b.name) })
	return out, err
}

// each hands the entries of a folder to take until it returns false. A folder
// that is not there has none; one that may not be listed is a deniedError.
func (f *files) each(root string, elements []string, take func(dirent) bool) error {
	r, err := f.root(root)
	if err != nil {
		return err
	}
	dir, err := r.OpenFile(filepath.Join(append([]string{"."}, elements...)...), openFlags, 0)
	if err != nil {
		return cannotList(root, elements, err)
	}
	defer dir.Close()
	for {
		chunk, err := dir.ReadDir(listChunk)
		for _, e := range chunk {
			if !take(dirent{name: e.Name(), dir: e.IsDir()}) {
				return nil
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return cannotList(root, elements, err)
		}
	}
}
