package bacpac

import (
	"fmt"

	"omt/migration"
)

// Writer writes packages. It has no fields: every method depends on its
// arguments only and gives the same bytes for the same arguments, which is
// what lets a resumed run continue the package of an earlier one.
type Writer struct{}

var _ migration.Packager = (*Writer)(nil)

// New returns a Writer. It may be used by several goroutines at once.
func New() *Writer { return &Writer{} }

// Uncarriable lists the columns whose type the format cannot hold, in
// catalogue order: sql_variant, hierarchyid, geometry, geography, CLR types
// and every type that is not named in the table of carriers. Computed columns
// carry no data and are never listed.
func (*Writer) Uncarriable(c *migration.Catalog) []migration.ColumnRef {
	var out []migration.ColumnRef
	for _, t := range c.Tables {
		for _, col := range t.Columns {
			if _, ok := carriers[carriedType(col).Type]; col.Computed || ok {
				continue
			}
			out = append(out, migration.ColumnRef{Schema: t.Schema, Table: t.Name, Column: col.Name, Type: col.Type})
		}
	}
	return out
}

// Part starts the encoder of one data member, named
// Data/<schema>.<table>/TableData-000-<part>.BCP. part is 0 to 99999; a table
// with a column that cannot be carried gives migration.ErrUncarriable.
func (*Writer) Part(t *migration.Table, part int) (migration.PartEncoder, error) {
	if part < 0 || part > maxPart {
		return nil, fmt.Errorf("start part %d of %s: number outside 0 to %d", part, t.FullName(), maxPart)
	}
	data := t.Data()
	if len(data) == 0 {
		return nil, fmt.Errorf("start part of %s: table has no column with data", t.FullName())
	}
	cols := make([]column, len(data))
	for i, c := range data {
		col, err := newColumn(c)
		if err != nil {
			return nil, columnError("start part", t, c.Name, err)
		}
		cols[i] = col
	}
	return newPart(t, part, cols), nil
}

// Leading returns model.xml, DacMetadata.xml and [Content_Types].xml. It fails
// for a catalogue that the format cannot describe: a column that cannot be
// carried, a name that XML cannot hold, two tables with one member name.
func (*Writer) Leading(c *migration.Catalog) ([]migration.Member, error) {
	model, err := modelXML(c)
	if err != nil {
		return nil, err
	}
	var out []migration.Member
	for _, m := range []struct {
		name string
		data []byte
	}{
		{modelName, model},
		{"DacMetadata.xml", metadataXML(c)},
		{"[Content_Types].xml", []byte(contentTypes)},
	} {
		member, err := deflated(m.name, m.data)
		if err != nil {
			return nil, err
		}
		out = append(out, member)
	}
	return out, nil
}

// Trailing returns _rels/.rels and Origin.xml. parts are the data members in
// package order; the model is computed again from c for its checksum, so c
// must be the catalogue that Leading was given. Sums that do not fit (rows in
// total, a part without rows, a member named twice) are errors: the importing
// side would not notice them.
func (*Writer) Trailing(c *migration.Catalog, parts []migration.MemberInfo, s migration.PackageStats) ([]migration.Member, error) {
	model, err := modelXML(c)
	if err != nil {
		return nil, err
	}
	if err := checkParts(c, parts, s); err != nil {
		return nil, err
	}
	rels, err := relsXML(c, parts)
	if err != nil {
		return nil, err
	}
	return []migration.Member{
		stored("_rels/.rels", rels),
		stored("Origin.xml", originXML(c, model, s)),
	}, nil
}

func checkParts(c *migration.Catalog, parts []migration.MemberInfo, s migration.PackageStats) error {
	seen := make(map[string]bool, len(parts))
	var rows int64
	for _, p := range parts {
		if seen[p.Name] {
			return fmt.Errorf("finish package %s: member %s is there twice", c.Database, p.Name)
		}
		seen[p.Name] = true
		if p.Rows <= 0 {
			return fmt.Errorf("finish package %s: member %s has no rows and may not be in the package", c.Database, p.Name)
		}
		rows += p.Rows
	}
	if rows != s.Rows {
		return fmt.Errorf("finish package %s: its parts have %d rows, the statistics say %d", c.Database, rows, s.Rows)
	}
	return nil
}

// columnError names table and column, with a hint for people if the type is
// the reason.
func columnError(op string, t *migration.Table, col string, err error) error {
	item := t.FullName() + "." + col
	return migration.Fail(op, item, err, migration.Msg("hint.bacpac.column", "Table", t.FullName(), "Column", col))
}
