package journal

import (
	"cmp"
	"fmt"
	"strings"
)

// place is where a record stands when all records of a table are read: the values
// of the columns of table.order. nil is before the first record.
type place []any

// beyond is after the last record.
var beyond = place{}

// move is a record that came to a place (1) or left it (-1) in a commit.
type move struct {
	table          *table
	at             place
	records, total int64
}

func (t *table) place(r record) place {
	p := make(place, len(t.order))
	for i, c := range t.order {
		p[i] = r[c]
	}
	return p
}

// before tells whether q comes after p, in the order in which SQLite reads: texts
// by their bytes.
func (p place) before(q place) bool {
	switch {
	case p == nil:
		return true
	case len(p) == 0: // beyond
		return false
	}
	for i := range p {
		c := 0
		switch v := p[i].(type) {
		case string:
			c = cmp.Compare(v, q[i].(string))
		case int64:
			c = cmp.Compare(v, q[i].(int64))
		}
		if c != 0 {
			return c < 0
		}
	}
	return false
}

func (t *table) rankColumn() string {
	if t.rank == 0 {
		return "0"
	}
	return `"` + t.columns[t.rank].name + `"`
}

// walk is how all records are read, after FROM and the name of the table.
func (t *table) walk() string {
	if t.order == nil {
		return ""
	}
	return t.hint + " ORDER BY " + t.orderList()
}

func (t *table) orderList() string {
	names := make([]string, len(t.order))
	for i, c := range t.order {
		names[i] = `"` + t.columns[c].name + `"`
	}
	return strings.Join(names, ",")
}

// after is how the next records after a place are read.
func (t *table) after(p place, limit int) (rest string, args []any) {
	where := ""
	if p != nil {
		where = fmt.Sprintf(" WHERE (%s)>(%s)", t.orderList(), strings.TrimSuffix(strings.Repeat("?,", len(p)), ","))
	}
	return fmt.Sprintf("%s%s ORDER BY %s LIMIT %d", t.hint, where, t.orderList(), limit), p
}
