package bacpac

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"omt/migration"
)

const (
	modelName = "model.xml"
	maxPart   = 99999
)

// partName is the member name of a data part. DacFx numbers parallel readers
// in the first group and chunks in the second; one reader (000) and a running
// chunk is one of the splits that it writes itself.
func partName(t *migration.Table, part int) string {
	return fmt.Sprintf("Data/%s/TableData-000-%05d.BCP", folder(t.Schema, t.Name), part)
}

// folder is the path segment of a table: schema, dot, table, percent-encoded
// as UTF-8 except for the unreserved characters of RFC 3986.
//
// [MS-DPBACPAC] names the folder <schema>.<table> and leaves the escaping to
// OPC part names (ECMA-376 part 2, 9.1.1), which are ASCII and may contain
// neither an encoded slash or backslash nor a segment that ends with a dot.
// So these two are encoded twice, and a dot at the end is encoded. A dot
// inside the schema is encoded too: else [a.b].[c] and [a].[b.c] would be the
// same member. The relationship of a part names its table in clear, so no
// reader needs to undo this; that DacFx versions differ here (DacFx issue 637,
// rows lost without a message) is why such names are warned about.
func folder(schema, table string) string {
	s := strings.ReplaceAll(escapeSegment(schema), ".", "%2E") + "." + escapeSegment(table)
	if strings.HasSuffix(s, ".") {
		s = s[:len(s)-1] + "%2E"
	}
	return s
}

func escapeSegment(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			c == '_', c == '-', c == '.', c == '~':
			b.WriteByte(c)
		case c == '/', c == '\\':
			fmt.Fprintf(&b, "%%25%02X", c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// quote writes an identifier as model.xml and T-SQL do.
func quote(parts ...string) string {
	for i, p := range parts {
		parts[i] = "[" + strings.ReplaceAll(p, "]", "]]") + "]"
	}
	return strings.Join(parts, ".")
}

// checkNames refuses names that XML 1.0 cannot hold (an encoder would replace
// them silently) and tables whose members would have one name: OPC compares
// part names without regard to ASCII case.
func checkNames(c *migration.Catalog) error {
	folders := make(map[string]*migration.Table, len(c.Tables))
	if !validXML(c.Database) || !validXML(c.Collation) {
		return fmt.Errorf("describe database %q: name holds a character that XML cannot", c.Database)
	}
	for _, n := range objectNames(c) {
		if !validXML(n) {
			return fmt.Errorf("describe database %q: name %q holds a character that XML cannot", c.Database, n)
		}
	}
	for _, t := range c.Tables {
		for _, n := range tableNames(t) {
			if !validXML(n) {
				return migration.Fail("describe table", t.FullName(),
					fmt.Errorf("%q holds a character that XML cannot", n),
					migration.Msg("hint.bacpac.name", "Table", t.FullName()))
			}
		}
		key := strings.ToLower(folder(t.Schema, t.Name))
		if other := folders[key]; other != nil {
			return migration.Fail("describe table", t.FullName(),
				fmt.Errorf("its member name is that of %s", other.FullName()),
				migration.Msg("hint.bacpac.twins", "Table", t.FullName(), "Other", other.FullName()))
		}
		folders[key] = t
	}
	return nil
}

// objectNames are the texts of what belongs to no table.
func objectNames(c *migration.Catalog) []string {
	var out []string
	for _, t := range c.Types {
		out = append(out, t.Schema, t.Name)
	}
	for _, s := range c.Sequences {
		out = append(out, s.Schema, s.Name)
	}
	return out
}

// tableNames are the names and expressions of a table that the model holds.
func tableNames(t *migration.Table) []string {
	out := []string{t.Schema, t.Name}
	for _, c := range t.Columns {
		out = append(out, c.Name, c.Collation, c.Formula, c.Default.Name, c.Default.Expression)
	}
	for _, ix := range t.Indexes {
		out = append(out, ix.Name, ix.Filter)
	}
	for _, c := range t.Checks {
		out = append(out, c.Name, c.Expression)
	}
	for _, fk := range t.ForeignKeys {
		out = append(out, fk.Name)
	}
	return out
}

func validXML(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return false
		}
	}
	return true
}
