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
	reachable       []string         // those of attachments that can be reached
	locations       map[int64]string // attachment_location, whether it can be reached or not
	// unreached are paths of the database that cannot be read here and for which
	// the configuration has no other: their files would count as missing.
	unreached []migration.Folder
}

// unreach notes the paths that cannot be read from here.
func (f *serviceFolders) unreach(ctx context.Context, kind string, paths ...string) {
	for _, p := range paths {
		known := slices.ContainsFunc(f.unreached, func(x migration.Folder) bool { return x.Path == p })
		if why := tryFolder(ctx, p); p != "" && !known && !why.IsZero() {
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

// serviceFolders returns the folders as they were found since forget: opening
// a file must not ask the database and the disk again.
func (in *Installation) serviceFolders(ctx context.Context) (serviceFolders, error) {
	in.mu.Lock()
	known := in.folders
	in.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	out, err := in.findServiceFolders(ctx)
	if err != nil {
		return out, err
	}
	in.mu.Lock()
	in.folders = &out
	in.mu.Unlock()
	return out, nil
}

// forget makes the next call look for the folders again.
func (in *Installation) forget() {
	in.mu.Lock()
	in.folders = nil
	in.mu.Unlock()
}

func (in *Installation) findServiceFolders(ctx context.Context) (serviceFolders, error) {
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
			if strings.TrimSpace(path.String) != "" {
				out.locations[id] = path.String
				if s.AttachmentPath == "" {
					out.unreach(ctx, "attachments", path.String)
				}
			}
			return err
		})
		if err != nil {
			return out, err
		}
	}
	if out.text = s.TextPath; out.text == "" {
		if out.text = firstFolder(text); out.text == "" {
			out.unreach(ctx, "service", text...)
		}
	}
	if out.templates = s.TemplatePath; out.templates == "" {
		if out.templates = firstFolder(templates); out.templates == "" {
			out.unreach(ctx, "service", templates...)
		}
	}
	if s.AttachmentPath != "" {
		out.attachments = append(out.attachments, s.AttachmentPath)
	} else {
		out.unreach(ctx, "attachments", attachments...)
	}
	for _, path := range attachments {
		if strings.TrimSpace(path) != "" && !slices.Contains(out.attachments, path) {
			out.attachments = append(out.attachments, path)
		}
	}
	for _, path := range out.attachments {
		if folder(path) {
			out.reachable = append(out.reachable, path)
		}
	}
	return out, nil
}

// checkAttachments fails if a folder cannot be reached to which rows of
// attachment refer: all of them would be missing.
func (in *Installation) checkAttachments(ctx context.Context) error {
	names, err := in.load(ctx, false)
	if err != nil || names.find(in.settings.Schema, "attachment") == nil {
		return err
	}
	in.forget()
	folders, err := in.serviceFolders(ctx)
	if err != nil {
		return err
	}
	statement := sqlLocations
	located := names.has(in.settings.Schema, "attachment", "attachment_location_id")
	if !located {
		statement = sqlAnyAttachment
	}
	var needed []string
	err = in.query(ctx, "read attachments", in.settings.Database, statement, func(rows *sql.Rows) error {
		var id sql.NullInt64
		err := rows.Scan(&id)
		if path := folders.locations[id.Int64]; located && path != "" {
			needed = append(needed, path)
		} else {
			needed = append(needed, folders.attachments...)
		}
		return err
	})
	for _, path := range needed {
		if err == nil && !folder(path) {
			err = gone(path, errors.New("rows of attachment refer to it"))
		}
	}
	return err
}

// folder tells whether a path of the database can be read here. A relative one
// would depend on where the program was started.
func folder(path string) bool {
	if !filepath.IsAbs(path) {
		return false
	}
	// Bounded by answerLimit: it is one call, and there is nobody to stop it.
	info, err := within(context.Background(), answerLimit, path, func() (fs.FileInfo, error) { return os.Stat(path) })
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
