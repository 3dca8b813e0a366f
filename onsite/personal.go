package onsite

import (
	"context"
	"database/sql"
	"strings"

	"omt/migration"
)

// personal yields the files that belong to a person alone: mail.htm, *.sxf and
// personal copies of templates that allow them, directly in the person's
// folder, by associate id and then by name.
func (in *Installation) personal(ctx context.Context, fd *finder, yield func(migration.Item) error) error {
	templates, err := in.readTemplates(ctx)
	if err != nil {
		return err
	}
	wanted := map[string]bool{foldName("mail.htm"): true}
	for _, t := range templates {
		if elements, personal := templateName(t.filename); personal && len(elements) == 1 {
			wanted[foldName(elements[0])] = true
		}
	}
	owners, err := in.associateNames(ctx)
	if err != nil {
		return err
	}
	for _, owner := range owners {
		if why := checkName(owner); !why.IsZero() {
			continue // no folder can have this name
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := fd.personalOf(owner, wanted, yield); err != nil {
			return err
		}
	}
	return nil
}

func (in *Installation) associateNames(ctx context.Context) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	err := in.query(ctx, "read associates", in.settings.Database, sqlAssociateNames, func(rows *sql.Rows) error {
		var id int64
		var name sql.NullString
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		if fold := foldName(name.String); fold != "" && !seen[fold] {
			seen[fold] = true
			out = append(out, name.String)
		}
		return nil
	})
	return out, err
}

func (fd *finder) personalOf(owner string, wanted map[string]bool, yield func(migration.Item) error) error {
	seen := map[string]bool{}
	for _, root := range fd.files.settings.ArchivePaths {
		paths, err := fd.spell(root, []string{owner})
		if err := fd.unlessDenied(migration.KindPersonal, "personal", err, yield); err != nil {
			return err
		}
		for _, actual := range paths {
			list, err := fd.files.sorted(root, actual)
			if err := fd.unlessDenied(migration.KindPersonal, "personal", err, yield); err != nil {
				return err
			}
			for _, e := range list {
				fold := foldName(e.name)
				if e.dir || seen[fold] || !wanted[fold] && !strings.HasSuffix(fold, ".sxf") {
					continue
				}
				p, ok, err := fd.files.stat(root, actual[0], e.name)
				if err != nil {
					return err
				}
				if !ok {
					continue
				}
				seen[fold] = true
				if err := yield(personalItem(owner, e.name, p)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func personalItem(owner, name string, p place) migration.Item {
	it := migration.Item{
		Kind: migration.KindPersonal, Key: owner + "/" + name, Owner: owner,
		Elements: []string{"personal", owner, name}, Source: p.path, Size: p.size, Modified: p.mtime,
	}
	if !p.reason.IsZero() {
		it.Outcome, it.Reason = migration.Unreadable, p.reason
	}
	return it
}
