package decode

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits on what is read whole.
const (
	maxModel = 512 << 20
	maxSmall = 256 << 20 // relationships: some 300 bytes a part
)

// Package is an open database package.
type Package struct {
	Tables []*Table
	Parts  []Part
	Rows   int64 // total that Origin.xml states
	files  map[string]*zip.File
}

// Part is one data member.
type Part struct {
	Name  string // member name
	Table *Table
	Size  int64 // bytes of rows
}

// Open reads directory, model, relationships and origin of a package, and
// checks the model's checksum and that every data member belongs to a table.
// Data is read later, part by part.
func Open(r io.ReaderAt, size int64) (*Package, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("open package: %w", err)
	}
	p := &Package{files: map[string]*zip.File{}}
	for _, f := range z.File {
		if p.files[f.Name] != nil {
			return nil, fmt.Errorf("open package: member %s is there twice", f.Name)
		}
		p.files[f.Name] = f
	}
	if err := p.readModel(); err != nil {
		return nil, fmt.Errorf("open package: %w", err)
	}
	if err := p.readParts(z); err != nil {
		return nil, fmt.Errorf("open package: %w", err)
	}
	return p, nil
}

func (p *Package) readModel() error {
	sum := sha256.New()
	err := p.read("model.xml", maxModel, func(r io.Reader) error {
		tee := io.TeeReader(r, sum)
		tables, err := Model(tee)
		if err != nil {
			return err
		}
		p.Tables = tables
		_, err = io.Copy(io.Discard, tee)
		return err
	})
	if err != nil {
		return err
	}
	var origin struct {
		Rows *int64 `xml:"ExportStatistics>TableRowCountTotalTag"`
		Sums []struct {
			URI string `xml:"Uri,attr"`
			Hex string `xml:",chardata"`
		} `xml:"Checksums>Checksum"`
	}
	if err := p.readXML("Origin.xml", &origin); err != nil {
		return err
	}
	if origin.Rows == nil {
		return errors.New("origin states no number of rows")
	}
	p.Rows = *origin.Rows
	for _, s := range origin.Sums {
		if s.URI != "/model.xml" {
			continue
		}
		if want := fmt.Sprintf("%X", sum.Sum(nil)); s.Hex != want {
			return fmt.Errorf("checksum of model.xml is %s, origin says %s", want, s.Hex)
		}
		return nil
	}
	return errors.New("origin has no checksum of model.xml")
}

// readParts pairs data members with tables by the two relationships of each.
func (p *Package) readParts(z *zip.Reader) error {
	var rels struct {
		Relationships []struct {
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := p.readXML("_rels/.rels", &rels); err != nil {
		return err
	}
	type owner struct{ schema, table []string }
	owners := map[string]*owner{}
	for _, r := range rels.Relationships {
		name := strings.TrimPrefix(r.Target, "/")
		if owners[name] == nil {
			owners[name] = &owner{}
		}
		if t, ok := strings.CutPrefix(r.Type, "table="); ok {
			owners[name].table = append(owners[name].table, t)
		} else if s, ok := strings.CutPrefix(r.Type, "schema="); ok {
			owners[name].schema = append(owners[name].schema, s)
		}
	}
	tables := map[string]*Table{}
	for _, t := range p.Tables {
		tables[t.Schema+"\x00"+t.Name] = t
	}
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, "Data/") {
			continue
		}
		o := owners[f.Name]
		if o == nil || len(o.table) != 1 || len(o.schema) != 1 {
			return fmt.Errorf("member %s does not have one relationship to a table and one to a schema", f.Name)
		}
		t := tables[o.schema[0]+"\x00"+o.table[0]]
		if t == nil {
			return fmt.Errorf("member %s belongs to a table that the model does not have", f.Name)
		}
		p.Parts = append(p.Parts, Part{Name: f.Name, Table: t, Size: int64(f.UncompressedSize64)})
		delete(owners, f.Name)
	}
	for name, o := range owners {
		return fmt.Errorf("relationship of table %s.%s to %s, which is not in the package", strings.Join(o.schema, " "), strings.Join(o.table, " "), name)
	}
	return nil
}

func (p *Package) readXML(name string, into any) error {
	return p.read(name, maxSmall, func(r io.Reader) error { return xml.NewDecoder(r).Decode(into) })
}

func (p *Package) read(name string, limit uint64, body func(io.Reader) error) error {
	f := p.files[name]
	if f == nil {
		return fmt.Errorf("member %s is missing", name)
	}
	if f.UncompressedSize64 > limit {
		return fmt.Errorf("member %s has %d bytes, more than %d", name, f.UncompressedSize64, limit)
	}
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("open member %s: %w", name, err)
	}
	defer r.Close()
	if err := body(r); err != nil {
		return fmt.Errorf("read member %s: %w", name, err)
	}
	return nil
}

// Decode reads one part to its last byte, checks its CRC, and hands every row
// to row, whose slice is valid until it returns. A cell of more than limit
// bytes is an error, so that memory stays bounded. It returns the number of
// rows. Errors of the data are *Error with row, offset and column.
func (p *Package) Decode(ctx context.Context, part Part, limit int, row func([]any) error) (int64, error) {
	var n int64
	err := p.read(part.Name, 1<<63-1, func(r io.Reader) error {
		rows, err := NewRows(r, part.Table.Columns, limit)
		if err != nil {
			return err
		}
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			values, err := rows.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			n++
			if err := row(values); err != nil {
				return err
			}
		}
	})
	return n, err
}
