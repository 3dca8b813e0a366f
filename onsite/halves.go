package onsite

import (
	"context"
	"slices"
	"strings"

	"omt/migration"
)

// replacement is what the driver makes of half of a surrogate pair, and also a
// character that a text may hold by right.
const replacement = "\ufffd"

// halves reads text with the replacement character once more as bytes: a column
// of limited length that was filled by a program which counts UTF-16 units ends
// in the middle of an emoji, and the half must arrive as it is.
func (r *rowReader) halves(ctx context.Context, row []any) error {
	for _, at := range r.wide {
		text, ok := row[at].(string)
		if !ok || !strings.Contains(text, replacement) {
			continue
		}
		// A half and the character that stands for it are one unit each, so the
		// length is known.
		size, _ := migration.UTF16Length(text)
		cell, err := r.in.cell(ctx, r.t, r.columns[at], r.columns, row, size)
		if err != nil {
			return err
		}
		raw := make([]byte, 0, size)
		err = cell.Read(func(piece []byte) error {
			raw = append(raw, piece...)
			return nil
		})
		if err != nil {
			return err
		}
		row[at] = migration.UTF16Text(raw)
	}
	return nil
}

// texts makes text of what was read as bytes.
func (r *rowReader) texts(row []any) {
	for _, at := range r.raw {
		if b, ok := row[at].([]byte); ok {
			row[at] = migration.UTF16Text(b)
		}
	}
}

// wideColumns are the places of the columns whose text is UTF-16.
func wideColumns(columns []migration.Column) []int {
	var out []int
	for i, c := range columns {
		switch c.Type {
		case "nchar", "nvarchar", "ntext", "sysname":
			out = append(out, i)
		}
	}
	return out
}

// findable tells whether each row of a table can be asked for once more. A key
// of text cannot be sent back where it is not ASCII or has a half itself. In a
// table without such a key all text is read as bytes from the start.
func findable(t *migration.Table) bool {
	key := addressOf(t)
	return key != nil && !slices.ContainsFunc(key, func(c keyColumn) bool { return c.Collation != "" })
}

// utf16Bytes selects a text column as the bytes of UTF-16. The old ntext becomes
// bytes by way of the type that has replaced it.
func utf16Bytes(c migration.Column) string {
	name := quote(c.Name)
	if c.Type == "ntext" || c.Type == "varchar" {
		name = "CAST(" + name + " AS nvarchar(max))"
	}
	return "CAST(" + name + " AS varbinary(max))"
}
