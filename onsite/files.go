package onsite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"omt/migration"
)

// files keeps the folders open that may be read. Everything below them is
// reached through os.Root, so that neither a name nor a link leads out.
type files struct {
	settings Settings
	mu       sync.Mutex
	roots    map[string]*os.Root
}

func newFiles(s Settings) *files {
	return &files{settings: s, roots: map[string]*os.Root{}}
}

func (f *files) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var err error
	for _, r := range f.roots {
		err = errors.Join(err, r.Close())
	}
	clear(f.roots)
	return err
}

// root opens a folder once.
func (f *files) root(path string) (*os.Root, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.roots[path]; r != nil {
		return r, nil
	}
	r, err := os.OpenRoot(path)
	if err != nil {
		return nil, gone(path, err)
	}
	f.roots[path] = r
	return r, nil
}

func gone(path string, err error) error {
	return migration.Fail("open folder", path, err, migration.Msg("hint.archive.path", "Path", path))
}

// alive fails if a folder cannot be reached: a share that went away must not
// turn every document into a missing one.
func (f *files) alive(paths []string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err == nil && !info.IsDir() {
			err = syscall.ENOTDIR
		}
		if err != nil {
			return gone(path, err)
		}
	}
	return nil
}

// CheckPaths fails if an archive path, a configured folder, or one to which
// attachments in the database refer, does not exist or is no folder, naming the
// first one. It is called before a migration starts.
func (in *Installation) CheckPaths(ctx context.Context) error {
	s := in.settings
	if len(s.ArchivePaths) == 0 {
		return migration.Fail("check archive", "", fmt.Errorf("%w: ArchivePath is missing", ErrConfiguration), migration.Msg("hint.archive.none"))
	}
	paths := append([]string{}, s.ArchivePaths...)
	for _, p := range []string{s.TemplatePath, s.Service.BasePath, s.Service.TextPath, s.Service.TemplatePath, s.Service.AttachmentPath} {
		if p != "" {
			paths = append(paths, p)
		}
	}
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !filepath.IsAbs(p) {
			return gone(p, errors.New("path is not absolute on this computer"))
		}
		_, err := within(ctx, answerLimit, p, func() (struct{}, error) { return struct{}{}, in.files.alive([]string{p}) })
		if err != nil {
			return err
		}
	}
	return in.checkAttachments(ctx)
}

// place is a file or a reason why there is none to read.
type place struct {
	path   string
	size   int64
	mtime  time.Time
	actual []string          // the path below the root as the disk spells it; nil if as asked
	reason migration.Message // not zero: something stands there that cannot be read
}

// notAFile is the reason of a folder or device where a file is looked for.
const notAFile = "reason.file.kind"

// stat looks at one path below a root. Nothing there gives false.
func (f *files) stat(root string, elements ...string) (place, bool, error) {
	r, err := f.root(root)
	if err != nil {
		return place{}, false, err
	}
	rel := filepath.Join(elements...)
	p := place{path: filepath.Join(root, rel)}
	info, err := r.Stat(rel)
	switch {
	case err == nil && info.Mode().IsRegular():
		p.size, p.mtime = info.Size(), info.ModTime()
	case err == nil:
		p.reason = migration.Msg(notAFile, "Path", p.path)
	case absent(err):
		return place{}, false, nil
	default:
		why, ok := unreadable(p.path, err)
		if !ok {
			return place{}, false, lost(p.path, err)
		}
		p.reason = why
	}
	return p, true, nil
}

// Open opens the file of an item through the folder in which it was found. A
// source outside the installation's folders is refused.
func (in *Installation) Open(ctx context.Context, it migration.Item) (migration.File, error) {
	if it.Source == "" {
		return nil, fmt.Errorf("open %s %s: %w", it.Kind, it.Key, fs.ErrNotExist)
	}
	roots, err := in.rootsOf(ctx, it.Kind)
	if err != nil {
		return nil, err
	}
	root, rel := "", ""
	for _, candidate := range roots {
		r, err := filepath.Rel(candidate, it.Source)
		if err == nil && filepath.IsLocal(r) && len(candidate) > len(root) {
			root, rel = candidate, r
		}
	}
	if root == "" {
		return nil, migration.Fail("open", it.Source, fmt.Errorf("%w: it lies outside the installation", migration.ErrForbidden),
			migration.Msg("reason.file.link", "Path", it.Source))
	}
	r, err := in.files.root(root)
	if err != nil {
		return nil, err
	}
	file, err := whileBusy(ctx, func() (*os.File, error) { return r.OpenFile(rel, openFlags, 0) })
	if ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), closeIf(file))
	}
	if err != nil {
		return nil, cannotOpen(it.Source, err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(cannotOpen(it.Source, err), file.Close())
	}
	if !info.Mode().IsRegular() {
		err = migration.Fail("open", it.Source, errors.New("not a regular file"), migration.Msg(notAFile, "Path", it.Source))
		return nil, errors.Join(err, file.Close())
	}
	return sourceFile{file, it.Source}, nil
}

func closeIf(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}

// rootsOf lists the folders in which items of a kind may lie.
func (in *Installation) rootsOf(ctx context.Context, kind migration.ItemKind) ([]string, error) {
	s := in.settings
	switch kind {
	case migration.KindDocument, migration.KindVersion, migration.KindPersonal:
		return s.ArchivePaths, nil
	case migration.KindTemplate:
		if s.TemplatePath != "" {
			return append([]string{s.TemplatePath}, s.ArchivePaths...), nil
		}
		return s.ArchivePaths, nil
	}
	folders, err := in.serviceFolders(ctx)
	if err != nil {
		return nil, err
	}
	if kind == migration.KindAttachment {
		return folders.allAttachments(), nil
	}
	var out []string
	for _, f := range []string{folders.text, folders.templates} {
		if f != "" {
			out = append(out, f)
		}
	}
	return out, nil
}
