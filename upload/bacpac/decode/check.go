package decode

import (
	"context"
	"errors"
	"fmt"
)

// ErrRows: the parts have another number of rows than the package says.
var ErrRows = errors.New("number of rows differs from what the package states")

// Check decodes every part to its last byte and returns the rows of each table
// by schema.table; tables without rows are there too. A cell above limit bytes
// is an error. A fault of the data names the part and its table; a total other
// than that of Origin.xml is ErrRows, with the counts.
func (p *Package) Check(ctx context.Context, limit int) (map[string]int64, error) {
	counts := make(map[string]int64, len(p.Tables))
	for _, t := range p.Tables {
		counts[t.FullName()] += 0
	}
	var total int64
	for _, part := range p.Parts {
		n, err := p.Decode(ctx, part, limit, func([]any) error { return nil })
		if err != nil {
			return nil, fmt.Errorf("check table %s: %w", part.Table.FullName(), err)
		}
		counts[part.Table.FullName()] += n
		total += n
	}
	if total != p.Rows {
		return counts, fmt.Errorf("check package: %w: %d decoded, %d stated", ErrRows, total, p.Rows)
	}
	return counts, nil
}
