package onsite

import (
	"fmt"
	"strings"
	"time"

	"omt/migration"
)

// documentRow is what the path of a document is made of.
type documentRow struct {
	id            int64
	name          string
	registered    time.Time
	dated         bool
	provider      int64
	appointmentID int64 // as the document says, 0 for none
	appointment   bool  // there is such a row
	ownerID       int64 // associate of the appointment
	owner         string
	registrarID   int64
	registrar     string
}

// boundary is how far document.registered, which is UTC, can be from the local
// time in whose period the file was stored.
const boundary = 14 * time.Hour

// period is the folder of half a year: CRM 5 held January to July to be the
// first, August to December the second.
func period(t time.Time) string {
	half := 1
	if t.Month() > time.July {
		half = 2
	}
	return fmt.Sprintf("%04d.%d", t.Year(), half)
}

// undated tells whether the row has one of the dates that stand for none: the
// database's is in 1760; for one in 1970 the Windows client took the day on
// which the file was stored, which nothing tells any more.
func (d documentRow) undated() bool {
	y := d.registered.Year()
	return y == emptyYear || y == 1970
}

// periods returns the period of the row and, near a boundary, its neighbour.
func (d documentRow) periods() []string {
	out := []string{period(d.registered)}
	for _, t := range []time.Time{d.registered.Add(-boundary), d.registered.Add(boundary)} {
		if p := period(t); p != out[0] {
			out = append(out, p)
		}
	}
	return out
}

// owners returns the associates in whose folder the file may lie, the one of
// the formula first, or why there is none.
func (d documentRow) owners() ([]string, migration.Message) {
	// A document without an appointment is shown nowhere, whether it names none
	// or one that is gone; SuperOffice's own migration leaves both behind.
	if !d.appointment {
		return nil, migration.Msg("reason.document.appointment", "Appointment", d.appointmentID)
	}
	var out []string
	if d.ownerID != 0 {
		if blank(d.owner) {
			return nil, migration.Msg("reason.document.associate", "Associate", d.ownerID)
		}
		out = append(out, d.owner)
	}
	if !blank(d.registrar) && (len(out) == 0 || foldName(out[0]) != foldName(d.registrar)) {
		out = append(out, d.registrar)
	}
	if len(out) == 0 {
		return nil, migration.Msg("reason.document.associate", "Associate", d.registrarID)
	}
	return out, migration.Message{}
}

// outcome is what the row alone decides: not in this archive, or without a
// path. An empty outcome comes with the owners.
func (d documentRow) outcome() (migration.Outcome, migration.Message, []string) {
	if d.provider != 0 {
		return migration.OtherProvider, migration.Msg("reason.document.provider", "Provider", d.provider), nil
	}
	if blank(d.name) {
		return migration.WithoutPath, migration.Msg("reason.document.name"), nil
	}
	if !d.dated {
		return migration.WithoutPath, migration.Msg("reason.document.date"), nil
	}
	owners, why := d.owners()
	if len(owners) == 0 {
		return migration.WithoutPath, why, nil
	}
	return "", migration.Message{}, owners
}

// formula is the path of the row below an archive path, or nil if it has none.
func (d documentRow) formula() []string {
	outcome, _, owners := d.outcome()
	if outcome != "" {
		return nil
	}
	return []string{owners[0], period(d.registered), d.name}
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
