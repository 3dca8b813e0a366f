package onsite_test

import (
	"errors"
	"io"
	"reflect"
	"testing"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample"
)

func collect(t *testing.T, in *onsite.Installation, kind migration.ItemKind) []migration.Item {
	t.Helper()
	var out []migration.Item
	err := in.Items(t.Context(), kind, func(it migration.Item) error {
		out = append(out, it)
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return out
}

// tally counts the distinct files of items and reads each of them.
func tally(t *testing.T, in *onsite.Installation, items []migration.Item) sample.Files {
	t.Helper()
	var files sample.Files
	keys, sources := map[string]bool{}, map[string]bool{}
	for _, it := range items {
		pathless := it.Outcome == migration.WithoutPath || it.Outcome == migration.OtherProvider
		if keys[it.Key] || !pathless && len(it.Elements) < 2 || it.Outcome != "" && it.Reason.IsZero() {
			t.Errorf("key again, no elements or no reason: %+v", it)
		}
		keys[it.Key] = true
		if it.Source != "" && !sources[it.Source] {
			sources[it.Source] = true
			files.Files++
			files.Bytes += it.Size
		}
		if it.Outcome != "" {
			continue
		}
		f, err := in.Open(t.Context(), it)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, f)
		if err = errors.Join(err, f.Close()); err != nil || n != it.Size || !it.Reason.IsZero() && it.Reason.ID != "warning.document.found" {
			t.Errorf("%s %s: %d bytes of %d, %v, %v", it.Kind, it.Key, n, it.Size, it.Reason, err)
		}
	}
	return files
}

func TestItems(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	if err := in.CheckPaths(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := s.in.Expect()
	service := sample.Files{Files: e.Service["text"].Files + e.Service["templates"].Files, Bytes: e.Service["text"].Bytes + e.Service["templates"].Bytes}
	want := map[migration.ItemKind]sample.Files{
		migration.KindDocument: e.DocumentFiles, migration.KindPersonal: e.Personal, migration.KindTemplate: e.Templates,
		migration.KindService: service, migration.KindAttachment: e.Attachments,
		migration.KindVersion: {Files: e.Versions.Files + e.CheckedOut.Files, Bytes: e.Versions.Bytes + e.CheckedOut.Bytes},
	}
	for _, kind := range migration.ItemKinds() {
		in.SetBatch(1000)
		items := collect(t, in, kind)
		in.SetBatch(5)
		if !reflect.DeepEqual(items, collect(t, in, kind)) {
			t.Errorf("%s: two passes with other batches differ", kind)
		}
		if got := tally(t, in, items); got != want[kind] {
			t.Errorf("%s: %+v, want %+v", kind, got, want[kind])
		}
	}
	if strays, err := in.Strays(t.Context()); err != nil || strays != e.Strays {
		t.Errorf("strays %+v %v, want %+v", strays, err, e.Strays)
	}
	stop := errors.New("stop")
	if err := in.Items(t.Context(), migration.KindDocument, func(migration.Item) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("yield's error became %v", err)
	}
}

func TestOutcomesOfRows(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	e := s.in.Expect()
	outcomes := map[migration.Outcome]int64{}
	for _, it := range collect(t, in, migration.KindDocument) {
		if it.Outcome == "" {
			it.Outcome = migration.Uploaded
		}
		outcomes[it.Outcome]++
	}
	if !reflect.DeepEqual(outcomes, e.Documents) {
		t.Errorf("documents %v, want %v", outcomes, e.Documents)
	}
	var missing, rows int64
	for _, it := range collect(t, in, migration.KindAttachment) {
		rows++
		if it.Outcome == migration.Missing {
			missing++
		}
	}
	if rows != e.AttachmentRows || missing != e.AttachmentsMissing {
		t.Errorf("attachments: %d rows, %d missing, want %d and %d", rows, missing, e.AttachmentRows, e.AttachmentsMissing)
	}
}
