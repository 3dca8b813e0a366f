package onsite

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"omt/migration"
)

// planFlag marks a licence that is a user plan (modulelicense.extraFlags).
const planFlag = 1

// noPlan is the user plan that stands for none.
const noPlan = "superlicense-no-selection"

// Users reads every associate, by id, with addresses, rights and licences.
func (in *Installation) Users(ctx context.Context) ([]migration.User, error) {
	users, err := in.associates(ctx)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*migration.User, len(users))
	for i := range users {
		byID[users[i].AssociateID] = &users[i]
	}
	err = in.pairs(ctx, "read e-mail addresses", sqlEmails, func(id int64, v string) {
		if u := byID[id]; u != nil && !slices.Contains(u.Emails, v) {
			u.Emails = append(u.Emails, v)
		}
	})
	if err != nil {
		return nil, err
	}
	err = in.pairs(ctx, "read phone numbers", sqlPhones, func(id int64, v string) {
		if u := byID[id]; u != nil && !slices.Contains(u.Phones, v) {
			u.Phones = append(u.Phones, v)
		}
	})
	if err != nil {
		return nil, err
	}
	err = in.query(ctx, "read administrators", in.settings.Database, sqlAdmins, func(rows *sql.Rows) error {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if u := byID[id]; u != nil {
			u.Admin = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return users, in.licences(ctx, byID)
}

func (in *Installation) associates(ctx context.Context) ([]migration.User, error) {
	var users []migration.User
	err := in.query(ctx, "read associates", in.settings.Database, sqlAssociates, func(rows *sql.Rows) error {
		var id int64
		var initials, first, middle, last, company, department, group, position, role sql.NullString
		var kind, deleted, person, retired sql.NullInt64
		var login sql.NullTime
		if err := rows.Scan(&id, &initials, &kind, &deleted, &login, &person, &first, &middle, &last, &retired,
			&company, &department, &group, &position, &role); err != nil {
			return err
		}
		if n := len(users); n > 0 && users[n-1].AssociateID == id {
			if users[n-1].Role == "" { // behind a link to a role that is gone
				users[n-1].Role = role.String
			}
			return nil // a second role; SuperOffice gives exactly one
		}
		users = append(users, migration.User{
			AssociateID: id, PersonID: person.Int64, Initials: strings.TrimSpace(initials.String),
			Type: migration.AssociateType(kind.Int64), Retired: deleted.Int64 != 0 || retired.Int64 != 0,
			FullName: words(" ", first.String, middle.String, last.String),
			Company:  words(", ", company.String, department.String),
			Group:    group.String, Position: position.String, Role: role.String, LastLogin: login.Time,
		})
		return nil
	})
	return users, err
}

// pairs reads rows of associate and text; blank texts are left out.
func (in *Installation) pairs(ctx context.Context, op, statement string, take func(int64, string)) error {
	return in.query(ctx, op, in.settings.Database, statement, func(rows *sql.Rows) error {
		var id int64
		var text sql.NullString
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		if v := strings.TrimSpace(text.String); v != "" {
			take(id, v)
		}
		return nil
	})
}

func (in *Installation) licences(ctx context.Context, byID map[int64]*migration.User) error {
	return in.query(ctx, "read licences", in.settings.Database, sqlLicences, func(rows *sql.Rows) error {
		var id, flags sql.NullInt64
		var name, description sql.NullString
		if err := rows.Scan(&id, &name, &description, &flags); err != nil {
			return err
		}
		u := byID[id.Int64]
		if u == nil {
			return nil
		}
		if !slices.Contains(u.Licences, name.String) {
			u.Licences = append(u.Licences, name.String)
		}
		if flags.Int64 == planFlag && u.PlanName == "" && name.String != noPlan {
			if u.PlanName = strings.TrimSpace(description.String); u.PlanName == "" {
				u.PlanName = name.String
			}
		}
		return nil
	})
}

// words joins what is not blank.
func words(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}
