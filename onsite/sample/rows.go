package sample

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"omt/migration"
)

// rowLoader stores rows; *mssql.Loader is the real one.
type rowLoader interface {
	Insert(t *migration.Table, values []any) error
}

// rowBuilder makes the rows of one installation and streams them to the
// loader. It keeps people and counters, never rows: memory does not grow with
// the number of rows.
type rowBuilder struct {
	ctx    context.Context
	o      Options
	dir    string
	world  *world
	loader rowLoader
	rng    *rand.Rand
	sinks  map[string]*sink // by schema.table in lower case
	order  []*sink
	total  int64
	expect *Expect
}

// sink is one table while it is filled.
type sink struct {
	table    *migration.Table
	number   int // SuperOffice table number, 0 for partner tables
	pos      map[string]int
	defaults []any
	values   []any
	stamped  bool // has registered, updated and their associates
	rows     int64
	maxID    int64
}

func newRowBuilder(ctx context.Context, o Options, dir string, w *world, c *migration.Catalog, l rowLoader, e *Expect) (*rowBuilder, error) {
	dict, err := dictionary()
	if err != nil {
		return nil, err
	}
	b := &rowBuilder{
		ctx: ctx, o: o, dir: dir, world: w, loader: l, expect: e,
		rng: newRand(o.Seed, "rows", 0), sinks: map[string]*sink{},
	}
	numbers := map[string]int{}
	for i := range dict {
		numbers[dict[i].Name] = dict[i].ID
	}
	for _, t := range c.Tables {
		s := newSink(t)
		if t.Schema == SchemaName {
			var documented bool
			if s.number, documented = numbers[t.Name]; !documented {
				s.number = extraTableNumber
			}
		}
		b.sinks[strings.ToLower(t.FullName())] = s
		b.order = append(b.order, s)
	}
	return b, nil
}

// extraTableNumber is above all documented table numbers.
const extraTableNumber = 10001

func newSink(t *migration.Table) *sink {
	s := &sink{table: t, pos: map[string]int{}}
	service := ofService(t)
	for i, c := range t.Columns {
		s.pos[c.Name], s.pos[strings.ToLower(c.Name)] = i, i
		s.defaults = append(s.defaults, emptyValue(c, service))
	}
	_, s.stamped = s.pos["registered_associate_id"]
	s.values = make([]any, len(s.defaults))
	return s
}

// ofService tells the tables of Customer Service: their first column is id.
func ofService(t *migration.Table) bool { return len(t.Columns) > 0 && t.Columns[0].Name == "id" }

// emptyValue is what SuperOffice stores for "nothing": CRM tables write 0, ”
// and 1760-01-01 where Service tables write NULL.
func emptyValue(c migration.Column, service bool) any {
	if c.Nullable && (service || c.MaxLength < 0) {
		return nil
	}
	switch c.Type {
	case "datetime":
		return noDate
	case "float":
		return float64(0)
	case "varbinary":
		return []byte{}
	case "nvarchar":
		return ""
	default:
		return int64(0)
	}
}

// insert stores one row of a CRM7 table: the first column gets id, set is pairs
// of column name and value, all others get what SuperOffice writes for empty.
func (b *rowBuilder) insert(table string, id int64, set ...any) error {
	s := b.sinks["crm7."+strings.ToLower(table)]
	if s == nil && b.o.Defects.has(DefectOldVersion) && slices.Contains(tablesSince71, strings.ToLower(table)) {
		return nil
	}
	if s == nil {
		return fmt.Errorf("insert into %s: %w", table, migration.ErrNotFound)
	}
	copy(s.values, s.defaults)
	s.values[0] = id
	if s.stamped {
		b.stamp(s, id)
	}
	for i := 0; i+1 < len(set); i += 2 {
		at, ok := s.pos[set[i].(string)]
		if !ok {
			return fmt.Errorf("insert into %s: column %v: %w", table, set[i], migration.ErrNotFound)
		}
		v := set[i+1]
		if n, ok := v.(int); ok {
			v = int64(n)
		}
		s.values[at] = v
	}
	return b.put(s, s.values)
}

// stamp fills the columns that say who made and changed a row, and when.
func (b *rowBuilder) stamp(s *sink, id int64) {
	span := int64(lastDay.Sub(firstDay) / time.Second)
	made := firstDay.Add(time.Duration(uint64(id)*7919%uint64(span)) * time.Second)
	who := b.world.anyUser(uint64(id)).id
	s.set("registered", made)
	s.set("registered_associate_id", who)
	s.set("updated", made.Add(time.Duration(id%400)*time.Hour))
	s.set("updated_associate_id", who)
	s.set("updatedcount", id%4)
}

func (s *sink) set(name string, v any) {
	if at, ok := s.pos[name]; ok {
		s.values[at] = v
	}
}

// put stores one row and counts it. Cancelling is looked at every 256 rows.
func (b *rowBuilder) put(s *sink, values []any) error {
	if b.total%256 == 0 {
		if err := b.ctx.Err(); err != nil {
			return err
		}
	}
	if err := b.loader.Insert(s.table, values); err != nil {
		return fmt.Errorf("insert into %s: %w", s.table.FullName(), err)
	}
	b.total++
	s.rows++
	if id, ok := values[0].(int64); ok && id > s.maxID {
		s.maxID = id
	}
	return nil
}

// next is the next free id of a table.
func (b *rowBuilder) next(table string) int64 {
	return b.sinks["crm7."+strings.ToLower(table)].maxID + 1
}

// add inserts under the next free id and returns it.
func (b *rowBuilder) add(table string, set ...any) (int64, error) {
	id := b.next(table)
	return id, b.insert(table, id, set...)
}

// build fills all tables. The order matters in two places: the transaction log
// takes what is left of the wanted number of rows, and sequence, which says the
// next free id of every table, comes last.
func (b *rowBuilder) build() error {
	steps := []func() error{
		b.system, b.lists, b.groups, b.roles, b.people, b.credentials, b.licences,
		b.templates, b.customerService, b.extras, b.others, b.defects, b.partner, b.shop,
		b.crm, b.documents, b.transactionLog, b.sequence, b.dictionaryDefects,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	b.expect.Rows = map[string]int64{}
	for _, s := range b.order {
		b.expect.Rows[s.table.FullName()] = s.rows
	}
	b.expect.Total = b.total
	return nil
}
