package bacpac

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"omt/migration"
	"omt/upload/bacpac/decode"
)

// reference gives a path below the folder of other people's files.
func reference(t *testing.T, elements ...string) string {
	t.Helper()
	root := os.Getenv("OMT_REFERENCES")
	if root == "" {
		t.Skip("OMT_REFERENCES is not set: the reference files are not here")
	}
	return filepath.Join(append([]string{root}, elements...)...)
}

// asDecoded is the same column in the words of the decoder.
func asDecoded(c migration.Column) decode.Column {
	d := decode.Column{Name: c.Name, Type: c.Type, Length: c.MaxLength, Precision: int(c.Precision), Scale: int(c.Scale), Nullable: c.Nullable}
	if (c.Type == "nchar" || c.Type == "nvarchar") && c.MaxLength > 0 {
		d.Length /= 2
	}
	if c.Type == "timestamp" {
		d.Type, d.Length = "binary", 8
	}
	return d
}

// asCatalog is the same column in the words of the catalogue.
func asCatalog(d decode.Column) migration.Column {
	c := migration.Column{
		Name: d.Name, Type: d.Type, MaxLength: d.Length, Precision: uint8(d.Precision), Scale: uint8(d.Scale),
		Nullable: d.Nullable, Identity: d.Identity, Collation: d.Collation,
	}
	if (d.Type == "nchar" || d.Type == "nvarchar") && d.Length > 0 {
		c.MaxLength *= 2
	}
	return c
}

// encodeRows gives the bytes of rows before compression, by the real encoder.
func encodeRows(cols []migration.Column, rows ...[]any) ([]byte, error) {
	p, err := New().Part(&migration.Table{Schema: "s", Name: "t", Columns: cols}, 0)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if err := p.Row(r); err != nil {
			return nil, err
		}
	}
	m, err := p.Finish()
	if err != nil {
		return nil, err
	}
	return unpack(m)
}

// decodeRows reads all rows and the number of bytes they took.
func decodeRows(data []byte, cols []decode.Column) ([][]any, error) {
	r, err := decode.NewRows(bytes.NewReader(data), cols, 1<<26)
	if err != nil {
		return nil, err
	}
	var out [][]any
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, append([]any(nil), row...))
	}
}

func decodedColumns(cols []migration.Column) []decode.Column {
	var out []decode.Column
	for _, c := range cols {
		out = append(out, asDecoded(c))
	}
	return out
}
