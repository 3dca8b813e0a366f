package onsite

import (
	"context"
	"database/sql"

	"omt/migration"
)

var _ migration.CheckSource = (*Installation)(nil)

// optional runs a statement if its table is there: older versions lack some.
func (in *Installation) optional(ctx context.Context, op, table, statement string, scan func(*sql.Rows) error) error {
	names, err := in.load(ctx, false)
	if err != nil || names.find(in.settings.Schema, table) == nil {
		return err
	}
	return in.query(ctx, op, in.settings.Database, statement, scan)
}

// Places returns the rows of travelcurrent.
func (in *Installation) Places(ctx context.Context) ([]migration.Place, error) {
	var out []migration.Place
	err := in.optional(ctx, "read place of the database", "travelcurrent", sqlPlace, func(rows *sql.Rows) error {
		var id sql.NullInt64
		err := rows.Scan(&id)
		out = append(out, migration.Place{CurrentID: id.Int64})
		return err
	})
	return out, err
}

// Travellers returns who works on a travel database.
func (in *Installation) Travellers(ctx context.Context) ([]migration.Traveller, error) {
	var out []migration.Traveller
	err := in.optional(ctx, "read travellers", "traveller", sqlTravellers, func(rows *sql.Rows) error {
		var id sql.NullInt64
		var name sql.NullString
		err := rows.Scan(&id, &name)
		out = append(out, migration.Traveller{ID: id.Int64, User: name.String})
		return err
	})
	return out, err
}

// Satellites returns the satellites of this database.
func (in *Installation) Satellites(ctx context.Context) ([]migration.Satellite, error) {
	var out []migration.Satellite
	err := in.optional(ctx, "read satellites", "satellite", sqlSatellites, func(rows *sql.Rows) error {
		var s migration.Satellite
		var company sql.NullString
		err := rows.Scan(&s.ID, &company)
		s.Company = company.String
		out = append(out, s)
		return err
	})
	return out, err
}

// AddonPreferences returns the preferences that name SentryAddonNames.
func (in *Installation) AddonPreferences(ctx context.Context) ([]migration.Preference, error) {
	var out []migration.Preference
	err := in.optional(ctx, "read preferences", "UserPreference", sqlAddons, func(rows *sql.Rows) error {
		var p migration.Preference
		var level sql.NullInt64
		var user, section, key sql.NullString
		err := rows.Scan(&p.ID, &level, &user, &section, &key)
		p.Section, p.Key = section.String, key.String
		if level.Int64 == userLevel {
			p.User = user.String
		}
		out = append(out, p)
		return err
	})
	return out, err
}

// userLevel is the level of a preference whose owner is one user (DOCS:
// userpreference); the owner of a group's is a group, whose id may be a user's.
const userLevel = 4

// Registered returns the names of the tables in sequence.
func (in *Installation) Registered(ctx context.Context) ([]string, error) {
	var out []string
	err := in.optional(ctx, "read list of tables", "sequence", sqlRegistered, func(rows *sql.Rows) error {
		var name sql.NullString
		err := rows.Scan(&name)
		if !blank(name.String) {
			out = append(out, name.String)
		}
		return err
	})
	return out, err
}

// SignedOn returns who is signed on now.
func (in *Installation) SignedOn(ctx context.Context) ([]migration.SignedOn, error) {
	names, err := in.load(ctx, false)
	if err != nil {
		return nil, err
	}
	statement, computer := sqlSignedOnPlain, names.has(in.settings.Schema, "activeuser", "computerName")
	if computer {
		statement = sqlSignedOn
	}
	var out []migration.SignedOn
	err = in.optional(ctx, "read signed-on users", "activeuser", statement, func(rows *sql.Rows) error {
		var s migration.SignedOn
		var user, pc sql.NullString
		var since sql.NullTime
		to := []any{&s.ID, &user, &since}
		if computer {
			to = append(to, &pc)
		}
		err := rows.Scan(to...)
		s.User, s.Computer = user.String, pc.String
		if since.Valid && since.Time.Year() > emptyYear {
			s.Since = since.Time
		}
		out = append(out, s)
		return err
	})
	return out, err
}

// emptyYear is the year of the date that SuperOffice writes for none.
const emptyYear = 1760

// Pathless yields the document rows for which no path can be formed.
func (in *Installation) Pathless(ctx context.Context, yield func(migration.Item) error) error {
	return in.eachDocument(ctx, beforeAll, func(d documentRow) error {
		outcome, why, _ := d.outcome()
		if outcome != migration.WithoutPath {
			return nil
		}
		return yield(migration.Item{Kind: migration.KindDocument, Row: d.id, Outcome: outcome, Reason: why})
	})
}
