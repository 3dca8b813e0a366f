package onsite

import (
	"context"
	"database/sql"
	"strings"

	"omt/migration"
)

// releases tell the version by a table that it brought, newest first. The
// numbers in company.version are not public.
var releases = []struct{ table, release, version string }{
	{"databasemodel", "8.1", "8.1 or later"},
	{"favourite", "8.0", "8.0"},
	{"quoteversion", "7.5", "7.5"},
	{"outgoing_message", "7.1", "7.1"},
}

// Identity reads owner, serial and versions.
func (in *Installation) Identity(ctx context.Context) (migration.Identity, error) {
	info, err := in.server(ctx)
	if err != nil {
		return migration.Identity{}, err
	}
	names, err := in.load(ctx, false)
	if err != nil {
		return migration.Identity{}, err
	}
	id := migration.Identity{Version: "older than 7.1", Database: info.database, Server: info.version}
	if in.trust != nil {
		id.OldTLS = in.trust.outdated()
	}
	for _, r := range releases {
		if names.find(in.settings.Schema, r.table) != nil {
			id.Version, id.Release = r.version, r.release
			break
		}
	}
	found := 0
	err = in.query(ctx, "read company", in.settings.Database, sqlCompany, func(rows *sql.Rows) error {
		var company, serial sql.NullString
		var version, revision sql.NullInt64
		found++
		defer func() { id.Company, id.Serial = strings.TrimSpace(company.String), strings.TrimSpace(serial.String) }()
		return rows.Scan(&company, &serial, &version, &revision)
	})
	if err != nil {
		return migration.Identity{}, err
	}
	if found != 1 {
		return migration.Identity{}, migration.Fail("read company", in.settings.Database, migration.ErrNotFound,
			migration.Msg("hint.company.rows", "Rows", found, "Database", in.settings.Database))
	}
	if product, err := in.product(ctx, names); err != nil {
		return migration.Identity{}, err
	} else if product != "" {
		id.Version += " (" + product + ")"
	}
	return id, nil
}

// product is the version of SuperOffice itself among the installed modules, or
// empty: it is for people only, so a login without the right does without.
func (in *Installation) product(ctx context.Context, names *tableNames) (string, error) {
	if names.find(in.settings.Schema, "ProductVersion") == nil {
		return "", nil
	}
	var out string
	err := in.query(ctx, "read product versions", in.settings.Database, sqlProducts, func(rows *sql.Rows) error {
		var code, version sql.NullString
		if err := rows.Scan(&code, &version); err != nil {
			return err
		}
		if out == "" && version.String != "" {
			out = strings.TrimSpace(code.String + " " + version.String)
		}
		return nil
	})
	return out, unlessDenied(err)
}
