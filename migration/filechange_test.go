package migration_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
	"omt/upload/uploadtest"
)

// movingSource is an archive of which somebody changes a file while it is read:
// change is called with each file that is opened, and with how often that was.
type movingSource struct {
	*fakeSource
	opened map[int64]int
	change func(row int64, n int, f migration.File) migration.File
}

func (s *movingSource) Open(ctx context.Context, it migration.Item) (migration.File, error) {
	f, err := s.fakeSource.Open(ctx, it)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.opened[it.Row]++
	n := s.opened[it.Row]
	s.mu.Unlock()
	return s.change(it.Row, n, f), nil
}

// grownFile has more bytes than its first Stat has told.
type grownFile struct {
	migration.File
	more *bytes.Reader
	told bool
}

func grown(f migration.File) migration.File {
	return &grownFile{File: f, more: bytes.NewReader([]byte("more"))}
}

func (g *grownFile) Read(p []byte) (int, error) {
	n, err := g.File.Read(p)
	if err == io.EOF {
		return g.more.Read(p)
	}
	return n, err
}

func (g *grownFile) Stat() (fs.FileInfo, error) {
	info, err := g.File.Stat()
	if err == nil && g.told {
		info = fakeInfo{info.Size() + 4, info.ModTime()}
	}
	g.told = true
	return info, err
}

// touchedFile is written over while it is read: as long as before, at another time.
type touchedFile struct {
	migration.File
	told bool
}

func (f *touchedFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	if err == nil && f.told {
		info = fakeInfo{info.Size(), info.ModTime().Add(time.Second)}
	}
	f.told = true
	return info, err
}

// TestFilesThatChangeWhileTheyAreRead: one that rests later is sent as it is then;
// one that never rests ends as that, with its reason, and nothing of it is at the
// target. The run goes on.
func TestFilesThatChangeWhileTheyAreRead(t *testing.T) {
	w := newWorld(t, newFakeSource(1, 1, 8))
	src := &movingSource{fakeSource: w.src, opened: map[int64]int{}, change: func(row int64, n int, f migration.File) migration.File {
		switch {
		case row == 2, row == 3 && n == 1:
			return grown(f)
		case row == 4, row == 5 && n < 3:
			return &touchedFile{File: f}
		}
		return f
	}}
	res, err := w.processWith(t.Context(), w.plan, src)
	if err != nil {
		t.Fatal(err)
	}
	k := res.Report.Kinds["document"]
	if k[migration.Uploaded].Count != 6 || k[migration.ChangedOnRead].Count != 2 {
		t.Errorf("documents = %+v", k)
	}
	f := w.fingerprint()
	for row, path := range map[string]string{"2": "brief 2.docx", "4": "brief 4.docx"} {
		if _, err := os.Stat(filepath.Join(w.target, filepath.FromSlash(folder20), path)); err == nil {
			t.Errorf("%s is at the target", path)
		}
		if l := f["manifest document "+row]; !strings.Contains(l, `"state":"`+string(migration.ChangedOnRead)+`"`) || !strings.Contains(l, "reason.changed") {
			t.Errorf("the manifest says of document %s: %s", row, l)
		}
	}
	for row, n := range map[int64]int{2: 3, 3: 2, 4: 3, 5: 3, 6: 1} {
		if src.opened[row] != n {
			t.Errorf("document %d was opened %d times, want %d", row, src.opened[row], n)
		}
	}
	for _, row := range []string{"3", "5"} {
		b, err := os.ReadFile(filepath.Join(w.target, filepath.FromSlash(folder20), "brief "+row+".docx"))
		if err != nil || !bytes.Equal(b, w.src.files["mem/"+row]) {
			t.Errorf("document %s: %d bytes, %v", row, len(b), err)
		}
	}
}

// rewrittenFile has other bytes when it is read the second time: a large file is
// read for its hashes and again to be sent.
type rewrittenFile struct {
	migration.File
	then  *bytes.Reader
	seeks int
	at    time.Time
}

func (r *rewrittenFile) Seek(offset int64, whence int) (int64, error) {
	r.seeks++
	if _, err := r.then.Seek(offset, whence); err != nil {
		return 0, err
	}
	return r.File.Seek(offset, whence)
}

func (r *rewrittenFile) Read(p []byte) (int, error) {
	if r.seeks > 0 {
		return r.then.Read(p)
	}
	return r.File.Read(p)
}

