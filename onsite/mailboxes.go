package onsite

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"omt/migration"
)

// Mailboxes returns the addresses of Customer Service, each once: those at which
// mail is taken, then their aliases, both in the order of their ids. It is empty
// where Customer Service is not used.
func (in *Installation) Mailboxes(ctx context.Context) ([]migration.MailAddress, error) {
	var out []migration.MailAddress
	for _, s := range []struct{ op, table, statement string }{
		{"read mailboxes", "mail_in_filter", sqlMailboxes}, {"read mail aliases", "mail_alias", sqlAliases},
	} {
		err := in.optional(ctx, s.op, s.table, s.statement, func(rows *sql.Rows) error {
			var address sql.NullString
			if err := rows.Scan(&address); err != nil {
				return err
			}
			a := migration.MailAddress{Address: strings.TrimSpace(address.String), Table: s.table}
			if a.Address != "" && !slices.ContainsFunc(out, func(o migration.MailAddress) bool {
				return migration.FoldAddress(o.Address) == migration.FoldAddress(a.Address)
			}) {
				out = append(out, a)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
