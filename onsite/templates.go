package onsite

import (
	"context"
	"database/sql"
	"strings"

	"omt/migration"
)

// templateRow is one row of doctmpl.
type templateRow struct {
	id, provider, kind int64
	filename           string
	plugin             bool // the template itself lies with another plug-in
}

// storedKinds are the record types whose templates are files; appointments,
// phone calls and tasks have none.
func (t templateRow) stored() bool {
	switch t.kind {
	case 2, 3, 4, 7, 8, 9:
		return true
	}
	return false
}

// templateName takes apart doctmpl.filename, which is a relative path or a
// crafted "filename=...;allowPersonal=1".
func templateName(s string) (elements []string, personal bool) {
	name := s
	if strings.Contains(s, "=") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(s)), "filename=") {
		name = ""
		for _, part := range strings.Split(s, ";") {
			key, value, _ := strings.Cut(part, "=")
			switch strings.ToLower(strings.TrimSpace(key)) {
			case "filename":
				name = value
			case "allowpersonal":
				personal = strings.TrimSpace(value) == "1"
			}
		}
	}
	separator := func(r rune) bool { return r == '/' || r == '\\' }
	return strings.FieldsFunc(strings.TrimSpace(name), separator), personal
}

// readTemplates reads all template rows: there are some hundred.
func (in *Installation) readTemplates(ctx context.Context) ([]templateRow, error) {
	names, err := in.load(ctx, false)
	if err != nil {
		return nil, err
	}
	statement := sqlTemplates
	hasPlugin := names.has(in.settings.Schema, "DocTmpl", "loadTemplateFromPlugin")
	if !hasPlugin {
		statement = sqlTemplatesPlain
	}
	var out []templateRow
	err = in.query(ctx, "read templates", in.settings.Database, statement, func(rows *sql.Rows) error {
		var t templateRow
		var filename sql.NullString
		var provider, kind, deleted, plugin sql.NullInt64
		to := []any{&t.id, &filename, &provider, &kind, &deleted}
		if hasPlugin {
			to = append(to, &plugin)
		}
		err := rows.Scan(to...)
		t.filename, t.provider, t.kind, t.plugin = filename.String, provider.Int64, kind.Int64, plugin.Int64 != 0
		out = append(out, t)
		return err
	})
	return out, err
}

// templates yields the file of each template row in every language, by row,
// then language, then the one for all; after them the files in the folder that
// no row knows, such as global templates of Word. Each file comes once.
func (in *Installation) templates(ctx context.Context, fd *finder, yield func(migration.Item) error) error {
	rows, err := in.readTemplates(ctx)
	if err != nil {
		return err
	}
	root, prefix, err := fd.templateFolder()
	if err := fd.unlessDenied(migration.KindTemplate, "templates", err, yield); err != nil {
		return err
	}
	w := templateWalk{fd: fd, root: root, prefix: prefix, seen: map[string]bool{}, yield: yield}
	if root != "" {
		w.languages, err = fd.languages(root, prefix)
		if err := fd.unlessDenied(migration.KindTemplate, "templates", err, yield); err != nil {
			return err
		}
	}
	for _, t := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.row(t); err != nil {
			return err
		}
	}
	return w.others(ctx)
}

// templateFolder is the configured one, or Template below the first archive
// path that has it: as a root with the elements below it.
func (fd *finder) templateFolder() (string, []string, error) {
	s := fd.files.settings
	if s.TemplatePath != "" {
		return s.TemplatePath, nil, fd.files.alive([]string{s.TemplatePath})
	}
	for _, root := range s.ArchivePaths {
		paths, err := fd.spell(root, []string{"Template"})
		if err != nil {
			return "", nil, err
		}
		if len(paths) > 0 {
			return root, paths[0], nil
		}
	}
	return "", nil, nil
}

// languages lists the sub-folders with names of two letters.
func (fd *finder) languages(root string, prefix []string) ([]string, error) {
	list, err := fd.files.sorted(root, prefix)
	var out []string
	for _, e := range list {
		if e.dir && len(e.name) == 2 && strings.Trim(strings.ToUpper(e.name), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			out = append(out, e.name)
		}
	}
	return out, err
}