func (r *rewrittenFile) Stat() (fs.FileInfo, error) {
	if r.seeks > 0 {
		return fakeInfo{r.then.Size(), r.at}, nil
	}
	return r.File.Stat()
}

// TestLargeFileChangesBeforeItIsSent: a file that is another one by the time it is
// sent is read anew at once; repeating the request would send the same wrong bytes
// again and again. What arrives is the file as it is then.
func TestLargeFileChangesBeforeItIsSent(t *testing.T) {
	if cutStep > 1 {
		t.Skip("the race detector makes hashing a hundred times slower")
	}
	old, now := bytes.Repeat([]byte("before"), 2<<20), bytes.Repeat([]byte("after!"), 2<<20)
	for name, size := range map[string]int{"as long": len(now), "shorter": len(now) - 1} {
		for _, container := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, newFakeSource(1, 1, 2))
					w.src.addDocument(9, "large.pdf", old)
					server := uploadtest.NewBlobServer(uploadtest.BlobOptions{})
					if container {
						w.onServer(server)
					}
					var sent puts
					w.wrap = sent.over
					src := &movingSource{fakeSource: w.src, opened: map[int64]int{}, change: func(row int64, n int, f migration.File) migration.File {
						if row != 9 || n > 1 {
							return f
						}
						w.src.write(9, string(now[:size]), 77)
						return &rewrittenFile{File: f, then: bytes.NewReader(now[:size]), at: time.Unix(77, 0)}
					}}
					begin := time.Now()
					err := w.open(w.plan, src, func(m *migration.Migration) error {
						m.Wait = realWait
						_, err := m.Run(t.Context())
						return err
					})
					if err != nil {
						t.Fatal(err)
					}
					if took := time.Since(begin); took > 10*time.Second {
						t.Errorf("it took %v", took)
					}
					n := 0
					for _, path := range sent.paths() {
						if path == folder20+"large.pdf" {
							n++
						}
					}
					if n != 2 || src.opened[9] != 2 {
						t.Errorf("put %d times, opened %d times; want 2", n, src.opened[9])
					}
					if container {
						w.arrived(server)
					}
					b, err := os.ReadFile(filepath.Join(w.target, filepath.FromSlash(folder20), "large.pdf"))
					if err != nil || !bytes.Equal(b, now[:size]) {
						t.Errorf("%d bytes arrived, %v", len(b), err)
					}
				})
			})
		}
	}
}

// countedFile counts what is read of it, and how often it is rewound.
type countedFile struct {
	migration.File
	bytes, seeks *int
}

func (c *countedFile) Read(p []byte) (int, error) {
	n, err := c.File.Read(p)
	*c.bytes += n
	return n, err
}

func (c *countedFile) Seek(offset int64, whence int) (int64, error) {
	*c.seeks++
	return c.File.Seek(offset, whence)
}

// TestFilesAreReadOnce: a file of up to 8 MiB costs its disk one reading for both
// sums and for what is sent, a larger one two.
func TestFilesAreReadOnce(t *testing.T) {
	if cutStep > 1 {
		t.Skip("the race detector makes hashing a hundred times slower")
	}
	w := newWorld(t, newFakeSource(1, 1, 0))
	sizes := map[int64]int{1: 0, 2: 70_000, 3: 8 << 20, 4: 8<<20 + 1}
	bytesOf, seeksOf := map[int64]*int{}, map[int64]*int{}
	for row, size := range sizes {
		w.src.addDocument(row, "brief.docx", make([]byte, size))
		w.src.items[len(w.src.items)-1].Elements[2] = time.Date(2000+int(row), 1, 1, 0, 0, 0, 0, time.UTC).Format("2006.1")
		bytesOf[row], seeksOf[row] = new(int), new(int)
	}
	src := &movingSource{fakeSource: w.src, opened: map[int64]int{}, change: func(row int64, _ int, f migration.File) migration.File {
		return &countedFile{f, bytesOf[row], seeksOf[row]}
	}}
	if _, err := w.processWith(t.Context(), w.plan, src); err != nil {
		t.Fatal(err)
	}
	for row, size := range sizes {
		want, seeks := size, false
		if size > 8<<20 {
			want, seeks = 2*size, true
		}
		if *bytesOf[row] != want || (*seeksOf[row] > 0) != seeks || src.opened[row] != 1 {
			t.Errorf("of %d bytes %d were read, rewound %d times, opened %d times", size, *bytesOf[row], *seeksOf[row], src.opened[row])
		}
	}
}
