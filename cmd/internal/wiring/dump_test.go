package wiring

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample"
)

// snapshot is the one that each freeze here makes as well.
const snapshot = "omt_run-1"

// hasSnapshot asks the server.
func hasSnapshot(t *testing.T, s *Session) bool {
	t.Helper()
	held, err := onsite.NewFreezer(s.Source).Held(t.Context(), migration.FreezeRecord{Snapshot: &migration.FrozenSnapshot{Name: snapshot}})
	if err != nil {
		t.Fatal(err)
	}
	return held.Snapshot
}

// dump is the state of an installation: each file, the configuration among
// them, and each table, row by row.
type dump struct {
	config string
	files  map[string]string // size, mode, date and digest by path
	tables map[string][32]byte
	rows   map[string][]string // of the two tables that a freeze touches
}

func dumpOf(t *testing.T, s *Session, in *sample.Installation) dump {
	t.Helper()
	d := quickDump(t, s, in, "")
	d.files = filesOf(t, in)
	if len(d.tables) < 500 || len(d.files) < 20 || len(d.rows["sequence"]) == 0 {
		t.Fatalf("%d tables were read", len(d.tables))
	}
	return d
}

// quickDump reads only the tables of names, all of them if it is empty.
func quickDump(t *testing.T, s *Session, in *sample.Installation, names string) dump {
	t.Helper()
	path := filepath.Join(in.ServiceDir, "config")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := dump{config: string(data), tables: map[string][32]byte{}, rows: map[string][]string{}}
	cat, err := s.Source.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range cat.Tables {
		if names != "" && !strings.Contains(names, strings.ToLower(table.Name)+" ") {
			continue
		}
		rows, err := s.Source.Rows(t.Context(), table, migration.Range{})
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		name := strings.ToLower(table.Name)
		for {
			row, err := rows.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			line := fmt.Sprintf("%#v", row)
			fmt.Fprintln(h, line)
			if name == "systemevent" || name == "sequence" {
				d.rows[name] = append(d.rows[name], line)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		d.tables[strings.ToLower(table.FullName())] = [32]byte(h.Sum(nil))
	}
	return d
}

// filesOf describes every file and folder of the installation.
func filesOf(t *testing.T, in *sample.Installation) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, root := range []string{in.ConfigDir, in.ServiceDir, in.ArchivePath, in.ArchivePath2, in.TemplatePath} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			var sum [32]byte
			if info.Mode().IsRegular() {
				b, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				sum = sha256.Sum256(b)
			}
			out[path] = fmt.Sprintf("%d %v %v %x", info.Size(), info.Mode(), info.ModTime(), sum)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// touched are the files that are not the same, came or went.
func (d dump) touched(was dump) []string {
	var out []string
	for path, is := range d.files {
		if was.files[path] != is {
			out = append(out, filepath.Base(path))
		}
	}
	for path := range was.files {
		if d.files[path] == "" {
			out = append(out, filepath.Base(path))
		}
	}
	slices.Sort(out)
	return out
}

// differ are the tables that are not the same, in order.
func (d dump) differ(was dump) []string {
	var out []string
	for name, sum := range d.tables {
		if was.tables[name] != sum {
			out = append(out, strings.TrimPrefix(name, "crm7."))
		}
	}
	slices.Sort(out)
	return out
}

// changed are the rows of a table that the other does not have.
func changed(now, was []string) []string {
	var out []string
	for _, r := range now {
		if !slices.Contains(was, r) {
			out = append(out, r)
		}
	}
	return out
}
