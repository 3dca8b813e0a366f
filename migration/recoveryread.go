package migration

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Bounds of what is read of a manifest: somebody else may have written it.
const (
	maxManifestFile = 64 << 20
	maxManifestLine = 1 << 20
)

// readManifest yields the lines of a run's manifest in their order. Every file
// is compared with the index before a line of it is used, and the index with
// digest unless that is empty. One file is in memory at a time.
func (m *Migration) readManifest(ctx context.Context, run, digest string, yield func(ManifestLine) error) error {
	dir := "manifest/" + run
	path := dir + "/index.json"
	b, err := m.small(ctx, path, maxManifestFile)
	if err != nil {
		return err
	}
	if digest != "" && sha256Hex(b) != digest {
		return m.badManifest(path, errors.New("SHA-256 is not that of the report"))
	}
	var index ManifestIndex
	if err := json.Unmarshal(b, &index); err != nil || index.Format != ManifestFormat || index.Run != run {
		return m.badManifest(path, errors.Join(errors.New("is no index of this run"), err))
	}
	for i, f := range index.Files {
		name := fmt.Sprintf("%05d.jsonl.gz", i)
		path := dir + "/" + name
		if f.Name != name {
			return m.badManifest(path, fmt.Errorf("the index has %q in its place", f.Name))
		}
		b, err := m.small(ctx, path, maxManifestFile)
		if err != nil {
			return err
		}
		if int64(len(b)) != f.Size || sha256Hex(b) != f.SHA256 {
			return m.badManifest(path, errors.New("is not what the index says"))
		}
		if err := readLines(ctx, b, f.Lines, yield); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return m.badManifest(path, err)
		}
	}
	return nil
}

// readLines unpacks one file of a manifest.
func readLines(ctx context.Context, b []byte, want int64, yield func(ManifestLine) error) error {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(make([]byte, 0, 64<<10), maxManifestLine)
	var n int64
	for lines.Scan() {
		if err := ctx.Err(); err != nil {
			return err
		}
		n++
		var l ManifestLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if l.Kind == "" || l.Key == "" {
			return fmt.Errorf("line %d: has no kind or key", n)
		}
		if err := yield(l); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	if n != want {
		return fmt.Errorf("has %d lines, the index says %d", n, want)
	}
	return nil
}

// sumThere reads an object of the target and returns its sums.
func (m *Migration) sumThere(ctx context.Context, path string) (sum Sum, err error) {
	r, err := m.Target.Open(ctx, path, 0, -1)
	if err != nil {
		return sum, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	sha, md := sha256.New(), md5.New()
	if sum.Size, err = copyContext(ctx, io.MultiWriter(sha, md), r, make([]byte, copyBuffer)); err != nil {
		return sum, fmt.Errorf("read %s: %w", path, err)
	}
	sum.SHA256, sum.MD5 = [32]byte(sha.Sum(nil)), [16]byte(md.Sum(nil))
	return sum, nil
}
