package sample

import (
	"fmt"
	"strings"

	"omt/migration"
)

// emptyTables hold nothing in a healthy central database: a row in one of them
// means a traveller, a satellite, a blocked login or a run in progress, and
// would stop a migration before it starts.
var emptyTables = map[string]bool{
	"systemevent": true, "traveller": true, "satellite": true, "area": true, "areauserassignment": true, "areauserinclusion": true,
	"travelidmapping": true, "travelgenerateddatabase": true, "travelgeneratedtransaction": true, "licensesatllink": true,
	"locking": true, "temp_db_lock": true, "sequence": true, "traveltransactionlog": true,
}

// others gives the tables that nothing else fills up to four rows each, so that
// a run meets every table layout with data in it. About one in five stays
// empty, as in every installation.
func (b *rowBuilder) others() error {
	late := map[string]bool{ // filled after this step
		"contact": true, "address": true, "ownercontactlink": true, "project": true, "projectmember": true, "sale": true, "salehist": true,
		"visiblefor": true, "text": true, "appointment": true, "document": true, "foreignapp": true, "foreigndevice": true, "foreignkey": true,
	}
	for _, s := range b.order {
		name := strings.ToLower(s.table.Name)
		if s.table.Schema != SchemaName || s.rows > 0 || late[name] || emptyTables[name] {
			continue
		}
		if b.o.Defects.has(DefectNoService) && ofService(s.table) {
			continue
		}
		for n := range s.number % 5 {
			if err := b.someRow(s, int64(n+1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// someRow makes a plausible row of any table. Text and numbers carry the id, so
// that unique indexes hold; references stay 0, which SuperOffice reads as none.
func (b *rowBuilder) someRow(s *sink, id int64) error {
	copy(s.values, s.defaults)
	s.values[0] = id
	if s.stamped {
		b.stamp(s, id)
	}
	unique := uniqueColumns(s.table)
	for i, c := range s.table.Columns[1:] {
		at := i + 1
		lower := strings.ToLower(c.Name)
		switch {
		case unique[lower]:
			s.values[at] = uniqueValue(c, id)
		case strings.HasSuffix(lower, "_id") || strings.HasSuffix(lower, "idx") || strings.HasPrefix(lower, "registered") || strings.HasPrefix(lower, "updated"):
		case c.Nullable && (id+int64(at))%4 == 0:
			s.values[at] = nil
		default:
			s.values[at] = b.someValue(c, id)
		}
	}
	return b.put(s, s.values)
}

func (b *rowBuilder) someValue(c migration.Column, id int64) any {
	switch c.Type {
	case "nvarchar":
		text := pick(b.rng, phrases)
		if c.MaxLength > 0 {
			text = cut(text, c.MaxLength/2)
		}
		return text
	case "datetime":
		return dateIn(b.rng, firstDay, lastDay)
	case "float":
		return float64(b.rng.IntN(1_000_000)) / 8
	case "varbinary":
		blob := make([]byte, 64)
		fill(b.rng, blob)
		return blob
	default:
		return id % 3
	}
}

func uniqueValue(c migration.Column, id int64) any {
	switch c.Type {
	case "nvarchar":
		return cut(fmt.Sprintf("%d Ø", id), max(1, c.MaxLength/2))
	case "datetime":
		return firstDay.AddDate(0, 0, int(id))
	default:
		return id
	}
}

func uniqueColumns(t *migration.Table) map[string]bool {
	out := map[string]bool{}
	for _, ix := range t.Indexes {
		if ix.Unique && ix.Kind != migration.PrimaryKey {
			for _, c := range ix.Columns {
				out[strings.ToLower(c.Name)] = true
			}
		}
	}
	return out
}
