package decode

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Table is one table of the model.
type Table struct {
	Schema, Name string
	Columns      []Column // those with data, in table order; computed ones left out
}

// FullName is schema.table for messages.
func (t *Table) FullName() string { return t.Schema + "." + t.Name }

// Column is one column with data.
type Column struct {
	Name      string
	Type      string // name of the built-in type in lower case
	Length    int    // characters or bytes as declared, -1 for max
	Precision int
	Scale     int
	Nullable  bool
	Identity  bool
	Collation string

	alias string // name of its type in the model, if that is not built in
}

// element is an element of model.xml with the children that matter here.
type element struct {
	Type       string     `xml:"Type,attr"`
	Name       string     `xml:"Name,attr"`
	Properties []property `xml:"Property"`
	Relations  []struct {
		Name    string `xml:"Name,attr"`
		Entries []struct {
			Element    *element `xml:"Element"`
			References *struct {
				Name string `xml:"Name,attr"`
			} `xml:"References"`
		} `xml:"Entry"`
	} `xml:"Relationship"`
}

type property struct {
	Name  string `xml:"Name,attr"`
	Value string `xml:"Value,attr"`
}

func (e *element) property(name string) string {
	for _, p := range e.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Model reads the tables of model.xml in document order.
func Model(r io.Reader) ([]*Table, error) {
	d := xml.NewDecoder(r)
	var tables []*Table
	seen := map[string]bool{}
	// Types of the database's own stand behind the tables that use them.
	aliases := map[string]Column{}
	for depth := 0; ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read model: %w", err)
		}
		switch s := tok.(type) {
		case xml.StartElement:
			if depth != 2 || s.Name.Local != "Element" {
				depth++
				continue
			}
			var e element
			if err := d.DecodeElement(&e, &s); err != nil {
				return nil, fmt.Errorf("read model: %w", err)
			}
			if e.Type == "SqlUserDefinedDataType" {
				var a Column
				if err := a.readType(&e); err != nil {
					return nil, fmt.Errorf("read model: type %s: %w", e.Name, err)
				}
				aliases[e.Name] = a
			}
			if e.Type != "SqlTable" {
				continue
			}
			t, err := newTable(&e)
			if err != nil {
				return nil, fmt.Errorf("read model: %w", err)
			}
			if seen[e.Name] {
				return nil, fmt.Errorf("read model: table %s is there twice", t.FullName())
			}
			seen[e.Name] = true
			tables = append(tables, t)
		case xml.EndElement:
			depth--
		}
	}
	return tables, resolve(tables, aliases)
}

// resolve gives columns of an alias type the type that is behind it.
func resolve(tables []*Table, aliases map[string]Column) error {
	for _, t := range tables {
		for i := range t.Columns {
			c := &t.Columns[i]
			if c.alias == "" {
				continue
			}
			a, ok := aliases[c.alias]
			if !ok || a.alias != "" {
				return fmt.Errorf("read model: table %s: column %s: type %q is not built in and not in the model", t.FullName(), c.Name, c.alias)
			}
			c.Type, c.Length, c.Precision, c.Scale = a.Type, a.Length, a.Precision, a.Scale
		}
	}
	return nil
}

func newTable(e *element) (*Table, error) {
	names, err := splitName(e.Name)
	if err != nil || len(names) != 2 {
		return nil, fmt.Errorf("table name %q is not [schema].[table]", e.Name)
	}
	t := &Table{Schema: names[0], Name: names[1]}
	for _, rel := range e.Relations {
		if rel.Name != "Columns" {
			continue
		}
		for _, entry := range rel.Entries {
			if entry.Element == nil {
				return nil, fmt.Errorf("table %s: entry without a column", t.FullName())
			}
			switch entry.Element.Type {
			case "SqlSimpleColumn":
				c, err := newColumn(entry.Element)
				if err != nil {
					return nil, fmt.Errorf("table %s: %w", t.FullName(), err)
				}
				t.Columns = append(t.Columns, c)
			case "SqlComputedColumn":
				// computed columns have no bytes in the data
			default:
				return nil, fmt.Errorf("table %s: column kind %s is not known", t.FullName(), entry.Element.Type)
			}
		}
	}
	if len(t.Columns) == 0 {
		return nil, fmt.Errorf("table %s has no columns", t.FullName())
	}
	return t, nil
}

func newColumn(e *element) (Column, error) {
	names, err := splitName(e.Name)
	if err != nil || len(names) != 3 {
		return Column{}, fmt.Errorf("column name %q is not [schema].[table].[column]", e.Name)
	}
	c := Column{
		Name:     names[2],
		Nullable: e.property("IsNullable") != "False", Identity: e.property("IsIdentity") == "True",
		Collation: e.property("Collation"),
	}
	for _, rel := range e.Relations {
		if rel.Name != "TypeSpecifier" || len(rel.Entries) != 1 || rel.Entries[0].Element == nil {
			continue
		}
		return c, c.readType(rel.Entries[0].Element)
	}
	return c, fmt.Errorf("column %s has no type", c.Name)
}

// readType takes length, precision and scale; what is not written is the
// default of T-SQL.
func (c *Column) readType(spec *element) error {
	for _, rel := range spec.Relations {
		if rel.Name == "Type" && len(rel.Entries) == 1 && rel.Entries[0].References != nil {
			names, err := splitName(rel.Entries[0].References.Name)
			if err == nil && len(names) == 2 {
				c.alias = rel.Entries[0].References.Name
				return nil
			}
			if err != nil || len(names) != 1 {
				return fmt.Errorf("column %s: type %q is not built in", c.Name, rel.Entries[0].References.Name)
			}
			c.Type = strings.ToLower(names[0])
		}
	}
	if c.Type == "" {
		return fmt.Errorf("column %s has no type", c.Name)
	}
	c.Length, c.Precision = 1, 18
	if strings.HasPrefix(c.Type, "date") || c.Type == "time" {
		c.Scale = 7
	}
	for name, field := range map[string]*int{"Length": &c.Length, "Precision": &c.Precision, "Scale": &c.Scale} {
		text := spec.property(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 15)
		if err != nil {
			return fmt.Errorf("column %s: %s is %q", c.Name, name, text)
		}
		*field = int(n)
	}
	if spec.property("IsMax") == "True" {
		c.Length = -1
	}
	return nil
}

// splitName takes [a].[b] apart; ]] stands for one bracket.
func splitName(s string) ([]string, error) {
	var out []string
	for {
		if !strings.HasPrefix(s, "[") {
			return nil, fmt.Errorf("name %q is not in brackets", s)
		}
		var b strings.Builder
		i := 1
		for ; ; i++ {
			if i >= len(s) {
				return nil, fmt.Errorf("name %q does not end", s)
			}
			if s[i] == ']' {
				if i+1 >= len(s) || s[i+1] != ']' {
					break
				}
				i++
			}
			b.WriteByte(s[i])
		}
		out = append(out, b.String())
		s = s[i+1:]
		if s == "" {
			return out, nil
		}
		if s[0] != '.' {
			return nil, fmt.Errorf("name goes on with %q", s)
		}
		s = s[1:]
	}
}
