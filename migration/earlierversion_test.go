package migration_test

import (
	"archive/zip"
	"context"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"omt/migration"
	"omt/upload/uploadtest"
)

// namedTarget is called as it was when the journals of testdata were written.
type namedTarget struct {
	migration.Target
	again *atomic.Int64 // documents that are sent although they are there
	there map[string]bool
}

func (namedTarget) Describe() string { return "disk of an earlier version" }

func (n namedTarget) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if uploadtest.IsDocument(path) && n.there[path] {
		n.again.Add(1)
	}
	return n.Target.Put(ctx, path, body, sum)
}

// TestResumeOfAnEarlierVersion: what the program of an earlier version of the
// journal left, written by that program (of commit 55ec170 with version 1, of the
// one before bdadc33 with version 2) when its thirtieth call of the target was cut
// off, is upgraded and gone on with: nothing that had arrived is sent again, and
// the target ends like that of a run of today.
func TestResumeOfAnEarlierVersion(t *testing.T) {
	whole := newWorld(t, newFakeSource(3, 60, 40))
	whole.mustRun(whole.plan)
	want := whole.fingerprint()
	for i, version := range []string{"v1", "v2"} {
		t.Run(version, func(t *testing.T) {
			w := newWorld(t, newFakeSource(3, 60, 40))
			unzip(t, filepath.Join("testdata", "journal-"+version+".zip"), filepath.Dir(w.state))
			if v := journalVersion(t, w.state); v != i+1 {
				t.Fatalf("the journal is of version %d", v)
			}
			there := map[string]bool{}
			objects, err := os.ReadDir(filepath.Join(w.target, "documents", "ADM", "2020.1"))
			if err != nil || len(objects) < 10 || len(objects) > 35 {
				t.Fatalf("%d documents had arrived, %v", len(objects), err)
			}
			for _, o := range objects {
				there["documents/ADM/2020.1/"+o.Name()] = true
			}
			again := &atomic.Int64{}
			w.wrap = func(tg migration.Target) migration.Target { return namedTarget{tg, again, there} }
			res := w.mustRun(nil)
			if v := journalVersion(t, w.state); res.Begin != migration.BeginResume || v < 3 {
				t.Errorf("begin %s, journal of version %d", res.Begin, v)
			}
			// What arrived within the last group and in flight was not recorded.
			if n := again.Load(); n > 4+3 || int(n) == len(there) {
				t.Errorf("%d of %d documents were sent again", n, len(there))
			}
			// The parts that it had read were of another moment, and it kept no sums of
			// their rows: the report says that they were read again.
			warned := res.Report.Warnings
			if len(warned) != 1 || warned[0].ID != "warn.tables.reread" {
				t.Errorf("warnings %v", warned)
			}
			want["report.json"] = w.fingerprint()["report.json"]
			w.sameAs(want)
			if j := res.Report; j.Kinds["document"][migration.Uploaded].Count != 40 || w.session() != migration.StateUploaded {
				t.Errorf("documents %+v, state %s", j.Kinds["document"], w.session())
			}
		})
	}
}

// journalVersion is what the header of the one journal in dir says.
func journalVersion(t *testing.T, dir string) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil || len(names) != 1 {
		t.Fatalf("journals %v, %v", names, err)
	}
	b, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	return int(binary.BigEndian.Uint32(b[60:]))
}

// unzip lays the files of an archive below dir.
func unzip(t *testing.T, name, dir string) {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
}
