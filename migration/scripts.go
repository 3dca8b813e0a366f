package migration

import (
	"fmt"
	"slices"
	"strings"
)

// Script is one object of the database that the package does not have, as the
// SQL that makes it. Scripts travel beside the package.
type Script struct {
	Name string // schema.object, or schema.table.object for what belongs to a table
	Type string // view, procedure, function, trigger, column, default, check, index or key
	Text string
}

// Scripts writes the SQL of every module, and of what stands in no package
// because it calls a function or rows may break it. They are in the order in
// which they can be run, as far as their kind tells: functions before views,
// tables' own before triggers. sealed are the objects whose text the server
// does not tell, because it is encrypted.
func (c *Catalog) Scripts() (scripts []Script, sealed []string) {
	modules := map[CustomKind][]Script{}
	for _, m := range c.Modules {
		if m.Definition == "" {
			sealed = append(sealed, m.Schema+"."+m.Name)
			continue
		}
		kind := moduleKind(m.Type)
		modules[kind] = append(modules[kind], Script{m.Schema + "." + m.Name, string(kind), moduleText(m)})
	}
	scripts = slices.Concat(modules[CustomFunction], modules[CustomView], modules[CustomProcedure])
	for _, t := range c.Tables {
		var more []string
		scripts, more = t.scripts(c, scripts)
		sealed = append(sealed, more...)
	}
	return append(scripts, modules[CustomTrigger]...), sealed
}

// moduleText is the text with the two settings under which it was made: read
// under others, it may mean something else.
func moduleText(m Module) string {
	state := map[bool]string{true: "ON", false: "OFF"}
	return fmt.Sprintf("SET ANSI_NULLS %s\nGO\nSET QUOTED_IDENTIFIER %s\nGO\n%s\nGO\n",
		state[m.AnsiNulls], state[m.QuotedIdentifier], strings.TrimRight(m.Definition, " \t\r\n"))
}

// scripts appends what of the table is not in the package: columns first,
// because the rest may stand on them.
func (t *Table) scripts(c *Catalog, to []Script) (out []Script, sealed []string) {
	add := func(name, kind, sql string) {
		to = append(to, Script{t.FullName() + "." + name, kind, sql + "\nGO\n"})
	}
	table := tableID(t)
	for i := range t.Columns {
		col := &t.Columns[i]
		switch {
		case t.Scripted(col) && col.Formula == "":
			sealed = append(sealed, t.FullName()+"."+col.Name)
		case t.Scripted(col):
			add(col.Name, "column", fmt.Sprintf("ALTER TABLE %s ADD %s AS %s%s", table, quoteName(col.Name), col.Formula, when(col.Persisted, " PERSISTED")))
		}
	}
	for i := range t.Columns {
		switch col := &t.Columns[i]; {
		case col.Default.Name != "" && col.Default.Expression == "":
			sealed = append(sealed, t.FullName()+"."+col.Default.Name)
		case col.Default.Expression != "" && !t.CarriesDefault(col):
			add(col.Name, "default", fmt.Sprintf("ALTER TABLE %s ADD %sDEFAULT %s FOR %s", table, constraint(col.Default.Name, col.Default.System), col.Default.Expression, quoteName(col.Name)))
		}
	}
	for i := range t.Indexes {
		if ix := &t.Indexes[i]; !t.CarriesIndex(ix) {
			add(ix.Name, "index", t.indexText(ix))
		}
	}
	for i := range t.Checks {
		switch k := &t.Checks[i]; {
		case k.Expression == "":
			sealed = append(sealed, t.FullName()+"."+k.Name)
		case !t.CarriesCheck(k):
			add(k.Name, "check", switchable(table, k.Name, k.System, k.Disabled, k.Untrusted, "CHECK "+k.Expression))
		}
	}
	for i := range t.ForeignKeys {
		if fk := &t.ForeignKeys[i]; !c.CarriesForeignKey(t, fk) {
			add(fk.Name, "key", switchable(table, fk.Name, fk.System, fk.Disabled, fk.Untrusted, fk.text()))
		}
	}
	return to, sealed
}

func when(b bool, s string) string {
	if b {
		return s
	}
	return ""
}

// constraint names a constraint, unless the server made the name.
func constraint(name string, system bool) string {
	return when(!system, "CONSTRAINT "+quoteName(name)+" ")
}

// switchable adds a constraint as it was: without a look at the rows if they
// may break it, and switched off if it was. One that is off needs its name.
func switchable(table, name string, system, disabled, untrusted bool, what string) string {
	check := "CHECK"
	if disabled || untrusted {
		check = "NOCHECK"
	}
	sql := fmt.Sprintf("ALTER TABLE %s WITH %s ADD %s%s", table, check, constraint(name, system && !disabled), what)
	if disabled {
		sql += fmt.Sprintf("\nGO\nALTER TABLE %s NOCHECK CONSTRAINT %s", table, quoteName(name))
	}
	return sql
}

func quoteNames(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoteName(n)
	}
	return strings.Join(out, ", ")
}

func (fk *ForeignKey) text() string {
	actions := map[Action]string{Cascade: "CASCADE", SetNull: "SET NULL", SetDefault: "SET DEFAULT"}
	sql := fmt.Sprintf("FOREIGN KEY (%s) REFERENCES %s.%s (%s)", quoteNames(fk.Columns), quoteName(fk.RefSchema), quoteName(fk.RefTable), quoteNames(fk.Referenced))
	if a := actions[fk.OnDelete]; a != "" {
		sql += " ON DELETE " + a
	}
	if a := actions[fk.OnUpdate]; a != "" {
		sql += " ON UPDATE " + a
	}
	return sql
}

func (t *Table) indexText(ix *Index) string {
	var keys, included []string
	for _, c := range ix.Columns {
		if c.Included {
			included = append(included, quoteName(c.Name))
		} else {
			keys = append(keys, quoteName(c.Name)+when(c.Descending, " DESC"))
		}
	}
	clustered := "NONCLUSTERED"
	if ix.Clustered {
		clustered = "CLUSTERED"
	}
	list := " (" + strings.Join(keys, ", ") + ")"
	if ix.Kind != PlainIndex {
		kind := map[IndexKind]string{PrimaryKey: "PRIMARY KEY ", UniqueConstraint: "UNIQUE "}[ix.Kind]
		return "ALTER TABLE " + tableID(t) + " ADD " + constraint(ix.Name, ix.System) + kind + clustered + list
	}
	sql := "CREATE " + when(ix.Unique, "UNIQUE ") + clustered + " INDEX " + quoteName(ix.Name) + " ON " + tableID(t) + list
	if len(included) > 0 {
		sql += " INCLUDE (" + strings.Join(included, ", ") + ")"
	}
	return sql + when(ix.Filter != "", " WHERE "+ix.Filter)
}
