package onsite

import (
	"context"
	"strings"

	"omt/migration"
)

// replacement is what the driver makes of half of a surrogate pair, and also a
// character that a text may hold by right.
const replacement = "\ufffd"

// halves reads text with the replacement character once more as bytes: a column
// of limited length that was filled by a program which counts UTF-16 units ends
// in the middle of an emoji, and the half must arrive as it is. Where a row has
// no unique key that can be sent back the text stays as the driver has it.
func (r *rowReader) halves(ctx context.Context, row []any) error {
	for _, at := range r.wide {
		text, ok := row[at].(string)
		if !ok || !strings.Contains(text, replacement) {
			continue
		}
		if _, ok := rowKey(r.t, r.columns, row); !ok {
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

// wideColumns are the places of the columns whose text is UTF-16.
func wideColumns(columns []migration.Column) []int {
	var out []int
	for i, c := range columns {
		if c.Type == "nchar" || c.Type == "nvarchar" {
			out = append(out, i)
		}
	}
	return out
}
