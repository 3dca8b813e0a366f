package onsite_test

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite"
)

// TestHalfPairsInNames: a document whose name was cut in the middle of an emoji
// reaches us with the character that stands for the half. No file can be found by
// it, so the row ends as missing, under a target path that every target takes, and
// the rows around it are as they are. A name that has that character by right is
// found by it.
func TestHalfPairsInNames(t *testing.T) {
	s := only(t, "company associate person contact usergroup perspos role userrolelink document appointment")
	archive := t.TempDir()
	s.settings.ArchivePaths, s.settings.TemplatePath, s.settings.Service = []string{archive}, "", onsite.ServiceSettings{}
	s.exec(t, "INSERT INTO CRM7.associate (associate_id, name, type) VALUES (5, 'HH', 0)")
	s.exec(t, "INSERT INTO CRM7.appointment (appointment_id, associate_id) VALUES (9, 5)")
	names := []string{"before.docx", "cut \xed\xa0\xbd.docx", "\xed\xb8\x80.docx", "by right \ufffd.docx", "whole 😀.docx"}
	folder := filepath.Join(archive, "HH", "2020.1")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		s.exec(t, "INSERT INTO CRM7.document (document_id, name, registered, archiveProvider, appointment_id) VALUES (?, ?, ?, 0, 9)", i+1, name, time.Date(2020, 3, 4, 10, 0, 0, 0, time.UTC))
		if i != 1 && i != 2 { // this system has no such names
			if err := os.WriteFile(filepath.Join(folder, name), []byte(name), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	in := s.connect(t)
	byRow := func(a, b migration.Item) int { return cmp.Compare(a.Row, b.Row) } // they come by name
	got := collect(t, in, migration.KindDocument)
	slices.SortFunc(got, byRow)
	if len(got) != len(names) {
		t.Fatalf("%d documents of %d", len(got), len(names))
	}
	want := []string{"before.docx", "cut %EF%BF%BD.docx", "%EF%BF%BD.docx", "by right %EF%BF%BD.docx", "whole 😀.docx"}
	for i, it := range got {
		target := migration.TargetPath(it.Elements...)
		if it.Row != int64(i+1) || target != "documents/HH/2020.1/"+want[i] {
			t.Errorf("document %d: row %d, target %s", i+1, it.Row, target)
		}
		half := i == 1 || i == 2
		if half != (it.Outcome == migration.Missing) || half != (it.Reason.ID == "reason.document.missing") || half != (it.Source == "") {
			t.Errorf("document %d: %s, %v, %q", i+1, it.Outcome, it.Reason, it.Source)
		}
	}
	if v := collect(t, in, migration.KindVersion); len(v) != 0 {
		t.Errorf("versions %v", v)
	}
	// The end of the list alone is the end of the whole list.
	var tail []migration.Item
	if err := in.Tail(t.Context(), 3, func(it migration.Item) error { tail = append(tail, it); return nil }); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(tail, byRow)
	if len(tail) != 2 || tail[0].Key != got[3].Key || tail[1].Source != got[4].Source {
		t.Errorf("after the third come %v", tail)
	}
}
