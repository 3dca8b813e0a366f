package onsite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	"omt/migration"
)

// Customisations returns what somebody added to the installation.
func (in *Installation) Customisations(ctx context.Context) ([]migration.Customisation, error) {
	c := &customs{in: in}
	for _, step := range []func(context.Context) error{
		c.extraTables, c.extraFields, c.scripts, c.systemScripts, c.webhooks, c.plugins,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return c.list, nil
}

type customs struct {
	in   *Installation
	list []migration.Customisation
}

func (c *customs) add(kind migration.CustomKind, name, table string) {
	c.list = append(c.list, migration.Customisation{Kind: kind, Name: name, Table: table})
}

func (c *customs) extraTables(ctx context.Context) error {
	return c.in.optional(ctx, "read extra tables", "extra_tables", sqlExtraTables, func(rows *sql.Rows) error {
		var table, name sql.NullString
		err := rows.Scan(&table, &name)
		c.add(migration.CustomExtraTable, table.String+" ("+name.String+")", table.String)
		return err
	})
}

// extraFields are of an extra table, or of one of SuperOffice's own, which the
// row names only by a number.
func (c *customs) extraFields(ctx context.Context) error {
	names, err := c.in.load(ctx, false)
	if err != nil || names.find(c.in.settings.Schema, "extra_tables") == nil {
		return err
	}
	return c.in.optional(ctx, "read extra fields", "extra_fields", sqlExtraFields, func(rows *sql.Rows) error {
		var table, field, name sql.NullString
		err := rows.Scan(&table, &field, &name)
		full := field.String
		if table.String != "" {
			full = table.String + "." + full
		}
		c.add(migration.CustomExtraField, full+" ("+name.String+")", "")
		return err
	})
}

func (c *customs) scripts(ctx context.Context) error {
	return c.in.optional(ctx, "read scripts", "ejscript", sqlScripts, func(rows *sql.Rows) error {
		var id int64
		var description sql.NullString
		err := rows.Scan(&id, &description)
		c.add(migration.CustomScript, fmt.Sprintf("%d %s", id, description.String), "")
		return err
	})
}

func (c *customs) systemScripts(ctx context.Context) error {
	return c.in.optional(ctx, "read system scripts", "system_script", sqlSystemScripts, func(rows *sql.Rows) error {
		var event, length sql.NullInt64
		err := rows.Scan(&event, &length)
		if length.Int64 > 0 {
			c.add(migration.CustomSystemScript, fmt.Sprint(event.Int64), "")
		}
		return err
	})
}

func (c *customs) webhooks(ctx context.Context) error {
	return c.in.optional(ctx, "read webhooks", "Webhook", sqlWebhooks, func(rows *sql.Rows) error {
		var name, address sql.NullString
		err := rows.Scan(&name, &address)
		c.add(migration.CustomWebhook, strings.TrimSpace(name.String+" "+hostOf(address.String)), "")
		return err
	})
}

// hostOf is the host of an address, or nothing: user, path and query of a
// webhook often hold its secret.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return "(" + u.Host + ")"
}

func (c *customs) plugins(ctx context.Context) error {
	return c.in.query(ctx, "count documents of other systems", c.in.settings.Database, sqlProviders, func(rows *sql.Rows) error {
		var provider, n int64
		err := rows.Scan(&provider, &n)
		c.add(migration.CustomPlugin, fmt.Sprintf("%d (%d)", provider, n), "")
		return err
	})
}
