package bacpac

import (
	"strconv"

	"omt/migration"
)

// columnNames qualifies columns of a table.
func columnNames(t *migration.Table, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quote(t.Schema, t.Name, n)
	}
	return out
}

// constraint opens the element of a constraint, without a name if the server
// made it; ended closes it.
func (m *model) constraintElement(kind string, t *migration.Table, name string, id int) {
	if id > 0 {
		m.open("Element", "Type", kind)
		return
	}
	m.open("Element", "Type", kind, "Name", quote(t.Schema, name))
}

func (m *model) endConstraint(t *migration.Table, name string, id int) {
	if id > 0 {
		m.empty("Annotation", "Type", "SqlInlineConstraintAnnotation", "Name", quote(t.Schema, name), "Disambiguator", strconv.Itoa(id))
	}
	m.close("Element")
}

// checks writes SqlCheckConstraint. Not confirmed by a package: the element is
// built from the published schema and from models that DacFx built, which name
// CheckExpressionScript and CheckExpressionDependencies.
func (m *model) checks() {
	for i, t := range m.catalog.Tables {
		for k := range t.Checks {
			c, id := &t.Checks[k], m.inline[i].checks[k]
			if !t.CarriesCheck(c) {
				continue
			}
			m.constraintElement("SqlCheckConstraint", t, c.Name, id)
			m.script("CheckExpressionScript", c.Expression)
			m.refers("CheckExpressionDependencies", columnNames(t, migration.ReadExpression(c.Expression).Columns(t)))
			m.refer("DefiningTable", quote(t.Schema, t.Name))
			m.endConstraint(t, c.Name, id)
		}
	}
}

// defaults writes SqlDefaultConstraint, confirmed for the server's own names.
// That a default refers to its sequence by ExpressionDependencies is not.
func (m *model) defaults() {
	for i, t := range m.catalog.Tables {
		for k := range t.Columns {
			c, id := &t.Columns[k], m.inline[i].defaults[k]
			if !t.CarriesDefault(c) {
				continue
			}
			m.constraintElement("SqlDefaultConstraint", t, c.Default.Name, id)
			m.script("DefaultExpressionScript", c.Default.Expression)
			m.refer("DefiningTable", quote(t.Schema, t.Name))
			if s := migration.ReadExpression(c.Default.Expression).Sequence; len(s) == 2 {
				m.refer("ExpressionDependencies", quote(s...))
			}
			m.refer("ForColumn", quote(t.Schema, t.Name, c.Name))
			m.endConstraint(t, c.Default.Name, id)
		}
	}
}

// foreignKeys writes SqlForeignKeyConstraint, confirmed with OnDeleteAction 1.
// OnUpdateAction and the numbers 2 (SET NULL) and 3 (SET DEFAULT) are those of
// sys.foreign_keys and not confirmed by a package.
func (m *model) foreignKeys() {
	for i, t := range m.catalog.Tables {
		for k := range t.ForeignKeys {
			fk, id := &t.ForeignKeys[k], m.inline[i].keys[k]
			if !m.catalog.CarriesForeignKey(t, fk) {
				continue
			}
			ref := &migration.Table{Schema: fk.RefSchema, Name: fk.RefTable}
			m.constraintElement("SqlForeignKeyConstraint", t, fk.Name, id)
			m.action("OnDeleteAction", fk.OnDelete)
			m.action("OnUpdateAction", fk.OnUpdate)
			m.refers("Columns", columnNames(t, fk.Columns))
			m.refer("DefiningTable", quote(t.Schema, t.Name))
			m.refers("ForeignColumns", columnNames(ref, fk.Referenced))
			m.refer("ForeignTable", quote(ref.Schema, ref.Name))
			m.endConstraint(t, fk.Name, id)
		}
	}
}

func (m *model) action(name string, a migration.Action) {
	if a != migration.NoAction {
		m.property(name, strconv.Itoa(int(a)))
	}
}
