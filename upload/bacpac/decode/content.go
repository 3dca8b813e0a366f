package decode

import (
	"context"
	"fmt"
	"io"
	"strings"

	"omt/migration"
)

// Opener is migration.PackageOpener. Of migration it uses nothing but the types
// that it answers in.
type Opener struct{}

// OpenPackage opens a package for verification.
func (Opener) OpenPackage(r io.ReaderAt, size int64) (migration.PackageContent, error) {
	p, err := Open(r, size)
	if err != nil {
		return nil, err
	}
	c := &content{p: p, parts: map[string]Part{}}
	for _, part := range p.Parts {
		c.parts[part.Name] = part
	}
	return c, nil
}

type content struct {
	p     *Package
	parts map[string]Part
}

// Members lists the data members.
func (c *content) Members() []migration.PackageMember {
	var out []migration.PackageMember
	for _, part := range c.p.Parts {
		m := migration.PackageMember{
			Name: part.Name, Schema: part.Table.Schema, Table: part.Table.Name, Size: part.Size, CRC32: c.p.files[part.Name].CRC32,
		}
		for _, col := range part.Table.Columns {
			m.Columns = append(m.Columns, migration.DigestColumn{Name: col.Name, Type: col.Type, Precision: col.Precision, Scale: col.Scale})
		}
		out = append(out, m)
	}
	return out
}

// Check reads the other members to their end, where the zip reader compares
// their CRC.
func (c *content) Check(ctx context.Context) error {
	for name := range c.p.files {
		if strings.HasPrefix(name, "Data/") {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		err := c.p.read(name, maxModel, func(r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Rows decodes one member.
func (c *content) Rows(ctx context.Context, member string, limit int, row func([]any) error) (int64, error) {
	part, ok := c.parts[member]
	if !ok {
		return 0, fmt.Errorf("member %s is missing", member)
	}
	return c.p.Decode(ctx, part, limit, row)
}
