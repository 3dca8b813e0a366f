package bacpac

import (
	"strconv"

	"omt/migration"
)

func (m *model) indexes(c *migration.Catalog, kind migration.IndexKind) {
	for i, t := range c.Tables {
		for k := range t.Indexes {
			ix := &t.Indexes[k]
			if ix.Kind != kind || !t.CarriesIndex(ix) {
				continue
			}
			if kind == migration.PlainIndex {
				m.index(t, ix)
			} else {
				m.constraint(t, ix, m.inline[i].indexes[k])
			}
		}
	}
}

func (m *model) index(t *migration.Table, ix *migration.Index) {
	m.open("Element", "Type", "SqlIndex", "Name", quote(t.Schema, t.Name, ix.Name))
	if ix.Unique {
		m.property("IsUnique", "True")
	}
	if ix.Clustered {
		m.property("IsClustered", "True")
	}
	if ix.Filter != "" {
		m.script("FilterPredicate", ix.Filter)
		m.refers("BodyDependencies", columnNames(t, migration.ReadExpression(ix.Filter).Columns(t)))
	}
	m.keys(t, ix)
	m.included(t, ix)
	m.refer("IndexedObject", quote(t.Schema, t.Name))
	m.close("Element")
}

// constraint writes a primary key or unique constraint; id is its number if
// the server named it, else 0. Only the opposite of the default is said: a
// primary key is clustered, a unique constraint is not.
func (m *model) constraint(t *migration.Table, ix *migration.Index, id int) {
	kind, clustered := "SqlUniqueConstraint", false
	if ix.Kind == migration.PrimaryKey {
		kind, clustered = "SqlPrimaryKeyConstraint", true
	}
	name := quote(t.Schema, ix.Name)
	if id > 0 {
		m.open("Element", "Type", kind)
	} else {
		m.open("Element", "Type", kind, "Name", name)
	}
	if ix.Clustered != clustered {
		m.property("IsClustered", boolean(ix.Clustered))
	}
	m.keys(t, ix)
	m.refer("DefiningTable", quote(t.Schema, t.Name))
	if id > 0 {
		m.empty("Annotation", "Type", "SqlInlineConstraintAnnotation", "Name", name, "Disambiguator", strconv.Itoa(id))
	}
	m.close("Element")
}

func (m *model) keys(t *migration.Table, ix *migration.Index) {
	m.relation("ColumnSpecifications", func() {
		for _, ic := range ix.Columns {
			if ic.Included {
				continue
			}
			m.entry(func() {
				m.open("Element", "Type", "SqlIndexedColumnSpecification")
				if ic.Descending {
					m.property("IsAscending", "False")
				}
				m.refer("Column", quote(t.Schema, t.Name, ic.Name))
				m.close("Element")
			})
		}
	})
}

func (m *model) included(t *migration.Table, ix *migration.Index) {
	var names []string
	for _, ic := range ix.Columns {
		if ic.Included {
			names = append(names, quote(t.Schema, t.Name, ic.Name))
		}
	}
	m.refers("IncludedColumns", names)
}
