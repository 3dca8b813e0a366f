package onsite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"omt/migration"
)

// serviceFolders are the folders of Customer Service as they can be reached
// from here: those of the configuration first, then those of the database,
// which are written as the server sees them.
type serviceFolders struct {
	text, templates string
	attachments     []string         // searched for rows without a location
	locations       map[int64]string // attachment_location
	// unreached are paths of the database that cannot be read here and for which
	// the configuration has no other: their files would count as missing.
	unreached []migration.Folder
}

// unreach notes the paths that cannot be read from here.
func (f *serviceFolders) unreach(kind string, paths ...string) {
	for _, p := range paths {
		known := slices.ContainsFunc(f.unreached, func(x migration.Folder) bool { return x.Path == p })
		if why := tryFolder(p); p != "" && !known && !why.IsZero() {
			f.unreached = append(f.unreached, migration.Folder{Path: p, Kind: kind, Guessed: true, Reason: why})
		}
	}
}

func (f serviceFolders) allAttachments() []string {
	out := append([]string{}, f.attachments...)
	for _, path := range f.locations {
		out = append(out, path)
	}
	return out
}

func (in *Installation) serviceFolders(ctx context.Context) (serviceFolders, error) {
	s := in.settings.Service
	out := serviceFolders{locations: map[int64]string{}}
	names, err := in.load(ctx, false)
	if err != nil {
		return out, err
	}
	var text, templates, attachments []string
	if names.find(in.settings.Schema, "config") != nil {
		err := in.query(ctx, "read Customer Service configuration", in.settings.Database, sqlServiceConfig, func(rows *sql.Rows) error {
			var t, a, p, version sql.NullString
			err := rows.Scan(&t, &a, &p, &version)
			text, attachments, templates = append(text, t.String), append(attachments, a.String), append(templates, p.String)
			return err
		})
		if err != nil {
			return out, err
		}
	}
	if names.find(in.settings.Schema, "attachment_location") != nil {
		err := in.query(ctx, "read attachment locations", in.settings.Database, sqlAttachmentLocations, func(rows *sql.Rows) error {
			var id int64
			var path sql.NullString
			err := rows.Scan(&id, &path)
			if folder(path.String) {
				out.locations[id] = path.String
			} else if s.AttachmentPath == "" {
				out.unreach("attachments", path.String)
			}
			return err
		})
		if err != nil {
			return out, err
		}
	}
	if out.text = s.TextPath; out.text == "" {
		if out.text = firstFolder(text); out.text == "" {
			out.unreach("service", text...)
		}
	}
	if out.templates = s.TemplatePath; out.templates == "" {
		if out.templates = firstFolder(templates); out.templates == "" {
			out.unreach("service", templates...)
		}
	}
	if s.AttachmentPath != "" {
		out.attachments = append(out.attachments, s.AttachmentPath)
	} else {
		out.unreach("attachments", attachments...)
	}
	for _, path := range attachments {
		if folder(path) && !slices.Contains(out.attachments, path) {
			out.attachments = append(out.attachments, path)
		}
	}
	return out, nil
}

// folder tells whether a path of the database can be read here. A relative one
// would depend on where the program was started.
func folder(path string) bool {
	if !filepath.IsAbs(path) {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func firstFolder(paths []string) string {
	for _, p := range paths {
		if folder(p) {
			return p
		}
	}
	return ""
}

// service yields the text and template files of Customer Service in the order
// of their paths.
func (in *Installation) service(ctx context.Context, yield func(migration.Item) error) error {
	folders, err := in.serviceFolders(ctx)
	if err != nil {
		return err
	}
	for _, f := range []struct{ name, path string }{{"templates", folders.templates}, {"text", folders.text}} {
		if f.path == "" {
			continue
		}
		if err := in.serviceFiles(ctx, f.name, f.path, yield); err != nil {
			return err
		}
	}
	return nil
}

// privateFiles of the Service folder itself never leave the computer: config
// holds the password of the database, the others are the program.
var privateFiles = map[string]bool{"config": true, "bin": true, "log": true, "attachments": true}

func (in *Installation) serviceFiles(ctx context.Context, name, root string, yield func(migration.Item) error) error {
	r, err := in.files.root(root)
	if err != nil {
		return err
	}
	base := in.settings.Service.BasePath
	isBase := base != "" && filepath.Clean(base) == filepath.Clean(root)
	return fs.WalkDir(r.FS(), ".", func(rel string, e fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if isBase && !strings.Contains(rel, "/") && privateFiles[strings.ToLower(rel)] {
			if e != nil && e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if err == nil && e.IsDir() {
			return nil
		}
		if rel == "." {
			return gone(root, err)
		}
		elements := strings.Split(rel, "/")
		it := migration.Item{
			Kind: migration.KindService, Key: name + "/" + rel,
			Elements: append([]string{"service", name}, elements...),
			Source:   filepath.Join(root, filepath.FromSlash(rel)),
		}
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // deleted meanwhile
			}
			it.Outcome, it.Reason = migration.Unreadable, unreadable(it.Source, err)
			return yield(it)
		}
		p, ok, err := in.files.stat(root, elements...)
		if err != nil || !ok {
			return err
		}
		if it.Size = p.size; !p.reason.IsZero() {
			it.Outcome, it.Reason = migration.Unreadable, p.reason
		}
		return yield(it)
	})
}
