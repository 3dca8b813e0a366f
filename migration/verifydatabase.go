package migration

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// database decodes the package as it lies at the target and compares rows and
// digests of every table with those of the manifest.
func (v *Verifier) database(ctx context.Context) error {
	at := &rangedReader{ctx: ctx, target: v.Target, path: v.pack.Target}
	defer at.Close()
	content, err := v.Package.OpenPackage(at, v.pack.Size)
	if stop := at.stopped(ctx); stop != nil {
		return stop
	}
	if err != nil {
		v.find("", v.pack.Target, Msg("verify.package", "Reason", err.Error()))
		return nil
	}
	if err := content.Check(ctx); err != nil {
		if stop := at.stopped(ctx); stop != nil {
			return stop
		}
		v.find("", v.pack.Target, Msg("verify.package", "Reason", err.Error()))
	}
	said := map[string]ManifestLine{}
	for _, l := range v.parts {
		said[l.Key] = l
	}
	tables := map[string]*tableSum{}
	for _, mem := range content.Members() {
		l, ok := said[mem.Name]
		table := quoteName(mem.Schema) + "." + quoteName(mem.Table)
		if !ok {
			v.find(table, mem.Name, Msg("verify.part.unknown", "Table", table))
			continue
		}
		delete(said, mem.Name)
		if table != l.Table {
			v.find(l.Table, mem.Name, Msg("verify.part.table", "Table", l.Table, "Other", table))
			continue
		}
		if tables[table] == nil {
			tables[table] = &tableSum{}
		}
		if err := v.part(ctx, at, content, mem, l, tables[table]); err != nil {
			return err
		}
		v.tell()
	}
	for _, l := range v.parts {
		if _, open := said[l.Key]; open {
			v.find(l.Table, l.Key, Msg("verify.part.gone", "Table", l.Table))
		}
	}
	for table, s := range tables {
		v.result.Tables++
		// A fault of single parts was told with its part.
		if !s.told && s.read != s.want {
			v.find(table, v.pack.Target, Msg("verify.table", "Table", table))
		}
	}
	if v.pack.RowCount != nil && *v.pack.RowCount != v.result.Rows && v.result.Total == 0 {
		v.find("", v.pack.Target, Msg("verify.rows", "Want", *v.pack.RowCount, "Got", v.result.Rows))
	}
	return nil
}

// tableSum adds the digests of the parts of a table.
type tableSum struct {
	read, want Digest
	told       bool
}

// part decodes one member. An error is of reading, never of the content.
func (v *Verifier) part(ctx context.Context, at *rangedReader, content PackageContent, mem PackageMember, l ManifestLine, sum *tableSum) error {
	tell := func(m Message) {
		sum.told = true
		v.find(l.Table, mem.Name, m)
	}
	if mem.Size != l.Size || fmt.Sprintf("%08x", mem.CRC32) != l.CRC32 {
		tell(Msg("verify.part.bytes", "Table", l.Table))
	}
	digest, err := NewRowDigest(mem.Columns)
	if err != nil {
		tell(Msg("verify.part.unreadable", "Table", l.Table, "Reason", err.Error()))
		return nil
	}
	rows, err := content.Rows(ctx, mem.Name, maxVerifyCell, digest.Row)
	if stop := at.stopped(ctx); stop != nil {
		return stop
	}
	if err != nil {
		tell(Msg("verify.part.unreadable", "Table", l.Table, "Reason", err.Error()))
		return nil
	}
	v.result.Rows += rows
	if l.RowCount != nil && rows != *l.RowCount {
		tell(Msg("verify.part.rows", "Table", l.Table, "Want", *l.RowCount, "Got", rows))
	}
	read, err := digest.Take()
	if err != nil {
		tell(Msg("verify.part.unreadable", "Table", l.Table, "Reason", err.Error()))
		return nil
	}
	if l.Digest == "" {
		v.result.Undigest++
		sum.told = true // nothing to compare the table with
		return nil
	}
	want, err := readDigest(l.Digest)
	if err != nil {
		tell(Msg("verify.part.unreadable", "Table", l.Table, "Reason", err.Error()))
		return nil
	}
	sum.read.Add(read)
	sum.want.Add(want)
	if read != want {
		tell(Msg("verify.part.values", "Table", l.Table))
	}
	return nil
}

// maxSkip is how far ahead is read on rather than asked for anew, in bytes.
const maxSkip = 256 << 10

// rangedReader reads an object of the target at any place. One stream is open
// at a time and goes on where it stood, so that reading a package from beginning
// to end is one stream; memory is that of the stream.
type rangedReader struct {
	ctx    context.Context
	target Target
	path   string
	r      io.ReadCloser
	pos    int64
	failed error // of the target, as opposed to one of the content
}

func (a *rangedReader) ReadAt(p []byte, off int64) (int, error) {
	if a.r != nil && off > a.pos && off-a.pos <= maxSkip {
		n, err := io.CopyN(io.Discard, a.r, off-a.pos)
		a.pos += n
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, a.fail(err)
		}
	}
	if a.r == nil || off != a.pos {
		if err := a.Close(); err != nil {
			return 0, a.fail(err)
		}
		r, err := a.target.Open(a.ctx, a.path, off, -1)
		if err != nil {
			return 0, a.fail(err)
		}
		a.r, a.pos = r, off
	}
	n, err := io.ReadFull(a.r, p)
	a.pos += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, io.EOF
	}
	if err != nil {
		return n, a.fail(err)
	}
	return n, nil
}

func (a *rangedReader) fail(err error) error {
	// What is not there was found with the objects already.
	if a.failed == nil && !errors.Is(err, ErrNotFound) {
		a.failed = fmt.Errorf("read package %s: %w", a.path, err)
	}
	return err
}

// stopped is the end of the context or the target's own error, which are no
// finding.
func (a *rangedReader) stopped(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return a.failed
}

// Close ends the stream. Nothing was written that could be lost.
func (a *rangedReader) Close() error {
	if a.r == nil {
		return nil
	}
	r := a.r
	a.r = nil
	return r.Close()
}
