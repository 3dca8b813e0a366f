package migration_test

import (
	"context"
	"io"
	"io/fs"
	"syscall"
	"time"

	"omt/migration"
)

// simSource is an installation on a disk and a server that fail now and then:
// at most twice in a row for the same file, and at most twice for a table in one
// process, so that what becomes of each file and row is known beforehand.
type simSource struct {
	*fakeSource
	s *sim
}

// denied is a file that nobody may read, in every process.
func (s *sim) denied(it migration.Item) bool {
	return it.Row%11 == 5 && s.seed%3 == 0
}

// Open implements migration.Source.
func (x *simSource) Open(ctx context.Context, it migration.Item) (migration.File, error) {
	s := x.s
	if s.denied(it) {
		return nil, &fs.PathError{Op: "open", Path: it.Source, Err: syscall.EACCES}
	}
	s.mu.Lock()
	s.tries["open "+it.Source]++
	try := s.tries["open "+it.Source]
	f := s.faults
	s.mu.Unlock()
	if now := time.Now(); now.After(f.shareGone) && now.Before(f.shareBack) {
		return nil, migration.Fail("read", it.Source, migration.ErrSourceLost, migration.Msg("hint.archive.lost"))
	}
	file, err := x.fakeSource.Open(ctx, it)
	if err != nil || try%3 == 0 {
		return file, err
	}
	switch roll := s.chance("open", it.Source, try); {
	case roll < f.open/4:
		return nil, &fs.PathError{Op: "open", Path: it.Source, Err: syscall.EIO}
	case roll < f.open/2:
		return &tornFile{File: file}, nil
	case roll < f.open:
		return &busyFile{File: file, at: time.Unix(int64(try)+5, 0)}, nil
	}
	return file, nil
}

// tornFile cannot be read to its end.
type tornFile struct {
	migration.File
	read bool
}

func (f *tornFile) Read(p []byte) (int, error) {
	if f.read {
		return 0, syscall.EIO
	}
	f.read = true
	return f.File.Read(p[:min(len(p), 10)])
}

// busyFile is saved by somebody while it is read.
type busyFile struct {
	migration.File
	at   time.Time
	read bool
}

func (f *busyFile) Read(p []byte) (int, error) {
	f.read = true
	return f.File.Read(p)
}

func (f *busyFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	if err == nil && f.read {
		info = fakeInfo{info.Size(), f.at}
	}
	return info, err
}

// Rows implements migration.Source.
func (x *simSource) Rows(ctx context.Context, t *migration.Table, r migration.Range) (migration.RowReader, error) {
	rows, err := x.fakeSource.Rows(ctx, t, r)
	if err != nil {
		return nil, err
	}
	return &simRows{rows, t.FullName(), x.s}, nil
}

// simRows is a connection that breaks.
type simRows struct {
	migration.RowReader
	table string
	s     *sim
}

func (r *simRows) Next(ctx context.Context) ([]any, error) {
	row, err := r.RowReader.Next(ctx)
	if err != nil {
		return row, err
	}
	s := r.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rowFaults[r.table] < 2 && s.chance("row", r.table, row[0], s.rowFaults[r.table]) < s.faults.rows {
		s.rowFaults[r.table]++
		return nil, migration.Fail("read table", r.table, io.ErrUnexpectedEOF, migration.Msg("hint.sql.lost"))
	}
	return row, nil
}
