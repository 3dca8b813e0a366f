//go:build unix

package onsite

import (
	"path/filepath"
	"syscall"
	"testing"

	"omt/migration"
)

// A FIFO blocks whoever opens it until somebody writes.
func TestFIFO(t *testing.T) {
	in, s := archive(t, map[string]string{"HH/2020.1/a.doc": "x"}, nil)
	path := filepath.Join(s.ArchivePaths[0], "HH", "2020.1", "pipe.doc")
	if err := syscall.Mkfifo(path, 0o644); err != nil {
		t.Skip("no FIFO here: ", err)
	}
	it, err := in.files.finder().document(row("pipe.doc"))
	if err != nil || it.Outcome != migration.Unreadable || it.Reason.ID != "reason.file.kind" {
		t.Errorf("%+v %v", it, err)
	}
	if _, err := in.Open(t.Context(), migration.Item{Kind: migration.KindDocument, Source: path}); err == nil {
		t.Error("a FIFO was opened as a document")
	}
	dir := put(t, nil)
	if err := syscall.Mkfifo(filepath.Join(dir, "SuperOffice.ini"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Discover(t.Context(), dir); err == nil {
		t.Error("a FIFO was read as configuration")
	}
}
