package bacpac

import (
	"math/big"
	"strconv"

	"omt/migration"
)

// computed writes SqlComputedColumn, which has no bytes in the data. Not
// confirmed by a package: built from models that DacFx built.
func (m *model) computed(t *migration.Table, col migration.Column) {
	m.open("Element", "Type", "SqlComputedColumn", "Name", quote(t.Schema, t.Name, col.Name))
	m.script("ExpressionScript", col.Formula)
	if col.Persisted {
		m.property("IsPersisted", "True")
	}
	m.refers("ExpressionDependencies", columnNames(t, migration.ReadExpression(col.Formula).Columns(t)))
	m.close("Element")
}

// aliasTypes writes SqlUserDefinedDataType. Not confirmed by a package: built
// from models that DacFx built.
func (m *model) aliasTypes() {
	for _, t := range m.catalog.Types {
		m.open("Element", "Type", "SqlUserDefinedDataType", "Name", quote(t.Schema, t.Name))
		if !t.Nullable {
			m.property("IsNullable", "False")
		}
		m.facets(t.Base, t.MaxLength, t.Precision, t.Scale)
		m.inSchema(t.Schema)
		m.referBuiltIn("Type", quote(t.Base))
		m.close("Element")
	}
}

// sequences writes SqlSequence. Not confirmed by a package: properties and
// their order as in models that DacFx built. A sequence goes on behind the last
// number that it handed out: StartValue says so, because how DacFx carries the
// current number is not known, and a number that is handed out twice would
// break a key.
func (m *model) sequences() {
	for _, s := range m.catalog.Sequences {
		m.open("Element", "Type", "SqlSequence", "Name", quote(s.Schema, s.Name))
		if s.Cycle {
			m.property("IsCycling", "True")
		}
		m.property("HasNoMaxValue", boolean(s.Maximum == ""))
		m.property("HasNoMinValue", boolean(s.Minimum == ""))
		m.unless("MinValue", s.Minimum, "")
		m.unless("MaxValue", s.Maximum, "")
		m.unless("Increment", s.Increment, "")
		m.unless("StartValue", nextNumber(s), "")
		if s.Cached && s.CacheSize > 0 {
			m.property("CacheSize", strconv.FormatInt(s.CacheSize, 10))
		}
		m.inSchema(s.Schema)
		m.relation("TypeSpecifier", func() {
			m.entry(func() {
				m.open("Element", "Type", "SqlTypeSpecifier")
				m.facets(s.Type, 0, s.Precision, 0)
				m.referBuiltIn("Type", quote(s.Type))
				m.close("Element")
			})
		})
		m.close("Element")
	}
}

// nextNumber is the number behind the last one of a sequence. Behind its end a
// sequence that cycles begins again; another one is used up and stays at its
// last number.
func nextNumber(s migration.Sequence) string {
	now, ok := new(big.Int).SetString(s.Current, 10)
	step, ok2 := new(big.Int).SetString(s.Increment, 10)
	if !ok || !ok2 {
		return s.Start
	}
	next := new(big.Int).Add(now, step)
	limit, again := s.Maximum, s.Minimum
	if step.Sign() < 0 {
		limit, again = s.Minimum, s.Maximum
	}
	last, ok := new(big.Int).SetString(limit, 10)
	switch {
	case !ok || next.Cmp(last)*step.Sign() <= 0:
		return next.String()
	case s.Cycle:
		return again
	}
	return s.Current
}
